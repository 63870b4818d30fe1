//! How long NATs remember, and what renews it.

mod common;

use std::net::SocketAddr;
use std::time::Duration;

use common::*;
use rtclab_net::NatConfig;
use rtclab_net::nat::{Refresh, Timers};
use rtclab_trace::{MappingPhase, NetReason, SimTime};

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

fn config(udp: Duration, refresh: Refresh) -> NatConfig {
    NatConfig { timers: Timers { udp, ..Timers::default() }, refresh, ..NatConfig::full_cone() }
}

/// alice sends to bob at 0 s; the mapping is made when the packet has reached the NAT, 10 ms later.
fn opened(config: NatConfig) -> (Lab, SocketAddr) {
    let mut lab = home(config).lab();
    lab.talk("alice", Talker::new("0.0.0.0:4000"));
    lab.talk("bob", Talker::new("0.0.0.0:5000"));
    let to_bob = SocketAddr::new(lab.address("bob"), 5000);
    lab.send("alice", to_bob, b"open");
    lab.run_ms(100);
    let external = lab.heard("bob")[0].0;
    (lab, external)
}

#[test]
fn a_mapping_ends_at_its_time_to_the_nanosecond() {
    let (mut lab, _) = opened(config(seconds(30), Refresh::default()));
    lab.run_ms(60_000);
    assert_eq!(lab.times_of(NetReason::MappingExpired), [SimTime::from_millis(30_010)]);
    let (_, last) = lab.mappings("nat").pop().expect("recorded");
    assert_eq!((last.phase, last.expires_at), (MappingPhase::Expired, SimTime::from_millis(30_010)));
}

#[test]
fn idle_time_costs_one_event_a_mapping() {
    let (mut lab, _) = opened(NatConfig::full_cone());
    let mut steps = 0;
    while lab.world.step().is_some() {
        steps += 1;
    }
    assert_eq!(steps, 1, "the end of the mapping, 300 s later, and nothing else");
    assert_eq!(lab.world.now(), SimTime::from_millis(300_010));
}

#[test]
fn only_the_configured_directions_renew_a_mapping() {
    for outbound in [false, true] {
        for inbound in [false, true] {
            let refresh = Refresh { outbound, inbound };
            // Something passes at 20 s: outbound, inbound.
            for from_inside in [false, true] {
                let (mut lab, external) = opened(config(seconds(30), refresh));
                lab.run_ms(19_900);
                let to_bob = SocketAddr::new(lab.address("bob"), 5000);
                if from_inside {
                    lab.send("alice", to_bob, b"x")
                } else {
                    lab.send("bob", external, b"x")
                }
                lab.run_ms(20_000);
                let alive = lab.times_of(NetReason::MappingExpired).is_empty();
                let expected = if from_inside { outbound } else { inbound };
                assert_eq!(alive, expected, "{refresh:?}, from inside: {from_inside}");
            }
        }
    }
}

#[test]
fn what_the_filter_refuses_renews_nothing() {
    let refresh = Refresh { outbound: true, inbound: true };
    let strict = NatConfig {
        timers: Timers { udp: seconds(30), ..Timers::default() },
        refresh,
        ..NatConfig::port_restricted()
    };
    let (mut lab, external) = opened(strict);
    lab.talk("dave", Talker::new("0.0.0.0:5000"));
    lab.run_ms(19_900);
    lab.send("dave", external, b"knock");
    lab.run_ms(20_000);
    assert_eq!(lab.times_of(NetReason::MappingExpired), [SimTime::from_millis(30_010)]);
}

#[test]
fn a_packet_at_the_moment_of_the_end_comes_too_late() {
    let refresh = Refresh { outbound: true, inbound: true };
    let (mut lab, external) = opened(config(seconds(30), refresh));
    // From bob to the NAT it takes 10 ms.
    lab.run_ms(29_900);
    lab.send("bob", external, b"late");
    lab.run_ms(1_000);
    assert_eq!(lab.drops(), [(NetReason::NoMapping, "no mapping for UDP port 4000".to_string())]);
    assert_eq!(lab.times_of(NetReason::MappingExpired).len(), 1);
}

#[test]
fn renewals_are_recorded_coarsely_and_the_table_never_lies_about_the_living() {
    let (mut lab, _) = opened(config(seconds(30), Refresh::default()));
    let to_bob = SocketAddr::new(lab.address("bob"), 5000);
    // 50 packets a second for 100 s, then silence.
    for _ in 0..5_000 {
        lab.send("alice", to_bob, b"media");
        lab.run_ms(20);
    }
    lab.run_ms(100_000);
    let entries = lab.mappings("nat");
    assert!((90..110).contains(&entries.len()), "{}", entries.len());
    for pair in entries.windows(2) {
        let [(_, before), (at, _)] = pair else { unreachable!("windows of two") };
        assert!(*at <= before.expires_at, "an entry follows before what it last said has lapsed");
    }
    let (ended, last) = entries.last().expect("recorded");
    assert_eq!(last.phase, MappingPhase::Expired);
    // The last packet left at 100.08 s, and was 10 ms on its way to the NAT.
    assert_eq!(*ended, SimTime::from_millis(130_090));
}

#[test]
fn a_filter_timer_of_its_own_closes_the_door_while_the_mapping_lives() {
    let timers = Timers { filter: Some(seconds(10)), ..Timers::default() };
    let (mut lab, external) = opened(NatConfig { timers, ..NatConfig::port_restricted() });
    lab.run_ms(9_000);
    lab.send("bob", external, b"in time");
    lab.run_ms(1_000);
    lab.send("bob", external, b"too late");
    lab.run_ms(1_000);
    assert_eq!(lab.heard("alice").len(), 1);
    assert_eq!(lab.times_of(NetReason::FilterExpired), [SimTime::from_millis(10_010)]);
    assert_eq!(lab.drops()[0].0, NetReason::FilteredByNat);
    let (_, state) = lab.mappings("nat").pop().expect("recorded");
    assert_eq!((state.phase, state.contacted.len()), (MappingPhase::Active, 0));
}

#[test]
fn a_filter_opened_late_closes_at_its_own_time() {
    let timers = Timers { filter: Some(seconds(10)), ..Timers::default() };
    let (mut lab, _) = opened(NatConfig { timers, ..NatConfig::port_restricted() });
    lab.run_ms(14_900);
    lab.talk("dave", Talker::new("0.0.0.0:5000"));
    let to_dave = SocketAddr::new(lab.address("dave"), 5000);
    lab.send("alice", to_dave, b"open");
    lab.run_ms(30_000);
    let expected = [10_010, 25_010].map(SimTime::from_millis);
    assert_eq!(lab.times_of(NetReason::FilterExpired), expected);
}

#[test]
fn an_icmp_mapping_has_a_timer_of_its_own() {
    let mut lab = home(NatConfig::full_cone()).lab();
    lab.talk("alice", Talker::new("0.0.0.0:4000"));
    let bob = lab.address("bob");
    lab.ping("alice", bob, 7);
    lab.run_ms(100_000);
    assert_eq!(lab.seen("alice"), [Seen::Echo(bob, 1)]);
    assert_eq!(lab.times_of(NetReason::MappingExpired), [SimTime::from_millis(60_010)]);
}
