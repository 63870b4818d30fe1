//! TURN, RFC 8656, over UDP, TCP and TLS: a client that holds one allocation, a server that gives many.
//!
//! | RFC 8656 | what | done | where |
//! |---|---|---|---|
//! | §3.1 | UDP, TCP and TLS to the server | yes; TLS itself is the host's | `server::streams`, `client::elsewhere` |
//! | §3.1 | DTLS | the host's: what it has decrypted is a datagram | – |
//! | §4 | server discovery | [`ServerDiscovery`](crate::stun::ServerDiscovery) | [`crate::stun`] |
//! | §5 | authentication first, 5-tuple with its transport, 437 and 441 | yes | `server`, `client::responses` |
//! | §6, §7 | Allocate: 300, 400, 401, 403, 405, 420, 437, 438, 440, 441, 442, 486, 508; repeated requests | yes | `server::allocate`, `client::options` |
//! | §7 | EVEN-PORT, RESERVATION-TOKEN | yes, if the host opens pairs (else 508) | `server::relays` |
//! | §7 | ADDITIONAL-ADDRESS-FAMILY, ADDRESS-ERROR-CODE | yes | `server::allocate`, `server::relays` |
//! | §7, §14 | DONT-FRAGMENT | yes, if the host sets DF (else 420, and the client asks without) | `server::relay` |
//! | §7.4 | following 300 Try Alternate | yes over UDP; over a stream it is told | `client::elsewhere` |
//! | §8 | Refresh, release with lifetime 0, of one family, 443 | yes | `server::refresh`, `client` |
//! | §9, §10 | permissions, 403, 443, several peers in a request | yes (the client asks for one at a time) | `server::peers`, `client` |
//! | §11.1 to §11.4 | Send and Data indications | yes | `server::relay`, `client` |
//! | §11.5, §11.6 | ICMP errors as Data indications | yes; the host hands them in | `server::relay`, `client` |
//! | §12 | channels from 0x4000 to 0x4FFF, ChannelData, padded over streams | yes | `channel_data`, `server::peers`, `server::relay`, `client` |
//! | RFC 5766 §11 | channels up to 0x7FFF | no: 400 | `server::peers` |
//! | §13 to §15 | other IP header fields of relayed packets | no: that is the host's | – |
//! | §21 | deny lists, also of addresses inside addresses; quotas; a limit for answers to strangers | yes | `server::config`, `server::throttle` |
//! | RFC 8489 §9.2 | long-term credentials, both algorithms, USERHASH, bid-down protection | yes | [`crate::stun`] |
//! | RFC 6062 §4 | Connect, ConnectionBind, ConnectionAttempt: client | yes | `client::connections` |
//! | RFC 6062 §5 | the same on the server: 403, 443, 446, 447, 508, 30 s | yes | `server::connections` |
//! | RFC 8016 | mobility: tickets, 405; a lost answer loses nothing | yes | `server::refresh`, `client::elsewhere` |
//! | RFC 7635 | third-party authorization | no | – |

mod allocation;
mod channel_data;
mod client;
mod server;

pub use crate::stun::Credentials;
pub use allocation::{
    AllocationSnapshot, AllocationState, CHANNEL_LIFETIME, CONNECTION_PATIENCE, Change, ConnectionSnapshot,
    ConnectionState, LIFETIME, LIFETIME_MAX, PERMISSION_LIFETIME, PeerTransport, RESERVATION_LIFETIME,
};
pub use channel_data::{
    CHANNEL_DATA_HEADER_LENGTH, CHANNEL_NUMBERS, ChannelData, ChannelDataError, channel_data_fields,
    is_channel_data,
};
pub use client::TurnClient;
pub use server::{AddressRange, AddressRangeError, Limits, ServerOutput, TurnServer, TurnServerConfig};

/// The largest payload of a UDP datagram over IPv4.
const UDP_PAYLOAD_MAX: usize = 65_507;

#[cfg(test)]
mod tests;
