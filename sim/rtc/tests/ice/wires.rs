//! TCP connections between two agents, and a directory of names: what a host does for an agent beyond datagrams. Not here: loss; a
//! connection delivers everything in order.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use rtclab_rtc::Time;
use rtclab_rtc::ice::{ConnectionId, HostRequest};

/// What happens at a side.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    Arrive { side: usize, connection: ConnectionId, from: SocketAddr, to: SocketAddr },
    Connected(usize, ConnectionId),
    Bytes(usize, ConnectionId, Vec<u8>),
    Disconnected(usize, ConnectionId),
    Resolved(usize, Arc<str>, Option<IpAddr>),
}

/// Every connection, and what is on its way in one.
#[derive(Debug)]
pub(crate) struct Wires {
    pub(crate) delay: Duration,
    /// Ports that refuse.
    pub(crate) refused: Vec<SocketAddr>,
    pub(crate) directory: BTreeMap<String, IpAddr>,
    /// Everything that was asked for.
    pub(crate) asked: Vec<(usize, HostRequest)>,
    links: Vec<[(usize, ConnectionId); 2]>,
    events: Vec<(Time, Event)>,
    next_port: u16,
}

impl Default for Wires {
    fn default() -> Wires {
        Wires {
            delay: Duration::from_millis(20),
            refused: Vec::new(),
            directory: BTreeMap::new(),
            asked: Vec::new(),
            links: Vec::new(),
            events: Vec::new(),
            next_port: 49152,
        }
    }
}

impl Wires {
    fn peer(&self, side: usize, connection: ConnectionId) -> Option<(usize, ConnectionId)> {
        let link = self.links.iter().find(|link| link.contains(&(side, connection)))?;
        link.iter().find(|end| **end != (side, connection)).copied()
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
            HostRequest::Connect { connection, mut from, to, .. } => {
                if from.port() == 9 {
                    from.set_port(self.next_port);
                    self.next_port += 1;
                }
                Some(Event::Arrive { side, connection, from, to })
            }
            HostRequest::Write { connection, bytes, .. } => {
                self.peer(side, connection).map(|(side, connection)| Event::Bytes(side, connection, bytes))
            }
            HostRequest::Close { connection } => {
                self.peer(side, connection).map(|(side, connection)| Event::Disconnected(side, connection))
            }
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
        for [a, b] in std::mem::take(&mut self.links) {
            self.events.push((now, Event::Disconnected(a.0, a.1)));
            self.events.push((now, Event::Disconnected(b.0, b.1)));
        }
    }
}
