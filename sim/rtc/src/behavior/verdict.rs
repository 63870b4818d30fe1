//! What a client found out, each finding with its reason. Not here: how it is found out.

use std::net::SocketAddr;
use std::time::Duration;

use crate::reason::Reason;

/// A finding, and why it is believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict<T> {
    /// The finding; `None` if the tests could not tell.
    pub value: Option<T>,
    /// Why, with the section that says so.
    pub reason: Reason,
}

impl<T> Verdict<T> {
    /// A finding.
    pub const fn new(value: T, reason: Reason) -> Verdict<T> {
        Verdict { value: Some(value), reason }
    }

    /// The tests could not tell.
    pub const fn unknown(reason: Reason) -> Verdict<T> {
        Verdict { value: None, reason }
    }
}

/// Whether the server can be reached, and as whom (RFC 5780 §4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Connectivity {
    /// No answer: UDP is blocked, or the server is down.
    Blocked,
    /// The server sees the socket's own address: there is no translation on the way.
    Untranslated,
    /// The server sees another address: there is a NAT.
    Translated,
}

/// When two destinations see the same mapped address (RFC 4787 §4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mapping {
    /// There is no NAT.
    Untranslated,
    /// Always.
    EndpointIndependent,
    /// If they share the address.
    AddressDependent,
    /// Never.
    AddressAndPortDependent,
}

impl Mapping {
    /// In the words of RFC 4787.
    pub const fn word(self) -> &'static str {
        match self {
            Mapping::Untranslated => "untranslated",
            Mapping::EndpointIndependent => "endpoint-independent mapping",
            Mapping::AddressDependent => "address-dependent mapping",
            Mapping::AddressAndPortDependent => "address and port-dependent mapping",
        }
    }
}

/// Who may send to a mapped address (RFC 4787 §5). Firewalls filter, too, so this is tested without a NAT as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Filtering {
    /// Everybody.
    EndpointIndependent,
    /// Every port of an address that was sent to.
    AddressDependent,
    /// Only an address and port that was sent to.
    AddressAndPortDependent,
}

impl Filtering {
    /// In the words of RFC 4787.
    pub const fn word(self) -> &'static str {
        match self {
            Filtering::EndpointIndependent => "endpoint-independent filtering",
            Filtering::AddressDependent => "address-dependent filtering",
            Filtering::AddressAndPortDependent => "address and port-dependent filtering",
        }
    }
}

/// Whether a packet to a mapped address of the same NAT comes back in (RFC 4787 §6), and as whose.
///
/// RFC 5780 §3.4 sends it from another port. There the filter decides, too: a NAT that hairpins and filters by port would look as if
/// it did not hairpin. Here it is sent from the port that is mapped, so that it opens the filter for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hairpinning {
    /// It does not come back.
    No,
    /// It comes back from a mapped address, as RFC 4787 REQ-9 wants.
    ExternalSource,
    /// It comes back from the inner address.
    InternalSource,
}

/// Between which two spans of silence a binding ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LifetimeRange {
    /// After this much silence it was still there.
    pub at_least: Duration,
    /// After this much it was not; `None` if it never went away.
    pub below: Option<Duration>,
}

/// Everything a client found out, or nothing yet where it says `None`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Behavior {
    /// The socket that was used.
    pub local: SocketAddr,
    /// The server that was asked.
    pub server: SocketAddr,
    /// Its other address and port.
    pub other: Option<SocketAddr>,
    /// The socket as the server sees it.
    pub mapped: Option<SocketAddr>,
    /// As the server's other address sees it, at the first port.
    pub mapped_by_other_address: Option<SocketAddr>,
    /// As the server's other address sees it, at the other port.
    pub mapped_by_other_port: Option<SocketAddr>,
    /// Can the server be reached?
    pub connectivity: Option<Verdict<Connectivity>>,
    /// Does anything on the way rewrite addresses inside messages?
    pub gateway: Option<Verdict<bool>>,
    /// Which destinations see the same mapped address?
    pub mapping: Option<Verdict<Mapping>>,
    /// Who may send to it?
    pub filtering: Option<Verdict<Filtering>>,
    /// Does a packet to it from the inside come back?
    pub hairpinning: Option<Verdict<Hairpinning>>,
    /// Do messages in several fragments arrive, both ways?
    pub fragments: Option<Verdict<bool>>,
    /// How long does the mapping live without traffic?
    pub lifetime: Option<Verdict<LifetimeRange>>,
    /// Whether all tests are done.
    pub done: bool,
}

impl Behavior {
    pub(super) const fn new(local: SocketAddr, server: SocketAddr) -> Behavior {
        Behavior {
            local,
            server,
            other: None,
            mapped: None,
            mapped_by_other_address: None,
            mapped_by_other_port: None,
            connectivity: None,
            gateway: None,
            mapping: None,
            filtering: None,
            hairpinning: None,
            fragments: None,
            lifetime: None,
            done: false,
        }
    }
}
