//! What a server tells while it runs: a line for people, an object for programs.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use rtclab_rtc::turn::{AllocationSnapshot, AllocationState};
use rtclab_rtc::{Reason, Time};
use serde::Serialize;

use super::PortRange;

/// Something worth telling.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Note {
    /// The server listens here.
    Listening {
        /// `stun` or `turn`.
        service: &'static str,
        /// `udp` or `tcp`.
        transport: &'static str,
        /// Where.
        address: SocketAddr,
    },
    /// The server relays from here.
    Relaying {
        /// From which addresses.
        addresses: Vec<IpAddr>,
        /// The first port.
        first_port: u16,
        /// The last port.
        last_port: u16,
    },
    /// An allocation has changed.
    Allocation {
        /// Milliseconds since the server started.
        at_ms: f64,
        /// Its number on this server.
        number: u32,
        /// Whose it is.
        client: SocketAddr,
        /// On which address of the server.
        server: SocketAddr,
        /// What it relays from.
        relayed: Option<SocketAddr>,
        /// `requested`, `active`, `released`, `expired` or `refused`.
        state: &'static str,
        /// Seconds until it ends unless it is refreshed.
        expires_in_s: Option<u64>,
        /// Peers that may send to it.
        permissions: Vec<IpAddr>,
        /// Its channels.
        channels: Vec<Channel>,
        /// Why it changed: a stable name.
        reason: Option<&'static str>,
        /// Why it changed: a sentence.
        why: Option<&'static str>,
    },
    /// The server has stopped.
    Stopped {
        /// How many allocations there were when it did.
        allocations: usize,
    },
}

/// A channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Channel {
    /// Its number.
    pub number: u16,
    /// The peer it is bound to.
    pub peer: SocketAddr,
}

impl Note {
    pub(super) fn relaying(addresses: &[IpAddr], ports: PortRange) -> Note {
        Note::Relaying { addresses: addresses.to_vec(), first_port: ports.first, last_port: ports.last }
    }

    pub(super) fn allocation(
        number: u32,
        snapshot: &AllocationSnapshot,
        reason: Option<Reason>,
        now: Time,
    ) -> Note {
        let text = reason.map(Reason::text);
        Note::Allocation {
            at_ms: now.as_millis_f64(),
            number,
            client: snapshot.client,
            server: snapshot.server,
            relayed: snapshot.relayed,
            state: match snapshot.state {
                AllocationState::Requested => "requested",
                AllocationState::Active => "active",
                AllocationState::Released => "released",
                AllocationState::Expired => "expired",
                AllocationState::Refused(_) | AllocationState::Unanswered => "refused",
            },
            expires_in_s: snapshot.expires_at.map(|end| end.since(now).as_secs()),
            permissions: snapshot.permissions.iter().map(|(peer, _)| *peer).collect(),
            channels: snapshot.channels.iter().map(|&(number, peer, _)| Channel { number, peer }).collect(),
            reason: text.map(|text| text.code),
            why: text.map(|text| text.english),
        }
    }

    /// The object for programs, on one line.
    pub fn to_json(&self) -> String {
        // Numbers, texts and lists always have a JSON form.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// The line for people.
impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Note::Listening { service, transport, address } => {
                write!(f, "{} server on {address} ({})", service.to_uppercase(), transport.to_uppercase())
            }
            Note::Relaying { addresses, first_port, last_port } => {
                let addresses: Vec<String> = addresses.iter().map(IpAddr::to_string).collect();
                write!(f, "relaying from {}, ports {first_port} to {last_port}", addresses.join(" and "))
            }
            Note::Allocation {
                at_ms,
                number,
                client,
                relayed,
                state,
                expires_in_s,
                permissions,
                channels,
                why,
                ..
            } => {
                write!(f, "{:>12.3} ms  allocation {number} of {client}: {state}", at_ms)?;
                if let Some(relayed) = relayed {
                    write!(f, " at {relayed}")?;
                }
                if let Some(seconds) = expires_in_s {
                    write!(f, ", {seconds} s left")?;
                }
                if !permissions.is_empty() || !channels.is_empty() {
                    write!(f, ", {} permissions, {} channels", permissions.len(), channels.len())?;
                }
                why.map_or(Ok(()), |why| write!(f, ". {why}"))
            }
            Note::Stopped { allocations } => write!(f, "stopped; {allocations} allocations ended with it"),
        }
    }
}
