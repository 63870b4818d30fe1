//! `rtclab probe`: what NAT this machine is behind, by RFC 5780, with the reason of each verdict. Not here: the tests themselves
//! ([`rtclab_rtc::behavior`]).

mod stream;

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

use rtclab_rtc::behavior::{
    Behavior, BehaviorClient, BehaviorConfig, Connectivity, Filtering, Hairpinning, LifetimeRange,
    LifetimeSearch, Mapping, Verdict,
};
use rtclab_rtc::{Output, Reason};
use serde::Serialize;

use crate::randomness::{NoRandomness, SystemRandomness};
use crate::session::Session;
use crate::wire::Wire;

pub use stream::{StreamReport, StreamServer, probe_stream};

/// What to find out besides mapping, filtering and hairpinning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProbeSettings {
    /// From which address; without it, the one from which the route to the server leaves.
    pub local: Option<IpAddr>,
    /// Whether fragments arrive.
    pub fragments: bool,
    /// How long a binding lives without traffic. That takes minutes.
    pub lifetime: bool,
}

/// Why nothing could be found out at all.
#[derive(Debug, thiserror::Error)]
pub enum ProbeFault {
    /// There is no route to the server, or no socket.
    #[error("there is no way from this machine to {server}: {error}")]
    NoRoute {
        /// The server.
        server: SocketAddr,
        /// What the operating system says.
        error: io::Error,
    },
    /// There is no randomness.
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
}

/// One finding, in words.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// What was asked: `connectivity`, `mapping`, `filtering`, …
    pub question: &'static str,
    /// What was found, in the words of RFC 4787; nothing if the tests could not tell.
    pub answer: Option<String>,
    /// Why it is believed: a stable name.
    pub reason: &'static str,
    /// The section that says so.
    pub section: &'static str,
    /// Why it is believed: a sentence.
    pub why: &'static str,
    /// The same sentence in Korean.
    pub why_ko: &'static str,
}

/// What a server made out about the way to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// Everything, as the protocol has it.
    pub behavior: Behavior,
    /// The same in words, in the order of the tests.
    pub findings: Vec<Finding>,
}

/// Finds out. `progress` is told each finding as it comes.
///
/// # Errors
/// There is no route to the server, no socket, or no randomness. A server that does not answer is a finding.
pub async fn probe(
    server: SocketAddr,
    settings: ProbeSettings,
    mut progress: impl FnMut(&Finding),
) -> Result<Report, ProbeFault> {
    let no_route = |error| ProbeFault::NoRoute { server, error };
    let local = match settings.local {
        Some(local) => local,
        None => source_address(server).map_err(no_route)?,
    };
    let mut wire = Wire::new();
    let fresh = SocketAddr::new(local, 0);
    let mut config = BehaviorConfig::new(wire.bind_udp(fresh).map_err(no_route)?, server);
    config.fragments = settings.fragments;
    if settings.lifetime {
        config.lifetime = Some((wire.bind_udp(fresh).map_err(no_route)?, LifetimeSearch::default()));
    }
    let mut session = Session::new(BehaviorClient::new(config, SystemRandomness::boxed()?), wire);
    session.command(BehaviorClient::start);
    let mut findings: Vec<Finding> = Vec::new();
    while !session.protocol().behavior().done {
        if let Output::Change { .. } = session.next().await {
            for finding in words(session.protocol().behavior()) {
                if findings.iter().all(|known| known.question != finding.question) {
                    progress(&finding);
                    findings.push(finding);
                }
            }
        }
    }
    let behavior = session.protocol().behavior().clone();
    Ok(Report { findings: words(&behavior), behavior })
}

/// From which address packets to this server leave. Nothing is sent: connecting a UDP socket only asks the routing table.
fn source_address(server: SocketAddr) -> io::Result<IpAddr> {
    let any: IpAddr =
        if server.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind(SocketAddr::new(any, 0))?;
    socket.connect(server)?;
    socket.local_addr().map(|address| address.ip())
}

fn finding<T>(
    question: &'static str,
    verdict: Option<Verdict<T>>,
    word: impl FnOnce(T) -> String,
) -> Option<Finding> {
    let verdict = verdict?;
    let text = Reason::text(verdict.reason);
    Some(Finding {
        question,
        answer: verdict.value.map(word),
        reason: text.code,
        section: text.section,
        why: text.english,
        why_ko: text.korean,
    })
}

fn yes_or_no(value: bool) -> String {
    if value { "yes".to_owned() } else { "no".to_owned() }
}

/// What is known so far, in words.
fn words(behavior: &Behavior) -> Vec<Finding> {
    let connectivity = |value| {
        let word = match value {
            Connectivity::Blocked => "blocked",
            Connectivity::Untranslated => "reached, no NAT",
            Connectivity::Translated => "reached through a NAT",
        };
        word.to_owned()
    };
    let hairpinning = |value| {
        let word = match value {
            Hairpinning::No => "no",
            Hairpinning::ExternalSource => "yes, from the outer address",
            Hairpinning::InternalSource => "yes, from the inner address",
        };
        word.to_owned()
    };
    let lifetime = |LifetimeRange { at_least, below }| match below {
        Some(below) => format!("{} to {} s", at_least.as_secs(), below.as_secs()),
        None => format!("more than {} s", at_least.as_secs()),
    };
    let findings = [
        finding("connectivity", behavior.connectivity, connectivity),
        finding("gateway", behavior.gateway, yes_or_no),
        finding("mapping", behavior.mapping, |value: Mapping| value.word().to_owned()),
        finding("filtering", behavior.filtering, |value: Filtering| value.word().to_owned()),
        finding("hairpinning", behavior.hairpinning, hairpinning),
        finding("fragments", behavior.fragments, yes_or_no),
        finding("lifetime", behavior.lifetime, lifetime),
    ];
    findings.into_iter().flatten().collect()
}

impl Report {
    /// What it means for a call: whether others can reach this machine directly.
    pub fn meaning(&self) -> &'static str {
        let value = |verdict: Option<Verdict<Mapping>>| verdict.and_then(|verdict| verdict.value);
        match (value(self.behavior.mapping), self.behavior.connectivity.and_then(|verdict| verdict.value)) {
            (_, Some(Connectivity::Blocked)) => {
                "Nothing comes back over UDP: a call needs TURN over TCP or TLS."
            }
            (Some(Mapping::Untranslated | Mapping::EndpointIndependent), _) => {
                "A call can be direct: what a STUN server sees is what every peer can send to, once this side has sent, too."
            }
            (Some(Mapping::AddressDependent | Mapping::AddressAndPortDependent), _) => {
                "Each peer would see another port than a STUN server does: a call is direct only if the other side lets in packets from a port that it does not know; else it needs TURN."
            }
            (None, _) => "The tests could not tell whether a call can be direct.",
        }
    }

    /// The object for programs.
    pub fn to_json(&self) -> String {
        let object = serde_json::json!({
            "server": self.behavior.server,
            "other": self.behavior.other,
            "local": self.behavior.local,
            "mapped": self.behavior.mapped,
            "mapped_by_other_address": self.behavior.mapped_by_other_address,
            "mapped_by_other_port": self.behavior.mapped_by_other_port,
            "findings": self.findings,
            "meaning": self.meaning(),
        });
        object.to_string()
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let answer = self.answer.as_deref().unwrap_or("unknown");
        write!(f, "{:13} {answer}\n{:13} {} ({})", self.question, "", self.why, self.section)
    }
}

/// The page for people.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address =
            |address: Option<SocketAddr>| address.map_or("–".to_owned(), |known| known.to_string());
        writeln!(f, "{:13} {}", "server", self.behavior.server)?;
        writeln!(f, "{:13} {}", "local", self.behavior.local)?;
        writeln!(f, "{:13} {}", "mapped", address(self.behavior.mapped))?;
        if self.behavior.mapped_by_other_address.is_some() {
            let (by_address, by_port) =
                (self.behavior.mapped_by_other_address, self.behavior.mapped_by_other_port);
            writeln!(f, "{:13} {} at the server's other address", "", address(by_address))?;
            if by_port.is_some() {
                writeln!(f, "{:13} {} at its other port", "", address(by_port))?;
            }
        }
        for finding in &self.findings {
            writeln!(f, "{finding}")?;
        }
        writeln!(f, "\n{}", self.meaning())
    }
}
