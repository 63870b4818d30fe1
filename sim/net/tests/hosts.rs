//! What programs rely on: sockets, errors, echoes, timers, several interfaces, both families.

mod common;

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use common::*;
use rtclab_net::*;
use rtclab_trace::{NetReason, SimTime};

fn lan(families: Families) -> Lab {
    let draft = Draft::new().network("lan", millis(1)).families("lan", families);
    draft.host("alice", &["lan"]).host("bob", &["lan"]).lab()
}

#[test]
fn a_closed_port_is_told_to_the_socket_that_sent() {
    for families in [Families::V4, Families::V6] {
        let mut lab = lan(families);
        let any = if families == Families::V4 { "0.0.0.0:4000" } else { "[::]:4000" };
        lab.talk("alice", Talker::new(any));
        let bob = SocketAddr::new(lab.address("bob"), 5000);
        lab.send("alice", bob, b"hello");
        lab.run_ms(50);
        assert_eq!(lab.drops(), [(NetReason::PortClosed, "no socket on UDP port 5000".to_string())]);
        assert_eq!(lab.seen("alice"), [Seen::Unreachable(UnreachableKind::Port, bob)]);
    }
}

#[test]
fn an_error_report_is_caused_by_the_drop_it_reports() {
    let mut lab = lan(Families::V4);
    lab.talk("alice", Talker::new("0.0.0.0:4000"));
    let bob = SocketAddr::new(lab.address("bob"), 5000);
    lab.send("alice", bob, b"hello");
    lab.run_ms(50);
    let trace = lab.world.trace();
    let report = trace.entries().find(|(_, entry)| entry.reason == Some(NetReason::IcmpGenerated.into()));
    let cause = report.expect("recorded").1.cause.expect("caused");
    assert_eq!(trace.entry(cause).reason, Some(NetReason::PortClosed.into()));
}

#[test]
fn a_protocol_that_nobody_speaks_is_refused() {
    let mut lab = lan(Families::V4);
    lab.talk("alice", Talker::new("0.0.0.0:4000"));
    let mut bytes = Vec::new();
    wire::ip::build(&mut bytes, lab.address("alice"), lab.address("bob"), 132, 64, 0);
    lab.send_raw("alice", &bytes);
    lab.run_ms(50);
    assert_eq!(lab.drops(), [(NetReason::ProtocolUnknown, "protocol 132".to_string())]);
    assert_eq!(lab.times_of(NetReason::IcmpGenerated).len(), 1);
}

#[test]
fn every_host_answers_an_echo_request() {
    for families in [Families::V4, Families::V6] {
        let mut lab = lan(families);
        lab.talk("alice", Talker::new("0.0.0.0:4000"));
        let bob = lab.address("bob");
        lab.ping("alice", bob, 7);
        lab.run_ms(50);
        assert_eq!(lab.seen("alice"), [Seen::Echo(bob, 1)]);
        assert_eq!(lab.times_of(NetReason::EchoReplied).len(), 1);
    }
}

#[test]
fn a_host_reaches_itself_without_a_link() {
    let mut lab = lan(Families::V4);
    lab.talk("alice", Talker::new("0.0.0.0:4000"));
    let own = SocketAddr::new(lab.address("alice"), 4000);
    lab.send("alice", own, b"note to self");
    lab.run_ms(0);
    assert_eq!(lab.heard("alice"), [(own, b"note to self".to_vec())]);
    assert_eq!(lab.world.trace().counters().hops, 0);
}

#[test]
fn a_dual_stack_host_has_an_address_and_a_way_in_each_family() {
    let mut lab = lan(Families::Dual);
    lab.talk("alice", Talker::new("0.0.0.0:4000"));
    for (place, any) in ["0.0.0.0:5000", "[::]:5000"].into_iter().enumerate() {
        let bob = lab.node("bob");
        let program = lab.world.install(bob, Box::new(Talker::new(any))).expect("a host");
        lab.run_ms(1);
        let alice = lab.node("alice");
        let sender = if place == 0 { "0.0.0.0:0" } else { "[::]:0" };
        let sender = lab.world.install(alice, Box::new(Talker::new(sender))).expect("a host");
        lab.run_ms(1);
        let to = SocketAddr::new(lab.addresses("bob")[place], 5000);
        let act = |talker: &mut Talker, host: &mut Host<'_>| {
            host.send_udp(talker.socket.expect("started"), to, b"hello", None, None)
        };
        lab.world.with_program(alice, sender, None, act).expect("a talker").expect("sent");
        lab.run_ms(50);
        let heard = &lab.world.program::<Talker>(bob, program).expect("a talker").seen;
        let from_alice = lab.addresses("alice")[place];
        assert!(matches!(heard[0].1, Seen::Datagram { from, .. } if from.ip() == from_alice), "{heard:?}");
    }
    let wrong = lab.try_send("alice", SocketAddr::new(lab.addresses("bob")[1], 5000), b"hello");
    assert_eq!(wrong, Err(SendError::WrongFamily));
}

#[test]
fn a_bound_socket_leaves_by_the_interface_of_its_address() {
    let draft = Draft::new().network("wifi", millis(1)).network("cell", millis(1)).network("core", millis(1));
    let mut lab = draft
        .router("r1", &["wifi", "core"])
        .router("r2", &["cell", "core"])
        .host("alice", &["wifi", "cell"])
        .host("bob", &["core"])
        .lab();
    let [wifi, cell] = lab.addresses("alice")[..] else { panic!("two addresses") };
    lab.talk("bob", Talker::new("0.0.0.0:5000"));
    let bob = SocketAddr::new(lab.address("bob"), 5000);
    let alice = lab.node("alice");
    for (address, first_router) in [(wifi, "r1"), (cell, "r2")] {
        let bind = SocketAddr::new(address, 0).to_string();
        let program = lab.world.install(alice, Box::new(Talker::new(&bind))).expect("a host");
        lab.run_ms(1);
        let act = |talker: &mut Talker, host: &mut Host<'_>| {
            host.send_udp(talker.socket.expect("started"), bob, b"hello", None, None)
        };
        lab.world.with_program(alice, program, None, act).expect("a talker").expect("sent");
        lab.run_ms(50);
        assert_eq!(lab.heard("bob").last().expect("arrived").0.ip(), address);
        assert!(lab.hops_to(first_router) > 0, "{first_router}");
    }
}

#[test]
fn an_unbound_socket_takes_its_address_from_the_route() {
    let draft = Draft::new().network("lan", millis(1)).network("other", millis(1));
    let mut lab = draft.host("alice", &["other", "lan"]).host("bob", &["lan"]).lab();
    lab.talk("alice", Talker::new("0.0.0.0:4000"));
    lab.talk("bob", Talker::new("0.0.0.0:5000"));
    let bob = SocketAddr::new(lab.address("bob"), 5000);
    lab.send("alice", bob, b"hello");
    lab.run_ms(50);
    assert_eq!(lab.heard("bob")[0].0.ip(), lab.addresses("alice")[1]);
}

#[test]
fn a_send_without_a_way_fails_and_leaves_a_drop() {
    let mut lab = lan(Families::V4);
    lab.talk("alice", Talker::new("0.0.0.0:4000"));
    let bob = lab.address("bob");
    let outcomes = ["8.8.8.8:1", "224.0.1.251:5353", "255.255.255.255:1", "203.0.113.200:1"]
        .map(|to| lab.try_send("alice", to.parse().expect("an address"), b"hello"));
    let no_route = Err(SendError::NoRoute);
    assert_eq!(outcomes, [no_route, no_route, no_route, Err(SendError::NoNeighbor)]);
    let reasons: Vec<NetReason> = lab.drops().into_iter().map(|(reason, _)| reason).collect();
    let expected = [NetReason::NoRoute, NetReason::NoRoute, NetReason::NoRoute, NetReason::NoNeighbor];
    assert_eq!(reasons, expected);
    let too_long = lab.try_send("alice", SocketAddr::new(bob, 1), &[0; 65_508]);
    assert_eq!(too_long, Err(SendError::TooLong));
}

/// Sets timers in its own way and remembers when they came.
#[derive(Debug, Default)]
struct Alarm {
    rang: Vec<(u64, SimTime)>,
}

impl Program for Alarm {
    fn start(&mut self, host: &mut Host<'_>) {
        for (millis, token) in [(10, 0), (20, 1), (30, 2), (5, 3)] {
            host.set_timer(SimTime::from_millis(millis), token);
        }
        host.set_timer(SimTime::from_millis(40), 0);
        host.set_timer(SimTime::from_millis(15), 2);
        host.cancel_timer(1);
    }

    fn timer(&mut self, host: &mut Host<'_>, token: u64) {
        self.rang.push((token, host.now()));
        if token == 3 {
            host.set_timer(host.now() + Duration::from_millis(1), 4);
        }
    }
}

#[test]
fn a_timer_rings_once_when_it_was_last_set_to() {
    let mut lab = lan(Families::V4);
    let alice = lab.node("alice");
    let program = lab.world.install(alice, Box::new(Alarm::default())).expect("a host");
    lab.run_ms(100);
    let rang: Vec<(u64, u64)> = lab
        .world
        .program::<Alarm>(alice, program)
        .expect("installed")
        .rang
        .iter()
        .map(|(token, at)| (*token, at.as_nanos() / 1_000_000))
        .collect();
    assert_eq!(rang, [(3, 5), (4, 6), (2, 15), (0, 40)]);
}

#[test]
fn programs_on_one_host_have_streams_of_their_own() {
    let mut lab = lan(Families::V4);
    let draw = |lab: &mut Lab, name: &str| {
        let node = lab.node(name);
        let program = lab.world.install(node, Box::new(Alarm::default())).expect("a host");
        let act = |_: &mut Alarm, host: &mut Host<'_>| [host.randomness().u64(), host.randomness().u64()];
        lab.world.with_program(node, program, None, act).expect("an alarm")
    };
    let mut drawn: Vec<u64> =
        ["alice", "alice", "bob"].iter().flat_map(|name| draw(&mut lab, name)).collect();
    drawn.sort_unstable();
    drawn.dedup();
    assert_eq!(drawn.len(), 6);
}

#[test]
fn only_hosts_and_routers_run_programs() {
    let mut lab = lan(Families::V4);
    let network = lab.node("lan");
    let refused = lab.world.install(network, Box::new(Alarm::default()));
    assert_eq!(refused, Err(ActionError::NotAHost("lan".into())));
}

#[test]
fn a_socket_is_bound_only_to_what_the_host_has_and_is_free() {
    let mut lab = lan(Families::V4);
    lab.talk("alice", Talker::new("0.0.0.0:4000"));
    let foreign: IpAddr = lab.address("bob");
    let act = |_: &mut Talker, host: &mut Host<'_>| {
        let any = IpAddr::from([0, 0, 0, 0]);
        (host.bind_udp(foreign, 0), host.bind_udp(any, 4000))
    };
    let outcome = lab.world.with_program(lab.node("alice"), ProgramId(0), None, act).expect("a talker");
    let in_use = BindError::InUse("0.0.0.0:4000".parse().expect("an address"));
    assert_eq!(outcome, (Err(BindError::AddressNotAvailable(foreign)), Err(in_use)));
}
