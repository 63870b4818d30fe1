//! The state cookie (RFC 9260 §5.1.3): everything that the answer to an INIT would otherwise have to be remembered for, signed, so that
//! an INIT costs nothing.

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::wire::{Init, Reader};
use crate::time::Time;

/// A signature.
const MAC_LENGTH: usize = 32;

/// What the answer to an INIT knew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cookie {
    /// What the peer said about itself.
    pub(super) peer: PeerFacts,
    /// The tag that it was given.
    pub(super) local_tag: u32,
    /// The TSN that it was given.
    pub(super) local_tsn: u32,
    /// The tags of an association that existed then: own and peer's (tie-tags, §5.2.2).
    pub(super) tie_tags: (u32, u32),
    /// When it was made.
    pub(super) made_at: Time,
}

/// What the peer said about itself in INIT or INIT ACK.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PeerFacts {
    pub(super) tag: u32,
    pub(super) initial_tsn: u32,
    pub(super) window: u32,
    /// Streams that may be sent on: what we wanted, or what it allows, whichever is less.
    pub(super) streams: u16,
    pub(super) forward_tsn: bool,
    pub(super) reconfig: bool,
}

impl PeerFacts {
    pub(super) fn of(init: &Init, wanted_streams: u16) -> PeerFacts {
        PeerFacts {
            tag: init.initiate_tag,
            initial_tsn: init.initial_tsn,
            window: init.window,
            streams: init.inbound_streams.min(wanted_streams),
            forward_tsn: init.forward_tsn || init.extensions.contains(&192),
            reconfig: init.extensions.contains(&130),
        }
    }
}

impl Cookie {
    /// Its bytes, signed.
    pub(super) fn seal(&self, secret: &[u8; 32]) -> Vec<u8> {
        let mut out = Vec::with_capacity(80);
        let peer = &self.peer;
        for number in [
            peer.tag,
            peer.initial_tsn,
            peer.window,
            self.local_tag,
            self.local_tsn,
            self.tie_tags.0,
            self.tie_tags.1,
        ] {
            out.extend(number.to_be_bytes());
        }
        out.extend(peer.streams.to_be_bytes());
        out.extend([u8::from(peer.forward_tsn), u8::from(peer.reconfig)]);
        out.extend(self.made_at.as_nanos().to_be_bytes());
        let mac = signature(secret, &out).finalize().into_bytes();
        out.extend(mac);
        out
    }

    /// Reads a cookie of our own; none if it is not.
    pub(super) fn open(bytes: &[u8], secret: &[u8; 32]) -> Option<Cookie> {
        let (content, mac) = bytes.split_at_checked(bytes.len().checked_sub(MAC_LENGTH)?)?;
        signature(secret, content).verify_slice(mac).ok()?;
        let mut reader = Reader(content);
        let (tag, initial_tsn, window) = (reader.u32()?, reader.u32()?, reader.u32()?);
        let (local_tag, local_tsn) = (reader.u32()?, reader.u32()?);
        let tie_tags = (reader.u32()?, reader.u32()?);
        let streams = reader.u16()?;
        let (forward_tsn, reconfig) = (reader.u8()? != 0, reader.u8()? != 0);
        let made_at = u64::from(reader.u32()?) << 32 | u64::from(reader.u32()?);
        let peer = PeerFacts { tag, initial_tsn, window, streams, forward_tsn, reconfig };
        Some(Cookie { peer, local_tag, local_tsn, tie_tags, made_at: Time::from_nanos(made_at) })
    }

    /// How long it has been stale, if it is.
    pub(super) fn staleness(&self, now: Time, life: Duration) -> Option<Duration> {
        let stale = now.since(self.made_at + life);
        (!stale.is_zero()).then_some(stale)
    }
}

fn signature(secret: &[u8; 32], content: &[u8]) -> Hmac<Sha256> {
    // A key of any length will do.
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(secret).expect("HMAC takes keys of any length");
    mac.update(content);
    mac
}
