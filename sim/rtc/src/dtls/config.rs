//! What an endpoint is told before it begins. Not here: what it decides.

use std::time::Duration;

use super::certificate::Certificate;
use crate::jsep::DtlsRole;
use crate::sdp::Fingerprint;

/// Which versions an endpoint speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Versions {
    /// Both; the newer one if the peer speaks it.
    #[default]
    Auto,
    /// DTLS 1.3 (RFC 9147).
    Only13,
    /// DTLS 1.2 (RFC 6347).
    Only12,
}

/// What an endpoint is told before it begins.
#[derive(Clone, Debug)]
pub struct Config {
    /// Who begins.
    pub role: DtlsRole,
    /// What the endpoint shows.
    pub certificate: Certificate,
    /// What the peer has to show: a certificate with one of these hashes. Signaling brought them.
    pub peer_fingerprints: Vec<Fingerprint>,
    /// Which versions it speaks.
    pub versions: Versions,
    /// Whether the key exchange is X25519MLKEM768 if the peer has it, too. A client's hello has 1,216 bytes more then, which is two datagrams; a peer
    /// that does not have it asks for another one, which is a round trip. Only DTLS 1.3 has it.
    pub post_quantum: bool,
    /// The largest datagram, in bytes. What is longer is cut into several.
    pub mtu: usize,
    /// How long a flight waits for its answer before it is sent again; doubled each time, with up to a quarter of jitter (RFC 9147 §5.8.2, RFC 6347 §4.2.4.1).
    pub initial_timeout: Duration,
    /// How often a flight is sent again.
    pub retransmissions_max: usize,
    /// How long the handshake may take altogether.
    pub handshake_timeout: Duration,
    /// Whether a server asks for a cookie before it remembers anything. Off, because ICE has shown already that the peer can be reached where
    /// it says it is, and a round trip is a round trip.
    pub cookie: bool,
}

impl Config {
    /// The usual.
    pub fn new(role: DtlsRole, certificate: Certificate, peer_fingerprints: Vec<Fingerprint>) -> Config {
        Config {
            role,
            certificate,
            peer_fingerprints,
            versions: Versions::Auto,
            post_quantum: false,
            mtu: 1200,
            initial_timeout: Duration::from_secs(1),
            retransmissions_max: 6,
            handshake_timeout: Duration::from_secs(60),
            cookie: false,
        }
    }
}
