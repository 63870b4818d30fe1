//! The server against requests made by hand.

use super::nat::{address, server, server_address};
use crate::behavior::{BehaviorServer, BehaviorServerError};
use crate::output::{Output, Transmit};
use crate::reason::Reason;
use crate::stun::{Attribute, AttributeType, Builder, ChangeRequest, Message, Method, TransactionId};

fn ask(attributes: &[Attribute<'_>]) -> Transmit {
    let request = Builder::request(Method::BINDING, TransactionId([3; 12]));
    let wire = attributes.iter().fold(request, Builder::attribute).finish();
    let mut server = server();
    server.handle_datagram(server_address(), address("203.0.113.7:40000"), &wire);
    let Some(Output::Transmit(transmit)) = server.poll_output() else { panic!("no answer") };
    assert_eq!(server.poll_output(), None);
    transmit
}

fn code(transmit: &Transmit) -> Option<u16> {
    Message::parse(&transmit.payload).unwrap().error_code().map(|error| error.code)
}

#[test]
fn answers_leave_from_where_table_1_says() {
    for (address_too, port_too, origin) in [
        (false, false, "198.51.100.1:3478"),
        (true, false, "198.51.100.2:3478"),
        (false, true, "198.51.100.1:3479"),
        (true, true, "198.51.100.2:3479"),
    ] {
        let change = ChangeRequest { address: address_too, port: port_too };
        let transmit = ask(&[Attribute::ChangeRequest(change)]);
        assert_eq!((transmit.from, transmit.to), (address(origin), address("203.0.113.7:40000")));
        assert_eq!(transmit.reason, (address_too || port_too).then_some(Reason::BehaviorElsewhere));
        let answer = Message::parse(&transmit.payload).unwrap();
        assert_eq!(answer.response_origin(), Some(transmit.from));
        assert_eq!(answer.other_address(), Some(address("198.51.100.2:3479")));
        assert_eq!(answer.mapped_address(), answer.xor_mapped_address());
    }
}

#[test]
fn the_other_address_is_the_other_one_on_each_of_the_four_sockets() {
    let mut server = server();
    let wire = Builder::request(Method::BINDING, TransactionId([3; 12])).finish();
    for (to, other) in [
        ("198.51.100.1:3479", "198.51.100.2:3478"),
        ("198.51.100.2:3478", "198.51.100.1:3479"),
        ("198.51.100.2:3479", "198.51.100.1:3478"),
    ] {
        server.handle_datagram(address(to), address("203.0.113.7:40000"), &wire);
        let Some(Output::Transmit(transmit)) = server.poll_output() else { panic!() };
        assert_eq!(transmit.from, address(to));
        assert_eq!(Message::parse(&transmit.payload).unwrap().other_address(), Some(address(other)));
    }
}

#[test]
fn an_answer_goes_to_the_port_that_was_asked_for_at_the_same_address() {
    let transmit = ask(&[Attribute::ResponsePort(7)]);
    assert_eq!(transmit.to, address("203.0.113.7:7"));
    assert_eq!(transmit.reason, Some(Reason::BehaviorElsewhere));
}

#[test]
fn padding_to_another_port_and_port_zero_are_refused() {
    for attributes in
        [&[Attribute::ResponsePort(7), Attribute::Padding(&[0; 64])][..], &[Attribute::ResponsePort(0)]]
    {
        let transmit = ask(attributes);
        assert_eq!(transmit.to, address("203.0.113.7:40000"));
        assert_eq!((code(&transmit), transmit.reason), (Some(400), Some(Reason::BehaviorPortRefused)));
    }
}

#[test]
fn padding_is_never_longer_than_what_was_sent() {
    for length in [0, 3, 4, 1500, 60_000] {
        let transmit = ask(&[Attribute::Padding(&vec![0; length])]);
        let answered = Message::parse(&transmit.payload).unwrap().padding().map(<[u8]>::len);
        assert_eq!(answered, Some(length.min(2048) & !3));
        // What the server adds is a few addresses.
        assert!(transmit.payload.len() < length + 100);
    }
}

#[test]
fn what_is_unknown_is_refused_from_the_socket_that_was_asked() {
    let unknown = Attribute::Unknown { kind: AttributeType(0x7777), value: &[] };
    let change = Attribute::ChangeRequest(ChangeRequest { address: true, port: true });
    let transmit = ask(&[change, unknown, Attribute::ConnectionId(1)]);
    assert_eq!((code(&transmit), transmit.from), (Some(420), server_address()));
    let answer = Message::parse(&transmit.payload).unwrap();
    let listed: Vec<_> = answer.unknown_attributes().unwrap().iter().collect();
    assert_eq!(listed, [AttributeType(0x7777), AttributeType::CONNECTION_ID]);
}

#[test]
fn two_addresses_must_differ_in_both_parts() {
    let make = |a, b| BehaviorServer::new(address(a), address(b)).map(|_| ());
    for (a, b) in [
        ("198.51.100.1:3478", "198.51.100.1:3479"),
        ("198.51.100.1:3478", "198.51.100.2:3478"),
        ("198.51.100.1:3478", "[2001:db8::1]:3479"),
    ] {
        assert_eq!(make(a, b), Err(BehaviorServerError::NotTwo(address(a), address(b))));
    }
    let any = address("0.0.0.0:3478");
    assert_eq!(make("0.0.0.0:3478", "198.51.100.2:3479"), Err(BehaviorServerError::Unspecified(any)));
}

#[test]
fn junk_and_indications_get_no_answer() {
    let mut server = server();
    let indication = Builder::indication(Method::BINDING, TransactionId([3; 12])).finish();
    let allocate = Builder::request(Method::ALLOCATE, TransactionId([3; 12])).finish();
    for (wire, reason) in [
        (&b"junk"[..], Reason::StunMalformed),
        (&indication, Reason::StunIndication),
        (&allocate, Reason::StunUnexpected),
    ] {
        server.handle_datagram(server_address(), address("203.0.113.7:40000"), wire);
        assert_eq!(server.poll_output(), Some(Output::Ignored { reason }));
    }
}
