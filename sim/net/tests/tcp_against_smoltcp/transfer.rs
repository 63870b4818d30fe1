//! One transfer from a seed: who connects, what is set, what the channel does to the packets.
//! Not here: which transfers there are, and how many (`main`).

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use rtclab_net::Stream;
use rtclab_net::tcp::{Algorithm, Config, Nagle};
use rtclab_rtc::Randomness;
use rtclab_trace::SimTime;
use smoltcp::socket::tcp::CongestionControl;

use crate::ends::{End, Ours, Script, TheirConfig, Theirs};

/// What a family of transfers has in common. Shares are in a thousand, at most.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Family {
    /// Our end connects, and smoltcp's listens.
    pub(crate) we_connect: bool,
    pub(crate) loss: u32,
    pub(crate) reordering: u32,
    pub(crate) duplication: u32,
    /// Both ends have buffers of a few segments or less.
    pub(crate) tiny_windows: bool,
    pub(crate) ipv6: bool,
}

struct Channel {
    delay: Duration,
    loss: u32,
    reordering: u32,
    duplication: u32,
    randomness: Stream,
    in_flight: BTreeMap<(SimTime, u64), (usize, Vec<u8>)>,
    count: u64,
}

impl Channel {
    fn chance(&mut self, per_mille: u32) -> bool {
        per_mille > 0 && self.randomness.below(1000) < per_mille
    }

    fn send(&mut self, now: SimTime, to: usize, packet: Vec<u8>) {
        if self.chance(self.loss) {
            return;
        }
        let copies = if self.chance(self.duplication) { 2 } else { 1 };
        for _ in 0..copies {
            let mut at = now + self.delay;
            if self.chance(self.reordering) {
                at += Duration::from_micros(u64::from(self.randomness.below(30_000)));
            }
            self.count += 1;
            self.in_flight.insert((at, self.count), (to, packet.clone()));
        }
    }
}

/// smoltcp 0.14 sends a fast retransmission of a full segment whatever the window is, and drops its retransmission timer when a window that was
/// closed opens: what of that segment did not fit is then never sent again. So where segments get lost or out of order, our window is never
/// smaller than a segment, however tiny.
fn our_buffer(family: Family, random: &mut Stream) -> u32 {
    let is_harmful = family.loss + family.reordering + family.duplication > 0;
    match (family.tiny_windows, is_harmful) {
        (true, false) => 1 + random.below(3000),
        (true, true) => 2 * 1440 + random.below(1500),
        (false, _) => 4_000 + random.below(200_000),
    }
}

fn our_config(family: Family, random: &mut Stream) -> Config {
    let receive_buffer = our_buffer(family, random);
    let mut coin = || random.below(4) > 0;
    let (timestamps, sack, window_scaling) = (coin(), coin(), coin());
    Config {
        receive_buffer: receive_buffer as usize,
        algorithm: [Algorithm::NewReno, Algorithm::Cubic, Algorithm::Bbr][random.below(3) as usize],
        nagle: [Nagle::Off, Nagle::Classic, Nagle::Minshall][random.below(3) as usize],
        timestamps,
        sack,
        window_scaling,
        ..Config::default()
    }
}

fn their_config(family: Family, random: &mut Stream) -> TheirConfig {
    let receive_buffer =
        if family.tiny_windows { 50 + random.below(3000) } else { 4_000 + random.below(100_000) };
    let control = [CongestionControl::None, CongestionControl::Reno, CongestionControl::Cubic]
        [random.below(3) as usize];
    TheirConfig {
        receive_buffer: receive_buffer as usize,
        send_buffer: 2_000 + random.below(60_000) as usize,
        control,
        timestamps: random.below(2) == 0,
        nagle: random.below(2) == 0,
        delays_acks: random.below(2) == 0,
    }
}

fn data(random: &mut Stream, most: u32) -> Vec<u8> {
    let mut bytes = vec![0; random.below(most) as usize];
    random.fill(&mut bytes);
    bytes
}

/// Runs the transfer of a seed, both ways, until both ends have closed.
pub(crate) fn run(family: Family, seed: u64) {
    let random = &mut Stream::new(seed, "transfer", "");
    let most = if family.tiny_windows { 4_000 } else { 30_000 };
    let (ours, theirs) = (data(random, most), data(random, most));
    let addresses = if family.ipv6 {
        ["[2001:db8::1]:5000", "[2001:db8::2]:80"]
    } else {
        ["10.0.0.1:5000", "10.0.0.2:80"]
    };
    let [us, them]: [SocketAddr; 2] = addresses.map(|address| address.parse().expect("an address"));
    let config = our_config(family, random);
    let mut our_end = Ours::new(config, [us, them], family.we_connect, Script::new(&ours), random);
    let their_settings = their_config(family, random);
    let mut their_end =
        Theirs::new(their_settings, [them, us], !family.we_connect, Script::new(&theirs), random);
    let mut channel = Channel {
        delay: Duration::from_micros(u64::from(random.below(50_000))),
        loss: random.below(family.loss + 1),
        reordering: random.below(family.reordering + 1),
        duplication: random.below(family.duplication + 1),
        randomness: Stream::new(seed, "channel", ""),
        in_flight: BTreeMap::new(),
        count: 0,
    };
    let ended = drive(&mut channel, [&mut our_end, &mut their_end]);
    let status = [our_end.status(), their_end.status()];
    let context = || format!("{family:?}, seed {seed}, at {ended}: {status:#?}");
    assert!(
        their_end.received() == ours,
        "{} of {} bytes reached smoltcp; {}",
        their_end.received().len(),
        ours.len(),
        context()
    );
    assert!(
        our_end.received() == theirs,
        "{} of {} bytes reached us; {}",
        our_end.received().len(),
        theirs.len(),
        context()
    );
    assert!(status.iter().all(|(_, in_peace)| *in_peace), "{}", context());
}

/// Lets the two act until nothing is left to happen, at most for a day.
fn drive(channel: &mut Channel, ends: [&mut dyn End; 2]) -> SimTime {
    let mut now = SimTime::ZERO;
    let mut sent = Vec::new();
    loop {
        for (side, end) in [0, 1].into_iter().zip([0, 1]) {
            ends[end].act(now, &mut sent);
            for packet in sent.drain(..) {
                channel.send(now, 1 - side, packet);
            }
        }
        let arrival = channel.in_flight.first_key_value().map(|((at, _), _)| *at);
        let timers = [ends[0].next_at(now), ends[1].next_at(now)];
        let Some(next) = timers.into_iter().chain([arrival]).flatten().min() else { return now };
        if next > SimTime::from_millis(24 * 3_600_000) {
            return now;
        }
        now = now.max(next);
        while let Some(entry) = channel.in_flight.first_entry()
            && entry.key().0 <= now
        {
            let (to, packet) = entry.remove();
            ends[to].arrives(now, &packet);
        }
    }
}
