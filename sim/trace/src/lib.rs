//! The trace: an append-only log of everything that happened, and the only thing that views read.
//!
//! An [`Entry`] says *when* ([`SimTime`]), *what* ([`Entity`]), *its whole new state* ([`Change`]), *why* ([`Reason`]) and
//! *what made it happen* (the id of another entry). State at any time is a query, [`Trace::latest_at`], so stepping back is exact
//! and instant. Whether a trace came from a simulated world or from a capture makes no difference to whoever reads it.
//!
//! Bytes of a packet are stored once ([`packets`]); what a hop changes in them is kept beside the hop.
//!
//! Not here: what makes things happen (`rtclab-net`, `rtclab-lab`), and what the bytes mean (`rtclab-capture`).

mod change;
mod entity;
mod entry;
mod frame;
mod hash;
mod index;
mod json;
mod link_load;
mod link_state;
mod log;
pub mod packets;
mod program_reason;
mod reason;
mod session;
mod state;
mod tcp;
mod text;
mod topology;

pub use change::{Action, Change, Dropped, Nanos, Place};
pub use entity::{Entity, EntryId, LinkId, NodeId, PacketId};
pub use entry::Entry;
pub use frame::{FRAME_HEADER, Frame, MacAddress};
pub use hash::TraceHash;
pub use link_load::{Backlog, LinkLoad};
pub use link_state::{Codel, GilbertElliott, Latency, LinkState, LinkWay, Loss, QueueLimit};
pub use log::{Counters, Observe, Trace};
pub use program_reason::ProgramReason;
pub use reason::{NetReason, Reason};
pub use rtclab_rtc::reason::ReasonText;
pub use rtclab_rtc::time::Time as SimTime;
pub use session::{ChannelMessage, DataChannelState, DescriptionState, DtlsState, PeerConnectionState};
pub use state::{
    CallOutcome, CallPath, CallSide, CallState, FirewallState, FlowState, InterfaceState, MacEntryState,
    MappingPhase, MappingState, NeighborPhase, NeighborState, NodeState, PathMtuState, ProgramState,
    Protocol, RuleCount, SignalMessage, SignalPhase, TcpFlowPhase,
};
pub use tcp::{TcpConnectionState, TcpRecoveryPhase, TcpSequences, TcpState, TcpTimer};
pub use topology::{Direction, Encapsulation, LinkEnd, LinkInfo, NodeInfo, NodeKind, Topology};
