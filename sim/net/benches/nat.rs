//! The price of translation: host – NAT – host with one mapping, against the same with a router; and a NAT with many mappings.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use divan::Bencher;
use divan::counter::ItemsCount;
use rtclab_net::{Attachment, Host, LinkProperties, NatConfig, Plan, Program, SocketId, World};
use rtclab_trace::{Observe, SimTime};

const PACKETS: u64 = 100_000;
const PAYLOAD: [u8; 160] = [0x5a; 160];

fn main() {
    divan::main();
}

/// Sends from its sockets in turn.
#[derive(Debug)]
struct Source {
    to: SocketAddr,
    sockets: Vec<SocketId>,
    socket_count: u64,
    sent: u64,
}

impl Program for Source {
    fn start(&mut self, host: &mut Host<'_>) {
        let any = IpAddr::from([0, 0, 0, 0]);
        self.sockets = (0..self.socket_count).filter_map(|_| host.bind_udp(any, 0).ok()).collect();
        host.set_timer(host.now(), 0);
    }

    fn timer(&mut self, host: &mut Host<'_>, token: u64) {
        for _ in 0..64 {
            let socket = self.sockets[(self.sent % self.socket_count) as usize];
            let _ = host.send_udp(socket, self.to, &PAYLOAD, None, None);
            self.sent += 1;
        }
        if self.sent < PACKETS {
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

fn world(nat: Option<NatConfig>, socket_count: u64, observe: Observe) -> World {
    let mut plan = Plan::new();
    let inside = plan.add_host("inside").expect("a new name");
    let outside = plan.add_host("outside").expect("a new name");
    let middle = match nat {
        Some(config) => plan.add_nat("nat", config),
        None => plan.add_router("router"),
    };
    let middle = middle.expect("a new name");
    let link = LinkProperties::latency(Duration::from_millis(1));
    plan.connect(inside, middle, link.clone()).expect("connected");
    let wan = Attachment::new().outside().link(link);
    plan.connect_as(middle, wan, outside, Attachment::new()).expect("connected");
    let mut world = World::new(plan, 1, observe).expect("a plan without faults");
    let to = SocketAddr::new(world.addresses(outside).first().expect("numbered").address, 5000);
    world.install(outside, Box::new(Sink)).expect("a host");
    let source = Source { to, sockets: Vec::new(), socket_count, sent: 0 };
    world.install(inside, Box::new(source)).expect("a host");
    world
}

fn run(bencher: Bencher<'_, '_>, nat: Option<NatConfig>, socket_count: u64, observe: Observe) {
    let inputs = || world(nat.clone(), socket_count, observe);
    bencher.counter(ItemsCount::new(PACKETS)).with_inputs(inputs).bench_values(|mut world| {
        world.run_until(SimTime::from_millis(PACKETS / 64 + 10));
        assert!(world.trace().counters().packets_delivered >= PACKETS);
        world
    });
}

#[divan::bench]
fn routed_summary(bencher: Bencher<'_, '_>) {
    run(bencher, None, 1, Observe::Summary);
}

#[divan::bench]
fn one_mapping_summary(bencher: Bencher<'_, '_>) {
    run(bencher, Some(NatConfig::port_restricted()), 1, Observe::Summary);
}

#[divan::bench]
fn one_mapping_full_trace(bencher: Bencher<'_, '_>) {
    run(bencher, Some(NatConfig::port_restricted()), 1, Observe::Full);
}

#[divan::bench]
fn ten_thousand_mappings_summary(bencher: Bencher<'_, '_>) {
    run(bencher, Some(NatConfig::symmetric()), 10_000, Observe::Summary);
}
