//! The peer's side of signaling, sans-IO: registers with the server, sends until acknowledged, takes what comes once.
//! Not here: what messages are about.
//!
//! Call order: `start`, then any of `send`, `handle_datagram` and `handle_timeout`; after each, `poll_transmit` and `poll_event` until
//! they are empty, and `next_at` for the next timer.

use std::collections::VecDeque;
use std::time::Duration;

use rtclab_trace::{EntryId, ProgramReason, SimTime};

use super::{Datagram, DatagramError, Due, Message, Outbox, Seen};

/// Between two hellos. Shorter than the shortest UDP mapping timers in use (30 s), so that the server's messages find their way in.
const KEEPALIVE: Duration = Duration::from_secs(20);

/// Bytes for the server.
#[derive(Debug, PartialEq, Eq)]
pub struct ClientTransmit {
    /// The datagram.
    pub payload: Vec<u8>,
    /// Why it is sent, where there is more to say than the entry that made it.
    pub reason: Option<ProgramReason>,
    /// The entry that made it, if it is not the current input.
    pub cause: Option<EntryId>,
}

/// What came of an input.
#[derive(Debug, PartialEq, Eq)]
pub enum ClientEvent {
    /// A message for this peer, for the first time.
    Message(Message),
    /// The server has a message of this peer.
    Acknowledged(u32),
    /// A message of this peer was given up before the server acknowledged it.
    Lost(u32),
}

/// Why a datagram is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejected {
    /// It cannot be read.
    #[error(transparent)]
    NotSignaling(#[from] DatagramError),
    /// It is meant for the server, or for another peer: an old address of theirs is now ours.
    #[error("it is meant for someone else")]
    NotForUs,
}

/// What waits for an answer of the server. The order is the order of sending.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Waiting {
    Hello(u32),
    Message(u32),
}

/// A peer's side of signaling.
#[derive(Debug)]
pub struct SignalingClient {
    name: String,
    hellos: u32,
    next_hello_at: SimTime,
    outbox: Outbox<Waiting>,
    seen: Seen,
    transmits: VecDeque<ClientTransmit>,
    events: VecDeque<ClientEvent>,
}

impl SignalingClient {
    /// A client for the peer of that name; `start` sends its first hello.
    pub fn new(name: impl Into<String>) -> SignalingClient {
        SignalingClient {
            name: name.into(),
            hellos: 0,
            next_hello_at: SimTime::MAX,
            outbox: Outbox::default(),
            seen: Seen::default(),
            transmits: VecDeque::new(),
            events: VecDeque::new(),
        }
    }

    /// Says hello. Also after the peer's address changed.
    pub fn start(&mut self, now: SimTime) {
        self.hello(now);
        self.transmit_due(now);
    }

    /// Sends a message. `cause` is the entry that made it.
    pub fn send(&mut self, message: Message, cause: Option<EntryId>, now: SimTime) {
        let key = Waiting::Message(message.number);
        self.outbox.push(key, Datagram::Message(message).to_bytes(), cause, now);
        self.transmit_due(now);
    }

    /// Takes a datagram from the server.
    ///
    /// # Errors
    ///
    /// It is not signaling, or not for this peer; nothing has changed then.
    pub fn handle_datagram(&mut self, payload: &[u8], now: SimTime) -> Result<(), Rejected> {
        match Datagram::parse(payload)? {
            Datagram::Welcome { number } => {
                self.outbox.acknowledge(&Waiting::Hello(number));
            }
            Datagram::Received { number, from } if from == self.name => {
                if self.outbox.acknowledge(&Waiting::Message(number)) {
                    self.events.push_back(ClientEvent::Acknowledged(number));
                }
            }
            Datagram::Message(message) if message.to == self.name => {
                let received = Datagram::Received { number: message.number, from: message.from.clone() };
                let reason = Some(ProgramReason::SignalingAcknowledge);
                self.transmits.push_back(ClientTransmit {
                    payload: received.to_bytes(),
                    reason,
                    cause: None,
                });
                if self.seen.is_new(&message.from, message.number) {
                    self.events.push_back(ClientEvent::Message(message));
                }
            }
            Datagram::Hello { .. } | Datagram::Received { .. } | Datagram::Message(_) => {
                return Err(Rejected::NotForUs);
            }
        }
        self.transmit_due(now);
        Ok(())
    }

    /// Repeats what was not acknowledged, and keeps the way back open.
    pub fn handle_timeout(&mut self, now: SimTime) {
        if self.next_hello_at <= now {
            self.hello(now);
        }
        self.transmit_due(now);
    }

    /// When `handle_timeout` wants to be called.
    pub fn next_at(&self) -> SimTime {
        self.outbox.next_at().map_or(self.next_hello_at, |at| at.min(self.next_hello_at))
    }

    /// The next datagram for the server.
    pub fn poll_transmit(&mut self) -> Option<ClientTransmit> {
        self.transmits.pop_front()
    }

    /// What has come of the inputs so far.
    pub fn poll_event(&mut self) -> Option<ClientEvent> {
        self.events.pop_front()
    }

    /// Whether messages or a hello wait for the server.
    pub fn is_waiting(&self) -> bool {
        !self.outbox.is_empty()
    }

    fn hello(&mut self, now: SimTime) {
        // A hello that is still repeated says the same.
        if self.hellos > 0 {
            self.outbox.acknowledge(&Waiting::Hello(self.hellos));
        }
        self.hellos += 1;
        let hello = Datagram::Hello { number: self.hellos, name: self.name.clone() };
        self.outbox.push(Waiting::Hello(self.hellos), hello.to_bytes(), None, now);
        self.next_hello_at = now + KEEPALIVE;
    }

    fn transmit_due(&mut self, now: SimTime) {
        for due in self.outbox.due(now) {
            match due {
                Due::Send { key, payload, cause, again } => {
                    let reason = match key {
                        _ if again => Some(ProgramReason::SignalingRetransmission),
                        Waiting::Hello(1) => Some(ProgramReason::SignalingRegister),
                        Waiting::Hello(_) => Some(ProgramReason::SignalingKeepalive),
                        Waiting::Message(_) => None,
                    };
                    self.transmits.push_back(ClientTransmit { payload, reason, cause });
                }
                Due::GivenUp { key: Waiting::Message(number) } => {
                    self.events.push_back(ClientEvent::Lost(number));
                }
                // The next hello will come at its time.
                Due::GivenUp { key: Waiting::Hello(_) } => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::MessageKind;
    use super::*;

    fn message(from: &str, to: &str) -> Message {
        Message { number: 4, from: from.into(), to: to.into(), kind: MessageKind::Offer, body: String::new() }
    }

    fn sent(client: &mut SignalingClient) -> Vec<Datagram> {
        std::iter::from_fn(|| client.poll_transmit())
            .map(|transmit| Datagram::parse(&transmit.payload).expect("ours"))
            .collect()
    }

    #[test]
    fn a_hello_is_repeated_until_the_server_welcomes_it_and_then_kept_up() {
        let mut client = SignalingClient::new("alice");
        client.start(SimTime::ZERO);
        let hello = |number| Datagram::Hello { number, name: "alice".into() };
        assert_eq!(sent(&mut client), [hello(1)]);
        assert_eq!(client.next_at(), SimTime::from_millis(500));
        client.handle_timeout(SimTime::from_millis(500));
        assert_eq!(sent(&mut client), [hello(1)]);
        let welcome = Datagram::Welcome { number: 1 }.to_bytes();
        client.handle_datagram(&welcome, SimTime::from_millis(520)).expect("ours");
        assert!(!client.is_waiting());
        assert_eq!(client.next_at(), SimTime::from_millis(20_000));
        client.handle_timeout(SimTime::from_millis(20_000));
        assert_eq!(sent(&mut client), [hello(2)]);
    }

    #[test]
    fn a_repeated_message_is_acknowledged_again_and_taken_once() {
        let mut client = SignalingClient::new("bob");
        let bytes = Datagram::Message(message("alice", "bob")).to_bytes();
        let received = Datagram::Received { number: 4, from: "alice".into() };
        client.handle_datagram(&bytes, SimTime::ZERO).expect("ours");
        assert_eq!(client.poll_event(), Some(ClientEvent::Message(message("alice", "bob"))));
        assert_eq!(sent(&mut client), std::slice::from_ref(&received));
        client.handle_datagram(&bytes, SimTime::ZERO).expect("ours");
        assert_eq!(client.poll_event(), None);
        assert_eq!(sent(&mut client), [received]);
    }

    #[test]
    fn what_is_not_for_this_peer_is_neither_taken_nor_acknowledged() {
        let mut client = SignalingClient::new("carol");
        let bytes = Datagram::Message(message("alice", "bob")).to_bytes();
        assert_eq!(client.handle_datagram(&bytes, SimTime::ZERO), Err(Rejected::NotForUs));
        let not_text = client.handle_datagram(&[0xff], SimTime::ZERO);
        assert_eq!(not_text, Err(Rejected::NotSignaling(DatagramError::NotText)));
        assert_eq!(client.poll_event(), None);
        assert_eq!(sent(&mut client), []);
    }

    #[test]
    fn a_message_nobody_acknowledges_is_told_as_lost() {
        let mut client = SignalingClient::new("alice");
        client.send(message("alice", "bob"), None, SimTime::ZERO);
        while client.is_waiting() {
            let at = client.next_at();
            client.handle_timeout(at);
        }
        assert_eq!(client.poll_event(), Some(ClientEvent::Lost(4)));
    }
}
