//! Random chains of links with every impairment at once: no packet is lost from the books, whatever happens to it.

mod common;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use common::*;
use proptest::prelude::*;
use rtclab_net::wire::ip;
use rtclab_net::*;
use rtclab_trace::{Change, Entity, EntryId, NetReason, PacketId, SimTime, Trace};

fn latency() -> impl Strategy<Value = Latency> {
    let ms = |most: u64| (0..most).prop_map(Duration::from_millis);
    prop_oneof![
        ms(20).prop_map(Latency::Constant),
        (ms(10), ms(30)).prop_map(|(least, spread)| Latency::Uniform { least, most: least + spread }),
        (ms(20), ms(10)).prop_map(|(mean, deviation)| Latency::Normal { mean, deviation }),
        prop::collection::vec(ms(20), 0..4).prop_map(Latency::List),
    ]
}

fn loss() -> impl Strategy<Value = Loss> {
    let share = || 0.0..0.5;
    prop_oneof![
        Just(Loss::NONE),
        share().prop_map(Loss::Independent),
        (share(), share(), share(), share()).prop_map(|(to_bad, to_good, loss_in_good, loss_in_bad)| {
            Loss::Bursts(GilbertElliott { to_bad, to_good, loss_in_good, loss_in_bad })
        }),
        prop::collection::vec(1u64..20, 0..5).prop_map(Loss::Listed),
    ]
}

fn way() -> impl Strategy<Value = LinkWay> {
    let queue =
        prop_oneof![(1u32..20).prop_map(QueueLimit::Packets), (1u64..20_000).prop_map(QueueLimit::Bytes)];
    let codel =
        prop::option::of((1u64..20, 20u64..100, any::<bool>()).prop_map(|(target, interval, ecn)| Codel {
            target: Duration::from_millis(target),
            interval: Duration::from_millis(interval),
            ecn,
        }));
    let rate_bps = prop::option::of(100_000u64..10_000_000);
    let shares = (0.0f64..0.3, prop_oneof![Just(0.0), 0.0f64..0.3]);
    (latency(), any::<bool>(), loss(), shares, rate_bps, queue, codel, 200u32..1_600).prop_map(
        |(latency, reorder, loss, (duplicate, corrupt), rate_bps, queue, codel, mtu)| LinkWay {
            latency,
            reorder,
            loss,
            duplicate,
            corrupt,
            rate_bps,
            queue,
            codel,
            mtu,
        },
    )
}

fn link() -> impl Strategy<Value = LinkProperties> {
    (way(), way()).prop_map(|(forward, backward)| LinkProperties { forward, backward })
}

/// Something that happens, some time after the thing before it.
#[derive(Clone, Debug)]
enum Deed {
    Send { back: bool, length: usize, fragmentation: Fragmentation, ecn: bool },
    Change { link: usize, to: Box<LinkProperties> },
    SetUp { link: usize, up: bool },
}

fn deed() -> impl Strategy<Value = Deed> {
    let fragmentation =
        prop::sample::select(vec![Fragmentation::AtSource, Fragmentation::Never, Fragmentation::Anywhere]);
    let send = (any::<bool>(), 1usize..4_000, fragmentation, any::<bool>())
        .prop_map(|(back, length, fragmentation, ecn)| Deed::Send { back, length, fragmentation, ecn });
    prop_oneof![
        8 => send,
        1 => (0usize..4, link()).prop_map(|(link, to)| Deed::Change { link, to: Box::new(to) }),
        1 => (0usize..4, any::<bool>()).prop_map(|(link, up)| Deed::SetUp { link, up }),
    ]
}

/// What the trace says of each packet, read as it grows.
#[derive(Debug, Default)]
struct Books {
    read: usize,
    packets: BTreeMap<PacketId, (EntryId, bool)>,
    now: SimTime,
}

impl Books {
    fn check(&mut self, world: &World) {
        let trace = world.trace();
        while let Some(id) = trace.id_at(self.read) {
            self.read += 1;
            let entry = trace.entry(id);
            assert!(entry.at >= self.now, "time goes back at {}", trace.line(id));
            self.now = entry.at;
            let Entity::Packet(packet) = entry.entity else { continue };
            match self.packets.get(&packet) {
                Some((_, true)) => panic!("{} comes after the packet's end", trace.line(id)),
                Some((before, false)) => assert_eq!(entry.cause, Some(*before), "{}", trace.line(id)),
                None => {}
            }
            let ends = entry.change.ends_packet();
            if let Change::Dropped(_) = entry.change {
                assert!(entry.reason.is_some(), "{}", trace.line(id));
            }
            self.packets.insert(packet, (id, ends));
        }
        let under_way = self.packets.values().filter(|(_, ended)| !ended).count() as u64;
        let looping = (trace.packets().len() - self.packets.len()) as u64;
        assert_eq!(world.packets_in_flight(), under_way + looping, "packets are neither lost nor made up");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn every_packet_is_delivered_dropped_replaced_waiting_or_under_way(
        links in prop::collection::vec(link(), 1..4),
        deeds in prop::collection::vec((deed(), 0u64..30), 1..40),
        seed in any::<u64>(),
    ) {
        let (mut lab, ids) = chain(&links, seed);
        let mut books = Books::default();
        let ends = [("alice", "bob", 5000), ("bob", "alice", 4000)];
        for (deed, wait_ms) in deeds {
            match deed {
                Deed::Send { back, length, fragmentation, ecn } => {
                    let (from, to, port) = ends[usize::from(back)];
                    lab.with_socket(from, |host, socket| {
                        host.set_fragmentation(socket, fragmentation);
                        host.set_ecn(socket, if ecn { Ecn::Ect0 } else { Ecn::NotEct });
                    });
                    let to = SocketAddr::new(lab.address(to), port);
                    let _ = lab.try_send(from, to, &vec![7; length]);
                }
                Deed::Change { link, to } => {
                    lab.world.set_link(ids[link % ids.len()], *to, None).expect("a link");
                }
                Deed::SetUp { link, up } => {
                    lab.world.set_link_up(ids[link % ids.len()], up, None).expect("a link");
                }
            }
            books.check(&lab.world);
            let until = lab.world.now() + Duration::from_millis(wait_ms);
            while lab.world.next_event_at().is_some_and(|at| at <= until) {
                lab.world.step();
                books.check(&lab.world);
            }
            lab.world.run_until(until);
        }
        // Beyond every wait, for fragments too; what has to end has ended.
        lab.run_ms(400_000);
        books.check(&lab.world);
        prop_assert_eq!(lab.world.packets_in_flight(), 0);
        for (id, entry) in lab.world.trace().entries() {
            if let Change::Delivered { .. } = entry.change {
                check_payload(lab.world.trace(), id);
            }
        }
    }
}

/// One flipped bit never escapes a checksum; two may make up for each other.
fn check_payload(trace: &Trace, delivered: EntryId) {
    let bytes = trace.bytes_at(delivered).expect("of a packet");
    let header = ip::Header::parse(&bytes).expect("it was delivered");
    let right =
        header.protocol != ip::UDP || bytes[header.payload + 8..header.end].iter().all(|&byte| byte == 7);
    let causes: Vec<_> = trace.causes_of(delivered).map(|cause| trace.entry(cause)).collect();
    let flips = causes.iter().filter(|entry| matches!(entry.change, Change::Altered { .. })).count();
    // The cause of a datagram made of fragments is the last of them; bits may have been flipped in the others.
    let reassembled = causes.iter().any(|entry| entry.reason == Some(NetReason::Reassembled.into()));
    assert!(right || flips > 1 || reassembled, "{} with a wrong payload", trace.line(delivered));
}

/// alice – r0 – r1 – … – bob.
fn chain(links: &[LinkProperties], seed: u64) -> (Lab, Vec<rtclab_trace::LinkId>) {
    let mut draft = Draft::new().host("alice", &[]);
    let mut before = "alice".to_string();
    for (index, link) in links.iter().enumerate() {
        let last = index + 1 == links.len();
        let next = if last { "bob".to_string() } else { format!("r{index}") };
        draft = if last { draft.host(&next, &[]) } else { draft.router(&next, &[]) };
        draft = draft.connect(&before, &next, link.clone());
        before = next;
    }
    let ids = draft.0.links_of(draft.id("alice")).map(|(link, ..)| link).collect::<Vec<_>>();
    let count = links.len() as u32;
    let ids: Vec<_> = (0..count).map(|offset| rtclab_trace::LinkId(ids[0].0 + offset)).collect();
    let mut lab = Lab::seeded(draft.0, seed);
    lab.talk("alice", Talker::new("0.0.0.0:4000"));
    lab.talk("bob", Talker::new("0.0.0.0:5000"));
    (lab, ids)
}
