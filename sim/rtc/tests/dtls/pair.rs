//! Two ends and a line between them that loses, delays and doubles what it is told to. Not here: what is expected of them.

use std::collections::BTreeMap;
use std::time::Duration;

use rtclab_rtc::dtls::{Certificate, Config, Dtls, KeyLogLine, Output, SrtpKeys, State, Versions};
use rtclab_rtc::jsep::{DtlsRole, DtlsTransportState};
use rtclab_rtc::{Randomness, Reason, Time};

/// A generator whose sequence is fixed (SplitMix64).
#[derive(Clone, Debug)]
pub(crate) struct Seeded(pub(crate) u64);

impl Randomness for Seeded {
    fn fill(&mut self, out: &mut [u8]) {
        for chunk in out.chunks_mut(8) {
            self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut mixed = self.0;
            mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
            let bytes = (mixed ^ mixed >> 31).to_le_bytes();
            chunk.copy_from_slice(&bytes[..chunk.len()]);
        }
    }
}

/// What becomes of a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Arrives,
    Lost,
    Twice,
    Late(u64),
}

/// What one end has told.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) states: Vec<(State, Option<Reason>)>,
    pub(crate) data: Vec<Vec<u8>>,
    pub(crate) secrets: Vec<KeyLogLine>,
    pub(crate) srtp: Option<SrtpKeys>,
    pub(crate) sent: Vec<(Time, Vec<u8>, Reason)>,
    pub(crate) ignored: Vec<Reason>,
    pub(crate) connected_at: Option<Time>,
}

impl Told {
    pub(crate) fn reasons(&self) -> Vec<Reason> {
        self.states.iter().filter_map(|(_, reason)| *reason).collect()
    }
}

/// Two ends: 0 is the client.
pub(crate) struct Pair {
    pub(crate) ends: [Dtls; 2],
    pub(crate) told: [Told; 2],
    pub(crate) now: Time,
    /// What becomes of the n-th datagram of all.
    pub(crate) fate: Box<dyn FnMut(usize) -> Fate>,
    line: BTreeMap<(Time, usize), (usize, Vec<u8>)>,
    count: usize,
}

pub(crate) const DELAY: Duration = Duration::from_millis(25);

impl Pair {
    /// With these versions on each end, and whatever else `tune` changes.
    pub(crate) fn tuned(seed: u64, versions: [Versions; 2], tune: impl Fn(usize, &mut Config)) -> Pair {
        let mut randomness = Seeded(seed);
        let certificates = [Certificate::generate(&mut randomness), Certificate::generate(&mut randomness)];
        let mut ends = Vec::new();
        for (end, role) in [DtlsRole::Client, DtlsRole::Server].into_iter().enumerate() {
            let announced = vec![certificates[1 - end].fingerprint()];
            let mut config = Config::new(role, certificates[end].clone(), announced);
            config.versions = versions[end];
            tune(end, &mut config);
            ends.push(Dtls::new(config, Box::new(Seeded(seed * 2 + end as u64)), Time::ZERO));
        }
        let ends = ends.try_into().expect("two ends");
        let mut pair = Pair {
            ends,
            told: [Told::default(), Told::default()],
            now: Time::ZERO,
            fate: Box::new(|_| Fate::Arrives),
            line: BTreeMap::new(),
            count: 0,
        };
        pair.drain();
        pair
    }

    pub(crate) fn new(seed: u64, versions: Versions) -> Pair {
        Pair::tuned(seed, [versions; 2], |_, _| {})
    }

    pub(crate) fn with_fate(mut self, fate: impl FnMut(usize) -> Fate + 'static) -> Pair {
        self.fate = Box::new(fate);
        self
    }

    /// Takes what the ends have to say.
    pub(crate) fn drain(&mut self) {
        for end in 0..2 {
            while let Some(output) = self.ends[end].poll_output() {
                self.take(end, output);
            }
        }
    }

    fn take(&mut self, end: usize, output: Output) {
        let told = &mut self.told[end];
        match output {
            Output::Transmit { payload, reason } => {
                told.sent.push((self.now, payload.clone(), reason));
                self.put(end, payload);
            }
            Output::Data(bytes) => told.data.push(bytes),
            Output::Change { state, reason } => {
                if state.phase == DtlsTransportState::Connected {
                    told.connected_at.get_or_insert(self.now);
                }
                told.states.push((*state, reason));
            }
            Output::Secret(line) => told.secrets.push(line),
            Output::SrtpKeys(keys) => told.srtp = Some(keys),
            Output::Ignored(reason) => told.ignored.push(reason),
        }
    }

    fn put(&mut self, from: usize, payload: Vec<u8>) {
        let number = self.count;
        self.count += 1;
        let at = self.now + DELAY;
        let copies = match (self.fate)(number) {
            Fate::Arrives => vec![at],
            Fate::Lost => vec![],
            Fate::Twice => vec![at, at + DELAY],
            Fate::Late(more_ms) => vec![at + Duration::from_millis(more_ms)],
        };
        for (copy, at) in copies.into_iter().enumerate() {
            self.line.insert((at, number * 2 + copy), (1 - from, payload.clone()));
        }
    }

    /// Loses everything that is on its way.
    pub(crate) fn forget_line(&mut self) {
        self.line.clear();
    }

    /// What becomes of the n-th datagram, which is on its way already.
    pub(crate) fn drop_or_delay(&mut self, number: usize, fate: Fate) {
        let Some(key) = self.line.keys().find(|(_, count)| count / 2 == number).copied() else { return };
        let Some(datagram) = self.line.remove(&key) else { return };
        if let Fate::Late(more_ms) = fate {
            self.line.insert((key.0 + Duration::from_millis(more_ms), key.1), datagram);
        }
    }

    /// Changes everything that is on its way.
    pub(crate) fn change_line(&mut self, change: impl Fn(&mut Vec<u8>)) {
        self.line.values_mut().for_each(|(_, payload)| change(payload));
    }

    /// The next thing that happens. False if nothing will.
    pub(crate) fn step(&mut self) -> bool {
        let arrival = self.line.first_key_value().map(|((at, _), _)| *at);
        let timers = self.ends.iter().filter_map(Dtls::poll_timeout).min();
        let Some(at) = [arrival, timers].into_iter().flatten().min() else { return false };
        self.now = self.now.max(at);
        if arrival == Some(at) {
            if let Some((_, (to, payload))) = self.line.pop_first() {
                self.ends[to].handle_datagram(&payload, self.now);
            }
        } else {
            self.ends.iter_mut().for_each(|end| end.handle_timeout(at));
        }
        self.drain();
        true
    }

    /// Until nothing happens any more, or too much has.
    pub(crate) fn run(&mut self) {
        for _ in 0..2000 {
            if !self.step() {
                return;
            }
        }
        panic!("it does not come to rest: {:?}", self.ends);
    }

    pub(crate) fn phases(&self) -> [DtlsTransportState; 2] {
        [self.ends[0].state().phase, self.ends[1].state().phase]
    }

    pub(crate) fn are_connected(&self) -> bool {
        self.phases() == [DtlsTransportState::Connected; 2]
    }
}
