//! Our client gets an allocation from coturn, data goes through it both ways, and it stays alive.

use std::net::SocketAddr;
use std::time::Duration;

use rtclab_live::Session;
use rtclab_rtc::Reason;
use rtclab_rtc::turn::{AllocationState, TurnClient};
use tokio::net::UdpSocket;

use crate::turnserver::Coturn;
use crate::{PASSWORD, PATIENCE, client, client_over_tcp, relayed, until};

pub(crate) const LOOPBACK_PEERS: &str = "--allow-loopback-peers";

/// A peer: a socket on loopback that says what it got.
struct Peer(UdpSocket);

impl Peer {
    async fn on(ip: &str) -> Peer {
        Peer(UdpSocket::bind((ip, 0)).await.expect("a free port"))
    }

    fn address(&self) -> SocketAddr {
        self.0.local_addr().expect("bound")
    }

    async fn receives(&self) -> (SocketAddr, Vec<u8>) {
        let mut buffer = [0; 2048];
        let received = tokio::time::timeout(PATIENCE, self.0.recv_from(&mut buffer)).await;
        let (length, from) = received.expect("it arrives in time").expect("the socket works");
        (from, buffer[..length].to_vec())
    }
}

/// Data to a peer and back, with the client running meanwhile.
async fn there_and_back(session: &mut Session<TurnClient>, peer: &Peer, relay: SocketAddr, text: &[u8]) {
    session.command(|client, now| client.send_to(peer.address(), text, now));
    let got = tokio::select! {
        got = peer.receives() => got,
        ((), _) = until(session, |_, _| None) => unreachable!("it never says that it is done"),
    };
    assert_eq!(got, (relay, text.to_vec()));
    peer.0.send_to(text, relay).await.expect("the relay can be sent to");
    let (back, _) = until(session, |_, way| way.data.first().cloned()).await;
    assert_eq!(back, (peer.address(), text.to_vec()));
}

async fn relays_on(ip: &str) {
    let coturn = Coturn::start(ip, &[LOOPBACK_PEERS]).await;
    relays(ip, &coturn, client(coturn.address(), PASSWORD)).await;
}

pub(crate) async fn relays(ip: &str, coturn: &Coturn, mut session: Session<TurnClient>) {
    let relay = relayed(&mut session).await;
    assert_eq!(relay.ip(), coturn.address().ip());
    let mapped = session.protocol().mapped_address();
    assert_eq!(mapped, Some(session.protocol().local_address()), "nothing is translated on loopback");
    let peer = Peer::on(ip).await;
    session.command(|client, now| client.create_permission(peer.address(), now));
    until(&mut session, |client, _| client.has_permission(peer.address().ip()).then_some(())).await;
    there_and_back(&mut session, &peer, relay, b"by indication").await;
    session.command(|client, now| client.bind_channel(peer.address(), now));
    until(&mut session, |client, _| client.channel_of(peer.address())).await;
    there_and_back(&mut session, &peer, relay, b"by channel").await;
    session.command(TurnClient::release);
    until(&mut session, |client, _| (client.state() == Some(AllocationState::Released)).then_some(())).await;
}

#[tokio::test]
async fn data_goes_through_coturn_by_indication_and_by_channel() {
    relays_on("127.0.0.1").await;
}

#[tokio::test]
async fn data_goes_through_coturn_over_ipv6() {
    relays_on("::1").await;
}

#[tokio::test]
async fn data_goes_through_coturn_over_tcp() {
    let coturn = Coturn::start("127.0.0.1", &[LOOPBACK_PEERS]).await;
    relays("127.0.0.1", &coturn, client_over_tcp(coturn.address(), PASSWORD).await).await;
}

#[tokio::test]
async fn coturn_refreshes_allocation_permission_and_channel() {
    let coturn = Coturn::start("127.0.0.1", &[LOOPBACK_PEERS]).await;
    let mut session = client(coturn.address(), PASSWORD);
    let relay = relayed(&mut session).await;
    let (permitted, bound) = (Peer::on("127.0.0.1").await, Peer::on("127.0.0.2").await);
    session.command(|client, now| client.create_permission(permitted.address(), now));
    session.command(|client, now| client.bind_channel(bound.address(), now));
    until(&mut session, |client, _| client.channel_of(bound.address())).await;
    until(&mut session, |client, _| client.has_permission(permitted.address().ip()).then_some(())).await;
    // For the client, minutes pass at once: first the permission is about to end, then allocation and channel are.
    let told =
        |reason: Reason| move |_: &TurnClient, way: &crate::Way| way.reasons.contains(&reason).then_some(());
    session.skip(Duration::from_secs(290));
    until(&mut session, told(Reason::TurnPermitted)).await;
    session.skip(Duration::from_secs(290));
    let both = |client: &TurnClient, way: &crate::Way| {
        told(Reason::TurnRefreshed)(client, way).and(told(Reason::TurnChannelBound)(client, way))
    };
    until(&mut session, both).await;
    there_and_back(&mut session, &permitted, relay, b"still permitted").await;
    there_and_back(&mut session, &bound, relay, b"still bound").await;
}
