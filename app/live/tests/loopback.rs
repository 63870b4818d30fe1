//! Our clients against our servers, over the sockets of this machine's loopback interface.

use std::net::SocketAddr;
use std::time::Duration;

use rtclab_live::gather::{GatherSettings, gather};
use rtclab_live::interfaces::Choice;
use rtclab_live::probe::{ProbeSettings, StreamServer, probe, probe_stream};
use rtclab_live::serve::{Note, ServeError, Settings, StunService, TurnService};
use rtclab_live::{Session, SystemRandomness, Wire};
use rtclab_rtc::ice::{CandidateKind, TurnServer};
use rtclab_rtc::stun::{BindingClient, TransactionState, Transport};
use rtclab_rtc::turn::{AllocationState, Credentials, TurnClient};
use rtclab_rtc::{Output, Time};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

const LOOPBACK: &str = "127.0.0.1:0";
/// Far more than anything here takes; only a broken test waits for it.
const PATIENCE: Duration = Duration::from_secs(20);

fn address(text: &str) -> SocketAddr {
    text.parse().expect("an address")
}

fn settings(users: &[&str]) -> Settings {
    Settings {
        listen: vec![LOOPBACK.parse().expect("an address")],
        user: users.iter().map(|user| user.parse().expect("NAME:PASSWORD")).collect(),
        allow_peer: vec!["127.0.0.0/8".parse().expect("a range")],
        ..Settings::default()
    }
}

/// A server that runs until it is told to stop; then it hands back what it told.
struct Running {
    at: SocketAddr,
    stop: oneshot::Sender<()>,
    notes: JoinHandle<Vec<Note>>,
}

impl Running {
    fn turn(settings: &Settings) -> Running {
        let service = TurnService::start(settings).expect("a free port");
        let at = service.listening()[0];
        let (stop, stopped) = oneshot::channel();
        let notes = tokio::spawn(async move {
            let mut notes = Vec::new();
            let stop = async {
                let _ = stopped.await;
            };
            service.run(stop, |note| notes.push(note.clone())).await;
            notes
        });
        Running { at, stop, notes }
    }

    fn stun() -> Running {
        let service = StunService::start(&settings(&[])).expect("a free port");
        let at = service.listening()[0];
        let (stop, stopped) = oneshot::channel();
        let notes = tokio::spawn(async move {
            let mut notes = Vec::new();
            let stop = async {
                let _ = stopped.await;
            };
            service.run(stop, |note| notes.push(note.clone())).await;
            notes
        });
        Running { at, stop, notes }
    }

    async fn stop(self) -> Vec<Note> {
        self.stop.send(()).expect("it runs");
        self.notes.await.expect("it ends well")
    }
}

fn turn_client(server: SocketAddr, password: &str) -> Session<TurnClient> {
    let mut wire = Wire::new();
    let local = wire.bind_udp(address(LOOPBACK)).expect("a free port");
    let credentials = Credentials { username: "alice".to_owned(), password: password.to_owned() };
    let mut client =
        TurnClient::new(local, server, credentials, SystemRandomness::boxed().expect("a generator"));
    client.allocate(Time::ZERO);
    Session::new(client, wire)
}

/// Goes on until the protocol is as it should be.
async fn until<T>(session: &mut Session<TurnClient>, mut done: impl FnMut(&TurnClient) -> Option<T>) -> T {
    let wait = async {
        loop {
            if let Some(result) = done(session.protocol()) {
                return result;
            }
            session.next().await;
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.expect("it happens in time")
}

/// The next data that comes through the relay.
async fn data(session: &mut Session<TurnClient>) -> (SocketAddr, Vec<u8>) {
    let wait = async {
        loop {
            if let Output::Data { from, payload, .. } = session.next().await {
                return (from, payload);
            }
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.expect("data comes in time")
}

#[tokio::test]
async fn a_stun_server_tells_a_client_its_own_address() {
    let server = Running::stun();
    let mut wire = Wire::new();
    let local = wire.bind_udp(address(LOOPBACK)).unwrap();
    let client = BindingClient::new(local, server.at, SystemRandomness::boxed().unwrap());
    let mut session = Session::new(client, wire);
    session.command(BindingClient::start);
    while session.protocol().state() == Some(TransactionState::Pending) {
        session.next().await;
    }
    assert_eq!(session.protocol().mapped_address(), Some(local));
    let notes = server.stop().await;
    assert!(matches!(notes.last(), Some(Note::Stopped { allocations: 0 })));
}

#[tokio::test]
async fn two_clients_talk_through_the_relay_by_indication_and_by_channel() {
    let server = Running::turn(&settings(&["alice:wonderland"]));
    let mut one = turn_client(server.at, "wonderland");
    let mut other = turn_client(server.at, "wonderland");
    let here = until(&mut one, TurnClient::relayed_address).await;
    let there = until(&mut other, TurnClient::relayed_address).await;
    one.command(|client, now| client.create_permission(there, now));
    other.command(|client, now| client.bind_channel(here, now));
    until(&mut one, |client| client.has_permission(there.ip()).then_some(())).await;
    until(&mut other, |client| client.channel_of(here)).await;
    one.command(|client, now| client.send_to(there, b"by indication", now));
    let sent = tokio::select! { got = data(&mut other) => got, _ = async { loop { one.next().await; } } => unreachable!() };
    assert_eq!(sent, (here, b"by indication".to_vec()));
    other.command(|client, now| client.send_to(here, b"by channel", now));
    let sent = tokio::select! { got = data(&mut one) => got, _ = async { loop { other.next().await; } } => unreachable!() };
    assert_eq!(sent, (there, b"by channel".to_vec()));
    one.command(TurnClient::release);
    until(&mut one, |client| (client.state() == Some(AllocationState::Released)).then_some(())).await;
    let notes = server.stop().await;
    assert!(matches!(notes.last(), Some(Note::Stopped { allocations: 1 })), "{:?}", notes.last());
}

#[tokio::test]
async fn a_wrong_password_gets_no_allocation() {
    let server = Running::turn(&settings(&["alice:wonderland"]));
    let mut client = turn_client(server.at, "looking-glass");
    let refused = |client: &TurnClient| match client.state() {
        Some(AllocationState::Refused(code)) => Some(code),
        _ => None,
    };
    assert_eq!(until(&mut client, refused).await, 401);
    server.stop().await;
}

#[tokio::test]
async fn a_relay_to_this_machine_itself_has_to_be_allowed() {
    let strict = Settings { allow_peer: Vec::new(), ..settings(&["alice:wonderland"]) };
    let server = Running::turn(&strict);
    let mut client = turn_client(server.at, "wonderland");
    until(&mut client, TurnClient::relayed_address).await;
    let peer = address("127.0.0.1:9");
    client.command(|client, now| client.create_permission(peer, now));
    until(&mut client, |client| (!client.may_reach(peer)).then_some(())).await;
    server.stop().await;
}

#[tokio::test]
async fn gathering_tells_candidates_and_explains_errors() {
    let (stun, turn) = (Running::stun(), Running::turn(&settings(&["alice:wonderland"])));
    let nobody = std::net::UdpSocket::bind(LOOPBACK).unwrap();
    let account = |password: &str| TurnServer::new(turn.at, "alice", password);
    let settings = GatherSettings {
        choice: Choice::Loopback,
        stun: vec![stun.at, nobody.local_addr().unwrap()],
        turn: vec![account("wonderland"), account("looking-glass")],
        trust: None,
        patience: Duration::from_secs(2),
    };
    let gathering = gather(&settings).await.unwrap();
    let kinds: Vec<CandidateKind> = gathering.candidates.iter().map(|found| found.kind).collect();
    assert!(kinds.contains(&CandidateKind::Host) && kinds.contains(&CandidateKind::Relayed), "{kinds:?}");
    let mut codes: Vec<u16> = gathering.errors.iter().map(|error| error.code).collect();
    codes.sort_unstable();
    assert_eq!(codes, [401, 701], "{:?}", gathering.errors);
    let notes = turn.stop().await;
    assert!(matches!(notes.last(), Some(Note::Stopped { allocations: 0 })), "the allocation was given back");
    stun.stop().await;
}

#[tokio::test]
async fn a_relay_over_tcp_is_gathered_beside_one_over_udp_and_given_back() {
    let turn = Running::turn(&settings(&["alice:wonderland"]));
    let nobody = std::net::TcpListener::bind(LOOPBACK).and_then(|socket| socket.local_addr()).unwrap();
    let server = |at| TurnServer::new(at, "alice", "wonderland");
    let settings = GatherSettings {
        choice: Choice::Loopback,
        stun: Vec::new(),
        turn: vec![
            server(turn.at),
            server(turn.at).over(Transport::Tcp),
            server(nobody).over(Transport::Tcp),
        ],
        trust: None,
        patience: PATIENCE,
    };
    let gathering = gather(&settings).await.unwrap();
    let mut relays: Vec<_> = gathering
        .candidates
        .iter()
        .filter_map(|found| Some((found.relay_protocol?, found.priority)))
        .collect();
    relays.sort_by_key(|(_, priority)| std::cmp::Reverse(*priority));
    assert!(matches!(relays[..], [(Transport::Udp, _), (Transport::Tcp, _)]), "{relays:?}");
    let [error] = &gathering.errors[..] else { panic!("{:?}", gathering.errors) };
    assert_eq!((error.server, error.transport, error.code), (nobody, Transport::Tcp, 701));
    assert!(error.explanation.contains("there is no connection to it"), "{}", error.explanation);
    let notes = turn.stop().await;
    assert!(
        matches!(notes.last(), Some(Note::Stopped { allocations: 0 })),
        "the allocations were given back"
    );
}

#[tokio::test]
async fn a_stun_server_tells_the_address_of_a_connection() {
    let stun = Running::stun();
    let server = StreamServer { address: stun.at, name: None, local: None, trust: None };
    let report = probe_stream(server).await.unwrap();
    assert_eq!(report.mapped, report.local);
    assert!(report.meaning().contains("mapping, filtering"), "{report}");
    stun.stop().await;
    let nobody = std::net::TcpListener::bind(LOOPBACK).and_then(|socket| socket.local_addr()).unwrap();
    let server = StreamServer { address: nobody, name: None, local: None, trust: None };
    let report = probe_stream(server).await.unwrap();
    assert_eq!((report.local, report.mapped), (None, None));
    assert!(report.trouble.is_some());
}

#[tokio::test]
async fn gathering_without_servers_tells_every_host_although_it_is_over_at_once() {
    let settings = GatherSettings {
        choice: Choice::Loopback,
        stun: Vec::new(),
        turn: Vec::new(),
        trust: None,
        patience: Duration::from_secs(2),
    };
    let gathering = gather(&settings).await.unwrap();
    assert_eq!(gathering.candidates.len(), gathering.sockets.len());
    assert!(!gathering.candidates.is_empty() && gathering.errors.is_empty(), "{gathering:?}");
}

#[tokio::test]
async fn servers_that_cannot_start_say_why() {
    assert!(matches!(TurnService::start(&settings(&[])), Err(ServeError::NoCredentials)));
    let taken = std::net::UdpSocket::bind(LOOPBACK).unwrap();
    let there = Settings {
        listen: vec![taken.local_addr().unwrap().to_string().parse().unwrap()],
        ..Settings::default()
    };
    let error = StunService::start(&there).unwrap_err().to_string();
    assert!(error.contains("in use by another program"), "{error}");
    let foreign = Settings { listen: vec!["203.0.113.7:3478".parse().unwrap()], ..Settings::default() };
    let error = StunService::start(&foreign).unwrap_err().to_string();
    assert!(error.contains("this machine has no such address"), "{error}");
}

#[tokio::test]
async fn a_machine_without_a_nat_is_found_to_have_none() {
    // Two ports that were free a moment ago; if somebody takes one of them in between, others are tried.
    let service = loop {
        let ports: Vec<SocketAddr> = (0..2)
            .map(|_| std::net::UdpSocket::bind(LOOPBACK).and_then(|socket| socket.local_addr()).unwrap())
            .collect();
        let settings = Settings {
            listen: vec![ports[0].to_string().parse().unwrap()],
            other: Some(format!("127.0.0.2:{}", ports[1].port()).parse().unwrap()),
            ..Settings::default()
        };
        match StunService::start(&settings) {
            Err(ServeError::PortInUse { .. } | ServeError::Other(_)) => {}
            other => break other.unwrap(),
        }
    };
    let server = service.listening()[0];
    tokio::spawn(service.run(std::future::pending(), |_| {}));
    let mut told = Vec::new();
    let settings = ProbeSettings { fragments: true, ..ProbeSettings::default() };
    let report = probe(server, settings, |finding| told.push(finding.question)).await.unwrap();
    assert_eq!(told, ["connectivity", "gateway", "mapping", "filtering", "fragments"]);
    let answers: Vec<_> = report.findings.iter().map(|finding| finding.answer.as_deref().unwrap()).collect();
    let expected = ["reached, no NAT", "no", "untranslated", "endpoint-independent filtering", "yes"];
    assert_eq!(answers, expected);
    assert!(report.meaning().starts_with("A call can be direct"));
}
