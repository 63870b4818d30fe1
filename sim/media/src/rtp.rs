//! Frames in RTP packets and back (RFC 3550), with a payload of our own that says which part of which frame it is.
//!
//! A packet's payload starts with 20 bytes, in network order: frame number (4), part (2), parts (2), capture time in
//! nanoseconds (8), frame size with the key-frame bit on top (4). The rest stands for coded picture.

use std::collections::BTreeMap;

use rtclab_rtc::Time;
use rtp_types::{RtpPacket, RtpPacketBuilder};

use crate::encoder::Frame;

/// Bytes of our payload header.
const HEADER_BYTES: usize = 20;
/// The RTP clock of video (RFC 3551 §5).
const CLOCK_HZ: u64 = 90_000;
/// A dynamic payload type (RFC 3551 §6).
const PAYLOAD_TYPE: u8 = 96;
/// The bit of the size word that marks a key frame.
const KEY_BIT: u32 = 1 << 31;
/// Frames that may be incomplete at a time; the oldest is given up for a newer one.
const INCOMPLETE_FRAMES_MAX: usize = 64;

/// Why a datagram is not one of ours.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RtpError {
    /// It is no RTP packet (RFC 3550 §5.1).
    #[error("not an RTP packet: {0}")]
    NotRtp(String),
    /// Its payload is shorter than our header.
    #[error("the payload has {0} bytes; a part of a frame begins with {HEADER_BYTES}")]
    TooShort(usize),
    /// The header contradicts itself.
    #[error("part {part} of {parts} does not exist")]
    NoSuchPart {
        /// Which part it claims to be.
        part: u16,
        /// Of how many.
        parts: u16,
    },
}

/// Cuts frames into packets.
#[derive(Debug)]
pub struct Packetizer {
    ssrc: u32,
    sequence: u16,
    payload_bytes_max: usize,
}

impl Packetizer {
    /// For a stream of that SSRC, starting at that sequence number, with UDP payloads of at most `datagram_bytes_max`.
    pub fn new(ssrc: u32, sequence: u16, datagram_bytes_max: usize) -> Packetizer {
        // 12 bytes of RTP header without CSRCs and extensions (RFC 3550 §5.1).
        let payload_bytes_max = datagram_bytes_max.saturating_sub(12).max(HEADER_BYTES + 1);
        Packetizer { ssrc, sequence, payload_bytes_max }
    }

    /// The packets of a frame, the last one marked (RFC 3550 §5.1: the marker of a video profile).
    pub fn packets(&mut self, frame: &Frame) -> Vec<Vec<u8>> {
        let room = self.payload_bytes_max - HEADER_BYTES;
        let parts = (frame.bytes as usize).div_ceil(room).clamp(1, usize::from(u16::MAX));
        let timestamp =
            (u128::from(frame.captured_at.as_nanos()) * u128::from(CLOCK_HZ) / 1_000_000_000) as u32;
        (0..parts)
            .map(|part| {
                let length = room.min((frame.bytes as usize).saturating_sub(part * room));
                let payload = part_payload(frame, part as u16, parts as u16, length);
                let packet = RtpPacketBuilder::<&[u8], &[u8]>::new()
                    .payload_type(PAYLOAD_TYPE)
                    .marker_bit(part + 1 == parts)
                    .sequence_number(self.sequence)
                    .timestamp(timestamp)
                    .ssrc(self.ssrc)
                    .payload(&payload[..])
                    .write_vec()
                    .expect("a valid payload type and no extension make a valid packet");
                self.sequence = self.sequence.wrapping_add(1);
                packet
            })
            .collect()
    }
}

fn part_payload(frame: &Frame, part: u16, parts: u16, length: usize) -> Vec<u8> {
    let mut payload = Vec::with_capacity(HEADER_BYTES + length);
    payload.extend_from_slice(&frame.number.to_be_bytes());
    payload.extend_from_slice(&part.to_be_bytes());
    payload.extend_from_slice(&parts.to_be_bytes());
    payload.extend_from_slice(&frame.captured_at.as_nanos().to_be_bytes());
    let size = (frame.bytes & !KEY_BIT) | if frame.key { KEY_BIT } else { 0 };
    payload.extend_from_slice(&size.to_be_bytes());
    payload.resize(HEADER_BYTES + length, 0);
    payload
}

/// A frame that arrived whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AssembledFrame {
    /// Its number.
    pub number: u32,
    /// Whether it is a key frame.
    pub key: bool,
    /// When the camera took it.
    pub captured_at: Time,
    /// When its first packet arrived.
    pub first_at: Time,
    /// When its last missing packet arrived.
    pub complete_at: Time,
    /// Its size in bytes.
    pub bytes: u32,
}

#[derive(Debug)]
struct Incomplete {
    missing: u32,
    seen: Vec<bool>,
    first_at: Time,
}

/// Puts frames together again, from packets in any order.
#[derive(Debug, Default)]
pub struct FrameAssembler {
    incomplete: BTreeMap<u32, Incomplete>,
    /// Frames up to here were completed or given up.
    given_up: u64,
    /// Packets that carried nothing new: repeated, or of a frame given up.
    useless: u64,
}

impl FrameAssembler {
    /// Takes a packet; returns its frame if that is whole now.
    pub fn handle_packet(&mut self, bytes: &[u8], now: Time) -> Result<Option<AssembledFrame>, RtpError> {
        let packet = RtpPacket::parse(bytes).map_err(|error| RtpError::NotRtp(error.to_string()))?;
        let payload = packet.payload();
        let Some((header, _)) = payload.split_first_chunk::<HEADER_BYTES>() else {
            return Err(RtpError::TooShort(payload.len()));
        };
        let [n0, n1, n2, n3, p0, p1, c0, c1, t0, t1, t2, t3, t4, t5, t6, t7, s0, s1, s2, s3] = *header;
        let number = u32::from_be_bytes([n0, n1, n2, n3]);
        let (part, parts) = (u16::from_be_bytes([p0, p1]), u16::from_be_bytes([c0, c1]));
        let captured_at = Time::from_nanos(u64::from_be_bytes([t0, t1, t2, t3, t4, t5, t6, t7]));
        let size = u32::from_be_bytes([s0, s1, s2, s3]);
        if part >= parts {
            return Err(RtpError::NoSuchPart { part, parts });
        }
        let Some(first_at) = self.note_part(number, part, parts, now) else { return Ok(None) };
        let (key, bytes) = (size & KEY_BIT != 0, size & !KEY_BIT);
        Ok(Some(AssembledFrame { number, key, captured_at, first_at, complete_at: now, bytes }))
    }

    /// How many packets carried nothing new.
    pub fn useless_packets(&self) -> u64 {
        self.useless
    }

    /// How many frames wait for packets that may never come.
    pub fn incomplete_frames(&self) -> usize {
        self.incomplete.len()
    }

    /// Notes a part; returns the arrival of the frame's first packet if this was the last one missing.
    fn note_part(&mut self, number: u32, part: u16, parts: u16, now: Time) -> Option<Time> {
        if u64::from(number) < self.given_up && !self.incomplete.contains_key(&number) {
            self.useless += 1;
            return None;
        }
        let frame = self.incomplete.entry(number).or_insert_with(|| Incomplete {
            missing: u32::from(parts),
            seen: vec![false; usize::from(parts)],
            first_at: now,
        });
        match frame.seen.get_mut(usize::from(part)) {
            Some(seen) if !*seen => *seen = true,
            _ => {
                self.useless += 1;
                return None;
            }
        }
        frame.missing -= 1;
        let (missing, first_at) = (frame.missing, frame.first_at);
        if missing == 0 {
            self.incomplete.remove(&number);
            self.given_up = self.given_up.max(u64::from(number) + 1);
            return Some(first_at);
        }
        if self.incomplete.len() > INCOMPLETE_FRAMES_MAX
            && let Some((oldest, _)) = self.incomplete.pop_first()
        {
            self.given_up = self.given_up.max(u64::from(oldest) + 1);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn frame(number: u32, bytes: u32) -> Frame {
        let captured_at = Time::from_millis(u64::from(number) * 33);
        Frame { number, key: number == 0, captured_at, encoded_at: captured_at, bytes }
    }

    #[test]
    fn a_frame_comes_out_whole_whatever_the_order_of_its_packets() {
        let mut packets = Packetizer::new(7, u16::MAX, 1200).packets(&frame(0, 5000));
        assert_eq!(packets.len(), 5);
        packets.reverse();
        let mut assembler = FrameAssembler::default();
        let mut whole = None;
        for (index, packet) in packets.iter().enumerate() {
            assert_eq!(whole, None);
            whole = assembler.handle_packet(packet, Time::from_millis(index as u64)).expect("ours");
        }
        let whole = whole.expect("complete");
        assert_eq!((whole.number, whole.key, whole.bytes), (0, true, 5000));
        assert_eq!((whole.first_at, whole.complete_at), (Time::ZERO, Time::from_millis(4)));
    }

    #[test]
    fn a_repeated_packet_is_counted_and_changes_nothing() {
        let packets = Packetizer::new(7, 0, 1200).packets(&frame(3, 2000));
        let mut assembler = FrameAssembler::default();
        assert_eq!(assembler.handle_packet(&packets[0], Time::ZERO), Ok(None));
        assert_eq!(assembler.handle_packet(&packets[0], Time::ZERO), Ok(None));
        assert_eq!(assembler.useless_packets(), 1);
        assert!(assembler.handle_packet(&packets[1], Time::ZERO).expect("ours").is_some());
        assert_eq!(assembler.handle_packet(&packets[1], Time::ZERO), Ok(None));
    }

    #[test]
    fn frames_that_never_come_whole_do_not_pile_up() {
        let mut packetizer = Packetizer::new(7, 0, 1200);
        let mut assembler = FrameAssembler::default();
        for number in 0..1000 {
            let packets = packetizer.packets(&frame(number, 2000));
            assert_eq!(assembler.handle_packet(&packets[0], Time::ZERO), Ok(None));
        }
        assert!(assembler.incomplete_frames() <= INCOMPLETE_FRAMES_MAX);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]
        #[test]
        fn any_bytes_are_taken_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..96)) {
            let mut assembler = FrameAssembler::default();
            let _ = assembler.handle_packet(&bytes, Time::ZERO);
            prop_assert!(assembler.incomplete_frames() <= 1);
        }
    }
}
