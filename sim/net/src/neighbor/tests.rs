//! The states of neighbors, step by step.

use rtclab_trace::{LinkId, PacketId};

use super::*;

const MAC: MacAddress = MacAddress([2, 0, 0, 0, 0, 1]);
const OTHER: MacAddress = MacAddress([2, 0, 0, 0, 0, 2]);
const SOLICITED: Answer = Answer::Advertisement { solicited: true, overrides: true };
const TIMID: Answer = Answer::Advertisement { solicited: false, overrides: false };

fn seconds(seconds: u64) -> SimTime {
    SimTime::from_millis(seconds * 1_000)
}

fn key(last: u8) -> Key {
    Key { interface: 0, address: IpAddr::from([10, 0, 0, last]) }
}

fn neighbors() -> Neighbors {
    Neighbors::new(Stream::new(1, "neighbors", "alice"))
}

fn held(number: u32) -> Held {
    let (to, bytes) = (LinkId(0), Vec::new());
    let packet = Packet { bytes, id: PacketId(number), last: None, to, version: 0, frame: None };
    Held { packet: Box::new(packet), reason: None, quoted: None }
}

/// What has changed since it was last asked: phases, and questions by whom they were for.
fn changes(neighbors: &mut Neighbors) -> (Vec<NeighborPhase>, Vec<Option<MacAddress>>) {
    let outbox = neighbors.take_outbox().unwrap_or_default();
    let phases = outbox.news.iter().map(|news| news.phase).collect();
    (phases, outbox.asks.iter().map(|ask| ask.to).collect())
}

/// A cache with one neighbor that has just answered.
fn reachable() -> Neighbors {
    let mut neighbors = neighbors();
    neighbors.hold(seconds(0), key(1), held(0), None);
    neighbors.answered(seconds(0), key(1), MAC, Answer::Reply, None);
    changes(&mut neighbors);
    neighbors
}

fn stale() -> Neighbors {
    let mut neighbors = reachable();
    assert!(neighbors.look_after(seconds(60), 0));
    assert_eq!(changes(&mut neighbors), (vec![NeighborPhase::Stale], vec![]));
    neighbors
}

#[test]
fn the_first_packet_asks_everybody_and_the_second_waits_with_it() {
    let mut neighbors = neighbors();
    neighbors.hold(seconds(0), key(1), held(0), None);
    neighbors.hold(seconds(0), key(1), held(1), None);
    assert_eq!(changes(&mut neighbors), (vec![NeighborPhase::Incomplete], vec![None]));
    let released = neighbors.answered(seconds(0), key(1), MAC, Answer::Reply, None);
    let released: Vec<u32> = released.iter().map(|held| held.packet.id.0).collect();
    assert_eq!(released, [0, 1], "in the order in which they came");
    assert_eq!(changes(&mut neighbors), (vec![NeighborPhase::Reachable], vec![]));
    assert_eq!(neighbors.mac_of(key(1)), Some(MAC));
}

#[test]
fn nobody_is_asked_more_than_three_times_a_second_apart() {
    let mut neighbors = neighbors();
    neighbors.hold(seconds(0), key(1), held(0), None);
    changes(&mut neighbors);
    assert!(!neighbors.look_after(SimTime::from_millis(999), 0), "not yet");
    for second in [1, 2] {
        assert!(neighbors.look_after(seconds(second), 0));
        assert_eq!(changes(&mut neighbors), (vec![], vec![None]));
    }
    assert!(neighbors.look_after(seconds(3), 0));
    let outbox = neighbors.take_outbox().expect("news");
    assert_eq!(outbox.news[0].phase, NeighborPhase::Failed);
    assert_eq!(outbox.lost.len(), 1);
    assert_eq!(outbox.lost[0].2, NetReason::NeighborUnresolved);
    assert!(!neighbors.look_after(seconds(4), 0), "it is forgotten");
}

#[test]
fn an_old_neighbor_is_probed_only_when_it_is_used_and_gives_no_sign_of_life() {
    let mut neighbors = stale();
    neighbors.used(seconds(100), key(1), None);
    assert_eq!(changes(&mut neighbors), (vec![NeighborPhase::Delay], vec![]));
    assert!(neighbors.look_after(seconds(105), 0));
    assert_eq!(changes(&mut neighbors), (vec![NeighborPhase::Probe], vec![Some(MAC)]));
    neighbors.answered(seconds(105), key(1), MAC, SOLICITED, None);
    assert_eq!(changes(&mut neighbors), (vec![NeighborPhase::Reachable], vec![]));
}

#[test]
fn a_neighbor_that_answers_no_probe_is_forgotten() {
    let mut neighbors = stale();
    neighbors.used(seconds(100), key(1), None);
    for second in [105, 106, 107] {
        assert!(neighbors.look_after(seconds(second), 0));
    }
    assert_eq!(changes(&mut neighbors).1, [Some(MAC); 3]);
    assert!(neighbors.look_after(seconds(108), 0));
    assert_eq!(changes(&mut neighbors), (vec![NeighborPhase::Failed], vec![]));
    assert_eq!(neighbors.mac_of(key(1)), None);
}

#[test]
fn an_answer_makes_an_answered_neighbor_last_longer_without_news() {
    let mut neighbors = reachable();
    neighbors.answered(seconds(10), key(1), MAC, SOLICITED, None);
    assert_eq!(changes(&mut neighbors), (vec![], vec![]));
    let first = SimTime::ZERO + neighbors.reachable;
    assert!(!neighbors.look_after(first, 0));
    assert!(neighbors.look_after(first + Duration::from_secs(10), 0));
}

#[test]
fn an_answer_that_nobody_asked_for_makes_nobody_known() {
    let mut neighbors = neighbors();
    neighbors.answered(seconds(0), key(1), MAC, SOLICITED, None);
    neighbors.overheard(seconds(0), key(1), MAC, false, None);
    assert_eq!(neighbors.mac_of(key(1)), None);
    assert!(neighbors.take_outbox().is_none());
}

#[test]
fn whoever_asks_is_known_from_then_on_as_stale() {
    let mut neighbors = neighbors();
    neighbors.overheard(seconds(0), key(1), MAC, true, None);
    assert_eq!(changes(&mut neighbors), (vec![NeighborPhase::Stale], vec![]));
    neighbors.overheard(seconds(1), key(1), MAC, true, None);
    assert_eq!(changes(&mut neighbors), (vec![], vec![]), "nothing new");
}

#[test]
fn whoever_asks_while_being_asked_for_gets_what_waited_and_owes_a_sign_of_life() {
    let mut neighbors = neighbors();
    neighbors.hold(seconds(0), key(1), held(0), None);
    changes(&mut neighbors);
    assert_eq!(neighbors.overheard(seconds(0), key(1), MAC, true, None).len(), 1);
    assert_eq!(changes(&mut neighbors).0, [NeighborPhase::Stale, NeighborPhase::Delay]);
}

#[test]
fn an_advertisement_without_override_casts_doubt_and_changes_nothing() {
    let mut neighbors = reachable();
    neighbors.answered(seconds(1), key(1), OTHER, TIMID, None);
    assert_eq!(changes(&mut neighbors), (vec![NeighborPhase::Stale], vec![]));
    assert_eq!(neighbors.mac_of(key(1)), Some(MAC));
}

#[test]
fn an_announcement_moves_a_known_address_to_another_station() {
    let mut neighbors = reachable();
    let unasked = Answer::Advertisement { solicited: false, overrides: true };
    neighbors.answered(seconds(1), key(1), OTHER, unasked, None);
    assert_eq!(changes(&mut neighbors), (vec![NeighborPhase::Stale], vec![]));
    assert_eq!(neighbors.mac_of(key(1)), Some(OTHER));
    neighbors.overheard(seconds(1), key(1), MAC, false, None);
    assert_eq!(neighbors.mac_of(key(1)), Some(MAC), "ARP: whatever is heard counts");
}

#[test]
fn the_newest_waiting_packet_takes_the_place_of_the_oldest() {
    let mut neighbors = neighbors();
    for number in 0..=HELD_MAX as u32 {
        neighbors.hold(seconds(0), key(1), held(number), None);
    }
    let lost = neighbors.take_outbox().expect("news").lost;
    assert_eq!(lost.len(), 1);
    assert_eq!((lost[0].0.packet.id.0, lost[0].2), (0, NetReason::NeighborQueueFull));
}

#[test]
fn a_full_cache_forgets_the_oldest_of_those_that_nobody_uses() {
    let mut neighbors = neighbors();
    let at = |number: usize| Key { interface: 0, address: IpAddr::from((number as u32).to_be_bytes()) };
    neighbors.hold(seconds(0), at(0), held(0), None);
    for number in 1..KNOWN_MAX {
        neighbors.overheard(seconds(0), at(number), MAC, true, None);
    }
    neighbors.take_outbox();
    neighbors.overheard(seconds(0), at(KNOWN_MAX), MAC, true, None);
    let outbox = neighbors.take_outbox().expect("news");
    assert_eq!((outbox.news[0].key, outbox.news[0].phase), (at(1), NeighborPhase::Forgotten));
    assert_eq!(neighbors.known.len(), KNOWN_MAX);
}

#[test]
fn an_interface_that_leaves_takes_its_neighbors_and_what_waits_for_them_along() {
    let mut neighbors = neighbors();
    neighbors.hold(seconds(0), key(1), held(0), None);
    neighbors.hold(seconds(0), Key { interface: 1, ..key(1) }, held(1), None);
    neighbors.take_outbox();
    neighbors.leave(0, None);
    let outbox = neighbors.take_outbox().expect("news");
    assert_eq!(outbox.lost.len(), 1);
    assert_eq!(outbox.lost[0].2, NetReason::NeighborForgotten);
    assert_eq!(neighbors.known.len(), 1, "the other interface stays");
}
