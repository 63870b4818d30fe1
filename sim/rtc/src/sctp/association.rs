//! The association: its parts, commands, and what comes out of it. What packets do to it is in `receive`, what time does in `timers`.

use std::collections::VecDeque;

use super::config::Config;
use super::congestion::Congestion;
use super::cookie::PeerFacts;
use super::inbound::Inbound;
use super::outbound::Outbound;
use super::reset::Resets;
use super::rto::Rto;
use super::state::{AssociationState, Message, Output, Phase, Reliability, SendError};
use super::timers::Timers;
use super::wire::{Chunk, Packet};
use crate::randomness::Randomness;
use crate::reason::Reason;
use crate::time::Time;

/// One SCTP association.
///
/// - Commands: [`connect`](Association::connect) (at one end or at both), [`send`](Association::send),
///   [`reset_stream`](Association::reset_stream), [`shutdown`](Association::shutdown), [`abort`](Association::abort).
/// - Inputs: [`handle_packet`](Association::handle_packet), [`handle_timeout`](Association::handle_timeout).
/// - After each of them: [`poll_output`](Association::poll_output) until `None`, then [`poll_timeout`](Association::poll_timeout).
#[derive(Debug)]
pub struct Association {
    pub(super) config: Config,
    pub(super) randomness: Box<dyn Randomness>,
    pub(super) phase: Phase,
    pub(super) local_tag: u32,
    pub(super) local_tsn: u32,
    /// Signs cookies.
    pub(super) secret: [u8; 32],
    pub(super) peer: Option<PeerFacts>,
    pub(super) outbound: Outbound,
    pub(super) inbound: Inbound,
    pub(super) resets: Resets,
    pub(super) congestion: Congestion,
    pub(super) rto: Rto,
    pub(super) timers: Timers,
    /// The chunk that T1 or T2 sends again.
    pub(super) held: Option<Chunk>,
    /// Timeouts in a row without a sign of the peer (§8.1).
    pub(super) errors: u32,
    /// Packets with DATA since the last acknowledgment (§6.2: every second one is acknowledged at once).
    pub(super) unacknowledged_packets: u8,
    /// Chunks that are to go out with the next packet.
    pub(super) control: VecDeque<(Chunk, Reason)>,
    output: VecDeque<Output>,
    told: Option<AssociationState>,
}

impl Association {
    /// An association that does nothing until [`Association::connect`] or until the peer begins.
    pub fn new(config: Config, mut randomness: Box<dyn Randomness>) -> Association {
        let mut secret = [0; 32];
        randomness.fill(&mut secret);
        let (local_tag, local_tsn) = fresh_tag(&mut *randomness);
        Association {
            outbound: Outbound::new(local_tsn),
            inbound: Inbound::new(0, config.receive_window),
            resets: Resets::new(local_tsn, 0),
            congestion: Congestion::new(config.packet_size, 0),
            rto: Rto::new(&config),
            timers: Timers::default(),
            config,
            randomness,
            phase: Phase::Closed,
            local_tag,
            local_tsn,
            secret,
            peer: None,
            held: None,
            errors: 0,
            unacknowledged_packets: 0,
            control: VecDeque::new(),
            output: VecDeque::new(),
            told: None,
        }
    }

    /// Puts a message in line.
    ///
    /// # Errors
    ///
    /// If it cannot be taken; nothing was changed then.
    pub fn send(&mut self, message: Message, reliability: Reliability, now: Time) -> Result<(), SendError> {
        let length = message.payload.len();
        let streams = self.peer.as_ref().map_or(0, |peer| peer.streams);
        if !matches!(self.phase, Phase::Established | Phase::CookieEchoed) {
            return Err(SendError::NotOpen(self.phase));
        }
        if length == 0 {
            return Err(SendError::Empty);
        }
        if length > self.config.max_message_size {
            return Err(SendError::TooLong { length, limit: self.config.max_message_size });
        }
        if message.stream >= streams {
            return Err(SendError::Stream(message.stream));
        }
        if self.resets.concerns(message.stream) {
            return Err(SendError::Resetting(message.stream));
        }
        let waiting = self.outbound.waiting(None);
        if waiting + length > self.config.send_buffer {
            return Err(SendError::BufferFull(waiting));
        }
        // A peer that does not know FORWARD TSN gets everything (RFC 3758 §3.3.1).
        let can_forward = self.peer.as_ref().is_some_and(|peer| peer.forward_tsn);
        let reliability = if can_forward { reliability } else { Reliability::default() };
        self.outbound.push(message, reliability, now);
        self.flush(now, Reason::SctpData);
        self.tell(None);
        Ok(())
    }

    /// Longest message that [`Association::send`] takes: known once the peer's description is.
    pub fn set_max_message_size(&mut self, bytes: usize) {
        self.config.max_message_size = bytes;
    }

    /// Bytes that wait to go out on a stream.
    pub fn waiting(&self, stream: u16) -> usize {
        self.outbound.waiting(Some(stream))
    }

    /// The same, without messages of these payload protocols.
    pub fn waiting_without(&self, stream: u16, protocols: &[u32]) -> usize {
        self.outbound.waiting_of(|message| message.stream == stream && !protocols.contains(&message.protocol))
    }

    /// Where it is in its life.
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// Streams that may be sent on, once that is agreed.
    pub fn streams(&self) -> Option<u16> {
        self.peer.as_ref().map(|peer| peer.streams)
    }

    /// The next output, in order.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.output.pop_front()
    }

    /// When to call [`Association::handle_timeout`].
    pub fn poll_timeout(&self) -> Option<Time> {
        self.timers.next().into_iter().chain(self.outbound.next_deadline()).min()
    }

    /// All of it, as it is now.
    pub fn snapshot(&self) -> AssociationState {
        AssociationState {
            phase: self.phase,
            local_tag: self.local_tag,
            peer_tag: self.peer.as_ref().map(|peer| peer.tag),
            sent: self.outbound.sent_count(),
            acknowledged: self.outbound.acknowledged_count(),
            received: if self.peer.is_some() { self.inbound.received() } else { 0 },
            in_flight: self.outbound.in_flight(),
            cwnd: self.congestion.cwnd,
            ssthresh: self.congestion.ssthresh,
            peer_window: self.outbound.peer_window(),
            waiting: self.outbound.waiting(None),
            unassembled: self.inbound.buffered(),
            srtt: self.rto.srtt(),
            rto: self.rto.current(),
            retransmissions: self.outbound.retransmissions,
            abandoned: self.outbound.abandoned,
            timer: self.poll_timeout(),
        }
    }

    // ---- for the other files ----

    /// Tells what it is like now, if that is news.
    pub(super) fn tell(&mut self, reason: Option<Reason>) {
        let state = self.snapshot();
        if self.told.as_ref() != Some(&state) {
            self.told = Some(state.clone());
            self.output.push_back(Output::Change { state: Box::new(state), reason });
        }
    }

    pub(super) fn emit(&mut self, output: Output) {
        self.output.push_back(output);
    }

    pub(super) fn ignore(&mut self, reason: Reason) {
        self.output.push_back(Output::Ignored(reason));
    }

    /// Moves on in its life.
    pub(super) fn enter(&mut self, phase: Phase, reason: Reason) {
        self.phase = phase;
        self.tell(Some(reason));
    }

    /// A packet for the peer.
    pub(super) fn packet(&mut self, tag: u32, chunks: Vec<Chunk>, reason: Reason) {
        let packet = Packet {
            source_port: self.config.port,
            destination_port: self.config.peer_port,
            verification_tag: tag,
            chunks,
        };
        self.output.push_back(Output::Packet { bytes: packet.to_bytes(), reason });
    }

    pub(super) fn peer_tag(&self) -> u32 {
        self.peer.as_ref().map_or(0, |peer| peer.tag)
    }

    /// Hands over what arrived and what was given up.
    pub(super) fn hand_over(&mut self) {
        for message in std::mem::take(&mut self.inbound.ready) {
            self.output.push_back(Output::Message(message));
        }
        for stream in std::mem::take(&mut self.outbound.given_up) {
            self.output.push_back(Output::Abandoned { stream, reason: Reason::SctpAbandoned });
        }
    }
}

/// A tag, which is never zero (§5.3.1), and an initial TSN.
pub(super) fn fresh_tag(randomness: &mut dyn Randomness) -> (u32, u32) {
    let tag = 1 + randomness.below(u32::MAX - 1);
    (tag, randomness.below(u32::MAX))
}
