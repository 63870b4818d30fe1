//! What a fuzzer, or a bounded test in its place, calls with any bytes: everything that must hold for every input is asserted here.
//! Not here: where the bytes come from.

use super::{Event, Frame, Limits, Output, Role, State, WebSocket};
use crate::Randomness;

/// The same bytes always: what is drawn must not decide what is found.
#[derive(Debug)]
struct Fixed;

impl Randomness for Fixed {
    fn fill(&mut self, out: &mut [u8]) {
        out.fill(0x5A);
    }
}

const LIMITS: Limits = Limits { message_max: 4096, fragment: 128 };

fn events(socket: &mut WebSocket) -> Vec<Event> {
    let outputs = std::iter::from_fn(|| socket.poll_output());
    outputs
        .filter_map(|output| match output {
            Output::Event(event) => Some(event),
            Output::Transmit(_) | Output::CloseStream => None,
        })
        .collect()
}

fn all_events(mut socket: WebSocket, pieces: impl Iterator<Item = impl AsRef<[u8]>>) -> Vec<Event> {
    let mut found = events(&mut socket);
    for piece in pieces {
        socket.handle_bytes(piece.as_ref());
        found.extend(events(&mut socket));
    }
    socket.handle_ended();
    found.extend(events(&mut socket));
    assert_eq!(socket.state(), State::Closed, "nothing is left open at the end of the stream");
    assert!(socket.send_text("late").is_err());
    found
}

/// A stream, cut in pieces whose length the first byte says, before and after the handshake and on both sides: events are the same as if it came
/// at once, and a connection ends exactly once. Panics are findings.
pub fn any_bytes(bytes: &[u8]) {
    let Some((length, stream)) = bytes.split_first() else { return };
    let makes: [fn() -> WebSocket; 3] = [
        || WebSocket::opened(Role::Server, LIMITS, Box::new(Fixed)),
        || WebSocket::opened(Role::Client, LIMITS, Box::new(Fixed)),
        || WebSocket::server(&["rtclab.signal"], LIMITS, Box::new(Fixed)),
    ];
    for make in makes {
        let in_pieces = all_events(make(), stream.chunks(usize::from(*length).max(1)));
        let at_once = all_events(make(), std::iter::once(stream));
        assert_eq!(in_pieces, at_once, "how a stream is cut does not matter");
        let is_end = |event: &&Event| {
            matches!(event, Event::Closed { .. } | Event::Refused(_) | Event::NotWebSocket(_))
        };
        assert_eq!(at_once.iter().filter(is_end).count(), 1, "there is one end");
    }
    if let Ok(Some((frame, taken))) = Frame::parse(stream, LIMITS.message_max) {
        assert_eq!(frame.to_bytes(), &stream[..taken], "a frame has one form");
    }
}
