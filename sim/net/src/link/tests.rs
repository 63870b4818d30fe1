//! One way of a link: what each axis does, and that it does nothing else.

use rtclab_trace::{GilbertElliott, QueueLimit};

use std::time::Duration;

use super::*;

const MS: fn(u64) -> Duration = Duration::from_millis;

fn way(properties: LinkProperties) -> Way {
    Way::new(properties.forward, Stream::new(1, "test", "link"))
}

fn travel(carried: Carried) -> Travel {
    match carried {
        Carried::Travels(travel) => travel,
        other => panic!("{other:?}"),
    }
}

/// 500 packets of 125 bytes, one a millisecond.
fn travels(properties: LinkProperties) -> Vec<Travel> {
    let mut way = way(properties);
    (0..500).map(|number| travel(way.carry(SimTime::from_millis(number), 125))).collect()
}

/// Jitter and every impairment at once.
fn everything() -> LinkProperties {
    LinkProperties::latency(MS(10))
        .with_jitter(MS(50))
        .with_loss(0.1)
        .with_duplicates(0.1)
        .with_corruption(0.1)
}

#[test]
fn a_packet_takes_its_length_at_the_rate_and_then_the_latency() {
    let mut way = way(LinkProperties::latency(MS(10)).with_rate(1_000_000, 10));
    assert_eq!(travel(way.carry(SimTime::ZERO, 125)).at, SimTime::from_millis(11));
    let second = travel(way.carry(SimTime::ZERO, 125));
    assert_eq!((second.at, second.queued_ns), (SimTime::from_millis(12), 1_000_000));
}

#[test]
fn a_full_queue_takes_no_more_until_a_packet_has_left() {
    let mut way = way(LinkProperties::default().with_rate(1_000_000, 1));
    travel(way.carry(SimTime::ZERO, 125));
    travel(way.carry(SimTime::ZERO, 125));
    assert_eq!(way.carry(SimTime::ZERO, 125), Carried::QueueFull);
    travel(way.carry(SimTime::from_millis(1), 125));
}

#[test]
fn a_queue_of_bytes_takes_many_small_packets_or_few_large_ones() {
    let taken = |length: usize| {
        let mut way = way(LinkProperties::default().with_rate(1_000, 0).with_queue(QueueLimit::Bytes(1_000)));
        (0..100).filter(|_| way.carry(SimTime::ZERO, length) != Carried::QueueFull).count()
    };
    assert_eq!((taken(50), taken(500)), (21, 3));
}

#[test]
fn jitter_keeps_order_unless_reordering_is_asked_for() {
    let jittery = LinkProperties::default().with_jitter(MS(50));
    let arrivals = |properties| travels(properties).into_iter().map(|travel| travel.at).collect::<Vec<_>>();
    assert!(arrivals(jittery.clone()).is_sorted());
    let spread = arrivals(jittery.with_reordering());
    assert!(!spread.is_sorted());
    for (number, at) in spread.into_iter().enumerate() {
        let sent = SimTime::from_millis(number as u64);
        assert!(at >= sent && at <= sent + MS(50));
    }
}

#[test]
fn what_is_longer_than_the_mtu_is_not_carried() {
    let mut way = way(LinkProperties::default().with_mtu(1_280));
    assert_eq!(way.carry(SimTime::ZERO, 1_281), Carried::TooBig);
    travel(way.carry(SimTime::ZERO, 1_280));
}

#[test]
fn switching_one_axis_changes_what_it_is_for_and_nothing_else() {
    let all = travels(everything());
    let without = |change: fn(&mut LinkWay)| {
        let mut properties = everything();
        change(&mut properties.forward);
        travels(properties)
    };
    type Axis = (fn(&mut LinkWay), fn(&mut Travel));
    // How the axis is switched, and how what it is for is made equal again.
    let axes: [Axis; 3] = [
        (|way| way.loss = Loss::NONE, |travel| travel.lost = false),
        (|way| way.duplicate = 0.0, |travel| travel.copy_at = None),
        (|way| way.corrupt = 0.0, |travel| travel.flipped = None),
    ];
    for (index, (switch, forget)) in axes.into_iter().enumerate() {
        let mut switched = without(switch);
        assert_ne!(switched, all, "axis {index}");
        let mut expected = all.clone();
        for (new, old) in switched.iter_mut().zip(&mut expected) {
            // What is lost is neither seen twice nor seen corrupted.
            if old.lost {
                (new.copy_at, new.flipped) = (None, None);
            }
            forget(new);
            forget(old);
        }
        assert_eq!(switched, expected, "axis {index}");
    }
    let constant = without(|way| way.latency = MS(10).into());
    assert_ne!(
        constant.iter().map(|travel| travel.at).collect::<Vec<_>>(),
        Vec::from_iter(all.iter().map(|travel| travel.at))
    );
    let fates = |travels: &[Travel]| -> Vec<_> {
        travels.iter().map(|travel| (travel.lost, travel.flipped, travel.copy_at.is_some())).collect()
    };
    assert_eq!(fates(&constant), fates(&all));
}

#[test]
fn the_two_ways_of_a_link_have_properties_and_draws_of_their_own() {
    let properties =
        LinkProperties { backward: LinkWay::default(), ..LinkProperties::default().with_loss(0.5) };
    let mut link = Link::new(properties, 1, "link");
    let mut lost = |direction| {
        (0..100).filter(|_| travel(link.way_mut(direction).carry(SimTime::ZERO, 100)).lost).count()
    };
    assert!(lost(Direction::Forward) > 20);
    assert_eq!(lost(Direction::Backward), 0);
    let mut both = Link::new(LinkProperties::default().with_loss(0.5), 1, "link");
    let mut draws = |direction| -> Vec<bool> {
        (0..100).map(|_| travel(both.way_mut(direction).carry(SimTime::ZERO, 100)).lost).collect()
    };
    assert_ne!(draws(Direction::Forward), draws(Direction::Backward));
}

#[test]
fn a_copy_stays_behind_its_original_where_order_is_kept_and_goes_its_own_way_where_it_is_not() {
    let jittery = LinkProperties::default().with_jitter(MS(50)).with_duplicates(1.0);
    assert!(travels(jittery.clone()).iter().all(|travel| travel.copy_at == Some(travel.at)));
    let free = travels(jittery.with_reordering());
    assert!(free.iter().any(|travel| travel.copy_at < Some(travel.at)));
    assert!(free.iter().any(|travel| travel.copy_at > Some(travel.at)));
}

#[test]
fn a_list_of_lost_packets_is_counted_from_the_change_that_gave_it() {
    let mut way = way(LinkProperties::default());
    let lost = |way: &mut Way| (0..4).map(|_| travel(way.carry(SimTime::ZERO, 100)).lost).collect::<Vec<_>>();
    assert_eq!(lost(&mut way), [false; 4]);
    let listed = LinkProperties::default().with_loss(Loss::Listed(vec![2])).forward;
    way.set_properties(listed.clone());
    assert_eq!(lost(&mut way), [false, true, false, false]);
    way.set_properties(LinkWay { mtu: 1_400, ..listed });
    assert_eq!(lost(&mut way), [false; 4], "another property does not begin the count anew");
}

#[test]
fn a_burst_goes_on_when_another_property_changes() {
    let stuck = GilbertElliott { to_bad: 1.0, to_good: 0.0, loss_in_good: 0.0, loss_in_bad: 1.0 };
    let bursty = LinkProperties::default().with_loss(Loss::Bursts(stuck)).forward;
    let mut way = Way::new(bursty.clone(), Stream::new(1, "test", "link"));
    assert!(travel(way.carry(SimTime::ZERO, 100)).lost);
    let still = GilbertElliott { to_bad: 0.0, ..stuck };
    way.set_properties(LinkWay { mtu: 1_400, ..bursty });
    assert!(travel(way.carry(SimTime::ZERO, 100)).lost);
    way.set_properties(LinkProperties::default().with_loss(Loss::Bursts(still)).forward);
    assert!(!travel(way.carry(SimTime::ZERO, 100)).lost, "another rule of loss begins in the good state");
}
