//! The handshake: SYN-SENT (RFC 9293 §3.10.7.3), simultaneous open, and what is special in SYN-RECEIVED.

use rtclab_trace::{NetReason, SimTime};

use super::{Arrival, Verdict};
use crate::tcp::congestion::Window;
use crate::tcp::connection::{Connection, WINDOW_SCALE_MAX};
use crate::tcp::ecn::Codepoint;
use crate::tcp::error::TcpError;
use crate::tcp::segment::{Flags, Header, Segment};
use crate::tcp::sequence::SequenceSpace;
use crate::tcp::state::State;

impl Connection {
    /// RFC 9293 §3.10.7.3, in its order: ACK, RST, SYN.
    pub(super) fn arrives_in_syn_sent(
        &mut self,
        now: SimTime,
        codepoint: Codepoint,
        segment: &Segment<'_>,
    ) -> Verdict {
        let header = &segment.header;
        let ack = self.send.space.position(header.acknowledgment, self.send.next);
        let has_ack = header.flags.has(Flags::ACK);
        if has_ack && (ack <= 0 || ack > self.send.next) {
            if !header.flags.has(Flags::RST) {
                self.due.refusal = Some(header.acknowledgment);
            }
            return Verdict::Dropped(NetReason::TcpResetBadAck);
        }
        if header.flags.has(Flags::RST) {
            if !has_ack {
                return Verdict::Dropped(NetReason::TcpChallengeAck);
            }
            self.fail(TcpError::Refused, NetReason::TcpRefused);
            return Verdict::Accepted;
        }
        if !header.flags.has(Flags::SYN) {
            return Verdict::Dropped(NetReason::TcpNoAck);
        }
        self.take_syn(now, header);
        if !has_ack {
            self.ecn.on_syn(Flags::NONE);
            self.due.handshake = Some(NetReason::TcpSimultaneousOpen);
            self.enter(State::SynReceived, NetReason::TcpSimultaneousOpen);
            return Verdict::Accepted;
        }
        self.ecn.on_syn_ack(header.flags);
        let mut arrival = self.locate(now, codepoint, segment);
        self.establish(&arrival);
        self.acks.request(NetReason::TcpHandshakeAck);
        // The SYN is done; what else the segment holds comes behind it.
        arrival.start += 1;
        arrival.length -= 1;
        self.take_urgent(&arrival);
        self.take_text_and_fin(&arrival)
    }

    /// What is taken from the peer's SYN: its initial sequence number, its window and its options.
    pub(in crate::tcp) fn take_syn(&mut self, now: SimTime, syn: &Header) {
        let options = &syn.options;
        self.receive.space = SequenceSpace::new(syn.sequence);
        self.receive.synchronized = true;
        self.receive.acknowledged = 1;
        self.agree_on_segment(options.maximum_segment_size);
        self.receive.scales = self.config.window_scaling && options.window_scale.is_some();
        if !self.receive.scales {
            self.receive.scale = 0;
        }
        let shift = options.window_scale.filter(|_| self.receive.scales).unwrap_or(0);
        self.send.scale = shift.min(WINDOW_SCALE_MAX);
        self.sack = self.config.sack && options.sack_permitted;
        self.clock.on_syn(now, self.config.timestamps, options.timestamps);
        self.window = Window::initial(self.payload_max(), self.config.initial_window_segments);
        self.send.edge = 1 + i64::from(syn.window);
        self.send.window_max = u64::from(syn.window);
        self.send.wl1 = 0;
    }

    /// Segments of the handshake that come again, or that cross: they lie before the window. None for all others.
    pub(super) fn arrives_again_in_syn_received(&mut self, arrival: &Arrival<'_>) -> Option<Verdict> {
        if arrival.start != 0 || !arrival.has(Flags::SYN) || arrival.has(Flags::RST) {
            return None;
        }
        if arrival.has(Flags::ACK) {
            // RFC 9293 figure 7, line 6: in a simultaneous open the peer's SYN-ACK is the acknowledgment.
            if !(self.send.una < arrival.ack && arrival.ack <= self.send.next) {
                return None;
            }
            self.establish(arrival);
            self.acks.request(NetReason::TcpHandshakeAck);
            return Some(Verdict::Accepted);
        }
        // The peer repeats its SYN: it has not seen the answer.
        self.due.handshake = Some(NetReason::TcpSynRepeated);
        Some(Verdict::Accepted)
    }

    /// Both SYNs are through.
    pub(super) fn establish(&mut self, arrival: &Arrival<'_>) {
        let is_repeated = self.handshake_transmissions > 1;
        self.due.handshake = None;
        self.enter(State::Established, NetReason::TcpEstablished);
        self.events.established = true;
        if is_repeated && !self.clock.is_agreed() {
            self.rtt.handshake_was_repeated();
        }
        if self.handshake_transmissions > 2 {
            // RFC 5681 §3.1 asks for one segment after a lost SYN; like Linux, the first loss is forgiven (RFC 6928 §2).
            self.window = Window::initial(self.payload_max(), 1);
        }
        self.acknowledged_by(arrival);
        self.controller.on_established(&self.window, self.rtt.smoothed());
    }
}
