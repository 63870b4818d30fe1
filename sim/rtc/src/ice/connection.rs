//! Connections of TCP candidates, and the frames in them (RFC 6544, RFC 4571). Not here: how they are opened, which is the host's to do
//! ([`super::host_request`]).
//!
//! | section | what | done | where |
//! |---|---|---|---|
//! | RFC 6544 §4.2 | priorities with a direction preference | yes | `priority` |
//! | §5.1 | host candidates: active, passive, simultaneous-open; the owner binds and listens | yes | `gathering` |
//! | §5.2 | server-reflexive candidates of passive and simultaneous-open sockets; their mapping is kept while checks run | yes | `reflexive_stream` |
//! | §5.3 | relayed TCP candidates (RFC 6062) | no; the TURN client has what they need | – |
//! | §4.5 | `tcptype`, port 9 | yes | `attribute` |
//! | §6.2 | which types meet; passive ones are not checked from | yes | `component`, `candidate` |
//! | §7.1 | a connection before the check; one that fails fails the pair | yes | `connect_pair`, `handle_disconnected` |
//! | §7.2 | checks on accepted connections; the triggered one goes back over the same | yes | `handle_accepted` |
//! | §8 | connections that nothing needs are closed once all is decided | yes | `close_idle_connections` |
//! | RFC 4571 §2 | frames | yes | `Frames` |

use std::net::SocketAddr;

use super::agent::Agent;
use super::check::Occasion;
use super::{Base, ConnectionId, ConnectionState, ConnectionUse, HostRequest, PairState};
use crate::output::{Because, Subject};
use crate::reason::Reason;
use crate::time::Time;

/// Most connections at a time: enough for the pairs of a call, and an end to what strangers can open.
const CONNECTIONS_MAX: usize = 64;

/// The port of an address that stands for any port: nobody connects to it (RFC 6544 §4.5).
pub(super) const DISCARD: u16 = 9;

/// A connection, open or about to be.
#[derive(Debug)]
pub(super) struct Connection {
    id: ConnectionId,
    base: Base,
    remote: SocketAddr,
    open: bool,
    /// The pair that waits for it, and why it is checked.
    waiting: Option<(u32, Occasion)>,
    frames: Frames,
}

/// Puts the stream of bytes back into frames (RFC 4571 §2): a length of two bytes, and as many bytes.
#[derive(Debug, Default)]
pub(super) struct Frames {
    /// What came of a frame that is not complete: fewer bytes than the longest frame has.
    partial: Vec<u8>,
}

impl Frames {
    /// Takes in bytes, and gives the frames that they complete.
    fn take(&mut self, bytes: &[u8]) -> Vec<Vec<u8>> {
        self.partial.extend_from_slice(bytes);
        let mut frames = Vec::new();
        let mut rest = &self.partial[..];
        while let Some((length, behind)) = rest.split_first_chunk::<2>() {
            let length = usize::from(u16::from_be_bytes(*length));
            let Some((frame, behind)) = behind.split_at_checked(length) else { break };
            frames.push(frame.to_vec());
            rest = behind;
        }
        self.partial = rest.to_vec();
        frames
    }
}

/// A frame around these bytes; `None` if they are too many for one.
fn framed(payload: &[u8]) -> Option<Vec<u8>> {
    let length = u16::try_from(payload.len()).ok()?;
    Some([&length.to_be_bytes()[..], payload].concat())
}

impl Agent {
    pub(super) fn has_connection(&self, base: Base, remote: SocketAddr) -> bool {
        self.connections.iter().any(|known| known.open && known.base == base && known.remote == remote)
    }

    fn add_connection(
        &mut self,
        base: Base,
        remote: SocketAddr,
        waiting: Option<(u32, Occasion)>,
    ) -> Option<ConnectionId> {
        if self.connections.len() >= CONNECTIONS_MAX {
            return None;
        }
        let id = ConnectionId(self.numbers.next_connection());
        let (open, frames) = (waiting.is_none(), Frames::default());
        self.connections.push(Connection { id, base, remote, open, waiting, frames });
        Some(id)
    }

    /// Opens the connection that a check of this pair needs (RFC 6544 §7.1).
    pub(super) fn connect_pair(&mut self, number: u32, occasion: Occasion, now: Time) {
        let Some(pair) = self.session.lists.get(number) else { return };
        let (base, remote) = pair.path();
        let because = Because::Change(Subject::Pair(number));
        let passive = pair.shown.local.transport == super::CandidateTransport::TcpPassive;
        let opening = self.connections.iter().any(|known| known.base == base && known.remote == remote);
        if opening {
            return;
        }
        let id = if passive { None } else { self.add_connection(base, remote, Some((number, occasion))) };
        let Some(connection) = id else {
            return self.fail_pair(number, Reason::NoConnection, because);
        };
        if let Some(pair) = self.session.lists.get_mut(number) {
            pair.shown.state = PairState::InProgress;
            pair.first_sent.get_or_insert(now);
            pair.last_sent = Some(now);
        }
        self.tell_pair(number, Some(Reason::ConnectionFirst), because);
        let (from, to, purpose) = (base.address, remote, ConnectionUse::Pair);
        self.requests.push_back(HostRequest::Connect { connection, from, to, purpose, because });
    }

    /// A connection that was asked for is open.
    pub fn handle_connected(&mut self, connection: ConnectionId, now: Time) {
        if self.server_connected(connection) || self.stun_connected(connection) {
            return self.settle(now);
        }
        let Some(known) = self.connections.iter_mut().find(|known| known.id == connection) else {
            return self.ignore(Reason::NoConnection);
        };
        known.open = true;
        if let Some((pair, occasion)) = known.waiting.take() {
            self.start_check(pair, occasion, now);
        }
        self.settle(now);
    }

    /// Somebody has connected to a socket of ours that listens. `None`: the connection is not wanted, and is to be closed.
    pub fn handle_accepted(&mut self, local: SocketAddr, remote: SocketAddr) -> Option<ConnectionId> {
        let base = Base { address: local, tcp: true };
        if self.closed || self.local_at(base).is_none() {
            return None;
        }
        self.add_connection(base, remote, None)
    }

    /// Bytes came in a connection.
    pub fn handle_stream(&mut self, connection: ConnectionId, bytes: &[u8], now: Time) {
        if self.server_stream(connection, bytes, now) || self.stun_stream(connection, bytes, now) {
            return self.settle(now);
        }
        let Some(known) = self.connections.iter_mut().find(|known| known.id == connection) else {
            return self.ignore(Reason::NoConnection);
        };
        let (base, remote) = (known.base, known.remote);
        for frame in known.frames.take(bytes) {
            self.receive(base, remote, &frame, now);
        }
        self.settle(now);
    }

    /// A connection could not be opened, or has ended (RFC 6544 §7.1, §8).
    pub fn handle_disconnected(&mut self, connection: ConnectionId, now: Time) {
        if self.server_disconnected(connection, now) || self.stun_disconnected(connection) {
            return self.settle(now);
        }
        let Some(place) = self.connections.iter().position(|known| known.id == connection) else {
            return self.ignore(Reason::NoConnection);
        };
        let known = self.connections.remove(place);
        let (base, remote) = (known.base, known.remote);
        if let Some((pair, _)) = known.waiting {
            self.fail_pair(pair, Reason::NoConnection, Because::Input);
        }
        self.check_unreachable(base, remote);
        for carrier in self.carriers.iter_mut().filter(|carrier| carrier.is(base, remote)) {
            carrier.unreachable = true;
        }
        self.settle(now);
    }

    /// Sends in the connection between these two, if there is one.
    pub(super) fn write_to_connection(
        &mut self,
        base: Base,
        remote: SocketAddr,
        payload: &[u8],
        reason: Option<Reason>,
        because: Because,
    ) {
        let mut open = self.connections.iter().filter(|known| known.open);
        let Some(known) = open.find(|known| known.base == base && known.remote == remote) else { return };
        let connection = known.id;
        if let Some(bytes) = framed(payload) {
            self.requests.push_back(HostRequest::Write { connection, bytes, because, reason });
        }
    }

    /// Once everything is decided, closes what carries nothing (RFC 6544 §8).
    pub(super) fn close_idle_connections(&mut self) {
        if self.connections.is_empty()
            || self.shown.connection != ConnectionState::Completed
            || self.config.renomination
        {
            return;
        }
        let carriers = &self.carriers;
        let carries =
            |known: &Connection| carriers.iter().any(|carrier| carrier.is(known.base, known.remote));
        let (kept, idle): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.connections).into_iter().partition(carries);
        self.connections = kept;
        self.requests.extend(idle.into_iter().map(|known| HostRequest::Close { connection: known.id }));
    }

    /// Closes every connection.
    pub(super) fn close_connections(&mut self) {
        let all = std::mem::take(&mut self.connections);
        self.requests.extend(all.into_iter().map(|known| HostRequest::Close { connection: known.id }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_out_however_the_bytes_are_cut() {
        let stream = [framed(b"one").unwrap(), framed(b"").unwrap(), framed(b"three").unwrap()].concat();
        for cut in 1..stream.len() {
            let mut frames = Frames::default();
            let taken: Vec<_> = stream.chunks(cut).flat_map(|bytes| frames.take(bytes)).collect();
            assert_eq!(taken, [&b"one"[..], b"", b"three"], "cut every {cut}");
            assert!(frames.partial.is_empty());
        }
    }

    #[test]
    fn what_is_too_long_for_a_frame_is_not_framed() {
        assert!(framed(&[0; 65535]).is_some());
        assert!(framed(&[0; 65536]).is_none());
    }
}
