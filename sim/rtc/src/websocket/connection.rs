//! A connection from its handshake to its end. Not here: the bytes of frames (`frame`) and of the handshake (`handshake`).
//!
//! Call order: after the making and after every `handle_*` and command, `poll_output` until it is empty.

use std::collections::VecDeque;

use super::assembly::{Assembly, Message};
use super::frame::CONTROL_MAX;
use super::handshake::{ClientHandshake, HandshakeError, respond};
use super::{CloseCode, Frame, FrameError, Opcode};
use crate::Randomness;
use crate::http::{Request, RequestReader, Response, ResponseReader};

/// Which side of a connection one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It asked for the connection, and masks.
    Client,
    /// It answered.
    Server,
}

/// Where a connection stands; the names are those of the browser's API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The handshake is not over.
    Connecting,
    /// Messages go both ways.
    Open,
    /// A Close has been sent, and the other side's is waited for.
    Closing,
    /// It is over.
    Closed,
}

/// What is taken, and how messages are cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The longest message that is taken, in bytes.
    pub message_max: usize,
    /// The longest payload of a frame that is sent; longer messages are fragmented.
    pub fragment: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { message_max: 1024 * 1024, fragment: 64 * 1024 }
    }
}

/// What comes of an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Bytes for the stream.
    Transmit(Vec<u8>),
    /// Something happened.
    Event(Event),
    /// Nothing more is to be said: the stream is to be closed, after what was transmitted.
    CloseStream,
}

/// What happened to a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The handshake is over.
    Opened {
        /// The subprotocol that both chose.
        subprotocol: Option<String>,
        /// At the server: what was asked for.
        request: Option<Box<Request>>,
    },
    /// The handshake failed.
    Refused(HandshakeError),
    /// At the server: a request that does not ask for a WebSocket, and was answered so.
    NotWebSocket(Box<Request>),
    /// A text.
    Text(String),
    /// Bytes.
    Binary(Vec<u8>),
    /// The other side asked whether we are there; it was answered.
    Ping(Vec<u8>),
    /// The other side answered a ping, or just says that it is there.
    Pong(Vec<u8>),
    /// It is over.
    Closed {
        /// The code of the first Close, or [`CloseCode::ABNORMAL`].
        code: CloseCode,
        /// The words beside it.
        words: String,
        /// Whether the other side broke a rule, and which.
        error: Option<FrameError>,
    },
}

/// A message cannot be sent: the connection is not open, or not any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the WebSocket is not open")]
pub struct NotOpen;

/// The handshake, as far as it has come.
#[derive(Debug)]
enum Opening {
    Client(Box<ClientHandshake>, ResponseReader),
    Server(RequestReader, Vec<String>),
}

/// One side of a WebSocket.
#[derive(Debug)]
pub struct WebSocket {
    role: Role,
    state: State,
    limits: Limits,
    opening: Option<Box<Opening>>,
    incoming: Vec<u8>,
    assembly: Assembly,
    error: Option<FrameError>,
    outputs: VecDeque<Output>,
    randomness: Box<dyn Randomness>,
}

impl WebSocket {
    /// A client on a stream that is connected: sends its handshake. The masks are drawn from `randomness`.
    pub fn client(handshake: ClientHandshake, limits: Limits, randomness: Box<dyn Randomness>) -> WebSocket {
        let mut socket = WebSocket::new(Role::Client, State::Connecting, limits, randomness);
        socket.outputs.push_back(Output::Transmit(handshake.request().to_bytes()));
        let mut responses = ResponseReader::new();
        responses.expect("GET");
        socket.opening = Some(Box::new(Opening::Client(Box::new(handshake), responses)));
        socket
    }

    /// A server on a stream that was accepted: answers the handshake, whatever its target; `supported` are subprotocols.
    pub fn server(supported: &[&str], limits: Limits, randomness: Box<dyn Randomness>) -> WebSocket {
        let mut socket = WebSocket::new(Role::Server, State::Connecting, limits, randomness);
        let supported = supported.iter().map(|&name| name.to_owned()).collect();
        socket.opening = Some(Box::new(Opening::Server(RequestReader::new(), supported)));
        socket
    }

    /// A connection whose handshake is over: a server that also serves pages does it itself, with [`respond`]. What came behind the
    /// request ([`RequestReader::take_rest`]) is to be handed to `handle_bytes`.
    pub fn opened(role: Role, limits: Limits, randomness: Box<dyn Randomness>) -> WebSocket {
        WebSocket::new(role, State::Open, limits, randomness)
    }

    fn new(role: Role, state: State, limits: Limits, randomness: Box<dyn Randomness>) -> WebSocket {
        WebSocket {
            role,
            state,
            limits: Limits { fragment: limits.fragment.max(1), ..limits },
            opening: None,
            incoming: Vec::new(),
            assembly: Assembly::default(),
            error: None,
            outputs: VecDeque::new(),
            randomness,
        }
    }

    /// Which side this is.
    pub const fn role(&self) -> Role {
        self.role
    }

    /// Where it stands.
    pub const fn state(&self) -> State {
        self.state
    }

    /// Takes bytes of the stream.
    pub fn handle_bytes(&mut self, bytes: &[u8]) {
        if self.state == State::Closed {
            return;
        }
        match self.opening.take() {
            Some(opening) => self.handshake(*opening, bytes),
            None => self.incoming.extend_from_slice(bytes),
        }
        if self.opening.is_none() {
            self.read_frames();
        }
    }

    /// The stream has ended, or the other side will write no more.
    pub fn handle_ended(&mut self) {
        match self.state {
            State::Connecting => self.refuse(HandshakeError::Ended),
            State::Open | State::Closing => {
                // §7.1.5: the code of the Close that came; here none did.
                self.finish(CloseCode::ABNORMAL, String::new());
            }
            State::Closed => {}
        }
    }

    /// Sends a text.
    ///
    /// # Errors
    ///
    /// The connection is not open.
    pub fn send_text(&mut self, text: &str) -> Result<(), NotOpen> {
        self.send_message(Opcode::Text, text.as_bytes())
    }

    /// Sends bytes.
    ///
    /// # Errors
    ///
    /// The connection is not open.
    pub fn send_binary(&mut self, bytes: &[u8]) -> Result<(), NotOpen> {
        self.send_message(Opcode::Binary, bytes)
    }

    /// Asks whether the other side is there. What is longer than 125 bytes is cut.
    ///
    /// # Errors
    ///
    /// The connection is not open.
    pub fn ping(&mut self, payload: &[u8]) -> Result<(), NotOpen> {
        self.require_open()?;
        self.send_frame(true, Opcode::Ping, payload[..payload.len().min(CONTROL_MAX)].to_vec());
        Ok(())
    }

    /// Begins to close. A code that must not be sent, and words behind 123 bytes, are left out.
    pub fn close(&mut self, code: CloseCode, words: &str) {
        match self.state {
            State::Open => {
                self.send_close(code, words);
                self.state = State::Closing;
            }
            State::Connecting => {
                self.state = State::Closed;
                self.opening = None;
                self.outputs.push_back(Output::CloseStream);
            }
            State::Closing | State::Closed => {}
        }
    }

    /// What has come of the inputs so far.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    fn require_open(&self) -> Result<(), NotOpen> {
        if self.state == State::Open { Ok(()) } else { Err(NotOpen) }
    }

    fn send_message(&mut self, opcode: Opcode, payload: &[u8]) -> Result<(), NotOpen> {
        self.require_open()?;
        let mut opcode = opcode;
        let mut rest = payload;
        loop {
            let (piece, behind) = rest.split_at(rest.len().min(self.limits.fragment));
            self.send_frame(behind.is_empty(), opcode, piece.to_vec());
            if behind.is_empty() {
                return Ok(());
            }
            (opcode, rest) = (Opcode::Continuation, behind);
        }
    }

    fn send_frame(&mut self, fin: bool, opcode: Opcode, payload: Vec<u8>) {
        let mask = (self.role == Role::Client).then(|| {
            // §5.3: a new one for each frame, that nobody can guess.
            let mut mask = [0; 4];
            self.randomness.fill(&mut mask);
            mask
        });
        let frame = Frame { fin, opcode, mask, payload };
        self.outputs.push_back(Output::Transmit(frame.to_bytes()));
    }

    fn send_close(&mut self, code: CloseCode, words: &str) {
        let mut payload = Vec::new();
        if code.may_be_sent() {
            payload.extend_from_slice(&code.0.to_be_bytes());
            let fits = words
                .char_indices()
                .map(|(at, c)| at + c.len_utf8())
                .take_while(|end| *end <= CONTROL_MAX - 2);
            payload.extend_from_slice(&words.as_bytes()[..fits.last().unwrap_or(0)]);
        }
        self.send_frame(true, Opcode::Close, payload);
    }

    fn handshake(&mut self, opening: Opening, bytes: &[u8]) {
        match opening {
            Opening::Client(handshake, mut responses) => {
                responses.push(bytes);
                match responses.next_response() {
                    Ok(None) => self.opening = Some(Box::new(Opening::Client(handshake, responses))),
                    Ok(Some(response)) => match handshake.judge(&response) {
                        Ok(subprotocol) => self.open(subprotocol, None, responses.take_rest()),
                        Err(error) => self.refuse(error),
                    },
                    Err(error) => self.refuse(error.into()),
                }
            }
            Opening::Server(mut requests, supported) => {
                requests.push(bytes);
                match requests.next_request() {
                    Ok(None) => self.opening = Some(Box::new(Opening::Server(requests, supported))),
                    Ok(Some(request)) => self.answer(request, requests, &supported),
                    Err(error) => {
                        self.outputs.push_back(Output::Transmit(Response::refusing(&error).to_bytes()));
                        self.refuse(error.into());
                    }
                }
            }
        }
    }

    fn answer(&mut self, request: Request, mut requests: RequestReader, supported: &[String]) {
        let supported: Vec<&str> = supported.iter().map(String::as_str).collect();
        match respond(&request, &supported) {
            Ok(accepted) => {
                self.outputs.push_back(Output::Transmit(accepted.response.to_bytes()));
                self.open(accepted.subprotocol, Some(Box::new(request)), requests.take_rest());
            }
            Err(refused) => {
                self.outputs.push_back(Output::Transmit(refused.response.to_bytes()));
                self.outputs.push_back(Output::Event(Event::NotWebSocket(Box::new(request))));
                self.state = State::Closed;
                self.outputs.push_back(Output::CloseStream);
            }
        }
    }

    fn open(&mut self, subprotocol: Option<String>, request: Option<Box<Request>>, rest: Vec<u8>) {
        self.state = State::Open;
        self.incoming = rest;
        self.outputs.push_back(Output::Event(Event::Opened { subprotocol, request }));
    }

    fn refuse(&mut self, error: HandshakeError) {
        self.state = State::Closed;
        self.opening = None;
        self.outputs.push_back(Output::Event(Event::Refused(error)));
        self.outputs.push_back(Output::CloseStream);
    }

    fn read_frames(&mut self) {
        let mut at = 0;
        while matches!(self.state, State::Open | State::Closing) {
            match Frame::parse(&self.incoming[at..], self.limits.message_max) {
                Ok(None) => break,
                Ok(Some((frame, taken))) => {
                    at += taken;
                    if let Err(error) = self.take_frame(frame) {
                        self.fail(error);
                    }
                }
                Err(error) => self.fail(error),
            }
        }
        if self.state == State::Closed { self.incoming.clear() } else { drop(self.incoming.drain(..at)) }
    }

    fn take_frame(&mut self, frame: Frame) -> Result<(), FrameError> {
        // §5.1: either side closes when the other masks wrongly.
        if frame.mask.is_some() != (self.role == Role::Server) {
            return Err(FrameError::Masking);
        }
        match frame.opcode {
            Opcode::Close => self.take_close(&frame.payload)?,
            Opcode::Ping => {
                if self.state == State::Open {
                    // §5.5.3: the same payload.
                    self.send_frame(true, Opcode::Pong, frame.payload.clone());
                }
                self.outputs.push_back(Output::Event(Event::Ping(frame.payload)));
            }
            Opcode::Pong => self.outputs.push_back(Output::Event(Event::Pong(frame.payload))),
            Opcode::Text | Opcode::Binary | Opcode::Continuation => {
                let event = match self.assembly.take(frame, self.limits.message_max)? {
                    Some(Message::Text(text)) => Event::Text(text),
                    Some(Message::Binary(bytes)) => Event::Binary(bytes),
                    None => return Ok(()),
                };
                self.outputs.push_back(Output::Event(event));
            }
        }
        Ok(())
    }

    fn take_close(&mut self, payload: &[u8]) -> Result<(), FrameError> {
        let (code, words) = match payload.split_first_chunk::<2>() {
            Some((code, words)) => {
                let code = CloseCode(u16::from_be_bytes(*code));
                if !code.may_be_sent() {
                    return Err(FrameError::CloseCode);
                }
                (code, std::str::from_utf8(words).map_err(|_| FrameError::NotText)?.to_owned())
            }
            None if payload.is_empty() => (CloseCode::NONE, String::new()),
            None => return Err(FrameError::CloseCode),
        };
        if self.state == State::Open {
            // §5.5.1: the answer usually says the same code.
            self.send_close(code, "");
        }
        self.finish(code, words);
        Ok(())
    }

    /// The other side broke a rule (§7.1.7): it is told which, and nothing more is taken.
    fn fail(&mut self, error: FrameError) {
        self.error = Some(error);
        let code = match error {
            FrameError::TooLong(_) => CloseCode::TOO_BIG,
            FrameError::NotText => CloseCode::INVALID_DATA,
            _ => CloseCode::PROTOCOL_ERROR,
        };
        let words = error.to_string();
        if self.state == State::Open {
            self.send_close(code, &words);
        }
        self.finish(code, words);
    }

    /// §7.1.1: the server closes the stream, so that the client does not keep its port in TIME-WAIT; a client just waits, but closes
    /// in its turn when the stream ends.
    fn finish(&mut self, code: CloseCode, words: String) {
        self.state = State::Closed;
        self.outputs.push_back(Output::Event(Event::Closed { code, words, error: self.error }));
        self.outputs.push_back(Output::CloseStream);
    }
}
