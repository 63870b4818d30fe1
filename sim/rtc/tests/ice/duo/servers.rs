//! The servers beside the call: one of TURN with its relayed sockets, and STUN that answers everybody. Not here: their protocols.

use std::net::SocketAddr;

use rtclab_rtc::stun::{Attribute, Builder, Message};
use rtclab_rtc::turn::{self, AddressRange, ServerOutput, TurnServer, TurnServerConfig};
use rtclab_rtc::{Output, Time, Transmit};

use super::{Duo, Seeded, at};

/// A TURN server at `198.51.100.1:3478` for the user `user` with the password `secret`, and its relayed sockets.
pub(crate) struct Turn {
    pub(crate) server: TurnServer,
    relays: Vec<SocketAddr>,
    next_port: u16,
    /// What is to be written in which stream; `None` closes it.
    to_streams: Vec<(u32, Option<Vec<u8>>)>,
}

pub(crate) const TURN: &str = "198.51.100.1:3478";

impl Turn {
    pub(crate) fn new(forbidden: Vec<AddressRange>) -> Turn {
        let user = turn::Credentials { username: "user".into(), password: "secret".into() };
        let config =
            TurnServerConfig { forbidden_peers: forbidden, ..TurnServerConfig::new("lab", vec![user]) };
        let server = TurnServer::new(config, Box::new(Seeded(99)));
        Turn { server, relays: Vec::new(), next_port: 49152, to_streams: Vec::new() }
    }

    pub(super) fn owns(&self, address: SocketAddr) -> bool {
        address == at(TURN) || self.relays.contains(&address)
    }

    /// What the server sends now.
    pub(super) fn drain(&mut self, now: Time) -> Vec<Transmit> {
        let mut sent = Vec::new();
        while let Some(output) = self.server.poll_output() {
            match output {
                ServerOutput::Endpoint(Output::Transmit(transmit)) => sent.push(transmit),
                ServerOutput::Endpoint(_) => {}
                ServerOutput::OpenRelay { allocation, .. } => {
                    let address = SocketAddr::new(at(TURN).ip(), self.next_port);
                    self.next_port += 1;
                    self.relays.push(address);
                    self.server.relay_opened(allocation, address, now);
                }
                ServerOutput::ToStream { stream, transmit } => {
                    self.to_streams.push((stream, Some(transmit.payload)));
                }
                ServerOutput::CloseStream { stream } => self.to_streams.push((stream, None)),
                ServerOutput::CloseRelay { address } => self.relays.retain(|relay| *relay != address),
                other => panic!("this server was not told that it could ask for that: {other:?}"),
            }
        }
        sent
    }
}

impl Duo {
    pub(super) fn serve_turn(&mut self, action: impl FnOnce(&mut TurnServer)) {
        let Some(turn) = &mut self.turn else { return };
        action(&mut turn.server);
        let transmits = turn.drain(self.now);
        for (stream, bytes) in std::mem::take(&mut turn.to_streams) {
            self.wires.server_writes(self.now, stream, bytes);
        }
        for transmit in transmits {
            self.launch(2, transmit);
        }
    }

    pub(super) fn answer_binding(&mut self, request: &Transmit) {
        let Ok(message) = Message::parse(&request.payload) else { return };
        let response =
            Builder::success(&message).attribute(&Attribute::XorMappedAddress(request.from)).finish();
        let response = Transmit { from: request.to, to: request.from, payload: response, ..request.clone() };
        self.launch(2, response);
    }
}
