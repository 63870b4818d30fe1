//! From URIs to servers, with a resolver that is a table: RFC 8489 §8, RFC 5928.

use std::collections::BTreeMap;

use super::Counting;
use crate::stun::{
    Answer, NamingRule, Question, Scheme, ServerDiscovery, ServerUri, ServiceRecord, Transport,
};

fn record(priority: u16, weight: u16, port: u16, target: &str) -> ServiceRecord {
    ServiceRecord { priority, weight, port, target: target.to_owned() }
}

/// What is asked, in order, and `address/transport` of what is found.
fn find(
    uri: &str,
    services: &[(&str, Vec<ServiceRecord>)],
    addresses: &[(&str, &[&str])],
) -> (Vec<String>, Vec<String>) {
    let uri: ServerUri = uri.parse().unwrap();
    let services: BTreeMap<_, _> = services.iter().cloned().collect();
    let addresses: BTreeMap<_, _> = addresses.iter().copied().collect();
    let transports = uri.scheme.usual_transports();
    let mut discovery = ServerDiscovery::new(uri, transports, Box::new(Counting::default()));
    let mut asked = Vec::new();
    while let Some(question) = discovery.question() {
        assert!(asked.len() < 100, "it does not come to an end");
        discovery.handle_answer(match question {
            Question::Rules(name) => {
                asked.push(format!("NAPTR {name}"));
                Answer::Rules(Vec::new())
            }
            Question::Services(name) => {
                let found = services.get(name.as_str()).cloned().unwrap_or_default();
                asked.push(format!("SRV {name}"));
                Answer::Services(found)
            }
            Question::Addresses(name) => {
                let found = addresses.get(name.as_str()).copied().unwrap_or(&[]);
                asked.push(format!("A {name}"));
                Answer::Addresses(found.iter().map(|ip| ip.parse().unwrap()).collect())
            }
        });
    }
    let found = discovery.servers().iter().map(|server| format!("{}/{}", server.address, server.transport));
    (asked, found.collect())
}

#[test]
fn an_address_needs_no_dns() {
    let (asked, found) = find("turn:192.0.2.1?transport=tcp", &[], &[]);
    assert_eq!((asked, found), (vec![], vec!["192.0.2.1:3478/tcp".to_owned()]));
    let (_, found) = find("stuns:[2001:db8::1]", &[], &[]);
    assert_eq!(found, ["[2001:db8::1]:5349/dtls", "[2001:db8::1]:5349/tls"]);
}

#[test]
fn a_port_needs_no_service_records() {
    let (asked, found) =
        find("turn:relay.test:9000?transport=udp", &[], &[("relay.test", &["192.0.2.1", "2001:db8::1"])]);
    assert_eq!(asked, ["A relay.test"]);
    assert_eq!(found, ["192.0.2.1:9000/udp", "[2001:db8::1]:9000/udp"]);
}

#[test]
fn service_records_say_host_and_port_and_their_order() {
    let records = vec![record(20, 0, 1, "spare.test"), record(10, 0, 2, "first.test")];
    let (asked, found) = find(
        "turns:example.test?transport=tcp",
        &[("_turns._tcp.example.test", records)],
        &[("spare.test", &["192.0.2.9"]), ("first.test", &["192.0.2.1"])],
    );
    assert_eq!(asked, ["SRV _turns._tcp.example.test", "A first.test", "A spare.test"]);
    assert_eq!(found, ["192.0.2.1:2/tls", "192.0.2.9:1/tls"]);
}

#[test]
fn without_service_records_the_name_itself_is_tried_at_the_default_port() {
    let (asked, found) = find("stun:example.test", &[], &[("example.test", &["192.0.2.1"])]);
    assert_eq!(asked.len(), 4, "{asked:?}");
    assert_eq!(found, ["192.0.2.1:3478/udp", "192.0.2.1:3478/tcp"]);
    let refused = vec![record(0, 0, 0, ".")];
    let (_, found) = find("turn:example.test?transport=udp", &[("_turn._udp.example.test", refused)], &[]);
    assert!(found.is_empty());
}

#[test]
fn a_certificate_must_have_the_name_of_the_uri_and_not_one_from_the_dns() {
    let uri: ServerUri = "turns:example.test?transport=tcp".parse().unwrap();
    let mut discovery =
        ServerDiscovery::new(uri, Scheme::Turns.usual_transports(), Box::new(Counting::default()));
    discovery.handle_answer(Answer::Services(vec![record(0, 0, 443, "evil.test")]));
    discovery.handle_answer(Answer::Addresses(vec!["192.0.2.1".parse().unwrap()]));
    assert_eq!(discovery.servers()[0].name.as_deref(), Some("example.test"));
}

#[test]
fn load_is_shared_by_weight() {
    let mut first = [0; 2];
    let mut randomness = Counting::default();
    for _ in 0..400 {
        let uri: ServerUri = "stun:example.test".parse().unwrap();
        // Each search continues the sequence of the one before.
        let mut bytes = [0];
        crate::Randomness::fill(&mut randomness, &mut bytes);
        let source = Box::new(Counting::starting_at(bytes[0].wrapping_mul(37)));
        let mut discovery = ServerDiscovery::new(uri, &[Transport::Udp], source);
        discovery.handle_answer(Answer::Services(vec![record(1, 10, 1, "a"), record(1, 90, 1, "b")]));
        let Some(Question::Addresses(name)) = discovery.question() else { panic!() };
        first[usize::from(name == "b")] += 1;
    }
    assert!(first[0] > 0 && first[1] > 3 * first[0], "{first:?}");
}

#[test]
fn answers_without_end_are_cut_off() {
    let uri: ServerUri = "stun:example.test".parse().unwrap();
    let mut discovery = ServerDiscovery::new(uri, &[Transport::Udp], Box::new(Counting::default()));
    discovery.handle_answer(Answer::Services((0..1000).map(|n| record(n, 0, 1, "x.test")).collect()));
    let mut questions = 0;
    while discovery.question().is_some() {
        discovery.handle_answer(Answer::Addresses(vec!["192.0.2.1".parse().unwrap(); 1000]));
        questions += 1;
    }
    assert_eq!((questions, discovery.servers().len()), (16, 256));
}

#[test]
fn behavior_discovery_has_a_service_of_its_own() {
    let uri: ServerUri = "stun:example.test".parse().unwrap();
    let discovery = ServerDiscovery::of_behavior(uri, &[Transport::Udp], Box::new(Counting::default()));
    let expected = Question::Services("_stun-behavior._udp.example.test".to_owned());
    assert_eq!(discovery.question(), Some(expected));
}

fn rule(order: u16, flags: &str, services: &str, replacement: &str) -> NamingRule {
    let [flags, services, replacement] = [flags, services, replacement].map(str::to_owned);
    NamingRule { order, preference: 0, flags, services, replacement }
}

fn searching(uri: &str) -> ServerDiscovery {
    let uri: ServerUri = uri.parse().unwrap();
    let transports = uri.scheme.usual_transports();
    ServerDiscovery::new(uri, transports, Box::new(Counting::default()))
}

#[test]
fn a_domain_says_by_its_rules_over_what_it_relays_and_where() {
    let mut discovery = searching("turn:example.test");
    assert_eq!(discovery.question(), Some(Question::Rules("example.test".to_owned())));
    discovery.handle_answer(Answer::Rules(vec![
        rule(20, "A", "RELAY:turn.udp", "relay.test"),
        rule(10, "S", "relay:turn.tcp", "_turn._tcp.example.test"),
        rule(5, "S", "RELAY:turn.tls", "_turns._tcp.example.test"),
        rule(1, "S", "SIP+D2U", "_sip._udp.example.test"),
        rule(1, "U", "RELAY:turn.udp", "relay.test"),
    ]));
    assert_eq!(discovery.question(), Some(Question::Services("_turn._tcp.example.test".to_owned())));
    discovery.handle_answer(Answer::Services(vec![record(0, 0, 443, "over-tcp.test")]));
    assert_eq!(discovery.question(), Some(Question::Addresses("over-tcp.test".to_owned())));
    discovery.handle_answer(Answer::Addresses(vec!["192.0.2.1".parse().unwrap()]));
    assert_eq!(discovery.question(), Some(Question::Addresses("relay.test".to_owned())));
    discovery.handle_answer(Answer::Addresses(vec!["192.0.2.2".parse().unwrap()]));
    assert_eq!(discovery.question(), None);
    let found: Vec<_> =
        discovery.servers().iter().map(|server| format!("{}/{}", server.address, server.transport)).collect();
    assert_eq!(found, ["192.0.2.1:443/tcp", "192.0.2.2:3478/udp"]);
}

#[test]
fn without_rules_service_records_are_asked_for() {
    let records = vec![record(0, 0, 5000, "relay.test")];
    let (asked, found) = find(
        "turn:example.test",
        &[("_turn._udp.example.test", records)],
        &[("relay.test", &["192.0.2.1"]), ("example.test", &["192.0.2.9"])],
    );
    assert_eq!(
        asked,
        ["NAPTR example.test", "SRV _turn._udp.example.test", "A relay.test", "SRV _turn._tcp.example.test"]
    );
    assert_eq!(found, ["192.0.2.1:5000/udp"]);
}

#[test]
fn rules_that_lead_to_one_another_come_to_an_end() {
    let mut discovery = searching("turn:example.test");
    let mut asked = 0;
    while let Some(Question::Rules(_)) = discovery.question() {
        discovery.handle_answer(Answer::Rules(vec![rule(0, "", "RELAY:turn.udp", "example.test")]));
        asked += 1;
    }
    assert_eq!(asked, 5);
    let services = Question::Services("_turn._udp.example.test".to_owned());
    assert_eq!(discovery.question(), Some(services), "and then as if there were none");
}
