//! What a person reads who made a mistake in a scenario: the messages for typical ones, word for word.

use rtclab_lab::document::Scenario;

/// A scenario without mistakes: two homes, a STUN server, a call.
const GOOD: &str = r#"title = "Two homes"

[network.internet]
latency_ms = 20

[node.stun]
network = "internet"
run = { stun-server = {} }

[node.nat-a]
nat = "port-restricted"
inside = "home-a"
outside = "internet"

[node.alice]
network = "home-a"
run = { peer = { stun = "stun", offers_to = "bob" } }

[node.bob]
network = "internet"
run = { peer = { stun = "stun" } }

[[action]]
at_ms = 5000
rebind = "nat-a"

[[expect]]
call = ["alice", "bob"]
state = "connected"
within_ms = 1500
"#;

/// The messages for the good scenario with one piece of it replaced.
fn messages(piece: &str, by: &str) -> String {
    assert!(GOOD.contains(piece), "{piece}");
    match Scenario::parse("homes.toml", &GOOD.replacen(piece, by, 1), &[]) {
        Ok(_) => "no problem".to_string(),
        Err(problems) => problems.to_string(),
    }
}

/// The messages for the good scenario with an override.
fn messages_of_override(line: &str) -> String {
    match Scenario::parse("homes.toml", GOOD, &[line.to_string()]) {
        Ok(_) => "no problem".to_string(),
        Err(problems) => problems.to_string(),
    }
}

#[test]
fn the_scenario_without_mistakes_has_no_problem() {
    assert_eq!(messages("title", "title"), "no problem");
}

#[test]
fn a_key_with_two_letters_swapped_is_suggested_right() {
    assert_eq!(
        messages("network = \"home-a\"", "netwrok = \"home-a\""),
        r#"error: `netwrok` is not a key of `node.alice`
  --> homes.toml:16:1
   |
16 | netwrok = "home-a"
   | ^^^^^^^
   = expected one of `address`, `dns`, `firewall`, `inside`, `inside_address`, `inside_link`,
              `interface`, `link`, `nat`, `network`, `outside`, `outside_address`, `outside_link`,
              `resolver`, `route`, `router`
   = did you mean `network`?"#
    );
}

#[test]
fn a_name_that_people_use_for_a_nat_leads_to_the_preset() {
    assert_eq!(
        messages("nat = \"port-restricted\"", "nat = \"port-restricted-cone\""),
        r#"error: `port-restricted-cone` is not a word for `node.nat-a.nat`
  --> homes.toml:11:7
   |
11 | nat = "port-restricted-cone"
   |       ^^^^^^^^^^^^^^^^^^^^^^
   = expected one of `none`, `open`, `full-cone`, `address-restricted`, `port-restricted`,
              `symmetric`, `behave`, `linux-masquerade`, `linux-open-input`, `linux-random-fully`,
              `freebsd-pf`, `carrier-cgn`, `mobile-cgn`, `aws-nat-gateway`, `one-to-one`, `nat64`
   = did you mean `port-restricted`?"#
    );
}

#[test]
fn a_value_of_the_wrong_type_names_the_types_that_fit() {
    assert_eq!(
        messages("nat = \"port-restricted\"", "nat = true"),
        r#"error: `node.nat-a.nat` is a boolean
  --> homes.toml:11:7
   |
11 | nat = true
   |       ^^^^
   = expected one of `none`, `open`, `full-cone`, `address-restricted`, `port-restricted`,
              `symmetric`, `behave`, `linux-masquerade`, `linux-open-input`, `linux-random-fully`,
              `freebsd-pf`, `carrier-cgn`, `mobile-cgn`, `aws-nat-gateway`, `one-to-one`, `nat64`,
              or a table `{ … }`"#
    );
}

#[test]
fn an_inspection_needs_a_rule_that_allows_tcp() {
    let wall = "[node.nat-a]\nfirewall = { rules = [{ action = \"deny\", inspect = \"tls\" }] }";
    let said = messages("[node.nat-a]\nnat = \"port-restricted\"", wall);
    assert!(said.contains("only connections that are allowed are looked into"), "{said}");
    assert!(said.contains("`action = \"allow\"` and `protocol = \"tcp\"` beside it"), "{said}");
}

#[test]
fn a_number_in_quotes_is_not_a_number() {
    assert_eq!(
        messages("latency_ms = 20", "latency_ms = \"20\""),
        r#"error: `network.internet.latency_ms` is a string
 --> homes.toml:4:14
  |
4 | latency_ms = "20"
  |              ^^^^
  = expected a number, or a list `[ … ]`, or a table `{ … }`"#
    );
}

#[test]
fn a_number_out_of_range_names_the_range() {
    assert_eq!(
        messages("latency_ms = 20", "latency_ms = -20"),
        r#"error: `network.internet.latency_ms` is out of range
 --> homes.toml:4:14
  |
4 | latency_ms = -20
  |              ^^^
  = expected a number from 0 to 600000"#
    );
}

#[test]
fn a_network_that_does_not_exist_is_found() {
    assert_eq!(
        messages("network = \"home-a\"", "network = \"home-b\""),
        r#"error: there is no network `home-b`
  --> homes.toml:16:11
   |
16 | network = "home-b"
   |           ^^^^^^^^
   = expected one of `internet`, `home-a`
   = did you mean `home-a`?"#
    );
}

#[test]
fn a_nat_needs_an_inside() {
    assert_eq!(
        messages("inside = \"home-a\"\n", ""),
        r#"error: a NAT has no `inside`
  --> homes.toml:10:1
   |
10 | [node.nat-a]
   | ^^^^^^^^^^^^
   = expected the key `inside` with a network"#
    );
}

#[test]
fn an_offer_goes_to_a_peer_that_exists() {
    assert_eq!(
        messages("offers_to = \"bob\"", "offers_to = \"bop\""),
        r#"error: there is no node `bop`
  --> homes.toml:17:45
   |
17 | run = { peer = { stun = "stun", offers_to = "bop" } }
   |                                             ^^^^^
   = expected one of `alice`, `bob`
   = did you mean `bob`?"#
    );
}

#[test]
fn two_peers_do_not_offer_to_each_other() {
    assert_eq!(
        messages(
            "run = { peer = { stun = \"stun\" } }",
            "run = { peer = { stun = \"stun\", offers_to = \"alice\" } }"
        ),
        r#"error: `alice` and `bob` offer to each other
  --> homes.toml:21:45
   |
21 | run = { peer = { stun = "stun", offers_to = "alice" } }
   |                                             ^^^^^^^
   = expected one side that offers and one that waits"#
    );
}

#[test]
fn a_server_has_to_run_where_a_peer_looks_for_it() {
    assert_eq!(
        messages("stun = \"stun\", offers_to", "stun = \"bob\", offers_to"),
        r#"error: `bob` does not run a `stun-server` or `turn-server`
  --> homes.toml:17:25
   |
17 | run = { peer = { stun = "bob", offers_to = "bob" } }
   |                         ^^^^^
   = expected `stun`"#
    );
}

#[test]
fn only_a_nat_can_be_rebound() {
    assert_eq!(
        messages("rebind = \"nat-a\"", "rebind = \"alice\""),
        r#"error: `alice` is a host, not a NAT
  --> homes.toml:25:10
   |
25 | rebind = "alice"
   |          ^^^^^^^
   = expected `nat-a`"#
    );
}

#[test]
fn a_link_that_does_not_exist_is_found() {
    assert_eq!(
        messages("rebind = \"nat-a\"", "link_down = \"alise\""),
        r#"error: there is no link `alise`
  --> homes.toml:25:13
   |
25 | link_down = "alise"
   |             ^^^^^^^
   = expected one of `stun/internet`, `nat-a/home-a`, `nat-a/internet`, `alice/home-a`,
              `bob/internet`, `stun`, `nat-a`, `alice`, `bob`, `internet`, `home-a`
   = did you mean `alice`?"#
    );
}

#[test]
fn problems_are_collected_in_the_order_of_the_text() {
    assert_eq!(
        messages("state = \"connected\"", "state = \"conected\"\ntransprot = \"udp\""),
        r#"error: `conected` is not a word for `expect.0.state`
  --> homes.toml:29:9
   |
29 | state = "conected"
   |         ^^^^^^^^^^
   = expected one of `connecting`, `connected`, `disconnected`, `failed`
   = did you mean `connected`?

error: `transprot` is not a key of `expect.0`
  --> homes.toml:30:1
   |
30 | transprot = "udp"
   | ^^^^^^^^^
   = expected one of `after_ms`, `answers`, `at_least`, `at_most`, `before_ms`, `candidates`,
              `connected_at_ms`, `delivered_bytes`, `diagnosis`, `dropped_at`, `dtls`, `failure`,
              `filtering`, `hairpin`, `happened_at`, `hops`, `lifetime_s`, `lookup_at`,
              `loss_percent_at_most`, `mapping`, `messages`, `no_drops`, `open_channels`, `path` and
              13 more
   = did you mean `transport`?"#
    );
}

#[test]
fn a_key_that_is_required_is_missed() {
    assert_eq!(
        messages("at_ms = 5000\n", ""),
        r#"error: `action.0` has no `at_ms`
  --> homes.toml:23:1
   |
23 | [[action]]
   | ^^^^^^^^^^
   = expected the key `at_ms`"#
    );
}

#[test]
fn an_unclosed_string_is_shown_where_it_should_end() {
    assert_eq!(
        messages("title = \"Two homes\"", "title = \"Two homes"),
        r#"error: invalid basic string
 --> homes.toml:1:19
  |
1 | title = "Two homes
  |                   ^
  = expected `"`"#
    );
}

#[test]
fn a_table_that_is_there_twice_is_one_problem() {
    assert_eq!(
        messages("[node.bob]", "[node.alice]"),
        r#"error: `alice` is there already
  --> homes.toml:19:7
   |
19 | [node.alice]
   |       ^^^^^
   = expected every key and every table once"#
    );
}

#[test]
fn a_misspelt_table_at_the_top_is_one_problem() {
    assert_eq!(
        messages("[network.internet]", "[netwrok.internet]"),
        r#"error: `netwrok` is not a key of a scenario
 --> homes.toml:3:2
  |
3 | [netwrok.internet]
  |  ^^^^^^^
  = expected one of `link`, `network`, `seed`, `until_ms`
  = did you mean `network`?"#
    );
}

#[test]
fn a_key_that_was_written_too_far_out_is_led_to_its_place() {
    assert_eq!(
        messages("[node.stun]\n", "[node.stun]\nlatency_ms = 5\n"),
        r#"error: `latency_ms` is not a key of `node.stun`
 --> homes.toml:7:1
  |
7 | latency_ms = 5
  | ^^^^^^^^^^
  = expected one of `address`, `dns`, `firewall`, `inside`, `inside_address`, `inside_link`,
             `interface`, `link`, `nat`, `outside`, `outside_address`, `outside_link`, `resolver`,
             `route`, `router`
  = did you mean `link.latency_ms`?"#
    );
}

#[test]
fn axes_of_a_nat_are_checked_one_by_one() {
    assert_eq!(
        messages(
            "nat = \"port-restricted\"",
            "nat = { mapping = \"eim\", filtering = \"any\", timeout_s = 0 }"
        ),
        r#"error: `eim` is not a word for `node.nat-a.nat.mapping`
  --> homes.toml:11:19
   |
11 | nat = { mapping = "eim", filtering = "any", timeout_s = 0 }
   |                   ^^^^^
   = expected one of `endpoint-independent`, `address-dependent`, `address-and-port-dependent`
   = did you mean `endpoint-independent`?

error: `any` is not a word for `node.nat-a.nat.filtering`
  --> homes.toml:11:38
   |
11 | nat = { mapping = "eim", filtering = "any", timeout_s = 0 }
   |                                      ^^^^^
   = expected one of `endpoint-independent`, `address-dependent`, `address-and-port-dependent`

error: `node.nat-a.nat.timeout_s` is out of range
  --> homes.toml:11:57
   |
11 | nat = { mapping = "eim", filtering = "any", timeout_s = 0 }
   |                                                         ^
   = expected a number from 0.001 to 604800"#
    );
}

#[test]
fn an_action_has_to_say_what_happens() {
    assert_eq!(
        messages("rebind = \"nat-a\"\n", ""),
        r#"error: the action does not say what happens
  --> homes.toml:23:1
   |
23 | [[action]]
   | ^^^^^^^^^^
   = expected one of `rebind`, `restart_nat`, `link_down`, `link_up`, `change_link`, `move`,
              `restart_ice`, `stop_signaling`"#
    );
}

#[test]
fn an_expectation_has_one_subject() {
    assert_eq!(
        messages("state = \"connected\"", "state = \"connected\"\nno_drops = true"),
        r#"error: `no_drops` beside `call`
  --> homes.toml:30:1
   |
30 | no_drops = true
   | ^^^^^^^^
   = expected an `[[expect]]` for each"#
    );
}

#[test]
fn a_diagnosis_has_to_be_in_the_registry() {
    assert_eq!(
        messages("state = \"connected\"", "diagnosis = \"udp-block\""),
        r#"error: there is no diagnosis `udp-block`
  --> homes.toml:29:13
   |
29 | diagnosis = "udp-block"
   |             ^^^^^^^^^^^
   = expected one of `direct-host`, `direct-through-nat`, `relayed-by-policy`,
              `relayed-nat-mapping`, `relayed-nat-filtering`, `relayed-firewall`,
              `relayed-over-tcp`, `relayed-no-direct-path`, `signaling-lost`, `signaling-no-peer`,
              `wrong-fingerprint`, `dtls-failed`, `negotiation-failed`, `nothing-in-common`,
              `no-candidates`, `no-common-family`, `turn-refused`, `turn-unreachable`,
              `udp-blocked`, `firewall-denied`, `nat-mapping`, `nat-filtering`, `no-route`,
              `link-down` and 4 more
   = did you mean `udp-blocked`?"#
    );
}

#[test]
fn an_address_has_to_lie_in_its_network() {
    assert_eq!(
        messages(
            "latency_ms = 20\n\n[node.stun]",
            "prefix = \"203.0.113.0/24\"\n\n[node.stun]\naddress = \"203.0.114.5\""
        ),
        r#"error: 203.0.114.5 is not in `internet`
 --> homes.toml:7:11
  |
7 | address = "203.0.114.5"
  |           ^^^^^^^^^^^^^
  = expected an address in 203.0.113.0/24"#
    );
}

#[test]
fn two_nodes_do_not_share_an_address() {
    assert_eq!(
        messages(
            "latency_ms = 20\n\n[node.stun]\nnetwork = \"internet\"",
            "prefix = \"203.0.113.0/24\"\n\n[node.other]\nnetwork = \"internet\"\naddress = \"203.0.113.5\"\n\n\
             [node.stun]\nnetwork = \"internet\"\naddress = \"203.0.113.5\""
        ),
        r#"error: 203.0.113.5 is the address of `other` already
  --> homes.toml:12:11
   |
12 | address = "203.0.113.5"
   |           ^^^^^^^^^^^^^
   = expected an address of its own"#
    );
}

#[test]
fn an_override_of_a_node_that_does_not_exist_says_so() {
    assert_eq!(
        messages_of_override("node.nat-b.nat=symmetric"),
        r#"error: there is no node `nat-b`
 --> --set:1:6
  |
1 | node.nat-b.nat=symmetric
  |      ^^^^^
  = expected one of `stun`, `nat-a`, `alice`, `bob`
  = did you mean `nat-a`?"#
    );
}

#[test]
fn an_override_that_names_no_key_says_so() {
    assert_eq!(
        messages_of_override("node.nat-a.nta=symmetric"),
        r#"error: `nta` is not a key of `node.nat-a`
 --> --set:1:12
  |
1 | node.nat-a.nta=symmetric
  |            ^^^
  = expected one of `address`, `dns`, `firewall`, `inside_address`, `inside_link`, `interface`,
             `link`, `network`, `outside_address`, `outside_link`, `resolver`, `route`, `router`,
             `run`
  = did you mean `nat`?"#
    );
}

#[test]
fn an_override_with_a_wrong_word_is_shown_itself() {
    assert_eq!(
        messages_of_override("node.nat-a.nat=simmetric"),
        r#"error: `simmetric` is not a word for `node.nat-a.nat`
 --> --set:1:16
  |
1 | node.nat-a.nat=simmetric
  |                ^^^^^^^^^
  = expected one of `none`, `open`, `full-cone`, `address-restricted`, `port-restricted`,
             `symmetric`, `behave`, `linux-masquerade`, `linux-open-input`, `linux-random-fully`,
             `freebsd-pf`, `carrier-cgn`, `mobile-cgn`, `aws-nat-gateway`, `one-to-one`, `nat64`
  = did you mean `symmetric`?"#
    );
}

#[test]
fn an_override_of_an_entry_that_does_not_exist_says_so() {
    assert_eq!(
        messages_of_override("expect.7.within_ms=5"),
        r#"error: there is no expect number `7`, counted from 0
 --> --set:1:8
  |
1 | expect.7.within_ms=5
  |        ^"#
    );
}

#[test]
fn an_override_without_a_value_says_what_one_looks_like() {
    assert_eq!(
        messages_of_override("node.nat-a.nat"),
        r#"error: an override has no `=`
 --> --set:1:1
  |
1 | node.nat-a.nat
  | ^^^^^^^^^^^^^^
  = expected KEY=VALUE, such as `node.nat-a.nat=symmetric`"#
    );
}

#[test]
fn an_override_that_is_half_a_table_is_a_problem_of_syntax() {
    assert_eq!(
        messages_of_override("node.alice.run={"),
        r#"error: unclosed inline table
 --> --set:1:17
  |
1 | node.alice.run={
  |                 ^
  = expected `}`"#
    );
}

#[test]
fn a_router_without_translation_has_no_axes() {
    assert_eq!(
        messages("nat = \"port-restricted\"", "nat = { preset = \"none\", timeout_s = 20 }"),
        r#"error: a NAT that translates nothing has no behavior to change
  --> homes.toml:11:18
   |
11 | nat = { preset = "none", timeout_s = 20 }
   |                  ^^^^^^
   = expected `nat = "none"` alone, or another preset"#
    );
}
