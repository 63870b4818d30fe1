//! The field table.

use proptest::prelude::*;

use super::vectors;
use crate::stun::{Attribute, AttributeType, Builder, IntegrityKey, Method, TransactionId, fields};

fn text(bytes: &[u8]) -> String {
    let line = |field: crate::stun::Field| {
        let indent = "  ".repeat(field.depth.into());
        let problem = field.problem.map(|problem| format!(" !! {problem}")).unwrap_or_default();
        format!(
            "{:>3}..{:<3} {indent}{}: {}{problem}\n",
            field.range.start, field.range.end, field.name, field.value
        )
    };
    fields(bytes).into_iter().map(line).collect()
}

#[test]
fn every_byte_of_a_vector_has_its_field() {
    let expected = "
  0..2   Message Type: Binding success response (0x0101)
  2..4   Message Length: 60
  4..8   Magic Cookie: 0x2112a442
  8..20  Transaction ID: b7e7a701bc34d686fa87dfae
 20..36  SOFTWARE: test vector
 20..22    Type: 0x8022
 22..24    Length: 11
 24..35    Value: 11 bytes
 35..36    Padding: 1 bytes
 36..48  XOR-MAPPED-ADDRESS: 192.0.2.1:32853
 36..38    Type: 0x0020
 38..40    Length: 8
 41..42    Family: IPv4 (0x01)
 42..44    Port: 32853 (0xa147 on the wire)
 44..48    Address: 192.0.2.1 (225.18.166.67 on the wire)
 48..72  MESSAGE-INTEGRITY: 2b91f599fd9e90c38c7489f92af9ba53f06be7d7
 48..50    Type: 0x0008
 50..52    Length: 20
 52..72    Value: 20 bytes
 72..80  FINGERPRINT: 0xc07d4c96
 72..74    Type: 0x8028
 74..76    Length: 4
 76..80    Value: 4 bytes
";
    assert_eq!(format!("\n{}", text(&vectors::ipv4_response())), expected);
}

#[test]
fn what_is_wrong_stands_at_its_place() {
    let key = IntegrityKey::short_term("x");
    let wire = Builder::request(Method::BINDING, TransactionId([0; 12]))
        .attribute(&Attribute::Unknown { kind: AttributeType::PRIORITY, value: &[1] })
        .sign(&key)
        .attribute(&Attribute::UseCandidate)
        .finish();
    let problems = |bytes: &[u8]| -> Vec<(usize, String)> {
        fields(bytes).into_iter().filter_map(|field| Some((field.range.start, field.problem?))).collect()
    };
    let unprotected = "stands behind MESSAGE-INTEGRITY, so it is not protected and ignored";
    let expected = [(20, "the value has 1 bytes, expected 4".to_owned()), (52, unprotected.to_owned())];
    assert_eq!(problems(&wire), expected);
    let mut damaged = wire.clone();
    damaged[8] ^= 0xFF;
    let last = problems(&damaged).pop().unwrap();
    assert_eq!(last.0, 56);
    assert!(last.1.starts_with("FINGERPRINT at byte 56 is "), "{}", last.1);
    let cut = problems(&wire[..50]);
    assert_eq!(cut[0].1, "the length at byte 2 says 44 bytes of attributes, but 30 follow the header");
    assert_eq!(cut[2].1, "MESSAGE-INTEGRITY at byte 28 says 20 bytes of value, but only 18 are left");
    assert_eq!(problems(&wire[..7]), [(0, "a STUN header has 20 bytes, here are 7".to_owned())]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn any_bytes_have_fields_inside_them_in_order(mut bytes in prop::collection::vec(any::<u8>(), 0..200), honest: bool) {
        if honest && bytes.len() >= 20 {
            let length = (bytes.len() - 20) as u16;
            bytes[2..4].copy_from_slice(&length.to_be_bytes());
        }
        let mut whole = 0;
        for field in fields(&bytes) {
            prop_assert!(field.range.start <= field.range.end && field.range.end <= bytes.len());
            if field.depth == 0 {
                prop_assert_eq!(field.range.start, whole, "wholes stand side by side");
                whole = field.range.end;
            } else {
                prop_assert!(field.range.end <= whole, "a part lies in its whole");
            }
        }
        prop_assert_eq!(whole, bytes.len(), "no byte is left out");
    }
}
