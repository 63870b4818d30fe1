//! What an agent is told at its start, and the credentials of both sides. Not here: how any of it is used.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use super::Role;
use crate::randomness::Randomness;

/// A UDP socket that the owner has bound for the agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalSocket {
    /// The address it is bound to; not a wildcard.
    pub address: SocketAddr,
    /// The name of its interface, for people: `eth0`.
    pub name: Arc<str>,
    /// The local preference of its candidates, 65535 for the best (RFC 8445 §5.1.2.1). RFC 8421 says how to mix
    /// families. Sockets should differ in it; where they do not, the earlier one goes first.
    pub preference: u16,
}

/// A TURN server and the account on it.
#[derive(Clone, PartialEq, Eq)]
pub struct TurnServer {
    /// Where it listens, over UDP.
    pub address: SocketAddr,
    /// The long-term credential's name.
    pub username: String,
    /// The long-term credential's secret.
    pub password: String,
}

/// The password stays out of logs.
impl fmt::Debug for TurnServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TurnServer({} as {:?})", self.address, self.username)
    }
}

/// Which candidates may be gathered and used (`iceTransportPolicy` of the W3C API).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CandidatePolicy {
    /// All kinds.
    #[default]
    All,
    /// Relayed ones only.
    Relayed,
}

/// What an agent is told at its start. [`AgentConfig::new`] fills in the values that the RFCs recommend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentConfig {
    /// Whether the agent nominates (RFC 8445 §6.1.1). A conflict with the peer is repaired.
    pub role: Role,
    /// Bound sockets. Host candidates come from them, and everything is sent from them.
    pub sockets: Vec<LocalSocket>,
    /// STUN servers; each is asked from each socket of its family.
    pub stun_servers: Vec<SocketAddr>,
    /// TURN servers; each is asked from each socket of its family.
    pub turn_servers: Vec<TurnServer>,
    /// Which candidates may be used.
    pub policy: CandidatePolicy,
    /// The least time between two new transactions (RFC 8445 §14.2): 50 ms.
    pub ta: Duration,
    /// The longest silence on a path that is to stay open (Tr, RFC 8445 §11): 15 s.
    pub keepalive: Duration,
    /// How many pairs a check list holds at most (RFC 8445 §6.1.2.5): 100.
    pub pair_limit: usize,
    /// How long a check list is not given up although nothing is left to check (RFC 8863 §4): 39.5 s.
    pub patience: Duration,
    /// How long a controlling agent holds out for a better path of the same kind (direct, or relayed) once a pair is valid.
    pub wait_for_better: Duration,
    /// How long it holds out for a direct path, at most, once a relayed pair is valid.
    pub wait_for_direct: Duration,
    /// After how long without hearing the peer the connection counts as disconnected: 35 s, two keepalives and some slack.
    pub silence: Duration,
}

impl AgentConfig {
    /// A full agent with this role on these sockets, no servers, and the recommended timers.
    pub fn new(role: Role, sockets: Vec<LocalSocket>) -> AgentConfig {
        AgentConfig {
            role,
            sockets,
            stun_servers: Vec::new(),
            turn_servers: Vec::new(),
            policy: CandidatePolicy::All,
            ta: Duration::from_millis(50),
            keepalive: Duration::from_secs(15),
            pair_limit: 100,
            patience: Duration::from_millis(39_500),
            wait_for_better: Duration::from_millis(200),
            wait_for_direct: Duration::from_secs(2),
            silence: Duration::from_secs(35),
        }
    }
}

/// A username fragment and a password: one side of one ICE session (RFC 8445 §5.3).
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    ufrag: Arc<str>,
    password: Arc<str>,
}

/// Why credentials cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CredentialsError {
    /// The username fragment is not 4 to 256 ice-chars (RFC 8839 §5.4).
    #[error("a username fragment has 4 to 256 letters, digits, '+' or '/' (RFC 8839 §5.4)")]
    Ufrag,
    /// The password is not 22 to 256 ice-chars (RFC 8839 §5.4).
    #[error("a password has 22 to 256 letters, digits, '+' or '/' (RFC 8839 §5.4)")]
    Password,
}

impl Credentials {
    /// Credentials that were signaled.
    pub fn new(ufrag: &str, password: &str) -> Result<Credentials, CredentialsError> {
        let ice_chars = |text: &str, least: usize| {
            let ice_char = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/';
            (least..=256).contains(&text.len()) && text.bytes().all(ice_char)
        };
        if !ice_chars(ufrag, 4) {
            return Err(CredentialsError::Ufrag);
        }
        if !ice_chars(password, 22) {
            return Err(CredentialsError::Password);
        }
        Ok(Credentials { ufrag: ufrag.into(), password: password.into() })
    }

    /// New ones: 48 bits of fragment and 144 bits of password, where RFC 8445 §5.3 asks for 24 and 128.
    pub fn random(randomness: &mut dyn Randomness) -> Credentials {
        Credentials { ufrag: randomness.ice_chars(8).into(), password: randomness.ice_chars(24).into() }
    }

    /// The username fragment.
    pub fn ufrag(&self) -> &str {
        &self.ufrag
    }

    /// The password.
    pub fn password(&self) -> &str {
        &self.password
    }
}

/// The password stays out of logs.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credentials({})", self.ufrag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_follow_the_grammar() {
        let password = "asd88fgpdd777uzjYhagZg";
        assert!(Credentials::new("8hhY", password).is_ok());
        assert_eq!(Credentials::new("8hh", password), Err(CredentialsError::Ufrag));
        assert_eq!(Credentials::new("8hh:", password), Err(CredentialsError::Ufrag));
        assert_eq!(Credentials::new("8hhY", &password[1..]), Err(CredentialsError::Password));
        assert_eq!(Credentials::new("8hhY", &"a".repeat(257)), Err(CredentialsError::Password));
    }

    #[test]
    fn a_password_is_not_printed() {
        let credentials = Credentials::new("8hhY", "asd88fgpdd777uzjYhagZg").expect("right");
        assert!(!format!("{credentials:?}").contains("asd88"));
    }
}
