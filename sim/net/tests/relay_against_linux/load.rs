//! The load of a two-hop relay: a publisher writes a frame every thirtieth of a second, a relay passes on whole frames, a viewer notes when each has
//! arrived. Not here: which cells there are, and what Linux made of them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rtclab_net::tcp::{Algorithm, Config};
use rtclab_net::{Host, LinkProperties, ListenerId, Plan, Program, ProgramId, Stream, StreamId, World};
use rtclab_rtc::Randomness;
use rtclab_trace::{NodeId, Observe, SimTime};

/// The ports of the relay: one that is published to, one that is played from.
const PUBLISH: u16 = 1935;
const PLAY: u16 = 1936;

const FRAMES_PER_SECOND: u64 = 30;
/// Frames from one key frame to the next: 2 s.
const GROUP: u64 = 60;
/// 32 s of video, as measured.
const FRAMES: u64 = 32 * FRAMES_PER_SECOND;
/// 2 Mbit/s: a key frame of 30 kB, and what that leaves for each of the others.
const KEY_BYTES: u64 = 30_000;
const INTER_BYTES: u64 = 7_966;
/// When the first frame leaves the camera: everybody has connected.
const START: Duration = Duration::from_secs(2);
/// As in the measurement, frames of the first seconds and the last ten are left out.
const FRAMES_SKIPPED: u64 = 4 * FRAMES_PER_SECOND;
const FRAMES_CUT: u64 = 10;

/// One cell of the table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Cell {
    pub(crate) algorithm: Algorithm,
    /// Of each of the two links.
    pub(crate) rtt_ms: u64,
    /// Of each link, each way, in percent.
    pub(crate) loss_percent: u32,
}

/// What came of a run: delays of the frames that count, in milliseconds.
#[derive(Clone, Debug)]
pub(crate) struct Delays(Vec<f64>);

impl Delays {
    pub(crate) fn median(&self) -> f64 {
        middle(&self.0)
    }

    /// Of the last fifth: where a delay grows without bound, it is seen here.
    pub(crate) fn median_at_the_end(&self) -> f64 {
        middle(&self.0[self.0.len() * 4 / 5..])
    }
}

pub(crate) fn middle(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

/// Where each frame ends in the stream.
fn frame_ends(seed: u64) -> Vec<u64> {
    let random = &mut Stream::new(seed, "frames", "");
    let mut end = 0;
    let mut next = |number: u64| {
        let mean = if number.is_multiple_of(GROUP) { KEY_BYTES } else { INTER_BYTES };
        // Up to a fifth more or less.
        end += mean * u64::from(800 + random.below(401)) / 1000;
        end
    };
    (0..FRAMES).map(&mut next).collect()
}

fn captured_at(number: u64) -> SimTime {
    SimTime::ZERO + START + Duration::from_nanos(number * 1_000_000_000 / FRAMES_PER_SECOND)
}

/// Bytes that are to go to a stream: they are all alike, so that a count will do.
#[derive(Debug, Default)]
struct Outgoing {
    stream: Option<StreamId>,
    due: u64,
    written: u64,
}

impl Outgoing {
    fn write(&mut self, host: &mut Host<'_>) {
        static ZEROS: [u8; 65_536] = [0; 65_536];
        let Some(stream) = self.stream else { return };
        while self.written < self.due {
            let most = ZEROS.len().min((self.due - self.written) as usize);
            let taken = host.write(stream, &ZEROS[..most], None).expect("nobody closes");
            self.written += taken as u64;
            if taken < most {
                return;
            }
        }
    }
}

#[derive(Debug)]
struct Publisher {
    relay: SocketAddr,
    config: Config,
    ends: Arc<Vec<u64>>,
    frame: u64,
    outgoing: Outgoing,
}

impl Program for Publisher {
    fn start(&mut self, host: &mut Host<'_>) {
        let stream = host.connect_tcp(self.relay, self.config.clone(), None).expect("a route");
        self.outgoing.stream = Some(stream);
        host.set_timer(captured_at(0), 0);
    }

    fn timer(&mut self, host: &mut Host<'_>, _: u64) {
        self.outgoing.due = self.ends[self.frame as usize];
        self.outgoing.write(host);
        self.frame += 1;
        if self.frame < FRAMES {
            host.set_timer(captured_at(self.frame), 0);
        }
    }

    fn stream_writable(&mut self, host: &mut Host<'_>, _: StreamId) {
        self.outgoing.write(host);
    }
}

#[derive(Debug)]
struct Relay {
    config: Config,
    ends: Arc<Vec<u64>>,
    play: Option<ListenerId>,
    publisher: Option<StreamId>,
    received: u64,
    frames: usize,
    outgoing: Outgoing,
}

impl Program for Relay {
    fn start(&mut self, host: &mut Host<'_>) {
        let any = "0.0.0.0".parse().expect("an address");
        host.listen_tcp(any, PUBLISH, 1, self.config.clone()).expect("a free port");
        self.play = Some(host.listen_tcp(any, PLAY, 1, self.config.clone()).expect("a free port"));
    }

    fn stream_waiting(&mut self, host: &mut Host<'_>, listener: ListenerId) {
        let (stream, _) = host.accept(listener).expect("one waits");
        if Some(listener) == self.play {
            self.outgoing.stream = Some(stream);
        } else {
            self.publisher = Some(stream);
        }
    }

    fn stream_data(&mut self, host: &mut Host<'_>, stream: StreamId) {
        if Some(stream) != self.publisher {
            return;
        }
        self.received += host.read_all(stream).len() as u64;
        while self.ends.get(self.frames).is_some_and(|end| *end <= self.received) {
            self.outgoing.due = self.ends[self.frames];
            self.frames += 1;
            self.outgoing.write(host);
        }
    }

    fn stream_writable(&mut self, host: &mut Host<'_>, _: StreamId) {
        self.outgoing.write(host);
    }
}

#[derive(Debug)]
struct Viewer {
    relay: SocketAddr,
    config: Config,
    ends: Arc<Vec<u64>>,
    received: u64,
    arrived: Vec<SimTime>,
}

impl Program for Viewer {
    fn start(&mut self, host: &mut Host<'_>) {
        host.connect_tcp(self.relay, self.config.clone(), None).expect("a route");
    }

    fn stream_data(&mut self, host: &mut Host<'_>, stream: StreamId) {
        self.received += host.read_all(stream).len() as u64;
        while self.ends.get(self.arrived.len()).is_some_and(|end| *end <= self.received) {
            self.arrived.push(host.now());
        }
    }
}

/// The links of the measurement: 20 Mbit/s and a queue of 2000 packets.
fn link(cell: Cell) -> LinkProperties {
    let way = LinkProperties::latency(Duration::from_micros(cell.rtt_ms * 500));
    way.with_loss(f64::from(cell.loss_percent) / 100.0).with_rate(20_000_000, 2000)
}

fn world(cell: Cell, seed: u64) -> (World, [NodeId; 3], [SocketAddr; 2]) {
    let mut plan = Plan::default();
    let nodes = ["publisher", "relay", "viewer"].map(|name| plan.add_host(name).expect("a new name"));
    let [publisher, relay, viewer] = nodes;
    plan.connect(publisher, relay, link(cell)).expect("connected");
    plan.connect(relay, viewer, link(cell)).expect("connected");
    let world = World::new(plan, seed, Observe::Summary).expect("a plan without faults");
    let own = world.addresses(relay);
    let on = |place: usize, port| SocketAddr::new(own[place].address, port);
    let second = own.iter().position(|held| held.interface != own[0].interface && held.address.is_ipv4());
    (world, nodes, [on(0, PUBLISH), on(second.expect("two interfaces"), PLAY)])
}

/// Runs a cell until every frame has arrived, at most for three minutes.
pub(crate) fn run(cell: Cell, seed: u64) -> Delays {
    let ends = Arc::new(frame_ends(seed));
    let config = Config { algorithm: cell.algorithm, ..Config::default() };
    let (mut world, [publisher, relay, viewer], [publish, play]) = world(cell, seed);
    let program = Relay {
        config: config.clone(),
        ends: ends.clone(),
        play: None,
        publisher: None,
        received: 0,
        frames: 0,
        outgoing: Outgoing::default(),
    };
    world.install(relay, Box::new(program)).expect("a host");
    let (received, arrived) = (0, Vec::new());
    let program = Viewer { relay: play, config: config.clone(), ends: ends.clone(), received, arrived };
    world.install(viewer, Box::new(program)).expect("a host");
    let program = Publisher { relay: publish, config, ends, frame: 0, outgoing: Outgoing::default() };
    world.install(publisher, Box::new(program)).expect("a host");
    let limit = SimTime::from_millis(180_000);
    while seen(&world, viewer).len() < FRAMES as usize && world.step_until(limit).is_some() {}
    let delays = seen(&world, viewer)
        .iter()
        .zip(0..FRAMES)
        .filter(|(_, number)| (FRAMES_SKIPPED..FRAMES - FRAMES_CUT).contains(number));
    Delays(delays.map(|(at, number)| at.since(captured_at(number)).as_secs_f64() * 1e3).collect())
}

fn seen(world: &World, viewer: NodeId) -> &[SimTime] {
    world.program::<Viewer>(viewer, ProgramId(0)).map_or(&[], |viewer| &viewer.arrived)
}
