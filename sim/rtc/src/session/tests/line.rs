//! Two sessions, the signaling and the line between them, on a clock of their own.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use crate::data::{ChannelId, ChannelState, Message, ReadyState};
use crate::dtls::Certificate;
use crate::ice::LocalSocket;
use crate::jsep::{self, Change, DataChannelInit, Heard, JsepError, PerfectNegotiation, Profile};
use crate::randomness::Randomness;
use crate::reason::Reason;
use crate::session::{Config, Layer, Output, Session};
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
    pub(super) session: Session,
    side: PerfectNegotiation,
    pub(super) outputs: Vec<(Time, Output)>,
    pub(super) heard: Vec<Result<Heard, JsepError>>,
    /// Whether the application negotiates when it is told to.
    pub(super) negotiates: bool,
}

impl End {
    pub(super) fn messages(&self) -> Vec<(ChannelId, Message)> {
        let message = |(_, output): &(Time, Output)| match output {
            Output::Message { channel, message } => Some((*channel, message.clone())),
            _ => None,
        };
        self.outputs.iter().filter_map(message).collect()
    }

    /// What the connection was told to be, in the words of the API.
    pub(super) fn states(&self) -> Vec<String> {
        let word = |(_, output): &(Time, Output)| match output {
            Output::Connection { change, .. } => match change {
                Change::Signaling(state) => Some(format!("signaling {state}")),
                Change::IceGathering(state) => Some(format!("gathering {state}")),
                Change::IceConnection(state) => Some(format!("ice {state}")),
                Change::Connection(state) => Some(format!("connection {state}")),
                _ => None,
            },
            _ => None,
        };
        self.outputs.iter().filter_map(word).collect()
    }

    pub(super) fn has_reason(&self, wanted: Reason) -> bool {
        self.outputs.iter().any(|(_, output)| match output {
            Output::Ignored { reason }
            | Output::Channel { reason, .. }
            | Output::Connection { reason, .. } => *reason == wanted,
            Output::Dtls { reason, .. } | Output::Sctp { reason, .. } | Output::Ice { reason, .. } => {
                *reason == Some(wanted)
            }
            Output::Transmit { transmit, .. } => transmit.reason == Some(wanted),
            _ => false,
        })
    }

    /// The open channel with this label.
    pub(super) fn channel(&self, label: &str) -> Option<&ChannelState> {
        let mut channels = self.session.channels().channels();
        channels.find(|channel| channel.init.label == label && channel.ready == ReadyState::Open)
    }

    pub(super) fn open(&self, label: &str) -> ChannelId {
        self.channel(label).expect("an open channel of this label").id
    }

    pub(super) fn sent(&self, layer: Layer) -> usize {
        let of = |output: &&(Time, Output)| matches!(&output.1, Output::Transmit { layer: found, .. } if *found == layer);
        self.outputs.iter().filter(of).count()
    }
}

/// A datagram on its way: to which end, to which socket there, from where, and its bytes.
type Flying = (usize, SocketAddr, SocketAddr, Vec<u8>);

/// Both ends. The second one is polite.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) ends: [End; 2],
    pub(super) now: Time,
    /// In percent.
    pub(super) loss: u32,
    pub(super) signaling_ms: u64,
    /// What is done to each signal on its way, by the end that it goes to.
    pub(super) tamper: Option<fn(&mut jsep::Message)>,
    random: Seed,
    flying: BTreeMap<(Time, u64), Flying>,
    signals: BTreeMap<(Time, u64), (usize, jsep::Message)>,
    /// When the last message arrives at each end.
    signaled: [Time; 2],
    count: u64,
}

pub(super) fn address(end: usize, set: u16) -> SocketAddr {
    SocketAddr::from(([10, 0, 0, 1 + end as u8], 5000 + set))
}

pub(super) fn config(end: usize, seed: u64, profile: Profile) -> Config {
    let certificate = Certificate::generate(&mut Seed(seed * 2 + end as u64 + 77));
    let socket = |set: u16| vec![LocalSocket::new(address(end, set), "eth0", 65_535)];
    let mut config = Config::new(profile, certificate, socket(0));
    config.sockets.push(socket(1));
    config
}

impl Line {
    pub(super) fn new(seed: u64) -> Line {
        Line::with(seed, [0, 1].map(|end| config(end, seed, Profile::rfc9429())))
    }

    pub(super) fn with(seed: u64, configs: [Config; 2]) -> Line {
        let mut polite = true;
        let ends = configs.map(|config| {
            polite = !polite;
            End {
                session: Session::new(config, Box::new(Seed(seed * 2 + u64::from(polite))))
                    .expect("settings that fit"),
                side: PerfectNegotiation::new(polite),
                outputs: Vec::new(),
                heard: Vec::new(),
                negotiates: true,
            }
        });
        Line {
            ends,
            now: Time::ZERO,
            loss: 0,
            signaling_ms: 40,
            tamper: None,
            random: Seed(seed),
            flying: BTreeMap::new(),
            signals: BTreeMap::new(),
            signaled: [Time::ZERO; 2],
            count: 0,
        }
    }

    /// A call with an open channel "first", offered by this end.
    pub(super) fn call(seed: u64, offerer: usize) -> Line {
        let mut line = Line::new(seed);
        line.create(offerer, "first");
        line.run(3000);
        line.both_open("first");
        line
    }

    pub(super) fn both_open(&self, label: &str) {
        for end in &self.ends {
            end.open(label);
        }
    }

    pub(super) fn create(&mut self, end: usize, label: &str) -> ChannelId {
        let session = &mut self.ends[end].session;
        session.create_data_channel(label, DataChannelInit::default(), self.now).expect("a channel")
    }

    pub(super) fn send(&mut self, end: usize, label: &str, message: impl Into<Message>) {
        let channel = self.ends[end].open(label);
        self.ends[end].session.send(channel, message, self.now).expect("open, and room");
    }

    fn number(&mut self) -> u64 {
        self.count += 1;
        self.count
    }

    fn signal(&mut self, to: usize, mut message: jsep::Message) {
        if let Some(tamper) = self.tamper {
            tamper(&mut message);
        }
        // Signaling keeps its order, however long each message takes.
        let at = (self.now + Duration::from_millis(self.signaling_ms)).max(self.signaled[to]);
        self.signaled[to] = at;
        let number = self.number();
        self.signals.insert((at, number), (to, message));
    }

    fn collect(&mut self) {
        for end in 0..2 {
            let mut needed = false;
            while let Some(output) = self.ends[end].session.poll_output() {
                match &output {
                    Output::Transmit { transmit, .. } => {
                        let number = self.number();
                        if self.random.below(100) >= self.loss {
                            let at = self.now + Duration::from_millis(20);
                            let flying = (1 - end, transmit.to, transmit.from, transmit.payload.clone());
                            self.flying.insert((at, number), flying);
                        }
                    }
                    Output::Connection { change: Change::IceCandidate(candidate), .. } => {
                        self.signal(1 - end, jsep::Message::Candidate(candidate.clone()));
                    }
                    Output::Connection { change: Change::NegotiationNeeded, .. } => needed = true,
                    _ => {}
                }
                self.ends[end].outputs.push((self.now, output));
            }
            if needed && self.ends[end].negotiates {
                let End { session, side, .. } = &mut self.ends[end];
                let offer = session.negotiate(side, self.now).expect("an offer");
                // The description goes before the candidates that were gathered for it.
                if let Some(offer) = offer {
                    self.signal(1 - end, jsep::Message::Description(offer));
                }
                self.collect();
            }
        }
    }

    fn hear(&mut self, to: usize, message: jsep::Message) {
        let End { session, side, heard, .. } = &mut self.ends[to];
        let result = session.hear(side, message, self.now);
        if let Ok(Heard::Answered(answer)) = &result {
            let answer = answer.clone();
            heard.push(result);
            self.signal(1 - to, jsep::Message::Description(answer));
        } else {
            heard.push(result);
        }
    }

    /// Lets time go by.
    pub(super) fn run(&mut self, span_ms: u64) {
        let until = self.now + Duration::from_millis(span_ms);
        self.collect();
        loop {
            let packet = self.flying.keys().next().map(|(at, _)| *at);
            let signal = self.signals.keys().next().map(|(at, _)| *at);
            let timers = self.ends.iter().filter_map(|end| end.session.poll_timeout());
            let Some(at) = timers.chain(packet).chain(signal).min().filter(|at| *at <= until) else { break };
            self.now = self.now.max(at);
            if packet == Some(at) {
                if let Some((_, (to, socket, from, payload))) = self.flying.pop_first() {
                    self.ends[to].session.handle_datagram(socket, from, &payload, self.now);
                }
            } else if signal == Some(at) {
                if let Some((_, (to, message))) = self.signals.pop_first() {
                    self.hear(to, message);
                }
            } else {
                for end in &mut self.ends {
                    if end.session.poll_timeout().is_some_and(|at| at <= self.now) {
                        end.session.handle_timeout(self.now);
                    }
                }
            }
            self.collect();
        }
        self.now = until;
    }

    /// Everything that was heard was understood.
    pub(super) fn is_peaceful(&self) -> bool {
        self.ends.iter().all(|end| end.heard.iter().all(Result::is_ok))
    }
}
