//! The same over TCP and TLS, as far as it has a meaning there: whether the server answers, and as whom it sees this connection. Not here: mapping,
//! filtering and lifetimes, which are about datagrams.

use std::fmt;
use std::net::SocketAddr;

use rtclab_rtc::stun::{BindingClient, StreamFramer, TransactionState, Transport};
use rtclab_rtc::{Output, Time};

use super::ProbeFault;
use crate::randomness::SystemRandomness;
use crate::wire::{Event, Trust, Wire};

/// What is told with every answer.
const LIMITS: &str = "Over a connection this is all that there is to ask: mapping, filtering, hairpinning and lifetimes are about \
                      datagrams (RFC 5780 §4), and no peer can send to the address of a connection that goes elsewhere.";

/// A server to be asked over a connection.
#[derive(Clone, Debug)]
pub struct StreamServer {
    /// Where it listens.
    pub address: SocketAddr,
    /// The name that its certificate has to be for; without one, its address.
    pub name: Option<String>,
    /// From which address; without it, as the routes have it.
    pub local: Option<SocketAddr>,
    /// Whose certificates are believed, for TLS; plain TCP without.
    pub trust: Option<Trust>,
}

/// What a server made out about a connection to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamReport {
    /// The server.
    pub server: SocketAddr,
    /// What carried STUN.
    pub transport: Transport,
    /// Our end of the connection, if it came about.
    pub local: Option<SocketAddr>,
    /// Our end as the server sees it, if it answered.
    pub mapped: Option<SocketAddr>,
    /// When the connection was there, within TLS after its handshake.
    pub connected_at: Option<Time>,
    /// When all was over.
    pub ended_at: Time,
    /// What went wrong.
    pub trouble: Option<String>,
}

/// Asks a server over TCP, or over TLS if somebody is trusted.
///
/// # Errors
/// There is no randomness. A server that does not answer is no error: the report says so.
pub async fn probe_stream(server: StreamServer) -> Result<StreamReport, ProbeFault> {
    let StreamServer { address, name, local, trust } = server;
    let transport = if trust.is_some() { Transport::Tls } else { Transport::Tcp };
    let mut wire = Wire::new();
    let stream = wire.open(local, address, trust.is_some().then_some(name), &trust);
    let mut report = StreamReport {
        server: address,
        transport,
        local: None,
        mapped: None,
        connected_at: None,
        ended_at: Time::ZERO,
        trouble: None,
    };
    if let Event::Connected { local, .. } = connected(&mut wire, &mut report).await {
        report.local = Some(local);
        report.connected_at = Some(wire.now());
        let client = BindingClient::new(local, address, SystemRandomness::boxed()?).with_transport(transport);
        ask(client, &mut wire, stream, &mut report).await;
    }
    report.ended_at = wire.now();
    Ok(report)
}

/// The first thing that happens to a connection.
async fn connected(wire: &mut Wire, report: &mut StreamReport) -> Event {
    let event = wire.next(None).await;
    if let Event::StreamClosed { why, .. } = &event {
        report.trouble = Some(why.clone().unwrap_or_else(|| "the connection ended at once".to_owned()));
    }
    event
}

async fn ask(mut client: BindingClient, wire: &mut Wire, stream: u32, report: &mut StreamReport) {
    let mut framer = StreamFramer::new();
    client.start(wire.now());
    loop {
        while let Some(output) = client.poll_output() {
            if let Output::Transmit(transmit) = output {
                wire.write(stream, transmit.payload);
            }
        }
        report.mapped = client.mapped_address();
        report.trouble = match client.state() {
            Some(TransactionState::Pending) | None => None,
            Some(TransactionState::Succeeded) if report.mapped.is_some() => return,
            Some(TransactionState::Refused(code)) => Some(format!("the server refuses: {code}")),
            Some(state) => Some(format!("no usable answer: {state:?}")),
        };
        if report.trouble.is_some() {
            return;
        }
        match wire.next(client.poll_timeout()).await {
            Event::StreamData { bytes, .. } => {
                framer.push(&bytes);
                loop {
                    match framer.next_frame() {
                        Ok(Some(frame)) => client.handle_datagram(report.server, frame.bytes(), wire.now()),
                        Ok(None) => break,
                        Err(error) => {
                            report.trouble = Some(format!("what answers there is no STUN server: {error}"));
                            return;
                        }
                    }
                }
            }
            Event::Timer => client.handle_timeout(wire.now()),
            Event::StreamClosed { .. } => {
                report.trouble = Some("the server closed the connection without an answer".to_owned());
                return;
            }
            _ => {}
        }
    }
}

impl StreamReport {
    /// What it means for a call.
    pub fn meaning(&self) -> String {
        let over = self.transport.word().to_uppercase();
        match (self.local, self.mapped) {
            (Some(local), Some(mapped)) if local == mapped => {
                format!("The server is reached over {over}, and nothing translates the connection. {LIMITS}")
            }
            (_, Some(_)) => {
                format!("The server is reached over {over}, through a NAT or a proxy. {LIMITS}")
            }
            (_, None) => format!("The server is not reached over {over}."),
        }
    }

    /// The object for programs.
    pub fn to_json(&self) -> String {
        let object = serde_json::json!({
            "server": self.server,
            "transport": self.transport.word(),
            "local": self.local,
            "mapped": self.mapped,
            "connected_at_ms": self.connected_at.map(Time::as_millis_f64),
            "ended_at_ms": self.ended_at.as_millis_f64(),
            "trouble": self.trouble,
            "meaning": self.meaning(),
        });
        object.to_string()
    }
}

/// The page for people.
impl fmt::Display for StreamReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address =
            |address: Option<SocketAddr>| address.map_or("–".to_owned(), |known| known.to_string());
        writeln!(f, "{:13} {} over {}", "server", self.server, self.transport.word().to_uppercase())?;
        writeln!(f, "{:13} {}", "local", address(self.local))?;
        writeln!(f, "{:13} {}", "mapped", address(self.mapped))?;
        if let Some(trouble) = &self.trouble {
            writeln!(f, "{:13} {trouble}", "trouble")?;
        }
        writeln!(f, "\n{}", self.meaning())
    }
}
