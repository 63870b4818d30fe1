//! What a protocol may want of its host besides sending datagrams. Not here: doing it ([`Session`](super::Session)).

use std::net::SocketAddr;

/// What a protocol may want of its host. Connections have the protocol's own numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Make a TCP connection.
    Connect {
        /// What it is called from now on.
        connection: u32,
        /// From which address; from any port of it if the port is 0.
        from: SocketAddr,
        /// Whereto.
        to: SocketAddr,
        /// Whether within TLS, and then with whom.
        secured: Option<Secured>,
    },
    /// Write to a connection.
    Write {
        /// Which one.
        connection: u32,
        /// The bytes.
        bytes: Vec<u8>,
    },
    /// Close a connection.
    Close {
        /// Which one.
        connection: u32,
    },
    /// Look a name up.
    Resolve {
        /// The name.
        name: String,
    },
}

/// Who has to be at the other end of a connection within TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secured {
    /// The name in the certificate; without one, the address.
    pub name: Option<String>,
}
