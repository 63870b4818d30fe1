//! Ids, and the things that have a state. Small on purpose: an entry is written for every hop of every packet.

use rtclab_rtc::Subject;
use rtclab_rtc::jsep::DescriptionSlot;

/// A node of the topology. At most 65,535 of them in a world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u16);

/// A link of the topology.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkId(pub u32);

/// A packet, from the node that made it to where it was delivered or dropped. A NAT changes its bytes, not its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PacketId(pub u32);

/// The place of an entry in the log, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryId(pub(crate) std::num::NonZeroU32);

impl EntryId {
    pub(crate) fn from_index(index: usize) -> EntryId {
        let number = u32::try_from(index + 1).ok().and_then(std::num::NonZeroU32::new);
        EntryId(number.expect("a trace holds fewer than 2^32 entries"))
    }

    /// The place in the log, from 0.
    pub fn index(self) -> usize {
        self.0.get() as usize - 1
    }
}

/// A thing that has a state, and that entries are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Entity {
    /// The run as a whole: timed actions of the scenario.
    World,
    /// A node: its interfaces and addresses.
    Node(NodeId),
    /// A link: up or down, its latency, loss and rate.
    Link(LinkId),
    /// A packet: where it is.
    Packet(PacketId),
    /// A mapping in the table of a NAT.
    Mapping(NodeId, u32),
    /// A flow in the state table of a firewall.
    Flow(NodeId, u32),
    /// A TCP socket of a node: one that listens, or one end of a connection.
    Tcp(NodeId, u32),
    /// The rules of a firewall.
    Firewall(NodeId),
    /// A path whose MTU a node has learnt.
    PathMtu(NodeId, u32),
    /// A neighbor in the cache of a node on an Ethernet network.
    Neighbor(NodeId, u32),
    /// A station in the table of an Ethernet switch.
    MacEntry(NodeId, u32),
    /// A program on a node, such as a server, a source or a sink.
    Program(NodeId, u32),
    /// The ICE agent on a node.
    Agent(NodeId),
    /// A check list of that agent.
    CheckList(NodeId, u32),
    /// A candidate of its own.
    LocalCandidate(NodeId, u32),
    /// A candidate of its peer.
    RemoteCandidate(NodeId, u32),
    /// A candidate pair.
    Pair(NodeId, u32),
    /// A STUN transaction that the node started.
    Transaction(NodeId, u32),
    /// A TURN allocation, held by or granted by the node.
    Allocation(NodeId, u32),
    /// A question that a resolver on the node asked name servers, or the hosts of its link.
    DnsQuery(NodeId, u32),
    /// The peer connection on a node.
    PeerConnection(NodeId),
    /// One of its descriptions.
    Description(NodeId, DescriptionSlot),
    /// A DTLS association of the node.
    Dtls(NodeId, u32),
    /// An SCTP association of the node.
    Sctp(NodeId, u32),
    /// A data channel of the node.
    DataChannel(NodeId, u32),
    /// A signaling message, from the peer that wrote it to the peer that read it.
    Signal(u32),
    /// A call between two peers.
    Call(u32),
}

impl Entity {
    /// The entity that an endpoint on `node` calls `subject`.
    pub fn of_subject(node: NodeId, subject: Subject) -> Entity {
        match subject {
            Subject::Agent => Entity::Agent(node),
            Subject::CheckList(number) => Entity::CheckList(node, number),
            Subject::LocalCandidate(number) => Entity::LocalCandidate(node, number),
            Subject::RemoteCandidate(number) => Entity::RemoteCandidate(node, number),
            Subject::Pair(number) => Entity::Pair(node, number),
            Subject::Transaction(number) => Entity::Transaction(node, number),
            Subject::Allocation(number) => Entity::Allocation(node, number),
        }
    }

    /// The node it lives on, if it lives on one.
    pub fn node(self) -> Option<NodeId> {
        match self {
            Entity::Node(node)
            | Entity::Agent(node)
            | Entity::Mapping(node, _)
            | Entity::Flow(node, _)
            | Entity::Tcp(node, _)
            | Entity::Firewall(node)
            | Entity::PathMtu(node, _)
            | Entity::Neighbor(node, _)
            | Entity::MacEntry(node, _)
            | Entity::Program(node, _)
            | Entity::CheckList(node, _)
            | Entity::LocalCandidate(node, _)
            | Entity::RemoteCandidate(node, _)
            | Entity::Pair(node, _)
            | Entity::Transaction(node, _)
            | Entity::Allocation(node, _)
            | Entity::DnsQuery(node, _)
            | Entity::PeerConnection(node)
            | Entity::Description(node, _)
            | Entity::Dtls(node, _)
            | Entity::Sctp(node, _)
            | Entity::DataChannel(node, _) => Some(node),
            Entity::World | Entity::Link(_) | Entity::Packet(_) | Entity::Signal(_) | Entity::Call(_) => None,
        }
    }
}
