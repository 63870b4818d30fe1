//! What an endpoint looks like from outside, and what comes out of it. Not here: what moves it.

use std::fmt;

use super::key_log::KeyLogLine;
use super::wire::{alert_name, cipher_suite_name, group_name};
use crate::jsep::{DtlsRole, DtlsTransportState};
use crate::reason::Reason;
use crate::sdp::Fingerprint;
use crate::time::Time;

/// A version of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// RFC 6347.
    Dtls12,
    /// RFC 9147.
    Dtls13,
}

impl Version {
    /// As people write it.
    pub const fn word(self) -> &'static str {
        match self {
            Version::Dtls12 => "DTLS 1.2",
            Version::Dtls13 => "DTLS 1.3",
        }
    }

    /// The version that stands on the wire so.
    pub(super) fn of(wire: u16) -> Option<Version> {
        match wire {
            0xfefd => Some(Version::Dtls12),
            0xfefc => Some(Version::Dtls13),
            _ => None,
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Messages that went in one direction without an answer in between, as far as they are known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flight {
    /// Whether this endpoint sent it.
    pub sent: bool,
    /// What is in it: handshake messages, `ChangeCipherSpec`, `ACK`, `Alert`.
    pub messages: Vec<&'static str>,
}

impl fmt::Display for Flight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.messages.is_empty() {
            return Ok(());
        }
        write!(f, "{} {}", if self.sent { "sent" } else { "received" }, self.messages.join(", "))
    }
}

/// An endpoint, whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// Where it is in its life.
    pub phase: DtlsTransportState,
    /// Who begins.
    pub role: DtlsRole,
    /// The version, once the server has chosen it.
    pub version: Option<Version>,
    /// The cipher suite, once the server has chosen it; its number is IANA's.
    pub cipher_suite: Option<u16>,
    /// The group of the key exchange, once it is known; its number is IANA's.
    pub group: Option<u16>,
    /// The SHA-256 hash of the certificate that the peer has shown and signed with.
    pub peer_fingerprint: Option<Fingerprint>,
    /// The newest flight, in either direction.
    pub flight: Flight,
    /// Datagrams of the handshake that were sent.
    pub sent: u32,
    /// Datagrams of the handshake that arrived.
    pub received: u32,
    /// How often a flight was sent again.
    pub retransmissions: u32,
    /// The alert that ended it, ours or the peer's.
    pub alert: Option<u8>,
    /// When the next timer expires.
    pub timer: Option<Time>,
}

impl State {
    pub(super) fn new(role: DtlsRole) -> State {
        State {
            phase: DtlsTransportState::New,
            role,
            version: None,
            cipher_suite: None,
            group: None,
            peer_fingerprint: None,
            flight: Flight::default(),
            sent: 0,
            received: 0,
            retransmissions: 0,
            alert: None,
            timer: None,
        }
    }

    /// The name of the cipher suite.
    pub fn cipher_suite_name(&self) -> Option<&'static str> {
        self.cipher_suite.map(cipher_suite_name)
    }

    /// The name of the group.
    pub fn group_name(&self) -> Option<&'static str> {
        self.group.map(group_name)
    }

    /// The name of the alert.
    pub fn alert_name(&self) -> Option<&'static str> {
        self.alert.map(alert_name)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.phase, self.role)?;
        if let Some(version) = self.version {
            write!(f, ", {version}")?;
        }
        if let Some(suite) = self.cipher_suite_name() {
            write!(f, ", {suite}")?;
        }
        if let Some(group) = self.group_name() {
            write!(f, ", {group}")?;
        }
        if let Some(alert) = self.alert_name() {
            write!(f, ", alert {alert}")?;
        }
        Ok(())
    }
}

/// Keys for SRTP (RFC 5764 §4.2): which profile, and for each side master key and master salt.
#[derive(Clone, PartialEq, Eq)]
pub struct SrtpKeys {
    /// The protection profile; its number is IANA's.
    pub profile: u16,
    /// The master key of what the DTLS client sends.
    pub client_key: Vec<u8>,
    /// The master key of what the DTLS server sends.
    pub server_key: Vec<u8>,
    /// The master salt of what the DTLS client sends.
    pub client_salt: Vec<u8>,
    /// The master salt of what the DTLS server sends.
    pub server_salt: Vec<u8>,
}

impl fmt::Debug for SrtpKeys {
    /// Without the keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SrtpKeys").field("profile", &self.profile).finish_non_exhaustive()
    }
}

/// One step of an endpoint's output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Send this datagram.
    Transmit {
        /// The datagram.
        payload: Vec<u8>,
        /// Why.
        reason: Reason,
    },
    /// Bytes of the application arrived, protected by the peer's keys.
    Data(Vec<u8>),
    /// The endpoint is now like this.
    Change {
        /// All of it.
        state: Box<State>,
        /// Why.
        reason: Option<Reason>,
    },
    /// A secret of the session, for whoever wants to read a capture of it.
    Secret(KeyLogLine),
    /// Keys for media are there.
    SrtpKeys(SrtpKeys),
    /// What came in was not acted on.
    Ignored(Reason),
}

/// There is no session to send on, or it is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("DTLS is {0}, so nothing can be sent")]
pub struct NotConnected(pub DtlsTransportState);
