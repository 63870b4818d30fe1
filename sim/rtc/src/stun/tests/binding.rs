//! Binding client and server against each other.

use std::net::SocketAddr;

use crate::output::{Output, Transmit};
use crate::randomness::Randomness;
use crate::reason::Reason;
use crate::stun::{
    Attribute, AttributeType, BindingClient, BindingServer, Builder, Class, Message, Method, TransactionId,
    TransactionSnapshot, TransactionState,
};
use crate::time::Time;

/// Counts up: enough to tell transactions apart.
#[derive(Debug, Default)]
pub(crate) struct Counting(u8);

impl Counting {
    /// Another sequence.
    pub(crate) const fn starting_at(first: u8) -> Counting {
        Counting(first)
    }
}

impl Randomness for Counting {
    fn fill(&mut self, out: &mut [u8]) {
        for byte in out {
            self.0 = self.0.wrapping_add(1);
            *byte = self.0;
        }
    }
}

fn client_address() -> SocketAddr {
    "192.0.2.7:50000".parse().unwrap()
}

fn nat_address() -> SocketAddr {
    "203.0.113.9:61234".parse().unwrap()
}

fn server_address() -> SocketAddr {
    "198.51.100.1:3478".parse().unwrap()
}

fn client() -> BindingClient {
    BindingClient::new(client_address(), server_address(), Box::new(Counting::default()))
}

fn sent(output: &mut BindingClient) -> Vec<Transmit> {
    std::iter::from_fn(|| output.poll_output())
        .filter_map(|output| if let Output::Transmit(transmit) = output { Some(transmit) } else { None })
        .collect()
}

fn outputs(client: &mut BindingClient) -> Vec<Output<TransactionSnapshot>> {
    std::iter::from_fn(|| client.poll_output()).collect()
}

fn answer(request: &[u8]) -> Output<TransactionSnapshot> {
    let mut server = BindingServer::new().with_software("rtclab");
    server.handle_datagram(server_address(), nat_address(), request);
    let output = server.poll_output().unwrap();
    assert_eq!(server.poll_output(), None);
    output
}

fn answer_bytes(request: &[u8]) -> Vec<u8> {
    match answer(request) {
        Output::Transmit(transmit) => {
            assert_eq!((transmit.from, transmit.to), (server_address(), nat_address()));
            transmit.payload
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_client_learns_the_address_that_the_server_saw() {
    let mut client = client();
    client.start(Time::ZERO);
    let request = sent(&mut client).remove(0);
    assert_eq!((request.from, request.to), (client_address(), server_address()));
    client.handle_datagram(server_address(), &answer_bytes(&request.payload), Time::from_millis(40));
    assert_eq!(client.mapped_address(), Some(nat_address()));
    assert_eq!(client.state(), Some(TransactionState::Succeeded));
    assert_eq!(client.poll_timeout(), None);
}

#[test]
fn a_lost_request_is_sent_again_with_the_same_bytes_until_it_is_given_up() {
    let mut client = client();
    client.start(Time::ZERO);
    let first = sent(&mut client).remove(0);
    let mut again = 0;
    while let Some(due) = client.poll_timeout() {
        client.handle_timeout(due);
        for transmit in sent(&mut client) {
            assert_eq!(transmit.payload, first.payload);
            assert_eq!(transmit.reason, Some(Reason::RetransmissionTimeout));
            again += 1;
        }
    }
    assert_eq!(again, 6);
    assert_eq!(client.state(), Some(TransactionState::TimedOut));
}

#[test]
fn a_second_answer_and_one_from_a_stranger_are_ignored() {
    let mut client = client();
    client.start(Time::ZERO);
    let answer = answer_bytes(&sent(&mut client).remove(0).payload);
    client.handle_datagram(nat_address(), &answer, Time::ZERO);
    assert_eq!(outputs(&mut client), [Output::Ignored { reason: Reason::StunNoTransaction }]);
    client.handle_datagram(server_address(), &answer, Time::ZERO);
    outputs(&mut client);
    client.handle_datagram(server_address(), &answer, Time::ZERO);
    assert_eq!(outputs(&mut client), [Output::Ignored { reason: Reason::StunNoTransaction }]);
    client.handle_datagram(server_address(), b"junk", Time::ZERO);
    assert_eq!(outputs(&mut client), [Output::Ignored { reason: Reason::StunMalformed }]);
}

#[test]
fn a_request_with_an_unknown_required_attribute_is_refused_with_its_type() {
    let wire = Builder::request(Method::BINDING, TransactionId([1; 12]))
        .attribute(&Attribute::Unknown { kind: AttributeType(0x0003), value: &[0, 0, 0, 6] })
        .finish_without_fingerprint();
    let refusal = answer_bytes(&wire);
    let refusal = Message::parse(&refusal).unwrap();
    assert_eq!(refusal.error_code().map(|error| error.code), Some(420));
    assert_eq!(refusal.unknown_attributes().unwrap().iter().collect::<Vec<_>>(), [AttributeType(0x0003)]);
    assert!(!refusal.has_fingerprint(), "the request had none");
    let Output::Transmit(transmit) = answer(&wire) else { panic!() };
    assert_eq!(transmit.reason, Some(Reason::StunUnknownAttributes));
}

#[test]
fn a_refused_client_knows_the_code() {
    let mut client = client();
    client.start(Time::ZERO);
    let request = sent(&mut client).remove(0).payload;
    let refusal = Builder::error(&Message::parse(&request).unwrap(), 500).finish();
    client.handle_datagram(server_address(), &refusal, Time::ZERO);
    assert_eq!(client.state(), Some(TransactionState::Refused(500)));
}

#[test]
fn a_response_with_an_unknown_required_attribute_ends_the_transaction() {
    let mut client = client();
    client.start(Time::ZERO);
    let request = sent(&mut client).remove(0).payload;
    let response = Builder::success(&Message::parse(&request).unwrap())
        .attribute(&Attribute::XorMappedAddress(nat_address()))
        .attribute(&Attribute::Unknown { kind: AttributeType(0x7777), value: &[] })
        .finish();
    client.handle_datagram(server_address(), &response, Time::ZERO);
    assert_eq!(client.mapped_address(), None);
    let Some(Output::Change { reason, .. }) = client.poll_output() else { panic!() };
    assert_eq!(reason, Some(Reason::StunUnknownInResponse));
}

#[test]
fn a_server_answers_requests_for_binding_only() {
    let of = |class, method| Builder::new(class, method, TransactionId([1; 12])).finish();
    let ignored = |reason| Output::Ignored { reason };
    assert_eq!(answer(&of(Class::Indication, Method::BINDING)), ignored(Reason::StunIndication));
    assert_eq!(answer(&of(Class::Success, Method::BINDING)), ignored(Reason::StunUnexpected));
    assert_eq!(answer(&of(Class::Request, Method::ALLOCATE)), ignored(Reason::StunUnexpected));
    assert_eq!(answer(&[0; 40]), ignored(Reason::StunMalformed));
}

#[test]
fn starting_anew_cancels_what_is_pending() {
    let mut client = client();
    client.start(Time::ZERO);
    outputs(&mut client);
    client.start(Time::from_millis(10));
    let Output::Change { change, .. } = &outputs(&mut client)[0] else { panic!() };
    assert_eq!(change.state, TransactionState::Cancelled);
    assert_eq!(client.state(), Some(TransactionState::Pending));
}
