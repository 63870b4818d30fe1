//! The state of a peer: check lists of several streams, what a TURN server holds for it, consent.

use super::*;

fn at_the_end(file: &'static str, node: &str) -> Harness<'static, State> {
    let mut harness = opened(file);
    let found = harness.state().document().and_then(|document| document.trace.topology().find(node));
    harness.state_mut().apply(Command::SelectNode(found.expect("the node is there")));
    harness.state_mut().apply(Command::SetSplit(workbench::Split::Left, 0.2));
    harness.state_mut().apply(Command::Do(workbench::Action::End));
    harness.run();
    harness
}

fn rows(harness: &Harness<'_, State>, section: &str) -> Vec<String> {
    labels(harness).into_iter().filter(|label| label.starts_with(section)).collect()
}

#[test]
fn permissions_and_channels_count_down_on_the_client_and_on_the_server() {
    for node in ["bob", "servers"] {
        let harness = at_the_end("symmetric-vs-port-restricted.toml", node);
        let rows = rows(&harness, "TURN permissions and channels: ");
        let channel = rows.iter().find(|row| row.contains("channel, ") && row.contains("0x4000 203.0.113.1"));
        assert!(channel.is_some_and(|row| row.ends_with(" s")), "{node}: {rows:?}");
        assert!(rows.iter().any(|row| row.contains("permission, ")), "{node}: {rows:?}");
    }
}

#[test]
fn an_agent_tells_the_formula_of_its_choice_and_how_long_consent_lasts() {
    let harness = at_the_end("hole-punching.toml", "alice");
    let rows = rows(&harness, "ICE agent: ");
    assert!(rows.iter().any(|row| row.contains("2^32·1694498815")), "{rows:?}");
    assert!(rows.iter().any(|row| row.contains("Consent, granted, ")), "{rows:?}");
}

#[test]
fn pairs_of_several_streams_say_which_is_theirs() {
    let harness = at_the_end("separate-streams.toml", "alice");
    let rows = rows(&harness, "Check list: ");
    for place in ["0.1", "0.2", "1.1", "1.2"] {
        let nominated =
            |row: &&String| row.contains(&format!("Check list: {place}, ")) && row.contains("nominated");
        assert!(rows.iter().any(|row| nominated(&row)), "{place}: {rows:?}");
    }
}
