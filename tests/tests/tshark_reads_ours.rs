//! The pcapng of every shipped scenario, as tshark sees it: nothing malformed, no bad checksum, and on each link end as many
//! packets as the trace has there.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufWriter;

use rtclab_capture::{About, write_pcapng};
use rtclab_lab::document::Scenario;
use rtclab_lab::run::{Options, Outcome, run};
use rtclab_net::wire::ip::{Header, TCP};
use rtclab_tests::{files_below, from_top, output_of, root, scratch, text_of};
use rtclab_trace::{Change, Entity, LinkEnd, Place, Trace};

/// Packets at each link end, by the trace: sent by one end; received by the other unless lost or still on the way.
fn packets_by_end(trace: &Trace) -> BTreeMap<String, usize> {
    let mut count: BTreeMap<LinkEnd, usize> = BTreeMap::new();
    for (_, entry) in trace.entries() {
        match &entry.change {
            Change::Hop { link, direction, lost, transit, .. } => {
                *count.entry(LinkEnd { link: *link, end: direction.from_end() as u8 }).or_default() += 1;
                if !lost && transit.after(entry.at) <= trace.end() {
                    *count.entry(LinkEnd { link: *link, end: direction.to_end() as u8 }).or_default() += 1;
                }
            }
            Change::Dropped(dropped) => {
                assert!(
                    !matches!(dropped.place, Place::Link(..)) || entry.reason.is_some(),
                    "a drop without a reason"
                );
            }
            _ => {}
        }
    }
    // A host that moves keeps the name of its interface on another link.
    let mut by_name = BTreeMap::new();
    for (end, count) in count {
        *by_name.entry(trace.topology().end_name(end)).or_default() += count;
    }
    by_name
}

fn outcome_of(path: &std::path::Path) -> Outcome {
    let name = from_top(path);
    let scenario =
        Scenario::parse(&name, &text_of(path), &[]).unwrap_or_else(|problems| panic!("{problems}"));
    run(&scenario, Options::default()).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn tshark_finds_nothing_wrong_in_any_scenario_and_counts_the_same() {
    let scenarios = files_below(&root().join("scenarios"), ".toml");
    assert!(scenarios.len() >= 7, "the shipped scenarios are not where this test looks");
    for path in scenarios {
        let outcome = outcome_of(&path);
        let name = path.file_stem().expect("a file has a name").to_string_lossy().into_owned();
        let file = scratch(&format!("{name}.pcapng"));
        let mut out = BufWriter::new(File::create(&file).expect("a file can be written"));
        write_pcapng(&outcome.trace, &mut out, About::default()).expect("a trace can be written");
        drop(out);
        let file = file.to_string_lossy();
        let checks = ["ip.check_checksum", "udp.check_checksum", "tcp.check_checksum"]
            .map(|check| format!("{check}:TRUE"));
        // Each packet stands in the capture at every end of a link, so a hello in fragments overlaps itself; and tshark 4.0 takes a HelloRetryRequest of
        // DTLS 1.3, which it tells by its random (RFC 8446 §4.1.3), for a ServerHello with half of a share.
        let bad = "(_ws.malformed && !(_ws.expert.message contains \"overlaps old data\") \
                   && !(dtls && frame contains cf:21:ad:74:e5:9a:61:11)) || ip.checksum.status == 0 || udp.checksum.status == 0 || tcp.checksum.status == 0 \
                   || icmp.checksum.status == 0 || icmpv6.checksum.status == 0 || stun.att.crc32.bad";
        let wrong = output_of(
            "tshark",
            &["-r", &file, "-o", &checks[0], "-o", &checks[1], "-o", &checks[2], "-Y", bad],
        );
        // Where a link flips bits, tshark has to find it; everywhere else there is nothing to find.
        let is_altered =
            outcome.trace.entries().any(|(_, entry)| matches!(entry.change, Change::Altered { .. }));
        assert_eq!(!wrong.is_empty(), is_altered, "{name}: tshark objects:\n{wrong}");
        let interfaces = output_of("tshark", &["-r", &file, "-T", "fields", "-e", "frame.interface_name"]);
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        interfaces.lines().for_each(|interface| *seen.entry(interface.to_string()).or_default() += 1);
        assert_eq!(seen, packets_by_end(&outcome.trace), "{name}: packets for each link end");
    }
}

/// Interfaces of hosts that have TCP sockets, by the names that captures give them, with the host's addresses.
fn vantages(trace: &Trace) -> BTreeMap<String, Vec<String>> {
    let mut found = BTreeMap::new();
    for entity in trace.entities() {
        let Entity::Tcp(node, _) = entity else { continue };
        let last = trace.entries_of(Entity::Node(node)).last().expect("every node is recorded");
        let Change::Node(state) = &trace.entry(*last).change else { continue };
        let name = &trace.topology().node(node).name;
        for interface in &state.interfaces {
            let addresses = interface.addresses.iter().map(|(address, _)| address.to_string()).collect();
            found.insert(format!("{name}.{}", interface.name), addresses);
        }
    }
    found
}

fn loses_segments(trace: &Trace) -> bool {
    trace.entries().any(|(id, entry)| {
        let is_tcp = |bytes: &[u8]| Header::parse_quoted(bytes).is_ok_and(|header| header.protocol == TCP);
        matches!(entry.change, Change::Dropped(_)) && trace.bytes_at(id).is_some_and(|bytes| is_tcp(&bytes))
    })
}

/// What tshark's analysis of TCP says at one interface: as if only that had been captured.
fn analysis_at(file: &str, interface: &str, filter: &str) -> String {
    let one = scratch(&format!("{interface}.pcapng"));
    let one = one.to_string_lossy();
    output_of("tshark", &["-r", file, "-Y", &format!("frame.interface_name == \"{interface}\""), "-w", &one]);
    output_of("tshark", &["-r", &one, "-Y", filter])
}

#[test]
fn tsharks_analysis_of_tcp_finds_a_flaw_only_where_something_was_lost() {
    let mut looked_at = 0;
    for path in files_below(&root().join("scenarios"), ".toml") {
        let outcome = outcome_of(&path);
        let vantages = vantages(&outcome.trace);
        if vantages.is_empty() {
            continue;
        }
        looked_at += 1;
        let name = path.file_stem().expect("a file has a name").to_string_lossy().into_owned();
        let file = scratch(&format!("{name}-tcp.pcapng"));
        let mut out = BufWriter::new(File::create(&file).expect("a file can be written"));
        write_pcapng(&outcome.trace, &mut out, About::default()).expect("a trace can be written");
        drop(out);
        let loses = loses_segments(&outcome.trace);
        for (interface, addresses) in &vantages {
            let filter = if loses {
                // Where segments are sent none of them can be missing, whatever happens to them later.
                let of_family = |own: &String| if own.contains(':') { "ipv6.src" } else { "ip.src" };
                let sent: Vec<String> =
                    addresses.iter().map(|own| format!("{} == {own}", of_family(own))).collect();
                format!(
                    "({}) && tcp.analysis.lost_segment || tcp.analysis.ack_lost_segment",
                    sent.join(" || ")
                )
            } else {
                "tcp.analysis.flags".to_owned()
            };
            let flaws = analysis_at(&file.to_string_lossy(), interface, &filter);
            assert!(flaws.is_empty(), "{name} at {interface}: {filter}\n{flaws}");
        }
    }
    assert!(looked_at >= 4, "the scenarios with TCP are not where this test looks");
}
