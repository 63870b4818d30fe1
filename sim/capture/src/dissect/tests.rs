//! Dissection: every link type, the headers above, and that each field names its own bytes.

use rtclab_rtc::stun::{Attribute, Builder, Method, TransactionId};

use super::*;
use crate::finding::FindingKind;

/// An IPv4 UDP packet from 192.0.2.1:4000 to 192.0.2.2:5000 with right checksums.
fn udp(payload: &[u8]) -> Vec<u8> {
    udp_to(5000, payload)
}

fn udp_to(port: u16, payload: &[u8]) -> Vec<u8> {
    let mut packet = Vec::new();
    etherparse::PacketBuilder::ipv4([192, 0, 2, 1], [192, 0, 2, 2], 64)
        .udp(4000, port)
        .write(&mut packet, payload)
        .unwrap();
    packet
}

fn request() -> Vec<u8> {
    Builder::request(Method::BINDING, TransactionId([7; 12])).attribute(&Attribute::Priority(99)).finish()
}

fn names(dissection: &Dissection) -> Vec<&str> {
    dissection.layers.iter().map(|layer| layer.name.as_ref()).collect()
}

const SUMMARY: &str = "UDP 192.0.2.1:4000 → 192.0.2.2:5000  STUN Binding request";

#[test]
fn every_link_type_leads_to_the_same_packet() {
    let ip = udp(&request());
    let with = |header: &[u8]| [header, &ip].concat();
    let ethernet = [2; 12];
    let cases: [(Encapsulation, Vec<u8>, &[&str]); 9] = [
        (Encapsulation::Ip, ip.clone(), &[]),
        (Encapsulation::Ethernet, with(&[&ethernet[..], &[8, 0]].concat()), &["Ethernet"]),
        (
            Encapsulation::Ethernet,
            with(&[&ethernet[..], &[0x81, 0, 0, 5, 8, 0]].concat()),
            &["Ethernet", "VLAN tag"],
        ),
        (
            Encapsulation::Ethernet,
            with(&[&ethernet[..], &[0x88, 0xa8, 0, 9, 0x81, 0, 0, 5, 8, 0]].concat()),
            &["Ethernet", "VLAN tag", "VLAN tag"],
        ),
        (
            Encapsulation::LinuxSll,
            with(&[0, 4, 0, 1, 0, 6, 1, 2, 3, 4, 5, 6, 0, 0, 8, 0]),
            &["Linux cooked capture"],
        ),
        (
            Encapsulation::LinuxSll2,
            with(&[8, 0, 0, 0, 0, 0, 0, 3, 0, 1, 0, 6, 1, 2, 3, 4, 5, 6, 0, 0]),
            &["Linux cooked capture v2"],
        ),
        (Encapsulation::Null, with(&[2, 0, 0, 0]), &["BSD loopback"]),
        (Encapsulation::Null, with(&[0, 0, 0, 2]), &["BSD loopback"]),
        (Encapsulation::Other(105), ip.clone(), &["Data"]),
    ];
    for (encapsulation, bytes, link) in cases {
        let dissection = dissect(encapsulation, &bytes);
        if matches!(encapsulation, Encapsulation::Other(_)) {
            assert_eq!(names(&dissection), link);
            continue;
        }
        assert_eq!(names(&dissection), [link, &["IPv4", "UDP", "STUN"]].concat());
        assert_eq!(dissection.summary(), SUMMARY);
        assert!(dissection.findings().is_empty(), "{:?}", dissection.findings());
    }
}

#[test]
fn vlan_tags_are_shown_outermost_first() {
    let bytes = [&[2; 12][..], &[0x88, 0xa8, 0, 9, 0x81, 0, 0, 5, 8, 0], &udp(b"")].concat();
    let dissection = dissect(Encapsulation::Ethernet, &bytes);
    let values: Vec<_> = dissection.layers[1..3].iter().map(|layer| layer.value.as_str()).collect();
    assert_eq!(values, ["VLAN 9", "VLAN 5"]);
    assert_eq!(dissection.layers[1].range, 14..18);
}

#[test]
fn ipv6_extension_headers_are_layers_of_their_own() {
    let mut packet = vec![0x60, 0, 0, 0, 0, 8 + 8 + 8, 0, 64];
    packet.extend([[0u8; 15].as_slice(), &[1], &[0; 15], &[2]].concat());
    packet.extend([60, 0, 1, 4, 0, 0, 0, 0]); // hop-by-hop, then
    packet.extend([17, 0, 1, 4, 0, 0, 0, 0]); // destination options, then
    packet.extend([0x0f, 0xa0, 0x13, 0x88, 0, 8, 0xdc, 0xa8]);
    let dissection = dissect(Encapsulation::Ip, &packet);
    assert_eq!(names(&dissection), ["IPv6", "IPv6 hop-by-hop options", "IPv6 destination options", "UDP"]);
    assert_eq!(dissection.layers[2].range, 48..56);
}

#[test]
fn a_later_fragment_has_no_transport_header() {
    let mut packet = udp(b"the middle of something");
    packet[6..8].copy_from_slice(&[0x20, 3]); // more fragments, at byte 24
    packet[20..22].copy_from_slice(&[0, 0]);
    let dissection = dissect(Encapsulation::Ip, &packet);
    assert_eq!(names(&dissection), ["IPv4", "Fragment"]);
    assert_eq!(dissection.summary(), "UDP 192.0.2.1 → 192.0.2.2  fragment at byte 24");
}

#[test]
fn an_icmp_error_shows_the_packet_that_it_quotes() {
    let quoted = udp(&request());
    let mut packet = Vec::new();
    let unreachable = etherparse::icmpv4::DestUnreachableHeader::Port;
    etherparse::PacketBuilder::ipv4([192, 0, 2, 2], [192, 0, 2, 1], 64)
        .icmpv4(etherparse::Icmpv4Type::DestinationUnreachable(unreachable))
        .write(&mut packet, &quoted)
        .unwrap();
    let dissection = dissect(Encapsulation::Ip, &packet);
    assert_eq!(names(&dissection), ["IPv4", "ICMP"]);
    assert_eq!(
        dissection.summary(),
        format!("ICMP 192.0.2.2 → 192.0.2.1  port unreachable, quoting {SUMMARY}")
    );
    let inner = dissection.find("Quoted packet").unwrap();
    assert_eq!(inner.find("PRIORITY").unwrap().value, "99");
}

#[test]
fn tcp_options_and_flags_are_fields() {
    let mut packet = Vec::new();
    etherparse::PacketBuilder::ipv4([192, 0, 2, 1], [192, 0, 2, 2], 64)
        .tcp(4000, 80, 1000, 512)
        .syn()
        .options(&[
            etherparse::TcpOptionElement::MaximumSegmentSize(1460),
            etherparse::TcpOptionElement::WindowScale(7),
            etherparse::TcpOptionElement::SelectiveAcknowledgementPermitted,
        ])
        .unwrap()
        .write(&mut packet, &[])
        .unwrap();
    let dissection = dissect(Encapsulation::Ip, &packet);
    let options: Vec<_> =
        dissection.layers[1].children.iter().filter(|field| field.name == "Option").collect();
    assert_eq!(options[0].value, "maximum segment size 1460");
    assert_eq!(options[1].value, "window scale 7 (times 128)");
    assert_eq!(dissection.summary(), "TCP 192.0.2.1:4000 → 192.0.2.2:80  [SYN] seq 1000, 0 bytes");
    assert!(dissection.findings().is_empty());
}

#[test]
fn what_turn_carries_is_part_of_the_tree() {
    let peer = "203.0.113.9:700".parse().unwrap();
    let inner = request();
    let send = Builder::indication(Method::SEND, TransactionId([1; 12]))
        .attribute(&Attribute::XorPeerAddress(peer))
        .attribute(&Attribute::Data(&inner))
        .finish();
    let dissection = dissect(Encapsulation::Ip, &udp(&send));
    let data = dissection.find("DATA").unwrap();
    assert_eq!(data.find("PRIORITY").unwrap().value, "99");
    assert!(dissection.summary().ends_with("STUN Send indication to 203.0.113.9:700:  STUN Binding request"));
    let channel = [&[0x40, 1][..], &(inner.len() as u16).to_be_bytes(), &inner].concat();
    let dissection = dissect(Encapsulation::Ip, &udp(&channel));
    assert_eq!(names(&dissection), ["IPv4", "UDP", "TURN channel data"]);
    assert!(dissection.find("STUN").is_some());
}

#[test]
fn several_messages_in_a_segment_are_several_layers() {
    let mut packet = Vec::new();
    etherparse::PacketBuilder::ipv4([192, 0, 2, 1], [192, 0, 2, 2], 64)
        .tcp(4000, 3478, 1, 512)
        .ack(1)
        .write(&mut packet, &[request(), request()].concat())
        .unwrap();
    assert_eq!(names(&dissect(Encapsulation::Ip, &packet)), ["IPv4", "TCP", "STUN", "STUN"]);
}

#[test]
fn payloads_are_told_apart_by_their_first_byte() {
    let dtls =
        [&[22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 13, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1][..], &[3]]
            .concat();
    let unified = [&[0x2e, 1, 2, 0, 16][..], &[9; 16]].concat();
    let rtp = [&[0x80, 96, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3][..], b"media"].concat();
    let rtcp = [&[0x80, 201, 0, 1, 0, 0, 0, 3][..], b"encrypted"].concat();
    let classic = [&[0, 1, 0, 0][..], &[5; 16]].concat();
    let cases: [(&[u8], &str, &str); 6] = [
        (&dtls, "DTLS", "DTLS ClientHello"),
        (&unified, "DTLS 1.3", "DTLS 1.3 encrypted record, 21 bytes"),
        (&rtp, "RTP", "RTP payload type 96, sequence 1, SSRC 0x00000003, 17 bytes"),
        (&rtcp, "RTCP", "RTCP receiver report"),
        (&classic, "Classic STUN", "classic STUN Binding request"),
        (b"hello", "Data", "5 bytes"),
    ];
    for (payload, layer, words) in cases {
        let dissection = dissect(Encapsulation::Ip, &udp(payload));
        assert_eq!(names(&dissection), ["IPv4", "UDP", layer]);
        assert!(dissection.summary().ends_with(words), "{}", dissection.summary());
        assert!(dissection.findings().is_empty(), "{}", dissection.to_text());
    }
}

#[test]
fn well_known_ports_are_not_taken_for_media() {
    let ntp = [&[0x23, 2, 6, 0xe9][..], &[0; 44]].concat();
    assert_eq!(names(&dissect(Encapsulation::Ip, &udp_to(123, &ntp))), ["IPv4", "UDP", "Data"]);
}

#[test]
fn arp_is_told_in_words() {
    let mut frame = [&[0xff; 6][..], &[2; 6], &[8, 6]].concat();
    frame.extend([0, 1, 8, 0, 6, 4, 0, 1, 2, 2, 2, 2, 2, 2, 192, 0, 2, 1, 0, 0, 0, 0, 0, 0, 192, 0, 2, 9]);
    let dissection = dissect(Encapsulation::Ethernet, &frame);
    assert_eq!(names(&dissection), ["Ethernet", "ARP"]);
    assert_eq!(dissection.summary(), "ARP who has 192.0.2.9? tell 192.0.2.1");
}

#[test]
fn wrong_checksums_are_found_at_their_field() {
    let mut packet = udp(b"hello");
    packet[27] ^= 1;
    let dissection = dissect(Encapsulation::Ip, &packet);
    let found = dissection.findings();
    assert_eq!((found.len(), found[0].kind), (1, FindingKind::WrongChecksum));
    assert_eq!(found[0].range, Some(26..28));
}

#[test]
fn a_damaged_stun_attribute_is_found_at_its_bytes() {
    let mut message = request();
    let last = message.len() - 1;
    message[last] ^= 1;
    let dissection = dissect(Encapsulation::Ip, &udp(&message));
    let fingerprint = dissection.find("FINGERPRINT").unwrap();
    assert_eq!(fingerprint.finding.as_ref().unwrap().kind, FindingKind::StunProblem);
    assert_eq!(fingerprint.range, 28 + 28..28 + 36);
}

#[test]
fn padding_of_short_frames_is_a_trailer() {
    let bytes = [&[2; 12][..], &[8, 0], &udp(b"hi"), &[0; 16]].concat();
    assert_eq!(names(&dissect(Encapsulation::Ethernet, &bytes)).last(), Some(&"Trailer"));
}

/// Every field lies inside the packet, and a part inside its whole.
fn check_ranges(field: &Field, within: &std::ops::Range<usize>, trail: &str) {
    let trail = format!("{trail} / {}", field.name);
    assert!(field.range.start <= field.range.end, "{trail}");
    assert!(within.start <= field.range.start && field.range.end <= within.end, "{trail} {:?}", field.range);
    field.children.iter().for_each(|child| check_ranges(child, &field.range, &trail));
}

#[test]
fn every_part_lies_inside_its_whole_however_short_the_packet_is() {
    let inner = request();
    let send = Builder::indication(Method::SEND, TransactionId([1; 12]))
        .attribute(&Attribute::XorPeerAddress("[2001:db8::1]:700".parse().unwrap()))
        .attribute(&Attribute::Data(&inner))
        .finish();
    let packet = [&[2; 12][..], &[0x81, 0, 0, 5, 8, 0], &udp(&send)].concat();
    for length in 0..=packet.len() {
        let dissection = dissect(Encapsulation::Ethernet, &packet[..length]);
        for layer in &dissection.layers {
            check_ranges(layer, &(0..length), "");
        }
    }
}
