//! Calls between a page in Chromium and our peer as `rtclab serve peer` runs it, over this machine's own addresses, signaled by our own
//! WebSocket: data channels both ways, renegotiation, restarts, offers that meet, the end.
//!
//! What the page does stands in `page.html`; the test says which scenario, and hears how it went.

#[path = "../chromium_ice/browser.rs"]
#[allow(dead_code, reason = "the same browser as in the tests of ICE, which open it in more ways")]
mod browser;

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use rtclab_live::serve::{PeerNote, PeerService, PeerSettings};
use rtclab_rtc::dtls::Versions;
use rtclab_rtc::jsep::Profile;
use serde_json::Value;
use tokio::sync::Notify;

use browser::{Addresses, Browser};

/// The page.
const PAGE: &str = include_str!("page.html");
/// Far more than anything here takes, on a busy machine, too; only a broken test waits for it.
const PATIENCE: Duration = Duration::from_secs(90);

/// What came of a scenario.
#[derive(Debug)]
struct Outcome {
    /// What the page says in the end.
    page: Value,
    notes: Vec<PeerNote>,
}

impl Outcome {
    fn has_channel(&self, wanted: &str, state: &str) -> bool {
        let is = |note: &PeerNote| matches!(note, PeerNote::Channel { label, state: found, .. } if label == wanted && *found == state);
        self.notes.iter().any(is)
    }

    /// The last state of DTLS that we told.
    fn dtls(&self) -> String {
        let told = |note: &PeerNote| match note {
            PeerNote::State { what: "dtls", state, .. } => Some(state.clone()),
            _ => None,
        };
        self.notes.iter().filter_map(told).next_back().unwrap_or_default()
    }

    fn descriptions(&self) -> Vec<(bool, &'static str)> {
        let described = |note: &PeerNote| match note {
            PeerNote::Description { ours, kind, .. } => Some((*ours, *kind)),
            _ => None,
        };
        self.notes.iter().filter_map(described).collect()
    }
}

/// Lets the page play a scenario with our peer.
async fn play(scenario: &str, settings: PeerSettings) -> Outcome {
    let listen = vec!["127.0.0.1:0".parse().expect("an address")];
    let settings = PeerSettings { listen, page: Some(PAGE.to_owned()), ..settings };
    let service = PeerService::start(settings).expect("a free port and addresses");
    let place = *service.listening().first().expect("one");
    let mut browser = Browser::open(&format!("http://{place}/?scenario={scenario}"), Addresses::Shown);
    let finished = Rc::new(Notify::new());
    let stop = async {
        tokio::select! {
            () = finished.notified() => {}
            () = tokio::time::sleep(PATIENCE) => {}
            () = ended(&mut browser) => panic!("chromium has ended. `tests/run` installs it"),
        }
    };
    let notes = RefCell::new(Vec::new());
    let told = |note: &PeerNote| {
        if verdict(note).is_some() {
            finished.notify_one();
        }
        notes.borrow_mut().push(note.clone());
    };
    service.run(stop, told).await;
    let mut notes = notes.into_inner();
    let said = notes.iter().find_map(verdict);
    let log = || notes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    let page = said.unwrap_or_else(|| panic!("the page did not say how it went:\n{}", log()));
    assert_eq!(page["done"], scenario, "{page}\n{}", log());
    assert!(!notes.iter().any(|note| matches!(note, PeerNote::Problem { .. })), "{}", log());
    // What follows is the end of everything.
    let end = notes.iter().position(|note| verdict(note).is_some()).unwrap_or(notes.len());
    notes.truncate(end);
    Outcome { page, notes }
}

/// How it went, if that is what the page says; what else it says is for whoever reads the log.
fn verdict(note: &PeerNote) -> Option<Value> {
    let PeerNote::Said { words, .. } = note else { return None };
    serde_json::from_str::<Value>(words).ok().filter(|said| said.get("at").is_none())
}

async fn ended(browser: &mut Browser) {
    while !browser.has_ended() {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

#[tokio::test]
async fn the_page_offers_and_messages_of_all_sizes_go_both_ways() {
    let outcome = play("page-offers", PeerSettings::default()).await;
    assert_eq!(outcome.descriptions(), [(false, "offer"), (true, "answer")]);
    assert!(outcome.has_channel("page", "open"));
    assert_eq!(outcome.page["tls"], "FEFC", "DTLS 1.3");
}

#[tokio::test]
async fn we_offer_and_messages_of_all_sizes_go_both_ways() {
    let outcome = play("we-offer", PeerSettings { offers: true, ..PeerSettings::default() }).await;
    assert_eq!(outcome.descriptions(), [(true, "offer"), (false, "answer")]);
    assert!(outcome.has_channel("rtclab", "open"));
}

/// Whoever answers is the DTLS client (RFC 8842 §5.3), so both orders are both roles.
#[tokio::test]
async fn post_quantum_keys_are_agreed_on_in_both_roles() {
    for (scenario, offers, role) in [("page-offers", false, "client"), ("we-offer", true, "server")] {
        let settings = PeerSettings { post_quantum: true, offers, ..PeerSettings::default() };
        let outcome = play(scenario, settings).await;
        let agreed = outcome.dtls();
        assert!(agreed.contains(&format!("connected, {role}, DTLS 1.3")), "{agreed}");
        assert!(agreed.ends_with("X25519MLKEM768"), "{agreed}");
    }
}

#[tokio::test]
async fn dtls_1_2_does_it_too() {
    let settings = PeerSettings { versions: Versions::Only12, ..PeerSettings::default() };
    let outcome = play("page-offers", settings).await;
    assert_eq!(outcome.page["tls"], "FEFD");
}

#[tokio::test]
async fn a_peer_to_the_letter_of_the_rfc_is_understood() {
    let mut profile = Profile::rfc9429();
    profile.max_message_size = 262_144;
    let outcome = play("we-offer", PeerSettings { offers: true, profile, ..PeerSettings::default() }).await;
    assert!(outcome.has_channel("rtclab", "open"));
}

#[tokio::test]
async fn renegotiation_from_either_side_adds_media_and_a_channel() {
    let outcome = play("renegotiation", PeerSettings::default()).await;
    let offers: Vec<bool> = outcome
        .descriptions()
        .into_iter()
        .filter(|(_, kind)| *kind == "offer")
        .map(|(ours, _)| ours)
        .collect();
    assert_eq!(offers, [false, false, true]);
    assert!(outcome.has_channel("second", "open"));
}

#[tokio::test]
async fn ice_restarts_from_either_side_and_messages_go_on() {
    let outcome = play("restart", PeerSettings::default()).await;
    assert!(outcome.has_channel("page", "open") && !outcome.has_channel("page", "closed"));
}

#[tokio::test]
async fn offers_meet_and_the_page_gives_way() {
    let outcome = play("glare", PeerSettings { polite: false, ..PeerSettings::default() }).await;
    assert!(outcome.notes.iter().any(|note| matches!(note, PeerNote::Glare { .. })));
    assert!(outcome.has_channel("mine", "open") && outcome.has_channel("theirs", "open"));
}

#[tokio::test]
async fn offers_meet_and_we_give_way() {
    let outcome = play("glare", PeerSettings { polite: true, ..PeerSettings::default() }).await;
    assert_eq!(outcome.page["collisions"], 1);
    assert!(outcome.has_channel("mine", "open") && outcome.has_channel("theirs", "open"));
}

#[tokio::test]
async fn a_channel_that_one_side_closes_is_closed_on_the_other() {
    let outcome = play("close", PeerSettings::default()).await;
    assert!(outcome.has_channel("page", "closed") && outcome.has_channel("ours", "closed"));
}
