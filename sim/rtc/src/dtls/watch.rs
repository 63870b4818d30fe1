//! What passes by, seen from outside: the library beneath does not tell which cipher suite was chosen, or that a flight goes out again. Not here: what
//! follows from it.

use super::config::Versions;
use super::state::{State, Version};
use super::wire::{ClientHello, ContentType, Fragment, Record, ServerHello, fragments, records};

/// What was seen.
#[derive(Debug, Default)]
pub(super) struct Watch {
    /// The number of the next plaintext record of ours.
    next_sequence: u64,
    /// The newest handshake message that the peer has sent in the clear.
    newest: Option<u16>,
    /// The versions that are spoken here.
    spoken: Versions,
}

/// What an incoming datagram is, as far as it can be seen without keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    /// It has a handshake message that came before, so the answer to it was lost.
    pub(super) repeats: bool,
    /// The random of a ClientHello in it.
    pub(super) client_random: Option<[u8; 32]>,
    /// It has a record of the handshake.
    pub(super) handshake: bool,
    /// It has a whole ClientHello without any version that is spoken here.
    pub(super) strange_version: bool,
}

/// What an outgoing datagram is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sent {
    /// It asks for another ClientHello, with a cookie or another key share.
    pub(super) asks_again: bool,
    /// It has a record of the handshake, or of what ends it.
    pub(super) handshake: bool,
    /// The random of a ClientHello in it.
    pub(super) client_random: Option<[u8; 32]>,
}

impl Watch {
    pub(super) fn new(spoken: Versions) -> Watch {
        Watch { spoken, ..Watch::default() }
    }

    /// A datagram of ours.
    pub(super) fn sent(&mut self, datagram: &[u8], state: &mut State) -> Sent {
        let mut sent = Sent::default();
        for record in records(datagram) {
            sent.handshake |= is_handshake(&record);
            if let Record::Full { epoch: 0, sequence, .. } = record {
                self.next_sequence = self.next_sequence.max(sequence + 1);
            }
            for fragment in record.handshake().map(fragments).unwrap_or_default() {
                sent.asks_again |= fragment.kind == 3 || retry(&fragment);
                sent.client_random = client_random(&fragment).or(sent.client_random);
                learn(&fragment, state);
            }
        }
        sent
    }

    /// A datagram of the peer's.
    pub(super) fn received(&mut self, datagram: &[u8], state: &mut State) -> Seen {
        let mut seen = Seen::default();
        for record in records(datagram) {
            seen.handshake |= is_handshake(&record);
            for fragment in record.handshake().map(fragments).unwrap_or_default() {
                let newer = self.newest.is_none_or(|newest| fragment.message > newest);
                seen.repeats |= !newer && fragment.is_whole();
                self.newest = self.newest.max(Some(fragment.message));
                seen.client_random = client_random(&fragment).or(seen.client_random);
                seen.strange_version |= is_strange(&fragment, self.spoken);
                learn(&fragment, state);
            }
        }
        seen
    }

    /// The number for another plaintext record of ours.
    pub(super) fn next_sequence(&self) -> u64 {
        self.next_sequence
    }
}

fn is_handshake(record: &Record<'_>) -> bool {
    match record {
        Record::Full { content: ContentType::ApplicationData, .. } => false,
        Record::Full { .. } => true,
        Record::Unified { epoch, .. } => *epoch == 2,
        Record::Malformed { .. } => false,
    }
}

fn client_random(fragment: &Fragment<'_>) -> Option<[u8; 32]> {
    let hello = fragment.kind == 1 && fragment.offset == 0;
    hello.then(|| ClientHello::read(fragment.body)).flatten().map(|hello| hello.random)
}

fn is_strange(fragment: &Fragment<'_>, spoken: Versions) -> bool {
    let wanted = match spoken {
        Versions::Auto => return false,
        Versions::Only13 => 0xfefc,
        Versions::Only12 => 0xfefd,
    };
    let hello = fragment.kind == 1 && fragment.is_whole();
    hello && ClientHello::read(fragment.body).is_some_and(|hello| !hello.versions.contains(&wanted))
}

fn retry(fragment: &Fragment<'_>) -> bool {
    fragment.kind == 2 && ServerHello::read(fragment.body).is_some_and(|hello| hello.is_retry)
}

/// What the server chose stands in the clear: in its hello, and in DTLS 1.2 the curve in its key exchange (RFC 8422 §5.4).
fn learn(fragment: &Fragment<'_>, state: &mut State) {
    if fragment.offset != 0 {
        return;
    }
    match (fragment.kind, fragment.body) {
        (2, body) => {
            let Some(hello) = ServerHello::read(body).filter(|hello| !hello.is_retry) else { return };
            state.cipher_suite = Some(hello.cipher_suite);
            state.version = Version::of(hello.version);
            state.group = hello.group;
        }
        (12, &[3, high, low, ..]) => state.group = Some(u16::from_be_bytes([high, low])),
        _ => {}
    }
}
