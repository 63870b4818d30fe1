//! Port mapping on request: PCP (RFC 6887) and its ancestor NAT-PMP (RFC 6886), both ends. A host asks its gateway for an outside port
//! that leads to one of its sockets, and may tell it to others: for ICE, one more candidate. Sans-IO: datagrams go in through
//! `handle_*`, and come out of `poll_output` (client) or as the answer (server).
//!
//! | RFC | section | done | where |
//! |---|---|---|---|
//! | 6887 | §7.1, §7.2 headers; §7.3 options; §7.4 result codes | yes | `message` |
//! | 6887 | §8.1 requests; §8.1.1 retransmission | yes, with an end to it where nobody answers | `client` |
//! | 6887 | §8.2, §8.3 what is checked of requests and responses | yes | `server`, `client` |
//! | 6887 | §8.5 epoch | yes | `epoch` |
//! | 6887 | §9 versions | PCP, then NAT-PMP | `client`, `server` |
//! | 6887 | §11 MAP; §11.2.1 renewal; §15 lifetimes, deleting one or all | UDP and TCP; not "all protocols", not "all ports" | `client`, `server` |
//! | 6887 | §12 PEER | the server; the client does not ask | `server` |
//! | 6887 | §13.2 PREFER_FAILURE | yes | `server` |
//! | 6887 | §13.1 THIRD_PARTY, §13.3 FILTER | no: refused with UNSUPP_OPTION | `server` |
//! | 6887 | §14.1 ANNOUNCE | yes, both ways | `server`, `client` |
//! | 6887 | §16 IPv6 firewalls | no | |
//! | 6886 | §3.2 outside address; §3.3 mapping; §3.4 deleting; §3.5 result codes; §3.6 epoch | yes | `nat_pmp`, `client`, `server` |
//!
//! Not here: what a mapping is (a [`Gateway`] knows), and who owns the sockets.

mod client;
mod epoch;
pub mod fuzz;
mod message;
mod nat_pmp;
mod server;
#[cfg(test)]
mod tests;

pub use client::{Client, ClientConfig, ClientOutput, MapState, Mapping};
pub use epoch::Epoch;
pub use message::{
    Malformed, MapData, Opcode, OptionCode, PeerData, Request, RequestBody, Response, ResponseBody,
    ResultCode,
};
pub use nat_pmp::{PmpRequest, PmpResponse, PmpResult};
pub use server::{Answer, Ask, Dialect, Gateway, Server, ServerConfig};

/// The port of the server (RFC 6887 §19.1).
pub const SERVER_PORT: u16 = 5351;

/// The port on which clients hear announcements (RFC 6887 §19.1).
pub const CLIENT_PORT: u16 = 5350;

/// The group to which announcements go (RFC 6887 §14.1.2): all nodes of the link.
pub const ALL_NODES: std::net::Ipv4Addr = std::net::Ipv4Addr::new(224, 0, 0, 1);

/// The longest message (RFC 6887 §7).
pub const MESSAGE_BYTES_MAX: usize = 1100;

/// What is mapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Transport {
    /// UDP ports.
    Udp,
    /// TCP ports.
    Tcp,
}

impl Transport {
    /// Its number in the IP header.
    pub const fn number(self) -> u8 {
        match self {
            Transport::Udp => 17,
            Transport::Tcp => 6,
        }
    }

    /// The transport of that number in the IP header.
    pub const fn of_number(number: u8) -> Option<Transport> {
        match number {
            17 => Some(Transport::Udp),
            6 => Some(Transport::Tcp),
            _ => None,
        }
    }
}
