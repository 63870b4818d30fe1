//! The bytes of the establishment protocol.

use crate::data::Persistence;
use crate::data::dcep::{DcepError, DcepMessage, Open, fields};

fn open() -> Open {
    Open {
        ordered: false,
        persistence: Persistence::Retransmissions(3),
        priority: 256,
        label: "chat".to_owned(),
        protocol: "p".to_owned(),
    }
}

const BYTES: &[u8] = b"\x03\x81\x01\x00\x00\x00\x00\x03\x00\x04\x00\x01chatp";

#[test]
fn an_open_message_has_the_bytes_of_the_rfc() {
    let message = DcepMessage::Open(open());
    assert_eq!(message.to_bytes(), BYTES);
    assert_eq!(DcepMessage::parse(BYTES), Ok(message));
    assert_eq!(DcepMessage::parse(&[2]), Ok(DcepMessage::Ack));
}

#[test]
fn the_parameter_of_a_reliable_channel_is_ignored() {
    let mut bytes = BYTES.to_vec();
    bytes[1] = 0;
    let Ok(DcepMessage::Open(read)) = DcepMessage::parse(&bytes) else { panic!("an open message") };
    assert_eq!((read.ordered, read.persistence), (true, Persistence::Reliable));
}

#[test]
fn every_other_length_is_refused() {
    for end in 0..BYTES.len() {
        assert!(matches!(DcepMessage::parse(&BYTES[..end]), Err(DcepError::Length { .. })), "{end}");
    }
    let longer = [BYTES, b"x"].concat();
    assert_eq!(DcepMessage::parse(&longer), Err(DcepError::Length { found: 18, wanted: 17 }));
    assert_eq!(DcepMessage::parse(&[2, 2]), Err(DcepError::Length { found: 2, wanted: 1 }));
}

#[test]
fn unknown_types_and_broken_text_are_refused() {
    assert_eq!(DcepMessage::parse(&[7]), Err(DcepError::UnknownType(7)));
    let mut bytes = BYTES.to_vec();
    bytes[1] = 5;
    assert_eq!(DcepMessage::parse(&bytes), Err(DcepError::UnknownChannel(5)));
    let mut bytes = BYTES.to_vec();
    bytes[12] = 0xff;
    assert_eq!(DcepMessage::parse(&bytes), Err(DcepError::Text));
}

#[test]
fn fields_cover_the_bytes_of_whole_and_of_broken_messages() {
    for bytes in [BYTES, &BYTES[..14], &BYTES[..5], &[BYTES, b"more"].concat(), &[2], &[2, 9], &[7], &[]] {
        let shown = fields(bytes);
        let mut at = 0;
        for field in &shown {
            assert_eq!(field.range.start, at, "{shown:?}");
            at = field.range.end;
        }
        assert_eq!(at, bytes.len(), "{shown:?}");
    }
    let words: Vec<_> = fields(BYTES).into_iter().map(|field| field.value).collect();
    assert_eq!(words[1], "limited by retransmissions, unordered");
    assert_eq!(words[6], "\"chat\"");
}
