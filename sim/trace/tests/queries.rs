//! What readers of a trace rely on, on a small trace written by hand.

use rtclab_trace::*;

/// Two hosts, one link; a packet goes over, a second one is lost.
fn sample() -> Trace {
    let mut topology = Topology::default();
    let host = |name: &str| NodeInfo { name: name.into(), kind: NodeKind::Host, role: String::new() };
    let alice = topology.add_node(host("alice"));
    let bob = topology.add_node(host("bob"));
    let link = topology.add_link(LinkInfo {
        nodes: [alice, bob],
        interfaces: ["eth0".into(), "eth0".into()],
        encapsulation: Encapsulation::Ip,
    });
    let mut trace = Trace::new(topology, Observe::Full);
    let start = trace.record(SimTime::ZERO, Entity::World, Change::action("start"), None, None);
    for (millis, lost) in [(10, false), (20, true)] {
        let packet =
            trace.add_packet(alice, &[0x45, 0, 0, 20, 0, 0, 0, 0, 64, 17, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2]);
        let hop = Change::Hop {
            link,
            direction: Direction::Forward,
            ttl: 64,
            version: 0,
            lost,
            queued_us: 0,
            transit: Nanos(5_000_000),
        };
        let hop = trace.record(SimTime::from_millis(millis), Entity::Packet(packet), hop, None, start);
        let (end, reason) = if lost {
            (
                Change::dropped(Place::Link(link, Direction::Forward), "loss 50 %"),
                Some(NetReason::LinkLoss.into()),
            )
        } else {
            (Change::Delivered { node: bob, version: 0 }, None)
        };
        trace.record(SimTime::from_millis(millis + 5), Entity::Packet(packet), end, reason, hop);
    }
    trace
}

#[test]
fn latest_at_is_the_newest_entry_at_or_before_a_time() {
    let trace = sample();
    let packet = Entity::Packet(PacketId(0));
    assert_eq!(trace.latest_at(packet, SimTime::from_millis(9)), None);
    let hop = trace.latest_at(packet, SimTime::from_millis(14)).expect("on its way");
    assert!(matches!(trace.entry(hop).change, Change::Hop { .. }));
    let end = trace.latest_at(packet, SimTime::from_millis(15)).expect("arrived");
    assert!(matches!(trace.entry(end).change, Change::Delivered { .. }));
}

#[test]
fn causes_lead_back_to_the_scenario_and_effects_lead_forward() {
    let trace = sample();
    let end = trace.latest_at(Entity::Packet(PacketId(1)), SimTime::MAX).expect("dropped");
    let chain: Vec<usize> = trace.causes_of(end).map(EntryId::index).collect();
    assert_eq!(chain, [3, 0]);
    let start = trace.id_at(0).expect("the action");
    let effects: Vec<usize> = trace.effects_of(start).iter().map(|id| id.index()).collect();
    assert_eq!(effects, [1, 3]);
}

#[test]
fn a_packet_is_in_flight_from_its_sending_until_just_before_its_arrival() {
    let trace = sample();
    let at = |millis| trace.in_flight(trace.len(), SimTime::from_millis(millis)).count();
    assert_eq!([at(9), at(10), at(14), at(15), at(22)], [0, 1, 1, 0, 1]);
}

#[test]
fn the_hash_is_the_sha256_of_the_json_lines_and_changes_with_any_entry() {
    use sha2::Digest as _;
    let trace = sample();
    let mut lines = Vec::new();
    trace.write_json_lines(&mut lines).expect("a vector takes what is written");
    let digest: String = sha2::Sha256::digest(&lines).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(trace.hash().to_string(), digest);
    let mut longer = sample();
    longer.record(SimTime::from_millis(99), Entity::World, Change::action("end"), None, None);
    assert_ne!(trace.hash(), longer.hash());
}

#[test]
fn the_text_form_names_cause_and_reason() {
    let trace = sample();
    let last = trace.id_at(trace.len() - 1).expect("not empty");
    assert_eq!(
        trace.line(last),
        "#4 25.000 ms  packet 1: dropped at alice.eth0 → bob.eth0: loss 50 %  (because of #3; link-loss)"
    );
}

#[test]
fn a_summary_counts_what_a_full_trace_keeps() {
    let full = sample();
    let mut summary = Trace::new(full.topology().clone(), Observe::Summary);
    for (_, entry) in full.entries() {
        let id = summary.record(entry.at, entry.entity, entry.change.clone(), entry.reason, None);
        assert_eq!(id, None);
    }
    assert_eq!(summary.counters().hops, full.counters().hops);
    assert_eq!(summary.counters().packets_dropped, 1);
    assert!(summary.is_empty());
}
