//! Names in scenarios: lookups, their failures, servers by name, and what a reader of a bad document is told.

mod common;

use common::{run, scenario};
use rtclab_lab::document::Scenario;
use rtclab_lab::run::Outcome;
use rtclab_rtc::Reason;
use rtclab_trace::Reason as TraceReason;

/// A name server and a client that looks up what the test says; `server` are further keys of the server.
fn lookup(server: &str, client: &str, look_up: &str, expect: &str) -> Outcome {
    let text = format!(
        r#"
[network.net]
latency_ms = 10
ip = "dual"
[node.ns]
network = "net"
[node.ns.run.dns-server]
{server}
[node.ns.run.dns-server.zone]
"www.test" = "web"
"alias.test" = {{ cname = "www.test" }}
"old.test" = "192.0.2.33"
"many.test" = [{many}]
"broken.test" = {{ fails = true }}
"_stun._udp.test" = {{ srv = {{ target = "www.test", port = 3479 }} }}
[node.web]
network = "net"
[node.client]
network = "net"
dns = "ns"
{client}
run = {{ dns-lookup = {{ {look_up} }} }}
[[expect]]
lookup_at = "client"
{expect}
"#,
        many = (1..=40).map(|last| format!("\"192.0.2.{last}\"")).collect::<Vec<_>>().join(", ")
    );
    run(&scenario(&text))
}

fn is_met(outcome: &Outcome) {
    assert!(outcome.is_as_expected(), "{:#?}", outcome.expectations);
}

fn reached(outcome: &Outcome, reason: Reason) -> bool {
    outcome.trace.entries().any(|(_, entry)| entry.reason == Some(TraceReason::Rtc(reason)))
}

#[test]
fn a_name_is_found_with_the_addresses_of_both_families() {
    is_met(&lookup("", "", r#"name = "alias.test""#, "answers = [\"web\"]\nquestions = 2"));
    is_met(&lookup("", "", r#"name = "alias.test", kind = "cname""#, "answers = [\"www.test\"]"));
    is_met(&lookup("", "", r#"name = "_stun._udp.test", kind = "srv""#, "answers = [\"www.test:3479\"]"));
}

#[test]
fn failures_are_told_apart() {
    is_met(&lookup("", "", r#"name = "nobody.test""#, "failure = \"no-such-name\""));
    is_met(&lookup("", "", r#"name = "old.test", kind = "aaaa""#, "failure = \"no-data\""));
    is_met(&lookup("", "", r#"name = "broken.test""#, "failure = \"server-failure\""));
}

#[test]
fn an_answer_that_needs_more_than_a_plain_datagram_needs_edns() {
    let ask = r#"name = "many.test", kind = "a""#;
    let whole = lookup("", "", ask, "questions = 1");
    is_met(&whole);
    assert!(!reached(&whole, Reason::DnsServedTruncated));
    let cut = lookup("", "resolver = { edns = false }", ask, "failure = \"truncated\"");
    is_met(&cut);
    assert!(reached(&cut, Reason::DnsServedTruncated) && reached(&cut, Reason::DnsTruncated));
    is_met(&lookup("udp_bytes = 600", "", ask, "failure = \"truncated\""));
}

#[test]
fn an_address_has_a_name_in_reverse_if_the_server_says_so() {
    let ask = r#"name = "192.0.2.33", kind = "ptr""#;
    is_met(&lookup("reverse = true", "", ask, "answers = [\"old.test\", \"many.test\"]"));
    is_met(&lookup("", "", ask, "failure = \"no-such-name\""));
}

#[test]
fn dns64_makes_an_ipv6_address_for_a_name_that_has_none() {
    let ask = r#"name = "old.test", kind = "aaaa""#;
    let made = lookup("dns64 = true", "", ask, "answers = [\"64:ff9b::c000:221\"]");
    is_met(&made);
    assert!(reached(&made, Reason::DnsSynthesized));
    let other = "dns64 = \"2001:db8:64::/96\"";
    is_met(&lookup(other, "", ask, "answers = [\"2001:db8:64::c000:221\"]"));
}

#[test]
fn a_server_that_is_slow_is_asked_again_and_its_first_answer_counts() {
    let ask = r#"name = "www.test", kind = "a""#;
    is_met(&lookup("delay_ms = 1500", "", ask, "answers = [\"web\"]\nquestions = 2\nwithin_ms = 1540"));
}

#[test]
fn a_host_that_runs_no_name_server_is_given_up_at_once() {
    let text = r#"
[network.net]
latency_ms = 10
[node.nobody]
network = "net"
address = "10.0.0.5"
[node.client]
network = "net"
dns = "10.0.0.5"
run = { dns-lookup = { name = "www.test" } }
[[expect]]
lookup_at = "client"
failure = "unreachable"
questions = 1
"#;
    let text = text.replace("latency_ms = 10", "latency_ms = 10\nprefix = \"10.0.0.0/24\"");
    let outcome = run(&scenario(&text));
    is_met(&outcome);
    assert!(reached(&outcome, Reason::DnsUnreachable));
}

/// Two peers of which one knows its servers by name.
fn call(stun: &str, zone: &str) -> Outcome {
    let text = format!(
        r#"
[network.net]
latency_ms = 10
[node.ns]
network = "net"
run = {{ dns-server = {{ zone = {{ {zone} }} }} }}
[node.relay]
network = "net"
run = {{ turn-server = {{}} }}
[node.alice]
network = "net"
dns = "ns"
run = {{ peer = {{ {stun}, offers_to = "bob" }} }}
[node.bob]
network = "net"
run = {{ peer = {{}} }}
[[expect]]
call = ["alice", "bob"]
state = "connected"
"#
    );
    run(&scenario(&text))
}

#[test]
fn a_relay_is_found_by_name() {
    let zone = r#""turn.test" = "relay""#;
    let outcome = call(r#"turn = "turn:turn.test", policy = "relay""#, zone);
    is_met(&outcome);
    assert_eq!(outcome.calls[0].state.path, Some(rtclab_trace::CallPath::Relayed));
}

#[test]
fn a_peer_goes_on_without_a_server_whose_name_is_not_there() {
    let outcome = call(r#"stun = "stun:nobody.test""#, r#""turn.test" = "relay""#);
    is_met(&outcome);
    let told = outcome
        .trace
        .entries()
        .any(|(id, _)| outcome.trace.describe(id).contains("goes on without nobody.test"));
    assert!(told);
}

/// What is wrong with a document that has a name server, a client, and these lines more.
fn problems(lines: &str) -> String {
    let text = format!("[network.net]\n[node.ns]\nnetwork = \"net\"\nrun = {{ dns-server = {{}} }}\n{lines}");
    match Scenario::parse("names.toml", &text, &[]) {
        Ok(_) => "no problem".to_owned(),
        Err(problems) => problems.to_string(),
    }
}

#[test]
fn a_document_is_told_what_is_wrong_with_its_names() {
    let client = |keys: &str| format!("[node.client]\nnetwork = \"net\"\n{keys}");
    let server = |zone: &str| format!("[node.two]\nnetwork = \"net\"\nrun = {{ dns-server = {{ {zone} }} }}");
    let cases = [
        (client("run = { dns-lookup = { name = \"a.test\" } }"), "`client` asks no name server"),
        (client("dns = \"nss\""), "there is no node `nss`"),
        (client("dns = \"client\""), "`client` does not run a `dns-server`"),
        (client("resolver = {}"), "`resolver` without `dns`"),
        (client("dns = \"ns\"\nrun = { dns-lookup = { name = \"a..b\" } }"), "`a..b` is not a domain name"),
        (client("run = { peer = { stun = \"stun:a.test\" } }"), "`client` asks no name server"),
        (
            client("dns = \"ns\"\nrun = { peer = { stun = \"turn:a.test\" } }"),
            "is not a STUN server over UDP",
        ),
        (
            client("dns = \"ns\"\nrun = { peer = { turn = \"turns:a.test\" } }"),
            "is not a TURN server over UDP or TCP",
        ),
        (server("zone = { \"a b\" = \"ns\" }"), "`a b` is not a domain name"),
        (server("zone = { \"a.test\" = \"nobody\" }"), "`nobody` is neither an address nor a node"),
        (
            server("zone = { \"a.test\" = { cname = \"b.test\", address = \"ns\" } }"),
            "`address` beside `cname`",
        ),
        (server("zone = { \"a.test\" = {} }"), "`a.test` has no records"),
        (
            server("zone = { \"a.test\" = { srv = { target = \"b.test\" } } }"),
            "`a.test` does not name a service",
        ),
        (server("dns64 = \"64:ff9b::/64\""), "is not a prefix of 96 bits"),
    ];
    for (lines, expected) in cases {
        let said = problems(&lines);
        assert!(said.contains(expected), "{lines}\n{said}");
    }
    assert_eq!(problems(&client("dns = [\"ns\", \"192.0.2.1\"]\nresolver = { attempts = 2 }")), "no problem");
}

#[test]
fn a_local_name_is_answered_by_who_has_it_and_a_second_owner_gives_way() {
    let text = r#"
[network.lan]
[node.first]
network = "lan"
run = { mdns = { name = "box.local" } }
[node.second]
network = "lan"
run = { mdns = { name = "box.local", start_ms = 3000 } }
[node.asks]
network = "lan"
run = { dns-lookup = { name = "box-2.local", start_ms = 6000 } }
[[expect]]
lookup_at = "asks"
answers = ["second"]
questions = 1
"#;
    let outcome = run(&scenario(text));
    is_met(&outcome);
    for reason in [Reason::MdnsProbe, Reason::MdnsConflict, Reason::MdnsAnnounced, Reason::MdnsFound] {
        assert!(reached(&outcome, reason), "{reason:?}");
    }
    let wrong = problems("[node.two]\nnetwork = \"net\"\nrun = { mdns = { name = \"two.test\" } }");
    assert!(wrong.contains("`two.test` is not a name of the link"), "{wrong}");
}
