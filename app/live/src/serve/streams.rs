//! TCP connections of a STUN server's clients: cut into messages, few enough, and not for ever. Not here: their bytes on the wire.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use rtclab_rtc::Time;
use rtclab_rtc::stun::StreamFramer;

/// Connections at a time.
const STREAMS_MAX: usize = 1024;
/// Connections at a time from one address.
const STREAMS_PER_ADDRESS_MAX: usize = 64;
/// How long a connection may be silent.
const IDLE: Duration = Duration::from_secs(30);

/// The connections there are.
#[derive(Debug, Default)]
pub(super) struct Streams {
    held: BTreeMap<u32, Held>,
}

#[derive(Debug)]
struct Held {
    local: SocketAddr,
    remote: SocketAddr,
    framer: StreamFramer,
    idle_at: Time,
}

/// What came of bytes.
#[derive(Debug)]
pub(super) struct Messages {
    /// Our end.
    pub(super) local: SocketAddr,
    /// The client's.
    pub(super) remote: SocketAddr,
    /// Whole messages.
    pub(super) messages: Vec<Vec<u8>>,
    /// What follows them is none.
    pub(super) is_broken: bool,
}

impl Streams {
    /// A client has connected; `false` if there are too many.
    pub(super) fn open(&mut self, stream: u32, local: SocketAddr, remote: SocketAddr, now: Time) -> bool {
        let same = self.held.values().filter(|held| held.remote.ip() == remote.ip()).count();
        if self.held.len() >= STREAMS_MAX || same >= STREAMS_PER_ADDRESS_MAX {
            return false;
        }
        let held = Held { local, remote, framer: StreamFramer::new(), idle_at: now + IDLE };
        self.held.insert(stream, held);
        true
    }

    /// Bytes have arrived; `None` on a connection that is not known.
    pub(super) fn take(&mut self, stream: u32, bytes: &[u8], now: Time) -> Option<Messages> {
        let held = self.held.get_mut(&stream)?;
        held.framer.push(bytes);
        let (mut messages, mut is_broken) = (Vec::new(), false);
        loop {
            match held.framer.next_frame() {
                Ok(Some(frame)) => messages.push(frame.bytes().to_vec()),
                Ok(None) => break,
                Err(_) => {
                    is_broken = true;
                    break;
                }
            }
        }
        // Single bytes do not keep a connection open, messages do.
        if !messages.is_empty() {
            held.idle_at = now + IDLE;
        }
        Some(Messages { local: held.local, remote: held.remote, messages, is_broken })
    }

    /// A connection has ended.
    pub(super) fn close(&mut self, stream: u32) {
        self.held.remove(&stream);
    }

    /// When the next one will have been silent for too long.
    pub(super) fn deadline(&self) -> Option<Time> {
        self.held.values().map(|held| held.idle_at).min()
    }

    /// Takes out those that have been silent for too long.
    pub(super) fn idle(&mut self, now: Time) -> Vec<u32> {
        let idle: Vec<u32> =
            self.held.iter().filter(|(_, held)| held.idle_at <= now).map(|(stream, _)| *stream).collect();
        idle.iter().for_each(|stream| self.close(*stream));
        idle
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_silent_connection_is_closed_and_one_address_does_not_take_all_places() {
        let (local, remote) = ("127.0.0.1:3478".parse().unwrap(), "127.0.0.1:4000".parse().unwrap());
        let mut streams = Streams::default();
        let opened = (0..100).filter(|stream| streams.open(*stream, local, remote, Time::ZERO)).count();
        assert_eq!(opened, STREAMS_PER_ADDRESS_MAX);
        let later = Time::ZERO + IDLE;
        assert_eq!(streams.deadline(), Some(later));
        // Half a message is none.
        assert!(streams.take(0, &[0, 1], later).is_some_and(|taken| taken.messages.is_empty()));
        assert_eq!(streams.idle(later).len(), STREAMS_PER_ADDRESS_MAX);
        assert_eq!(streams.deadline(), None);
    }
}
