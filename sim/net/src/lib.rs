//! The world: a discrete-event network with real IP packets, on a virtual clock.
//!
//! A [`Plan`] says what there is; [`World::new`] makes a world of it and of a seed; [`World::step`] lets the next thing happen. What
//! runs on a host is a [`Program`], which acts through a [`Host`]. Everything that happens is written to a
//! [`Trace`](rtclab_trace::Trace), with its cause.
//!
//! A world is a deterministic function of its plan, its programs and its seed: no clock, no threads, no I/O.
//!
//! Not here: what programs say to each other (`rtclab-rtc`), scenario documents (`rtclab-lab`), how a trace is read (`rtclab-trace`).

mod error;
pub mod firewall;
mod flow;
mod host;
mod lease;
mod link;
pub mod nat;
mod neighbor;
mod node;
mod packet;
mod plan;
mod prefix;
mod program;
mod queue;
mod randomness;
mod routing;
mod station;
pub mod tcp;
pub mod wire;
mod world;

pub use error::{ActionError, BindError, ConnectError, MapError, PlanError, SendError};
pub use firewall::FirewallConfig;
pub use host::{Fragmentation, Host, HostAddress, ListenerId, PortRequest, SocketId, StreamId};
pub use link::LinkProperties;
pub use nat::NatConfig;
pub use plan::{Attachment, Families, Plan, Side};
pub use prefix::{ParsePrefixError, Prefix};
pub use program::{Datagram, EchoReply, Program, ProgramId, Unreachable, UnreachableKind};
pub use randomness::Stream;
pub use rtclab_trace::{Codel, GilbertElliott, Latency, LinkWay, Loss, QueueLimit};
pub use wire::ip::Ecn;
pub use world::World;
