//! An allocation that moves with its client: RFC 8016.

use super::lab::{address, alice, config, peer_address};
use super::requester::Requester;
use super::world::{World, able};
use crate::reason::Reason;
use crate::stun::{Attribute, Message, Method, Transport};
use crate::turn::{AllocationState, TurnClient};

#[test]
fn a_client_takes_its_allocation_along() {
    let mut world = World::new(able());
    let client = world.client(TurnClient::with_mobility);
    world.allocate(client);
    world.permit(client, peer_address());
    let relayed = world.clients[client].relayed_address().unwrap();
    for port in [1000, 2000, 3000] {
        let here = address(&format!("192.0.2.99:{port}"));
        world.clients[client].move_to(here, world.now);
        world.settle();
        assert_eq!(world.clients[client].state(), Some(AllocationState::Active));
        assert_eq!(world.clients[client].relayed_address(), Some(relayed));
        assert_eq!(world.server.allocations().next().unwrap().1.client, here);
        world.server.handle_datagram(relayed, peer_address(), b"still here?", world.now);
        world.settle();
        assert_eq!(world.data.last(), Some(&(client, peer_address(), b"still here?".to_vec())));
    }
    assert!(world.said.contains(&Reason::TurnMoved));
    assert_eq!(world.server.allocations().count(), 1);
    world.clients[client].release(world.now);
    world.settle();
    assert_eq!(world.server.allocations().count(), 0);
}

#[test]
fn an_allocation_with_a_ticket_outlives_its_stream() {
    let mut world = World::new(able());
    let client = world.client(|client| client.with_mobility().with_transport(Transport::Tcp));
    world.allocate(client);
    world.cut(client);
    assert_eq!(world.server.allocations().count(), 1);
    let here = address("192.0.2.99:1000");
    world.open_stream(here, Transport::Tcp, (client, None));
    world.clients[client].move_to(here, world.now);
    world.settle();
    assert_eq!(world.clients[client].state(), Some(AllocationState::Active));
    assert_eq!(world.server.allocations().next().unwrap().1.client, here);
}

#[test]
fn a_server_that_forbids_it_is_asked_without() {
    let mut world = World::new(config());
    let client = world.client(TurnClient::with_mobility);
    world.allocate(client);
    assert!(world.said.contains(&Reason::TurnMobilityForbidden));
    world.clients[client].move_to(address("192.0.2.99:1"), world.now);
    world.settle();
    assert_eq!(world.said.last(), Some(&Reason::TurnTicketUnknown));
}

/// Alice with a ticket, by hand.
fn with_ticket() -> (Requester, Vec<u8>) {
    let mut requester = Requester::new(able(), alice());
    let asked = [Attribute::RequestedTransport(17), Attribute::MobilityTicket(&[])];
    let reaction = requester.request(Method::ALLOCATE, &asked);
    let ticket = Message::parse(&reaction.answer).unwrap().mobility_ticket().unwrap().to_vec();
    (requester, ticket)
}

#[test]
fn a_lost_answer_does_not_lose_the_allocation() {
    let (mut requester, ticket) = with_ticket();
    requester.from = address("192.0.2.99:1");
    requester.learn_nonce();
    let moved = requester.request(Method::REFRESH, &[Attribute::MobilityTicket(&ticket)]);
    assert_eq!(moved.code, Some(0));
    // The answer was lost, and the client moves on with the ticket it has.
    requester.from = address("192.0.2.98:1");
    requester.learn_nonce();
    let again = requester.request(Method::REFRESH, &[Attribute::MobilityTicket(&ticket)]);
    assert_eq!(again.code, Some(0));
    let fresh = Message::parse(&again.answer).unwrap().mobility_ticket().unwrap().to_vec();
    assert_ne!(fresh, ticket);
    assert_eq!(requester.server.allocations().count(), 1);
}

#[test]
fn a_ticket_is_good_for_its_user_only_and_cannot_be_made_up() {
    let (mut requester, ticket) = with_ticket();
    requester.from = address("192.0.2.99:1");
    requester.learn_nonce();
    let guess = requester.request(Method::REFRESH, &[Attribute::MobilityTicket(&[7; 16])]);
    assert_eq!((guess.code, guess.reason), (Some(400), Some(Reason::TurnTicketUnknown)));
    requester.user = super::lab::bob();
    let stolen = requester.request(Method::REFRESH, &[Attribute::MobilityTicket(&ticket)]);
    assert_eq!((stolen.code, stolen.reason), (Some(441), Some(Reason::TurnOtherUser)));
}
