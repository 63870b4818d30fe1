//! Two ends of data channels and the line between them, on a clock of their own.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::data::{ChannelId, ChannelInit, ChannelState, Channels, Message, Output, ReadyState};
use crate::jsep::DtlsRole;
use crate::randomness::Randomness;
use crate::reason::Reason;
use crate::sctp::{self, Association, Config, Reliability};
use crate::time::Time;

/// A small generator with a seed (SplitMix64).
#[derive(Clone, Debug)]
pub(super) struct Seed(pub(super) u64);

impl Randomness for Seed {
    fn fill(&mut self, out: &mut [u8]) {
        for byte in out {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            *byte = (mixed ^ (mixed >> 27)) as u8;
        }
    }
}

/// One end, and everything that came out of it.
#[derive(Debug)]
pub(super) struct End {
    pub(super) channels: Channels,
    pub(super) outputs: Vec<Output>,
}

impl End {
    pub(super) fn messages(&self) -> Vec<(ChannelId, Message)> {
        let message = |output: &Output| match output {
            Output::Message { channel, message } => Some((*channel, message.clone())),
            _ => None,
        };
        self.outputs.iter().filter_map(message).collect()
    }

    /// Every state that a channel was told to be in, with the reason.
    pub(super) fn states(&self, id: ChannelId) -> Vec<(ReadyState, Reason)> {
        let told = |output: &Output| match output {
            Output::Channel { state, reason } if state.id == id => Some((state.ready, *reason)),
            _ => None,
        };
        self.outputs.iter().filter_map(told).collect()
    }

    pub(super) fn ignored(&self, reason: Reason) -> bool {
        self.outputs.contains(&Output::Ignored(reason))
    }

    pub(super) fn ready(&self, id: ChannelId) -> ReadyState {
        self.channels.channel(id).map_or(ReadyState::Closed, |channel| channel.ready)
    }

    /// The only channel with this label.
    pub(super) fn labelled(&self, label: &str) -> &ChannelState {
        self.channels.channels().find(|channel| channel.init.label == label).expect("a channel of this label")
    }
}

/// Both ends: 0 is the DTLS client.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) ends: [End; 2],
    pub(super) now: Time,
    /// In percent.
    pub(super) loss: u32,
    random: Seed,
    flying: BTreeMap<(Time, u64), (usize, Vec<u8>)>,
    count: u64,
}

impl Line {
    /// A line with nothing on it.
    pub(super) fn new(seed: u64) -> Line {
        let end = || End { channels: Channels::new(), outputs: Vec::new() };
        Line {
            ends: [end(), end()],
            now: Time::ZERO,
            loss: 0,
            random: Seed(seed),
            flying: BTreeMap::new(),
            count: 0,
        }
    }

    /// A line whose association is up.
    pub(super) fn up(seed: u64) -> Line {
        let mut line = Line::new(seed);
        line.start(Config::default());
        line.run(1000);
        line
    }

    pub(super) fn start(&mut self, config: Config) {
        for (end, role) in [DtlsRole::Client, DtlsRole::Server].into_iter().enumerate() {
            let association = Association::new(config.clone(), Box::new(Seed(self.random.u64())));
            self.ends[end].channels.start(association, role, self.now);
        }
    }

    pub(super) fn create(&mut self, end: usize, init: ChannelInit, stream: u16) -> ChannelId {
        let id = self.ends[end].channels.create(init, self.now);
        self.ends[end].channels.assign_stream(id, stream, self.now);
        id
    }

    /// A channel that is open at both ends, with its numbers there.
    pub(super) fn open(&mut self, init: ChannelInit, stream: u16) -> [ChannelId; 2] {
        let ours = self.create(0, init, stream);
        self.run(1000);
        let theirs = self.ends[1].channels.channel_on(stream).expect("open").id;
        [ours, theirs]
    }

    pub(super) fn send(&mut self, end: usize, id: ChannelId, message: impl Into<Message>) {
        self.ends[end].channels.send(id, message, self.now).expect("open, and room");
    }

    /// A message that no channel would send.
    pub(super) fn raw(&mut self, end: usize, stream: u16, protocol: u32, payload: impl Into<Vec<u8>>) {
        let message = sctp::Message { stream, protocol, unordered: false, payload: payload.into() };
        let association = self.ends[end].channels.association.as_mut().expect("started");
        association.send(message, Reliability::default(), self.now).expect("up");
        self.ends[end].channels.settle(self.now);
    }

    fn collect(&mut self) {
        for end in 0..2 {
            while let Some(output) = self.ends[end].channels.poll_output() {
                if let Output::Packet { bytes, .. } = &output {
                    self.count += 1;
                    if self.random.below(100) >= self.loss {
                        let at = self.now + Duration::from_millis(25);
                        self.flying.insert((at, self.count), (1 - end, bytes.clone()));
                    }
                }
                self.ends[end].outputs.push(output);
            }
        }
    }

    /// Lets time go by.
    pub(super) fn run(&mut self, span_ms: u64) {
        let until = self.now + Duration::from_millis(span_ms);
        self.collect();
        loop {
            let packet = self.flying.keys().next().map(|(at, _)| *at);
            let timers = self.ends.iter().filter_map(|end| end.channels.poll_timeout());
            let Some(at) = timers.chain(packet).min().filter(|at| *at <= until) else { break };
            self.now = self.now.max(at);
            if packet == Some(at) {
                if let Some((_, (to, bytes))) = self.flying.pop_first() {
                    self.ends[to].channels.handle_packet(&bytes, self.now);
                }
            } else {
                for end in &mut self.ends {
                    if end.channels.poll_timeout().is_some_and(|at| at <= self.now) {
                        end.channels.handle_timeout(self.now);
                    }
                }
            }
            self.collect();
        }
        self.now = until;
    }
}
