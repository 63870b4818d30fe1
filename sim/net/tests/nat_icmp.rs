//! ICMP through NATs (RFC 5508): queries and errors.

mod common;

use std::net::SocketAddr;

use common::*;
use rtclab_net::wire::{icmp, ip};
use rtclab_net::{NatConfig, UnreachableKind};
use rtclab_trace::{NetReason, Protocol, SimTime};

#[test]
fn an_echo_passes_with_a_mapped_identifier_and_its_answer_comes_back() {
    let mut lab = home(NatConfig::port_restricted()).lab();
    for name in ["alice", "carol"] {
        lab.talk(name, Talker::new("0.0.0.0:4000"));
    }
    let bob = lab.address("bob");
    lab.ping("alice", bob, 7);
    lab.ping("carol", bob, 7);
    lab.run_ms(100);
    assert_eq!(lab.seen("alice"), [Seen::Echo(bob, 1)]);
    assert_eq!(lab.seen("carol"), [Seen::Echo(bob, 1)]);
    let mappings = lab.mappings("nat");
    assert!(mappings.iter().all(|(_, state)| state.protocol == Protocol::Icmp));
    let identifiers: Vec<u16> = mappings.iter().map(|(_, state)| state.external.port()).collect();
    assert!(identifiers[0] == 7 && identifiers[1] != 7, "{identifiers:?}");
}

#[test]
fn the_nat_itself_answers_an_echo_request_to_its_address() {
    let mut lab = home(NatConfig::port_restricted()).lab();
    lab.talk("bob", Talker::new("0.0.0.0:5000"));
    let outside = lab.addresses("nat")[1];
    lab.ping("bob", outside, 7);
    lab.run_ms(100);
    assert_eq!(lab.seen("bob"), [Seen::Echo(outside, 1)]);
    assert_eq!(lab.mappings("nat"), []);
}

#[test]
fn an_error_from_outside_reaches_the_socket_inside_with_the_address_it_knows() {
    let mut lab = home(NatConfig::symmetric()).lab();
    lab.talk("alice", Talker::new("0.0.0.0:4000"));
    let closed = SocketAddr::new(lab.address("bob"), 5000);
    lab.send("alice", closed, b"hello");
    lab.run_ms(100);
    assert_eq!(lab.seen("alice"), [Seen::Unreachable(UnreachableKind::Port, closed)]);
}

#[test]
fn an_error_from_inside_reaches_the_socket_outside_with_the_address_it_knows() {
    let mut lab = home(NatConfig::full_cone()).lab();
    lab.talk("alice", Talker::new("0.0.0.0:4000"));
    lab.talk("bob", Talker::new("0.0.0.0:5000"));
    let to_bob = SocketAddr::new(lab.address("bob"), 5000);
    lab.send("alice", to_bob, b"open");
    lab.run_ms(100);
    let external = lab.heard("bob")[0].0;
    let close =
        |talker: &mut Talker, host: &mut rtclab_net::Host<'_>| host.close(talker.socket.expect("started"));
    lab.world.with_program(lab.node("alice"), rtclab_net::ProgramId(0), None, close).expect("a talker");
    lab.send("bob", external, b"anybody there?");
    lab.run_ms(100);
    assert_eq!(lab.seen("bob").last(), Some(&Seen::Unreachable(UnreachableKind::Port, external)));
    // RFC 5508 REQ-5: the error comes from an external address.
    let trace = lab.world.trace();
    let mut report =
        trace.entries().filter(|(_, entry)| matches!(entry.change, rtclab_trace::Change::Delivered { .. }));
    let bytes = trace.bytes_at(report.next_back().expect("delivered").0).expect("of a packet");
    assert_eq!(ip::Header::parse(&bytes).map(|header| header.source), Ok(external.ip()));
}

#[test]
fn errors_neither_renew_nor_end_a_mapping() {
    let mut lab = home(NatConfig::full_cone()).lab();
    lab.talk("alice", Talker::new("0.0.0.0:4000"));
    let closed = SocketAddr::new(lab.address("bob"), 5000);
    lab.send("alice", closed, b"hello");
    lab.run_ms(400_000);
    assert_eq!(lab.seen("alice").len(), 1);
    assert_eq!(lab.times_of(NetReason::MappingExpired), [SimTime::from_millis(300_010)]);
    assert_eq!(lab.mappings("nat").len(), 2, "made, expired");
}

#[test]
fn an_error_about_what_has_no_mapping_goes_no_further() {
    let mut lab = home(NatConfig::full_cone()).lab();
    lab.talk("bob", Talker::new("0.0.0.0:5000"));
    let (bob, outside) = (lab.address("bob"), lab.addresses("nat")[1]);
    let mut quoted = Vec::new();
    let from = SocketAddr::new(outside, 4000);
    rtclab_net::wire::udp::build(&mut quoted, from, SocketAddr::new(bob, 9), 60, b"never sent");
    let mut error = Vec::new();
    icmp::build_error(&mut error, bob, outside, icmp::ErrorKind::PortUnreachable, &quoted);
    lab.send_raw("bob", &error);
    lab.run_ms(100);
    let rule = format!("no mapping for the quoted endpoint {from}");
    assert_eq!(lab.drops(), [(NetReason::NoMapping, rule)]);
}

#[test]
fn a_ttl_that_runs_out_at_the_nat_makes_no_mapping() {
    let mut lab = home(NatConfig::full_cone()).lab();
    lab.talk("alice", Talker::new("0.0.0.0:4000"));
    lab.set_ttl("alice", 1);
    let bob = SocketAddr::new(lab.address("bob"), 5000);
    lab.send("alice", bob, b"hello");
    lab.run_ms(100);
    assert_eq!(lab.seen("alice"), [Seen::Unreachable(UnreachableKind::TimeExceeded, bob)]);
    assert_eq!(lab.mappings("nat"), []);
}

#[test]
fn an_error_about_a_translated_packet_quotes_it_as_its_sender_knows_it() {
    // Too narrow outside for what fits inside; the NAT itself has to say so (RFC 4787 REQ-13).
    let draft = Draft::new().network("home", millis(1)).host("alice", &["home"]).host("bob", &[]);
    let mut draft = draft;
    draft.0.add_nat("nat", NatConfig::full_cone()).expect("new");
    let draft = draft.attach("nat", "home", rtclab_net::Attachment::new());
    let mut draft = draft;
    let wan = rtclab_net::Attachment::new().outside().link(millis(1).with_mtu(1_000));
    let (nat, bob) = (draft.id("nat"), draft.id("bob"));
    draft.0.connect_as(nat, wan, bob, rtclab_net::Attachment::new()).expect("connected");
    let mut lab = draft.lab();
    lab.talk("alice", Talker::new("0.0.0.0:4000"));
    let bob = SocketAddr::new(lab.address("bob"), 5000);
    lab.send("alice", bob, &[0; 1_200]);
    lab.run_ms(100);
    assert_eq!(lab.seen("alice"), [Seen::Unreachable(UnreachableKind::TooBig { mtu: 1_000 }, bob)]);
}

#[test]
fn what_is_neither_udp_nor_icmp_is_not_translated() {
    let mut lab = home(NatConfig::full_cone()).lab();
    lab.talk("alice", Talker::new("0.0.0.0:4000"));
    let mut bytes = Vec::new();
    ip::build(&mut bytes, lab.address("alice"), lab.address("bob"), 132, 64, 0);
    lab.send_raw("alice", &bytes);
    lab.run_ms(100);
    assert_eq!(lab.drops(), [(NetReason::NotTranslatable, "protocol 132 is not translated".to_string())]);
}
