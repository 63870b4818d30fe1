//! Packets come in: whose they are (RFC 9260 §8.5), and which part each chunk goes to.

use super::association::Association;
use super::inbound::Arrival;
use super::state::{Output, Phase};
use super::timers::Timer;
use super::wire::{Chunk, Packet};
use crate::reason::Reason;
use crate::time::Time;

impl Association {
    /// Takes in a packet that DTLS delivered.
    pub fn handle_packet(&mut self, bytes: &[u8], now: Time) {
        let Ok(packet) = Packet::parse(bytes) else { return self.ignore(Reason::SctpMalformed) };
        if packet.source_port != self.config.peer_port || packet.destination_port != self.config.port {
            return self.ignore(Reason::SctpWrongPort);
        }
        if !self.is_tag_right(&packet) {
            return self.ignore(Reason::SctpWrongTag);
        }
        let had_gap = self.inbound.has_gap();
        let mut data = Seen::default();
        for chunk in packet.chunks {
            if let Some(unknown) = self.on_chunk(chunk, packet.verification_tag, &mut data, now) {
                // §3.2: the two upper bits of an unknown type say whether to read on.
                if unknown & 0x80 == 0 {
                    break;
                }
            }
        }
        if data.any {
            self.acknowledge_arrivals(&data, had_gap, now);
        }
        self.retry_deferred_reset(now);
        self.hand_over();
        self.flush(now, Reason::SctpData);
        self.advance_shutdown(now);
        self.tell(None);
    }

    /// §8.5, §8.5.1.
    fn is_tag_right(&self, packet: &Packet) -> bool {
        let tag = packet.verification_tag;
        match packet.chunks.first() {
            // INIT has none yet, and comes alone.
            Some(Chunk::Init(_)) => tag == 0 && packet.chunks.len() == 1,
            // The cookie knows which tag it goes with.
            Some(Chunk::CookieEcho(_)) => true,
            Some(Chunk::Abort { reflected: true, .. } | Chunk::ShutdownComplete { reflected: true }) => {
                self.peer.is_some() && tag == self.peer_tag()
            }
            Some(_) => self.phase != Phase::Closed && tag == self.local_tag,
            None => false,
        }
    }

    /// One chunk; returns its type if it is unknown.
    fn on_chunk(&mut self, chunk: Chunk, tag: u32, seen: &mut Seen, now: Time) -> Option<u8> {
        match chunk {
            Chunk::Data(data) if self.phase.takes_data() => {
                seen.any = true;
                seen.immediate |= data.immediate;
                let arrival = self.inbound.data(data);
                seen.out_of_order |= arrival != Arrival::InOrder;
                match arrival {
                    Arrival::Duplicate => self.ignore(Reason::SctpDuplicate),
                    Arrival::NoRoom => self.ignore(Reason::SctpNoRoom),
                    Arrival::InOrder | Arrival::Gap => {}
                }
            }
            Chunk::Sack(sack) if self.peer.is_some() => self.on_sack(&sack, now),
            Chunk::ForwardTsn(forward) if self.phase.takes_data() => {
                seen.any = true;
                // §3.6 of RFC 3758: what is forwarded is acknowledged at once.
                seen.out_of_order = true;
                if !self.inbound.forward(&forward) {
                    self.ignore(Reason::SctpDuplicate);
                }
            }
            Chunk::Init(init) => self.on_init(&init, now),
            Chunk::InitAck(init) => self.on_init_ack(&init, now),
            Chunk::CookieEcho(cookie) => self.on_cookie_echo(&cookie, tag, now),
            Chunk::CookieAck => self.on_cookie_ack(now),
            Chunk::Heartbeat(value) => {
                self.control.push_back((Chunk::HeartbeatAck(value), Reason::SctpHeartbeatAck));
            }
            Chunk::HeartbeatAck(value) => self.on_heartbeat_ack(&value, now),
            Chunk::Reconfig(reconfig) if self.phase.takes_data() => self.on_reconfig(reconfig, now),
            Chunk::Abort { .. } => self.end(Reason::SctpAborted),
            Chunk::Shutdown(tsn) => self.on_shutdown(tsn, now),
            Chunk::ShutdownAck => self.on_shutdown_ack(),
            Chunk::ShutdownComplete { .. } => self.on_shutdown_complete(),
            Chunk::Error(causes) => self.on_error(&causes),
            Chunk::Unknown { kind, .. } => {
                self.emit(Output::Ignored(Reason::SctpUnknownChunk));
                return Some(kind);
            }
            Chunk::Data(_) | Chunk::Sack(_) | Chunk::ForwardTsn(_) | Chunk::Reconfig(_) => {
                self.ignore(Reason::SctpUnexpectedChunk);
            }
        }
        None
    }

    /// When to acknowledge (§6.2): every second packet, at once when something is missing or was missing, else soon.
    fn acknowledge_arrivals(&mut self, seen: &Seen, had_gap: bool, now: Time) {
        self.unacknowledged_packets += 1;
        let reason = if seen.out_of_order || had_gap {
            Some(Reason::SctpGapSack)
        } else if seen.immediate || self.phase == Phase::ShutdownSent {
            Some(Reason::SctpImmediateSack)
        } else if self.unacknowledged_packets >= 2 {
            Some(Reason::SctpSack)
        } else {
            None
        };
        match reason {
            Some(reason) => self.flush_with_sack(now, reason),
            None if !self.timers.is_set(Timer::Acknowledgment) => {
                self.timers.set(Timer::Acknowledgment, now + self.config.acknowledgment_delay);
            }
            None => {}
        }
    }

    fn on_error(&mut self, causes: &[u8]) {
        // A stale cookie is the one error that ends something: the handshake begins anew (§5.2.6).
        let is_stale_cookie = causes.starts_with(&[0, 3]) && self.phase == Phase::CookieEchoed;
        if is_stale_cookie {
            self.end(Reason::SctpStaleCookie);
        } else {
            self.ignore(Reason::SctpErrorReported);
        }
    }
}

/// What a packet had in it, as far as acknowledging goes.
#[derive(Debug, Default)]
struct Seen {
    any: bool,
    immediate: bool,
    out_of_order: bool,
}
