//! What a fuzzer, or a bounded test in its place, calls with any bytes: everything that must hold for every input is asserted here.
//! Not here: where the bytes come from.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use super::{Agent, AgentConfig, Flow, Framer, Message, Proxy, ProxyConfig, Transport, Uri};
use crate::{Randomness, Time};

/// A sequence that is always the same: what is drawn must not decide what is found.
#[derive(Debug)]
struct Counting(u8);

impl Randomness for Counting {
    fn fill(&mut self, out: &mut [u8]) {
        for byte in out {
            self.0 = self.0.wrapping_add(1);
            *byte = self.0;
        }
    }
}

fn neighbor() -> SocketAddr {
    SocketAddr::from(([198, 51, 100, 1], 5060))
}

/// One message, and one after the other in a stream that is cut in pieces whose length the first byte says. Panics are findings.
pub fn any_bytes(bytes: &[u8]) {
    if let Ok(message) = Message::parse(bytes) {
        let again = Message::parse(&message.to_bytes());
        assert_eq!(again.as_ref(), Ok(&message), "what is written is read as the same message");
    }
    let Some((length, stream)) = bytes.split_first() else { return };
    let read = |piece: usize| {
        let mut framer = Framer::new();
        let mut messages = Vec::new();
        for bytes in stream.chunks(piece.max(1)) {
            framer.push(bytes);
            loop {
                match framer.next_message() {
                    Ok(Some(message)) => messages.push(message),
                    Ok(None) => break,
                    Err(_) => return (messages, true),
                }
            }
        }
        (messages, false)
    };
    let (at_once, in_pieces) = (read(stream.len()), read(usize::from(*length)));
    // A mistake may only show when more has come, but what is read before it is the same.
    let common = at_once.0.len().min(in_pieces.0.len());
    assert_eq!(at_once.0[..common], in_pieces.0[..common], "how a stream is cut does not matter");
    endpoints(&at_once.0);
}

/// What a stranger sends neither an agent nor a proxy breaks over.
fn endpoints(messages: &[Message]) {
    let accounts = BTreeMap::from([("bob".to_owned(), "secret".to_owned())]);
    let host = "example.test".to_owned();
    let config = ProxyConfig { host, accounts, challenges_calls: false, expires_s_max: 600 };
    let mut proxy = Proxy::new(config, Box::new(Counting(0)));
    let Ok(who) = Uri::new("bob", "example.test") else { return };
    let flow = Flow::Stream(Transport::Ws, 1);
    let host = "bob.invalid".to_owned();
    let config = AgentConfig { who, account: None, host, port: None, flow, expires_s: 600 };
    let mut agent = Agent::new(config, Box::new(Counting(0)));
    let mut now = Time::ZERO;
    for message in messages {
        let bytes = message.to_bytes();
        assert!(proxy.handle_datagram(neighbor(), &bytes, now).is_ok());
        assert!(agent.handle_message(&bytes, now).is_ok());
        while agent.poll_event().is_some() {}
        agent.answer(0, "v=0\r\n", None, now);
        now = agent.poll_timeout().into_iter().chain(proxy.poll_timeout()).min().unwrap_or(now).max(now);
        agent.handle_timeout(now);
        proxy.handle_timeout(now);
        while let Some(transmit) = agent.poll_transmit() {
            assert!(Message::parse(&transmit.bytes).is_ok(), "what is sent can be read");
        }
        while let Some(transmit) = proxy.poll_transmit() {
            assert!(Message::parse(&transmit.bytes).is_ok(), "what is sent can be read");
        }
    }
}
