//! One transfer from a seed: who connects, what is set, what the path does to the packets. Not here: which transfers there are, and how many
//! (`main`).

use std::net::SocketAddr;
use std::time::Duration;

use rtclab_net::tcp::{Algorithm, Config, Nagle};
use rtclab_net::{Families, LinkProperties, Plan, Program, Stream, World};
use rtclab_rtc::Randomness;
use rtclab_trace::{NodeId, Observe, SimTime};
use smoltcp::socket::tcp::CongestionControl;

use crate::guest::{Guest, Settings};
use crate::ours::{Begin, Ours};
use crate::script::Script;

/// What a family of transfers has in common. Shares are in a thousand, at most.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Family {
    /// Our end connects, and smoltcp's listens.
    pub(crate) we_connect: bool,
    pub(crate) loss: u32,
    pub(crate) reordering: bool,
    pub(crate) duplication: u32,
    /// Both ends have buffers of a few segments or less, as far as smoltcp gets along with that.
    pub(crate) tiny_windows: bool,
    pub(crate) ipv6: bool,
}

/// Bytes each way, at most, where windows are tiny.
const TINY: u32 = 4_000;

/// smoltcp 0.14 sends a fast retransmission of a full segment whatever the window is, and drops its retransmission timer when a window that was
/// closed opens: what of that segment did not fit is then never sent again. So where segments get lost, our window is never smaller than a
/// segment, however tiny. It also takes windows from segments in the order of their arrival, and never sends again what it has sent into one that
/// an older segment then closed. So where segments overtake each other, our window never closes: the whole transfer fits.
fn our_buffer(family: Family, random: &mut Stream) -> u32 {
    let is_harmful = family.loss + family.duplication > 0;
    match (family.tiny_windows, family.reordering, is_harmful) {
        (true, false, false) => 1 + random.below(3000),
        (true, false, true) => 2 * 1440 + random.below(1500),
        (true, true, _) => TINY + random.below(1500),
        (false, ..) => 4_000 + random.below(200_000),
    }
}

fn our_config(family: Family, random: &mut Stream) -> Config {
    let receive_buffer = our_buffer(family, random);
    let mut coin = || random.below(4) > 0;
    let (timestamps, sack, window_scaling) = (coin(), coin(), coin());
    Config {
        receive_buffer: receive_buffer as usize,
        send_buffer: 500 + random.below(40_000) as usize,
        algorithm: [Algorithm::NewReno, Algorithm::Cubic, Algorithm::Bbr][random.below(3) as usize],
        nagle: [Nagle::Off, Nagle::Classic, Nagle::Minshall][random.below(3) as usize],
        timestamps,
        sack,
        window_scaling,
        ..Config::default()
    }
}

fn their_settings(family: Family, random: &mut Stream) -> Settings {
    let receive_buffer =
        if family.tiny_windows { 50 + random.below(3000) } else { 4_000 + random.below(100_000) };
    let control = [CongestionControl::None, CongestionControl::Reno, CongestionControl::Cubic]
        [random.below(3) as usize];
    Settings {
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

/// Two hosts on a network of the seed's latency and trouble, and their addresses.
fn world(family: Family, seed: u64, random: &mut Stream) -> (World, [NodeId; 2], [SocketAddr; 2]) {
    let mut link = LinkProperties::latency(Duration::from_micros(u64::from(random.below(25_000))));
    // A packet passes two links.
    link = link.with_loss(f64::from(random.below(family.loss + 1)) / 2000.0);
    if family.reordering {
        link = link.with_jitter(Duration::from_micros(u64::from(random.below(20_000)))).with_reordering();
    }
    let mut plan = Plan::default();
    let network = plan.add_network("net", &[], link).expect("a new name");
    let families = if family.ipv6 { Families::V6 } else { Families::V4 };
    plan.set_families(network, families).expect("a network");
    let nodes = ["us", "them"].map(|name| plan.add_host(name).expect("a new name"));
    for node in nodes {
        plan.attach(node, network, rtclab_net::Attachment::new()).expect("attached");
    }
    let world = World::new(plan, seed, Observe::Summary).expect("a plan without faults");
    let address = |node: NodeId, port| SocketAddr::new(world.addresses(node)[0].address, port);
    let ends = [address(nodes[0], 5000), address(nodes[1], 80)];
    (world, nodes, ends)
}

/// Runs the transfer of a seed, both ways, until both ends have closed.
pub(crate) fn run(family: Family, seed: u64) {
    let random = &mut Stream::new(seed, "transfer", "");
    let most = if family.tiny_windows { TINY } else { 30_000 };
    let (to_them, to_us) = (data(random, most), data(random, most));
    let (mut world, [us, them], [our_end, their_end]) = world(family, seed, random);
    let begin = if family.we_connect { Begin::Connect(their_end) } else { Begin::Listen(our_end) };
    let ours = Ours::new(begin, our_config(family, random), Script::new(&to_them));
    let settings = their_settings(family, random);
    let doubling = (random.below(family.duplication + 1), Stream::new(seed, "guest", ""));
    let guest = Guest::new(settings, [their_end, our_end], !family.we_connect, Script::new(&to_us), doubling);
    let ours = world.install(us, Box::new(ours)).expect("a host");
    let guest = world.install(them, Box::new(guest)).expect("a host");
    // Until nothing is left to happen, at most for a day.
    while world.step_until(SimTime::from_millis(24 * 3_600_000)).is_some() {}
    let ours: &Ours = program(&world, us, ours);
    let guest: &Guest = program(&world, them, guest);
    let context = || {
        let (written, read) = (guest.script.received.len(), ours.script.received.len());
        format!("{family:?}, seed {seed}, at {}: {written} bytes there, {read} back, {guest:?}", world.now())
    };
    assert!(guest.script.received == to_them, "what reached smoltcp is not what we sent: {}", context());
    assert!(ours.script.received == to_us, "what reached us is not what smoltcp sent: {}", context());
    assert_eq!(ours.ended, Some(None), "our end did not close in peace: {}", context());
    assert!(guest.is_closed_in_peace(), "smoltcp did not close in peace: {}", context());
    assert_eq!(world.packets_in_flight(), 0, "{}", context());
}

fn program<P: Program>(world: &World, node: NodeId, id: rtclab_net::ProgramId) -> &P {
    world.program(node, id).expect("it was installed")
}
