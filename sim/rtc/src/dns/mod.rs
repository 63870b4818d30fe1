//! The domain name system over UDP: a stub resolver, a name server with its zone, and the messages between them. Sans-IO: datagrams go in
//! through `handle_*` and come out of `poll_output`. The bytes are those of `hickory-proto`.
//!
//! | RFC | section | done | where |
//! |---|---|---|---|
//! | 1034 | §4.3.2 lookup in a zone, aliases | yes, one server knows everything | `zone` |
//! | 1034 | §5.3.1 stub resolver | yes | `resolver` |
//! | 1035 | §4.1 messages; §4.2.1 512 bytes over UDP | A, AAAA, CNAME, PTR, SRV, SOA; others are counted | `message`, `record` |
//! | 1035 | §7.2 several servers, each once before any again | yes | `query` |
//! | 2181 | §9 truncation | the server says so; the resolver does not use what is left, and has no TCP to ask again | `server`, `resolver` |
//! | 2308 | §2, §5 names and records that are not there | yes | `zone`, `cache` |
//! | 2782 | SRV: priority, weight, "no such service" | yes | `lookup` |
//! | 5452 | §9 id, port, question and sender | yes; the owner gives each query a socket of its own | `resolver` |
//! | 6147 | §5 DNS64 with a 96-bit prefix; RFC 7050 `ipv4only.arpa` | yes | `dns64` |
//! | 6891 | EDNS: the size of answers | yes; no options | `message`, `server` |
//! | 6762 | §5.1 one question to the link; §6, §6.7 answers | yes; no continuous queries (§5.2), no NSEC (§6.1) | `resolver`, `responder` |
//! | 6762 | §7.1 known answers; §8 probes and announcements; §9 conflicts; §10 TTLs | yes | `responder` |
//! | 8020 | a name above another exists | yes | `zone` |
//! | 8305 | §3 both families at once, IPv6 first | yes | `lookup` |
//! | 9520 | §3.1 at most 3 times a server; §3.2 failures are remembered | yes | `query`, `cache` |
//! | 4034 | DNSSEC | no | |
//!
//! Not here: who owns the sockets, and what the names are for.

mod cache;
mod dns64;
mod lookup;
mod message;
mod name;
mod query;
mod record;
mod resolver;
mod responder;
mod server;
#[cfg(test)]
mod tests;
mod zone;

pub use dns64::{Dns64, WELL_KNOWN_PREFIX};
pub use lookup::{FamiliesWanted, LookupId, Want};
pub use message::{Code, EDNS_SIZE, Message, MessageError, PLAIN_SIZE, Question};
pub use name::{DomainName, NameError};
pub use query::{QueryPhase, QuerySnapshot};
pub use record::{Record, RecordData, RecordKind};
pub use resolver::{Failure, Found, Resolver, ResolverConfig, ResolverOutput};
pub use responder::{MULTICAST_PORT, MULTICAST_V4, MULTICAST_V6, Responder, ResponderOutput, Uniqueness};
pub use server::{NameServer, Reply};
pub use zone::Zone;

/// The port of name servers (RFC 1035 §4.2.1).
pub const PORT: u16 = 53;
