//! The session: what it holds, what it is told and asked, and how what one layer says reaches the next. Not here: what each layer is told.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;

use super::config::Config;
use super::data::Data;
use super::output::{Layer, Output};
use super::transport::Transport;
use crate::data::{ChannelId, Channels, Message, SendError};
use crate::dtls::{self, Dtls};
use crate::ice::{self, Agent, LocalSocket, NotConnected};
use crate::jsep::{
    self, DataChannelInit, Heard, IceCandidate, JsepError, Operation, OperationId, PeerConnection,
    PerfectNegotiation, SessionDescription, TransportId,
};
use crate::output::Output as Told;
use crate::randomness::{Randomness, SharedRandomness};
use crate::reason::Reason;
use crate::time::Time;

/// A call, from the connection that negotiates it down to the datagrams.
///
/// # The order of calls
///
/// 1. [`Session::new`].
/// 2. Commands, in any order: [`create_data_channel`](Session::create_data_channel), [`negotiate`](Session::negotiate),
///    [`hear`](Session::hear), [`send`](Session::send), [`restart_ice`](Session::restart_ice), [`close`](Session::close), and everything else
///    that a [`PeerConnection`] can be asked, through [`with`](Session::with).
/// 3. Inputs as they come: [`handle_datagram`](Session::handle_datagram), [`handle_unreachable`](Session::handle_unreachable),
///    [`handle_timeout`](Session::handle_timeout); answers to requests of ICE agents through [`with_agent`](Session::with_agent).
/// 4. After each of these: [`poll_output`](Session::poll_output) until `None`, then [`poll_timeout`](Session::poll_timeout).
///
/// # What the owner signals
///
/// The description that [`negotiate`](Session::negotiate) or [`hear`](Session::hear) gives, and each
/// [`Change::IceCandidate`](jsep::Change::IceCandidate). When [`Change::NegotiationNeeded`](jsep::Change::NegotiationNeeded) comes, it is
/// time to negotiate.
#[derive(Debug)]
pub struct Session {
    pub(super) config: Config,
    pub(super) randomness: SharedRandomness,
    pub(super) connection: PeerConnection,
    pub(super) transports: BTreeMap<TransportId, Transport>,
    pub(super) data: Data,
    pub(super) outputs: VecDeque<Output>,
}

impl Session {
    /// A session in which nothing has happened. Everything that is random in it comes from `randomness`.
    ///
    /// # Errors
    /// If the settings of the connection do not fit together.
    pub fn new(config: Config, randomness: Box<dyn Randomness>) -> Result<Session, JsepError> {
        let mut config = config;
        config.connection.fingerprints = vec![config.certificate.fingerprint()];
        let randomness = SharedRandomness::new(randomness);
        let connection = PeerConnection::new(config.connection.clone(), Box::new(randomness.clone()))?;
        Ok(Session {
            config,
            randomness,
            connection,
            transports: BTreeMap::new(),
            data: Data::default(),
            outputs: VecDeque::new(),
        })
    }

    // ---- commands ----

    /// Asks the connection anything: tracks, transceivers, descriptions, settings.
    pub fn with<T>(&mut self, now: Time, ask: impl FnOnce(&mut PeerConnection) -> T) -> T {
        let answer = ask(&mut self.connection);
        self.settle(now);
        answer
    }

    /// Puts an operation at the end of the connection's chain.
    pub fn enqueue(&mut self, operation: Operation, now: Time) -> OperationId {
        self.with(now, |connection| connection.enqueue(operation))
    }

    /// `setLocalDescription`.
    ///
    /// # Errors
    /// As [`PeerConnection::set_local_description`].
    pub fn set_local_description(
        &mut self,
        description: Option<SessionDescription>,
        now: Time,
    ) -> Result<(), JsepError> {
        self.with(now, |connection| connection.set_local_description(description))
    }

    /// `setRemoteDescription`.
    ///
    /// # Errors
    /// As [`PeerConnection::set_remote_description`].
    pub fn set_remote_description(
        &mut self,
        description: SessionDescription,
        now: Time,
    ) -> Result<(), JsepError> {
        self.with(now, |connection| connection.set_remote_description(description))
    }

    /// `addIceCandidate`.
    ///
    /// # Errors
    /// As [`PeerConnection::add_ice_candidate`].
    pub fn add_ice_candidate(&mut self, candidate: IceCandidate, now: Time) -> Result<(), JsepError> {
        self.with(now, |connection| connection.add_ice_candidate(candidate))
    }

    /// The offer to send when negotiation is needed; `None` if another exchange is under way.
    ///
    /// # Errors
    /// As [`PerfectNegotiation::negotiate`].
    pub fn negotiate(
        &mut self,
        side: &mut PerfectNegotiation,
        now: Time,
    ) -> Result<Option<SessionDescription>, JsepError> {
        self.with(now, |connection| side.negotiate(connection))
    }

    /// Takes in what the peer signaled; an offer is answered.
    ///
    /// # Errors
    /// As [`PerfectNegotiation::hear`].
    pub fn hear(
        &mut self,
        side: &mut PerfectNegotiation,
        message: jsep::Message,
        now: Time,
    ) -> Result<Heard, JsepError> {
        self.with(now, |connection| side.hear(connection, message))
    }

    /// `restartIce`: negotiation is needed then.
    ///
    /// # Errors
    /// If the connection is closed.
    pub fn restart_ice(&mut self, now: Time) -> Result<(), JsepError> {
        self.with(now, PeerConnection::restart_ice)
    }

    /// `createDataChannel`. The first one makes negotiation necessary.
    ///
    /// # Errors
    /// As [`PeerConnection::create_data_channel`].
    pub fn create_data_channel(
        &mut self,
        label: &str,
        init: DataChannelInit,
        now: Time,
    ) -> Result<ChannelId, JsepError> {
        let negotiated = self.connection.create_data_channel(label, init.clone())?;
        let channel = self.data.create(negotiated, label, init, now);
        self.settle(now);
        Ok(channel)
    }

    /// Sends a message.
    ///
    /// # Errors
    /// If the channel does not take it; nothing was changed then.
    pub fn send(
        &mut self,
        channel: ChannelId,
        message: impl Into<Message>,
        now: Time,
    ) -> Result<(), SendError> {
        let result = self.data.channels.send(channel, message, now);
        self.settle(now);
        result
    }

    /// Closes a channel, once what waits on it has gone out.
    pub fn close_channel(&mut self, channel: ChannelId, now: Time) {
        self.data.channels.close(channel, now);
        self.settle(now);
    }

    /// `bufferedAmountLowThreshold`.
    pub fn set_low_threshold(&mut self, channel: ChannelId, bytes: usize) {
        self.data.channels.set_low_threshold(channel, bytes);
    }

    /// Sends a packet of SRTP or SRTCP as it is.
    ///
    /// # Errors
    /// As [`Agent::send`].
    pub fn send_media(
        &mut self,
        transport: TransportId,
        packet: &[u8],
        now: Time,
    ) -> Result<(), NotConnected> {
        let found = self.transports.get_mut(&transport).ok_or(NotConnected::NoPair)?;
        found.agent.send(packet, now)?;
        found.carried.packets_sent += 1;
        found.carried.bytes_sent += packet.len() as u64;
        self.drain_agent(transport, Some((Reason::SessionMedia, Layer::Media)));
        self.settle(now);
        Ok(())
    }

    /// Sockets for the first transport after its next restart, because the host has moved.
    pub fn replace_sockets(&mut self, sockets: Vec<LocalSocket>) {
        let addresses: Vec<SocketAddr> = sockets.iter().map(|socket| socket.address).collect();
        let first = self.transports.values_mut().find(|transport| transport.sockets == Some(0));
        if let Some(transport) = first {
            transport.agent.replace_sockets(sockets.clone());
            transport.addresses.extend(addresses);
        }
        match self.config.sockets.first_mut() {
            Some(first) => *first = sockets,
            None => self.config.sockets.push(sockets),
        }
    }

    /// `close`: everything ends, and the peer is told so by SCTP and DTLS.
    pub fn close(&mut self, now: Time) {
        self.with(now, PeerConnection::close);
    }

    // ---- inputs ----

    /// A datagram that arrived at the socket `to`.
    pub fn handle_datagram(&mut self, to: SocketAddr, from: SocketAddr, payload: &[u8], now: Time) {
        // A transport that was discarded may wait for servers where a newer one waits for its peer.
        let owners = self.transports.values_mut().filter(|transport| transport.addresses.contains(&to));
        let count = owners.map(|transport| transport.agent.handle_datagram(to, from, payload, now)).count();
        if count == 0 {
            self.ignore(Reason::SessionNoTransport);
        }
        self.settle(now);
    }

    /// An ICMP error says that what was sent from `local` does not reach `remote`.
    pub fn handle_unreachable(&mut self, local: SocketAddr, remote: SocketAddr, now: Time) {
        let owner = self.transports.values_mut().find(|transport| transport.addresses.contains(&local));
        if let Some(transport) = owner {
            transport.agent.handle_unreachable(local, remote, now);
        }
        self.settle(now);
    }

    /// Tells the ICE agent of a transport something: what became of a [`Request`](Output::Request), say.
    pub fn with_agent(&mut self, transport: TransportId, now: Time, tell: impl FnOnce(&mut Agent)) {
        if let Some(transport) = self.transports.get_mut(&transport) {
            tell(&mut transport.agent);
        }
        self.settle(now);
    }

    /// The time that [`Session::poll_timeout`] gave has come. Calling it earlier does no harm.
    pub fn handle_timeout(&mut self, now: Time) {
        let is_due = |at: Option<Time>| at.is_some_and(|at| at <= now);
        for transport in self.transports.values_mut() {
            if is_due(transport.agent.poll_timeout()) {
                transport.agent.handle_timeout(now);
            }
            if let Some(dtls) = transport.dtls.as_mut().filter(|dtls| is_due(dtls.poll_timeout())) {
                dtls.handle_timeout(now);
            }
        }
        if is_due(self.data.channels.poll_timeout()) {
            self.data.channels.handle_timeout(now);
        }
        self.settle(now);
    }

    /// The next output, in order.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When [`Session::handle_timeout`] is to be called, if ever.
    pub fn poll_timeout(&self) -> Option<Time> {
        let transports = self.transports.values().flat_map(|transport| {
            [transport.agent.poll_timeout(), transport.dtls.as_ref().and_then(Dtls::poll_timeout)]
        });
        transports.chain([self.data.channels.poll_timeout()]).flatten().min()
    }

    // ---- getters ----

    /// The connection: descriptions, transceivers, the state attributes.
    pub fn connection(&self) -> &PeerConnection {
        &self.connection
    }

    /// The ICE agent of a transport.
    pub fn agent(&self, transport: TransportId) -> Option<&Agent> {
        self.transports.get(&transport).map(|transport| &transport.agent)
    }

    /// DTLS of a transport, once it has begun.
    pub fn dtls(&self, transport: TransportId) -> Option<&dtls::State> {
        self.transports.get(&transport)?.dtls.as_ref().map(Dtls::state)
    }

    /// The transports that there are.
    pub fn transports(&self) -> impl Iterator<Item = TransportId> + '_ {
        self.transports.iter().filter(|(_, transport)| !transport.discarded).map(|(id, _)| *id)
    }

    /// The data channels and their association.
    pub fn channels(&self) -> &Channels {
        &self.data.channels
    }

    // ---- how the layers move each other ----

    /// What follows from any input: each layer's outputs become inputs of the next one, until none has anything to say.
    pub(super) fn settle(&mut self, now: Time) {
        loop {
            let mut moved = self.drain_connection(now);
            let transports: Vec<TransportId> = self.transports.keys().copied().collect();
            for id in transports {
                moved |= self.drain_agent(id, None);
                moved |= self.begin_dtls(id, now);
                moved |= self.drain_dtls(id, None, now);
            }
            moved |= self.drain_data(now);
            if !moved {
                break;
            }
        }
        self.transports.retain(|_, transport| !transport.is_over());
    }

    fn drain_connection(&mut self, now: Time) -> bool {
        let mut moved = false;
        while let Some(output) = self.connection.poll_output() {
            moved = true;
            match output {
                jsep::Output::Settled { operation, result } => {
                    self.outputs.push_back(Output::Settled { operation, result });
                }
                jsep::Output::Change {
                    change: jsep::Change::DataChannelStream { channel, stream }, ..
                } => {
                    self.data.assign_stream(channel, stream, now);
                }
                jsep::Output::Change { change, reason } => {
                    self.outputs.push_back(Output::Connection { change, reason });
                }
                jsep::Output::Transport { transport, command, .. } => {
                    self.perform(transport, command, now);
                }
            }
        }
        moved
    }

    /// Takes in what an ICE agent says. Datagrams are sent for `wanted`, where they are not the agent's own.
    pub(super) fn drain_agent(&mut self, id: TransportId, wanted: Option<(Reason, Layer)>) -> bool {
        let mut moved = false;
        while let Some(transport) = self.transports.get_mut(&id) {
            if let Some(output) = transport.agent.poll_output() {
                self.take_from_agent(id, output, wanted);
            } else if let Some(request) = transport.agent.poll_request() {
                self.outputs.push_back(Output::Request { transport: id, request });
            } else {
                break;
            }
            moved = true;
        }
        moved
    }

    pub(super) fn ignore(&mut self, reason: Reason) {
        self.outputs.push_back(Output::Ignored { reason });
    }
}

/// What an ICE agent says.
pub(super) type FromAgent = Told<ice::Change>;
