//! TLS around connections: who a server is, whom a client trusts, and the handshake. Not here: the connection underneath, and what is said
//! in it.
//!
//! TLS 1.2 and 1.3 of rustls. Both names of RFC 7443 are offered and taken in ALPN; a peer that offers none is served as well.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio::net::TcpStream;
use tokio_rustls::{TlsAcceptor, TlsConnector, TlsStream};

/// How long a handshake may take. Whoever connects and says nothing is gone after it.
const HANDSHAKE_PATIENCE: Duration = Duration::from_secs(10);

/// RFC 7443 §3: TURN, and STUN for finding out about NATs.
const PROTOCOLS: [&[u8]; 2] = [b"stun.turn", b"stun.nat-discovery"];

/// Why certificates or a key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The text holds none.
    #[error("there is no {what} in it: expected PEM, with a line of -----BEGIN {label}-----")]
    Missing {
        /// What was looked for.
        what: &'static str,
        /// How it begins.
        label: &'static str,
    },
    /// The machine trusts nobody.
    #[error("this machine has no store of root certificates: give the server's with --trust")]
    NoRoots,
    /// Certificate and key do not belong together, or are of a kind that is not supported.
    #[error("certificate and key do not do: {0}")]
    Unusable(#[from] rustls::Error),
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let missing = TlsError::Missing { what: "certificate", label: "CERTIFICATE" };
    let found: Vec<_> = CertificateDer::pem_slice_iter(pem).filter_map(Result::ok).collect();
    if found.is_empty() { Err(missing) } else { Ok(found) }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

fn protocols() -> Vec<Vec<u8>> {
    PROTOCOLS.iter().map(|name| name.to_vec()).collect()
}

/// A server's certificate with its key.
#[derive(Clone)]
pub struct Identity(Arc<ServerConfig>);

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity")
    }
}

impl Identity {
    /// From PEM: the certificate, those that it needs up to a root, and the private key.
    ///
    /// # Errors
    /// One of them is missing, or they do not belong together.
    pub fn from_pem(chain: &[u8], key: &[u8]) -> Result<Identity, TlsError> {
        let missing = TlsError::Missing { what: "private key", label: "PRIVATE KEY" };
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| missing)?;
        let config = ServerConfig::builder_with_provider(provider()).with_safe_default_protocol_versions()?;
        let mut config = config.with_no_client_auth().with_single_cert(certificates(chain)?, key)?;
        config.alpn_protocols = protocols();
        Ok(Identity(Arc::new(config)))
    }
}

/// Whose certificates a client believes.
#[derive(Clone)]
pub struct Trust(Arc<ClientConfig>);

impl fmt::Debug for Trust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Trust")
    }
}

impl Trust {
    /// In these roots, from PEM, and in nobody else.
    ///
    /// # Errors
    /// There is no certificate, or it cannot be a root.
    pub fn only(roots: &[u8]) -> Result<Trust, TlsError> {
        let mut store = RootCertStore::empty();
        for certificate in certificates(roots)? {
            store.add(certificate)?;
        }
        Trust::in_store(store)
    }

    /// In the roots that this machine trusts.
    ///
    /// # Errors
    /// There are none.
    pub fn of_system() -> Result<Trust, TlsError> {
        let mut store = RootCertStore::empty();
        // One that cannot be read is not trusted; the others are.
        store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if store.is_empty() {
            return Err(TlsError::NoRoots);
        }
        Trust::in_store(store)
    }

    fn in_store(store: RootCertStore) -> Result<Trust, TlsError> {
        let config = ClientConfig::builder_with_provider(provider()).with_safe_default_protocol_versions()?;
        let mut config = config.with_root_certificates(store).with_no_client_auth();
        config.alpn_protocols = protocols();
        Ok(Trust(Arc::new(config)))
    }
}

fn late() -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, "the TLS handshake takes too long")
}

/// The server's side of the handshake.
pub(super) async fn accept(identity: Identity, connection: TcpStream) -> io::Result<Secured> {
    let handshake = TlsAcceptor::from(identity.0).accept(connection);
    let secured = tokio::time::timeout(HANDSHAKE_PATIENCE, handshake).await.map_err(|_| late())??;
    Ok(Box::new(TlsStream::Server(secured)))
}

/// The client's side: the server has to be `name`, or the address itself if it has none.
pub(super) async fn connect(
    trust: Trust,
    name: Option<String>,
    to: SocketAddr,
    connection: TcpStream,
) -> io::Result<Secured> {
    let name = match name {
        Some(name) => ServerName::try_from(name).map_err(io::Error::other)?,
        None => ServerName::from(to.ip()),
    };
    let handshake = TlsConnector::from(trust.0).connect(name, connection);
    let secured = tokio::time::timeout(HANDSHAKE_PATIENCE, handshake).await.map_err(|_| late())??;
    Ok(Box::new(TlsStream::Client(secured)))
}

/// A connection after its handshake.
pub(super) type Secured = Box<TlsStream<TcpStream>>;
