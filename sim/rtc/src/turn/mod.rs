//! TURN over UDP, RFC 8656: a client that holds one allocation, a server that gives many.
//!
//! | RFC 8656 | what | done | where |
//! |---|---|---|---|
//! | §4 | server discovery (DNS) | no: addresses are handed in | – |
//! | §5 | authentication first, 5-tuple, 437 and 441 | yes | `server`, `client::responses` |
//! | §6, §7 | Allocate: 400, 401, 420, 437, 438, 440, 441, 442, 486, 508; repeated requests | yes | `server::allocate`, `client` |
//! | §7 | EVEN-PORT without reservation | yes | `server::allocate` (the host opens the port) |
//! | §7 | EVEN-PORT with reservation, RESERVATION-TOKEN | no: refused with 508 | `server::allocate` |
//! | §7 | ADDITIONAL-ADDRESS-FAMILY | no: answered with ADDRESS-ERROR-CODE 440, as the RFC asks of who cannot | `server::allocate` |
//! | §7 | DONT-FRAGMENT | no: refused with 420, as the RFC asks of who cannot set DF | `server::allocate`, `server::relay` |
//! | §7.4 | following 300 Try Alternate | no: the allocation is refused with 300 | `client::responses` |
//! | §8 | Refresh, release with lifetime 0, 443 | yes | `server::allocate`, `client` |
//! | §9, §10 | permissions, 403, 443, several peers in a request | yes (the client asks for one at a time) | `server::peers`, `client` |
//! | §11.1 to §11.4 | Send and Data indications | yes | `server::relay`, `client` |
//! | §11.5, §11.6 | ICMP errors as Data indications | read by the client, not sent by the server | `client` |
//! | §12 | channels, ChannelData | yes | `channel_data`, `server::peers`, `server::relay`, `client` |
//! | §13 to §15 | IP header fields of relayed packets | no: that is the host's | – |
//! | §3.1 | TCP, TLS and DTLS to the server | no | – |
//! | RFC 8489 §9.2 | long-term credentials, both algorithms, USERHASH, bid-down protection | yes | `client::authentication`, `server::authentication` |
//! | RFC 8265 | OpaqueString preparation of usernames and passwords | no: they are handed in prepared | – |
//! | RFC 6062 | TCP to peers | no | – |
//! | RFC 8016 | mobility | no | – |

mod allocation;
mod channel_data;
mod client;
mod server;

pub use crate::stun::Credentials;
pub use allocation::{
    AllocationSnapshot, AllocationState, CHANNEL_LIFETIME, Change, LIFETIME, LIFETIME_MAX,
    PERMISSION_LIFETIME,
};
pub use channel_data::{
    CHANNEL_DATA_HEADER_LENGTH, CHANNEL_NUMBERS, ChannelData, ChannelDataError, channel_data_fields,
    is_channel_data,
};
pub use client::TurnClient;
pub use server::{AddressRange, Limits, ServerOutput, TurnServer, TurnServerConfig};

/// The largest payload of a UDP datagram over IPv4.
const UDP_PAYLOAD_MAX: usize = 65_507;

#[cfg(test)]
mod tests;
