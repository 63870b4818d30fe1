//! The page that tells the story of a call.

mod common;

use common::{run, scenario, shipped};
use rtclab_lab::Language;
use rtclab_lab::explain;
use rtclab_lab::ladder::Style;

fn page(name: &str, overrides: &[&str], language: Language) -> String {
    let style = Style { width: 400, colour: false, language };
    explain::text(&run(&shipped(name, overrides)), &style)
}

#[test]
fn a_relayed_call_names_the_mapping_that_decided_and_what_would_have_helped() {
    let page = page("hole-punching.toml", &["node.nat-a.nat=symmetric"], Language::English);
    assert!(page.contains("call alice ⇄ bob: connected, relayed"), "{page}");
    assert!(page.contains("What decided (relayed-nat-mapping, RFC 4787 §4.1)"), "{page}");
    assert!(page.contains("nat-a gave alice's socket"), "{page}");
    assert!(page.contains("What would have helped"), "{page}");
    assert!(page.contains("one mapping for each socket"), "{page}");
}

#[test]
fn every_pair_shows_its_formula_and_each_decision_with_its_section() {
    let page = page("hole-punching.toml", &[], Language::English);
    assert!(page.contains("alice (controlling)") && page.contains("bob (controlled)"), "{page}");
    assert!(page.contains("2^24·126 + 2^8·65535 + (256 − 1) = 2130706431"), "{page}");
    assert!(page.contains("2^32·"), "{page}");
    assert!(page.contains("why it won: #"), "{page}");
    for (word, section) in [
        ("Waiting", "RFC 8838 §12"),
        ("In-Progress", "RFC 8445 §6.1.4.2"),
        ("Nominated", "RFC 8445 §7.2.5.3.4"),
    ] {
        let told = page.lines().any(|line| line.contains(word) && line.contains(section));
        assert!(told, "{word} with {section}: {page}");
    }
}

#[test]
fn a_frozen_pair_says_which_one_it_waits_for() {
    let text = r#"
        [network.lan]
        [node.alice]
        network = "lan"
        run = { peer = { stun = "stun", offers_to = "bob" } }
        [node.nat]
        nat = "port-restricted"
        inside = "home"
        outside = "lan"
        [node.bob]
        network = "home"
        run = { peer = { stun = "stun" } }
        [node.stun]
        network = "lan"
        run = { stun-server = {} }
    "#;
    let style = Style { width: 400, ..Style::default() };
    let page = explain::text(&run(&scenario(text)), &style);
    let frozen = page.lines().filter(|line| line.contains("Frozen:"));
    assert!(frozen.clone().all(|line| line.contains("(#")), "{page}");
}

#[test]
fn a_failed_call_ends_with_why_it_failed() {
    let page = page("udp-blocked.toml", &[], Language::English);
    assert!(page.contains("What decided (udp-blocked)"), "{page}");
    assert!(page.contains("443"), "{page}");
    assert!(page.contains("why it failed:"), "{page}");
    assert!(page.contains("RFC 8445 §8.1.2"), "{page}");
}

#[test]
fn the_page_is_told_in_korean_too() {
    let page = page("hole-punching.toml", &["node.nat-a.nat=symmetric"], Language::Korean);
    for words in ["결정한 것", "도움이 되었을 것", "자기 후보", "이긴 까닭"] {
        assert!(page.contains(words), "{words}: {page}");
    }
}

#[test]
fn no_line_is_wider_than_the_page() {
    let style = Style { width: 80, ..Style::default() };
    let page = explain::text(&run(&shipped("hole-punching.toml", &[])), &style);
    assert!(page.lines().all(|line| line.chars().count() <= 80), "{page}");
}
