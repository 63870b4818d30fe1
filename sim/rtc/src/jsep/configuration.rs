//! What an application chooses when it makes a connection, and what it may change later (RFC 9429 §4.1.1, §4.1.18).

use super::error::JsepError;
use super::profile::Profile;
use super::types::{BundlePolicy, IceTransportPolicy, RtcpMuxPolicy};
use crate::sdp::Fingerprint;

/// The settings of a connection.
#[derive(Clone, Debug, PartialEq)]
pub struct Configuration {
    /// How hard to insist on one transport.
    pub bundle_policy: BundlePolicy,
    /// Whether RTCP may have a port of its own.
    pub rtcp_mux_policy: RtcpMuxPolicy,
    /// Which candidates may be used.
    pub ice_transport_policy: IceTransportPolicy,
    /// How many transports gather candidates before they are needed (RFC 9429 §3.5.4).
    pub ice_candidate_pool_size: u8,
    /// STUN and TURN servers by their URLs; whoever gathers knows what to make of them.
    pub ice_servers: Vec<String>,
    /// The hashes of the certificates that DTLS will show. At least one.
    pub fingerprints: Vec<Fingerprint>,
    /// What the software behind this connection supports, and how it writes.
    pub profile: Profile,
    /// The largest data channel message that is taken, in bytes; 0 is any.
    pub max_message_size: u64,
    /// The port of SCTP inside DTLS.
    pub sctp_port: u16,
}

impl Configuration {
    /// The defaults of RFC 9429 with this certificate, written as the RFC writes.
    pub fn new(fingerprint: Fingerprint) -> Configuration {
        Configuration::with_profile(fingerprint, Profile::rfc9429())
    }

    /// The defaults of this software.
    pub fn with_profile(fingerprint: Fingerprint, profile: Profile) -> Configuration {
        Configuration {
            bundle_policy: BundlePolicy::Balanced,
            rtcp_mux_policy: RtcpMuxPolicy::Require,
            ice_transport_policy: IceTransportPolicy::All,
            ice_candidate_pool_size: 0,
            ice_servers: Vec::new(),
            fingerprints: vec![fingerprint],
            max_message_size: profile.max_message_size,
            profile,
            sctp_port: 5000,
        }
    }

    /// Whether this connection can begin.
    pub(super) fn check(&self) -> Result<(), JsepError> {
        if self.fingerprints.is_empty() {
            return Err(JsepError::Argument("a connection needs a certificate"));
        }
        Ok(())
    }

    /// Whether `next` may replace this one. `gathered` is whether a local description has been applied.
    pub(super) fn may_become(&self, next: &Configuration, gathered: bool) -> Result<(), JsepError> {
        let frozen = [
            ("bundlePolicy", self.bundle_policy != next.bundle_policy),
            ("rtcpMuxPolicy", self.rtcp_mux_policy != next.rtcp_mux_policy),
            ("certificates", self.fingerprints != next.fingerprints),
            ("profile", self.profile != next.profile),
            (
                "iceCandidatePoolSize",
                gathered && self.ice_candidate_pool_size != next.ice_candidate_pool_size,
            ),
        ];
        match frozen.into_iter().find(|(_, changed)| *changed) {
            Some((name, _)) => Err(JsepError::Frozen(name)),
            None => Ok(()),
        }
    }

    /// Whether candidates that were gathered with this one are not those that `next` asks for.
    pub(super) fn gathers_differently(&self, next: &Configuration) -> bool {
        self.ice_servers != next.ice_servers || self.ice_transport_policy != next.ice_transport_policy
    }
}
