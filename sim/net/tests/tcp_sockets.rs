//! What programs rely on with TCP sockets, and what the trace shows of them: handshake, data, closing, refusal, errors.

mod common;

use std::net::SocketAddr;
use std::time::Duration;

use common::*;
use rtclab_net::tcp::{Config, TcpError};
use rtclab_net::*;
use rtclab_trace::TcpConnectionState as State;
use rtclab_trace::{Change, Entity, NetReason, SimTime};

/// alice and bob with `bob` listening on port 80; 10 ms one way.
fn lan(families: Families) -> Lab {
    lan_with(families, Config::default())
}

fn lan_with(families: Families, server: Config) -> Lab {
    let draft = Draft::new().network("lan", millis(5)).families("lan", families);
    let mut lab = draft.host("alice", &["lan"]).host("bob", &["lan"]).lab();
    lab.place("alice", Caller::default());
    lab.place("bob", Caller::server(server));
    lab
}

fn port_of(lab: &Lab, host: &str, port: u16) -> SocketAddr {
    SocketAddr::new(lab.address(host), port)
}

/// alice has connected to bob.
fn connected() -> Lab {
    let mut lab = lan(Families::V4);
    let bob = port_of(&lab, "bob", 80);
    lab.call("alice", bob, Config::default());
    lab.run_ms(100);
    assert_eq!(lab.caller("alice").heard(), [Told::Opened]);
    assert_eq!(lab.caller("bob").heard(), [Told::Accepted]);
    lab
}

fn lines(segments: &[(SimTime, String, NetReason)]) -> Vec<(&str, NetReason)> {
    segments.iter().map(|(_, line, reason)| (line.as_str(), *reason)).collect()
}

#[test]
fn the_handshake_and_the_end_are_seen_flag_by_flag() {
    for families in [Families::V4, Families::V6] {
        let mut lab = lan(families);
        let bob = port_of(&lab, "bob", 80);
        lab.act("alice", |caller, _| caller.to_write = b"hello".to_vec());
        lab.call("alice", bob, Config::default());
        lab.run_ms(100);
        lab.on_stream("alice", |host, stream| host.shutdown(stream));
        lab.run_ms(100);
        assert_eq!(lab.caller("bob").received, b"hello");
        let expected = [
            ("SYN seq 0 len 0", NetReason::TcpConnect),
            ("ACK seq 1 ack 1 len 0", NetReason::TcpHandshakeAck),
            ("PSH,ACK seq 1 ack 1 len 5", NetReason::TcpData),
            ("FIN,ACK seq 6 ack 1 len 0", NetReason::TcpFin),
            ("ACK seq 7 ack 2 len 0", NetReason::TcpAckOfFin),
        ];
        assert_eq!(lines(&lab.segments("alice")), expected);
        let expected = [
            ("SYN,ACK seq 0 ack 1 len 0", NetReason::TcpSynAnswered),
            ("ACK seq 1 ack 6 len 0", NetReason::TcpQuickAck),
            ("FIN,ACK seq 1 ack 7 len 0", NetReason::TcpFin),
        ];
        assert_eq!(lines(&lab.segments("bob")), expected);
    }
}

#[test]
fn a_connection_goes_through_the_states_of_the_rfc() {
    let mut lab = connected();
    lab.act("bob", |caller, _| caller.follows = false);
    for host in ["alice", "bob"] {
        lab.on_stream(host, |host, stream| host.shutdown(stream));
        lab.run_ms(120_000);
    }
    let expected = [
        (State::SynSent, NetReason::TcpConnect),
        (State::Established, NetReason::TcpEstablished),
        (State::FinWait1, NetReason::TcpCloseCalled),
        (State::FinWait2, NetReason::TcpFinAcknowledged),
        (State::TimeWait, NetReason::TcpFinReceived),
        (State::Closed, NetReason::TcpTimeWaitOver),
    ];
    assert_eq!(lab.states("alice"), expected);
    let expected = [
        (State::SynReceived, NetReason::TcpSynAnswered),
        (State::Established, NetReason::TcpEstablished),
        (State::CloseWait, NetReason::TcpFinReceived),
        (State::LastAck, NetReason::TcpCloseCalled),
        (State::Closed, NetReason::TcpFinAcknowledged),
    ];
    assert_eq!(lab.states("bob"), expected);
    let listening = lab.sockets("bob").into_iter().find(|(state, _)| state.state == State::Listen);
    assert_eq!(listening.map(|(_, reason)| reason), Some(NetReason::TcpListening));
}

#[test]
fn both_programs_hear_of_a_good_end() {
    let mut lab = connected();
    lab.on_stream("alice", |host, stream| host.shutdown(stream));
    lab.run_ms(100_000);
    assert_eq!(lab.caller("alice").heard(), [Told::Opened, Told::Ended, Told::Closed(None)]);
    assert_eq!(lab.caller("bob").heard(), [Told::Accepted, Told::Ended, Told::Closed(None)]);
    assert_eq!(lab.world.next_event_at(), None, "nothing is left to happen");
}

#[test]
fn after_half_a_close_the_other_half_still_carries() {
    let mut lab = lan(Families::V4);
    lab.act("bob", |caller, _| caller.follows = false);
    let bob = port_of(&lab, "bob", 80);
    lab.call("alice", bob, Config::default());
    lab.run_ms(100);
    lab.on_stream("alice", |host, stream| host.shutdown(stream));
    lab.run_ms(1_000);
    lab.on_stream("bob", |host, stream| host.write(stream, &[7; 5_000], None)).expect("written");
    lab.run_ms(1_000);
    assert_eq!(lab.caller("alice").received, [7; 5_000]);
    let failed = lab.on_stream("alice", |host, stream| host.write(stream, b"more", None));
    assert_eq!(failed, Err(tcp::WriteError::Closed));
    assert_eq!(lab.states("alice").last(), Some(&(State::FinWait2, NetReason::TcpFinAcknowledged)));
    lab.on_stream("bob", |host, stream| host.shutdown(stream));
    lab.run_ms(1_000);
    assert_eq!(lab.states("alice").last(), Some(&(State::TimeWait, NetReason::TcpFinReceived)));
}

#[test]
fn a_closed_port_answers_with_a_reset() {
    let mut lab = lan(Families::V4);
    let bob = port_of(&lab, "bob", 81);
    lab.call("alice", bob, Config::default());
    lab.run_ms(1_000);
    assert_eq!(lab.caller("alice").heard(), [Told::Closed(Some(TcpError::Refused))]);
    assert_eq!(lines(&lab.segments("bob")), [("RST,ACK seq 0 ack 1 len 0", NetReason::TcpResetNoConnection)]);
    let dropped = (NetReason::TcpResetNoConnection, "no socket on TCP port 81".to_string());
    assert_eq!(lab.drops(), [dropped]);
    assert_eq!(lab.states("alice").last(), Some(&(State::Closed, NetReason::TcpRefused)));
}

#[test]
fn an_abort_resets_the_peer() {
    let mut lab = connected();
    lab.on_stream("alice", |host, stream| host.abort(stream));
    lab.run_ms(100);
    assert_eq!(lab.caller("bob").heard(), [Told::Accepted, Told::Closed(Some(TcpError::Reset))]);
    assert_eq!(lab.states("bob").last(), Some(&(State::Closed, NetReason::TcpResetReceived)));
    assert_eq!(lab.segments("alice").last().map(|(_, _, reason)| *reason), Some(NetReason::TcpAborted));
    lab.run_ms(2_000);
    assert_eq!(lab.world.next_event_at(), None, "nothing is left to happen");
}

#[test]
fn closing_with_something_unread_resets_the_peer() {
    let mut lab = lan(Families::V4);
    lab.act("bob", |caller, _| caller.lets_lie = true);
    let bob = port_of(&lab, "bob", 80);
    lab.act("alice", |caller, _| caller.to_write = b"read me".to_vec());
    lab.call("alice", bob, Config::default());
    lab.run_ms(100);
    lab.on_stream("bob", |host, stream| host.close_stream(stream));
    lab.run_ms(100);
    assert_eq!(lab.caller("alice").heard(), [Told::Opened, Told::Closed(Some(TcpError::Reset))]);
    assert_eq!(lab.segments("bob").last().map(|(_, _, reason)| *reason), Some(NetReason::TcpResetUnread));
}

#[test]
fn a_host_that_does_not_answer_times_out_after_the_last_syn() {
    let mut lab = lan(Families::V4);
    let (node, config) = (lab.node("bob"), Config { syn_retries: 3, ..Config::default() });
    let link =
        lab.world.trace().topology().links().find(|(_, link)| link.nodes[0] == node).expect("a link").0;
    lab.world.set_link_up(link, false, None).expect("a link");
    let bob = port_of(&lab, "bob", 80);
    lab.call("alice", bob, config);
    lab.run_ms(60_000);
    let sent = lab.segments("alice");
    let why: Vec<_> = sent.iter().map(|(at, _, reason)| (at.as_nanos() / 1_000_000_000, *reason)).collect();
    let again = NetReason::TcpSynTimeout;
    assert_eq!(why, [(0, NetReason::TcpConnect), (1, again), (3, again), (7, again)]);
    assert_eq!(lab.caller("alice").heard(), [Told::Closed(Some(TcpError::TimedOut))]);
}

#[test]
fn an_icmp_error_does_not_end_a_connection() {
    let mut lab = connected();
    let (alice, bob) = (port_of(&lab, "alice", 0).ip(), port_of(&lab, "bob", 80));
    let segments = lab.world.trace().entries().filter_map(|(id, entry)| match entry.entity {
        Entity::Packet(_) => lab.world.trace().bytes_at(id).map(|bytes| bytes.into_owned()),
        _ => None,
    });
    let of_alice = segments.filter(|bytes| wire::ip::Header::parse(bytes).is_ok_and(|it| it.source == alice));
    let quoted = of_alice.last().expect("alice has sent");
    let mut error = Vec::new();
    let kind = wire::icmp::ErrorKind::PortUnreachable;
    wire::icmp::build_error(&mut error, bob.ip(), alice, kind, &quoted);
    lab.act("bob", |_, host| host.send_raw(&error, None, None)).expect("sent");
    lab.run_ms(100);
    assert_eq!(lab.states("alice").last(), Some(&(State::Established, NetReason::TcpEstablished)));
}

#[test]
fn a_router_that_knows_no_such_host_ends_an_attempt() {
    let draft = Draft::new().network("left", millis(5)).network("right", millis(5));
    let draft = draft.router("r", &["left", "right"]).host("alice", &["left"]).host("bob", &["right"]);
    let mut lab = draft.lab();
    lab.place("alice", Caller::default());
    let bob = lab.address("bob").to_string();
    let (prefix, _) = bob.rsplit_once('.').expect("IPv4");
    lab.call("alice", format!("{prefix}.200:80").parse().expect("an address"), Config::default());
    lab.run_ms(1_000);
    assert_eq!(lab.caller("alice").heard(), [Told::Closed(Some(TcpError::Unreachable))]);
    assert_eq!(lab.states("alice").last(), Some(&(State::Closed, NetReason::TcpUnreachable)));
}

#[test]
fn two_hosts_can_open_to_each_other_at_the_same_time() {
    let mut lab = lan(Families::V4);
    let (alice, bob) = (port_of(&lab, "alice", 5000), port_of(&lab, "bob", 5001));
    for (host, from, to) in [("alice", alice, bob), ("bob", bob, alice)] {
        lab.act(host, |caller, host| {
            let stream = host.connect_tcp_from(from, to, Config::default(), None).expect("a route");
            caller.stream = Some(stream);
        });
    }
    lab.run_ms(100);
    for host in ["alice", "bob"] {
        let expected = [
            (State::SynSent, NetReason::TcpConnect),
            (State::SynReceived, NetReason::TcpSimultaneousOpen),
            (State::Established, NetReason::TcpEstablished),
        ];
        assert_eq!(lab.states(host), expected);
        assert_eq!(lab.caller(host).heard(), [Told::Opened]);
    }
}

#[test]
fn connections_wait_at_the_listener_until_it_is_closed() {
    let mut lab = lan(Families::V4);
    lab.act("bob", |caller, _| caller.lets_wait = true);
    let bob = port_of(&lab, "bob", 80);
    lab.call("alice", bob, Config::default());
    lab.run_ms(100);
    assert_eq!(lab.caller("alice").heard(), [Told::Opened], "the handshake needs no program");
    assert_eq!(lab.caller("bob").heard(), []);
    lab.act("bob", |caller, host| host.close_listener(caller.listener.expect("it listens")));
    lab.run_ms(100);
    assert_eq!(lab.caller("alice").heard().last(), Some(&Told::Closed(Some(TcpError::Reset))));
    lab.call("alice", bob, Config::default());
    lab.run_ms(100);
    assert_eq!(lab.caller("alice").heard().last(), Some(&Told::Closed(Some(TcpError::Refused))));
}

#[test]
fn a_full_backlog_drops_syns_which_come_again() {
    let mut lab = lan(Families::V4);
    lab.act("bob", |caller, host| {
        host.close_listener(caller.listener.expect("it listens"));
        caller.lets_wait = true;
        let any = "0.0.0.0".parse().expect("an address");
        caller.listener = Some(host.listen_tcp(any, 80, 1, Config::default()).expect("free"));
    });
    let bob = port_of(&lab, "bob", 80);
    lab.call("alice", bob, Config::default());
    lab.run_ms(100);
    lab.call("alice", bob, Config::default());
    lab.run_ms(500);
    assert_eq!(lab.times_of(NetReason::TcpBacklogFull).len(), 1);
    lab.act("bob", |caller, host| host.accept(caller.listener.expect("it listens")).expect("one waits"));
    lab.run_ms(2_000);
    assert_eq!(lab.caller("alice").heard(), [Told::Opened, Told::Opened]);
}

#[test]
fn a_new_connection_takes_over_one_in_time_wait() {
    let mut lab = lan(Families::V4);
    let (alice, bob) = (port_of(&lab, "alice", 5000), port_of(&lab, "bob", 80));
    lab.act("bob", |caller, _| caller.follows = false);
    let connect = |lab: &mut Lab| {
        lab.act("alice", |caller, host| {
            let stream = host.connect_tcp_from(alice, bob, Config::default(), None);
            caller.stream = Some(stream.expect("a free port"));
            caller.follows = true;
        });
        lab.run_ms(100);
    };
    connect(&mut lab);
    // bob closes first, so that it is bob who waits, and alice who may use the port again.
    lab.on_stream("bob", |host, stream| host.shutdown(stream));
    lab.run_ms(100);
    assert_eq!(lab.states("bob").last(), Some(&(State::TimeWait, NetReason::TcpFinReceived)));
    connect(&mut lab);
    assert_eq!(lab.times_of(NetReason::TcpTimeWaitReused).len(), 1);
    assert_eq!(lab.states("bob").last(), Some(&(State::Established, NetReason::TcpEstablished)));
}

#[test]
fn a_narrow_link_on_the_way_is_found() {
    let draft = Draft::new().network("left", millis(5)).network("right", millis(5).with_mtu(1000));
    let draft = draft.router("r", &["left", "right"]).host("alice", &["left"]).host("bob", &["right"]);
    let mut lab = draft.lab();
    lab.place("alice", Caller { to_write: vec![9; 50_000], ..Caller::default() });
    let generous = Config { mtu: 1500, ..Config::default() };
    lab.place("bob", Caller::server(generous));
    let bob = port_of(&lab, "bob", 80);
    lab.call("alice", bob, Config::default());
    lab.run_ms(2_000);
    assert_eq!(lab.caller("bob").received.len(), 50_000);
    let longest =
        lab.segments("alice").iter().filter_map(|(_, line, _)| line.rsplit(' ').next()?.parse().ok()).max();
    assert_eq!(longest, Some(1000 - 20 - 32), "the peer said so in its SYN-ACK");
}

#[test]
fn a_narrow_link_in_the_middle_is_found_by_the_error_of_its_router() {
    let mut plan = Draft::new().network("left", millis(5)).network("right", millis(5));
    plan = plan.router("r", &["left"]).router("q", &["right"]).connect("r", "q", millis(5).with_mtu(1000));
    let mut lab = plan.host("alice", &["left"]).host("bob", &["right"]).lab();
    lab.place("alice", Caller { to_write: vec![9; 50_000], ..Caller::default() });
    lab.place("bob", Caller::server(Config::default()));
    let bob = port_of(&lab, "bob", 80);
    lab.call("alice", bob, Config::default());
    lab.run_ms(2_000);
    assert_eq!(lab.caller("bob").received.len(), 50_000);
    assert_eq!(
        lab.sockets("alice").iter().filter(|(_, why)| *why == NetReason::TcpPathMtuReduced).count(),
        1
    );
    assert_eq!(lab.times_of(NetReason::TcpRetransmissionTimeout).len(), 0, "the error is enough");
}

/// alice sends a megabyte through loss and reordering.
fn lossy(seed: u64) -> Lab {
    let link = millis(10).with_jitter(Duration::from_millis(4)).with_loss(0.02).with_reordering();
    let draft = Draft::new().network("lan", link).host("alice", &["lan"]).host("bob", &["lan"]);
    let mut lab = Lab::seeded(draft.0, seed);
    lab.place("alice", Caller { to_write: vec![5; 1_000_000], ..Caller::default() });
    lab.place("bob", Caller::server(Config::default()));
    let bob = port_of(&lab, "bob", 80);
    lab.call("alice", bob, Config { send_buffer: 100_000, ..Config::default() });
    lab.run_ms(60_000);
    assert_eq!(lab.caller("bob").received.len(), 1_000_000);
    lab
}

#[test]
fn every_segment_that_is_sent_again_says_why() {
    let lab = lossy(1);
    let mut highest = 0;
    let mut again = Vec::new();
    for (_, line, reason) in lab.segments("alice") {
        let number = |at: usize| line.split(' ').nth(at).and_then(|word| word.parse::<u32>().ok());
        let (seq, length) =
            (number(2).expect("a number"), line.rsplit(' ').next().and_then(|it| it.parse().ok()));
        let end = seq + length.unwrap_or(0);
        if end <= highest && end > seq {
            again.push(reason);
        }
        highest = highest.max(end);
    }
    assert!(again.len() > 20, "{}", again.len());
    let reasons = [
        NetReason::TcpRackLoss,
        NetReason::TcpFastRetransmit,
        NetReason::TcpRetransmissionTimeout,
        NetReason::TcpTailLossProbe,
        NetReason::TcpTailLossFound,
        NetReason::TcpPartialAck,
    ];
    assert!(again.iter().all(|reason| reasons.contains(reason)), "{again:?}");
    let counted = lab.sockets("alice").last().map(|(state, _)| state.retransmissions);
    assert!(counted.is_some_and(|counted| counted as usize >= again.len() / 2), "{counted:?}");
}

#[test]
fn what_a_segment_makes_happen_is_caused_by_it() {
    let lab = connected();
    let trace = lab.world.trace();
    let syn_ack = trace.entries().find(|(_, entry)| entry.reason == Some(NetReason::TcpSynAnswered.into()));
    let (id, entry) = syn_ack.expect("recorded");
    assert!(matches!(entry.change, Change::Tcp(_)), "first the state, then the segment");
    let cause = trace.entry(entry.cause.expect("caused"));
    assert!(matches!(cause.change, Change::Delivered { .. }));
    let effect = trace.effects_of(id).first().map(|effect| trace.entry(*effect));
    assert!(effect.is_some_and(|effect| matches!(effect.change, Change::Hop { .. })));
}

#[test]
fn one_seed_gives_one_trace_with_tcp_too() {
    assert_eq!(lossy(1).world.trace().hash(), lossy(1).world.trace().hash());
    assert_ne!(lossy(1).world.trace().hash(), lossy(2).world.trace().hash());
}

#[test]
fn a_program_that_takes_a_protocol_gets_its_packets_as_they_are() {
    #[derive(Debug, Default)]
    struct Taker(Vec<Vec<u8>>);
    impl Program for Taker {
        fn start(&mut self, host: &mut Host<'_>) {
            host.take_protocol(wire::ip::TCP);
        }
        fn packet(&mut self, _: &mut Host<'_>, _: rtclab_trace::PacketId, bytes: &[u8]) {
            self.0.push(bytes.to_vec());
        }
    }
    let draft = Draft::new().network("lan", millis(5));
    let mut lab = draft.host("alice", &["lan"]).host("bob", &["lan"]).lab();
    lab.place("alice", Caller::default());
    let node = lab.node("bob");
    let id = lab.world.install(node, Box::new(Taker::default())).expect("a host");
    let bob = port_of(&lab, "bob", 80);
    lab.call("alice", bob, Config::default());
    lab.run_ms(500);
    assert_eq!(lab.world.program::<Taker>(node, id).map(|taker| taker.0.len()), Some(1));
    assert!(lab.segments("bob").is_empty(), "the host itself is silent");
}
