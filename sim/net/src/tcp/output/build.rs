//! Headers: numbers, window and options (RFC 9293 §3.1). Not here: what is sent when.

use rtclab_trace::{NetReason, SimTime};

use super::SegmentOut;
use crate::tcp::connection::Connection;
use crate::tcp::ecn::Codepoint;
use crate::tcp::segment::{
    Flags, Header, OPTIONS_LENGTH_MAX, Options, SACK_BLOCKS_MAX, SackBlock, SackBlocks,
};
use crate::tcp::timers::Timer;

impl Connection {
    pub(super) fn ports(&self) -> Header {
        Header { source_port: self.local.port(), destination_port: self.remote.port(), ..Header::default() }
    }

    /// A segment without data.
    pub(super) fn bare(&self, header: Header, reason: NetReason) -> SegmentOut {
        SegmentOut { header, payload: Vec::new(), codepoint: Codepoint::NotEct, reason }
    }

    /// A header at a position. With ACK it acknowledges everything, which is taken note of.
    pub(super) fn header(&mut self, now: SimTime, flags: Flags, position: i64) -> Header {
        self.header_for(now, flags, position, 0)
    }

    /// The same for a segment with so many bytes of data: SACK blocks take only the room that these leave.
    pub(super) fn header_for(&mut self, now: SimTime, flags: Flags, position: i64, payload: usize) -> Header {
        let options = self.options(now, flags, payload);
        let mut header =
            Header { sequence: self.send.space.number(position), flags, options, ..self.ports() };
        if flags.has(Flags::ACK) {
            let next = self.receive_next();
            header.acknowledgment = self.receive.space.number(next);
            self.receive.acknowledged = next;
            self.receive.duplicate = None;
            self.acks.sent();
            self.timers.clear(Timer::DelayedAck);
        }
        header.window = if flags.has(Flags::SYN) {
            // RFC 7323 §2.2: the window of a SYN is never shifted.
            u16::try_from(self.incoming.room()).unwrap_or(u16::MAX)
        } else if flags.has(Flags::RST) {
            0
        } else {
            self.offer_window()
        };
        header
    }

    fn options(&self, now: SimTime, flags: Flags, payload: usize) -> Options {
        let mut options = Options::default();
        if flags.has(Flags::SYN) {
            let is_answer = self.receive.synchronized;
            options.maximum_segment_size = u16::try_from(self.segment_offered()).ok();
            let scales = if is_answer { self.receive.scales } else { self.config.window_scaling };
            options.window_scale = scales.then_some(self.receive.scale);
            options.sack_permitted = self.sack;
            let has_clock = if is_answer { self.clock.is_agreed() } else { self.config.timestamps };
            options.timestamps = has_clock.then(|| self.clock.option(now));
            return options;
        }
        if self.clock.is_agreed() && !flags.has(Flags::RST) {
            options.timestamps = Some(self.clock.option(now));
        }
        if self.sack && flags.has(Flags::ACK) && !flags.has(Flags::RST) {
            options.sack = self.sack_blocks(payload);
        }
        options
    }

    /// A duplicate first (RFC 2883 §4), then what arrived behind gaps, the latest first (RFC 2018 §4).
    fn sack_blocks(&self, payload: usize) -> SackBlocks {
        let used = self.timestamps_length();
        let room = OPTIONS_LENGTH_MAX - used;
        let room = room.min((self.send.segment as usize).saturating_sub(used + payload));
        let count = (1..=SACK_BLOCKS_MAX).rev().find(|count| SackBlocks::option_length(*count) <= room);
        let Some(count) = count else { return SackBlocks::default() };
        let mut told: Vec<(i64, i64)> = self.receive.duplicate.into_iter().collect();
        // A duplicate of what lies behind a gap is followed by the block that it lies in.
        let around = self.receive.duplicate.and_then(|(start, _)| self.incoming.block_at(start));
        told.extend(around);
        told.extend(self.incoming.recent_blocks().filter(|block| Some(*block) != around));
        let mut blocks = SackBlocks::default();
        for (start, end) in told.into_iter().take(count) {
            let block: SackBlock = (self.receive.space.number(start), self.receive.space.number(end));
            blocks.push(block);
        }
        blocks
    }

    /// Bytes of window that may be offered from RCV.NXT: what was offered before, and more only if it is a good piece more (RFC 9293
    /// §3.8.6.2.2).
    pub(in crate::tcp) fn window_to_offer(&self) -> i64 {
        let offered = (self.receive.edge - self.receive_next()).max(0);
        let free = self.incoming.room() as i64;
        let segment = self.segment_offered() as i64 - self.timestamps_length() as i64;
        let step = (self.incoming.capacity() as i64 / 2).min(segment);
        if free >= offered + step { free } else { offered }
    }

    /// The window field, shifted so that the edge that was offered does not move back.
    fn offer_window(&mut self) -> u16 {
        let next = self.receive_next();
        let offered = (self.receive.edge - next).max(0);
        let unit = 1_i64 << self.receive.scale;
        let mut field = self.window_to_offer() / unit;
        if field * unit < offered {
            field = (offered + unit - 1) / unit;
        }
        let field = u16::try_from(field).unwrap_or(u16::MAX);
        self.receive.edge = self.receive.edge.max(next + i64::from(field) * unit);
        field
    }
}
