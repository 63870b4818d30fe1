//! Several data streams and components: one check list each, frozen together.

use rtclab_rtc::ice::{
    AgentConfig, CandidateLine, CheckListState, ComponentId, ConnectionState, Credentials, PairState, Role,
};
use rtclab_rtc::stun::Message;
use rtclab_rtc::{Reason, Subject, Time};

use crate::duo::{Duo, at, socket, wire};

/// Sides with one address, and a socket for each component of each of `streams` streams.
fn sides(streams: u32, components: [u16; 2]) -> [AgentConfig; 2] {
    let sockets = |side: u16| {
        let of_stream =
            |stream: u32| (1..=components[usize::from(side - 1)]).map(move |component| (stream, component));
        (0..streams)
            .flat_map(of_stream)
            .map(|(stream, component)| {
                let port = 5000 + 10 * stream + u32::from(component);
                socket(&format!("10.0.0.{side}:{port}"), 65535)
                    .for_component(ComponentId { stream, component })
            })
            .collect()
    };
    [AgentConfig::new(Role::Controlling, sockets(1)), AgentConfig::new(Role::Controlled, sockets(2))]
}

fn states(duo: &Duo, side: usize) -> Vec<(u32, u16, PairState)> {
    let agent = &duo.sides[side].agent;
    let pairs: Vec<_> = agent.pairs().collect();
    let lists = agent.check_lists().flat_map(|(_, list)| {
        let stream = list.stream;
        list.pairs.into_iter().map(move |number| (stream, number)).collect::<Vec<_>>()
    });
    let state = |(stream, number): (u32, u32)| {
        let (_, pair) = pairs.iter().find(|(known, _)| *known == number)?;
        Some((stream, pair.local.component, pair.state))
    };
    lists.filter_map(state).collect()
}

#[test]
fn two_streams_of_two_components_connect_each() {
    let mut duo = Duo::new(sides(2, [2, 2]), wire(20));
    duo.start();
    assert!(duo.drive(Time::from_millis(2000)));
    for side in &duo.sides {
        assert_eq!(side.agent.state(), ConnectionState::Completed);
        let components: Vec<_> = side.agent.selected_pairs().map(|(component, _)| component).collect();
        let expected = [(0, 1), (0, 2), (1, 1), (1, 2)];
        let expected = expected.map(|(stream, component)| ComponentId { stream, component });
        assert_eq!(components, expected);
    }
}

#[test]
fn one_pair_of_a_foundation_is_checked_first_in_the_whole_set() {
    // RFC 8445 §6.1.2.6: the first list, the lowest component.
    let mut duo = Duo::new(sides(2, [2, 2]), wire(20));
    duo.start();
    let frozen = PairState::Frozen;
    assert_eq!(
        states(&duo, 0),
        [(0, 1, PairState::InProgress), (0, 2, frozen), (1, 1, frozen), (1, 2, frozen)]
    );
    let because = duo.sides[0].told.changes_for(Reason::FrozenByFoundation);
    assert_eq!(because.len(), 3);
    let first =
        duo.sides[0].told.changes.iter().find(|(.., reason, _)| *reason == Some(Reason::FrozenByFoundation));
    let cause = first.map(|(.., because)| *because);
    assert_eq!(cause, Some(rtclab_rtc::Because::Change(Subject::Pair(0))), "it waits for that pair");
}

#[test]
fn a_success_unfreezes_its_foundation_in_every_list() {
    let mut duo = Duo::new(sides(3, [1, 1]), wire(20));
    duo.start();
    duo.run_until(Time::from_millis(40));
    let unfrozen = duo.sides[0].told.changes_for(Reason::FoundationSucceeded);
    assert_eq!(unfrozen.len(), 2);
    assert!(states(&duo, 0).iter().all(|(.., state)| *state != PairState::Frozen));
}

#[test]
fn lists_take_turns() {
    // Ten addresses make ten foundations, so that both lists have much to check and nothing answers.
    let sockets = |side: u16| {
        let of = |stream: u32| {
            (0..5_u16).map(move |index| {
                let address = format!("10.{side}.{}.1:{}", stream * 10 + u32::from(index), 5000);
                socket(&address, 65535 - index).for_component(ComponentId { stream, component: 1 })
            })
        };
        (0..2).flat_map(of).collect()
    };
    let configs =
        [AgentConfig::new(Role::Controlling, sockets(1)), AgentConfig::new(Role::Controlled, sockets(2))];
    let mut duo = Duo::new(configs, Box::new(|_, _| None));
    duo.start();
    duo.run_until(Time::from_millis(450));
    let first: Vec<u8> = duo
        .sent
        .iter()
        .filter(|(_, side, _)| *side == 0)
        .map(|(.., transmit)| match transmit.from.ip() {
            std::net::IpAddr::V4(ip) => ip.octets()[2] / 10,
            std::net::IpAddr::V6(_) => 9,
        })
        .collect();
    assert_eq!(first, [0, 1, 0, 1, 0, 1, 0, 1, 0, 1], "one check of each list in turn");
}

#[test]
fn a_stream_is_done_when_each_of_its_components_is() {
    let mut duo = Duo::new(sides(1, [2, 2]), wire(20));
    // The second component finds no way for a while.
    duo.path = Box::new(|now, transmit| {
        let second = transmit.to.port() == 5002;
        (!second || now > Time::from_millis(3000))
            .then(|| (std::time::Duration::from_millis(20), transmit.clone()))
    });
    duo.start();
    duo.run_until(Time::from_millis(2500));
    let agent = &duo.sides[0].agent;
    assert_eq!(agent.selected_pairs().count(), 1);
    assert_eq!(agent.check_list().state, CheckListState::Running);
    assert_eq!(agent.state(), ConnectionState::Checking);
    assert!(duo.drive(Time::from_millis(10_000)));
}

#[test]
fn a_component_that_the_peer_does_not_have_is_not_waited_for() {
    let mut duo = Duo::new(sides(1, [2, 1]), wire(20));
    duo.start();
    assert!(duo.drive(Time::from_millis(1000)), "RTCP is multiplexed");
    assert_eq!(duo.sides[0].agent.selected_pairs().count(), 1);
    assert!(duo.sides[1].told.ignored.contains(&Reason::OtherComponent));
}

#[test]
fn one_stream_without_any_path_fails_the_connection_and_the_other_goes_on() {
    let mut duo = Duo::new(sides(2, [1, 1]), wire(20));
    duo.path = Box::new(|_, transmit| {
        (transmit.to.port() < 5010).then(|| (std::time::Duration::from_millis(20), transmit.clone()))
    });
    duo.start();
    duo.run_until(Time::from_millis(60_000));
    let states: Vec<_> = duo.sides[0].agent.check_lists().map(|(_, list)| list.state).collect();
    assert_eq!(states, [CheckListState::Completed, CheckListState::Failed]);
    assert_eq!(duo.sides[0].agent.state(), ConnectionState::Failed);
    let now = duo.now;
    assert!(duo.act(0, |agent| agent.send(b"frame", now)).is_ok(), "the stream that works still does");
}

#[test]
fn data_of_each_component_travels_on_its_own_pair() {
    let mut duo = Duo::new(sides(2, [2, 2]), wire(20));
    duo.start();
    assert!(duo.drive(Time::from_millis(2000)));
    let now = duo.now;
    let rtcp = ComponentId { stream: 1, component: 2 };
    duo.act(0, |agent| agent.send_on(rtcp, b"report", now)).expect("connected");
    duo.run_until(Time::from_millis(2100));
    let (to, ..) = duo.sides[1].told.data[0];
    assert_eq!(duo.sides[1].agent.component_at(to), Some(rtcp));
}

#[test]
fn each_stream_may_have_credentials_of_its_own() {
    let mut duo = Duo::new(sides(2, [1, 1]), wire(20));
    duo.signaling = false;
    let credentials = |ufrag| Credentials::new(ufrag, "abcdefghijklmnopqrstuvwx").expect("right");
    let now = duo.now;
    duo.act(0, |agent| agent.gather(now));
    for (stream, ufrag) in [(0, "some"), (1, "othr")] {
        // Each has a foundation of its own, or the second would wait for the first.
        let line = format!("candidate:{ufrag} 1 udp 2130706431 10.0.0.2 {} typ host", 5001 + 10 * stream);
        let line: CandidateLine = line.parse().expect("a candidate");
        duo.act(0, |agent| agent.set_remote_credentials_of_stream(stream, credentials(ufrag), now));
        duo.act(0, |agent| agent.add_remote_candidate_of_stream(stream, line, now));
    }
    duo.run_until(Time::from_millis(1000));
    let to_second = |transmit: &rtclab_rtc::Transmit| transmit.to == at("10.0.0.2:5011");
    let sent = duo.sent.iter().filter(|(_, side, transmit)| *side == 0 && to_second(transmit));
    let sent: Vec<_> = sent.map(|(.., transmit)| transmit.payload.clone()).collect();
    let usernames = sent.iter().filter_map(|payload| Message::parse(payload).ok()?.username());
    assert!(usernames.clone().count() > 0);
    for username in usernames {
        assert!(username.starts_with("othr:"), "{username}");
    }
}

#[test]
fn all_lists_together_stay_within_the_limit() {
    let sockets = |side: u8| {
        let all = (0..2_u32).flat_map(|stream| (0..12_u16).map(move |index| (stream, index)));
        all.map(|(stream, index)| {
            let address = format!("10.{side}.{}.{}:5000", stream, index + 1);
            socket(&address, 65535 - index).for_component(ComponentId { stream, component: 1 })
        })
        .collect()
    };
    let configs =
        [AgentConfig::new(Role::Controlling, sockets(1)), AgentConfig::new(Role::Controlled, sockets(2))];
    let mut duo = Duo::new(configs, Box::new(|_, _| None));
    duo.start();
    let lengths: Vec<_> = duo.sides[0].agent.check_lists().map(|(_, list)| list.pairs.len()).collect();
    assert_eq!(lengths, [50, 50]);
}
