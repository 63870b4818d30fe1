//! Our WebSocket and tungstenite's, each as client and as server: what one sends the other takes, for generated messages cut anyhow.

use std::cell::RefCell;
use std::io::{self, Read, Write};
use std::rc::Rc;

use proptest::prelude::*;
use rtclab_rtc::Randomness;
use rtclab_rtc::websocket::{ClientHandshake, CloseCode, Event, Limits, Output, State, WebSocket};
use tungstenite::handshake::HandshakeError;
use tungstenite::protocol::{CloseFrame, Message, WebSocket as Theirs};

/// A generator whose sequence is fixed.
#[derive(Debug)]
pub(crate) struct Counter(pub(crate) u64);

impl Randomness for Counter {
    fn fill(&mut self, out: &mut [u8]) {
        for byte in out {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = (self.0 >> 56) as u8;
        }
    }
}

/// What tungstenite reads from and writes to: both directions in memory.
#[derive(Clone, Debug, Default)]
struct Pipe(Rc<RefCell<(Vec<u8>, Vec<u8>)>>);

impl Read for Pipe {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let incoming = &mut self.0.borrow_mut().0;
        if incoming.is_empty() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let count = incoming.len().min(out.len());
        out[..count].copy_from_slice(&incoming[..count]);
        incoming.drain(..count);
        Ok(count)
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().1.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Everything that ours has to say; its bytes go to theirs.
fn drain(ours: &mut WebSocket, pipe: &Pipe) -> Vec<Event> {
    let mut events = Vec::new();
    while let Some(output) = ours.poll_output() {
        match output {
            Output::Transmit(bytes) => pipe.0.borrow_mut().0.extend(bytes),
            Output::Event(event) => events.push(event),
            Output::CloseStream => {}
        }
    }
    events
}

/// What theirs wrote goes to ours, cut in pieces.
fn hand_over(ours: &mut WebSocket, pipe: &Pipe, piece: usize) -> Vec<Event> {
    let written = std::mem::take(&mut pipe.0.borrow_mut().1);
    for bytes in written.chunks(piece) {
        ours.handle_bytes(bytes);
    }
    drain(ours, pipe)
}

fn read(theirs: &mut Theirs<Pipe>) -> Vec<Message> {
    std::iter::from_fn(|| theirs.read().ok()).collect()
}

fn limits(fragment: usize) -> Limits {
    Limits { fragment, ..Limits::default() }
}

fn their_server(piece: usize, fragment: usize) -> (WebSocket, Theirs<Pipe>, Pipe) {
    let handshake = ClientHandshake::new("a.example", "/signal", &[], &mut Counter(1)).expect("fit");
    let mut ours = WebSocket::client(handshake, limits(fragment), Box::new(Counter(2)));
    let pipe = Pipe::default();
    drain(&mut ours, &pipe);
    let theirs = tungstenite::accept(pipe.clone()).map_err(|_| "refused").expect("a handshake that is taken");
    assert!(matches!(hand_over(&mut ours, &pipe, piece)[..], [Event::Opened { .. }]));
    (ours, theirs, pipe)
}

fn their_client(piece: usize, fragment: usize) -> (WebSocket, Theirs<Pipe>, Pipe) {
    let mut ours = WebSocket::server(&[], limits(fragment), Box::new(Counter(3)));
    let pipe = Pipe::default();
    let Err(HandshakeError::Interrupted(waiting)) =
        tungstenite::client("ws://a.example/signal", pipe.clone())
    else {
        panic!("nobody has answered yet");
    };
    assert!(matches!(hand_over(&mut ours, &pipe, piece)[..], [Event::Opened { .. }]));
    let (theirs, _) = waiting.handshake().map_err(|_| "refused").expect("an answer that is taken");
    (ours, theirs, pipe)
}

#[derive(Clone, Debug)]
enum Sent {
    Text(String),
    Binary(Vec<u8>),
    Ping(Vec<u8>),
}

fn messages() -> impl Strategy<Value = Vec<Sent>> {
    let sent = prop_oneof![
        ".{0,200}".prop_map(Sent::Text),
        prop::collection::vec(any::<u8>(), 0..70_000).prop_map(Sent::Binary),
        prop::collection::vec(any::<u8>(), 0..126).prop_map(Sent::Ping),
    ];
    prop::collection::vec(sent, 0..6)
}

fn ours_to_theirs(ours: &mut WebSocket, theirs: &mut Theirs<Pipe>, pipe: &Pipe, sent: &[Sent]) {
    let expected: Vec<Message> = sent
        .iter()
        .map(|sent| match sent {
            Sent::Text(text) => ours.send_text(text).map(|()| Message::text(text.as_str())),
            Sent::Binary(bytes) => ours.send_binary(bytes).map(|()| Message::binary(bytes.clone())),
            Sent::Ping(bytes) => ours.ping(bytes).map(|()| Message::Ping(bytes.clone().into())),
        })
        .collect::<Result<_, _>>()
        .expect("open");
    drain(ours, pipe);
    assert_eq!(read(theirs), expected);
    theirs.flush().expect("memory");
}

fn theirs_to_ours(ours: &mut WebSocket, theirs: &mut Theirs<Pipe>, pipe: &Pipe, sent: &[Sent], piece: usize) {
    let expected: Vec<Event> = sent
        .iter()
        .map(|sent| {
            let (message, event) = match sent {
                Sent::Text(text) => (Message::text(text.as_str()), Event::Text(text.clone())),
                Sent::Binary(bytes) => (Message::binary(bytes.clone()), Event::Binary(bytes.clone())),
                Sent::Ping(bytes) => (Message::Ping(bytes.clone().into()), Event::Ping(bytes.clone())),
            };
            theirs.send(message).expect("open");
            event
        })
        .collect();
    let found = hand_over(ours, pipe, piece);
    // Pongs to our own pings come in between, as theirs sees fit.
    let found: Vec<Event> = found.into_iter().filter(|event| !matches!(event, Event::Pong(_))).collect();
    assert_eq!(found, expected);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn each_takes_what_the_other_sends(
        client_is_theirs: bool,
        out in messages(),
        back in messages(),
        piece in 1_usize..3000,
        fragment in 1_usize..70_000,
        code in 3000_u16..5000,
    ) {
        let make = if client_is_theirs { their_client } else { their_server };
        let (mut ours, mut theirs, pipe) = make(piece, fragment);
        ours_to_theirs(&mut ours, &mut theirs, &pipe, &out);
        theirs_to_ours(&mut ours, &mut theirs, &pipe, &back, piece);
        let words = "done";
        if piece % 2 == 0 {
            ours.close(CloseCode(code), words);
            drain(&mut ours, &pipe);
            let close = CloseFrame { code: code.into(), reason: words.into() };
            prop_assert_eq!(read(&mut theirs).pop(), Some(Message::Close(Some(close))));
            let _ = theirs.flush();
        } else {
            let _ = theirs.close(Some(CloseFrame { code: code.into(), reason: words.into() }));
        }
        let found = hand_over(&mut ours, &pipe, piece);
        let closed = matches!(found.last(), Some(Event::Closed { code: found, error: None, .. }) if found.0 == code);
        prop_assert!(closed, "{:?}", found.last());
        prop_assert_eq!(ours.state(), State::Closed);
    }
}
