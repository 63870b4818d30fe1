//! The pcapng of every shipped scenario, as tshark sees it: nothing malformed, no bad checksum, and on each link end as many
//! packets as the trace has there.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufWriter;

use rtclab_capture::{About, write_pcapng};
use rtclab_lab::document::Scenario;
use rtclab_lab::run::{Options, Outcome, run};
use rtclab_tests::{files_below, from_top, output_of, root, scratch, text_of};
use rtclab_trace::{Change, LinkEnd, Place, Trace};

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
        let bad = "_ws.malformed || ip.checksum.status == 0 || udp.checksum.status == 0 || tcp.checksum.status == 0 \
                   || icmp.checksum.status == 0 || icmpv6.checksum.status == 0 || stun.att.crc32.bad";
        let wrong = output_of(
            "tshark",
            &["-r", &file, "-o", &checks[0], "-o", &checks[1], "-o", &checks[2], "-Y", bad],
        );
        assert!(wrong.is_empty(), "{name}: tshark objects:\n{wrong}");
        let interfaces = output_of("tshark", &["-r", &file, "-T", "fields", "-e", "frame.interface_name"]);
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        interfaces.lines().for_each(|interface| *seen.entry(interface.to_string()).or_default() += 1);
        assert_eq!(seen, packets_by_end(&outcome.trace), "{name}: packets for each link end");
    }
}
