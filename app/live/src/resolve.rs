//! From the URI of a server to its addresses, with this machine's resolver. Not here: URIs and their rules ([`rtclab_rtc::stun`]).

use std::io;
use std::net::IpAddr;

use rtclab_rtc::stun::{Answer, Question, ServerAddress, ServerDiscovery, ServerUri, Transport};

use crate::randomness::{NoRandomness, SystemRandomness};

/// Why a server has no address.
#[derive(Debug, thiserror::Error)]
pub enum ResolveError {
    /// The resolver does not know the name, or cannot be asked.
    #[error("{uri}: the name cannot be looked up: {error}")]
    Lookup {
        /// Whom it was about.
        uri: ServerUri,
        /// What the operating system says.
        error: io::Error,
    },
    /// None of what the URI allows is spoken here.
    #[error("{uri}: no server over {}", words(spoken))]
    NoTransport {
        /// Whom it was about.
        uri: ServerUri,
        /// What is spoken here.
        spoken: Vec<Transport>,
    },
    /// There is no randomness.
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
}

fn words(transports: &[Transport]) -> String {
    let words: Vec<&str> = transports.iter().map(|transport| transport.word()).collect();
    words.join(" or ")
}

/// The addresses of a server over what is spoken here, the best first. This machine's resolver is asked for addresses only, so neither
/// NAPTR nor SRV records are seen, and the port is the one of the URI or the usual one (RFC 8489 §8.1).
///
/// # Errors
/// There are none.
pub async fn resolve(uri: &ServerUri, spoken: &[Transport]) -> Result<Vec<ServerAddress>, ResolveError> {
    let mut discovery = ServerDiscovery::new(uri.clone(), spoken, SystemRandomness::boxed()?);
    let mut failed = None;
    while let Some(question) = discovery.question() {
        discovery.handle_answer(match question {
            Question::Rules(_) => Answer::Rules(Vec::new()),
            Question::Services(_) => Answer::Services(Vec::new()),
            Question::Addresses(name) => match tokio::net::lookup_host((name.as_str(), 0)).await {
                Ok(found) => Answer::Addresses(once(found.map(|address| address.ip()))),
                Err(error) => {
                    failed = Some(error);
                    Answer::Addresses(Vec::new())
                }
            },
        });
    }
    match (discovery.servers(), failed) {
        ([], Some(error)) => Err(ResolveError::Lookup { uri: uri.clone(), error }),
        ([], None) => Err(ResolveError::NoTransport { uri: uri.clone(), spoken: spoken.to_vec() }),
        (servers, _) => Ok(servers.to_vec()),
    }
}

fn once(found: impl Iterator<Item = IpAddr>) -> Vec<IpAddr> {
    let mut all: Vec<IpAddr> = Vec::new();
    for address in found {
        if !all.contains(&address) {
            all.push(address);
        }
    }
    all
}
