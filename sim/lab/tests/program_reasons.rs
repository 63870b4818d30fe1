//! What programs do besides the protocols, and the reason that the trace gives for it.

mod common;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use common::{run, scenario};
use rtclab_lab::build::{Build, build};
use rtclab_lab::diagnosis::Code;
use rtclab_lab::programs::peer::Signaling;
use rtclab_lab::programs::signaling::{Datagram, MessageKind};
use rtclab_lab::programs::{Bell, Peer, PeerConfig, SignalingServer, SignalingServerConfig};
use rtclab_lab::reading::{Content, Reading};
use rtclab_lab::run::Outcome;
use rtclab_net::{Datagram as Arrived, Host, Program, SocketId, World};
use rtclab_trace::{
    CallOutcome, CallState, Change, Entity, Entry, Observe, ProgramReason, Reason, SignalPhase, SimTime,
    Trace,
};

/// Two peers and a signaling server, 10 ms from the middle of their network.
const CALL: &str = r#"
    [network.lan]
    latency_ms = 10
    [node.server]
    network = "lan"
    run = { signaling-server = {} }
    [node.alice]
    network = "lan"
    run = { peer = { signaling = "server", offers_to = "bob" } }
    [node.bob]
    network = "lan"
    run = { peer = { signaling = "server" } }
"#;

fn run_call(until_ms: u32, rest: &str) -> Outcome {
    run(&scenario(&format!("until_ms = {until_ms}\n{CALL}\n{rest}")))
}

fn entries(trace: &Trace, reason: impl Into<Reason>) -> Vec<&Entry> {
    let reason = Some(reason.into());
    trace.entries().map(|(_, entry)| entry).filter(|entry| entry.reason == reason).collect()
}

/// A packet as it left: when, in milliseconds, from which node, what it carries, and the entry that it is because of.
#[derive(Debug)]
struct Sent<'a> {
    at_ms: f64,
    from: &'a str,
    content: Content,
    cause: Option<&'a Entry>,
}

/// The packets that were sent for this reason.
fn sent(trace: &Trace, reason: ProgramReason) -> Vec<Sent<'_>> {
    let mut sent = Vec::new();
    for (id, entry) in trace.entries() {
        let Entity::Packet(packet) = entry.entity else { continue };
        let first = trace.entries_of(entry.entity).first() == Some(&id);
        if !first || entry.reason != Some(reason.into()) {
            continue;
        }
        let bytes = trace.bytes_at(id).expect("a full trace has the bytes");
        sent.push(Sent {
            at_ms: entry.at.as_millis_f64(),
            from: &trace.topology().node(trace.packets().info(packet).origin).name,
            content: Reading::of(&bytes).expect("an IP packet").content,
            cause: entry.cause.map(|cause| trace.entry(cause)),
        });
    }
    sent
}

/// When and from whom.
fn senders<'a>(sent: &[Sent<'a>]) -> Vec<(f64, &'a str)> {
    sent.iter().map(|sent| (sent.at_ms, sent.from)).collect()
}

fn signaling(sent: &Sent<'_>) -> Datagram {
    match &sent.content {
        Content::Signaling(datagram) => (**datagram).clone(),
        other => panic!("{other}"),
    }
}

fn numbers(sent: &[Sent<'_>]) -> Vec<u32> {
    let number = |sent: &Sent<'_>| match sent.content {
        Content::Numbered { number, .. } => number,
        ref other => panic!("{other}"),
    };
    sent.iter().map(number).collect()
}

/// The one change of a call for this reason, with its entry.
fn call_changed(trace: &Trace, reason: ProgramReason) -> (&Entry, &CallState) {
    let calls = entries(trace, reason).into_iter().filter_map(|entry| match &entry.change {
        Change::Call(state) => Some((entry, &**state)),
        _ => None,
    });
    let calls: Vec<_> = calls.collect();
    assert_eq!(calls.len(), 1, "{calls:?}");
    calls[0]
}

/// When, in milliseconds, the offer was lost for this reason.
fn offer_lost_at_ms(trace: &Trace, reason: ProgramReason) -> Vec<f64> {
    let lost = entries(trace, reason).into_iter().filter(|entry| match &entry.change {
        Change::Signal(message) => message.kind == "offer" && message.phase == SignalPhase::Lost,
        _ => false,
    });
    lost.map(|entry| entry.at.as_millis_f64()).collect()
}

#[test]
fn peers_say_hello_every_20_seconds_so_that_nats_keep_the_way_back() {
    let outcome = run_call(45_000, "");
    let hellos = sent(&outcome.trace, ProgramReason::SignalingKeepalive);
    assert_eq!(
        senders(&hellos),
        [(20_000.0, "alice"), (20_000.0, "bob"), (40_000.0, "alice"), (40_000.0, "bob")]
    );
    assert_eq!(signaling(&hellos[0]), Datagram::Hello { number: 2, name: "alice".into() });
}

#[test]
fn a_peer_repeats_what_the_server_does_not_acknowledge() {
    let outage = r#"
        [[action]]
        at_ms = 0
        link_down = "server"
        [[action]]
        at_ms = 700
        link_up = "server"
    "#;
    let outcome = run_call(5000, outage);
    let mut repeated = sent(&outcome.trace, ProgramReason::SignalingRetransmission);
    repeated.retain(|sent| matches!(signaling(sent), Datagram::Hello { number: 1, .. }));
    assert_eq!(senders(&repeated), [(500.0, "alice"), (500.0, "bob"), (1500.0, "alice"), (1500.0, "bob")]);
    assert_eq!(outcome.calls[0].state.outcome, CallOutcome::Connected);
}

#[test]
fn the_server_repeats_what_a_peer_does_not_acknowledge() {
    let outage = r#"
        [[action]]
        at_ms = 500
        link_down = "bob"
        [[action]]
        at_ms = 1600
        link_up = "bob"
    "#;
    let text = CALL.replace("offers_to = \"bob\"", "offers_to = \"bob\", start_ms = 1000");
    let outcome = run(&scenario(&format!("until_ms = 5000\n{text}\n{outage}")));
    let mut repeated = sent(&outcome.trace, ProgramReason::SignalingRetransmission);
    let is_offer =
        |datagram| matches!(datagram, Datagram::Message(message) if message.kind == MessageKind::Offer);
    repeated.retain(|sent| sent.from == "server" && is_offer(signaling(sent)));
    assert_eq!(senders(&repeated), [(1520.0, "server"), (2520.0, "server")]);
}

#[test]
fn an_offer_that_the_server_never_acknowledges_is_given_up_and_fails_the_call() {
    let outcome = run_call(25_000, "[[action]]\nat_ms = 0\nlink_down = \"server\"");
    // Seven transmissions, and after the last a wait of 4 s.
    assert_eq!(offer_lost_at_ms(&outcome.trace, ProgramReason::SignalingGivenUp), [19_500.0]);
    let (entry, call) = call_changed(&outcome.trace, ProgramReason::SignalingGivenUp);
    assert_eq!((entry.at.as_millis_f64(), call.outcome), (19_500.0, CallOutcome::Failed));
    assert_eq!(outcome.calls[0].diagnosis.code, Code::SignalingLost);
}

#[test]
fn an_offer_to_a_peer_who_never_comes_is_given_up_and_fails_the_call() {
    let text = CALL.replace("signaling = \"server\" }", "signaling = \"server\", start_ms = 70_000 }");
    let outcome = run(&scenario(&format!("until_ms = 65_000\n{text}")));
    // The server has had it for a minute.
    assert_eq!(offer_lost_at_ms(&outcome.trace, ProgramReason::SignalingNoSuchPeer), [60_020.0]);
    let (entry, call) = call_changed(&outcome.trace, ProgramReason::SignalingNoSuchPeer);
    assert_eq!((entry.at.as_millis_f64(), call.outcome), (60_020.0, CallOutcome::Failed));
    assert_eq!(outcome.calls[0].diagnosis.code, Code::SignalingNoPeer);
}

#[test]
fn data_of_a_call_is_sent_because_the_scenario_asks_for_it() {
    let text = CALL.replace(
        "offers_to = \"bob\"",
        "offers_to = \"bob\", sends = { every_ms = 100, bytes = 160, count = 3 }",
    );
    let outcome = run(&scenario(&format!("until_ms = 5000\n{text}")));
    let data = sent(&outcome.trace, ProgramReason::CallData);
    assert!(data.iter().all(|sent| sent.from == "alice"));
    assert_eq!(numbers(&data), [0, 1, 2]);
}

#[test]
fn a_call_is_interrupted_five_seconds_after_an_unanswered_consent_check() {
    let outcome = run_call(60_000, "[[action]]\nat_ms = 16_000\nlink_down = \"alice\"");
    let (entry, call) = call_changed(&outcome.trace, ProgramReason::CallInterrupted);
    assert_eq!(call.outcome, CallOutcome::Disconnected);
    let silent = outcome.trace.entry(entry.cause.expect("an agent noticed"));
    assert_eq!(silent.reason, Some(rtclab_rtc::Reason::PeerSilent.into()));
    assert_eq!(silent.at, entry.at);
    // The first check after the cut leaves within 6 s, and 5 s more are waited for its answer (RFC 7675 §5.1).
    let expected = SimTime::from_millis(16_000 + 5_000)..=SimTime::from_millis(16_000 + 11_100);
    assert!(expected.contains(&entry.at), "{}", entry.at);
}

#[test]
fn an_echo_sends_back_what_it_received_because_it_received_it() {
    let outcome = run(&scenario(
        r#"
        [network.lan]
        latency_ms = 10
        [node.source]
        network = "lan"
        run = { udp-source = { to = "echo", count = 3 } }
        [node.echo]
        network = "lan"
        run = { udp-echo = {} }
        "#,
    ));
    let echoes = sent(&outcome.trace, ProgramReason::Echo);
    assert_eq!(senders(&echoes), [(20.0, "echo"), (40.0, "echo"), (60.0, "echo")]);
    assert_eq!(numbers(&echoes), [0, 1, 2]);
    for echo in &echoes {
        // Through the call of `sendto` that the packet is because of.
        let call = echo.cause.expect("a cause");
        assert_eq!(call.reason, Some(ProgramReason::SocketCall.into()));
        let received = outcome.trace.entry(call.cause.expect("a cause"));
        assert!(matches!(received.change, Change::Delivered { .. }), "{echo:?}");
    }
}

/// A host that says one thing: to whom it is told to, and to whoever sends it anything.
#[derive(Debug)]
struct Babbler {
    to: Option<SocketAddr>,
    says: Vec<u8>,
    socket: Option<SocketId>,
}

impl Babbler {
    fn new(to: Option<SocketAddr>, says: &[u8]) -> Box<Babbler> {
        Box::new(Babbler { to, says: says.to_vec(), socket: None })
    }

    fn say(&self, host: &mut Host<'_>, to: SocketAddr) {
        let socket = self.socket.expect("it was started");
        host.send_udp(socket, to, &self.says, None, None).expect("there is a way");
    }
}

impl Program for Babbler {
    fn start(&mut self, host: &mut Host<'_>) {
        let socket = host.bind_udp(IpAddr::V4(Ipv4Addr::UNSPECIFIED), PORT).expect("the port is free");
        self.socket = Some(socket);
        if let Some(to) = self.to {
            self.say(host, to);
        }
    }

    fn datagram(&mut self, host: &mut Host<'_>, arrived: &Arrived<'_>) {
        self.say(host, arrived.from);
    }
}

const PORT: u16 = 8443;

/// Two hosts that run nothing, and the address of the second one's signaling port.
fn two_hosts() -> (World, Build, SocketAddr) {
    let text =
        "[network.lan]\nlatency_ms = 10\n[node.left]\nnetwork = \"lan\"\n[node.right]\nnetwork = \"lan\"";
    let build = build(&scenario(text)).expect("the network can be made");
    let world = World::new(build.plan.clone(), 1, Observe::Full).expect("the plan is good");
    let address = world.addresses(build.names["right"])[0].address;
    (world, build, SocketAddr::new(address, PORT))
}

/// What programs said of datagrams that they rejected.
fn rejections(trace: &Trace) -> Vec<String> {
    let rejected = entries(trace, ProgramReason::SignalingRejected);
    let status = |entry: &Entry| match &entry.change {
        Change::Program(state) => format!("{}: {}", state.name, state.status),
        other => panic!("{other:?}"),
    };
    rejected.into_iter().map(status).collect()
}

#[test]
fn a_signaling_server_says_what_it_cannot_use() {
    for (says, why) in [
        (b"hello?".to_vec(), "the first line is not `RTCLAB-SIGNAL/1`, a known verb and a number"),
        (Datagram::Welcome { number: 1 }.to_bytes(), "a welcome is not for servers"),
    ] {
        let (mut world, build, server) = two_hosts();
        let config = SignalingServerConfig {
            port: PORT,
            websocket: false,
            faults: Vec::new(),
            delay: std::time::Duration::ZERO,
            directory: Arc::default(),
            bell: Bell::default(),
        };
        world.install(build.names["right"], Box::new(SignalingServer::new(config))).expect("a host");
        world.install(build.names["left"], Babbler::new(Some(server), &says)).expect("a host");
        world.run_until(SimTime::from_millis(1000));
        let left = SocketAddr::new(world.addresses(build.names["left"])[0].address, PORT);
        let said = format!("signaling server: knows nobody; ignored a datagram from {left}: {why}");
        assert_eq!(rejections(world.trace()), [said]);
    }
}

#[test]
fn a_peer_says_what_it_cannot_use() {
    for (says, why) in [
        (vec![0xff], "it is not UTF-8 text"),
        (Datagram::Hello { number: 1, name: "bob".into() }.to_bytes(), "it is meant for someone else"),
    ] {
        let (mut world, build, server) = two_hosts();
        let mut config = PeerConfig::new("alice", Arc::default());
        config.signaling = Signaling::Server(server);
        world.install(build.names["right"], Babbler::new(None, &says)).expect("a host");
        world.install(build.names["left"], Box::new(Peer::new(config))).expect("a host");
        world.run_until(SimTime::from_millis(100));
        assert_eq!(
            rejections(world.trace()),
            [format!("peer: ignored a datagram from {server}: {why}")],
            "the answer to its hello"
        );
    }
}
