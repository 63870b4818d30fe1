//! What a server is told: a TOML file, flags, or both. A flag goes before the file. Not here: which flags there are.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use rtclab_rtc::turn::{self, AddressRange, TurnServerConfig};
use serde::Deserialize;

/// The port of STUN and TURN over UDP and TCP (RFC 8489 §8.1, RFC 8656 §4).
pub(super) const PORT: u16 = 3478;
/// The port of both over TLS.
const PORT_SECURED: u16 = 5349;

/// What is wrong with what a server was told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// The file is not TOML, or has keys or values that make no sense. The message has line and column.
    #[error("{0}")]
    File(String),
    /// Where to listen cannot be read.
    #[error(
        "{0:?} is no place to listen: expected ADDRESS or ADDRESS:PORT, such as 127.0.0.1:3478 or [::1]:3478"
    )]
    Listen(String),
    /// A user cannot be read.
    #[error("a user is given as NAME:PASSWORD, and neither may be empty")]
    User,
    /// A range of ports cannot be read.
    #[error("{0:?} is no range of ports: expected FIRST-LAST, such as 49152-65535")]
    Ports(String),
    /// A range of addresses cannot be read.
    #[error("{0:?} is no range of addresses: expected ADDRESS/PREFIX, such as 10.0.0.0/8")]
    Range(String),
    /// A limit of zero would serve nobody.
    #[error("{0} is zero, and so nobody could be served: expected 1 or more")]
    Zero(&'static str),
}

/// Everything that can be set. What is not set has a default; the defaults serve this machine only.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Where to listen: addresses, with or without port. `0.0.0.0` and `[::]` stand for every address of the machine.
    pub listen: Vec<Listen>,
    /// The other address and port of a STUN server, by which clients find out how their NAT behaves (RFC 5780): both differ from those of
    /// the first place to listen.
    pub other: Option<Listen>,
    /// Where the names of users are valid; sent to every client.
    pub realm: Option<String>,
    /// Who may use a TURN server.
    pub user: Vec<User>,
    /// From which addresses to relay: one of each family at most counts. Without it, the first one listened on.
    pub relay_address: Vec<IpAddr>,
    /// From which ports to relay.
    pub relay_ports: Option<PortRange>,
    /// Peers that are allowed although they would be refused by default, such as 127.0.0.0/8 for tests.
    pub allow_peer: Vec<PeerRange>,
    /// Peers that are refused besides.
    pub deny_peer: Vec<PeerRange>,
    /// How much one client, and all of them, may take.
    pub limits: LimitSettings,
    /// With a certificate, the server listens over TLS, too.
    pub tls: Option<TlsSettings>,
}

/// TLS of a server.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsSettings {
    /// The file of the certificate and of those between it and a root, in PEM.
    pub certificate: PathBuf,
    /// The file of its private key, in PEM.
    pub key: PathBuf,
    /// Where to listen. Without it, port 5349 of each address that is listened on without TLS.
    #[serde(default)]
    pub listen: Vec<Listen>,
}

/// How much one client, and all of them, may take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LimitSettings {
    /// Allocations in all.
    pub allocations: Option<usize>,
    /// Allocations of one user.
    pub allocations_per_user: Option<usize>,
    /// Permissions of one allocation.
    pub permissions: Option<usize>,
    /// Channels of one allocation.
    pub channels: Option<usize>,
    /// The longest lifetime of an allocation between two refreshes, in seconds.
    pub lifetime_max_s: Option<u64>,
    /// How long a nonce is good, in seconds.
    pub nonce_lifetime_s: Option<u64>,
}

/// Who may use a TURN server.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// The name.
    pub name: String,
    /// The secret.
    pub password: String,
}

/// The password stays out of logs.
impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "User({})", self.name)
    }
}

impl FromStr for User {
    type Err = SettingsError;

    fn from_str(text: &str) -> Result<User, SettingsError> {
        match text.split_once(':') {
            Some((name, password)) if !name.is_empty() && !password.is_empty() => {
                Ok(User { name: name.to_owned(), password: password.to_owned() })
            }
            _ => Err(SettingsError::User),
        }
    }
}

/// A place to listen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Listen(pub SocketAddr);

impl FromStr for Listen {
    type Err = SettingsError;

    fn from_str(text: &str) -> Result<Listen, SettingsError> {
        let bare = text.trim_start_matches('[').trim_end_matches(']');
        let with_port = text.parse::<SocketAddr>();
        let address =
            with_port.or_else(|_| bare.parse::<IpAddr>().map(|address| SocketAddr::new(address, PORT)));
        address.map(Listen).map_err(|_| SettingsError::Listen(text.to_owned()))
    }
}

/// Ports from the first to the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct PortRange {
    /// The first.
    pub first: u16,
    /// The last; not below the first.
    pub last: u16,
}

/// RFC 8656 §7.2 recommends the ports from which operating systems choose, too (RFC 6335 §6).
impl Default for PortRange {
    fn default() -> PortRange {
        PortRange { first: 49_152, last: u16::MAX }
    }
}

impl FromStr for PortRange {
    type Err = SettingsError;

    fn from_str(text: &str) -> Result<PortRange, SettingsError> {
        let bounds = text.split_once('-').and_then(|(first, last)| {
            Some(PortRange { first: first.trim().parse().ok()?, last: last.trim().parse().ok()? })
        });
        bounds
            .filter(|range| range.first > 0 && range.first <= range.last)
            .ok_or_else(|| SettingsError::Ports(text.to_owned()))
    }
}

/// Addresses that share a prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct PeerRange(pub AddressRange);

impl FromStr for PeerRange {
    type Err = SettingsError;

    fn from_str(text: &str) -> Result<PeerRange, SettingsError> {
        let wrong = || SettingsError::Range(text.to_owned());
        let (network, prefix) = match text.split_once('/') {
            Some((network, prefix)) => (network, Some(prefix.parse::<u8>().map_err(|_| wrong())?)),
            None => (text, None),
        };
        let network: IpAddr = network.parse().map_err(|_| wrong())?;
        let longest = if network.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.unwrap_or(longest);
        if prefix > longest { Err(wrong()) } else { Ok(PeerRange(AddressRange { network, prefix })) }
    }
}

macro_rules! read_from_text {
    ($($type:ident),*) => { $(
        impl TryFrom<String> for $type {
            type Error = SettingsError;

            fn try_from(text: String) -> Result<$type, SettingsError> {
                text.parse()
            }
        }
    )* };
}

read_from_text!(Listen, PortRange, PeerRange);

impl Settings {
    /// Reads a settings file.
    ///
    /// # Errors
    /// It is not TOML, or a key or value makes no sense: where, and what was expected.
    pub fn from_toml(text: &str) -> Result<Settings, SettingsError> {
        toml::from_str(text).map_err(|error| SettingsError::File(error.to_string().trim_end().to_owned()))
    }

    /// These settings, with what `flags` say in place of what they do not leave open.
    #[must_use]
    pub fn with(self, flags: Settings) -> Settings {
        fn list<T>(file: Vec<T>, flags: Vec<T>) -> Vec<T> {
            if flags.is_empty() { file } else { flags }
        }
        let mut user = self.user;
        user.retain(|known| flags.user.iter().all(|given| given.name != known.name));
        user.extend(flags.user);
        let (file, given) = (self.limits, flags.limits);
        Settings {
            listen: list(self.listen, flags.listen),
            other: flags.other.or(self.other),
            realm: flags.realm.or(self.realm),
            user,
            relay_address: list(self.relay_address, flags.relay_address),
            relay_ports: flags.relay_ports.or(self.relay_ports),
            allow_peer: list(self.allow_peer, flags.allow_peer),
            deny_peer: list(self.deny_peer, flags.deny_peer),
            limits: LimitSettings {
                allocations: given.allocations.or(file.allocations),
                allocations_per_user: given.allocations_per_user.or(file.allocations_per_user),
                permissions: given.permissions.or(file.permissions),
                channels: given.channels.or(file.channels),
                lifetime_max_s: given.lifetime_max_s.or(file.lifetime_max_s),
                nonce_lifetime_s: given.nonce_lifetime_s.or(file.nonce_lifetime_s),
            },
            tls: flags.tls.or(self.tls),
        }
    }

    /// Where to listen: loopback, unless somebody says otherwise.
    pub(super) fn listen(&self) -> Vec<SocketAddr> {
        if self.listen.is_empty() {
            return vec![SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), PORT)];
        }
        self.listen.iter().map(|listen| listen.0).collect()
    }

    /// Where to listen over TLS.
    pub(super) fn listen_secured(&self) -> Vec<SocketAddr> {
        let given = self.tls.iter().flat_map(|tls| &tls.listen).map(|listen| listen.0);
        let given: Vec<SocketAddr> = given.collect();
        if given.is_empty() {
            return self.listen().iter().map(|place| SocketAddr::new(place.ip(), PORT_SECURED)).collect();
        }
        given
    }

    /// What the TURN server itself is told; the families of its relayed addresses are the owner's to fill in.
    pub(super) fn turn(&self) -> Result<TurnServerConfig, SettingsError> {
        let credentials =
            |user: &User| turn::Credentials { username: user.name.clone(), password: user.password.clone() };
        let users = self.user.iter().map(credentials).collect();
        let mut config = TurnServerConfig::new(self.realm.as_deref().unwrap_or("rtclab"), users);
        let limits = &mut config.limits;
        let counts = [
            ("limits.allocations", self.limits.allocations, &mut limits.allocations),
            (
                "limits.allocations_per_user",
                self.limits.allocations_per_user,
                &mut limits.allocations_per_user,
            ),
            ("limits.permissions", self.limits.permissions, &mut limits.permissions),
            ("limits.channels", self.limits.channels, &mut limits.channels),
        ];
        for (name, set, limit) in counts {
            match set {
                Some(0) => return Err(SettingsError::Zero(name)),
                Some(count) => *limit = count,
                None => {}
            }
        }
        let spans = [
            ("limits.lifetime_max_s", self.limits.lifetime_max_s, &mut config.lifetime_max),
            ("limits.nonce_lifetime_s", self.limits.nonce_lifetime_s, &mut config.nonce_lifetime),
        ];
        for (name, set, span) in spans {
            match set {
                Some(0) => return Err(SettingsError::Zero(name)),
                Some(seconds) => *span = Duration::from_secs(seconds),
                None => {}
            }
        }
        config.lifetime = config.lifetime.min(config.lifetime_max);
        config.forbidden_peers.retain(|denied| !self.allow_peer.iter().any(|allow| covers(&allow.0, denied)));
        config.forbidden_peers.extend(self.deny_peer.iter().map(|range| range.0));
        Ok(config)
    }
}

/// Whether every address of `inner` is one of `outer`.
fn covers(outer: &AddressRange, inner: &AddressRange) -> bool {
    outer.prefix <= inner.prefix && outer.contains(inner.network)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"
        listen = ["127.0.0.1", "[::1]:3479"]
        realm = "lab.example"
        relay_ports = "50000-50100"
        allow_peer = ["127.0.0.0/8"]

        [[user]]
        name = "alice"
        password = "wonderland"

        [limits]
        allocations_per_user = 2
    "#;

    #[test]
    fn a_file_says_everything() {
        let settings = Settings::from_toml(FILE).unwrap();
        let listen: Vec<SocketAddr> = vec!["127.0.0.1:3478".parse().unwrap(), "[::1]:3479".parse().unwrap()];
        assert_eq!(settings.listen(), listen);
        let turn = settings.turn().unwrap();
        assert_eq!((turn.realm.as_str(), turn.limits.allocations_per_user), ("lab.example", 2));
        let loopback = "127.0.0.1".parse().unwrap();
        assert!(!turn.forbidden_peers.iter().any(|range| range.contains(loopback)));
        let link_local = "169.254.1.1".parse().unwrap();
        assert!(turn.forbidden_peers.iter().any(|range| range.contains(link_local)));
    }

    #[test]
    fn flags_go_before_the_file() {
        let flags = Settings {
            listen: vec!["127.0.0.2:4000".parse().unwrap()],
            user: vec!["alice:other".parse().unwrap(), "bob:builder".parse().unwrap()],
            ..Settings::default()
        };
        let settings = Settings::from_toml(FILE).unwrap().with(flags);
        assert_eq!(settings.listen(), vec!["127.0.0.2:4000".parse().unwrap()]);
        assert_eq!(settings.realm.as_deref(), Some("lab.example"));
        let users: Vec<_> = settings.user.iter().map(|user| (&*user.name, &*user.password)).collect();
        assert_eq!(users, [("alice", "other"), ("bob", "builder")]);
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_its_place() {
        let wrong = |text: &str| Settings::from_toml(text).unwrap_err().to_string();
        assert!(wrong("listen = [\"nowhere\"]").contains("no place to listen"));
        assert!(wrong("realm = 3").contains("line 1"));
        assert!(wrong("relm = \"x\"").contains("unknown field `relm`"));
        assert_eq!("10-5".parse::<PortRange>(), Err(SettingsError::Ports("10-5".to_owned())));
        assert_eq!("10.0.0.0/33".parse::<PeerRange>(), Err(SettingsError::Range("10.0.0.0/33".to_owned())));
        assert_eq!("alice".parse::<User>(), Err(SettingsError::User));
        let zero = Settings::from_toml("[limits]\nchannels = 0").unwrap();
        assert_eq!(zero.turn().unwrap_err(), SettingsError::Zero("limits.channels"));
    }

    #[test]
    fn over_tls_it_listens_on_the_same_addresses_unless_told_otherwise() {
        let file = "listen = [\"127.0.0.2:4000\"]\n[tls]\ncertificate = \"a.pem\"\nkey = \"b.pem\"\n";
        let usual: SocketAddr = "127.0.0.2:5349".parse().unwrap();
        assert_eq!(Settings::from_toml(file).unwrap().listen_secured(), [usual]);
        let given = Settings::from_toml(&format!("{file}listen = [\"127.0.0.3:443\"]")).unwrap();
        let place: SocketAddr = "127.0.0.3:443".parse().unwrap();
        assert_eq!(given.listen_secured(), [place]);
    }

    #[test]
    fn it_listens_on_this_machine_only_unless_told_otherwise() {
        assert_eq!(Settings::default().listen(), vec!["127.0.0.1:3478".parse().unwrap()]);
    }

    #[test]
    fn a_password_is_not_printed() {
        assert!(!format!("{:?}", Settings::from_toml(FILE).unwrap()).contains("wonderland"));
    }
}
