//! What a TCP segment says. Its numbers are as on the wire; who knows where a stream began makes them relative.

use std::fmt;

use rtclab_net::tcp::{Flags, Segment};

use super::carried::{Carried, carried};

/// A TCP segment, as far as a reader wants to know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TcpReading {
    /// Its control bits.
    pub flags: Flags,
    /// The number of its first byte.
    pub sequence: u32,
    /// What it acknowledges, with ACK.
    pub acknowledgment: Option<u32>,
    /// Bytes of data.
    pub length: usize,
    /// Whether it closes the receive window.
    pub closes_window: bool,
    /// What it acknowledges beyond gaps (RFC 2018): first byte and the one after the last.
    pub blocks: Vec<(u32, u32)>,
    /// What its data says, if that can be read from this segment alone.
    pub carries: Vec<Carried>,
}

impl TcpReading {
    /// Reads a segment; nothing if it is not one. Its checksum is not looked at.
    pub fn of(bytes: &[u8]) -> Option<TcpReading> {
        let segment = Segment::parse_unchecked(bytes).ok()?;
        let header = segment.header;
        let blocks = header.options.sack.as_slice().iter();
        Some(TcpReading {
            flags: header.flags,
            sequence: header.sequence.0,
            acknowledgment: header.flags.has(Flags::ACK).then_some(header.acknowledgment.0),
            length: segment.payload.len(),
            closes_window: header.window == 0 && !header.flags.has(Flags::RST),
            blocks: blocks.map(|(start, end)| (start.0, end.0)).collect(),
            carries: carried(segment.payload),
        })
    }

    /// With numbers relative to the initial ones of its sender and of the other side.
    pub fn relative_to(&self, sender: u32, other: u32) -> TcpReading {
        TcpReading {
            sequence: self.sequence.wrapping_sub(sender),
            acknowledgment: self.acknowledgment.map(|number| number.wrapping_sub(other)),
            blocks: self
                .blocks
                .iter()
                .map(|(start, end)| (start.wrapping_sub(other), end.wrapping_sub(other)))
                .collect(),
            ..self.clone()
        }
    }

    /// Whether it opens or ends something, and does not just carry data or an acknowledgment.
    pub fn is_turning_point(&self) -> bool {
        [Flags::SYN, Flags::FIN, Flags::RST].into_iter().any(|flag| self.flags.has(flag))
    }
}

/// `SYN,ACK seq 0 ack 1`, `PSH,ACK seq 1 ack 1, 12 bytes`, `ACK seq 13 ack 1, SACK 1449–2897`.
impl fmt::Display for TcpReading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TCP {} seq {}", self.flags, self.sequence)?;
        if let Some(acknowledgment) = self.acknowledgment {
            write!(f, " ack {acknowledgment}")?;
        }
        match self.length {
            0 => {}
            1 => f.write_str(", 1 byte")?,
            length => write!(f, ", {length} bytes")?,
        }
        if self.closes_window {
            f.write_str(", window closed")?;
        }
        for (index, (start, end)) in self.blocks.iter().enumerate() {
            write!(f, "{} {start}–{end}", if index == 0 { ", SACK" } else { "," })?;
        }
        for (index, Carried { protocol, words }) in self.carries.iter().enumerate() {
            write!(f, "{} {protocol}: {words}", if index == 0 { ":" } else { ";" })?;
        }
        Ok(())
    }
}
