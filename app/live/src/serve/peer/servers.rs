//! Connections of a call to TURN servers (RFC 8656 §2.1): asked for by its ICE agents, made by the wire. Not here: what is said in them.

use rtclab_rtc::Time;
use rtclab_rtc::ice::{ConnectionId, ConnectionUse, HostRequest};
use rtclab_rtc::jsep::TransportId;

use super::call::Call;
use crate::wire::{Trust, Wire};

/// A connection to a TURN server.
#[derive(Debug)]
struct Connection {
    transport: TransportId,
    id: ConnectionId,
    /// What the wire calls it.
    stream: u32,
    /// For whom to look if it cannot be made.
    words: String,
}

/// The connections of a call to TURN servers.
#[derive(Debug, Default)]
pub(super) struct Servers {
    open: Vec<Connection>,
    /// Whose certificates are believed.
    trust: Option<Trust>,
}

impl Servers {
    pub(super) fn trusting(trust: Option<Trust>) -> Servers {
        Servers { open: Vec::new(), trust }
    }

    /// Does what an agent asks for. What is about names or ports is not for here.
    pub(super) fn serve(&mut self, transport: TransportId, request: HostRequest, wire: &mut Wire) {
        match request {
            HostRequest::Connect { connection: id, mut from, to, purpose, .. } => {
                // RFC 6544 §4.5: port 9 stands for any.
                if from.port() == 9 {
                    from.set_port(0);
                }
                let (secured, over) = match purpose {
                    ConnectionUse::TurnServer { tls: true, name } => {
                        (Some(name.map(|name| name.to_string())), "TLS")
                    }
                    ConnectionUse::TurnServer { tls: false, .. }
                    | ConnectionUse::StunServer
                    | ConnectionUse::Pair => (None, "TCP"),
                };
                let stream = wire.open(Some(from), to, secured, &self.trust);
                let words = format!("the TURN server {to} over {over}");
                self.open.push(Connection { transport, id, stream, words });
            }
            HostRequest::Write { connection, bytes, .. } => {
                if let Some(open) = self.named(transport, connection) {
                    wire.write(open.stream, bytes);
                }
            }
            HostRequest::Close { connection } => {
                if let Some(open) = self.named(transport, connection) {
                    wire.close_stream(open.stream);
                    let stream = open.stream;
                    self.open.retain(|open| open.stream != stream);
                }
            }
            HostRequest::MapPort { .. } | HostRequest::Resolve { .. } => {}
        }
    }

    fn named(&self, transport: TransportId, id: ConnectionId) -> Option<&Connection> {
        self.open.iter().find(|open| open.transport == transport && open.id == id)
    }

    fn of_stream(&self, stream: u32) -> Option<(TransportId, ConnectionId)> {
        let open = self.open.iter().find(|open| open.stream == stream)?;
        Some((open.transport, open.id))
    }

    /// Forgets a connection that has ended; whom it led to.
    fn remove(&mut self, stream: u32) -> Option<(TransportId, ConnectionId, String)> {
        let place = self.open.iter().position(|open| open.stream == stream)?;
        let Connection { transport, id, words, .. } = self.open.remove(place);
        Some((transport, id, words))
    }

    pub(super) fn close(&mut self, wire: &mut Wire) {
        self.open.drain(..).for_each(|open| wire.close_stream(open.stream));
    }
}

/// Each says whether the stream leads to a server of this call.
impl Call {
    pub(super) fn server_connected(&mut self, stream: u32, now: Time) -> bool {
        let Some((transport, id)) = self.servers.of_stream(stream) else { return false };
        self.session.with_agent(transport, now, |agent| agent.handle_connected(id, now));
        true
    }

    pub(super) fn server_said(&mut self, stream: u32, bytes: &[u8], now: Time) -> bool {
        let Some((transport, id)) = self.servers.of_stream(stream) else { return false };
        self.session.with_agent(transport, now, |agent| agent.handle_stream(id, bytes, now));
        true
    }

    pub(super) fn server_lost(&mut self, stream: u32, why: Option<&str>, now: Time) -> bool {
        let Some((transport, id, server)) = self.servers.remove(stream) else { return false };
        if let Some(why) = why {
            self.problem(format!("{server} cannot be reached: {why}"));
        }
        self.session.with_agent(transport, now, |agent| agent.handle_disconnected(id, now));
        true
    }
}
