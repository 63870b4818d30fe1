//! What an entry can say. Packets come by the million and are kept flat; everything else is boxed.

use std::time::Duration;

use rtclab_rtc::dns::QuerySnapshot;
use rtclab_rtc::ice;
use rtclab_rtc::sctp::AssociationState;

use crate::link_state::LinkState;
use crate::session::{DataChannelState, DescriptionState, DtlsState, PeerConnectionState};
use crate::state::{
    CallState, FirewallState, FlowState, MacEntryState, MappingState, NeighborState, NodeState, PathMtuState,
    ProgramState, SignalMessage,
};
use crate::tcp::TcpState;
use crate::topology::{Direction, LinkEnd};
use crate::{LinkId, NodeId, SimTime};

/// Where a packet was dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// Inside a node.
    Node(NodeId),
    /// On a link, in one direction.
    Link(LinkId, Direction),
}

/// The end of a packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dropped {
    /// Where.
    pub place: Place,
    /// The rule that decided, by the name it has there: `rule 3: udp`, `filtering: address and port-dependent`, `loss 5 %`.
    pub rule: String,
}

/// A timed action of the scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// In the scenario's words: `rebind nat-a`.
    pub words: String,
}

/// The whole new state of an entity.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// A packet was put on a link. Where it is after `transit` is the far end, unless it was lost.
    Hop {
        /// The link.
        link: LinkId,
        /// Which way.
        direction: Direction,
        /// TTL or hop limit as it went out; 0 leaves the byte as it is.
        ttl: u8,
        /// Which version of the packet's bytes went out ([`crate::packets`]).
        version: u8,
        /// Whether the link loses it. The entry that says why follows at the time of arrival.
        lost: bool,
        /// Microseconds spent in the queue before the first bit left, as part of `transit`.
        queued_us: u32,
        /// From entering the queue to the last bit at the far end.
        transit: Nanos,
    },
    /// A packet waits, and what becomes of it is not decided yet: in a queue that looks at how long it waited (a hop follows when it leaves),
    /// or at a node: as a fragment, for the rest of its datagram, or for the hardware address of its next hop.
    Waiting {
        /// There.
        place: Place,
        /// TTL or hop limit as it is; 0 leaves the byte as it is.
        ttl: u8,
        /// Which version of its bytes it is.
        version: u8,
    },
    /// Bits of a packet were flipped on its way.
    Altered {
        /// There.
        place: Place,
        /// The version of its bytes since then.
        version: u8,
    },
    /// A node made other packets of it, which this entry is the cause of: fragments, or a whole packet of fragments. The packet ends here.
    Replaced {
        /// There.
        node: NodeId,
        /// In this version of its bytes.
        version: u8,
    },
    /// A packet reached the program or the protocol it was meant for.
    Delivered {
        /// On this node.
        node: NodeId,
        /// In this version of its bytes.
        version: u8,
    },
    /// A packet ended here. The entry's reason says why.
    Dropped(Box<Dropped>),
    /// A packet was seen by a capture; nothing is known of where it came from or went.
    Captured {
        /// On this link end.
        end: LinkEnd,
    },
    /// A node's interfaces, addresses and routes.
    Node(Box<NodeState>),
    /// A link's properties.
    Link(Box<LinkState>),
    /// A NAT mapping.
    Mapping(Box<MappingState>),
    /// A firewall flow.
    Flow(Box<FlowState>),
    /// A TCP socket.
    Tcp(Box<TcpState>),
    /// What the rules of a firewall have decided so far, told at most once a second.
    Firewall(Box<FirewallState>),
    /// The largest packet that a node knows to reach a destination.
    PathMtu(Box<PathMtuState>),
    /// What a node knows of a neighbor on an Ethernet network.
    Neighbor(Box<NeighborState>),
    /// What an Ethernet switch knows of a station.
    MacEntry(Box<MacEntryState>),
    /// A program.
    Program(Box<ProgramState>),
    /// Something in an ICE agent, a STUN client or a TURN client or server.
    Protocol(Box<ice::Change>),
    /// A question to name servers.
    DnsQuery(Box<QuerySnapshot>),
    /// A peer connection.
    PeerConnection(Box<PeerConnectionState>),
    /// A description of a peer connection.
    Description(Box<DescriptionState>),
    /// A DTLS association.
    Dtls(Box<DtlsState>),
    /// An SCTP association.
    Sctp(Box<AssociationState>),
    /// A data channel.
    DataChannel(Box<DataChannelState>),
    /// A signaling message.
    Signal(Box<SignalMessage>),
    /// A call.
    Call(Box<CallState>),
    /// A timed action of the scenario.
    Action(Box<Action>),
}

/// A span of time that fits a flat entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Nanos(pub u64);

impl From<Duration> for Nanos {
    fn from(span: Duration) -> Nanos {
        Nanos(u64::try_from(span.as_nanos()).unwrap_or(u64::MAX))
    }
}

impl Nanos {
    /// The same span in the type of the standard library.
    pub const fn duration(self) -> Duration {
        Duration::from_nanos(self.0)
    }

    /// The moment that lies this span after `start`.
    pub fn after(self, start: SimTime) -> SimTime {
        start + self.duration()
    }
}

impl Change {
    /// A change of a protocol endpoint.
    pub fn protocol(change: ice::Change) -> Change {
        Change::Protocol(Box::new(change))
    }

    /// The end of a packet.
    pub fn dropped(place: Place, rule: impl Into<String>) -> Change {
        Change::Dropped(Box::new(Dropped { place, rule: rule.into() }))
    }

    /// An action in the scenario's words.
    pub fn action(words: impl Into<String>) -> Change {
        Change::Action(Box::new(Action { words: words.into() }))
    }

    /// Whether it is one of those that tell a packet's way.
    pub const fn is_about_packet(&self) -> bool {
        matches!(
            self,
            Change::Hop { .. }
                | Change::Waiting { .. }
                | Change::Altered { .. }
                | Change::Replaced { .. }
                | Change::Delivered { .. }
                | Change::Dropped(_)
                | Change::Captured { .. }
        )
    }

    /// Whether a packet's way ends with it.
    pub const fn ends_packet(&self) -> bool {
        matches!(self, Change::Delivered { .. } | Change::Dropped(_) | Change::Replaced { .. })
    }
}
