//! Long-term credentials: who gets in, who does not, and that nobody tries for ever.

use std::time::Duration;

use super::lab::{Fate, Lab, alice, client_address, config, peer_address, server_address};
use super::requester::Requester;
use crate::reason::Reason;
use crate::stun::{
    Attribute, Builder, ErrorCode, Integrity, IntegrityKey, Message, Method, PasswordAlgorithm,
    PasswordAlgorithmList, SecurityFeatures, TransactionId,
};
use crate::time::Time;
use crate::turn::{AllocationState, Credentials, TurnServerConfig};

fn sent(lab: &Lab, index: usize) -> Message<'_> {
    Message::parse(&lab.from_client[index].payload).unwrap()
}

#[test]
fn the_first_request_is_not_signed_and_the_second_one_is() {
    let lab = Lab::allocated();
    assert_eq!(sent(&lab, 0).integrity(), None);
    assert_eq!(sent(&lab, 0).username(), None);
    assert_eq!(sent(&lab, 1).integrity(), Some(Integrity::Sha1));
    assert_eq!(sent(&lab, 1).username(), Some("alice"));
    assert_eq!(sent(&lab, 1).realm(), Some("example.org"));
    assert_eq!(lab.from_client.len(), 2);
}

fn refused(credentials: Credentials) -> Lab {
    let mut lab = Lab::new(config(), credentials);
    lab.client.allocate(lab.now);
    lab.run_for(Duration::from_secs(120));
    assert_eq!(lab.client.state(), Some(AllocationState::Refused(401)));
    assert_eq!(lab.client_said.last(), Some(&Reason::StunCredentialsRefused));
    assert_eq!(lab.from_client.len(), 2, "it is not tried again");
    assert_eq!(lab.server.allocations().count(), 0);
    lab
}

#[test]
fn a_wrong_password_is_refused_once_and_for_all() {
    let lab = refused(Credentials { password: "wrong".to_owned(), ..alice() });
    assert_eq!(lab.server_said.last(), Some(&Reason::StunWrongPassword));
}

#[test]
fn an_unknown_user_is_refused_once_and_for_all() {
    let lab = refused(Credentials { username: "mallory".to_owned(), ..alice() });
    assert_eq!(lab.server_said.last(), Some(&Reason::StunUnknownUser));
}

#[test]
fn a_stale_nonce_is_replaced_and_the_request_sent_again() {
    let mut config = config();
    config.nonce_lifetime = Duration::from_secs(60);
    let mut lab = Lab::new(config, alice());
    lab.allocate();
    lab.run_for(Duration::from_secs(120));
    lab.client.create_permission(peer_address(), lab.now);
    lab.settle();
    assert!(lab.client.has_permission(peer_address().ip()));
    assert!(lab.server_said.contains(&Reason::StunNonceExpired));
    assert!(lab.client_said.contains(&Reason::StunStaleNonce));
}

#[test]
fn a_server_that_calls_every_nonce_stale_is_given_up() {
    let mut config = config();
    config.nonce_lifetime = Duration::ZERO;
    let mut lab = Lab::new(config, alice());
    lab.client.allocate(lab.now);
    lab.run_for(Duration::from_secs(60));
    assert_eq!(lab.client.state(), Some(AllocationState::Refused(438)));
    assert_eq!(lab.client_said.last(), Some(&Reason::StunNonceLoop));
    assert_eq!(lab.from_client.len(), 5, "unsigned, signed, and three new nonces");
}

fn modern(algorithms: PasswordAlgorithmList<'static>, anonymous_usernames: bool) -> TurnServerConfig {
    let mut config = config();
    config.algorithms = Some(algorithms);
    config.anonymous_usernames = anonymous_usernames;
    config
}

#[test]
fn with_algorithms_on_offer_everything_is_signed_with_sha256() {
    for (offer, chosen) in [
        (PasswordAlgorithmList::SHA256_THEN_MD5, PasswordAlgorithm::Sha256),
        (PasswordAlgorithmList::MD5, PasswordAlgorithm::Md5),
    ] {
        let mut lab = Lab::new(modern(offer, false), alice());
        lab.allocate();
        let request = sent(&lab, 1);
        assert_eq!(request.integrity(), Some(Integrity::Sha256));
        assert_eq!(request.password_algorithms(), Some(offer));
        assert_eq!(request.password_algorithm().and_then(|one| one.first_supported()), Some(chosen));
        let answer = Message::parse(&lab.to_client[1].payload).unwrap();
        assert_eq!(answer.integrity(), Some(Integrity::Sha256));
    }
}

#[test]
fn an_anonymous_user_is_known_by_hash() {
    let mut lab = Lab::new(modern(PasswordAlgorithmList::SHA256, true), alice());
    lab.allocate();
    assert_eq!(sent(&lab, 1).username(), None);
    assert_eq!(sent(&lab, 1).userhash(), Some(&crate::stun::userhash("alice", "example.org")));
}

/// A client that got this challenge to its first request.
fn challenged(with: impl Fn(Builder) -> Builder) -> Lab {
    let mut lab = Lab::new(config(), alice());
    lab.judge(|_| Fate::Lost);
    lab.client.allocate(lab.now);
    lab.settle();
    let builder = Builder::error(&sent(&lab, 0), ErrorCode::UNAUTHENTICATED);
    let challenge = with(builder.attribute(&Attribute::Realm("example.org"))).finish();
    lab.client.handle_datagram(server_address(), &challenge, lab.now);
    lab.settle();
    lab
}

#[test]
fn a_challenge_that_cannot_be_met_is_final() {
    let features = SecurityFeatures { password_algorithms: true, username_anonymity: false };
    let nonce = features.nonce_prefix() + "abc";
    let unknown = PasswordAlgorithmList::from_bytes(&[0, 9, 0, 0]).unwrap();
    let stripped = challenged(|builder| builder.attribute(&Attribute::Nonce(&nonce)));
    let strange = challenged(|builder| {
        builder.attribute(&Attribute::Nonce(&nonce)).attribute(&Attribute::PasswordAlgorithms(unknown))
    });
    let incomplete = challenged(|builder| builder);
    for (lab, reason) in [
        (stripped, Reason::StunBidDown),
        (strange, Reason::StunNoCommonAlgorithm),
        (incomplete, Reason::StunChallengeIncomplete),
    ] {
        assert_eq!(lab.client.state(), Some(AllocationState::Refused(401)));
        assert_eq!(lab.client_said.last(), Some(&reason));
        assert_eq!(lab.from_client.len(), 1);
    }
}

#[test]
fn an_unsigned_answer_to_a_signed_request_is_as_if_it_had_never_come() {
    let mut lab = challenged(|builder| builder.attribute(&Attribute::Nonce("nonce")));
    let forged = |lab: &Lab, code: Option<u16>, key: Option<&IntegrityKey>| {
        let builder = match code {
            Some(code) => Builder::error(&sent(lab, 1), code),
            None => Builder::success(&sent(lab, 1)).attribute(&Attribute::XorRelayedAddress(peer_address())),
        };
        match key {
            Some(key) => builder.sign(key).finish(),
            None => builder.finish(),
        }
    };
    let wrong = IntegrityKey::short_term("guess");
    for (code, key) in
        [(None, None), (None, Some(&wrong)), (Some(400), None), (Some(437), None), (Some(508), None)]
    {
        let forged = forged(&lab, code, key);
        lab.client.handle_datagram(server_address(), &forged, lab.now);
        lab.settle();
        assert_eq!(lab.client_said.last(), Some(&Reason::StunUntrusted));
        assert_eq!(lab.client.state(), Some(AllocationState::Requested));
    }
    lab.run_for(Duration::from_secs(60));
    assert_eq!(lab.client.state(), Some(AllocationState::Unanswered));
    assert_eq!(lab.client_said.last(), Some(&Reason::StunIntegrityViolated), "not merely a timeout");
}

#[test]
fn a_success_without_a_challenge_is_not_believed() {
    let mut lab = Lab::new(config(), alice());
    lab.judge(|_| Fate::Lost);
    lab.client.allocate(lab.now);
    lab.settle();
    let relayed = Attribute::XorRelayedAddress(peer_address());
    let forged = Builder::success(&sent(&lab, 0)).attribute(&relayed).finish();
    lab.client.handle_datagram(server_address(), &forged, lab.now);
    lab.settle();
    assert_eq!(lab.client_said.last(), Some(&Reason::StunUntrusted));
    assert_eq!(lab.client.relayed_address(), None);
}

#[test]
fn a_weaker_signature_than_negotiated_is_not_believed() {
    let mut lab = Lab::new(modern(PasswordAlgorithmList::SHA256_THEN_MD5, false), alice());
    lab.client.allocate(lab.now);
    lab.judge(|transmit| if transmit.to == client_address() { Fate::Lost } else { Fate::Delivered });
    let challenge = {
        let mut server = Requester::new(modern(PasswordAlgorithmList::SHA256_THEN_MD5, false), alice());
        lab.settle();
        let first = lab.from_client[0].payload.clone();
        server.send(&first).answer
    };
    lab.client.handle_datagram(server_address(), &challenge, lab.now);
    lab.settle();
    let key = IntegrityKey::long_term("alice", "example.org", "secret", PasswordAlgorithm::Sha256);
    let relayed = Attribute::XorRelayedAddress(peer_address());
    let weak = Builder::success(&sent(&lab, 1)).attribute(&relayed).sign_with(&key, Integrity::Sha1).finish();
    lab.client.handle_datagram(server_address(), &weak, lab.now);
    lab.settle();
    assert_eq!(lab.client_said.last(), Some(&Reason::StunUntrusted));
}

#[test]
fn a_success_without_a_relayed_address_is_no_allocation() {
    let mut lab = challenged(|builder| builder.attribute(&Attribute::Nonce("nonce")));
    let key = IntegrityKey::long_term("alice", "example.org", "secret", PasswordAlgorithm::Md5);
    let empty = Builder::success(&sent(&lab, 1)).sign(&key).finish();
    lab.client.handle_datagram(server_address(), &empty, lab.now);
    lab.settle();
    assert_eq!(lab.client.state(), Some(AllocationState::Unanswered));
    assert_eq!(lab.client_said.last(), Some(&Reason::TurnNoRelayedAddress));
}

#[test]
fn a_signed_request_without_username_realm_or_nonce_is_a_bad_request() {
    let mut requester = Requester::new(config(), alice());
    let nonce = requester.nonce.clone();
    let all = [Attribute::Username("alice"), Attribute::Realm("example.org"), Attribute::Nonce(&nonce)];
    for missing in 0..all.len() {
        let builder = Builder::request(Method::ALLOCATE, TransactionId([200; 12]));
        let some = all.iter().enumerate().filter(|(index, _)| *index != missing);
        let wire =
            some.fold(builder, |builder, (_, attribute)| builder.attribute(attribute)).sign(&requester.key());
        let reaction = requester.send(&wire.finish());
        assert_eq!(reaction.code, Some(400));
        assert_eq!(reaction.reason, Some(Reason::StunCredentialsIncomplete));
        let answer = Message::parse(&reaction.answer).unwrap();
        assert_eq!((answer.integrity(), answer.nonce(), answer.realm()), (None, None, None));
    }
}

#[test]
fn an_altered_list_of_algorithms_is_a_bad_request() {
    let mut requester = Requester::new(modern(PasswordAlgorithmList::SHA256_THEN_MD5, false), alice());
    let nonce = requester.nonce.clone();
    let md5 = PasswordAlgorithmList::MD5;
    let both = PasswordAlgorithmList::SHA256_THEN_MD5;
    let odd = PasswordAlgorithmList::from_bytes(&[0, 7, 0, 0]).unwrap();
    let cases = [
        (Some(md5), Some(md5), Some(400)),
        (None, Some(md5), Some(400)),
        (Some(both), None, Some(400)),
        (Some(both), Some(odd), Some(400)),
        (Some(both), Some(md5), Some(0)),
    ];
    for (index, (list, one, code)) in cases.into_iter().enumerate() {
        let wire = Builder::request(Method::ALLOCATE, TransactionId([201 + index as u8; 12]))
            .attribute(&Attribute::RequestedTransport(17))
            .attribute(&Attribute::Username("alice"))
            .attribute(&Attribute::Realm("example.org"))
            .attribute(&Attribute::Nonce(&nonce))
            .maybe(list.map(Attribute::PasswordAlgorithms))
            .maybe(one.map(Attribute::PasswordAlgorithm))
            .sign_with(&requester.key(), Integrity::Sha256)
            .finish();
        let reaction = requester.send(&wire);
        assert_eq!(reaction.code, code, "{list:?} {one:?}");
        let altered = Some(Reason::StunAlgorithmsAltered);
        assert_eq!(reaction.reason == altered, code == Some(400));
    }
}

#[test]
fn a_client_older_than_rfc_8489_is_served_as_if_it_had_chosen_md5() {
    let mut requester = Requester::new(modern(PasswordAlgorithmList::SHA256_THEN_MD5, false), alice());
    let reaction = requester.request(Method::ALLOCATE, &[Attribute::RequestedTransport(17)]);
    assert_eq!(reaction.code, Some(0));
    let answer = Message::parse(&reaction.answer).unwrap();
    assert_eq!(answer.integrity(), Some(Integrity::Sha1));
    assert_eq!(answer.verify(&requester.key()), Ok(()));
}

#[test]
fn a_nonce_of_another_client_is_stale() {
    let mut requester = Requester::new(config(), alice());
    requester.from = peer_address();
    let reaction = requester.request(Method::ALLOCATE, &[Attribute::RequestedTransport(17)]);
    assert_eq!(reaction.code, Some(438));
    assert_eq!(reaction.reason, Some(Reason::StunNonceExpired));
    let answer = Message::parse(&reaction.answer).unwrap();
    assert_eq!(answer.realm(), Some("example.org"));
    assert!(answer.nonce().is_some_and(|nonce| nonce != requester.nonce));
}

#[test]
fn nothing_that_is_not_authenticated_changes_the_server() {
    let mut requester = Requester::new(config(), alice());
    requester.allocate();
    let before: Vec<_> = requester.server.allocations().collect();
    requester.user.password = "guess".to_owned();
    let peer = Attribute::XorPeerAddress(peer_address());
    for (method, attributes) in [
        (Method::REFRESH, &[Attribute::Lifetime(0)][..]),
        (Method::CREATE_PERMISSION, &[peer]),
        (Method::CHANNEL_BIND, &[Attribute::ChannelNumber(0x4000), peer]),
    ] {
        assert_eq!(requester.request(method, attributes).code, Some(401));
        let unsigned =
            attributes.iter().fold(Builder::request(method, TransactionId([9; 12])), Builder::attribute);
        assert_eq!(requester.send(&unsigned.finish()).code, Some(401));
        assert_eq!(requester.server.allocations().collect::<Vec<_>>(), before);
    }
    requester.now = Time::from_millis(1);
    assert!(requester.server.poll_timeout().is_some());
}
