//! TCP through NATs (RFC 5382, RFC 7857): mappings, timers, simultaneous open, SYNs that nobody asked for, RST.

mod common;

use std::net::SocketAddr;

use common::*;
use rtclab_net::NatConfig;
use rtclab_net::nat::{AfterReset, FilteringBehavior, TcpTraits, Unsolicited, UnsolicitedSyn};
use rtclab_trace::{NetReason, Protocol, SimTime};

fn with(tcp: TcpTraits) -> NatConfig {
    NatConfig { tcp, ..NatConfig::port_restricted() }
}

/// What the NAT has dropped: walls drop everything too.
fn drops(lab: &Lab) -> Vec<NetReason> {
    let reasons = lab.drops().into_iter().map(|(reason, _)| reason);
    reasons.filter(|reason| *reason != NetReason::DeniedByFirewall).collect()
}

fn endpoint(lab: &Lab, host: &str, port: u16) -> SocketAddr {
    SocketAddr::new(lab.address(host), port)
}

/// alice has sent bob a SYN from port 4000; where bob sees her.
fn opening(config: NatConfig) -> (Lab, SocketAddr, SocketAddr) {
    let mut lab = walled(config);
    let bob = endpoint(&lab, "bob", 80);
    lab.segment("alice", 4_000, bob, SYN);
    let external = lab.segments_at("bob")[0].0;
    (lab, bob, external)
}

fn established(config: NatConfig) -> (Lab, SocketAddr, SocketAddr) {
    let (mut lab, bob, external) = opening(config);
    lab.segment("bob", 80, external, SYN | ACK);
    lab.segment("alice", 4_000, bob, ACK);
    (lab, bob, external)
}

#[test]
fn a_connection_passes_both_ways_with_right_checksums_and_its_state_is_told() {
    let (lab, bob, external) = established(NatConfig::port_restricted());
    let alice = endpoint(&lab, "alice", 4_000);
    assert_eq!(lab.segments_at("alice"), [(bob, alice, SYN | ACK)]);
    assert_eq!(lab.segments_at("bob"), [(external, bob, SYN), (external, bob, ACK)]);
    let told: Vec<String> = lab.mappings("nat").into_iter().map(|(_, state)| state.status).collect();
    assert_eq!(told, ["opening", "established"]);
    assert_eq!(lab.times_of(NetReason::NatTcpEstablished).len(), 1);
    assert_eq!(lab.mappings("nat")[0].1.protocol, Protocol::Tcp);
}

#[test]
fn an_established_connection_is_remembered_for_two_hours_and_four_minutes() {
    let (mut lab, ..) = established(NatConfig::port_restricted());
    lab.run_ms(3 * 3_600_000);
    let established = lab.times_of(NetReason::NatTcpEstablished)[0];
    let expired = lab.times_of(NetReason::MappingExpired);
    assert_eq!(expired, [established + std::time::Duration::from_secs(7_440)]);
}

#[test]
fn a_connection_that_opens_or_closes_is_remembered_for_four_minutes() {
    let (mut lab, ..) = opening(NatConfig::port_restricted());
    lab.run_ms(3_600_000);
    assert_eq!(lab.times_of(NetReason::MappingExpired), [SimTime::from_millis(240_010)]);
    let (mut lab, bob, external) = established(NatConfig::port_restricted());
    lab.segment("alice", 4_000, bob, FIN | ACK);
    lab.segment("bob", 80, external, FIN | ACK);
    lab.segment("alice", 4_000, bob, ACK);
    let last = lab.world.now();
    lab.run_ms(3 * 3_600_000);
    assert_eq!(lab.times_of(NetReason::NatTcpClosing).len(), 1);
    let expired = lab.times_of(NetReason::MappingExpired)[0];
    assert_eq!(expired, last + std::time::Duration::from_millis(240_000 - 40));
}

#[test]
fn a_simultaneous_open_passes_unless_the_nat_does_not_know_it() {
    for simultaneous_open in [true, false] {
        let (mut lab, _, external) = opening(with(TcpTraits { simultaneous_open, ..TcpTraits::default() }));
        lab.segment("bob", 80, external, SYN);
        assert_eq!(lab.segments_at("alice").len(), usize::from(simultaneous_open));
        assert_eq!(lab.times_of(NetReason::NatNoSimultaneousOpen).len(), usize::from(!simultaneous_open));
        // The answer to the SYN that went out passes either way.
        lab.segment("bob", 80, external, SYN | ACK);
        assert_eq!(lab.segments_at("alice").last().expect("heard").2, SYN | ACK);
    }
}

#[test]
fn a_syn_that_nobody_asked_for_is_held_six_seconds_and_then_answered_by_icmp() {
    let (mut lab, _, external) = opening(NatConfig::port_restricted());
    let sent = lab.world.now();
    lab.segment("dave", 81, external, SYN);
    lab.run_ms(5_900);
    assert_eq!(drops(&lab), []);
    lab.run_ms(1_000);
    let answered = lab.times_of(NetReason::NatUnsolicitedSyn);
    assert_eq!(answered, [sent + std::time::Duration::from_millis(6_010)]);
    assert_eq!(lab.times_of(NetReason::IcmpGenerated).len(), 1);
    assert_eq!(lab.segments_at("alice"), []);
}

#[test]
fn a_held_syn_is_dropped_in_silence_when_the_inside_sends_one_the_other_way() {
    let (mut lab, _, external) = opening(NatConfig::port_restricted());
    let dave = endpoint(&lab, "dave", 81);
    lab.segment("dave", 81, external, SYN);
    lab.run_ms(1_000);
    lab.segment("alice", 4_000, dave, SYN);
    lab.run_ms(10_000);
    assert_eq!(lab.times_of(NetReason::NatSynCrossed).len(), 1);
    assert_eq!(lab.times_of(NetReason::IcmpGenerated), []);
    // dave's next attempt meets the open filter.
    lab.segment("dave", 81, external, SYN);
    assert_eq!(lab.segments_at("alice").last().expect("let in").2, SYN);
}

#[test]
fn other_nats_drop_it_or_answer_at_once() {
    let answers = |unsolicited_syn| {
        let (mut lab, _, external) = opening(with(TcpTraits { unsolicited_syn, ..TcpTraits::default() }));
        lab.segment("dave", 81, external, SYN);
        let (resets, errors) =
            (lab.times_of(NetReason::NatSynRefused).len(), lab.times_of(NetReason::IcmpGenerated).len());
        let reset_at_dave = lab.segments_at("dave").iter().filter(|(.., flags)| flags.has(RST)).count();
        assert_eq!(reset_at_dave, resets);
        lab.run_ms(10_000);
        (resets, errors, lab.times_of(NetReason::NatUnsolicitedSyn).len())
    };
    assert_eq!(answers(UnsolicitedSyn::Hold), (0, 0, 1));
    assert_eq!(answers(UnsolicitedSyn::Drop), (0, 0, 0));
    assert_eq!(answers(UnsolicitedSyn::Reset), (1, 0, 0));
    assert_eq!(answers(UnsolicitedSyn::Unreachable), (0, 1, 0));
}

#[test]
fn what_udp_does_unsolicited_does_not_change_what_tcp_does() {
    for unsolicited in [Unsolicited::Drop, Unsolicited::Reject] {
        let (mut lab, _, external) = opening(NatConfig { unsolicited, ..NatConfig::port_restricted() });
        lab.segment("dave", 81, external, SYN);
        assert_eq!(drops(&lab), [], "{unsolicited:?}: held");
    }
}

#[test]
fn a_reset_ends_the_mapping_at_once_or_after_the_transitory_time() {
    for after_reset in [AfterReset::Transitory, AfterReset::Forget] {
        let (mut lab, _, external) = established(with(TcpTraits { after_reset, ..TcpTraits::default() }));
        lab.segment("bob", 80, external, RST);
        assert_eq!(lab.segments_at("alice").last().expect("it passes").2, RST);
        let reset = lab.times_of(NetReason::NatTcpReset);
        assert_eq!(reset.len(), 1);
        let forgets = after_reset == AfterReset::Forget;
        let phase = lab.mappings("nat").last().expect("told").1.phase;
        assert_eq!(phase == rtclab_trace::MappingPhase::Removed, forgets);
        lab.run_ms(3 * 3_600_000);
        let expired = if forgets { vec![] } else { vec![reset[0] + std::time::Duration::from_secs(240)] };
        assert_eq!(lab.times_of(NetReason::MappingExpired), expired);
    }
}

#[test]
fn a_connection_outlives_a_restart_only_if_the_nat_picks_connections_up() {
    for picks_up in [false, true] {
        let (mut lab, bob, external) = established(with(TcpTraits { picks_up, ..TcpTraits::default() }));
        let nat = lab.node("nat");
        lab.world.rebind_nat(nat, None).expect("a NAT");
        let before = lab.segments_at("bob").len();
        lab.segment("alice", 4_000, bob, ACK);
        assert_eq!(lab.segments_at("bob").len() - before, usize::from(picks_up));
        if picks_up {
            assert_eq!(lab.segments_at("bob").last().expect("passed").0, external, "the port was preserved");
            lab.segment("bob", 80, external, ACK);
            assert_eq!(lab.mappings("nat").last().expect("told").1.status, "established");
        } else {
            assert_eq!(drops(&lab)[0], NetReason::NoMapping);
        }
    }
}

#[test]
fn filtering_applies_to_each_connection() {
    use FilteringBehavior::*;
    for (filtering, let_in) in [(EndpointIndependent, 2), (AddressDependent, 1), (AddressAndPortDependent, 0)]
    {
        let (mut lab, _, external) = opening(NatConfig { filtering, ..NatConfig::default() });
        lab.segment("bob", 81, external, SYN);
        lab.segment("dave", 80, external, SYN);
        assert_eq!(lab.segments_at("alice").len(), let_in, "{filtering:?}");
    }
}

#[test]
fn the_end_of_one_connection_closes_the_filter_while_another_keeps_the_mapping() {
    let (mut lab, _, external) = established(NatConfig::port_restricted());
    let dave = endpoint(&lab, "dave", 81);
    lab.segment("alice", 4_000, dave, SYN);
    assert_eq!(lab.mappings("nat").last().expect("told").1.status, "1 opening, 1 established");
    lab.run_ms(250_000);
    assert_eq!(lab.times_of(NetReason::FilterExpired).len(), 1);
    assert_eq!(lab.times_of(NetReason::MappingExpired), []);
    lab.segment("dave", 81, external, SYN | ACK);
    assert_eq!(drops(&lab)[0], NetReason::FilteredByNat);
    lab.segment("bob", 80, external, ACK);
    assert_eq!(lab.segments_at("alice").last().expect("let in").2, ACK);
}
