//! TCP connections between two agents, and a directory of names: what a host does for an agent beyond datagrams. Not here: loss; a
//! connection delivers everything in order.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use rtclab_rtc::Time;
use rtclab_rtc::ice::{ConnectionId, ConnectionUse, HostRequest};

/// What happens at a side.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    Arrive {
        side: usize,
        connection: ConnectionId,
        from: SocketAddr,
        to: SocketAddr,
    },
    Connected(usize, ConnectionId),
    Bytes(usize, ConnectionId, Vec<u8>),
    Disconnected(usize, ConnectionId),
    Resolved(usize, Arc<str>, Option<IpAddr>),
    /// To a TURN server: over TLS, if that is said, and as this stream of the server.
    ServerArrive {
        side: usize,
        connection: ConnectionId,
        stream: u32,
        tls: bool,
        from: SocketAddr,
        to: SocketAddr,
    },
    ToServer(u32, Vec<u8>),
    ServerClosed(u32),
}

/// Every connection, and what is on its way in one.
#[derive(Debug)]
pub(crate) struct Wires {
    pub(crate) delay: Duration,
    /// Ports that refuse.
    pub(crate) refused: Vec<SocketAddr>,
    /// How servers see connections from an address, where a NAT is on the way; and peers reach it there.
    pub(crate) mapped: BTreeMap<SocketAddr, SocketAddr>,
    pub(crate) directory: BTreeMap<String, IpAddr>,
    /// Everything that was asked for.
    pub(crate) asked: Vec<(usize, HostRequest)>,
    links: Vec<[(usize, ConnectionId); 2]>,
    /// Connections to the TURN server by the number of their stream.
    servers: BTreeMap<u32, (usize, ConnectionId)>,
    events: Vec<(Time, Event)>,
    next_port: u16,
    next_stream: u32,
}

impl Default for Wires {
    fn default() -> Wires {
        Wires {
            delay: Duration::from_millis(20),
            refused: Vec::new(),
            mapped: BTreeMap::new(),
            directory: BTreeMap::new(),
            asked: Vec::new(),
            links: Vec::new(),
            servers: BTreeMap::new(),
            events: Vec::new(),
            next_port: 49152,
            next_stream: 0,
        }
    }
}

impl Wires {
    fn peer(&self, side: usize, connection: ConnectionId) -> Option<(usize, ConnectionId)> {
        let link = self.links.iter().find(|link| link.contains(&(side, connection)))?;
        link.iter().find(|end| **end != (side, connection)).copied()
    }

    fn stream_of(&self, side: usize, connection: ConnectionId) -> Option<u32> {
        self.servers.iter().find(|(_, end)| **end == (side, connection)).map(|(stream, _)| *stream)
    }

    pub(crate) fn take(&mut self, now: Time, side: usize, request: HostRequest) {
        self.asked.push((side, request.clone()));
        let at = now + self.delay;
        let event = match request {
            HostRequest::Resolve { name } => {
                let ip = self.directory.get(&*name).copied();
                Some(Event::Resolved(side, name, ip))
            }
            // What a gateway says is handed in by the tests that ask for it.
            HostRequest::MapPort { .. } => None,
            HostRequest::Connect { connection, mut from, to, purpose, .. } => {
                if from.port() == 9 {
                    from.set_port(self.next_port);
                    self.next_port += 1;
                }
                Some(match purpose {
                    ConnectionUse::Pair => {
                        let inside = self.mapped.iter().find(|(_, outside)| **outside == to);
                        let to = inside.map_or(to, |(inside, _)| *inside);
                        Event::Arrive { side, connection, from, to }
                    }
                    ConnectionUse::TurnServer { .. } | ConnectionUse::StunServer => {
                        let tls = matches!(purpose, ConnectionUse::TurnServer { tls: true, .. });
                        self.next_stream += 1;
                        let (stream, from) = (self.next_stream, *self.mapped.get(&from).unwrap_or(&from));
                        Event::ServerArrive { side, connection, stream, tls, from, to }
                    }
                })
            }
            HostRequest::Write { connection, bytes, .. } => match self.stream_of(side, connection) {
                Some(stream) => Some(Event::ToServer(stream, bytes)),
                None => self.peer(side, connection).map(|(side, end)| Event::Bytes(side, end, bytes)),
            },
            HostRequest::Close { connection } => match self.stream_of(side, connection) {
                Some(stream) => {
                    self.servers.remove(&stream);
                    Some(Event::ServerClosed(stream))
                }
                None => self.peer(side, connection).map(|(side, end)| Event::Disconnected(side, end)),
            },
        };
        self.events.extend(event.map(|event| (at, event)));
    }

    pub(crate) fn may_reach(&self, to: SocketAddr) -> bool {
        !self.refused.contains(&to)
    }

    pub(crate) fn answer(
        &mut self,
        now: Time,
        side: usize,
        connection: ConnectionId,
        accepted: Option<ConnectionId>,
    ) {
        let at = now + self.delay;
        match accepted {
            Some(theirs) => {
                self.links.push([(side, connection), (1 - side, theirs)]);
                self.events.push((at, Event::Connected(side, connection)));
            }
            None => self.events.push((at, Event::Disconnected(side, connection))),
        }
    }

    /// The TURN server takes a connection, or there is none.
    pub(crate) fn server_answer(&mut self, now: Time, end: (usize, ConnectionId), stream: Option<u32>) {
        let (side, connection) = end;
        let event = match stream {
            Some(stream) => {
                self.servers.insert(stream, end);
                Event::Connected(side, connection)
            }
            None => Event::Disconnected(side, connection),
        };
        self.events.push((now + self.delay, event));
    }

    /// What the TURN server writes in a stream; `None` closes it.
    pub(crate) fn server_writes(&mut self, now: Time, stream: u32, bytes: Option<Vec<u8>>) {
        let Some((side, connection)) = self.servers.get(&stream).copied() else { return };
        let event = match bytes {
            Some(bytes) => Event::Bytes(side, connection, bytes),
            None => {
                self.servers.remove(&stream);
                Event::Disconnected(side, connection)
            }
        };
        self.events.push((now + self.delay, event));
    }

    pub(crate) fn next(&self) -> Option<Time> {
        self.events.iter().map(|(at, _)| *at).min()
    }

    /// The next event that is due, in the order of time and then of sending.
    pub(crate) fn due(&mut self, now: Time) -> Option<Event> {
        let next = self.next().filter(|at| *at <= now)?;
        let place = self.events.iter().position(|(at, _)| *at == next)?;
        Some(self.events.remove(place).1)
    }

    /// Cuts every connection.
    pub(crate) fn cut(&mut self, now: Time) {
        for (stream, (side, connection)) in std::mem::take(&mut self.servers) {
            self.events.push((now, Event::Disconnected(side, connection)));
            self.events.push((now, Event::ServerClosed(stream)));
        }
        for [a, b] in std::mem::take(&mut self.links) {
            self.events.push((now, Event::Disconnected(a.0, a.1)));
            self.events.push((now, Event::Disconnected(b.0, b.1)));
        }
    }
}
