//! What waits for the rate of a link: drop-tail, CoDel, ECN. The rule of CoDel itself is tested beside the code.

mod common;

use std::net::SocketAddr;
use std::time::Duration;

use common::*;
use rtclab_net::wire::ip;
use rtclab_net::*;
use rtclab_trace::{Backlog, Change, Direction, LinkId, NetReason, SimTime};

/// A packet of 125 bytes takes a millisecond on it.
const RATE_BPS: u64 = 1_000_000;
/// Payload of a packet of 125 bytes.
const PAYLOAD: [u8; 97] = [0; 97];

/// alice sends to bob over a slow link.
struct Slow {
    lab: Lab,
    bob: SocketAddr,
    link: LinkId,
}

impl Slow {
    fn new(link: LinkProperties) -> Slow {
        let draft = Draft::new().host("alice", &[]).host("bob", &[]).connect("alice", "bob", link);
        let link = draft.link("alice", "bob");
        let mut lab = draft.lab();
        lab.talk("alice", Talker::new("0.0.0.0:4000"));
        lab.talk("bob", Talker::new("0.0.0.0:5000"));
        let bob = SocketAddr::new(lab.address("bob"), 5000);
        Slow { lab, bob, link }
    }

    fn send(&mut self) {
        self.lab.send("alice", self.bob, &PAYLOAD);
    }

    /// A burst, then exactly what the link can carry: a queue that nothing drains.
    fn stand(&mut self, burst: usize, millis: u64) {
        (0..burst).for_each(|_| self.send());
        for _ in 0..millis {
            self.lab.run_ms(1);
            self.send();
        }
    }

    /// How many packets wait now.
    fn waiting(&self) -> u32 {
        let now = self.lab.world.now();
        let series = self.lab.world.trace().backlog(self.link, Direction::Forward);
        series.iter().rev().find(|backlog| backlog.at <= now).map_or(0, |backlog| backlog.packets)
    }

    fn count(&self, reason: NetReason) -> usize {
        self.lab.times_of(reason).len()
    }
}

fn slow() -> LinkProperties {
    millis(1).with_rate(RATE_BPS, 1_000)
}

#[test]
fn a_standing_queue_stays_in_a_drop_tail_queue() {
    let mut slow = Slow::new(slow());
    slow.stand(200, 4_000);
    assert!((198..=201).contains(&slow.waiting()), "{}", slow.waiting());
    assert_eq!(slow.lab.drops(), []);
}

#[test]
fn codel_drains_a_standing_queue_to_its_target() {
    // RFC 8289 §5.6: what a packet of the largest size takes is no queue, so that size is below the target here.
    let mut slow = Slow::new(slow().with_codel(Codel::default()).with_mtu(500));
    slow.stand(200, 4_000);
    assert!(slow.waiting() <= 6, "{}", slow.waiting());
    let dropped = slow.count(NetReason::CodelDropped);
    assert!((190..210).contains(&dropped), "{dropped}");
    assert_eq!(slow.lab.drops().len(), dropped);
    // Once drained, it is left alone.
    slow.stand(0, 2_000);
    assert!(slow.count(NetReason::CodelDropped) - dropped < 5);
}

#[test]
fn codel_leaves_a_short_burst_alone() {
    let mut slow = Slow::new(slow().with_codel(Codel::default()));
    (0..80).for_each(|_| slow.send());
    slow.lab.run_ms(200);
    assert_eq!(slow.lab.drops(), []);
    assert_eq!(slow.lab.heard("bob").len(), 80);
}

#[test]
fn codel_marks_what_knows_ecn_and_the_mark_arrives() {
    let mut slow = Slow::new(slow().with_codel(Codel::default()));
    slow.lab.with_socket("alice", |host, socket| host.set_ecn(socket, Ecn::Ect0));
    slow.stand(200, 2_000);
    slow.lab.run_ms(1_000);
    assert_eq!(slow.lab.drops(), []);
    let marked = slow.count(NetReason::EcnMarked);
    assert!(marked > 50, "{marked}");
    let trace = slow.lab.world.trace();
    let delivered = trace.entries().filter(|(_, entry)| matches!(entry.change, Change::Delivered { .. }));
    let arrived = delivered.filter(|(id, _)| {
        let bytes = trace.bytes_at(*id).expect("of a packet");
        assert!(ip::Header::parse(&bytes).is_ok(), "the checksum follows the mark");
        ip::ecn(&bytes) == Ecn::CongestionExperienced
    });
    assert_eq!(arrived.count(), marked);
    assert_eq!(trace.link_loads()[0].marked, marked as u64);
}

#[test]
fn without_ecn_codel_drops_what_could_be_marked() {
    let mut slow = Slow::new(slow().with_codel(Codel { ecn: false, ..Codel::default() }));
    slow.lab.with_socket("alice", |host, socket| host.set_ecn(socket, Ecn::Ect0));
    slow.stand(200, 1_000);
    assert_eq!(slow.count(NetReason::EcnMarked), 0);
    assert!(slow.count(NetReason::CodelDropped) > 10);
}

#[test]
fn a_queue_that_codel_looks_after_is_still_bounded() {
    let bounded = slow().with_queue(QueueLimit::Bytes(10 * 125)).with_codel(Codel::default());
    let mut slow = Slow::new(bounded);
    (0..20).for_each(|_| slow.send());
    assert_eq!(slow.lab.drops(), vec![(NetReason::QueueFull, "queue of 1250 bytes".to_string()); 9]);
    slow.lab.run_ms(100);
    assert_eq!(slow.lab.heard("bob").len(), 11);
}

#[test]
fn packets_leave_a_managed_queue_one_after_the_other_in_order() {
    let mut slow = Slow::new(slow().with_codel(Codel::default()));
    (0..4).for_each(|_| slow.send());
    slow.lab.run_ms(10);
    let times: Vec<u64> =
        slow.lab.talker("bob").seen.iter().map(|(at, _)| at.as_nanos() / 1_000_000).collect();
    assert_eq!(times, [2, 3, 4, 5]);
    let series = slow.lab.world.trace().backlog(slow.link, Direction::Forward);
    let expected = [(0, 3), (1, 2), (2, 1), (3, 0)];
    let expected = expected.map(|(at, packets)| Backlog {
        at: SimTime::from_millis(at),
        packets,
        bytes: u64::from(packets) * 125,
    });
    assert_eq!(series, expected);
}

#[test]
fn what_waits_is_cut_off_with_the_link() {
    let mut slow = Slow::new(slow().with_codel(Codel::default()));
    (0..5).for_each(|_| slow.send());
    let link = slow.link;
    slow.lab.world.set_link_up(link, false, None).expect("a link");
    slow.lab.world.set_link_up(link, true, None).expect("a link");
    slow.send();
    slow.lab.run_ms(100);
    assert_eq!(slow.count(NetReason::LinkDown), 5);
    assert_eq!(slow.lab.heard("bob").len(), 1);
    assert_eq!(slow.lab.world.packets_in_flight(), 0);
}

#[test]
fn what_waits_leaves_at_the_rate_of_the_day_and_in_order_when_codel_is_switched_off() {
    let mut slow = Slow::new(slow().with_codel(Codel::default()));
    (0..11).for_each(|_| slow.send());
    let link = slow.link;
    slow.lab.world.set_link(link, millis(1).with_rate(10 * RATE_BPS, 1_000), None).expect("a link");
    slow.send();
    slow.lab.run_ms(100);
    let times: Vec<u64> = slow.lab.talker("bob").seen.iter().map(|(at, _)| at.as_nanos() / 100_000).collect();
    // The first was on its way at the old rate; then one every tenth of a millisecond.
    let expected: Vec<u64> = std::iter::once(20).chain(21..=31).collect();
    assert_eq!(times, expected);
}

#[test]
fn a_queue_of_its_own_time_shows_in_the_hops_of_a_drop_tail_link() {
    let mut slow = Slow::new(slow());
    (0..3).for_each(|_| slow.send());
    let loads = slow.lab.world.trace().link_loads();
    assert_eq!((loads[0].waited, loads[0].longest_wait), (2, Duration::from_millis(2)));
}
