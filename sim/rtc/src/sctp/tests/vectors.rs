//! The bytes themselves: what is written reads back, nothing that is read panics, fields cover the packet.

use proptest::prelude::*;

use super::line::Line;
use crate::sctp::wire::{Chunk, Data, ForwardTsn, Packet, ParseError, Sack};
use crate::sctp::{Config, error_name, fields};

#[test]
fn the_checksum_is_castagnoli_with_its_least_byte_first() {
    let packet = Packet { source_port: 1, destination_port: 2, verification_tag: 3, chunks: vec![] };
    let mut bytes = packet.to_bytes();
    // crc32c over 00 01 00 02 00 00 00 03 00 00 00 00.
    assert_eq!(Packet::parse(&bytes), Ok(packet));
    bytes[11] ^= 1;
    assert!(matches!(Packet::parse(&bytes), Err(ParseError::Checksum { .. })));
    assert_eq!(crc::Crc::<u32>::new(&crc::CRC_32_ISCSI).checksum(b"123456789"), 0xe306_9283);
}

#[test]
fn what_every_run_sends_reads_back_and_has_fields() {
    let mut line = Line::up(1);
    line.send(0, 0, vec![1; 5_000]);
    line.run(std::time::Duration::from_secs(1));
    for packet in line.packets(0).into_iter().chain(line.packets(1)) {
        let parsed = Packet::parse(packet).expect("we read what we write");
        assert_eq!(parsed.to_bytes(), packet);
        let fields = fields(packet);
        assert!(fields.iter().all(|field| field.problem.is_none() && field.range.end <= packet.len()));
        assert!(fields.len() >= 4 + parsed.chunks.len());
    }
    assert!(Config::default().packet_size < 1_200);
}

#[test]
fn causes_have_names() {
    assert_eq!(error_name(&[0, 12, 0, 4]), Some("user-initiated abort"));
    assert_eq!(error_name(&[]), None);
}

fn any_chunk() -> impl Strategy<Value = Chunk> {
    let bytes = || prop::collection::vec(any::<u8>(), 1..40);
    prop_oneof![
        (any::<[bool; 4]>(), any::<u32>(), any::<u16>(), any::<u16>(), any::<u32>(), bytes()).prop_map(
            |([immediate, unordered, begins, ends], tsn, stream, sequence, protocol, payload)| Chunk::Data(
                Data { immediate, unordered, begins, ends, tsn, stream, sequence, protocol, payload }
            )
        ),
        (
            any::<u32>(),
            any::<u32>(),
            prop::collection::vec(any::<(u16, u16)>(), 0..5),
            prop::collection::vec(any::<u32>(), 0..5)
        )
            .prop_map(|(cumulative_tsn, window, gaps, duplicates)| Chunk::Sack(Sack {
                cumulative_tsn,
                window,
                gaps,
                duplicates
            })),
        (any::<u32>(), prop::collection::vec(any::<(u16, u16)>(), 0..5))
            .prop_map(|(cumulative_tsn, streams)| Chunk::ForwardTsn(ForwardTsn { cumulative_tsn, streams })),
        bytes().prop_map(Chunk::Heartbeat),
        bytes().prop_map(Chunk::CookieEcho),
        Just(Chunk::CookieAck),
        any::<u32>().prop_map(Chunk::Shutdown),
    ]
}

proptest! {
    #[test]
    fn written_packets_read_back(chunks in prop::collection::vec(any_chunk(), 0..6), tag: u32) {
        let packet = Packet { source_port: 5000, destination_port: 5000, verification_tag: tag, chunks };
        prop_assert_eq!(Packet::parse(&packet.to_bytes()), Ok(packet));
    }

    #[test]
    fn no_bytes_make_an_association_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..120), repair: bool) {
        let mut line = Line::up(2);
        if repair && bytes.len() >= 12 {
            // With the right ports, tag and checksum, it gets past the first doors.
            bytes[..4].copy_from_slice(&[0x13, 0x88, 0x13, 0x88]);
            bytes[4..8].copy_from_slice(&line.ends[1].association.snapshot().local_tag.to_be_bytes());
            bytes[8..12].fill(0);
            let sum = crc::Crc::<u32>::new(&crc::CRC_32_ISCSI).checksum(&bytes);
            bytes[8..12].copy_from_slice(&sum.to_le_bytes());
        }
        let _ = fields(&bytes);
        line.inject(1, &bytes);
    }
}
