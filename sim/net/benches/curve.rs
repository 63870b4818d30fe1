//! What an event costs: from a hundred to a million packets in flight, and from ten to ten thousand nodes. It should cost the same everywhere, but for
//! what leaves the caches. Each line is a point of the curve: hops a second once that many are under way, with counters only.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use divan::Bencher;
use divan::counter::ItemsCount;
use rtclab_net::{Host, LinkProperties, Plan, Program, SocketId, World};
use rtclab_trace::{NodeId, Observe};

/// Hops that are measured.
const HOPS: u64 = 300_000;
const PAYLOAD: [u8; 160] = [0x5a; 160];
const TICK: Duration = Duration::from_millis(1);

fn main() {
    divan::main();
}

/// Sends some datagrams every millisecond, for as long as anybody looks.
#[derive(Debug)]
struct Source {
    to: SocketAddr,
    at_once: u64,
    socket: Option<SocketId>,
}

impl Program for Source {
    fn start(&mut self, host: &mut Host<'_>) {
        self.socket = host.bind_udp(IpAddr::from([0, 0, 0, 0]), 4000).ok();
        host.set_timer(host.now(), 0);
    }

    fn timer(&mut self, host: &mut Host<'_>, token: u64) {
        let Some(socket) = self.socket else { return };
        for _ in 0..self.at_once {
            let _ = host.send_udp(socket, self.to, &PAYLOAD, None, None);
        }
        host.set_timer(host.now() + TICK, token);
    }
}

/// Takes what comes.
#[derive(Debug)]
struct Sink;

impl Program for Sink {
    fn start(&mut self, host: &mut Host<'_>) {
        let _ = host.bind_udp(IpAddr::from([0, 0, 0, 0]), 5000);
    }
}

fn send(world: &mut World, from: NodeId, to: NodeId, at_once: u64) {
    let to = SocketAddr::new(world.addresses(to).first().expect("numbered").address, 5000);
    world.install(from, Box::new(Source { to, at_once, socket: None })).expect("a host");
}

/// Host – router – router – host, with so many packets on the links.
fn chain_with(in_flight: u64) -> World {
    let at_once = in_flight.min(99) / 3;
    let latency = TICK * u32::try_from(in_flight / (3 * at_once)).expect("a count of milliseconds");
    let mut plan = Plan::new();
    let source = plan.add_host("source").expect("a new name");
    let [r1, r2] = ["r1", "r2"].map(|name| plan.add_router(name).expect("a new name"));
    let sink = plan.add_host("sink").expect("a new name");
    for (a, b) in [(source, r1), (r1, r2), (r2, sink)] {
        plan.connect(a, b, LinkProperties::latency(latency)).expect("connected");
    }
    let mut world = World::new(plan, 1, Observe::Summary).expect("a plan without faults");
    world.install(sink, Box::new(Sink)).expect("a host");
    send(&mut world, source, sink, at_once);
    let warm = world.now() + latency * 3 + TICK;
    world.run_until(warm);
    assert!(world.packets_in_flight() >= in_flight * 9 / 10, "{}", world.packets_in_flight());
    world
}

/// Networks of ten nodes or a hundred around a core, each a router and hosts that send to the next network, one datagram a millisecond.
fn networks_with(nodes: usize) -> World {
    let each = if nodes > 100 { 100 } else { 10 };
    let mut plan = Plan::new();
    let way = || LinkProperties::latency(Duration::from_micros(500));
    let core = plan.add_network("core", &[], way()).expect("a new name");
    let mut hosts = Vec::new();
    for number in 0..(nodes / each).max(1) {
        let network = plan.add_network(&format!("n{number}"), &[], way()).expect("a new name");
        let router = plan.add_router(&format!("r{number}")).expect("a new name");
        plan.attach(router, network, Default::default()).expect("attached");
        plan.attach(router, core, Default::default()).expect("attached");
        for place in 1..each {
            let host = plan.add_host(&format!("h{number}-{place}")).expect("a new name");
            plan.attach(host, network, Default::default()).expect("attached");
            hosts.push(host);
        }
    }
    let mut world = World::new(plan, 1, Observe::Summary).expect("a plan without faults");
    for (place, host) in hosts.iter().enumerate() {
        world.install(*host, Box::new(Sink)).expect("a host");
        let to = hosts[(place + each - 1) % hosts.len()];
        // The only network sends to itself.
        let to = if to == *host { hosts[(place + 1) % hosts.len()] } else { to };
        send(&mut world, *host, to, 1);
    }
    let warm = world.now() + TICK * 5;
    world.run_until(warm);
    world
}

fn measure(bencher: Bencher<'_, '_>, world: impl Fn() -> World + Sync) {
    bencher.counter(ItemsCount::new(HOPS)).with_inputs(world).bench_values(|mut world| {
        let end = world.trace().counters().hops + HOPS;
        while world.trace().counters().hops < end && world.step().is_some() {}
        world
    });
}

#[divan::bench(args = [100, 1_000, 10_000, 100_000, 1_000_000], sample_count = 10)]
fn packets_in_flight(bencher: Bencher<'_, '_>, in_flight: u64) {
    measure(bencher, || chain_with(in_flight));
}

#[divan::bench(args = [10, 100, 1_000, 10_000], sample_count = 10)]
fn nodes(bencher: Bencher<'_, '_>, nodes: usize) {
    measure(bencher, || networks_with(nodes));
}
