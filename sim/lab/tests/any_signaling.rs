//! Whatever a signaling datagram, a frame of a WebSocket or the body of a message says: it is refused, or it means the same when it is
//! written and read again.

use proptest::prelude::*;
use rtclab_lab::programs::signaling::{Datagram, Description, Envelope, MESSAGE_BODY_MAX};

const DATAGRAMS: [&str; 4] = [
    "RTCLAB-SIGNAL/1 hello 1\nname: alice\n",
    "RTCLAB-SIGNAL/1 welcome 1\n",
    "RTCLAB-SIGNAL/1 message 4\nfrom: alice\nto: bob\nkind: offer\n\na=ice-ufrag:8hhY\na=ice-pwd:asd88fgpdd777uzjYhagZg\n",
    "RTCLAB-SIGNAL/1 received 4\nfrom: alice\n",
];

const ENVELOPES: [&str; 4] = [
    r#"{"type":"hello","name":"alice"}"#,
    r#"{"type":"welcome"}"#,
    r#"{"type":"offer","number":4,"from":"alice","to":"bob","sdp":"v=0\r\n"}"#,
    r#"{"type":"candidate","number":6,"from":"alice","to":"bob","candidates":"a=end-of-candidates\n"}"#,
];

const BODIES: [&str; 2] = [
    "a=ice-ufrag:8hhY\na=ice-pwd:asd88fgpdd777uzjYhagZg\na=ice-lite\na=candidate:1 1 udp 2130706431 192.168.1.2 5000 typ host ufrag 8hhY\n",
    "a=ice-ufrag:8hhY\r\na=candidate:2 1 tcp 1518280447 2001:db8::1 9 typ host tcptype active\r\na=end-of-candidates\r\n",
];

/// What means something in one of the three.
const WORTH_INSERTING: &[u8] = b" :\n\r\"\\,{}a4";

/// Up to four changes: a byte is replaced, taken out or put in, or a piece comes twice.
fn mutated(seeds: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    let change = (any::<prop::sample::Index>(), any::<u8>(), 0..4_u8);
    (prop::sample::select(seeds), prop::collection::vec(change, 0..=4)).prop_map(|(seed, changes)| {
        let mut bytes = seed.as_bytes().to_vec();
        for (place, byte, how) in changes {
            let at = place.index(bytes.len() + 1);
            match how {
                0 => bytes.iter_mut().skip(at).take(1).for_each(|old| *old = byte),
                1 if at < bytes.len() => drop(bytes.remove(at)),
                2 => bytes.insert(at, WORTH_INSERTING[usize::from(byte) % WORTH_INSERTING.len()]),
                _ => {
                    let piece = bytes[at..(at + usize::from(byte % 32)).min(bytes.len())].to_vec();
                    drop(bytes.splice(at..at, piece));
                }
            }
        }
        bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn a_datagram_is_refused_or_comes_back_from_what_it_is_written_as(bytes in mutated(&DATAGRAMS)) {
        if let Ok(datagram) = Datagram::parse(&bytes) {
            prop_assert!(Datagram::is_signaling(&bytes));
            if let Datagram::Message(message) = &datagram {
                prop_assert!(message.body.len() <= MESSAGE_BODY_MAX);
            }
            prop_assert_eq!(Datagram::parse(&datagram.to_bytes()), Ok(datagram));
        }
    }

    #[test]
    fn an_envelope_is_refused_or_comes_back_from_what_it_is_written_as(bytes in mutated(&ENVELOPES)) {
        if let Ok(envelope) = String::from_utf8_lossy(&bytes).parse::<Envelope>() {
            prop_assert_eq!(envelope.to_string().parse(), Ok(envelope));
        }
    }

    #[test]
    fn a_body_is_refused_or_comes_back_from_what_it_is_written_as(bytes in mutated(&BODIES)) {
        if let Ok(body) = Description::parse(&String::from_utf8_lossy(&bytes)) {
            prop_assert_eq!(Description::parse(&body.to_text()), Ok(body));
        }
    }
}
