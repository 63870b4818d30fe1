//! Packet hops a second through host – router – router – host: 160 bytes of UDP payload, one way, links with latency and no loss.
//! With the full trace and with counters only; and the same with many packets in flight, which must not cost more.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use divan::Bencher;
use divan::counter::ItemsCount;
use rtclab_net::{Host, LinkProperties, Plan, Program, SocketId, World};
use rtclab_trace::{NodeId, Observe, SimTime};

const PACKETS: u64 = 100_000;
const HOPS: u64 = 3 * PACKETS;
const PAYLOAD: [u8; 160] = [0x5a; 160];

fn main() {
    divan::main();
}

/// Sends some datagrams every millisecond.
#[derive(Debug)]
struct Source {
    to: SocketAddr,
    at_once: u64,
    left: u64,
    socket: Option<SocketId>,
}

impl Program for Source {
    fn start(&mut self, host: &mut Host<'_>) {
        self.socket = host.bind_udp(IpAddr::from([0, 0, 0, 0]), 4000).ok();
        host.set_timer(host.now(), 0);
    }

    fn timer(&mut self, host: &mut Host<'_>, token: u64) {
        let Some(socket) = self.socket else { return };
        for _ in 0..self.at_once.min(self.left) {
            let _ = host.send_udp(socket, self.to, &PAYLOAD, None, None);
        }
        self.left = self.left.saturating_sub(self.at_once);
        if self.left > 0 {
            host.set_timer(host.now() + Duration::from_millis(1), token);
        }
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

fn chain(latency: Duration, at_once: u64, observe: Observe) -> World {
    let mut plan = Plan::new();
    let source = plan.add_host("source").expect("a new name");
    let [r1, r2] = ["r1", "r2"].map(|name| plan.add_router(name).expect("a new name"));
    let sink = plan.add_host("sink").expect("a new name");
    for (a, b) in [(source, r1), (r1, r2), (r2, sink)] {
        plan.connect(a, b, LinkProperties::latency(latency)).expect("connected");
    }
    let mut world = World::new(plan, 1, observe).expect("a plan without faults");
    let to = SocketAddr::new(address_of(&world, sink), 5000);
    world.install(sink, Box::new(Sink)).expect("a host");
    let program = Source { to, at_once, left: PACKETS, socket: None };
    world.install(source, Box::new(program)).expect("a host");
    world
}

/// The first address of a node.
fn address_of(world: &World, node: NodeId) -> IpAddr {
    world.addresses(node).first().expect("numbered").address
}

fn run(bencher: Bencher<'_, '_>, latency: Duration, at_once: u64, observe: Observe) {
    bencher.counter(ItemsCount::new(HOPS)).with_inputs(|| chain(latency, at_once, observe)).bench_values(
        |mut world| {
            world.run_until(SimTime::MAX);
            assert_eq!(world.trace().counters().hops, HOPS);
            world
        },
    );
}

#[divan::bench]
fn full_trace(bencher: Bencher<'_, '_>) {
    run(bencher, Duration::from_millis(1), 64, Observe::Full);
}

#[divan::bench]
fn summary(bencher: Bencher<'_, '_>) {
    run(bencher, Duration::from_millis(1), 64, Observe::Summary);
}

#[divan::bench]
fn summary_with_50_000_packets_in_flight(bencher: Bencher<'_, '_>) {
    run(bencher, Duration::from_millis(1_000), 50, Observe::Summary);
}
