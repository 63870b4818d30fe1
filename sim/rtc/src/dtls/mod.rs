//! DTLS (RFC 9147, RFC 6347), sans-IO: who the peer is, and keys for everything that follows. One endpoint, one path. The handshake is that of the crate
//! `dimpl`, with its cryptography, clock and randomness replaced, so that a run is a function of its seed.
//!
//! | RFC | what | done | where |
//! |---|---|---|---|
//! | 9147, 8446 | handshake and records of DTLS 1.3, ACKs, key updates | yes | `dimpl` |
//! | 6347, 5246, 7627 | the same of DTLS 1.2, with extended master secret | yes | `dimpl` |
//! | 9147 §5.3, §5.1 | a ClientHello for both versions; retry with a cookie, off unless asked for | yes | `dimpl`, `config` |
//! | 9147 §5.5, 6347 §4.2.3 | messages that span datagrams | yes; the path MTU is given | `dimpl`, `config` |
//! | 9147 §5.8, 6347 §4.2.4 | flights, timers, retransmission; told as changes | yes | `dimpl`, `endpoint` |
//! | 9147 §9, §5.10 | connection IDs; `close_notify` | no; yes | `endpoint` |
//! | 8446 §2.2, 5246 §7.4.1.2 | resumption | no: every session of WebRTC is new | |
//! | draft-ietf-tls-ecdhe-mlkem | X25519MLKEM768, for either role | yes, off unless asked for | `post_quantum`, `renaming` |
//! | 9147 §5.5 | hellos that span datagrams, in any order | yes | `hellos` |
//! | 8122, 5763 §5, 8827 §6.5 | self-signed certificates, known by their hashes | yes: SHA-256, SHA-384, SHA-512 | `certificate`, `provider` |
//! | 8842 | who begins, and with what | negotiated in [`crate::jsep`]; handed in | `config` |
//! | 5764 | keys for SRTP | yes, exported; media is not here | `endpoint` |
//! | 9850 | key log, and reading a session from outside with it; not after a key update | yes | `key_log`, `open` |
//! | 7983 | telling DTLS from STUN and SRTP | yes | `wire` |
//!
//! **Randomness** is lent to the library for the length of each call (`lent`): keys of exchanges, certificates; what it draws by itself comes from a seed
//! that is drawn first. Signatures need none (RFC 6979). **Time** is an offset from one instant (`clock`). In the browser there is no such
//! instant, and an endpoint fails at once, with that reason.

mod alert;
mod certificate;
mod clock;
mod config;
mod der;
mod endpoint;
pub mod fuzz;
mod hellos;
mod key_exchange;
mod key_log;
mod lent;
mod open;
mod post_quantum;
mod provider;
mod renaming;
mod state;
mod watch;
pub mod wire;

pub use certificate::Certificate;
pub use config::{Config, Versions};
pub use endpoint::Dtls;
pub use key_log::KeyLogLine;
pub use open::{KeyLog, Opened, Passing};
pub use state::{Flight, NotConnected, Output, SrtpKeys, State, Version};
pub use wire::{fields, is_dtls};
