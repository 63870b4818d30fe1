//! The TURN client: one allocation on one server, from one socket or stream. Commands, inputs and getters live here; what is asked for
//! stands in `options`, connections to peers in `connections`, other servers and addresses in `elsewhere`;
//! what answers mean is in `responses`, what time brings in `timers`. Who we are is STUN's ([`LongTermClient`]).

mod connections;
mod elsewhere;
mod holding;
mod options;
mod requests;
mod responses;
mod timers;

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};

use self::holding::{Holding, Permission};
use self::options::Options;
use self::requests::{Operation, Request};
use super::{AllocationSnapshot, AllocationState, Change, ChannelData, UDP_PAYLOAD_MAX, is_channel_data};
use crate::output::{Because, Output, Subject, Transmit};
use crate::randomness::Randomness;
use crate::reason::Reason;
use crate::stun::{
    Attribute, AttributeType, Builder, Class, Credentials, HEADER_LENGTH, LongTermClient, Message, Method,
    StreamFramer, TransactionId,
};
use crate::time::Time;

/// The client's allocation, as a subject.
const ALLOCATION: Subject = Subject::Allocation(0);
/// Comprehension-required attributes of TURN over TCP.
const USAGE: [AttributeType; 1] = [AttributeType::CONNECTION_ID];
/// How many peers a client keeps permissions for.
const PEERS_MAX: usize = 1024;

/// One allocation on one TURN server (RFC 8656), from one socket or stream.
///
/// - Commands: [`allocate`](TurnClient::allocate), [`create_permission`](TurnClient::create_permission),
///   [`bind_channel`](TurnClient::bind_channel), [`send_to`](TurnClient::send_to), [`release`](TurnClient::release).
/// - Inputs: [`handle_datagram`](TurnClient::handle_datagram) for what [`wants`](TurnClient::wants) says yes to,
///   [`handle_timeout`](TurnClient::handle_timeout).
/// - Over TCP and TLS ([`with_transport`](TurnClient::with_transport)): what is to be transmitted is written to the stream,
///   [`handle_stream`](TurnClient::handle_stream) takes what is read, [`handle_stream_closed`](TurnClient::handle_stream_closed) its end.
/// - With TCP to the peers ([`with_tcp_peers`](TurnClient::with_tcp_peers)): [`connect`](TurnClient::connect) and what belongs to it.
/// - After each of them: [`poll_output`](TurnClient::poll_output) until `None`, then [`poll_timeout`](TurnClient::poll_timeout).
///
/// It refreshes allocation, permissions and channels by itself until it is released. Only answers signed with the password change
/// anything, apart from the challenge itself.
#[derive(Debug)]
pub struct TurnClient {
    local: SocketAddr,
    server: SocketAddr,
    options: Options,
    randomness: Box<dyn Randomness>,
    authentication: LongTermClient,
    started: u32,
    requests: Vec<Request>,
    holding: Option<Holding>,
    /// Cuts the stream to the server, if it is one.
    framer: StreamFramer,
    /// Servers that have sent us elsewhere.
    left: Vec<SocketAddr>,
    /// The server that the last one named instead of itself, and the name in its certificate.
    alternate: Option<(SocketAddr, Option<String>)>,
    output: VecDeque<Output<Change>>,
}

impl TurnClient {
    /// A client on the socket `local` for the server at `server`.
    pub fn new(
        local: SocketAddr,
        server: SocketAddr,
        credentials: Credentials,
        randomness: Box<dyn Randomness>,
    ) -> TurnClient {
        TurnClient {
            local,
            server,
            options: Options::default(),
            randomness,
            authentication: LongTermClient::new(credentials),
            started: 0,
            requests: Vec::new(),
            holding: None,
            framer: StreamFramer::new(),
            left: Vec::new(),
            alternate: None,
            output: VecDeque::new(),
        }
    }

    /// The socket.
    pub const fn local_address(&self) -> SocketAddr {
        self.local
    }

    /// The server.
    pub const fn server_address(&self) -> SocketAddr {
        self.server
    }

    /// The allocation as it stands; `None` before [`allocate`](TurnClient::allocate).
    pub fn allocation(&self) -> Option<AllocationSnapshot> {
        self.holding.as_ref().map(|holding| AllocationSnapshot {
            transport: self.options.transport,
            peers_over: self.options.peers_over,
            ..holding.snapshot(self.server)
        })
    }

    /// Where the allocation stands.
    pub fn state(&self) -> Option<AllocationState> {
        self.holding.as_ref().map(|holding| holding.state)
    }

    /// The relayed transport address, while it exists.
    pub fn relayed_address(&self) -> Option<SocketAddr> {
        self.active().and_then(|holding| holding.relayed)
    }

    /// The relayed address of the other family, if both were asked for and given.
    pub fn second_relayed_address(&self) -> Option<SocketAddr> {
        self.active().and_then(|holding| holding.second_relayed)
    }

    /// The token of the port that was reserved along (RFC 8656 §18.10), for another client's
    /// [`with_reservation`](TurnClient::with_reservation).
    pub fn reservation_token(&self) -> Option<[u8; 8]> {
        self.active().and_then(|holding| holding.reservation)
    }

    /// Our own address as the server sees it: a server-reflexive candidate for free.
    pub fn mapped_address(&self) -> Option<SocketAddr> {
        self.active().map(|holding| holding.client)
    }

    /// Whether the server has confirmed that this peer may send to us.
    pub fn has_permission(&self, peer: IpAddr) -> bool {
        let permission = self.active().and_then(|holding| holding.permissions.get(&peer));
        permission.is_some_and(|permission| permission.expires_at.is_some())
    }

    /// Whether a datagram to this peer would be relayed, now or once the server has answered what it was asked.
    pub fn may_reach(&self, peer: SocketAddr) -> bool {
        let permission = self.active().and_then(|holding| holding.permissions.get(&peer.ip()));
        self.reachable(peer).is_ok() && permission.is_some_and(|permission| !permission.refused)
    }

    /// The channel that the server has confirmed for this peer.
    pub fn channel_of(&self, peer: SocketAddr) -> Option<u16> {
        self.active().and_then(|holding| holding.bound_channel(peer))
    }

    fn active(&self) -> Option<&Holding> {
        self.holding.as_ref().filter(|holding| holding.state == AllocationState::Active)
    }

    /// Asks for an allocation. Does nothing but say so while one is asked for or exists.
    pub fn allocate(&mut self, now: Time) {
        if matches!(self.state(), Some(AllocationState::Requested | AllocationState::Active)) {
            return self.ignore(Reason::TurnAllocationHeld);
        }
        self.left.clear();
        self.alternate = None;
        self.holding = Some(Holding::new(self.local));
        self.tell_allocation(Some(Reason::TurnAllocate), Because::Input);
        self.start(Operation::Allocate, Some(Reason::TurnAllocate), Because::Change(ALLOCATION), now);
    }

    /// Gives the allocation back (RFC 8656 §8.1). One that is only asked for is forgotten.
    pub fn release(&mut self, now: Time) {
        self.cancel_requests(Reason::TurnReleased, Because::Input);
        match self.state() {
            Some(AllocationState::Active) => {
                if let Some(holding) = &mut self.holding {
                    holding.stop_refreshing();
                }
                self.start(Operation::Release, Some(Reason::TurnReleased), Because::Input, now);
            }
            Some(AllocationState::Requested) => {
                self.end_allocation(AllocationState::Released, Reason::TurnReleased, Because::Input);
            }
            _ => self.ignore(Reason::TurnNoAllocation),
        }
    }

    /// Lets a peer's address (with any port) send to the relayed address (RFC 8656 §9), and keeps it so.
    pub fn create_permission(&mut self, peer: SocketAddr, now: Time) {
        match self.reachable(peer) {
            Err(reason) => self.ignore(reason),
            Ok(()) => self.ask_permission(peer.ip(), now),
        }
    }

    /// Binds a channel to a peer (RFC 8656 §12), which saves 32 bytes on every datagram, and keeps it bound. It permits the peer, too.
    pub fn bind_channel(&mut self, peer: SocketAddr, now: Time) {
        if let Err(reason) = self.reachable(peer) {
            return self.ignore(reason);
        }
        let Some(holding) = &mut self.holding else { return };
        match holding.open_channel(peer) {
            Ok(channel) => {
                let operation = Operation::ChannelBind { channel, peer };
                self.start(operation, Some(Reason::TurnChannelAsked), Because::Input, now);
            }
            Err(reason) => self.ignore(reason),
        }
    }

    /// Sends to a peer through the relay: on its channel if there is one, else as a Send indication. A peer without permission
    /// gets one on the way, ahead of the data.
    pub fn send_to(&mut self, peer: SocketAddr, payload: &[u8], now: Time) {
        self.send(peer, payload, false, now);
    }

    /// The same as one packet that is not cut on its way from the server to the peer (RFC 8656 §14): always as a Send indication, and
    /// only to servers that can do that. What is too long comes back as an ICMP error.
    pub fn send_whole(&mut self, peer: SocketAddr, payload: &[u8], now: Time) {
        self.send(peer, payload, true, now);
    }

    fn send(&mut self, peer: SocketAddr, payload: &[u8], whole: bool, now: Time) {
        if let Err(reason) = self.reachable(peer) {
            return self.ignore(reason);
        }
        let permission = self.active().and_then(|holding| holding.permissions.get(&peer.ip()));
        match permission {
            Some(permission) if permission.refused => return self.ignore(Reason::TurnPermissionRefused),
            Some(_) => {}
            None => self.ask_permission(peer.ip(), now),
        }
        let stream = self.options.transport.is_stream();
        let message = match self.channel_of(peer).filter(|_| !whole) {
            Some(channel) if stream => ChannelData { channel, data: payload }.to_stream(),
            Some(channel) => ChannelData { channel, data: payload }.to_datagram(),
            None => self.send_indication(peer, payload, whole),
        };
        match message.filter(|bytes| stream || bytes.len() <= UDP_PAYLOAD_MAX) {
            Some(payload) => self.transmit(self.local, payload),
            None => self.ignore(Reason::TurnTooLong),
        }
    }

    fn transmit(&mut self, from: SocketAddr, payload: Vec<u8>) {
        self.output.push_back(Output::Transmit(Transmit {
            from,
            to: self.server,
            payload,
            because: Because::Input,
            reason: Some(Reason::TurnRelayed),
        }));
    }

    /// RFC 8656 §11.1; `None` if it does not fit into a datagram.
    fn send_indication(&mut self, peer: SocketAddr, payload: &[u8], whole: bool) -> Option<Vec<u8>> {
        (payload.len() <= UDP_PAYLOAD_MAX - HEADER_LENGTH).then(|| {
            Builder::indication(Method::SEND, TransactionId::random(&mut *self.randomness))
                .attribute(&Attribute::XorPeerAddress(peer))
                .maybe(whole.then_some(Attribute::DontFragment))
                .attribute(&Attribute::Data(payload))
                .finish_without_fingerprint()
        })
    }

    /// Whether the relayed address can send to this peer at all.
    fn reachable(&self, peer: SocketAddr) -> Result<(), Reason> {
        let holding = self.active().filter(|holding| holding.relayed.is_some());
        let holding = holding.ok_or(Reason::TurnNoAllocation)?;
        // RFC 8656 §9.1: a relayed address reaches peers of its own family only.
        holding.towards(peer.ip()).map(|_| ()).ok_or(Reason::TurnPeerFamily)
    }

    fn ask_permission(&mut self, peer: IpAddr, now: Time) {
        let Some(holding) = &mut self.holding else { return };
        let known = holding.permissions.len();
        match holding.permissions.get_mut(&peer) {
            Some(permission) if !permission.refused => return,
            Some(permission) => permission.refused = false,
            None if known >= PEERS_MAX => return self.ignore(Reason::TurnTooManyPeers),
            None => {
                holding.permissions.insert(peer, Permission::default());
            }
        }
        self.start(Operation::CreatePermission(peer), Some(Reason::TurnPermissionAsked), Because::Input, now);
    }

    /// Whether a datagram on the socket is for this client: from its server, and an answer to its requests, a Data indication or
    /// ChannelData. Anything else on the socket (an answer to a Binding request, say) is for somebody else.
    pub fn wants(&self, from: SocketAddr, payload: &[u8]) -> bool {
        from == self.server
            && (is_channel_data(payload)
                || Message::parse(payload).is_ok_and(|message| match message.class() {
                    Class::Indication => {
                        matches!(message.method(), Method::DATA | Method::CONNECTION_ATTEMPT)
                    }
                    Class::Success | Class::Error => self.position(&message).is_some(),
                    Class::Request => false,
                }))
    }

    /// Takes a datagram that arrived on the socket.
    pub fn handle_datagram(&mut self, from: SocketAddr, payload: &[u8], now: Time) {
        if let Err(reason) = self.take_datagram(from, payload, now) {
            self.ignore(reason);
        }
    }

    fn take_datagram(&mut self, from: SocketAddr, payload: &[u8], now: Time) -> Result<(), Reason> {
        if from != self.server {
            return Err(Reason::TurnStranger);
        }
        if is_channel_data(payload) {
            let message = ChannelData::parse(payload).map_err(|_| Reason::TurnChannelDataMalformed)?;
            return self.take_channel_data(&message);
        }
        let message = Message::parse(payload).map_err(|_| Reason::StunMalformed)?;
        match (message.class(), message.method()) {
            (Class::Success | Class::Error, _) => self.take_response(&message, now),
            (Class::Indication, Method::DATA) => self.take_data_indication(&message),
            (Class::Indication, Method::CONNECTION_ATTEMPT) => self.take_connection_attempt(&message),
            _ => Err(Reason::StunUnexpected),
        }
    }

    /// RFC 8656 §12.6.
    fn take_channel_data(&mut self, message: &ChannelData<'_>) -> Result<(), Reason> {
        let holding = self.active().ok_or(Reason::TurnNoAllocation)?;
        let from = holding.peer_of(message.channel).ok_or(Reason::TurnNoChannel)?;
        self.deliver(from, message.data)
    }

    /// RFC 8656 §11.4: nobody signs it, so it is believed only for peers that we have let in.
    fn take_data_indication(&mut self, message: &Message<'_>) -> Result<(), Reason> {
        if !message.unknown_comprehension_required().is_empty() {
            return Err(Reason::TurnUnknownInIndication);
        }
        let holding = self.active().ok_or(Reason::TurnNoAllocation)?;
        let from = message.xor_peer_address().ok_or(Reason::TurnIndicationIncomplete)?;
        if holding.permissions.get(&from.ip()).is_none_or(|permission| permission.refused) {
            return Err(Reason::TurnNoPermission);
        }
        match message.data() {
            Some(data) => self.deliver(from, data),
            None if message.icmp().is_some() => Err(Reason::TurnIcmp),
            None => Err(Reason::TurnIndicationIncomplete),
        }
    }

    fn deliver(&mut self, from: SocketAddr, data: &[u8]) -> Result<(), Reason> {
        let to = self.active().and_then(|holding| holding.towards(from.ip()));
        let to = to.ok_or(Reason::TurnNoAllocation)?;
        self.output.push_back(Output::Data { to, from, payload: data.to_vec() });
        Ok(())
    }

    /// What to do next, in order.
    pub fn poll_output(&mut self) -> Option<Output<Change>> {
        self.output.pop_front()
    }

    fn ignore(&mut self, reason: Reason) {
        self.output.push_back(Output::Ignored { reason });
    }

    fn tell_allocation(&mut self, reason: Option<Reason>, because: Because) {
        if let Some(snapshot) = self.allocation() {
            let change = Change::Allocation(snapshot);
            self.output.push_back(Output::Change { subject: ALLOCATION, change, reason, because });
        }
    }

    /// The allocation is over, for this reason; what was asked about it is cancelled.
    fn end_allocation(&mut self, state: AllocationState, reason: Reason, because: Because) {
        self.cancel_requests(reason, because);
        if let Some(holding) = &mut self.holding {
            holding.end(state);
            self.tell_allocation(Some(reason), because);
        }
    }
}
