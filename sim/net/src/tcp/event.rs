//! What a connection tells: to its program ([`Event`]), and to whoever writes down what happened ([`Change`]).

use rtclab_trace::{NetReason, TcpState};

/// What the program is to know. Each is told once, however often it happened since it was last told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Event {
    /// The connection is open.
    Established,
    /// There is something to read.
    Readable,
    /// There is room again, after a write did not fit.
    Writable,
    /// The peer has no more to send: after what can be read comes the end.
    PeerClosed,
    /// The peer points to urgent data (RFC 9293 §3.8.5). It is read in its place, like all other data (RFC 6093 §3).
    Urgent,
    /// The connection is over; [`error`](super::Connection::error) says whether it failed.
    Closed,
}

/// A change that a reader wants to see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Why.
    pub reason: NetReason,
    /// The whole state after it.
    pub state: Box<TcpState>,
}

/// Events that were not taken yet.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Events {
    pub(crate) established: bool,
    pub(crate) readable: bool,
    pub(crate) writable: bool,
    pub(crate) peer_closed: bool,
    pub(crate) urgent: bool,
    pub(crate) closed: bool,
}

impl Events {
    /// The next, in the order in which they make sense.
    pub(crate) fn next(&mut self) -> Option<Event> {
        let flags = [
            (&mut self.established, Event::Established),
            (&mut self.urgent, Event::Urgent),
            (&mut self.readable, Event::Readable),
            (&mut self.writable, Event::Writable),
            (&mut self.peer_closed, Event::PeerClosed),
            (&mut self.closed, Event::Closed),
        ];
        flags.into_iter().find_map(|(flag, event)| std::mem::take(flag).then_some(event))
    }
}
