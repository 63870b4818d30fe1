//! What a session is told at its start.

use crate::dtls::{Certificate, Versions};
use crate::ice::{AgentConfig, LocalSocket, NominationMode, Role};
use crate::jsep::{Configuration, NominationHabit, Profile};
use crate::sctp;

/// What a session is told at its start. [`Config::new`] fills in the usual.
#[derive(Clone, Debug)]
pub struct Config {
    /// The peer connection: policies, profile, pool. Its fingerprints are those of the certificate.
    pub connection: Configuration,
    /// What DTLS shows.
    pub certificate: Certificate,
    /// Which versions of DTLS are spoken.
    pub versions: Versions,
    /// Whether DTLS has the post-quantum key exchange ([`crate::dtls::Config::post_quantum`]).
    pub post_quantum: bool,
    /// Bound sockets. Each transport takes a set of its own, in this order; a transport for which none is left gathers nothing. A call that
    /// bundles everything, or carries data only, needs one set.
    pub sockets: Vec<Vec<LocalSocket>>,
    /// How ICE agents are: servers, timers, habits. Role, credentials, sockets and the policy of candidates are filled in for each transport.
    pub ice: AgentConfig,
    /// How SCTP is. Ports and the largest message are those that the descriptions say.
    pub sctp: sctp::Config,
}

impl Config {
    /// A session of this software, with this certificate, on one set of sockets and without servers.
    pub fn new(profile: Profile, certificate: Certificate, sockets: Vec<LocalSocket>) -> Config {
        let mut ice = AgentConfig::new(Role::Controlled, Vec::new());
        ice.nomination = match profile.nomination {
            NominationHabit::Regular => NominationMode::Regular,
            NominationHabit::Continual => NominationMode::Aggressive,
        };
        Config {
            connection: Configuration::with_profile(certificate.fingerprint(), profile),
            certificate,
            versions: Versions::Auto,
            post_quantum: false,
            sockets: vec![sockets],
            ice,
            sctp: sctp::Config::default(),
        }
    }
}
