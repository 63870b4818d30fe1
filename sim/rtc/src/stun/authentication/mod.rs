//! Who asks, and who answers: the short-term and the long-term credential mechanism of RFC 8489 §9, both sides. Not here: the HMAC
//! (`hmac`), nor keys (`integrity`).

mod binding;
mod client;
mod credentials;
mod nonce;
mod server;
mod short_term;

pub use binding::{CredentialedBindingServer, Recognition};
pub use client::LongTermClient;
pub use credentials::{Credentials, PrepareError, opaque_string};
pub(crate) use server::{Authenticated, Refusal};
pub use server::{LongTermServer, LongTermServerConfig};
pub use short_term::{ShortTermClient, ShortTermServer};
