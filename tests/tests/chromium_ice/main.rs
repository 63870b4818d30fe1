//! ICE between a page in Chromium and our agent, over this machine's own addresses. The signaling page is ours; DTLS is not needed, because
//! `iceConnectionState` gets to `connected` by checks alone.
//!
//! | file | what lives there |
//! |---|---|
//! | `page.html`, `signaling` | the page, and the server that it polls |
//! | `browser` | Chromium as a child of a test |
//! | `ours` | our agent and its side of the descriptions |
//! | `call` | both together |

mod browser;
mod call;
mod ours;
mod signaling;

use std::net::SocketAddr;
use std::time::Duration;

use rtclab_rtc::ice::Role;
use rtclab_rtc::stun::Transport;
use serde_json::Value;

use browser::Addresses;
use call::Call;

/// Whether a page's candidate is at this address. Of what it was not signaled, a page only learns the port.
fn is_at(theirs: &Value, ours: SocketAddr) -> bool {
    let address = theirs["address"].as_str().unwrap_or_default();
    let is_shown = !address.is_empty() && !address.ends_with(".invalid") && !address.ends_with(".local");
    theirs["port"] == ours.port() && (!is_shown || address.trim_matches(['[', ']']) == ours.ip().to_string())
}

/// Both sides come to the same pair, seen from either end, and our role is as it should be. A page is connected as soon as a pair works, and
/// changes over when it hears of the nomination.
async fn assert_same_pair(call: &mut Call, our_role: Role) {
    loop {
        let theirs = call.their_pair().await;
        let agent = call.ours.session.protocol();
        let (_, local, remote) = agent.selected().expect("a pair is selected");
        if is_at(&theirs["remote"], local.address) && is_at(&theirs["local"], remote.address) {
            break;
        }
        call.go_on(Duration::from_millis(100)).await;
    }
    assert_eq!(call.ours.session.protocol().role(), our_role);
}

#[tokio::test]
async fn the_page_offers_and_both_trickle() {
    let mut call = Call::new(Role::Controlled, true, Addresses::Shown).await;
    call.page_offers(false).await;
    call.connected().await;
    assert_same_pair(&mut call, Role::Controlled).await;
}

#[tokio::test]
async fn the_page_offers_without_trickle() {
    let mut call = Call::new(Role::Controlled, false, Addresses::Shown).await;
    call.page_offers(false).await;
    call.connected().await;
    assert_same_pair(&mut call, Role::Controlled).await;
}

#[tokio::test]
async fn we_offer_and_both_trickle() {
    let mut call = Call::new(Role::Controlling, true, Addresses::Shown).await;
    call.we_offer(false).await;
    call.connected().await;
    assert_same_pair(&mut call, Role::Controlling).await;
}

#[tokio::test]
async fn we_offer_without_trickle() {
    let mut call = Call::new(Role::Controlling, false, Addresses::Shown).await;
    call.we_offer(false).await;
    call.connected().await;
    assert_same_pair(&mut call, Role::Controlling).await;
}

#[tokio::test]
async fn the_page_restarts_and_stays_connected() {
    let mut call = Call::new(Role::Controlled, true, Addresses::Shown).await;
    call.page_offers(false).await;
    call.connected().await;
    let (credentials, pair) = (call.ours.ufrag(), call.ours.selected_pair());
    call.page_offers(true).await;
    assert_ne!(call.ours.ufrag(), credentials, "a restart has credentials of its own");
    // The old pair carries on until the new session has found one.
    while call.ours.selected_pair() == pair {
        call.go_on(Duration::from_millis(20)).await;
    }
    call.connected().await;
    assert_same_pair(&mut call, Role::Controlled).await;
}

#[tokio::test]
async fn we_restart_and_stay_connected() {
    let mut call = Call::new(Role::Controlling, true, Addresses::Shown).await;
    call.we_offer(false).await;
    call.connected().await;
    let (credentials, pair) = (call.ours.ufrag(), call.ours.selected_pair());
    call.we_offer(true).await;
    assert_ne!(call.ours.ufrag(), credentials, "a restart has credentials of its own");
    // The old pair carries on until the new session has found one.
    while call.ours.selected_pair() == pair {
        call.go_on(Duration::from_millis(20)).await;
    }
    call.connected().await;
    assert_same_pair(&mut call, Role::Controlling).await;
}

#[tokio::test]
async fn a_page_that_hides_its_addresses_is_met_by_its_checks() {
    let mut call = Call::new(Role::Controlled, true, Addresses::Hidden).await;
    call.page_offers(false).await;
    call.connected().await;
    assert!(call.their_lines.iter().any(|line| line.contains(".local ")), "{:?}", call.their_lines);
    let shown = |line: &String| !line.is_empty() && !line.contains(".local ");
    assert!(!call.their_lines.iter().any(shown), "nothing but names was signaled: {:?}", call.their_lines);
    assert_same_pair(&mut call, Role::Controlled).await;
}

#[tokio::test]
async fn a_connected_call_stays_connected() {
    let mut call = Call::new(Role::Controlled, true, Addresses::Shown).await;
    call.page_offers(false).await;
    call.connected().await;
    // Longer than browsers and RFC 7675 §5.1 wait between two checks of consent.
    call.go_on(Duration::from_secs(12)).await;
    assert!(call.ours.is_connected() && call.is_page_connected(), "{:?}, {}", call.ours.state(), call.state);
}

#[tokio::test]
async fn the_page_offers_and_connects_over_tcp() {
    let mut call = Call::over(Transport::Tcp, Role::Controlled, true, Addresses::Permitted).await;
    call.page_offers(false).await;
    call.connected().await;
    assert_same_pair(&mut call, Role::Controlled).await;
}

#[tokio::test]
async fn we_offer_and_the_page_connects_over_tcp() {
    let mut call = Call::over(Transport::Tcp, Role::Controlling, true, Addresses::Permitted).await;
    call.we_offer(false).await;
    call.connected().await;
    assert_same_pair(&mut call, Role::Controlling).await;
}
