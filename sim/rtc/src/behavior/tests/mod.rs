//! Client and server against each other through NATs in memory, and the server against requests made by hand.

mod nat;
mod server;

use std::time::Duration;

use self::nat::{Server, World, local, second_socket, server_address};
use super::{
    BehaviorConfig, Connectivity, Filtering, Hairpinning, LifetimeRange, LifetimeSearch, Mapping, Verdict,
};
use crate::reason::Reason;
use crate::stun::BindingServer;
use crate::time::Time;

const MAPPINGS: [(Mapping, Reason); 4] = [
    (Mapping::Untranslated, Reason::BehaviorUntranslated),
    (Mapping::EndpointIndependent, Reason::BehaviorMapsAlike),
    (Mapping::AddressDependent, Reason::BehaviorMapsByAddress),
    (Mapping::AddressAndPortDependent, Reason::BehaviorMapsByPort),
];
const FILTERS: [(Filtering, Reason); 3] = [
    (Filtering::EndpointIndependent, Reason::BehaviorFilterNone),
    (Filtering::AddressDependent, Reason::BehaviorFilterAddress),
    (Filtering::AddressAndPortDependent, Reason::BehaviorFilterPort),
];

#[test]
fn every_mapping_with_every_filter_is_told_apart_with_its_reason() {
    for (mapping, mapping_reason) in MAPPINGS {
        for (filtering, filtering_reason) in FILTERS {
            let mut world = World::new(mapping, filtering);
            world.run();
            let found = world.client.behavior();
            assert_eq!(
                found.mapping,
                Some(Verdict::new(mapping, mapping_reason)),
                "{mapping:?} {filtering:?}"
            );
            assert_eq!(found.filtering, Some(Verdict::new(filtering, filtering_reason)), "{mapping:?}");
            assert_eq!(found.gateway, Some(Verdict::new(false, Reason::BehaviorNoGateway)));
            assert!(found.done);
            assert!(world.said.contains(&mapping_reason) && world.said.contains(&filtering_reason));
        }
    }
}

#[test]
fn each_test_says_why_it_is_made() {
    let mut config = BehaviorConfig::new(local(), server_address());
    config.fragments = true;
    config.lifetime = Some((second_socket(), LifetimeSearch::default()));
    let mut world = World::with(Mapping::EndpointIndependent, Filtering::AddressDependent, config);
    world.run();
    for reason in [
        Reason::BehaviorTestConnectivity,
        Reason::BehaviorTestFiltering,
        Reason::BehaviorTestMapping,
        Reason::BehaviorTestHairpinning,
        Reason::BehaviorTestFragments,
        Reason::BehaviorTestLifetime,
        Reason::BehaviorTranslated,
    ] {
        assert!(world.said.contains(&reason), "{reason:?}");
    }
}

#[test]
fn without_translation_nothing_is_asked_about_mappings_or_hairpins() {
    let mut world = World::new(Mapping::Untranslated, Filtering::EndpointIndependent);
    world.run();
    let found = world.client.behavior();
    let verdict = Verdict::new(Connectivity::Untranslated, Reason::BehaviorUntranslated);
    assert_eq!((found.connectivity, found.hairpinning), (Some(verdict), None));
    assert_eq!(world.sent, 2, "one test of connectivity, one of the filter");
}

#[test]
fn hairpinning_is_seen_whatever_the_filter() {
    for (filtering, _) in FILTERS {
        for (hairpins, expected, reason) in [
            (None, Hairpinning::No, Reason::BehaviorNoHairpin),
            (Some(false), Hairpinning::ExternalSource, Reason::BehaviorHairpins),
            (Some(true), Hairpinning::InternalSource, Reason::BehaviorHairpinsInternal),
        ] {
            let mut world = World::new(Mapping::EndpointIndependent, filtering);
            world.hairpins = hairpins;
            world.run();
            assert_eq!(world.client.behavior().hairpinning, Some(Verdict::new(expected, reason)));
        }
    }
}

#[test]
fn fragments_that_get_lost_are_noticed() {
    for (longest, passes, reason) in
        [(65_535, true, Reason::BehaviorFragmentsPass), (1400, false, Reason::BehaviorFragmentsLost)]
    {
        let mut config = BehaviorConfig::new(local(), server_address());
        config.fragments = true;
        let mut world = World::with(Mapping::EndpointIndependent, Filtering::AddressDependent, config);
        world.longest = longest;
        world.run();
        assert_eq!(world.client.behavior().fragments, Some(Verdict::new(passes, reason)));
    }
}

#[test]
fn the_lifetime_of_a_binding_is_bounded_from_both_sides() {
    for seconds in [30, 119, 300] {
        let mut config = BehaviorConfig::new(local(), server_address());
        config.lifetime = Some((second_socket(), LifetimeSearch::default()));
        let mut world = World::with(Mapping::EndpointIndependent, Filtering::EndpointIndependent, config);
        world.lifetime = Duration::from_secs(seconds);
        world.run();
        let Some(Verdict { value: Some(LifetimeRange { at_least, below: Some(below) }), reason }) =
            world.client.behavior().lifetime
        else {
            panic!("{:?}", world.client.behavior());
        };
        assert!(at_least <= world.lifetime && world.lifetime <= below + Duration::from_secs(1));
        assert!(below - at_least <= Duration::from_secs(5));
        assert_eq!(reason, Reason::BehaviorBindingEnds);
    }
}

#[test]
fn a_binding_that_never_ends_is_not_waited_for_any_longer() {
    let mut config = BehaviorConfig::new(local(), server_address());
    config.lifetime = Some((second_socket(), LifetimeSearch::default()));
    let mut world = World::with(Mapping::EndpointIndependent, Filtering::EndpointIndependent, config);
    world.run();
    let range = LifetimeRange { at_least: Duration::from_secs(600), below: None };
    assert_eq!(world.client.behavior().lifetime, Some(Verdict::new(range, Reason::BehaviorBindingLasts)));
}

#[test]
fn a_server_with_one_address_leaves_mapping_and_filter_open() {
    let mut world = World::new(Mapping::EndpointIndependent, Filtering::AddressDependent);
    world.server = Server::Binding(BindingServer::new());
    world.hairpins = Some(false);
    world.run();
    let found = world.client.behavior();
    assert_eq!(found.mapping, Some(Verdict::unknown(Reason::BehaviorOneAddress)));
    assert_eq!(found.filtering, Some(Verdict::unknown(Reason::BehaviorOneAddress)));
    assert_eq!(found.gateway, None, "a plain server sends XOR-MAPPED-ADDRESS alone");
    assert!(found.hairpinning.is_some_and(|verdict| verdict.value == Some(Hairpinning::ExternalSource)));
}

#[test]
fn a_server_that_does_not_know_response_port_leaves_the_lifetime_open() {
    let mut config = BehaviorConfig::new(local(), server_address());
    config.lifetime = Some((second_socket(), LifetimeSearch::default()));
    let mut world = World::with(Mapping::EndpointIndependent, Filtering::EndpointIndependent, config);
    world.server = Server::Binding(BindingServer::new());
    world.run();
    // Its refusal goes to the second socket.
    assert!(world.said.contains(&Reason::BehaviorRefused));
    assert_eq!(world.client.behavior().lifetime, Some(Verdict::unknown(Reason::BehaviorRefused)));
}

#[test]
fn a_silent_server_is_blocked_udp_and_the_end_of_the_tests() {
    let mut world = World::new(Mapping::EndpointIndependent, Filtering::AddressDependent);
    world.server = Server::Down;
    world.run();
    let found = world.client.behavior();
    let verdict = Verdict::new(Connectivity::Blocked, Reason::BehaviorBlocked);
    assert_eq!((found.connectivity, found.mapping, found.done), (Some(verdict), None, true));
    assert_eq!(world.now, Time::from_millis(5500));
}

#[test]
fn a_gateway_that_rewrites_addresses_is_noticed() {
    let mut world = World::new(Mapping::EndpointIndependent, Filtering::AddressDependent);
    world.rewrites = true;
    world.run();
    assert_eq!(world.client.behavior().gateway, Some(Verdict::new(true, Reason::BehaviorGateway)));
}

#[test]
fn an_other_address_that_falls_silent_leaves_the_mapping_open() {
    let mut world = World::new(Mapping::EndpointIndependent, Filtering::EndpointIndependent);
    world.client.start(Time::ZERO);
    // The first answer names another address; then the server is gone.
    let mut server = nat::server();
    let Some(crate::Output::Transmit(request)) =
        std::iter::from_fn(|| world.client.poll_output()).find(|o| matches!(o, crate::Output::Transmit(_)))
    else {
        panic!();
    };
    server.handle_datagram(server_address(), nat::address("203.0.113.7:40000"), &request.payload);
    let Some(crate::Output::Transmit(answer)) = server.poll_output() else { panic!() };
    world.client.handle_datagram(local(), server_address(), &answer.payload, Time::ZERO);
    // The same answer again is no answer to the next question, nor is one from the wrong place.
    world.client.handle_datagram(local(), server_address(), &answer.payload, Time::ZERO);
    while let Some(at) = world.client.poll_timeout() {
        world.client.handle_timeout(at);
    }
    let found = world.client.behavior();
    assert_eq!(found.mapping, Some(Verdict::unknown(Reason::BehaviorOtherSilent)));
}

#[test]
fn an_answer_from_the_wrong_address_says_nothing_about_the_filter() {
    let mut world = World::new(Mapping::EndpointIndependent, Filtering::AddressDependent);
    world.client.start(Time::ZERO);
    let mut server = nat::server();
    for turn in 0..2 {
        let outputs: Vec<_> = std::iter::from_fn(|| world.client.poll_output()).collect();
        let request = outputs.iter().find_map(|output| match output {
            crate::Output::Transmit(transmit) => Some(transmit.payload.clone()),
            _ => None,
        });
        server.handle_datagram(server_address(), nat::address("203.0.113.7:40000"), &request.unwrap());
        let Some(crate::Output::Transmit(answer)) = server.poll_output() else { panic!() };
        assert_eq!(answer.reason.is_some(), turn == 1);
        world.client.handle_datagram(local(), server_address(), &answer.payload, Time::ZERO);
    }
    assert_eq!(
        std::iter::from_fn(|| world.client.poll_output()).last(),
        Some(crate::Output::Ignored { reason: Reason::BehaviorWrongOrigin })
    );
}
