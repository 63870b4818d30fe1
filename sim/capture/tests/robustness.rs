//! Nothing that a file holds makes the reader, the dissector or inference panic, hang or grow out of proportion.

use std::path::Path;
use std::sync::LazyLock;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use rtclab_capture::{About, CaptureFile, Dissection, Field, dissect, summary, trace_of, write_pcapng};
use rtclab_trace::Encapsulation;

const ENCAPSULATIONS: [Encapsulation; 6] = [
    Encapsulation::Ip,
    Encapsulation::Ethernet,
    Encapsulation::LinuxSll,
    Encapsulation::LinuxSll2,
    Encapsulation::Null,
    Encapsulation::Other(105),
];

/// Small captures of real traffic, one of each format and link type, and the first packets of larger ones.
static FILES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../captures");
    let names = [
        "nat-discovery-cone.inside.pcapng",
        "turn-badauth.host-a.pcapng",
        "turn-badauth.nat-b-any.pcap",
        "p2p-masq-clash.public-nanoseconds.pcap",
        "relay-udp.host-a.pcapng",
        "relay-tcp.host-a.pcapng",
        "ipv6-direct.host-a.pcapng",
    ];
    let read = |name: &str| {
        let mut file = std::fs::read(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        file.truncate(60_000);
        file
    };
    names.into_iter().map(read).collect()
});

/// Their packets, with how each begins.
static PACKETS: LazyLock<Vec<(Encapsulation, Vec<u8>)>> = LazyLock::new(|| {
    let packets = FILES.iter().flat_map(|file| {
        let capture = CaptureFile::read(file);
        let packets = capture.packets.iter();
        packets
            .map(|packet| (capture.link_type_of(packet).encapsulation(), packet.data.to_vec()))
            .collect::<Vec<_>>()
    });
    packets.collect()
});

/// A change to bytes: some flipped, some cut off the end, some put in.
#[derive(Clone, Debug)]
struct Damage {
    flips: Vec<(Index, u8)>,
    cut: Option<Index>,
    insert: Option<(Index, Vec<u8>)>,
}

fn damage() -> impl Strategy<Value = Damage> {
    let flips = vec((any::<Index>(), any::<u8>()), 0..12);
    let insert = proptest::option::weighted(0.2, (any::<Index>(), vec(any::<u8>(), 1..40)));
    let cut = proptest::option::weighted(0.3, any::<Index>());
    (flips, cut, insert).prop_map(|(flips, cut, insert)| Damage { flips, cut, insert })
}

impl Damage {
    fn apply(&self, bytes: &[u8]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        if bytes.is_empty() {
            return bytes;
        }
        for (at, value) in &self.flips {
            let at = at.index(bytes.len());
            bytes[at] = *value;
        }
        if let Some((at, new)) = &self.insert {
            let at = at.index(bytes.len());
            bytes.splice(at..at, new.iter().copied());
        }
        if let Some(cut) = &self.cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        bytes
    }
}

fn count(fields: &[Field]) -> usize {
    fields.iter().map(|field| 1 + count(&field.children)).sum()
}

/// Ranges lie inside the packet, and the tree grows with the packet at most.
fn check_tree(dissection: &Dissection, length: usize) {
    fn check(fields: &[Field], length: usize) {
        for field in fields {
            assert!(field.range.start <= field.range.end && field.range.end <= length, "{field:?}");
            check(&field.children, length);
        }
    }
    check(&dissection.layers, length);
    let fields = count(&dissection.layers);
    assert!(fields <= 64 + 16 * length, "{fields} fields of {length} bytes");
}

/// Reads, infers and writes again, and checks that nothing outgrows the file.
fn check_file(file: &[u8]) {
    let capture = CaptureFile::read(file);
    assert!(capture.packets.len() <= file.len() / 12 + 1);
    assert!(capture.packets.iter().map(|packet| packet.data.len()).sum::<usize>() <= file.len());
    assert!(capture.findings.iter().count() <= 3_000);
    let (trace, report) = trace_of(&capture);
    assert_eq!(trace.packets().len(), capture.packets.len());
    assert_eq!(report.packets, capture.packets.len() as u64);
    // A packet brings itself, two nodes, a flow, and the transactions of the messages that fit into it.
    assert!(trace.len() <= 8 * capture.packets.len() + file.len() / 10, "{} entries", trace.len());
    assert!(report.stun.len() <= file.len() / 20);
    let mut written = Vec::new();
    write_pcapng(&trace, &mut written, About::default()).expect("a vector takes what is written");
    assert_eq!(CaptureFile::read(&written).packets.len(), capture.packets.len());
    assert!(!report.to_text().is_empty());
    assert!(report.to_json().is_object());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn packets_of_random_bytes_are_dissected(bytes in vec(any::<u8>(), 0..300)) {
        for encapsulation in ENCAPSULATIONS {
            check_tree(&dissect(encapsulation, &bytes), bytes.len());
        }
    }

    #[test]
    fn damaged_packets_are_dissected(packet in any::<Index>(), damage in damage()) {
        let (encapsulation, bytes) = packet.get(&PACKETS);
        let bytes = damage.apply(bytes);
        let dissection = dissect(*encapsulation, &bytes);
        check_tree(&dissection, bytes.len());
        prop_assert_eq!(dissection.summary(), summary(*encapsulation, &bytes));
        prop_assert!(!dissection.summary().contains('\n'));
    }

    #[test]
    fn files_of_random_bytes_are_read(bytes in vec(any::<u8>(), 0..600), start in 0..6usize) {
        let starts: [&[u8]; 6] = [
            b"",
            &[0xd4, 0xc3, 0xb2, 0xa1],
            &[0xa1, 0xb2, 0x3c, 0x4d],
            &[0x34, 0xcd, 0xb2, 0xa1],
            &[0x0a, 0x0d, 0x0d, 0x0a, 28, 0, 0, 0, 0x4d, 0x3c, 0x2b, 0x1a],
            &[0x0a, 0x0d, 0x0d, 0x0a, 0, 0, 0, 28, 0x1a, 0x2b, 0x3c, 0x4d],
        ];
        check_file(&[starts[start], &bytes].concat());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn damaged_files_are_read_and_become_traces(file in any::<Index>(), damage in damage(), from in any::<Index>()) {
        let whole = file.get(&FILES);
        // A piece of a few packets behind the headers: so that damage hits headers of blocks often.
        let header = 200.min(whole.len());
        let start = header + from.index(whole.len() - header);
        let end = (start + 2_000).min(whole.len());
        check_file(&damage.apply(&[&whole[..header], &whole[start..end]].concat()));
    }

    #[test]
    fn files_cut_anywhere_give_the_packets_before_the_cut(file in any::<Index>(), cut in any::<Index>()) {
        let whole = file.get(&FILES);
        let all = CaptureFile::read(whole);
        let cut = &whole[..cut.index(whole.len())];
        let some = CaptureFile::read(cut);
        prop_assert_eq!(&all.packets[..some.packets.len()], &some.packets[..]);
    }
}
