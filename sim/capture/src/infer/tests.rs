//! Inference: order of time, nodes, causes, transactions, streams, sessions.

use rtclab_rtc::ice;
use rtclab_rtc::stun::{
    Attribute, Builder, Message as StunMessageView, Method, TransactionId, TransactionState,
};
use rtclab_trace::NodeKind;

use super::*;
use crate::link_type::LinkType;
use crate::read::{Interface, Resolution};
use crate::report::{Outcome, TcpState};

const ALICE: &str = "192.168.1.2:5000";
const NAT: &str = "203.0.113.11:6000";
const SERVER: &str = "203.0.113.1:3478";

fn socket(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

fn ip(text: &str) -> [u8; 4] {
    match socket(text).ip() {
        std::net::IpAddr::V4(address) => address.octets(),
        std::net::IpAddr::V6(_) => unreachable!("the tests use IPv4"),
    }
}

fn udp(from: &str, to: &str, payload: &[u8]) -> Vec<u8> {
    let mut packet = Vec::new();
    etherparse::PacketBuilder::ipv4(ip(from), ip(to), 64)
        .udp(socket(from).port(), socket(to).port())
        .write(&mut packet, payload)
        .unwrap();
    packet
}

fn tcp(from: &str, to: &str, sequence: u32, bits: u8, payload: &[u8]) -> Vec<u8> {
    let mut header = etherparse::TcpHeader::new(socket(from).port(), socket(to).port(), sequence, 512);
    header.syn = bits & flags::SYN != 0;
    header.ack = bits & flags::ACK != 0;
    header.fin = bits & flags::FIN != 0;
    header.rst = bits & flags::RST != 0;
    let mut packet = Vec::new();
    etherparse::PacketBuilder::ipv4(ip(from), ip(to), 64)
        .tcp_header(header)
        .write(&mut packet, payload)
        .unwrap();
    packet
}

fn id(number: u8) -> TransactionId {
    TransactionId([number; 12])
}

fn request(number: u8) -> Vec<u8> {
    Builder::request(Method::BINDING, id(number)).finish()
}

fn response(number: u8, mapped: &str) -> Vec<u8> {
    let request = request(number);
    let request = StunMessageView::parse(&request).unwrap();
    Builder::success(&request).attribute(&Attribute::XorMappedAddress(socket(mapped))).finish()
}

/// Packets at so many milliseconds, on one interface of raw IP.
fn infer(packets: &[(i64, Vec<u8>)]) -> (Trace, Report) {
    let mut capture = CaptureFile::default();
    capture.interfaces = vec![Interface::unnamed(LinkType::RAW, 0, Resolution::NANOSECONDS)];
    let packets = packets.iter().map(|(at_ms, data)| Packet {
        at_ns: Some(at_ms * 1_000_000),
        interface: 0,
        original_length: data.len() as u32,
        direction: None,
        data,
    });
    capture.packets = packets.collect();
    trace_of(&capture)
}

/// The entry of a packet, by its place in order of time.
fn captured(trace: &Trace, number: u32) -> EntryId {
    trace.entries_of(Entity::Packet(PacketId(number)))[0]
}

/// The states of all transactions, in the order of the log.
fn states(trace: &Trace) -> Vec<TransactionState> {
    let states = trace.entries().filter_map(|(_, entry)| match &entry.change {
        Change::Protocol(change) => match **change {
            ice::Change::Transaction(ref snapshot) => Some(snapshot.state),
            _ => None,
        },
        _ => None,
    });
    states.collect()
}

#[test]
fn packets_come_in_order_of_time_and_the_first_is_the_origin() {
    let (trace, report) =
        infer(&[(1_020, udp(ALICE, SERVER, b"later")), (1_000, udp(ALICE, SERVER, b"earlier"))]);
    assert_eq!(trace.entry(captured(&trace, 0)).at, SimTime::ZERO);
    assert_eq!(trace.entry(captured(&trace, 1)).at, SimTime::from_millis(20));
    assert_eq!(trace.packets().bytes(PacketId(0), 0, 0)[28..], *b"earlier");
    assert_eq!(report.started_at_ns, Some(1_000_000_000));
    assert_eq!(report.duration, Duration::from_millis(20));
}

#[test]
fn addresses_become_nodes_and_pairs_of_them_links() {
    let (trace, _) = infer(&[(0, udp(ALICE, SERVER, b"x")), (1, udp(SERVER, ALICE, b"y"))]);
    let names: Vec<_> = trace.topology().nodes().map(|(_, node)| (node.name.as_str(), node.kind)).collect();
    assert_eq!(names, [("192.168.1.2", NodeKind::Address), ("203.0.113.1", NodeKind::Address)]);
    assert_eq!(trace.topology().links().len(), 1);
    let ends: Vec<_> = (0..2)
        .map(|number| match trace.entry(captured(&trace, number)).change {
            Change::Captured { end } => end.end,
            _ => u8::MAX,
        })
        .collect();
    assert_eq!(ends, [0, 1], "each packet at the end that sent it");
}

#[test]
fn addresses_that_find_no_room_share_a_node() {
    let packets: Vec<_> = (0..66_000u32)
        .map(|number| {
            let from = std::net::Ipv4Addr::from(0x0a00_0000 + number);
            (0, udp(&format!("{from}:5000"), SERVER, b"x"))
        })
        .collect();
    let (trace, report) = infer(&packets);
    assert_eq!(trace.packets().len(), 66_000);
    assert!(trace.topology().nodes().len() < usize::from(u16::MAX));
    assert!(report.findings.iter().any(|finding| finding.kind == FindingKind::TooManyAddresses));
}

#[test]
fn a_response_is_caused_by_its_request_and_ends_the_transaction() {
    let (trace, report) =
        infer(&[(0, udp(ALICE, SERVER, &request(1))), (30, udp(SERVER, ALICE, &response(1, NAT)))]);
    assert_eq!(trace.entry(captured(&trace, 1)).cause, Some(captured(&trace, 0)));
    assert_eq!(states(&trace), [TransactionState::Pending, TransactionState::Succeeded]);
    let one = &report.transactions[0];
    assert_eq!((one.request, one.response, one.mapped), (1, Some(2), Some(socket(NAT))));
    assert_eq!(one.round_trip, Some(Duration::from_millis(30)));
    assert_eq!(report.stun.len(), 2);
    assert_eq!(report.protocols["stun"], 2);
}

#[test]
fn an_error_response_refuses() {
    let asked = request(1);
    let refused = Builder::error(&StunMessageView::parse(&asked).unwrap(), 401).finish();
    let (trace, report) = infer(&[(0, udp(ALICE, SERVER, &asked)), (1, udp(SERVER, ALICE, &refused))]);
    assert_eq!(states(&trace).last(), Some(&TransactionState::Refused(401)));
    assert_eq!(report.transactions[0].outcome, Outcome::Refused(401));
}

#[test]
fn a_request_that_is_sent_again_counts_and_is_caused_by_the_first() {
    let (trace, report) =
        infer(&[(0, udp(ALICE, SERVER, &request(1))), (500, udp(ALICE, SERVER, &request(1)))]);
    assert_eq!(report.transactions[0].transmissions, 2);
    assert_eq!(trace.entry(captured(&trace, 1)).cause, Some(captured(&trace, 0)));
    assert_eq!(states(&trace), [TransactionState::Pending; 2]);
    assert_eq!(report.transactions[0].outcome, Outcome::Unanswered);
}

#[test]
fn a_copy_of_a_packet_is_kept_but_is_no_retransmission() {
    let (trace, report) =
        infer(&[(0, udp(ALICE, SERVER, &request(1))), (1, udp(ALICE, SERVER, &request(1)))]);
    assert_eq!(report.packets, 2);
    assert_eq!(report.transactions[0].transmissions, 1);
    assert_eq!(trace.packets().len(), 2);
}

#[test]
fn a_request_without_an_answer_times_out_when_nobody_waits_any_more() {
    let (trace, report) = infer(&[(0, udp(ALICE, SERVER, &request(1))), (60_000, udp(ALICE, NAT, b"x"))]);
    assert_eq!(report.transactions[0].outcome, Outcome::TimedOut);
    let (_, timed_out) = trace.entries().find(|(_, entry)| entry.reason.is_some()).unwrap();
    assert_eq!(timed_out.at, SimTime::from_millis(39_500));
}

#[test]
fn behind_a_nat_the_request_is_caused_by_the_one_in_front_and_the_response_the_other_way() {
    let (trace, report) = infer(&[
        (0, udp(ALICE, SERVER, &request(1))),
        (1, udp(NAT, SERVER, &request(1))),
        (30, udp(SERVER, NAT, &response(1, NAT))),
        (31, udp(SERVER, ALICE, &response(1, NAT))),
    ]);
    let causes: Vec<_> = (0..4).map(|number| trace.entry(captured(&trace, number)).cause).collect();
    let entry = |number| Some(captured(&trace, number));
    assert_eq!(causes, [None, entry(0), entry(1), entry(2)]);
    assert_eq!(report.transactions.len(), 2);
}

#[test]
fn an_icmp_error_is_caused_by_what_it_quotes() {
    let asked = udp(ALICE, SERVER, &request(1));
    let mut error = Vec::new();
    let unreachable = etherparse::icmpv4::DestUnreachableHeader::Port;
    etherparse::PacketBuilder::ipv4(ip(SERVER), ip(ALICE), 64)
        .icmpv4(etherparse::Icmpv4Type::DestinationUnreachable(unreachable))
        .write(&mut error, &asked)
        .unwrap();
    let (trace, report) = infer(&[(0, asked), (1, error)]);
    assert_eq!(trace.entry(captured(&trace, 1)).cause, Some(captured(&trace, 0)));
    let quoted: Vec<_> = report.stun.iter().map(|message| (message.packet, message.quoted)).collect();
    assert_eq!(quoted, [(1, false), (2, true)]);
    assert_eq!(report.transactions[0].icmp_error, Some(2));
}

#[test]
fn a_message_that_spans_segments_belongs_to_the_packet_in_which_it_ends() {
    let message = Builder::request(Method::ALLOCATE, id(9)).finish();
    let (head, tail) = message.split_at(11);
    let (_, report) = infer(&[
        (0, tcp(ALICE, SERVER, 99, flags::SYN, b"")),
        (1, tcp(SERVER, ALICE, 199, flags::SYN | flags::ACK, b"")),
        (2, tcp(ALICE, SERVER, 100, flags::ACK, head)),
        (3, tcp(ALICE, SERVER, 100, flags::ACK, head)),
        (4, tcp(ALICE, SERVER, 111, flags::ACK, tail)),
    ]);
    assert_eq!(report.stun.len(), 1);
    assert_eq!((report.stun[0].packet, report.stun[0].over_tcp), (5, true));
    assert_eq!(report.tcp[0].bytes, [message.len() as u64, 0]);
    assert_eq!(report.tcp[0].retransmissions, [1, 0]);
}

#[test]
fn tcp_connections_are_told_by_how_they_began_and_ended() {
    let close = |port: u16| format!("192.168.1.2:{port}");
    let [closed, refused, silent] = [close(1001), close(1002), close(1003)];
    let (trace, report) = infer(&[
        (0, tcp(&closed, SERVER, 1, flags::SYN, b"")),
        (1, tcp(SERVER, &closed, 1, flags::SYN | flags::ACK, b"")),
        (2, tcp(&closed, SERVER, 2, flags::ACK | flags::FIN, b"")),
        (3, tcp(SERVER, &closed, 2, flags::ACK | flags::FIN, b"")),
        (4, tcp(&refused, SERVER, 1, flags::SYN, b"")),
        (5, tcp(SERVER, &refused, 0, flags::RST | flags::ACK, b"")),
        (6, tcp(&silent, SERVER, 1, flags::SYN, b"")),
        (7, tcp(&closed, SERVER, 77, flags::SYN, b"")),
    ]);
    let tcp_states: Vec<_> = report.tcp.iter().map(|one| one.state).collect();
    use TcpState::{Closed, Refused, Unanswered};
    assert_eq!(tcp_states, [Closed, Refused, Unanswered, Unanswered]);
    assert_eq!(trace.entry(captured(&trace, 1)).cause, Some(captured(&trace, 0)));
    assert_eq!(trace.entry(captured(&trace, 5)).cause, Some(captured(&trace, 4)));
}

/// A check from one fragment to the other.
fn check(number: u8, name: &str, controlling: bool) -> Vec<u8> {
    let builder = Builder::request(Method::BINDING, id(number))
        .attribute(&Attribute::Username(name))
        .attribute(&Attribute::Priority(1));
    let builder = if controlling {
        builder.attribute(&Attribute::IceControlling(5)).attribute(&Attribute::UseCandidate)
    } else {
        builder.attribute(&Attribute::IceControlled(6))
    };
    builder.finish()
}

#[test]
fn checks_between_two_fragments_are_one_session_with_its_nominated_path() {
    let bob = "203.0.113.12:7000";
    let (_, report) = infer(&[
        (0, udp(ALICE, bob, &check(1, "bob:alice", true))),
        (1, udp(bob, ALICE, &check(2, "alice:bob", false))),
        (2, udp(ALICE, bob, &response(2, bob))),
        (3, udp(bob, ALICE, &response(1, NAT))),
    ]);
    assert_eq!(report.calls.len(), 1);
    let call = &report.calls[0];
    assert_eq!((call.checks, call.answered, call.state()), (2, 2, "connected"));
    assert_eq!(call.controlling.as_deref(), Some("alice"));
    let selected = call.selected.unwrap();
    assert_eq!((selected.from, selected.to, selected.relayed), (socket(ALICE), socket(bob), false));
}

#[test]
fn checks_that_turn_carries_belong_to_a_relayed_path() {
    let peer = socket("203.0.113.1:50001");
    let carry = |method, data: &[u8]| {
        Builder::indication(method, id(200))
            .attribute(&Attribute::XorPeerAddress(peer))
            .attribute(&Attribute::Data(data))
            .finish()
    };
    let bind = Builder::request(Method::CHANNEL_BIND, id(3))
        .attribute(&Attribute::ChannelNumber(0x4000))
        .attribute(&Attribute::XorPeerAddress(peer))
        .finish();
    let answer = response(1, NAT);
    let channel = [&[0x40, 0][..], &(answer.len() as u16).to_be_bytes(), &answer].concat();
    let (trace, report) = infer(&[
        (0, udp(ALICE, SERVER, &carry(Method::SEND, &check(1, "bob:alice", true)))),
        (1, udp(ALICE, SERVER, &bind)),
        (2, udp(SERVER, ALICE, &channel)),
    ]);
    let selected = report.calls[0].selected.unwrap();
    assert_eq!((selected.from, selected.to, selected.relayed), (socket(ALICE), peer, true));
    assert_eq!(trace.entry(captured(&trace, 2)).cause, Some(captured(&trace, 0)));
    assert_eq!(report.stun.len(), 2, "what is carried is not a message of its own");
}

#[test]
fn the_report_has_the_keys_that_other_programs_rely_on() {
    let (_, mut report) =
        infer(&[(0, udp(ALICE, SERVER, &request(1))), (30, udp(SERVER, ALICE, &response(1, NAT)))]);
    report.file = "a.pcapng".into();
    let json = report.to_json();
    for key in ["file", "packets", "findings", "protocols", "stun", "tcp", "calls"] {
        assert!(json.get(key).is_some(), "{key}");
    }
    assert_eq!(json["stun"][1]["packet"], 2);
    assert_eq!(json["stun"][1]["class"], "success");
    assert_eq!(json["stun"][1]["method"], "binding");
    assert_eq!(json["stun"][1]["transaction"], "010101010101010101010101");
    assert_eq!(json["stun"][1]["mapped"], NAT);
    assert!(json["stun"][0]["mapped"].is_null());
    let text = report.to_text();
    assert!(text.contains("Binding: succeeded, mapped address 203.0.113.11:6000, 30.000 ms"), "{text}");
}

#[test]
fn the_trace_of_a_capture_has_the_stable_forms_of_every_trace() {
    let (trace, _) =
        infer(&[(0, udp(ALICE, SERVER, &request(1))), (1, udp(SERVER, ALICE, &response(1, NAT)))]);
    let mut text = Vec::new();
    trace.write_text(&mut text).unwrap();
    trace.write_json_lines(&mut text).unwrap();
    assert!(String::from_utf8(text).unwrap().contains("captured at 192.168.1.2.interface0"));
}
