//! STUN, RFC 8489: messages, integrity, fingerprint, transactions.

mod address;
mod attribute;
mod attribute_type;
mod binding_client;
mod binding_server;
mod builder;
mod describe;
mod error_code;
mod fields;
mod fingerprint;
mod header;
mod id;
mod integrity;
mod message;
mod method;
mod parse_error;
mod password_algorithm;
mod retransmission;
mod transaction;

pub use address::AddressFamily;
pub use attribute::{Attribute, IcmpError, UnknownTypes};
pub use attribute_type::AttributeType;
pub use binding_client::BindingClient;
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
pub use parse_error::{ParseError, ValueProblem};
pub use password_algorithm::{PasswordAlgorithm, PasswordAlgorithmList, SecurityFeatures};
pub use retransmission::{RTO, Retransmission, TimeoutAction};
pub use transaction::{Transaction, TransactionSnapshot, TransactionStart, TransactionState};

#[cfg(test)]
pub(crate) mod tests;
