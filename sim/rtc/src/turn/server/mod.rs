//! The TURN server over UDP: inputs, outputs and timers. Who asks is checked by
//! STUN's [`LongTermServer`], what is asked for is done in
//! `allocate` and `peers`, data is passed on in `relay`.

mod allocate;
mod allocation;
mod config;
mod peers;
mod relay;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::SocketAddr;

pub use config::{AddressRange, Limits, TurnServerConfig};

use self::allocation::{Allocation, FiveTuple};
use super::{AllocationSnapshot, AllocationState, Change, is_channel_data};
use crate::output::{Because, Output, Subject, Transmit};
use crate::randomness::Randomness;
use crate::reason::Reason;
use crate::stun::{
    AddressFamily, Attribute, Authenticated, Builder, Class, ErrorCode, IntegrityKey, LongTermServer,
    Message, Method, Refusal, answer_binding,
};
use crate::time::Time;

/// One step of a server's output.
#[derive(Clone, Debug, PartialEq)]
pub enum ServerOutput {
    /// Send, tell or ignore, as with every endpoint here.
    Endpoint(Output<Change>),
    /// Open a UDP socket for an allocation, and say so with [`TurnServer::relay_opened`] or [`TurnServer::relay_refused`].
    OpenRelay {
        /// For which allocation.
        allocation: u32,
        /// Of which family its address must be.
        family: AddressFamily,
        /// Whether its port must be even (RFC 8656 §18.7).
        even_port: bool,
    },
    /// Close the socket with this address.
    CloseRelay {
        /// The relayed address that is not needed any more.
        address: SocketAddr,
    },
}

/// A TURN server over UDP (RFC 8656) for any number of clients; it answers Binding requests, too.
///
/// - Inputs: [`handle_datagram`](TurnServer::handle_datagram) for what arrives on its own sockets and on relayed ones,
///   [`relay_opened`](TurnServer::relay_opened) and [`relay_refused`](TurnServer::relay_refused),
///   [`handle_timeout`](TurnServer::handle_timeout).
/// - After each of them: [`poll_output`](TurnServer::poll_output) until `None`, then [`poll_timeout`](TurnServer::poll_timeout).
///
/// Sockets are its host's: it asks for a relayed one and is told the address, so a simulated host and a real one serve it alike.
/// Nothing changes before a request has been authenticated, and everything it keeps has a limit.
#[derive(Debug)]
pub struct TurnServer {
    config: TurnServerConfig,
    authenticator: LongTermServer,
    randomness: Box<dyn Randomness>,
    opened: u32,
    allocations: BTreeMap<u32, Allocation>,
    by_five_tuple: BTreeMap<FiveTuple, u32>,
    by_relayed: BTreeMap<SocketAddr, u32>,
    by_user: BTreeMap<String, usize>,
    /// When which allocation has something to drop, so that idle ones cost nothing.
    wakes: BTreeSet<(Time, u32)>,
    output: VecDeque<ServerOutput>,
}

impl TurnServer {
    /// A server without allocations.
    pub fn new(config: TurnServerConfig, mut randomness: Box<dyn Randomness>) -> TurnServer {
        TurnServer {
            authenticator: LongTermServer::new(&config.long_term(), &mut *randomness),
            config,
            randomness,
            opened: 0,
            allocations: BTreeMap::new(),
            by_five_tuple: BTreeMap::new(),
            by_relayed: BTreeMap::new(),
            by_user: BTreeMap::new(),
            wakes: BTreeSet::new(),
            output: VecDeque::new(),
        }
    }

    /// The allocations there are, by number.
    pub fn allocations(&self) -> impl Iterator<Item = (u32, AllocationSnapshot)> {
        self.allocations.iter().map(|(number, allocation)| (*number, allocation.snapshot()))
    }

    /// Takes a datagram that arrived on the socket `to`, one of the server's own or a relayed one.
    pub fn handle_datagram(&mut self, to: SocketAddr, from: SocketAddr, payload: &[u8], now: Time) {
        let taken = match self.by_relayed.get(&to) {
            Some(number) => self.relay_from_peer(*number, from, payload, now),
            None => self.take_from_client(FiveTuple { client: from, server: to }, payload, now),
        };
        if let Err(reason) = taken {
            self.push(Output::Ignored { reason });
        }
    }

    fn take_from_client(&mut self, five_tuple: FiveTuple, payload: &[u8], now: Time) -> Result<(), Reason> {
        if is_channel_data(payload) {
            return self.relay_channel_data(five_tuple, payload, now);
        }
        let message = Message::parse(payload).map_err(|_| Reason::StunMalformed)?;
        match (message.class(), message.method()) {
            (Class::Request | Class::Indication, Method::BINDING) => {
                let software = self.config.software.as_deref();
                let (answer, reason) = answer_binding(&message, five_tuple.client, software)?;
                self.send(five_tuple, answer, Because::Input, reason);
                Ok(())
            }
            (Class::Indication, Method::SEND) => self.relay_send_indication(five_tuple, &message, now),
            (
                Class::Request,
                Method::ALLOCATE | Method::REFRESH | Method::CREATE_PERMISSION | Method::CHANNEL_BIND,
            ) => self.take_request(five_tuple, &message, now),
            _ => Err(Reason::StunUnexpected),
        }
    }

    /// RFC 8656 §5: first who asks, then what is not understood, then what is asked for.
    fn take_request(
        &mut self,
        five_tuple: FiveTuple,
        request: &Message<'_>,
        now: Time,
    ) -> Result<(), Reason> {
        let authenticated = match self.authenticator.authenticate(request, five_tuple.client, now) {
            Ok(authenticated) => authenticated,
            Err(refusal) => {
                self.refuse(five_tuple, request, &refusal, None, now);
                return Ok(());
            }
        };
        let unknown = request.unknown_comprehension_required();
        let done = if unknown.is_empty() {
            self.perform(five_tuple, request, &authenticated, now)
        } else {
            Err(Refusal::unknown(unknown, Reason::StunUnknownAttributes))
        };
        if let Err(refusal) = done {
            self.refuse(five_tuple, request, &refusal, Some(&authenticated.key), now);
        }
        Ok(())
    }

    fn perform(
        &mut self,
        five_tuple: FiveTuple,
        request: &Message<'_>,
        by: &Authenticated,
        now: Time,
    ) -> Result<(), Refusal> {
        if request.method() == Method::ALLOCATE {
            return self.allocate(five_tuple, request, by);
        }
        let mismatch = Refusal::new(ErrorCode::ALLOCATION_MISMATCH, Reason::TurnNoAllocation);
        let number = *self.by_five_tuple.get(&five_tuple).ok_or(mismatch.clone())?;
        let allocation = self.allocations.get(&number).ok_or(mismatch.clone())?;
        // RFC 8656 §5: only who made the allocation may change it.
        if allocation.username != by.username {
            return Err(Refusal::new(ErrorCode::WRONG_CREDENTIALS, Reason::TurnOtherUser));
        }
        allocation.live(now).ok_or(mismatch)?;
        match request.method() {
            Method::REFRESH => self.refresh(number, request, by, now),
            Method::CREATE_PERMISSION => self.create_permission(number, request, by, now),
            _ => self.bind_channel(number, request, by, now),
        }
    }

    /// Answers a request that is granted; what has changed is the newest change of the allocation.
    fn grant(&mut self, number: u32, request: &Message<'_>, key: &IntegrityKey, with: &[Attribute<'_>]) {
        let Some(allocation) = self.allocations.get(&number) else { return };
        let five_tuple = allocation.five_tuple;
        let builder = with.iter().fold(Builder::success(request), Builder::attribute);
        let answer = self.finish(builder, Some(key), request.has_fingerprint());
        self.send(five_tuple, answer, Because::Change(Subject::Allocation(number)), None);
    }

    fn refuse(
        &mut self,
        five_tuple: FiveTuple,
        request: &Message<'_>,
        refusal: &Refusal,
        key: Option<&IntegrityKey>,
        now: Time,
    ) {
        let mut builder = Builder::error(request, refusal.code);
        if matches!(refusal.code, ErrorCode::UNAUTHENTICATED | ErrorCode::STALE_NONCE) {
            builder = self.authenticator.challenge(builder, five_tuple.client, now);
        }
        if !refusal.unknown.is_empty() {
            builder = builder.unknown_attributes(&refusal.unknown);
        }
        let answer = self.finish(builder, key, request.has_fingerprint());
        self.send(five_tuple, answer, Because::Input, Some(refusal.reason));
    }

    /// SOFTWARE, signature and FINGERPRINT, in this order.
    fn finish(&self, builder: Builder, key: Option<&IntegrityKey>, fingerprint: bool) -> Vec<u8> {
        let builder = builder.maybe(self.config.software.as_deref().map(Attribute::Software));
        let builder = match key {
            Some(key) => builder.sign(key),
            None => builder,
        };
        if fingerprint { builder.finish() } else { builder.finish_without_fingerprint() }
    }

    fn send(&mut self, five_tuple: FiveTuple, payload: Vec<u8>, because: Because, reason: Option<Reason>) {
        let FiveTuple { client, server } = five_tuple;
        self.push(Output::Transmit(Transmit { from: server, to: client, payload, because, reason }));
    }

    fn push(&mut self, output: Output<Change>) {
        self.output.push_back(ServerOutput::Endpoint(output));
    }

    /// Tells the state of an allocation, and files it under its next deadline.
    fn tell(&mut self, number: u32, reason: Reason, because: Because) {
        let Some(allocation) = self.allocations.get_mut(&number) else { return };
        let deadline = allocation.deadline();
        let old = std::mem::replace(&mut allocation.wake, deadline);
        let change = Change::Allocation(allocation.snapshot());
        if let Some(old) = old {
            self.wakes.remove(&(old, number));
        }
        self.wakes.extend(deadline.map(|deadline| (deadline, number)));
        let subject = Subject::Allocation(number);
        self.push(Output::Change { subject, change, reason: Some(reason), because });
    }

    /// Ends an allocation: its last state is told, its socket closed, and it is forgotten.
    fn end(&mut self, number: u32, state: AllocationState, reason: Reason) {
        let Some(allocation) = self.allocations.get_mut(&number) else { return };
        allocation.state = state;
        allocation.expires_at = None;
        allocation.permissions.clear();
        allocation.channels.clear();
        self.tell(number, reason, Because::Input);
        let Some(allocation) = self.allocations.remove(&number) else { return };
        self.by_five_tuple.remove(&allocation.five_tuple);
        if let Some(count) = self.by_user.get_mut(&allocation.username) {
            *count -= 1;
            if *count == 0 {
                self.by_user.remove(&allocation.username);
            }
        }
        if let Some(address) = allocation.relayed {
            self.by_relayed.remove(&address);
            self.output.push_back(ServerOutput::CloseRelay { address });
        }
    }

    /// Serves whatever is due: allocations, permissions and channels that nobody refreshed.
    pub fn handle_timeout(&mut self, now: Time) {
        while let Some(&(due, number)) = self.wakes.first() {
            if due > now {
                return;
            }
            self.wakes.pop_first();
            let Some(allocation) = self.allocations.get_mut(&number) else { continue };
            allocation.wake = None;
            if allocation.expires_at.is_some_and(|end| end <= now) {
                self.end(number, AllocationState::Expired, Reason::TurnExpired);
                continue;
            }
            let reason = match allocation.drop_expired(now) {
                (_, true) => Reason::TurnChannelExpired,
                (_, false) => Reason::TurnPermissionExpired,
            };
            self.tell(number, reason, Because::Input);
        }
    }

    /// When to call [`TurnServer::handle_timeout`].
    pub fn poll_timeout(&self) -> Option<Time> {
        self.wakes.first().map(|(due, _)| *due)
    }

    /// What to do next, in order.
    pub fn poll_output(&mut self) -> Option<ServerOutput> {
        self.output.pop_front()
    }
}
