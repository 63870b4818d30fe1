//! The axes of a NAT that are a choice of words. Not here: those that are times ([`super::timers`]) and numbers ([`super::config`]), and how each
//! axis works (one file each).

/// Which of a packet's remote endpoint a mapping depends on (RFC 4787 §4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum MappingBehavior {
    /// One mapping for everything that an internal endpoint sends.
    #[default]
    EndpointIndependent,
    /// A mapping for each remote address.
    AddressDependent,
    /// A mapping for each remote address and port.
    AddressAndPortDependent,
}

/// Who may use a mapping from outside (RFC 4787 §5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum FilteringBehavior {
    /// Anybody.
    EndpointIndependent,
    /// Addresses that the internal endpoint has sent to.
    AddressDependent,
    /// Addresses and ports that the internal endpoint has sent to.
    #[default]
    AddressAndPortDependent,
}

/// Which external port a new mapping gets (RFC 4787 §4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum PortAllocation {
    /// The internal port if it is free, or else a random one.
    #[default]
    PreserveElseRandom,
    /// The internal port if it is free, or else the next one in order.
    PreserveElseSequential,
    /// The internal port always: whoever had it before loses its mapping.
    PreserveOverride,
    /// The internal port even if others have it too, as long as remote endpoints tell them apart; or else a random one. RFC 4787 calls it
    /// port overloading, and forbids it (REQ-3).
    PreserveOverload,
    /// One after the other.
    Sequential,
    /// A random one.
    Random,
}

/// Which external address a new mapping gets, where there are several (RFC 4787 §4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Pooling {
    /// An internal address keeps its external address.
    #[default]
    Paired,
    /// A random one each time.
    Arbitrary,
    /// An internal address has an external address of its own, ports and all: 1:1, "basic NAT" (RFC 3022 §2.1). Whoever comes when all are
    /// given away gets none.
    OneToOne,
}

/// What happens when one internal host sends to the external endpoint of another (RFC 4787 §6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Hairpin {
    /// It is dropped.
    #[default]
    Off,
    /// It arrives from the sender's external endpoint, as REQ-9 asks.
    ExternalSource,
    /// It arrives from the sender's internal endpoint: a known fault.
    InternalSource,
}

/// What is done with a UDP packet to an external address that no mapping translates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Unsolicited {
    /// It is dropped in silence, before the box remembers anything of it: with netfilter, a DROP in the INPUT chain.
    #[default]
    Drop,
    /// It is for the box itself, which has no such socket and says so (RFC 1122 §4.1.3.1).
    Reject,
    /// The same, and the connection tracking of the box remembers the flow: with netfilter, an INPUT chain that accepts. From then on the
    /// external port is taken towards that remote endpoint, and what the inside sends there gets another one.
    Track,
}

/// What is done with a SYN from outside that nobody inside has asked for (RFC 5382 §4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum UnsolicitedSyn {
    /// It is held for six seconds. A SYN from inside to the same endpoint is a simultaneous open, and the held one is dropped in silence;
    /// otherwise its sender is told by ICMP (REQ-4).
    #[default]
    Hold,
    /// It is dropped in silence.
    Drop,
    /// It is answered with a RST at once, which breaks simultaneous open.
    Reset,
    /// It is answered with an ICMP error at once, which breaks simultaneous open.
    Unreachable,
}

/// What a RST does to a session (RFC 7857 §2.2; RFC 5382 leaves it open).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum AfterReset {
    /// It goes on for the transitory time, so that a forged RST does no harm.
    #[default]
    Transitory,
    /// It ends at once.
    Forget,
}

/// What is done with the fragments of a packet (RFC 4787 §11).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Fragments {
    /// They pass in whatever order they come (REQ-14): what comes before the first fragment waits for it.
    #[default]
    AnyOrder,
    /// They pass if the first one, which has the ports, comes first.
    InOrder,
    /// None passes.
    Dropped,
}

impl MappingBehavior {
    /// As RFC 4787 calls it.
    pub const fn words(self) -> &'static str {
        match self {
            MappingBehavior::EndpointIndependent => "endpoint-independent",
            MappingBehavior::AddressDependent => "address-dependent",
            MappingBehavior::AddressAndPortDependent => "address and port-dependent",
        }
    }
}

impl FilteringBehavior {
    /// As RFC 4787 calls it.
    pub const fn words(self) -> &'static str {
        match self {
            FilteringBehavior::EndpointIndependent => "endpoint-independent",
            FilteringBehavior::AddressDependent => "address-dependent",
            FilteringBehavior::AddressAndPortDependent => "address and port-dependent",
        }
    }
}

impl PortAllocation {
    /// In a few words.
    pub const fn words(self) -> &'static str {
        match self {
            PortAllocation::PreserveElseRandom => "preserved, else random",
            PortAllocation::PreserveElseSequential => "preserved, else sequential",
            PortAllocation::PreserveOverride => "preserved, taken from whoever had it",
            PortAllocation::PreserveOverload => "preserved, shared between remote endpoints",
            PortAllocation::Sequential => "sequential",
            PortAllocation::Random => "random",
        }
    }

    /// Whether the internal port is tried first.
    pub(super) const fn preserves(self) -> bool {
        !matches!(self, PortAllocation::Sequential | PortAllocation::Random)
    }
}

impl Pooling {
    /// In a few words.
    pub const fn words(self) -> &'static str {
        match self {
            Pooling::Paired => "paired",
            Pooling::Arbitrary => "arbitrary",
            Pooling::OneToOne => "one to one",
        }
    }
}

impl Hairpin {
    /// In a few words.
    pub const fn words(self) -> &'static str {
        match self {
            Hairpin::Off => "off",
            Hairpin::ExternalSource => "on, from the external endpoint",
            Hairpin::InternalSource => "on, from the internal endpoint",
        }
    }
}

impl Unsolicited {
    /// In a few words.
    pub const fn words(self) -> &'static str {
        match self {
            Unsolicited::Drop => "dropped in silence",
            Unsolicited::Reject => "refused by the box itself",
            Unsolicited::Track => "refused by the box itself, and tracked",
        }
    }
}

impl UnsolicitedSyn {
    /// In a few words.
    pub const fn words(self) -> &'static str {
        match self {
            UnsolicitedSyn::Hold => "held for 6 s, then answered by ICMP",
            UnsolicitedSyn::Drop => "dropped in silence",
            UnsolicitedSyn::Reset => "answered with a RST",
            UnsolicitedSyn::Unreachable => "answered by ICMP",
        }
    }
}

impl AfterReset {
    /// In a few words.
    pub const fn words(self) -> &'static str {
        match self {
            AfterReset::Transitory => "ends a session after the transitory time",
            AfterReset::Forget => "ends a session at once",
        }
    }
}

impl Fragments {
    /// In a few words.
    pub const fn words(self) -> &'static str {
        match self {
            Fragments::AnyOrder => "in any order",
            Fragments::InOrder => "behind the first one",
            Fragments::Dropped => "dropped",
        }
    }
}
