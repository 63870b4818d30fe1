//! Packets of a trace read back into what they say: for the ladder and for the diagnosis. Not here: fields and byte ranges, which
//! `rtclab-capture` dissects.

mod carried;
mod dtls;
mod neighbor;
mod packet;
mod port_mapping;
mod stun;
mod tcp;
mod words;

pub use carried::Carried;
pub use dtls::{DtlsReading, Sessions};
pub use neighbor::NeighborReading;
pub use packet::{Content, Reading};
pub use port_mapping::PortMappingReading;
pub use stun::StunReading;
pub use tcp::TcpReading;
