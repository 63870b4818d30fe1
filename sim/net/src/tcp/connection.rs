//! A connection: its parts, how it begins, and what can be asked of it. What it does is beside: `calls` (what the program does), `input`
//! (what arrives), `output` (what is sent), `timeout` (what expires), `icmp` (what routers say).

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};

use rtclab_trace::{NetReason, SimTime};

use super::config::Config;
use super::congestion::{CongestionControl, Window, WindowUse};
use super::delayed_ack::AckPolicy;
use super::delivery_rate::DeliveryRate;
use super::ecn::Ecn;
use super::error::TcpError;
use super::event::{Change, Event, Events};
use super::flight::Flight;
use super::initial_sequence::Identity;
use super::keepalive::Keepalive;
use super::output::Due;
use super::pacing::Pacer;
use super::persist::Persist;
use super::receive_buffer::ReceiveBuffer;
use super::recovery::Recovery;
use super::rtt::RoundTrip;
use super::segment::{HEADER_LENGTH, Segment};
use super::send_buffer::SendBuffer;
use super::sequence::SequenceSpace;
use super::state::{self, State};
use super::timers::{Timer, Timers};
use super::timestamps::TimestampClock;

/// Changes that wait to be taken; the oldest are given up for new ones.
const CHANGES_MAX: usize = 256;
/// The largest shift of a window (RFC 7323 §2.3).
pub(super) const WINDOW_SCALE_MAX: u8 = 14;
/// The segment size of a peer that does not say (RFC 9293 §3.7.1).
const SEGMENT_DEFAULT_IPV4: u64 = 536;
const SEGMENT_DEFAULT_IPV6: u64 = 1220;
/// No path is narrower than this; a smaller MTU is not believed (RFC 1191 §3, RFC 8200 §5).
pub(super) const MTU_MIN_IPV4: u16 = 552;
pub(super) const MTU_MIN_IPV6: u16 = 1280;

/// The sending direction. All positions are relative to the initial sequence number.
#[derive(Clone, Debug)]
pub(super) struct SendSide {
    pub(super) space: SequenceSpace,
    /// SND.UNA.
    pub(super) una: i64,
    /// SND.NXT.
    pub(super) next: i64,
    /// The end of the peer's window: SND.UNA + SND.WND.
    pub(super) edge: i64,
    /// Where the last update of the window came from (SND.WL1 and SND.WL2).
    pub(super) wl1: i64,
    pub(super) wl2: i64,
    /// The largest window that the peer ever offered.
    pub(super) window_max: u64,
    /// How far the peer shifts its windows.
    pub(super) scale: u8,
    /// The largest segment, header options not subtracted.
    pub(super) segment: u64,
    /// The end of the last segment that was not full.
    pub(super) small_end: i64,
    /// The program has written its last.
    pub(super) closed: bool,
    /// The position of the FIN, once it was sent.
    pub(super) fin: Option<i64>,
}

/// The receiving direction.
#[derive(Clone, Debug)]
pub(super) struct ReceiveSide {
    pub(super) space: SequenceSpace,
    /// The end of the window that was offered: it never moves back.
    pub(super) edge: i64,
    /// How far our windows are shifted, if the peer agrees to shifting.
    pub(super) scale: u8,
    /// Both ends shift their windows.
    pub(super) scales: bool,
    /// The peer's SYN has arrived.
    pub(super) synchronized: bool,
    /// The last acknowledgment that was sent.
    pub(super) acknowledged: i64,
    /// The position of the peer's FIN, once it was seen.
    pub(super) fin: Option<i64>,
    /// Everything up to the FIN has arrived.
    pub(super) finished: bool,
    /// The program will read no more.
    pub(super) reader_gone: bool,
    /// What arrived twice, to be told with the next acknowledgment.
    pub(super) duplicate: Option<(i64, i64)>,
}

/// One end of a TCP connection, sans-IO.
///
/// - **Begin** with [`connect`](Connection::connect) or [`accept`](Connection::accept).
/// - **Input**: [`handle_segment`](Connection::handle_segment), [`handle_timeout`](Connection::handle_timeout),
///   [`handle_packet_too_big`](Connection::handle_packet_too_big), [`handle_unreachable`](Connection::handle_unreachable); and what the
///   program calls: [`write`](Connection::write), [`read`](Connection::read), [`shutdown`](Connection::shutdown),
///   [`close`](Connection::close), [`abort`](Connection::abort).
/// - **Output**, after each input, until each is none: [`poll_transmit`](Connection::poll_transmit),
///   [`poll_change`](Connection::poll_change), [`poll_event`](Connection::poll_event); then [`poll_timeout`](Connection::poll_timeout) says
///   when to call [`handle_timeout`](Connection::handle_timeout) at the latest.
/// - **Questions**: [`state`](Connection::state), [`snapshot`](Connection::snapshot), [`is_finished`](Connection::is_finished) and others.
///
/// Time is handed in and never goes back. A connection that is finished, and has nothing left to transmit, can be dropped.
#[derive(Debug)]
pub struct Connection {
    pub(super) config: Config,
    pub(super) local: SocketAddr,
    pub(super) remote: SocketAddr,
    pub(super) state: State,
    pub(super) error: Option<TcpError>,
    pub(super) send: SendSide,
    pub(super) receive: ReceiveSide,
    pub(super) sack: bool,
    pub(super) flight: Flight,
    pub(super) outgoing: SendBuffer,
    pub(super) incoming: ReceiveBuffer,
    pub(super) rtt: RoundTrip,
    pub(super) recovery: Recovery,
    pub(super) window: Window,
    /// The congestion window when a change was last noted.
    pub(super) window_noted: u64,
    pub(super) controller: Box<dyn CongestionControl>,
    pub(super) window_use: WindowUse,
    pub(super) rate: DeliveryRate,
    pub(super) pacer: Pacer,
    pub(super) acks: AckPolicy,
    pub(super) persist: Persist,
    pub(super) keepalive: Keepalive,
    pub(super) ecn: Ecn,
    pub(super) clock: TimestampClock,
    pub(super) timers: Timers,
    pub(super) due: Due,
    /// Timeouts of the same segment, in a row.
    pub(super) timeouts: u32,
    /// Since when the oldest data is unacknowledged.
    pub(super) unacknowledged_since: Option<SimTime>,
    pub(super) handshake_transmissions: u32,
    /// When a segment that may be part of a loop was last answered.
    pub(super) answered_at: Option<SimTime>,
    pub(super) retransmissions: u64,
    pub(super) events: Events,
    pub(super) changes: VecDeque<Change>,
}

impl Connection {
    fn new(config: Config, local: SocketAddr, remote: SocketAddr, identity: Identity) -> Connection {
        let segment = segment_for(config.mtu, remote.ip());
        let scale = if config.window_scaling { scale_for(config.receive_buffer) } else { 0 };
        let window_end = config.receive_buffer.min(usize::from(u16::MAX)) as i64;
        Connection {
            local,
            remote,
            state: State::Closed,
            error: None,
            send: SendSide {
                space: SequenceSpace::new(identity.initial),
                una: 0,
                next: 0,
                edge: 1,
                wl1: 0,
                wl2: 0,
                window_max: 0,
                scale: 0,
                segment,
                small_end: 0,
                closed: false,
                fin: None,
            },
            receive: ReceiveSide {
                space: SequenceSpace::default(),
                edge: 1 + window_end,
                scale,
                scales: false,
                synchronized: false,
                acknowledged: 0,
                fin: None,
                finished: false,
                reader_gone: false,
                duplicate: None,
            },
            sack: config.sack,
            flight: Flight::default(),
            outgoing: SendBuffer::new(config.send_buffer),
            incoming: ReceiveBuffer::new(config.receive_buffer),
            rtt: RoundTrip::new(config.rto_initial, config.rto_floor, config.rto_max),
            recovery: Recovery::new(),
            window: Window::initial(segment, config.initial_window_segments),
            window_noted: 0,
            controller: config.algorithm.controller(identity.draw),
            window_use: WindowUse::default(),
            rate: DeliveryRate::default(),
            pacer: Pacer::default(),
            acks: AckPolicy::new(config.ack_delay, config.quick_acks),
            persist: Persist::default(),
            keepalive: Keepalive::new(config.keepalive),
            ecn: Ecn::new(config.ecn),
            clock: TimestampClock::new(identity.timestamp_offset),
            timers: Timers::default(),
            due: Due::default(),
            timeouts: 0,
            unacknowledged_since: None,
            handshake_transmissions: 0,
            answered_at: None,
            retransmissions: 0,
            events: Events::default(),
            changes: VecDeque::new(),
            config,
        }
    }

    /// An active OPEN (RFC 9293 §3.10.1): the SYN comes out of [`poll_transmit`](Connection::poll_transmit).
    pub fn connect(config: Config, local: SocketAddr, remote: SocketAddr, identity: Identity) -> Connection {
        let mut connection = Connection::new(config, local, remote, identity);
        connection.due.handshake = Some(NetReason::TcpConnect);
        connection.enter(State::SynSent, NetReason::TcpConnect);
        connection
    }

    /// What a listener makes of a SYN (RFC 9293 §3.10.7.2): the SYN-ACK comes out of [`poll_transmit`](Connection::poll_transmit).
    ///
    /// The segment has SYN and neither RST nor ACK; [`Listener`](super::Listener) sees to that. Its data is left for the peer to send again.
    pub fn accept(
        config: Config,
        local: SocketAddr,
        remote: SocketAddr,
        identity: Identity,
        now: SimTime,
        syn: &Segment<'_>,
    ) -> Connection {
        let mut connection = Connection::new(config, local, remote, identity);
        connection.take_syn(now, &syn.header);
        connection.ecn.on_syn(syn.header.flags);
        connection.due.handshake = Some(NetReason::TcpSynAnswered);
        connection.enter(State::SynReceived, NetReason::TcpSynAnswered);
        connection
    }

    // ---- getters ----

    /// Which of the eleven states.
    pub fn state(&self) -> State {
        self.state
    }

    /// Its own address.
    pub fn local(&self) -> SocketAddr {
        self.local
    }

    /// The peer's.
    pub fn remote(&self) -> SocketAddr {
        self.remote
    }

    /// Why it failed, if it failed.
    pub fn error(&self) -> Option<TcpError> {
        self.error
    }

    /// Whether it is over: nothing will arrive or expire any more.
    pub fn is_finished(&self) -> bool {
        self.state == State::Closed
    }

    /// Bytes that can be read.
    pub fn readable(&self) -> usize {
        self.incoming.readable()
    }

    /// Whether everything that the peer sent before its FIN has been read.
    pub fn is_at_end(&self) -> bool {
        self.receive.finished && self.incoming.readable() == 0
    }

    /// Bytes that can be written.
    pub fn writable(&self) -> usize {
        if self.send.closed || !state::may_write(self.state) { 0 } else { self.outgoing.room() }
    }

    /// Bytes that were written and are not acknowledged.
    pub fn unacknowledged(&self) -> u64 {
        (self.outgoing.end() - self.send.una.max(1)).max(0) as u64
    }

    /// When to call [`handle_timeout`](Connection::handle_timeout), if nothing else happens before.
    pub fn poll_timeout(&self) -> Option<SimTime> {
        self.timers.next().map(|(_, at)| at)
    }

    /// What the program is to know.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.next()
    }

    /// What changed, and why, with the whole state as it was then.
    pub fn poll_change(&mut self) -> Option<Change> {
        self.changes.pop_front()
    }

    // ---- for the other files ----

    /// RCV.NXT.
    pub(super) fn receive_next(&self) -> i64 {
        self.incoming.next() + i64::from(self.receive.finished)
    }

    /// Bytes that are in the network as far as is known. A peer without SACK tells it by duplicate acknowledgments.
    pub(super) fn pipe(&self) -> u64 {
        let arrived = if self.sack { 0 } else { self.recovery.duplicate_acks * self.payload_max() };
        self.flight.in_flight().saturating_sub(arrived)
    }

    /// Bytes of data that fit a segment, its timestamps subtracted.
    pub(super) fn payload_max(&self) -> u64 {
        self.send.segment.saturating_sub(self.timestamps_length() as u64).max(1)
    }

    pub(super) fn timestamps_length(&self) -> usize {
        if self.clock.is_agreed() { super::segment::TIMESTAMPS_LENGTH } else { 0 }
    }

    /// The largest segment that we take: what goes into the MSS option.
    pub(super) fn segment_offered(&self) -> u64 {
        segment_for(self.config.mtu, self.remote.ip())
    }

    /// Goes to another state.
    pub(super) fn enter(&mut self, to: State, reason: NetReason) {
        debug_assert!(state::may_follow(self.state, to), "{} cannot become {to}", self.state);
        if to == State::Closed || to == State::TimeWait {
            self.timers.clear_all();
        }
        self.state = to;
        self.note(reason);
    }

    /// Ends at once.
    pub(super) fn fail(&mut self, error: TcpError, reason: NetReason) {
        self.error = Some(error);
        self.finish(reason);
    }

    /// Ends.
    pub(super) fn finish(&mut self, reason: NetReason) {
        self.due.forget_all_but_reset();
        self.enter(State::Closed, reason);
        self.events.closed = true;
    }

    /// Notes that something changed that a reader wants to see.
    pub(super) fn note(&mut self, reason: NetReason) {
        if self.changes.len() >= CHANGES_MAX {
            self.changes.pop_front();
        }
        self.window_noted = self.window.cwnd;
        let state = Box::new(self.snapshot());
        self.changes.push_back(Change { reason, state });
    }

    /// Notes the congestion window if it moved by a segment, or by a sixteenth where it moves with every acknowledgment: its course is seen, without
    /// an entry for each of them.
    pub(super) fn note_window(&mut self, reason: NetReason) {
        let creeps = reason == NetReason::TcpCongestionAvoidance;
        let step = if creeps { 0 } else { self.window_noted / 16 }.max(self.window.segment);
        if self.window.cwnd.abs_diff(self.window_noted) >= step {
            self.note(reason);
        }
    }

    /// The segment size for a peer that offers so much.
    pub(super) fn agree_on_segment(&mut self, offered: Option<u16>) {
        let default = if self.remote.is_ipv4() { SEGMENT_DEFAULT_IPV4 } else { SEGMENT_DEFAULT_IPV6 };
        // A segment must leave room for data behind the options, whatever the peer says.
        let theirs = offered.map_or(default, |offered| u64::from(offered).max(64));
        self.send.segment = self.send.segment.min(theirs);
    }

    /// Arms the timer that ends TIME-WAIT.
    pub(super) fn arm_time_wait(&mut self, now: SimTime) {
        self.timers.set(Timer::TimeWait, now + self.config.time_wait);
    }
}

/// The largest segment for a link: what an IP packet leaves after the fixed headers (RFC 9293 §3.7.1).
pub(super) fn segment_for(mtu: u16, address: IpAddr) -> u64 {
    let headers = ip_header_length(address) + HEADER_LENGTH as u64;
    u64::from(mtu).saturating_sub(headers).max(64)
}

/// An IP header without options or extensions.
pub(super) fn ip_header_length(address: IpAddr) -> u64 {
    if address.is_ipv4() { 20 } else { 40 }
}

/// The least shift with which the whole buffer can be offered (RFC 7323 §2.3).
fn scale_for(buffer: usize) -> u8 {
    (0..WINDOW_SCALE_MAX).find(|shift| buffer >> shift <= usize::from(u16::MAX)).unwrap_or(WINDOW_SCALE_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_is_the_least_that_covers_the_buffer() {
        assert_eq!([1, 65535, 65536, 4 << 20, usize::MAX].map(scale_for), [0, 0, 1, 7, 14]);
    }

    #[test]
    fn the_segment_is_what_the_headers_leave() {
        assert_eq!(segment_for(1500, IpAddr::from([10, 0, 0, 1])), 1460);
        assert_eq!(segment_for(1500, IpAddr::from([0; 16])), 1440);
    }
}
