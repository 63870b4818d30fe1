//! What `rtclab inspect` says of the shipped captures, beside capinfos and tshark: the same number of packets, and every STUN
//! message with the same type, transaction id and mapped address.

use std::path::Path;

use rtclab_capture::{CaptureFile, trace_of};
use rtclab_tests::{files_below, from_top, output_of, root};
use serde_json::Value;

fn captures() -> Vec<std::path::PathBuf> {
    let folder = root().join("captures");
    let mut files = files_below(&folder, ".pcapng");
    files.extend(files_below(&folder, ".pcap"));
    assert!(files.len() >= 4, "the shipped captures are not where this test looks");
    files
}

fn inspect(path: &Path) -> Value {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let capture = CaptureFile::read(&bytes);
    trace_of(&capture).1.to_json()
}

#[test]
fn packet_counts_are_those_of_capinfos() {
    for path in captures() {
        let table = output_of("capinfos", &["-T", "-M", "-r", "-c", &path.to_string_lossy()]);
        let count = table.trim().rsplit('\t').next().and_then(|count| count.parse::<u64>().ok());
        assert_eq!(inspect(&path)["packets"].as_u64(), count, "{}", from_top(&path));
    }
}

/// Packet number, message type, transaction id and mapped address of each STUN message.
type StunMessage = (u64, String, String, Option<String>);

#[test]
fn every_stun_message_that_tshark_sees_is_reported_alike() {
    for path in captures() {
        let ours: Vec<StunMessage> =
            inspect(&path)["stun"].as_array().expect("a list").iter().map(our_message).collect();
        assert_eq!(ours, tshark_messages(&path), "{}", from_top(&path));
    }
}

fn our_message(message: &Value) -> StunMessage {
    let text = |key: &str| message[key].as_str().expect("a string").to_string();
    let kind = format!("{} {}", text("method"), text("class"));
    let mapped = message["mapped"].as_str().map(str::to_string);
    (message["packet"].as_u64().expect("a number"), kind, text("transaction"), mapped)
}

/// From tshark's XML, which keeps the fields of each message together.
fn tshark_messages(path: &Path) -> Vec<StunMessage> {
    let pdml = output_of("tshark", &["-r", &path.to_string_lossy(), "-Y", "stun.type", "-T", "pdml"]);
    pdml.split("<packet>").skip(1).flat_map(messages_of_packet).collect()
}

/// The value of an attribute of a PDML element.
fn attribute<'a>(element: &'a str, name: &str) -> Option<&'a str> {
    let start = element.find(&format!(" {name}=\""))? + name.len() + 3;
    element[start..].split('"').next()
}

fn messages_of_packet(packet: &str) -> Vec<StunMessage> {
    let number =
        packet.split("<field name=\"frame.number\"").nth(1).and_then(|field| attribute(field, "show"));
    let number = number.and_then(|number| number.parse().ok()).expect("every packet has a number");
    packet
        .split("<proto name=\"stun\"")
        .skip(1)
        .filter_map(|proto| {
            let proto = proto.split("</proto>").next().unwrap_or(proto);
            let kind = value_of(proto, "stun.type", "show")?;
            let kind = u16::from_str_radix(kind.trim_start_matches("0x"), 16).expect("a type is hexadecimal");
            let id = value_of(proto, "stun.id", "value")?.to_string();
            Some((number, type_words(kind), id, mapped_address(proto)))
        })
        .collect()
}

fn value_of<'a>(proto: &'a str, field: &str, which: &str) -> Option<&'a str> {
    let element = proto.split(&format!("<field name=\"{field}\"")).nth(1)?;
    attribute(element.split('>').next()?, which)
}

/// RFC 8489 §5: class bits C1 and C0 are bits 8 and 4 of the type; the rest is the method.
fn type_words(kind: u16) -> String {
    let class = ["request", "indication", "success", "error"][usize::from((kind >> 7 & 2) | (kind >> 4 & 1))];
    let method = match (kind & 0xf) | (kind >> 1 & 0x70) | (kind >> 2 & 0xf80) {
        1 => "binding".to_string(),
        3 => "allocate".into(),
        4 => "refresh".into(),
        6 => "send".into(),
        7 => "data".into(),
        8 => "create-permission".into(),
        9 => "channel-bind".into(),
        other => other.to_string(),
    };
    format!("{method} {class}")
}

/// From XOR-MAPPED-ADDRESS (0x0020) or, without one, MAPPED-ADDRESS (0x0001).
fn mapped_address(proto: &str) -> Option<String> {
    let attributes: Vec<&str> = proto.split("<field name=\"stun.attribute\"").skip(1).collect();
    [0x0020, 0x0001].iter().find_map(|wanted| {
        let block = attributes.iter().find(|block| {
            value_of(block, "stun.att.type", "show")
                .and_then(|kind| u16::from_str_radix(kind.trim_start_matches("0x"), 16).ok())
                == Some(*wanted)
        })?;
        let port = value_of(block, "stun.att.port", "show")?;
        match value_of(block, "stun.att.ipv4", "show") {
            Some(address) => Some(format!("{address}:{port}")),
            None => Some(format!("[{}]:{port}", value_of(block, "stun.att.ipv6", "show")?)),
        }
    })
}
