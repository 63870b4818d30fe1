//! Firewalls that follow connections: their timers, what belongs to none, what does not look like TLS, fragments, states in rules, counters.

mod common;

use std::net::SocketAddr;
use std::time::Duration;

use common::*;
use rtclab_net::firewall::{Action, PacketState, Rule, Way};
use rtclab_net::tcp::{Flags, Header, SequenceNumber};
use rtclab_net::wire::{fragment, ip, udp};
use rtclab_net::{Attachment, Families, FirewallConfig, Fragmentation, Plan};
use rtclab_trace::{Change, Entity, NetReason, SimTime, TcpFlowPhase};

/// alice behind `wall`, bob outside; no TCP of theirs answers what is sent by hand.
fn office(config: FirewallConfig) -> (Lab, [SocketAddr; 2]) {
    let mut lab = Draft::new()
        .network("office", millis(5))
        .network("internet", millis(5))
        .families("office", Families::V4)
        .firewall("wall", config, "office", "internet")
        .host("alice", &["office"])
        .host("bob", &["internet"])
        .lab();
    for name in ["alice", "bob"] {
        lab.talk(name, Talker::new("0.0.0.0:4000"));
        lab.with_socket(name, |host, _| host.take_protocol(ip::TCP));
    }
    let ends = [("alice", 50_000), ("bob", 443)].map(|(name, port)| SocketAddr::new(lab.address(name), port));
    (lab, ends)
}

/// Lets the owner of `from` send a segment with these bytes at this place of its stream.
fn segment(lab: &mut Lab, [from, to]: [SocketAddr; 2], flags: Flags, sequence: u32, payload: &[u8]) {
    let header = Header {
        source_port: from.port(),
        destination_port: to.port(),
        sequence: SequenceNumber(sequence),
        flags,
        window: 65_535,
        ..Header::default()
    };
    let segment = header.emit(payload, from.ip(), to.ip());
    let mut bytes = Vec::new();
    ip::build(&mut bytes, from.ip(), to.ip(), ip::TCP, 64, segment.len());
    bytes.extend_from_slice(&segment);
    let sender = if lab.address("alice") == from.ip() { "alice" } else { "bob" };
    lab.send_raw(sender, &bytes);
    lab.run_ms(50);
}

fn handshake(lab: &mut Lab, [alice, bob]: [SocketAddr; 2]) {
    segment(lab, [alice, bob], Flags::SYN, 999, b"");
    segment(lab, [bob, alice], Flags::SYN | Flags::ACK, 1_999, b"");
    segment(lab, [alice, bob], Flags::ACK, 1_000, b"");
}

/// The phases that were told, one after the other.
fn phases(lab: &Lab) -> Vec<TcpFlowPhase> {
    let told = lab.world.trace().entries().filter_map(|(_, entry)| match &entry.change {
        Change::Flow(state) if state.active => state.tcp,
        _ => None,
    });
    let mut phases: Vec<_> = told.collect();
    phases.dedup();
    phases
}

fn gone_at(lab: &Lab) -> Vec<SimTime> {
    lab.times_of(NetReason::FlowExpired)
}

#[test]
fn a_connection_is_followed_from_its_handshake_to_its_end() {
    let (mut lab, [alice, bob]) = office(FirewallConfig::home());
    handshake(&mut lab, [alice, bob]);
    segment(&mut lab, [alice, bob], Flags::FIN | Flags::ACK, 1_000, b"");
    segment(&mut lab, [bob, alice], Flags::FIN | Flags::ACK, 2_000, b"");
    assert_eq!(phases(&lab), [TcpFlowPhase::Opening, TcpFlowPhase::Established, TcpFlowPhase::Closing]);
    assert_eq!(lab.drops(), []);
}

#[test]
fn an_idle_connection_is_remembered_for_two_hours_and_four_minutes_and_an_opening_one_for_four_minutes() {
    let (mut lab, ends) = office(FirewallConfig::home());
    segment(&mut lab, ends, Flags::SYN, 999, b"");
    lab.run_ms(300_000);
    assert_eq!(gone_at(&lab), [SimTime::from_millis(240_010)]);
    let (mut lab, ends) = office(FirewallConfig::home());
    handshake(&mut lab, ends);
    lab.run_ms(7_500_000);
    assert_eq!(gone_at(&lab), [SimTime::from_millis(7_440_110)]);
}

#[test]
fn a_reset_connection_is_soon_forgotten() {
    let (mut lab, [alice, bob]) = office(FirewallConfig::home());
    handshake(&mut lab, [alice, bob]);
    segment(&mut lab, [bob, alice], Flags::RST, 2_000, b"");
    assert_eq!(phases(&lab).last(), Some(&TcpFlowPhase::Reset));
    lab.run_ms(11_000);
    assert_eq!(gone_at(&lab).len(), 1);
}

#[test]
fn the_same_ports_may_be_used_again_after_the_end() {
    let (mut lab, [alice, bob]) = office(FirewallConfig::home());
    handshake(&mut lab, [alice, bob]);
    segment(&mut lab, [bob, alice], Flags::RST, 2_000, b"");
    segment(&mut lab, [alice, bob], Flags::SYN, 9_000, b"");
    assert_eq!(phases(&lab).last(), Some(&TcpFlowPhase::Opening));
}

#[test]
fn a_segment_of_no_connection_is_dropped_whichever_way_it_goes() {
    let (mut lab, [alice, bob]) = office(FirewallConfig::home());
    segment(&mut lab, [alice, bob], Flags::ACK, 1_000, b"");
    segment(&mut lab, [bob, alice], Flags::SYN | Flags::ACK, 1_000, b"");
    let denied = (NetReason::FlowOutOfState, "established: no such connection".to_string());
    assert_eq!(lab.drops(), [denied.clone(), denied]);
}

#[test]
fn both_sides_may_open_at_once() {
    let (mut lab, [alice, bob]) = office(FirewallConfig::home());
    segment(&mut lab, [alice, bob], Flags::SYN, 999, b"");
    segment(&mut lab, [bob, alice], Flags::SYN, 1_999, b"");
    segment(&mut lab, [bob, alice], Flags::ACK, 2_000, b"");
    assert_eq!(phases(&lab), [TcpFlowPhase::Opening, TcpFlowPhase::Established]);
    assert_eq!(lab.drops(), []);
}

const CLIENT_HELLO: [u8; 8] = [22, 3, 1, 0, 200, 1, 0, 0];

#[test]
fn what_begins_like_tls_passes_the_inspection_and_nothing_else_does() {
    let told = |first: &[u8]| {
        let (mut lab, [alice, bob]) = office(FirewallConfig::tls_inspected());
        handshake(&mut lab, [alice, bob]);
        segment(&mut lab, [alice, bob], Flags::ACK, 1_000, first);
        segment(&mut lab, [bob, alice], Flags::ACK, 2_000, b"answer");
        lab.drops()
    };
    assert_eq!(told(&CLIENT_HELLO), []);
    let denied = (NetReason::FlowNotTls, "rule 1: allow HTTPS: not TLS".to_string());
    assert_eq!(
        told(b"GET / HTTP/1.1"),
        [denied.clone(), denied.clone()],
        "the answer is not let pass either"
    );
    // STUN over TCP.
    assert_eq!(told(&[0, 1, 0, 8]), [denied.clone(), denied]);
}

#[test]
fn inspection_looks_at_the_port_of_its_rule_only() {
    let (mut lab, [alice, bob]) = office(FirewallConfig::tls_inspected());
    let web = SocketAddr::new(bob.ip(), 80);
    handshake(&mut lab, [alice, web]);
    segment(&mut lab, [alice, web], Flags::ACK, 1_000, b"GET / HTTP/1.1");
    assert_eq!(lab.drops(), []);
}

#[test]
fn a_rule_may_ask_for_the_state_of_a_packet() {
    let new = Rule::new("out", Action::Allow).way(Way::Outbound).state(PacketState::New);
    let answers = Rule::new("answers", Action::Allow).state(PacketState::Established);
    let stateless = |rules| FirewallConfig { stateful: false, ..FirewallConfig::new(rules) };
    for (rules, heard) in [(vec![new.clone()], 0), (vec![new, answers], 1)] {
        let (mut lab, [alice, bob]) = office(stateless(rules));
        let [alice, bob] = [alice, bob].map(|end| SocketAddr::new(end.ip(), 4000));
        lab.send("alice", bob, b"question");
        lab.run_ms(50);
        lab.send("bob", alice, b"answer");
        lab.run_ms(50);
        assert_eq!(lab.heard("alice").len(), heard);
    }
}

#[test]
fn a_rule_about_established_packets_comes_before_what_lets_them_pass() {
    let mut config = FirewallConfig::home();
    config
        .rules
        .insert(0, Rule::new("no answers", Action::Drop).way(Way::Inbound).state(PacketState::Established));
    let (mut lab, [alice, bob]) = office(config);
    let [alice, bob] = [alice, bob].map(|end| SocketAddr::new(end.ip(), 4000));
    lab.send("alice", bob, b"question");
    lab.run_ms(50);
    lab.send("bob", alice, b"answer");
    lab.run_ms(50);
    assert_eq!(lab.drops(), [(NetReason::DeniedByFirewall, "rule 1: no answers".to_string())]);
}

#[test]
fn fragments_share_the_fate_of_the_first() {
    let (mut lab, [alice, bob]) = office(FirewallConfig::home());
    let [alice, bob] = [alice, bob].map(|end| SocketAddr::new(end.ip(), 4000));
    lab.with_socket("bob", |host, socket| host.set_fragmentation(socket, Fragmentation::Anywhere));
    lab.send("bob", alice, &[7; 3_000]);
    lab.run_ms(100);
    assert_eq!(lab.heard("alice"), []);
    lab.send("alice", bob, b"question");
    lab.run_ms(50);
    lab.send("bob", alice, &[7; 3_000]);
    lab.run_ms(100);
    assert_eq!(lab.heard("alice").len(), 1);
    let denied: Vec<_> = lab.drops();
    assert_eq!(denied, vec![(NetReason::DeniedByFirewall, "rule 2: block inbound".to_string()); 3]);
}

#[test]
fn a_later_fragment_without_its_first_is_dropped() {
    let (mut lab, [alice, bob]) = office(FirewallConfig::home());
    let mut whole = Vec::new();
    udp::build(&mut whole, alice, bob, 64, &[7; 1_000]);
    fragment::allow(&mut whole, 9);
    let parts = fragment::split(&whole, 600, 0).expect("split");
    lab.send_raw("alice", &parts[1]);
    lab.run_ms(50);
    let denied = (NetReason::FlowFragmentAlone, "established: no first fragment".to_string());
    assert_eq!(lab.drops(), [denied]);
}

#[test]
fn rules_count_what_they_decide_and_the_trace_hears_of_it_once_a_second() {
    let (mut lab, [alice, bob]) = office(FirewallConfig::home());
    let [alice, bob] = [alice, bob].map(|end| SocketAddr::new(end.ip(), 4000));
    for _ in 0..250 {
        lab.send("alice", bob, &[0; 72]);
        lab.run_ms(10);
    }
    lab.send("bob", SocketAddr::new(alice.ip(), 9), b"");
    lab.run_ms(2_000);
    let trace = lab.world.trace();
    let entries = trace.entries_of(Entity::Firewall(lab.node("wall")));
    assert_eq!(entries.len(), 4, "at once, and after 1, 2 and 3 s");
    let Change::Firewall(state) = &trace.entry(*entries.last().expect("told")).change else {
        panic!("counters")
    };
    let counts: Vec<(u64, u64)> = state.rules.iter().map(|rule| (rule.packets, rule.bytes)).collect();
    // Known flows, the rule that let the first pass, the one that denied, no rule.
    assert_eq!(counts, [(249, 24_900), (1, 100), (1, 28), (0, 0)]);
    assert_eq!(trace.entry(entries[0]).reason, Some(NetReason::FirewallCounted.into()));
}

#[test]
fn each_preset_lets_pass_what_its_name_says() {
    let passes = |config: FirewallConfig, port: u16| {
        let (mut lab, [alice, bob]) = office(config);
        segment(&mut lab, [alice, SocketAddr::new(bob.ip(), port)], Flags::SYN, 999, b"");
        lab.drops().is_empty()
    };
    let ports = |config: fn() -> FirewallConfig| [80, 443, 3128, 5000].map(|port| passes(config(), port));
    assert_eq!(ports(FirewallConfig::web_only), [true, true, false, false]);
    assert_eq!(ports(FirewallConfig::tls_inspected), [true, true, false, false]);
    assert_eq!(ports(FirewallConfig::http_proxy_only), [false, false, true, false]);
    assert_eq!(ports(FirewallConfig::udp_blocked), [true; 4]);
    assert_eq!(ports(FirewallConfig::deny_private_peers), [true; 4]);
    let private = |to: &str| {
        let (mut lab, _) = office(FirewallConfig::deny_private_peers());
        lab.send("alice", to.parse().expect("an endpoint"), b"");
        lab.run_ms(50);
        lab.drops()
    };
    let denied = (NetReason::NoRoute, "no route to 10.1.2.3".to_string());
    assert_eq!(
        private("10.1.2.3:9"),
        [denied],
        "nothing private is routed here, and a firewall asks for the route first"
    );
}

#[test]
fn a_relay_does_not_get_to_the_private_neighbors_of_its_network() {
    let lab = |config| {
        let mut plan = Plan::new();
        let prefix = |text: &str| text.parse().expect("a prefix");
        let nets = [("rack", "198.51.100.0/24"), ("internet", "203.0.113.0/24"), ("intranet", "10.1.2.0/24")];
        let [rack, internet, intranet] =
            nets.map(|(name, text)| plan.add_network(name, &[prefix(text)], millis(1)).expect("a new name"));
        let wall = plan.add_firewall("wall", config).expect("a new name");
        plan.attach(wall, rack, Attachment::new()).expect("attached");
        plan.attach(wall, internet, Attachment::new().outside()).expect("attached");
        let core = plan.add_router("core").expect("a new name");
        let hosts = ["relay", "public", "printer"].map(|name| plan.add_host(name).expect("a new name"));
        let places = [
            (core, internet),
            (core, intranet),
            (hosts[0], rack),
            (hosts[1], internet),
            (hosts[2], intranet),
        ];
        for (node, network) in places {
            plan.attach(node, network, Attachment::new()).expect("attached");
        }
        let mut lab = Lab::new(plan);
        ["relay", "public", "printer"]
            .into_iter()
            .for_each(|name| lab.talk(name, Talker::new("0.0.0.0:4000")));
        for name in ["public", "printer"] {
            let to = SocketAddr::new(lab.address(name), 4000);
            lab.send("relay", to, b"data");
        }
        lab.run_ms(50);
        lab
    };
    let denying = lab(FirewallConfig::deny_private_peers());
    assert_eq!((denying.heard("public").len(), denying.heard("printer").len()), (1, 0));
    let denied = (NetReason::DeniedByFirewall, "rule 1: deny private 10.0.0.0/8".to_owned());
    assert_eq!(denying.drops(), [denied]);
    assert_eq!(lab(FirewallConfig::home()).heard("printer").len(), 1, "without these rules it would");
}

#[test]
fn an_ipv6_home_lets_ike_and_echoes_in_and_nothing_else() {
    let heard = |port: u16| {
        let (mut lab, [alice, _]) = office(FirewallConfig::ipv6_home());
        lab.send("bob", SocketAddr::new(alice.ip(), port), b"hello");
        lab.run_ms(50);
        lab.drops().into_iter().filter(|(reason, _)| *reason == NetReason::DeniedByFirewall).count()
    };
    assert_eq!((heard(500), heard(5000)), (0, 1));
    let (mut lab, [alice, _]) = office(FirewallConfig::ipv6_home());
    lab.ping("bob", alice.ip(), 1);
    lab.run_ms(100);
    assert_eq!(lab.seen("bob"), [Seen::Echo(alice.ip(), 1)]);
}

#[test]
fn blocked_after_a_pause_longer_than_the_timer() {
    let config = FirewallConfig { tcp_established_idle: Duration::from_secs(5), ..FirewallConfig::home() };
    let (mut lab, ends) = office(config);
    handshake(&mut lab, ends);
    lab.run_ms(6_000);
    segment(&mut lab, ends, Flags::ACK, 1_000, b"late");
    assert_eq!(lab.drops().len(), 1);
    assert_eq!(lab.times_of(NetReason::FlowOutOfState).len(), 1);
}
