//! Two associations and the line between them, on a clock of their own.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::randomness::Randomness;
use crate::reason::Reason;
use crate::sctp::{Association, Config, Message, Output, Phase, Reliability};
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

/// What the line does to packets.
#[derive(Clone, Debug)]
pub(super) struct Faults {
    pub(super) delay: Duration,
    pub(super) loss: u32,
    pub(super) duplication: u32,
    pub(super) reordering: u32,
}

impl Faults {
    pub(super) const NONE: Faults =
        Faults { delay: Duration::from_millis(25), loss: 0, duplication: 0, reordering: 0 };
}

/// One end, and everything that came out of it.
#[derive(Debug)]
pub(super) struct End {
    pub(super) association: Association,
    pub(super) messages: Vec<Message>,
    pub(super) reasons: Vec<Reason>,
    pub(super) outputs: Vec<Output>,
}

/// Both ends, 0 and 1.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) ends: [End; 2],
    pub(super) now: Time,
    pub(super) faults: Faults,
    /// Which packets are lost whatever the faults say: end and number, from 0.
    pub(super) lost: Vec<(usize, usize)>,
    pub(super) sent: [usize; 2],
    random: Seed,
    flying: BTreeMap<(Time, u64), (usize, Vec<u8>)>,
    count: u64,
}

impl Line {
    pub(super) fn new(seed: u64) -> Line {
        Line::with(seed, Config::default(), Faults::NONE)
    }

    pub(super) fn with(seed: u64, config: Config, faults: Faults) -> Line {
        let end = |number: u64| End {
            association: Association::new(config.clone(), Box::new(Seed(seed * 2 + number))),
            messages: Vec::new(),
            reasons: Vec::new(),
            outputs: Vec::new(),
        };
        Line {
            ends: [end(0), end(1)],
            now: Time::ZERO,
            faults,
            lost: Vec::new(),
            sent: [0, 0],
            random: Seed(seed ^ 0xabcd),
            flying: BTreeMap::new(),
            count: 0,
        }
    }

    /// A line whose association is up.
    pub(super) fn up(seed: u64) -> Line {
        let mut line = Line::new(seed);
        line.ends[0].association.connect(line.now);
        line.run(Duration::from_secs(1));
        assert_eq!(line.phases(), [Phase::Established; 2]);
        line
    }

    pub(super) fn phases(&self) -> [Phase; 2] {
        [self.ends[0].association.phase(), self.ends[1].association.phase()]
    }

    pub(super) fn send(&mut self, end: usize, stream: u16, payload: impl Into<Vec<u8>>) {
        self.send_with(end, stream, payload, false, Reliability::default());
    }

    pub(super) fn send_with(
        &mut self,
        end: usize,
        stream: u16,
        payload: impl Into<Vec<u8>>,
        unordered: bool,
        reliability: Reliability,
    ) {
        let message = Message { stream, protocol: 53, unordered, payload: payload.into() };
        self.ends[end].association.send(message, reliability, self.now).expect("the message is taken");
        self.collect(end);
    }

    /// Puts a packet in front of an end, as if it had come over the line.
    pub(super) fn inject(&mut self, end: usize, bytes: &[u8]) {
        self.ends[end].association.handle_packet(bytes, self.now);
        self.collect(end);
    }

    pub(super) fn collect(&mut self, end: usize) {
        while let Some(output) = self.ends[end].association.poll_output() {
            match &output {
                Output::Packet { bytes, reason } => {
                    self.ends[end].reasons.push(*reason);
                    self.carry(end, bytes.clone());
                }
                Output::Message(message) => self.ends[end].messages.push(message.clone()),
                Output::Change { reason: Some(reason), .. }
                | Output::Ignored(reason)
                | Output::Abandoned { reason, .. } => self.ends[end].reasons.push(*reason),
                _ => {}
            }
            self.ends[end].outputs.push(output);
        }
    }

    fn carry(&mut self, from: usize, bytes: Vec<u8>) {
        let number = self.sent[from];
        self.sent[from] += 1;
        let chance = |random: &mut Seed, percent: u32| percent > 0 && random.below(100) < percent;
        let is_lost = self.lost.contains(&(from, number)) || chance(&mut self.random, self.faults.loss);
        let copies = 1 + usize::from(chance(&mut self.random, self.faults.duplication));
        for _ in 0..copies {
            let late = if chance(&mut self.random, self.faults.reordering) { 30 } else { 0 };
            self.count += 1;
            let at = self.now + self.faults.delay + Duration::from_millis(late);
            if !is_lost {
                self.flying.insert((at, self.count), (1 - from, bytes.clone()));
            }
        }
    }

    /// Lets time go by.
    pub(super) fn run(&mut self, span: Duration) {
        let end = self.now + span;
        self.collect(0);
        self.collect(1);
        loop {
            let packet = self.flying.keys().next().map(|(at, _)| *at);
            let timers = self.ends.iter().filter_map(|end| end.association.poll_timeout());
            let Some(at) = timers.chain(packet).min().filter(|at| *at <= end) else { break };
            self.now = self.now.max(at);
            if packet == Some(at) {
                if let Some((_, (to, bytes))) = self.flying.pop_first() {
                    self.inject(to, &bytes);
                }
            } else {
                for number in 0..2 {
                    if self.ends[number].association.poll_timeout().is_some_and(|at| at <= self.now) {
                        self.ends[number].association.handle_timeout(self.now);
                        self.collect(number);
                    }
                }
            }
        }
        self.now = end;
    }

    pub(super) fn has_reason(&self, end: usize, reason: Reason) -> bool {
        self.ends[end].reasons.contains(&reason)
    }

    /// The packets that an end sent.
    pub(super) fn packets(&self, end: usize) -> Vec<&[u8]> {
        let mut packets = Vec::new();
        for output in &self.ends[end].outputs {
            if let Output::Packet { bytes, .. } = output {
                packets.push(bytes.as_slice());
            }
        }
        packets
    }
}
