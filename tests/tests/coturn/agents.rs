//! Our ICE agent with relays over TCP and TLS: coturn's and our own. Candidates, and data through them.

use std::net::SocketAddr;

use rtclab_live::gather::{GatherSettings, Gathering, gather};
use rtclab_live::interfaces::{Choice, bind, interfaces};
use rtclab_live::serve::{PeerService, PeerSettings, TurnService};
use rtclab_live::{Event, Session, SystemRandomness, Trust, Wire};
use rtclab_rtc::ice::{
    Agent, AgentConfig, CandidateKind, CandidateLine, CandidatePolicy, Change, Role, TurnServer,
};
use rtclab_rtc::stun::Transport;
use rtclab_rtc::websocket::{self, ClientHandshake, Limits, WebSocket};
use rtclab_rtc::{Output, Subject};

use crate::tls::{Certificate, secured_coturn};
use crate::{PASSWORD, PATIENCE, USER};

/// A server over one transport, as whom it has to show itself, and whom to believe.
struct Server {
    turn: TurnServer,
    trust: Option<Trust>,
}

fn server(at: SocketAddr, transport: Transport, trust: Option<Trust>) -> Server {
    Server { turn: TurnServer::new(at, USER, PASSWORD).over(transport).named("localhost"), trust }
}

/// Our own server, over both.
fn ours(certificate: &Certificate) -> [Server; 2] {
    let service = TurnService::start(&certificate.settings()).expect("free ports");
    let (plain, secured) = (service.listening()[0], service.secured()[0]);
    tokio::spawn(service.run(std::future::pending(), |_| {}));
    [server(plain, Transport::Tcp, None), server(secured, Transport::Tls, Some(certificate.trust()))]
}

async fn gathered(server: &Server) -> Gathering {
    let settings = GatherSettings {
        choice: Choice::Loopback,
        stun: Vec::new(),
        turn: vec![server.turn.clone()],
        trust: server.trust.clone(),
        patience: PATIENCE,
    };
    gather(&settings).await.expect("there are sockets")
}

async fn gives_a_relayed_candidate(server: &Server) {
    let gathering = gathered(server).await;
    let relayed: Vec<_> =
        gathering.candidates.iter().filter(|found| found.kind == CandidateKind::Relayed).collect();
    assert!(gathering.errors.is_empty(), "{:?}", gathering.errors);
    assert_eq!(relayed.len(), 1, "{gathering}");
    assert_eq!(relayed[0].relay_protocol, Some(server.turn.transport));
}

/// One end of a call, on loopback.
fn agent(role: Role, server: Option<&Server>) -> Session<Agent> {
    let mut wire = Wire::new();
    let found = interfaces(Choice::Loopback).expect("addresses");
    let sockets = bind(&mut wire, &found).expect("free ports");
    let sockets = sockets.into_iter().filter(|socket| socket.address.is_ipv4()).collect();
    let mut config = AgentConfig::new(role, sockets);
    if let Some(server) = server {
        config.policy = CandidatePolicy::Relayed;
        config.turn_servers.push(server.turn.clone());
    }
    let agent = Agent::new(config, SystemRandomness::boxed().expect("a generator"));
    Session::new(agent, wire).trusting(server.and_then(|server| server.trust.clone()))
}

/// What one side does with what the other tells: candidates are signaled, data is kept.
fn pass_on(told: &Output<Change>, from: &Session<Agent>, to: &mut Session<Agent>, data: &mut Vec<Vec<u8>>) {
    match told {
        Output::Change { subject: Subject::LocalCandidate(number), .. } => {
            let line: Option<CandidateLine> = from.protocol().candidate_line(*number);
            if let Some(line) = line {
                to.command(|agent, now| agent.add_remote_candidate(line, now));
            }
        }
        Output::Data { payload, .. } => data.push(payload.clone()),
        _ => {}
    }
}

/// A call between a side that has nothing but the relay and a host; data both ways.
async fn carries_a_call(server: &Server) {
    let (mut relayed, mut host) = (agent(Role::Controlling, Some(server)), agent(Role::Controlled, None));
    let credentials = |session: &Session<Agent>| session.protocol().local_credentials().clone();
    let (ours, theirs) = (credentials(&relayed), credentials(&host));
    relayed.command(|agent, now| agent.set_remote_credentials(theirs, now));
    host.command(|agent, now| agent.set_remote_credentials(ours, now));
    relayed.command(Agent::gather);
    host.command(Agent::gather);
    let (mut at_relayed, mut at_host) = (Vec::new(), Vec::new());
    let mut said = false;
    let call = async {
        while at_relayed.is_empty() || at_host.is_empty() {
            tokio::select! {
                told = relayed.next() => pass_on(&told, &relayed, &mut host, &mut at_relayed),
                told = host.next() => pass_on(&told, &host, &mut relayed, &mut at_host),
            }
            let connected = [&relayed, &host].into_iter().all(|side| side.protocol().selected().is_some());
            if connected && !std::mem::replace(&mut said, true) {
                relayed.command(|agent, now| agent.send(b"from behind", now)).expect("a pair is selected");
                host.command(|agent, now| agent.send(b"back", now)).expect("a pair is selected");
            }
        }
    };
    tokio::time::timeout(PATIENCE, call).await.expect("data comes in time");
    assert_eq!((&at_host[0][..], &at_relayed[0][..]), (&b"from behind"[..], &b"back"[..]));
    let (_, local, _) = relayed.protocol().selected().expect("a pair");
    assert_eq!(local.relay_protocol, Some(server.turn.transport));
}

#[tokio::test]
async fn coturn_gives_relayed_candidates_over_tcp_and_tls() {
    let certificate = Certificate::new("agents-coturn");
    let coturn = secured_coturn(&certificate).await;
    gives_a_relayed_candidate(&server(coturn.address(), Transport::Tcp, None)).await;
    gives_a_relayed_candidate(&server(coturn.address(), Transport::Tls, Some(certificate.trust()))).await;
}

#[tokio::test]
async fn our_server_gives_relayed_candidates_over_tcp_and_tls() {
    for server in ours(&Certificate::new("agents-ours")) {
        gives_a_relayed_candidate(&server).await;
    }
}

#[tokio::test]
async fn a_call_goes_through_coturn_over_tcp_and_tls() {
    let certificate = Certificate::new("agents-call-coturn");
    let coturn = secured_coturn(&certificate).await;
    carries_a_call(&server(coturn.address(), Transport::Tcp, None)).await;
    carries_a_call(&server(coturn.address(), Transport::Tls, Some(certificate.trust()))).await;
}

#[tokio::test]
async fn a_call_goes_through_our_server_over_tcp_and_tls() {
    for server in ours(&Certificate::new("agents-call-ours")) {
        carries_a_call(&server).await;
    }
}

#[tokio::test]
async fn a_server_that_is_not_trusted_is_an_error_that_says_so() {
    let certificate = Certificate::new("agents-trusted");
    let stranger = Certificate::new("agents-stranger");
    let [_, secured] = ours(&certificate);
    for trust in [Some(stranger.trust()), None] {
        let gathering = gathered(&Server { turn: secured.turn.clone(), trust }).await;
        assert_eq!(gathering.errors.len(), 1, "{gathering}");
        let error = &gathering.errors[0];
        assert_eq!((error.code, error.transport), (701, Transport::Tls));
        assert!(error.explanation.contains("certificate"), "{}", error.explanation);
    }
}

/// What a peer of `rtclab serve peer` says to a page that only listens, until it says this.
async fn hears(page: SocketAddr, wanted: &str) -> String {
    let mut wire = Wire::new();
    let stream = wire.connect(None, page);
    let randomness = || SystemRandomness::boxed().expect("a generator");
    let handshake = ClientHandshake::new(&page.to_string(), "/signaling", &[], &mut *randomness());
    let mut socket = WebSocket::client(handshake.expect("a request"), Limits::default(), randomness());
    let mut connected = false;
    loop {
        match wire.next(None).await {
            Event::Connected { .. } => connected = true,
            Event::StreamData { bytes, .. } => socket.handle_bytes(&bytes),
            event => panic!("the page is not spoken to: {event:?}"),
        }
        while let Some(output) = socket.poll_output().filter(|_| connected) {
            match output {
                websocket::Output::Transmit(bytes) => wire.write(stream, bytes),
                websocket::Output::Event(websocket::Event::Text(text)) if text.contains(wanted) => {
                    return text;
                }
                websocket::Output::Event(_) | websocket::Output::CloseStream => {}
            }
        }
    }
}

async fn the_live_peer_offers_a_relay(server: &Server) {
    let settings = PeerSettings {
        listen: vec!["127.0.0.1:0".parse().expect("an address")],
        interfaces: Choice::Loopback,
        turn: vec![server.turn.clone()],
        trust: server.trust.clone(),
        offers: true,
        ..PeerSettings::default()
    };
    let service = PeerService::start(settings).expect("a free port");
    let page = service.listening()[0];
    let stopped = tokio::time::timeout(PATIENCE, hears(page, " typ relay "));
    let told = std::cell::RefCell::new(Vec::new());
    let heard = std::cell::RefCell::new(None);
    let stop = async {
        *heard.borrow_mut() = stopped.await.ok();
    };
    service.run(stop, |note| told.borrow_mut().push(note.to_string())).await;
    assert!(heard.borrow().is_some(), "{:?}: {:?}", server.turn, told.borrow());
}

#[tokio::test]
async fn the_peer_of_a_page_has_relays_over_tcp_and_tls() {
    let certificate = Certificate::new("agents-peer");
    for server in ours(&certificate) {
        the_live_peer_offers_a_relay(&server).await;
    }
    let coturn = secured_coturn(&certificate).await;
    the_live_peer_offers_a_relay(&server(coturn.address(), Transport::Tcp, None)).await;
    the_live_peer_offers_a_relay(&server(coturn.address(), Transport::Tls, Some(certificate.trust()))).await;
}
