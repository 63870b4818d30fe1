//! What carries signaling: WebSocket through our own TCP, and a server that does things wrong on demand.

mod common;

use common::{run, scenario, shipped};
use rtclab_lab::ladder::{Style, text};
use rtclab_lab::reading::Reading;
use rtclab_lab::run::Outcome;
use rtclab_trace::{CallOutcome, Change, Entity, ProgramReason, Reason, SignalPhase};

/// The times, in milliseconds, at which entries with this reason happened.
fn times(outcome: &Outcome, reason: ProgramReason) -> Vec<f64> {
    let told = outcome.trace.entries().filter(|(_, entry)| entry.reason == Some(Reason::Program(reason)));
    told.filter(|(_, entry)| !matches!(entry.entity, Entity::Packet(_)))
        .map(|(_, entry)| entry.at.as_millis_f64())
        .collect()
}

/// Kinds of messages in the order in which they reached this node.
fn received(outcome: &Outcome, node: &str) -> Vec<String> {
    let topology = outcome.trace.topology();
    let messages = outcome.trace.entries().filter_map(|(_, entry)| match &entry.change {
        Change::Signal(message) if message.phase == SignalPhase::Received => Some(message),
        _ => None,
    });
    messages
        .filter(|message| topology.node(message.to).name == node)
        .map(|message| message.kind.clone())
        .collect()
}

fn outcome_of(outcome: &Outcome) -> CallOutcome {
    let mut calls = outcome.trace.entries().filter_map(|(_, entry)| match &entry.change {
        Change::Call(state) => Some(state.outcome),
        _ => None,
    });
    calls.next_back().expect("there is a call")
}

fn met(outcome: &Outcome) {
    for expectation in &outcome.expectations {
        assert!(expectation.met == Some(true), "{}\n{}", expectation.text, text(outcome, &Style::default()));
    }
}

#[test]
fn what_is_read_of_a_websocket_shows_handshake_upgrade_and_what_each_frame_is_about() {
    let outcome = run(&shipped("signaling-websocket.toml", &[]));
    met(&outcome);
    let said = said(&outcome);
    for words in [
        "TCP SYN",
        "HTTP: GET /signal, asks to speak websocket",
        "HTTP: 101 Switching Protocols, speaks websocket from here on",
        "WebSocket: hello, I am alice (session control)",
        "WebSocket: offer for bob (session control, media capabilities)",
        "WebSocket: answer for alice (session control, media capabilities)",
    ] {
        assert!(said.iter().any(|said| said.contains(words)), "{words}\n{}", said.join("\n"));
    }
}

#[test]
fn a_websocket_costs_two_round_trips_more_than_a_datagram() {
    let first_check = |carrier: &str| {
        let over = format!("node.alice.run.peer.signaling.carrier={carrier}");
        let outcome = run(&shipped("signaling-websocket.toml", &[&over]));
        met(&outcome);
        let sent = outcome.trace.entries().find(|(_, entry)| {
            matches!(&entry.change, Change::Signal(message) if message.phase == SignalPhase::Relayed)
        });
        sent.expect("the offer goes through the server").1.at.as_millis_f64()
    };
    let (datagram, websocket) = (first_check("datagram"), first_check("websocket"));
    assert!((websocket - datagram - 80.0).abs() < 3.0, "{datagram} {websocket}");
}

#[test]
fn every_message_of_a_websocket_leads_back_to_what_made_it() {
    let outcome = run(&shipped("signaling-websocket.toml", &[]));
    let trace = &outcome.trace;
    let answers: Vec<_> = trace
        .entries()
        .filter(|(_, entry)| matches!(&entry.change, Change::Signal(message) if message.kind == "answer"))
        .collect();
    let phases: Vec<SignalPhase> = answers
        .iter()
        .filter_map(|(_, entry)| match &entry.change {
            Change::Signal(message) => Some(message.phase),
            _ => None,
        })
        .collect();
    assert_eq!(phases, [SignalPhase::Sent, SignalPhase::Relayed, SignalPhase::Received]);
    // Walking back from the arrival of the answer leads to the sending of the offer.
    let mut at = Some(answers[2].0);
    let mut kinds = Vec::new();
    while let Some(id) = at {
        if let Change::Signal(message) = &trace.entry(id).change {
            kinds.push((message.kind.clone(), message.phase));
        }
        at = trace.entry(id).cause;
    }
    assert!(kinds.contains(&("offer".to_owned(), SignalPhase::Sent)), "{kinds:?}");
}

#[test]
fn a_call_outlives_its_signaling_server_and_its_peers_look_for_it_in_vain() {
    let outcome = run(&shipped("signaling-server-dies.toml", &[]));
    met(&outcome);
    assert_eq!(times(&outcome, ProgramReason::ServerStopped), [3_000.0]);
    let again = times(&outcome, ProgramReason::SignalingReconnect);
    // Each peer waits 1, 2, 4 and 8 seconds, each time after a loss.
    assert!(again.len() >= 4, "{again:?}");
    assert!(times(&outcome, ProgramReason::SignalingConnectionLost).len() > again.len());
}

#[test]
fn without_its_server_a_call_that_is_not_agreed_on_does_not_come_to_be() {
    let outcome = run(&shipped("signaling-server-dies.toml", &["action.0.at_ms=60", "until_ms=60_000"]));
    assert_eq!(outcome_of(&outcome), CallOutcome::Failed);
}

#[test]
fn a_peer_is_ready_for_candidates_before_their_offer_and_for_an_answer_twice() {
    let outcome = run(&shipped("signaling-disorder.toml", &[]));
    met(&outcome);
    let (to_bob, to_alice) = (received(&outcome, "bob"), received(&outcome, "alice"));
    assert_eq!(to_bob.first().map(String::as_str), Some("candidate"), "{to_bob:?}");
    assert!(to_bob.contains(&"offer".to_owned()));
    assert_eq!(to_alice.iter().filter(|kind| *kind == "answer").count(), 2, "{to_alice:?}");
    for reason in [
        ProgramReason::SignalingFaultReorder,
        ProgramReason::SignalingFaultDuplicate,
        ProgramReason::SignalingFaultDrop,
        ProgramReason::SignalingFaultDelay,
    ] {
        assert!(!times(&outcome, reason).is_empty(), "{reason:?}");
    }
}

#[test]
fn an_answer_that_the_server_drops_is_what_the_call_fails_by() {
    let fault = r#"node.sig.run.signaling-server.faults=[{ does = "drop", kind = "answer" }]"#;
    let outcome = run(&shipped("signaling-disorder.toml", &[fault]));
    assert_eq!(outcome_of(&outcome), CallOutcome::Failed);
}

#[test]
fn a_quiet_websocket_is_asked_whether_it_is_there() {
    let outcome = run(&shipped("signaling-websocket.toml", &["until_ms=70_000"]));
    assert_eq!(times(&outcome, ProgramReason::SignalingKeepalive).len(), 4);
    assert_eq!(times(&outcome, ProgramReason::SignalingConnectionLost), Vec::<f64>::new());
}

#[test]
fn peers_with_different_carriers_meet_at_one_server() {
    let outcome = run(&scenario(
        r#"
        [network.lan]
        latency_ms = 10
        [node.sig]
        network = "lan"
        run = { signaling-server = {} }
        [node.alice]
        network = "lan"
        run = { peer = { signaling = "sig", offers_to = "bob" } }
        [node.bob]
        network = "lan"
        run = { peer = { signaling = { via = "sig", carrier = "websocket" } } }
        "#,
    ));
    assert_eq!(outcome_of(&outcome), CallOutcome::Connected);
}

/// What every packet of this run says, in the order in which they were sent.
fn said(outcome: &Outcome) -> Vec<String> {
    let trace = &outcome.trace;
    let first = trace.entries().filter(|(id, entry)| {
        matches!(entry.entity, Entity::Packet(_)) && trace.entries_of(entry.entity).first() == Some(id)
    });
    let read = first.filter_map(|(id, _)| Reading::of(&trace.bytes_at(id)?));
    read.map(|reading| reading.content.to_string()).collect()
}

#[test]
fn a_call_by_sip_goes_through_registration_ringing_and_a_reliable_answer() {
    let outcome = run(&shipped("sip-call.toml", &[]));
    met(&outcome);
    let said = said(&outcome);
    for words in [
        "SIP: REGISTER sip:sip (session control)",
        "SIP: 401 Unauthorized to REGISTER",
        "SIP: INVITE sip:bob@sip, with a description (media capabilities)",
        "SIP: 100 Trying to INVITE",
        "SIP: 180 Ringing to INVITE",
        "SIP: 183 Session Progress to INVITE, with a description (media capabilities)",
        "SIP: PRACK",
        "SIP: INFO",
        "with candidates (network configuration)",
        "SIP: 200 OK to INVITE",
        "SIP: ACK",
    ] {
        assert!(said.iter().any(|said| said.contains(words)), "{words}\n{}", said.join("\n"));
    }
}

#[test]
fn sip_goes_over_each_transport_and_from_one_to_another() {
    for (alice, bob) in
        [("sip-tcp", "sip-tcp"), ("sip-websocket", "sip-websocket"), ("sip-websocket", "sip-udp")]
    {
        let alice = format!("node.alice.run.peer.signaling.carrier={alice}");
        let bob = format!("node.bob.run.peer.signaling.carrier={bob}");
        let outcome = run(&shipped("sip-call.toml", &[&alice, &bob]));
        met(&outcome);
    }
}

#[test]
fn what_udp_loses_of_sip_is_repeated() {
    let outcome = run(&shipped("sip-call.toml", &["network.internet.loss_percent=15", "until_ms=40_000"]));
    // So much loss may end consent later on, which is not SIP's affair.
    let came_up =
        |change: &Change| matches!(change, Change::Call(call) if call.outcome == CallOutcome::Connected);
    let has_come_up = outcome.trace.entries().any(|(_, entry)| came_up(&entry.change));
    assert!(has_come_up, "{}", text(&outcome, &Style::default()));
    let again = Some(Reason::Program(ProgramReason::SipRetransmission));
    assert!(outcome.trace.entries().any(|(_, entry)| entry.reason == again));
}

#[test]
fn a_sip_proxy_tells_whom_it_knows_and_whom_it_asks() {
    let outcome = run(&shipped("sip-call.toml", &["node.sip.run.sip-proxy.asks_callers=true"]));
    met(&outcome);
    assert!(times(&outcome, ProgramReason::SipChallenge).len() >= 3, "two registrations and a call");
    assert!(!times(&outcome, ProgramReason::SipRegister).is_empty());
    assert!(!times(&outcome, ProgramReason::SipForward).is_empty());
    assert!(!times(&outcome, ProgramReason::SipCall).is_empty());
}

#[test]
fn whip_publishes_with_one_post_and_candidates_follow_by_patch() {
    let outcome = run(&shipped("whip-publish.toml", &[]));
    met(&outcome);
    let said = said(&outcome);
    for words in ["HTTP: POST /whip", "HTTP: 201 Created", "HTTP: PATCH /whip/", "HTTP: 204 No Content"] {
        assert!(said.iter().any(|said| said.contains(words)), "{words}\n{}", said.join("\n"));
    }
    assert!(!times(&outcome, ProgramReason::WhipSession).is_empty());
    assert_eq!(received(&outcome, "alice"), ["answer"], "the server speaks only when it is spoken to");
}

#[test]
fn whep_is_the_same_the_other_way_round() {
    let over = |name: &str| format!("node.{name}.run.peer.signaling.carrier=whep");
    let outcome = run(&shipped("whip-publish.toml", &[&over("alice"), &over("bob")]));
    met(&outcome);
    let directions: Vec<bool> = outcome
        .trace
        .entries()
        .filter_map(|(_, entry)| match &entry.change {
            Change::Signal(message) if message.phase == SignalPhase::Received => Some(message),
            _ => None,
        })
        .filter(|message| message.kind == "offer" || message.kind == "answer")
        .map(|message| message.text.contains("a=recvonly"))
        .collect();
    assert_eq!(directions, [true, false], "who watches offers to receive");
}

#[test]
fn the_same_seed_gives_the_same_bytes_over_every_carrier() {
    for name in ["signaling-websocket.toml", "sip-call.toml", "whip-publish.toml", "signaling-disorder.toml"]
    {
        let hash = |over: &[&str]| run(&shipped(name, over)).trace_hash();
        assert_eq!(hash(&[]), hash(&[]), "{name}");
        assert_ne!(hash(&[]), hash(&["seed=8"]), "{name}");
    }
}

/// What is wrong with a shipped scenario after this override.
fn problem(name: &str, over: &str) -> String {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    let text = std::fs::read_to_string(folder.join(name)).expect("a shipped scenario");
    let read = rtclab_lab::document::Scenario::parse(name, &text, &[over.to_owned()]);
    read.expect_err("something is wrong").to_string()
}

#[test]
fn what_cannot_carry_a_call_is_said_before_it_runs() {
    let of_websocket = |over: &str| problem("signaling-websocket.toml", over);
    let message = of_websocket("node.alice.run.peer.signaling.carrier=sip-udp");
    assert!(message.contains("`sig` does not run a `sip-proxy`"), "{message}");
    let message = of_websocket("node.alice.run.peer.signaling.carrier=smoke");
    assert!(message.contains("smoke") && message.contains("sip-websocket"), "{message}");
    let message = of_websocket("node.alice.run.peer.signaling.via=nobody");
    assert!(message.contains("there is no node `nobody`"), "{message}");
    let message = of_websocket(r#"node.sig.run.signaling-server.faults=[{ does = "delay" }]"#);
    assert!(message.contains("a delay of what length"), "{message}");
    let message = of_websocket(r#"node.sig.run.signaling-server.faults=[{ does = "drop", delay_ms = 3 }]"#);
    assert!(message.contains("only a delay has a length"), "{message}");
    let message = problem("whip-publish.toml", "node.alice.run.peer.signaling.carrier=whep");
    assert!(message.contains("do not speak the same protocol"), "{message}");
    let message = problem("signaling-server-dies.toml", "action.0.stop_signaling=alice");
    assert!(message.contains("`alice` does not run a `signaling-server`"), "{message}");
}
