//! What is sent, and in which order: reset, handshake, what is lost, probes, new data, and at last a bare acknowledgment.
//! Not here: IP headers; the caller puts the segment into a packet.

mod build;
mod data;
mod probe;
mod retransmission;

use std::net::IpAddr;

use rtclab_trace::{NetReason, SimTime};

use super::connection::Connection;
use super::ecn::Codepoint;
use super::segment::{Flags, Header};
use super::sequence::SequenceNumber;
use super::state::{self, State};
use super::timers::Timer;

/// A segment to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentOut {
    /// Its header; the checksum is added when it is [written](SegmentOut::emit).
    pub header: Header,
    /// Its data.
    pub payload: Vec<u8>,
    /// The ECN field of its IP header.
    pub codepoint: Codepoint,
    /// Why it is sent.
    pub reason: NetReason,
}

impl SegmentOut {
    /// Its bytes.
    pub fn emit(&self, source: IpAddr, destination: IpAddr) -> Vec<u8> {
        self.header.emit(&self.payload, source, destination)
    }
}

/// What has to be sent, beside data and acknowledgments.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Due {
    /// A SYN or SYN-ACK.
    pub(super) handshake: Option<NetReason>,
    /// A RST, after which there is nothing more.
    pub(super) reset: Option<(Flags, NetReason)>,
    /// A RST against a segment of the handshake that acknowledged something never sent.
    pub(super) refusal: Option<SequenceNumber>,
    /// A tail loss probe.
    pub(super) tail_probe: bool,
    /// A write did not fit.
    pub(super) writer_waits: bool,
}

impl Due {
    pub(super) fn forget_all_but_reset(&mut self) {
        *self = Due { reset: self.reset, refusal: self.refusal, ..Due::default() };
    }
}

impl Connection {
    /// The next segment to be sent, if there is one. To be called until there is none.
    pub fn poll_transmit(&mut self, now: SimTime) -> Option<SegmentOut> {
        let out = self
            .poll_reset(now)
            .or_else(|| self.poll_handshake(now))
            .or_else(|| self.poll_handshake_ack(now))
            .or_else(|| self.poll_retransmission(now))
            .or_else(|| self.poll_probe(now))
            .or_else(|| self.poll_data(now))
            .or_else(|| self.poll_ack(now));
        if out.is_none() {
            self.arm_timers(now);
        }
        out
    }

    fn poll_reset(&mut self, now: SimTime) -> Option<SegmentOut> {
        if let Some(sequence) = self.due.refusal.take() {
            // RFC 9293 §3.5.2: <SEQ=SEG.ACK><CTL=RST>.
            let header = Header { sequence, flags: Flags::RST, ..self.ports() };
            return Some(self.bare(header, NetReason::TcpResetBadAck));
        }
        let (flags, reason) = self.due.reset.take()?;
        let header = self.header(now, flags, self.send.next);
        Some(self.bare(header, reason))
    }

    /// The acknowledgment that completes the handshake goes on its own, before any data.
    fn poll_handshake_ack(&mut self, now: SimTime) -> Option<SegmentOut> {
        self.acks.due().filter(|reason| *reason == NetReason::TcpHandshakeAck)?;
        self.poll_ack(now)
    }

    fn poll_ack(&mut self, now: SimTime) -> Option<SegmentOut> {
        let reason = self.acks.due()?;
        if matches!(self.state, State::Closed | State::SynSent) {
            return None;
        }
        let flags = Flags::ACK | self.ecn.flags(false);
        let header = self.header(now, flags, self.send.next);
        Some(self.bare(header, reason))
    }

    /// Arms what depends on there being nothing to send now.
    pub(super) fn arm_timers(&mut self, now: SimTime) {
        if self.state == State::FinWait2 && self.receive.reader_gone && !self.timers.is_set(Timer::FinWait2) {
            self.timers.set(Timer::FinWait2, now + self.config.fin_wait_2);
        }
        if state::is_synchronized(self.state)
            && self.state != State::TimeWait
            && !self.timers.is_set(Timer::Keepalive)
            && let Some(deadline) = self.keepalive.deadline()
        {
            self.timers.set(Timer::Keepalive, deadline.max(now));
        }
        if !self.wants_window_probe() {
            self.timers.clear(Timer::Persist);
        } else if !self.timers.is_set(Timer::Persist) {
            let interval = self.persist.interval(self.rtt.base_timeout(), self.config.rto_max);
            self.timers.set(Timer::Persist, now + interval);
        }
        self.note_application_limit();
    }
}
