//! Which payload type a codec gets: one meaning for each number on a connection, whatever is bundled later (RFC 9143 §9.1.1).

use std::collections::BTreeMap;

use super::codec::{Codec, PayloadCodec};
use super::types::MediaKind;

/// The meanings of payload types that are in use or were promised.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct PayloadTypes {
    meanings: BTreeMap<u8, Meaning>,
}

/// What a payload type means.
#[derive(Clone, Debug, PartialEq)]
enum Meaning {
    Codec(MediaKind, Codec),
    /// Retransmissions of another payload type.
    Retransmission(u8),
}

impl PayloadTypes {
    /// Remembers what a description says.
    pub(super) fn learn(&mut self, kind: MediaKind, codecs: &[PayloadCodec]) {
        // What was promised under another number gives way to what is said now.
        let said = |number: &u8| {
            codecs.iter().any(|codec| codec.payload_type == *number || codec.retransmission == Some(*number))
        };
        self.meanings.retain(|number, meaning| match meaning {
            Meaning::Codec(found, known) if *found == kind && !said(number) => {
                !codecs.iter().any(|codec| same(known, &codec.codec))
            }
            Meaning::Retransmission(primary) => said(number) || !said(primary),
            Meaning::Codec(..) => true,
        });
        for codec in codecs {
            self.meanings.insert(codec.payload_type, Meaning::Codec(kind, codec.codec.clone()));
            if let Some(retransmission) = codec.retransmission {
                self.meanings.insert(retransmission, Meaning::Retransmission(codec.payload_type));
            }
        }
    }

    /// The payload type of this codec: the one it has, the one its software prefers, or the next free one. `None` if all are taken.
    pub(super) fn assign(&mut self, kind: MediaKind, codec: &Codec) -> Option<PayloadCodec> {
        let known = self.meanings.iter().find(|(_, meaning)| {
            matches!(meaning, Meaning::Codec(found, other) if *found == kind && same(other, codec))
        });
        let payload_type = match known {
            Some((payload_type, _)) => *payload_type,
            None => self.free(codec.payload_type)?,
        };
        self.meanings.insert(payload_type, Meaning::Codec(kind, codec.clone()));
        let retransmission = codec.retransmission.and_then(|wish| self.retransmission_of(payload_type, wish));
        Some(PayloadCodec { payload_type, codec: codec.clone(), retransmission })
    }

    /// The payload type of retransmissions of this one.
    pub(super) fn retransmission_of(&mut self, primary: u8, wish: u8) -> Option<u8> {
        let known = self.meanings.iter().find(|(_, meaning)| **meaning == Meaning::Retransmission(primary));
        let payload_type = match known {
            Some((payload_type, _)) => *payload_type,
            None => self.free(Some(wish).filter(|wish| *wish != 0))?,
        };
        self.meanings.insert(payload_type, Meaning::Retransmission(primary));
        Some(payload_type)
    }

    /// Dynamic types first, then those that RFC 3551 leaves open below the range that RTCP would be taken for (RFC 5761 §4).
    fn free(&self, wish: Option<u8>) -> Option<u8> {
        let free = |payload_type: &u8| !self.meanings.contains_key(payload_type);
        wish.filter(free).or_else(|| (96..=127).chain(35..=63).find(free))
    }
}

/// Whether one payload type can stand for both.
fn same(known: &Codec, codec: &Codec) -> bool {
    let configuration = ["packetization-mode", "profile-level-id", "profile-id", "profile", "apt"];
    let value = |codec: &Codec, name| codec.parameter(name).map(str::to_ascii_lowercase);
    known.matches(codec) && configuration.into_iter().all(|name| value(known, name) == value(codec, name))
}
