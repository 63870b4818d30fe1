//! What coturn refuses, and what our client makes of it.

use std::net::SocketAddr;
use std::time::Duration;

use rtclab_rtc::Reason;
use rtclab_rtc::turn::{AllocationState, TurnClient};

use crate::turnserver::Coturn;
use crate::{PASSWORD, client, client_over_tcp, relayed, until};

fn refused(client: &TurnClient) -> Option<u16> {
    match client.state() {
        Some(AllocationState::Refused(code)) => Some(code),
        _ => None,
    }
}

#[tokio::test]
async fn a_wrong_password_is_refused_with_401_and_not_tried_again() {
    let coturn = Coturn::start("127.0.0.1", &[]).await;
    let mut session = client(coturn.address(), "looking-glass");
    let (code, way) = until(&mut session, |client, _| refused(client)).await;
    assert_eq!(code, 401);
    assert!(way.reasons.contains(&Reason::StunCredentialsRefused), "{way:?}");
}

#[tokio::test]
async fn a_wrong_password_is_refused_over_tcp_too() {
    let coturn = Coturn::start("127.0.0.1", &[]).await;
    let mut session = client_over_tcp(coturn.address(), "looking-glass").await;
    let (code, _) = until(&mut session, |client, _| refused(client)).await;
    assert_eq!(code, 401);
}

#[tokio::test]
async fn a_stale_nonce_is_replaced_and_the_request_repeated() {
    let coturn = Coturn::start("127.0.0.1", &["--allow-loopback-peers", "--stale-nonce=1"]).await;
    let mut session = client(coturn.address(), PASSWORD);
    relayed(&mut session).await;
    // coturn's nonces live for one second here, on its own clock.
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    let peer: SocketAddr = "127.0.0.1:9".parse().expect("an address");
    session.command(|client, now| client.create_permission(peer, now));
    let permitted = |client: &TurnClient, _: &crate::Way| client.has_permission(peer.ip()).then_some(());
    let ((), way) = until(&mut session, permitted).await;
    assert!(way.reasons.contains(&Reason::StunStaleNonce), "{way:?}");
}

#[tokio::test]
async fn one_allocation_more_than_the_quota_is_refused_with_486() {
    let coturn = Coturn::start("127.0.0.1", &["--user-quota", "1"]).await;
    let mut first = client(coturn.address(), PASSWORD);
    relayed(&mut first).await;
    let mut second = client(coturn.address(), PASSWORD);
    let (code, _) = until(&mut second, |client, _| refused(client)).await;
    assert_eq!(code, 486);
}

#[tokio::test]
async fn a_forbidden_peer_is_refused_with_403_and_never_sent_to() {
    let coturn = Coturn::start("127.0.0.1", &["--denied-peer-ip=192.0.2.0-192.0.2.255"]).await;
    let mut session = client(coturn.address(), PASSWORD);
    relayed(&mut session).await;
    let peer: SocketAddr = "192.0.2.7:9".parse().expect("an address");
    session.command(|client, now| client.create_permission(peer, now));
    until(&mut session, |client, _| (!client.may_reach(peer)).then_some(())).await;
    session.command(|client, now| client.send_to(peer, b"never", now));
    let ignored =
        |_: &TurnClient, way: &crate::Way| way.reasons.contains(&Reason::TurnPermissionRefused).then_some(());
    until(&mut session, ignored).await;
}
