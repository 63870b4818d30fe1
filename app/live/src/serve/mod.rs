//! `rtclab serve`: a STUN or TURN server of this laboratory on real sockets, or a peer for a browser.
//!
//! | file | what lives there |
//! |---|---|
//! | `settings` | what a server is told, from a TOML file, from flags, or both |
//! | `listen` | which sockets that means, and what is wrong where one cannot be bound |
//! | `relay_ports` | the sockets of relayed addresses |
//! | `stun`, `turn` | the two servers' loops |
//! | `peer` | a page, its signaling, and a peer at the other end |
//! | `streams` | TCP connections to the STUN server |
//! | `note` | what a server tells while it runs |
//!
//! Not here: the protocols ([`rtclab_rtc::stun`], [`rtclab_rtc::turn`]).

mod listen;
mod note;
mod peer;
mod relay_ports;
mod settings;
mod streams;
mod stun;
mod turn;

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use rtclab_rtc::behavior::BehaviorServerError;

pub use note::Note;
pub use peer::{PeerNote, PeerService, PeerSettings};
pub use settings::{LimitSettings, Listen, PeerRange, PortRange, Settings, SettingsError, TlsSettings, User};
pub use stun::StunService;
pub use turn::TurnService;

use crate::randomness::NoRandomness;
use crate::wire::TlsError;

/// What our servers say they run (RFC 8489 §14.14).
const SOFTWARE: &str = "rtclab";

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// What it was told makes no sense.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// A TURN server without users would be an open relay.
    #[error(
        "a TURN server needs credentials: without them it would relay for anybody (RFC 8656 §5)\n  = give --user NAME:PASSWORD, or [[user]] in the file of --config"
    )]
    NoCredentials,
    /// What it listens on does not do for behavior discovery.
    #[error(
        "{0}\n  = give --listen ADDRESS:PORT and --other ADDRESS:PORT, two addresses of this machine and two ports"
    )]
    Other(#[from] BehaviorServerError),
    /// Another program has the port.
    #[error(
        "{address} ({transport}): the port is in use by another program\n  = stop that program, or choose another port: --listen {}",
        another(*address)
    )]
    PortInUse {
        /// Where the server was to listen.
        address: SocketAddr,
        /// UDP or TCP.
        transport: &'static str,
    },
    /// The port is for privileged programs only.
    #[error(
        "{address} ({transport}): this port needs privileges that the program does not have\n  = choose one from 1024 up: --listen {}",
        another(*address)
    )]
    NotPermitted {
        /// Where the server was to listen.
        address: SocketAddr,
        /// UDP or TCP.
        transport: &'static str,
    },
    /// The address is not of this machine.
    #[error("{address} ({transport}): this machine has no such address\n  = it has {}", words(own))]
    NotOurs {
        /// Where the server was to listen.
        address: SocketAddr,
        /// UDP or TCP.
        transport: &'static str,
        /// The addresses it has.
        own: Vec<IpAddr>,
    },
    /// The operating system refuses for another reason.
    #[error("{address} ({transport}): {error}")]
    Bind {
        /// Where the server was to listen.
        address: SocketAddr,
        /// UDP or TCP.
        transport: &'static str,
        /// What the operating system says.
        error: io::Error,
    },
    /// A file of the certificate or key cannot be read.
    #[error("{}: {error}\n  = [tls] names the files of certificate and key, both in PEM", path.display())]
    TlsFile {
        /// Which one.
        path: PathBuf,
        /// What the operating system says.
        error: io::Error,
    },
    /// Certificate and key cannot be used.
    #[error("{}: {error}", path.display())]
    Tls {
        /// The file of the certificate.
        path: PathBuf,
        /// What is wrong.
        error: TlsError,
    },
    /// The addresses of this machine are not known.
    #[error("the addresses of this machine cannot be listed: {0}")]
    Interfaces(io::Error),
    /// The machine has no address of the kind that was asked for.
    #[error(
        "this machine has no address of the kind that was asked for\n  = --interfaces all takes every one that others can reach"
    )]
    NoAddress,
    /// There is no randomness.
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
}

/// The same address with another port, to suggest.
fn another(address: SocketAddr) -> SocketAddr {
    let port = if address.port() < 1024 { 3478 } else { address.port().checked_add(1).unwrap_or(3478) };
    SocketAddr::new(address.ip(), port)
}

fn words(addresses: &[IpAddr]) -> String {
    let words: Vec<String> = addresses.iter().map(IpAddr::to_string).collect();
    words.join(", ")
}
