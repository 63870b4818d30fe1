//! What an agent is told at its start, and the credentials of both sides. Not here: how any of it is used.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use super::{CandidateTransport, ComponentId, Role};
use crate::randomness::Randomness;
use crate::stun::Transport;

/// A socket that the owner has bound for the agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalSocket {
    /// The address it is bound to; not a wildcard. A socket that only opens TCP connections has none of its own yet: its interface
    /// and port 9 (RFC 6544 §4.5).
    pub address: SocketAddr,
    /// What its candidates are for.
    pub component: ComponentId,
    /// UDP, or TCP with the part that it plays.
    pub transport: CandidateTransport,
    /// The name of its interface, for people: `eth0`.
    pub name: Arc<str>,
    /// The local preference of its candidates, 65535 for the best (RFC 8445 §5.1.2.1). RFC 8421 says how to mix
    /// families. Sockets should differ in it; where they do not, the earlier one goes first.
    pub preference: u16,
    /// What using its network costs, from 0 for a cable to 999 (the `network-cost` extension that browsers signal).
    pub cost: u16,
    /// Whether it is on the interface of the default route of its family (RFC 8828 §5.2).
    pub default_route: bool,
}

impl LocalSocket {
    /// A UDP socket on the default route, for the only component there is, that costs nothing.
    pub fn new(address: SocketAddr, name: impl Into<Arc<str>>, preference: u16) -> LocalSocket {
        LocalSocket {
            address,
            component: ComponentId::default(),
            transport: CandidateTransport::Udp,
            name: name.into(),
            preference,
            cost: 0,
            default_route: true,
        }
    }

    /// The same for another component or stream.
    pub fn for_component(self, component: ComponentId) -> LocalSocket {
        LocalSocket { component, ..self }
    }

    /// The same with another transport.
    pub fn over(self, transport: CandidateTransport) -> LocalSocket {
        LocalSocket { transport, ..self }
    }

    /// The same on a network with this cost.
    pub fn with_cost(self, cost: u16) -> LocalSocket {
        LocalSocket { cost: cost.min(999), ..self }
    }
}

/// A TURN server and the account on it.
#[derive(Clone, PartialEq, Eq)]
pub struct TurnServer {
    /// Where it listens.
    pub address: SocketAddr,
    /// What carries TURN to it: datagrams, or a connection that the host makes. None is gathered over DTLS.
    pub transport: Transport,
    /// The name that its certificate is for, over TLS; without one, its address.
    pub name: Option<Arc<str>>,
    /// The long-term credential's name.
    pub username: String,
    /// The long-term credential's secret.
    pub password: String,
}

impl TurnServer {
    /// A server that is reached over UDP.
    pub fn new(address: SocketAddr, username: impl Into<String>, password: impl Into<String>) -> TurnServer {
        let (username, password) = (username.into(), password.into());
        TurnServer { address, transport: Transport::Udp, name: None, username, password }
    }

    /// The same over another transport.
    pub fn over(self, transport: Transport) -> TurnServer {
        TurnServer { transport, ..self }
    }

    /// The same with the name that its certificate is for.
    pub fn named(self, name: impl Into<Arc<str>>) -> TurnServer {
        TurnServer { name: Some(name.into()), ..self }
    }
}

/// The password stays out of logs.
impl fmt::Debug for TurnServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TurnServer({} {} as {:?})", self.transport, self.address, self.username)
    }
}

/// Which candidates may be gathered and used: `iceTransportPolicy` of the W3C API, and the modes of RFC 8828 §5.2.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CandidatePolicy {
    /// All kinds, on all interfaces (mode 1).
    #[default]
    All,
    /// All kinds, on the interfaces of the default routes (mode 2).
    DefaultRoute,
    /// The default routes only, and without telling the peer their private addresses (mode 3).
    DefaultRouteOnly,
    /// Relayed ones only.
    Relayed,
}

/// How a controlling agent nominates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NominationMode {
    /// One pair, when it has been chosen (RFC 8445 §8.1.1).
    #[default]
    Regular,
    /// Every check nominates, and the best pair that was nominated counts: the habit of RFC 5245 §8.1.1.2, which browsers keep.
    Aggressive,
}

/// How candidates are signaled (RFC 8838).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TrickleMode {
    /// As they come, by both sides.
    #[default]
    Full,
    /// The offer waits for all candidates, so that any peer can take it; the answer trickles (RFC 8838 §16).
    Half,
    /// Offer and answer each wait for all candidates.
    Off,
}

/// What an agent is told at its start. [`AgentConfig::new`] fills in the values that the RFCs recommend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentConfig {
    /// Whether the agent nominates (RFC 8445 §6.1.1). A conflict with the peer is repaired.
    pub role: Role,
    /// Our side of the first session, where someone else makes it, as a peer connection does (RFC 9429 §5.2.1); none to draw it.
    pub credentials: Option<Credentials>,
    /// Bound sockets. Host candidates come from them, and everything is sent from them.
    pub sockets: Vec<LocalSocket>,
    /// STUN servers; each is asked from each socket of its family.
    pub stun_servers: Vec<SocketAddr>,
    /// STUN servers that are asked over TCP, each from each TCP socket of its family that others can connect to.
    pub stun_servers_over_tcp: Vec<SocketAddr>,
    /// TURN servers; each is asked from each socket of its family.
    pub turn_servers: Vec<TurnServer>,
    /// Whether the owner is asked to have each UDP socket of IPv4 mapped by its gateway (PCP, RFC 6887).
    pub port_mapping: bool,
    /// Which candidates may be used.
    pub policy: CandidatePolicy,
    /// Whether this is a lite agent (RFC 8445 §2.5): host candidates only, and no checks of its own.
    pub lite: bool,
    /// How it nominates, if it is controlling.
    pub nomination: NominationMode,
    /// Whether another pair may be nominated later without a restart; both sides have to have said so (draft-thatcher-ice-renomination,
    /// option `renomination`). Valid pairs are then kept alive next to the selected one.
    pub renomination: bool,
    /// How candidates are signaled.
    pub trickle: TrickleMode,
    /// Whether a cheaper network goes before a higher priority, when there is a choice of valid pairs.
    pub network_cost: bool,
    /// Whether host addresses are signaled as mDNS names, so that a page does not learn them.
    pub hide_addresses: bool,
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
    /// Whether the peer's consent is asked for (RFC 7675). A lite agent never asks.
    pub consent: bool,
    /// The time between two consent checks, before 20 % of chance are added or taken (RFC 7675 §5.1): 5 s.
    pub consent_interval: Duration,
    /// How long consent lasts after an answer (RFC 7675 §5.1): 30 s.
    pub consent_lifetime: Duration,
    /// How long a consent check stays unanswered, and nothing else comes, until the connection counts as disconnected: 5 s.
    pub silence: Duration,
}

impl AgentConfig {
    /// A full agent with this role on these sockets, no servers, and the recommended timers.
    pub fn new(role: Role, sockets: Vec<LocalSocket>) -> AgentConfig {
        AgentConfig {
            role,
            credentials: None,
            sockets,
            stun_servers: Vec::new(),
            stun_servers_over_tcp: Vec::new(),
            turn_servers: Vec::new(),
            port_mapping: false,
            policy: CandidatePolicy::All,
            lite: false,
            nomination: NominationMode::Regular,
            renomination: false,
            trickle: TrickleMode::Full,
            network_cost: false,
            hide_addresses: false,
            ta: Duration::from_millis(50),
            keepalive: Duration::from_secs(15),
            pair_limit: 100,
            patience: Duration::from_millis(39_500),
            wait_for_better: Duration::from_millis(200),
            wait_for_direct: Duration::from_secs(2),
            consent: true,
            consent_interval: Duration::from_secs(5),
            consent_lifetime: Duration::from_secs(30),
            silence: Duration::from_secs(5),
        }
    }

    /// The components that there are sockets for, in order.
    pub fn components(&self) -> Vec<ComponentId> {
        let mut components: Vec<ComponentId> = self.sockets.iter().map(|socket| socket.component).collect();
        components.sort_unstable();
        components.dedup();
        if components.is_empty() {
            components.push(ComponentId::default());
        }
        components
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
