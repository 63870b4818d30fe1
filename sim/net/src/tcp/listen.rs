//! Listening: the backlog, and what segments for no connection are answered with (RFC 9293 §3.10.7.1 and §3.10.7.2).
//! Not here: the connections that come of it; the caller keeps them.

use std::net::SocketAddr;

use rtclab_trace::{NetReason, SimTime, TcpState};

use super::config::Config;
use super::connection::Connection;
use super::ecn::Codepoint;
use super::initial_sequence::Identity;
use super::output::SegmentOut;
use super::segment::{Flags, Header, Segment};
use super::sequence::SequenceNumber;
use super::state::State;

/// What a listener makes of a segment.
#[derive(Debug)]
pub enum Admission {
    /// A connection in SYN-RECEIVED.
    Open(Box<Connection>),
    /// A RST.
    Refused(SegmentOut),
    /// Nothing, for this reason.
    Dropped(NetReason),
}

/// A socket in LISTEN.
///
/// The caller asks [`admit`](Listener::admit) for each segment that belongs to no connection, keeps the connections that come of it, and tells
/// what becomes of them: [`opened`](Listener::opened) when one is established, [`taken`](Listener::taken) when the program takes it, and
/// [`lost`](Listener::lost) or [`given_up`](Listener::given_up) when one ends before. While the queue of established connections is full,
/// [`is_full`](Listener::is_full), SYNs are dropped, and so should be the acknowledgments that would establish more.
#[derive(Clone, Debug)]
pub struct Listener {
    local: SocketAddr,
    config: Config,
    backlog: usize,
    half_open: usize,
    waiting: usize,
}

impl Listener {
    /// A passive OPEN (RFC 9293 §3.10.1). At most `backlog` connections wait for the program to take them, and as many again for the end of
    /// their handshake.
    pub fn new(local: SocketAddr, config: Config, backlog: usize) -> Listener {
        Listener { local, config, backlog: backlog.max(1), half_open: 0, waiting: 0 }
    }

    /// Where it listens.
    pub fn local(&self) -> SocketAddr {
        self.local
    }

    /// What its connections begin with.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Connections in their handshake.
    pub fn half_open(&self) -> usize {
        self.half_open
    }

    /// Connections that wait for the program.
    pub fn waiting(&self) -> usize {
        self.waiting
    }

    /// Whether no further connection may wait for the program.
    pub fn is_full(&self) -> bool {
        self.waiting >= self.backlog
    }

    /// A segment for this port that belongs to no connection (RFC 9293 §3.10.7.2, in its order: RST, ACK, SYN). `mtu` is that of the way
    /// back, if it is known.
    pub fn admit(
        &mut self,
        now: SimTime,
        [local, remote]: [SocketAddr; 2],
        segment: &Segment<'_>,
        identity: Identity,
        mtu: Option<u16>,
    ) -> Admission {
        let flags = segment.header.flags;
        if flags.has(Flags::RST) {
            return Admission::Dropped(NetReason::TcpResetNoConnection);
        }
        if flags.has(Flags::ACK) {
            return match reset_for(segment) {
                Some(reset) => Admission::Refused(reset),
                None => Admission::Dropped(NetReason::TcpResetNoConnection),
            };
        }
        if !flags.has(Flags::SYN) || flags.has(Flags::FIN) {
            return Admission::Dropped(NetReason::TcpNoAck);
        }
        if self.is_full() || self.half_open >= self.backlog {
            return Admission::Dropped(NetReason::TcpBacklogFull);
        }
        self.half_open += 1;
        let mtu = mtu.map_or(self.config.mtu, |mtu| mtu.min(self.config.mtu));
        let config = Config { mtu, ..self.config.clone() };
        let connection = Connection::accept(config, local, remote, identity, now, segment);
        Admission::Open(Box::new(connection))
    }

    /// One of its connections is established, and waits for the program.
    pub fn opened(&mut self) {
        self.half_open = self.half_open.saturating_sub(1);
        self.waiting += 1;
    }

    /// The program took a connection.
    pub fn taken(&mut self) {
        self.waiting = self.waiting.saturating_sub(1);
    }

    /// A connection ended during its handshake.
    pub fn lost(&mut self) {
        self.half_open = self.half_open.saturating_sub(1);
    }

    /// A connection ended while it waited for the program.
    pub fn given_up(&mut self) {
        self.waiting = self.waiting.saturating_sub(1);
    }

    /// Its state, for traces and views.
    pub fn snapshot(&self) -> TcpState {
        TcpState::idle(self.local, State::Listen)
    }
}

/// The RST that answers a segment for which there is neither connection nor listener (RFC 9293 §3.10.7.1); none for a RST.
pub fn reset_for(segment: &Segment<'_>) -> Option<SegmentOut> {
    let cause = &segment.header;
    if cause.flags.has(Flags::RST) {
        return None;
    }
    let (sequence, acknowledgment, flags) = if cause.flags.has(Flags::ACK) {
        (cause.acknowledgment, SequenceNumber(0), Flags::RST)
    } else {
        (SequenceNumber(0), cause.sequence.plus(segment.length()), Flags::RST | Flags::ACK)
    };
    let header = Header {
        source_port: cause.destination_port,
        destination_port: cause.source_port,
        sequence,
        acknowledgment,
        flags,
        ..Header::default()
    };
    let reason = NetReason::TcpResetNoConnection;
    Some(SegmentOut { header, payload: Vec::new(), codepoint: Codepoint::NotEct, reason })
}
