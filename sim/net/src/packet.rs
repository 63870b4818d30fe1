//! A packet on its way, and the events of a world. Not here: what its bytes mean (`wire`), who handles them (`world`).

use rtclab_trace::{Direction, EntryId, Frame, LinkId, NodeId, PacketId};

use crate::host::StreamId;
use crate::program::ProgramId;
use crate::{firewall, nat};

/// A packet on its way. It travels through events in its box, and the boxes of those that have ended are used again.
#[derive(Debug)]
pub(crate) struct Packet {
    /// From the IP header on; of a frame that carries no IP packet, from its own.
    pub(crate) bytes: Vec<u8>,
    pub(crate) id: PacketId,
    /// The last entry about it: the cause of the next one.
    pub(crate) last: Option<EntryId>,
    /// On a network: the attachment that has the address of the next hop, as a frame names a hardware address.
    pub(crate) to: LinkId,
    /// Which version of its bytes this is.
    pub(crate) version: u8,
    /// What it is wrapped in, on an Ethernet link.
    pub(crate) frame: Option<Frame>,
}

/// What a link does to a packet on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Arrives,
    Lost,
    /// It arrives with a bit flipped, which its bytes show already.
    Corrupted,
}

/// What happens at a time.
#[derive(Debug)]
pub(crate) enum Event {
    /// A packet reaches the far end of a link, or would.
    Arrive { packet: Box<Packet>, link: LinkId, direction: Direction, fate: Fate, cuts: u32 },
    /// A link is free for those that wait in a managed queue.
    Leave { link: LinkId, direction: Direction },
    /// A packet that a node sent to itself.
    Loop { node: NodeId, packet: Box<Packet> },
    /// A program starts.
    Start { node: NodeId, program: ProgramId },
    /// A timer of a program may be due.
    Timer { node: NodeId, program: ProgramId, token: u64 },
    /// A timer of a TCP connection may be due.
    Tcp { node: NodeId, stream: StreamId },
    /// The rest of a datagram may be overdue.
    Reassembly { node: NodeId },
    /// A path MTU may be due to be forgotten.
    PathMtu { node: NodeId, number: u32 },
    /// Something may be due for a neighbor.
    Neighbor { node: NodeId, number: u32 },
    /// A station may be due to be forgotten by a switch.
    Station { node: NodeId, number: u32 },
    /// A NAT mapping may be due to expire.
    Mapping { node: NodeId, slot: nat::Slot, number: u32 },
    /// A SYN that a NAT holds may have been held for long enough.
    HeldSyn { node: NodeId, number: u32 },
    /// What the rules of a firewall have decided is to be told.
    Counters { node: NodeId },
    /// A flow of a firewall may be due to be forgotten.
    Flow { node: NodeId, slot: firewall::Slot, number: u32 },
}
