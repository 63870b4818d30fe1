//! Binding with credentials and alternates, client against server: RFC 8489 §9 and §10.

use std::net::SocketAddr;
use std::time::Duration;

use super::Counting;
use crate::output::{Output, Transmit};
use crate::reason::Reason;
use crate::stun::{
    Attribute, AttributeType, BindingClient, Builder, ClientCredentials, CredentialedBindingServer,
    Credentials, Integrity, LongTermServer, LongTermServerConfig, Message, Method, PasswordAlgorithmList,
    Recognition, ShortTermServer, TransactionId, TransactionState, Transport,
};
use crate::time::Time;

fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

fn local() -> SocketAddr {
    address("192.0.2.7:50000")
}

fn server_address() -> SocketAddr {
    address("198.51.100.1:3478")
}

fn alice() -> Credentials {
    Credentials::prepared("alice", "se cret").unwrap()
}

fn short_term() -> CredentialedBindingServer {
    CredentialedBindingServer::new(Recognition::ShortTerm(ShortTermServer::new(&[alice()])))
}

fn long_term(
    algorithms: Option<PasswordAlgorithmList<'static>>,
    nonce: Duration,
) -> CredentialedBindingServer {
    let config = LongTermServerConfig {
        realm: "example.org".to_owned(),
        users: vec![alice()],
        algorithms,
        anonymous_usernames: algorithms.is_some(),
        nonce_lifetime: nonce,
    };
    let users = LongTermServer::new(&config, &mut Counting::default());
    CredentialedBindingServer::new(Recognition::LongTerm(Box::new(users)))
}

fn client(credentials: ClientCredentials) -> BindingClient {
    BindingClient::new(local(), server_address(), Box::new(Counting::default())).with_credentials(credentials)
}

/// Both until nothing is on its way: the requests, the answers, and all reasons.
struct Talk {
    requests: Vec<Vec<u8>>,
    answers: Vec<Vec<u8>>,
    reasons: Vec<Reason>,
}

fn talk(client: &mut BindingClient, server: &mut CredentialedBindingServer, now: Time) -> Talk {
    client.start(now);
    let mut talk = Talk { requests: Vec::new(), answers: Vec::new(), reasons: Vec::new() };
    loop {
        let mut sent: Vec<Transmit> = Vec::new();
        while let Some(output) = client.poll_output() {
            match output {
                Output::Transmit(transmit) => sent.push(transmit),
                Output::Change { reason, .. } => talk.reasons.extend(reason),
                Output::Ignored { reason } => talk.reasons.push(reason),
                Output::Data { .. } => {}
            }
        }
        if sent.is_empty() {
            return talk;
        }
        for transmit in sent {
            server.handle_datagram(transmit.to, transmit.from, &transmit.payload, now);
            talk.requests.push(transmit.payload);
            let Some(Output::Transmit(answer)) = server.poll_output() else { panic!("no answer") };
            talk.reasons.extend(answer.reason);
            client.handle_datagram(answer.from, &answer.payload, now);
            talk.answers.push(answer.payload);
        }
    }
}

#[test]
fn a_short_term_client_signs_both_ways_until_the_server_has_chosen() {
    let mut client = client(ClientCredentials::ShortTerm(alice()));
    let mut server = short_term();
    let first = talk(&mut client, &mut server, Time::ZERO);
    assert_eq!(client.mapped_address(), Some(local()));
    let request = Message::parse(&first.requests[0]).unwrap();
    assert!(request.find(AttributeType::MESSAGE_INTEGRITY).is_some());
    assert_eq!(request.integrity(), Some(Integrity::Sha256));
    let answer = Message::parse(&first.answers[0]).unwrap();
    assert_eq!(answer.integrity(), Some(Integrity::Sha256));
    assert!(answer.find(AttributeType::MESSAGE_INTEGRITY).is_none(), "one is enough for an answer");
    let second = talk(&mut client, &mut server, Time::ZERO);
    let request = Message::parse(&second.requests[0]).unwrap();
    assert!(request.find(AttributeType::MESSAGE_INTEGRITY).is_none(), "RFC 8489 §9.1.5");
}

#[test]
fn a_short_term_server_refuses_in_the_order_of_the_rfc() {
    let key = crate::stun::IntegrityKey::short_term("se cret");
    let request = || Builder::request(Method::BINDING, TransactionId([1; 12]));
    let cases = [
        (request().finish(), 400, Reason::StunCredentialsIncomplete),
        (request().sign(&key).finish(), 400, Reason::StunCredentialsIncomplete),
        (request().attribute(&Attribute::Username("bob")).sign(&key).finish(), 401, Reason::StunUnknownUser),
        (
            request()
                .attribute(&Attribute::Username("alice"))
                .sign(&crate::stun::IntegrityKey::short_term("guess"))
                .finish(),
            401,
            Reason::StunWrongPassword,
        ),
    ];
    for (wire, code, reason) in cases {
        let mut server = short_term();
        server.handle_datagram(server_address(), local(), &wire, Time::ZERO);
        let Some(Output::Transmit(answer)) = server.poll_output() else { panic!() };
        let message = Message::parse(&answer.payload).unwrap();
        assert_eq!((message.error_code().unwrap().code, answer.reason), (code, Some(reason)));
        assert_eq!((message.integrity(), message.nonce()), (None, None), "RFC 8489 §9.1.3");
    }
}

#[test]
fn an_unsigned_answer_to_a_short_term_client_was_never_there() {
    let mut client = client(ClientCredentials::ShortTerm(Credentials::prepared("alice", "guess").unwrap()));
    let heard = talk(&mut client, &mut short_term(), Time::ZERO);
    assert!(heard.reasons.contains(&Reason::StunUntrusted));
    assert_eq!(client.state(), Some(TransactionState::Pending));
    while let Some(at) = client.poll_timeout() {
        client.handle_timeout(at);
    }
    let last = std::iter::from_fn(|| client.poll_output()).last();
    let Some(Output::Change { reason, .. }) = last else { panic!("{last:?}") };
    assert_eq!(reason, Some(Reason::StunIntegrityViolated));
}

#[test]
fn an_answer_that_is_signed_with_less_than_agreed_is_dropped() {
    let mut client = client(ClientCredentials::ShortTerm(alice()));
    talk(&mut client, &mut short_term(), Time::ZERO);
    client.start(Time::ZERO);
    let request = std::iter::from_fn(|| client.poll_output())
        .find_map(|output| if let Output::Transmit(sent) = output { Some(sent.payload) } else { None })
        .unwrap();
    let weaker = Builder::success(&Message::parse(&request).unwrap())
        .attribute(&Attribute::XorMappedAddress(local()))
        .sign_with(&crate::stun::IntegrityKey::short_term("se cret"), Integrity::Sha1)
        .finish();
    client.handle_datagram(server_address(), &weaker, Time::ZERO);
    assert_eq!(client.poll_output(), Some(Output::Ignored { reason: Reason::StunWeakerIntegrity }));
}

#[test]
fn a_long_term_client_answers_the_challenge_with_what_is_offered() {
    let hour = Duration::from_secs(3600);
    for algorithms in [None, Some(PasswordAlgorithmList::SHA256_THEN_MD5), Some(PasswordAlgorithmList::MD5)] {
        let mut client = client(ClientCredentials::LongTerm(alice()));
        let talk = talk(&mut client, &mut long_term(algorithms, hour), Time::ZERO);
        assert_eq!(client.state(), Some(TransactionState::Succeeded));
        assert_eq!(talk.requests.len(), 2);
        let signed = Message::parse(&talk.requests[1]).unwrap();
        assert_eq!(signed.password_algorithms(), algorithms);
        assert_eq!(signed.userhash().is_some(), algorithms.is_some());
        let expected = if algorithms.is_some() { Integrity::Sha256 } else { Integrity::Sha1 };
        assert_eq!(signed.integrity(), Some(expected));
    }
}

#[test]
fn a_long_term_client_gives_up_on_wrong_passwords_and_on_nonces_that_are_never_good() {
    let wrong = ClientCredentials::LongTerm(Credentials::prepared("alice", "guess").unwrap());
    let mut first = client(wrong);
    let heard = talk(&mut first, &mut long_term(None, Duration::from_secs(60)), Time::ZERO);
    assert_eq!(first.state(), Some(TransactionState::Refused(401)));
    assert!(heard.reasons.contains(&Reason::StunCredentialsRefused));
    let mut second = client(ClientCredentials::LongTerm(alice()));
    let heard = talk(&mut second, &mut long_term(None, Duration::ZERO), Time::ZERO);
    assert_eq!(second.state(), Some(TransactionState::Refused(438)));
    assert!(heard.reasons.contains(&Reason::StunNonceLoop));
    assert_eq!(heard.requests.len(), 5, "unsigned, signed, and three new nonces");
}

#[test]
fn a_client_follows_its_server_elsewhere_once_for_each_place() {
    let elsewhere = address("198.51.100.2:3478");
    let mut client = client(ClientCredentials::ShortTerm(alice()));
    let mut server = short_term().with_alternate(elsewhere, Some("stun2.example.org"));
    let talk = talk(&mut client, &mut server, Time::ZERO);
    // The second server says the same again; it has been asked already.
    assert_eq!(client.server_address(), elsewhere);
    assert_eq!(talk.requests.len(), 2);
    assert!(talk.reasons.contains(&Reason::StunAlternate));
    assert!(talk.reasons.contains(&Reason::StunAlternateUseless));
    assert_eq!(client.state(), Some(TransactionState::Refused(300)));
}

#[test]
fn over_a_stream_the_alternate_is_told_and_nothing_is_sent_twice() {
    let elsewhere = address("198.51.100.2:3478");
    let mut client = client(ClientCredentials::ShortTerm(alice())).with_transport(Transport::Tcp);
    let mut server = short_term().with_alternate(elsewhere, Some("stun2.example.org"));
    let heard = talk(&mut client, &mut server, Time::ZERO);
    assert_eq!(heard.requests.len(), 1);
    assert_eq!(client.alternate(), Some((elsewhere, Some("stun2.example.org"))));
    client.start(Time::ZERO);
    while client.poll_output().is_some() {}
    assert_eq!(client.poll_timeout(), Some(Time::from_millis(39_500)), "Ti of RFC 8489 §6.2.2");
    client.handle_timeout(Time::from_millis(39_500));
    assert_eq!(client.state(), Some(TransactionState::TimedOut));
}

#[test]
fn an_alternate_of_the_other_family_is_useless() {
    let mut client = client(ClientCredentials::ShortTerm(alice()));
    client.start(Time::ZERO);
    let request = std::iter::from_fn(|| client.poll_output())
        .find_map(|output| if let Output::Transmit(sent) = output { Some(sent.payload) } else { None })
        .unwrap();
    let refusal = Builder::error(&Message::parse(&request).unwrap(), 300)
        .attribute(&Attribute::AlternateServer(address("[2001:db8::1]:3478")))
        .sign_with(&crate::stun::IntegrityKey::short_term("se cret"), Integrity::Sha256)
        .finish();
    client.handle_datagram(server_address(), &refusal, Time::ZERO);
    let Some(Output::Change { reason, .. }) = client.poll_output() else { panic!() };
    assert_eq!(reason, Some(Reason::StunAlternateUseless));
    assert_eq!(client.server_address(), server_address());
}
