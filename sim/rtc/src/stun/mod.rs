//! STUN, RFC 8489: messages, integrity, fingerprint, transactions; Binding client and server.
//!
//! Read with [`Message::parse`] and [`Message::verify`], write with [`Builder`], show with [`fields()`]. Parsing and verifying allocate nothing.
//!
//! | RFC 8489 | what | done | where |
//! |---|---|---|---|
//! | §5 | header, methods, classes | yes | `header`, `method`, `id` |
//! | §6.1, §6.3 | requests, indications, responses; 420 | yes | `binding_client`, `binding_server`, `message` |
//! | §6.2.1 | retransmission over UDP | yes | `retransmission`, `transaction` |
//! | §6.2.2 | TCP: framing, one transmission, Ti | yes | `stream`, `retransmission`, `binding_client` |
//! | §6.2.3 | TLS, DTLS | the host's; the names of RFC 7443 and which name a certificate must have are here | `transport`, `server_discovery` |
//! | §7 | FINGERPRINT; a wrong one is a parse error | yes | `fingerprint`, `message` |
//! | §8 | discovery of a server by DNS: SRV, A, AAAA | yes; the resolver is the host's | `server_discovery` |
//! | §9.1 | short-term credentials, both HMACs until one is agreed on | yes | `authentication::short_term`; for checks, [`crate::ice`] |
//! | §9.2 | long-term credentials: 401, 438, 400, USERHASH, nonce cookie, bid-down rule | yes | `authentication` |
//! | §10 | ALTERNATE-SERVER, client and server | yes; over a stream told, not followed | `binding_client`, `authentication` |
//! | §11 | RFC 3489 clients without a cookie | no: not STUN here | `header` |
//! | §12 | a server for Binding alone | yes | `binding_server` |
//! | §14 | every attribute, in and out | yes | `attribute`, `address`, `error_code`, `password_algorithm` |
//! | §14.5, §14.6 | both HMACs, truncation, order, what follows is not seen | yes | `integrity`, `hmac`, `message` |
//! | §18.1 | security feature bits, with erratum 6290 | yes | `password_algorithm` |
//! | appendix B.1 | test vector, with erratum 6268; all of RFC 5769, too | yes | `tests::vectors` |
//! | RFC 8265 | OpaqueString preparation | yes: `Credentials::prepared` | `authentication::credentials` |
//! | RFC 7064, RFC 7065 | `stun:`, `stuns:`, `turn:`, `turns:` | yes | `uri` |
//! | RFC 7443 | ALPN labels | yes | `transport` |
//! | RFC 5928 | TURN servers by DNS | NAPTR, SRV and addresses | `server_discovery`, `naptr` |
//! | RFC 8445 §16.1, RFC 8656 §18 | attributes of ICE and TURN | yes | `attribute` |
//! | RFC 5780 | NAT behavior discovery | attributes; the rest is in [`crate::behavior`] | `attribute` |
//! | RFC 6062, RFC 8016 | attributes of TURN over TCP and of mobility | yes | `attribute` |

mod address;
mod attribute;
mod attribute_type;
mod authentication;
mod binding_client;
mod binding_server;
mod builder;
mod describe;
mod error_code;
mod fields;
mod fingerprint;
mod header;
mod hmac;
mod id;
mod integrity;
mod message;
mod method;
mod naptr;
mod parse_error;
mod password_algorithm;
mod retransmission;
mod server_discovery;
mod stream;
mod transaction;
mod transport;
mod uri;

pub use address::AddressFamily;
pub use attribute::{Attribute, ChangeRequest, IcmpError, UnknownTypes};
pub use attribute_type::AttributeType;
pub(crate) use authentication::{Authenticated, Refusal};
pub use authentication::{
    CredentialedBindingServer, Credentials, LongTermClient, LongTermServer, LongTermServerConfig,
    PrepareError, Recognition, ShortTermClient, ShortTermServer, opaque_string,
};
pub use binding_client::{BindingClient, ClientCredentials};
pub use binding_server::BindingServer;
pub(crate) use binding_server::answer_binding;
pub use builder::Builder;
pub use error_code::{AddressErrorCode, ErrorCode, usual_phrase};
pub use fields::{Field, fields};
pub use header::{HEADER_LENGTH, Header, MAGIC_COOKIE, MESSAGE_LENGTH_MAX, is_stun};
pub use id::TransactionId;
pub(crate) use integrity::equal as equal_in_constant_time;
pub use integrity::{Integrity, IntegrityError, IntegrityKey, userhash};
pub use message::Message;
pub use method::{Class, Method};
pub use naptr::NamingRule;
pub use parse_error::{ParseError, ValueProblem};
pub use password_algorithm::{PasswordAlgorithm, PasswordAlgorithmList, SecurityFeatures};
pub use retransmission::{RTO, Retransmission, TimeoutAction};
pub use server_discovery::{Answer, Question, ServerAddress, ServerDiscovery, ServiceRecord};
pub use stream::{Frame, StreamError, StreamFramer};
pub use transaction::{Transaction, TransactionSnapshot, TransactionStart, TransactionState};
pub use transport::{ApplicationProtocol, Transport};
pub use uri::{Scheme, ServerUri, UriError, UriHost};

#[cfg(test)]
pub(crate) mod tests;
