//! Reading: both formats in both byte orders, time, comments, direction, and every kind of damage that is survived.

use super::*;

/// A number of four bytes in either order.
fn number(big: bool, number: u32) -> [u8; 4] {
    if big { number.to_be_bytes() } else { number.to_le_bytes() }
}

fn short(big: bool, number: u16) -> [u8; 2] {
    if big { number.to_be_bytes() } else { number.to_le_bytes() }
}

fn pcap(big: bool, magic: u32, link_type: u32, records: &[(u32, u32, &[u8])]) -> Vec<u8> {
    let fields = [0xffff, link_type];
    let mut file = [&number(big, magic)[..], &short(big, 2), &short(big, 4), &[0; 8]].concat();
    file.extend(fields.iter().flat_map(|field| number(big, *field)));
    for (seconds, fraction, data) in records {
        let length = data.len() as u32;
        file.extend([*seconds, *fraction, length, length].iter().flat_map(|field| number(big, *field)));
        file.extend_from_slice(data);
    }
    file
}

fn option(big: bool, code: u16, value: &[u8]) -> Vec<u8> {
    let padding = vec![0; (4 - value.len() % 4) % 4];
    [&short(big, code)[..], &short(big, value.len() as u16), value, &padding].concat()
}

fn block(big: bool, kind: u32, body: &[u8]) -> Vec<u8> {
    let length = number(big, body.len() as u32 + 12);
    [&number(big, kind)[..], &length, body, &length].concat()
}

fn section(big: bool, options: &[u8]) -> Vec<u8> {
    let body = [&number(big, 0x1a2b_3c4d)[..], &short(big, 1), &short(big, 0), &[0xff; 8], options].concat();
    block(big, 0x0a0d_0d0a, &body)
}

fn interface(big: bool, link_type: u16, options: &[u8]) -> Vec<u8> {
    block(big, 1, &[&short(big, link_type)[..], &[0, 0], &number(big, 0), options].concat())
}

fn packet(big: bool, interface: u32, stamp: u64, data: &[u8], options: &[u8]) -> Vec<u8> {
    let length = data.len() as u32;
    let fields = [interface, (stamp >> 32) as u32, stamp as u32, length, length + 2];
    let mut body: Vec<u8> = fields.iter().flat_map(|field| number(big, *field)).collect();
    body.extend_from_slice(data);
    body.resize(body.len().next_multiple_of(4), 0);
    body.extend_from_slice(options);
    block(big, 6, &body)
}

fn kinds(capture: &CaptureFile<'_>) -> Vec<FindingKind> {
    capture.findings.iter().map(|finding| finding.kind).collect()
}

#[test]
fn pcap_is_read_in_both_byte_orders_and_both_units() {
    for (magic, nanos) in [(0xa1b2_c3d4, 7_000), (0xa1b2_3c4d, 7)] {
        for big in [false, true] {
            let file = pcap(big, magic, 113, &[(5, 7, b"abc"), (6, 0, b"")]);
            let capture = CaptureFile::read(&file);
            assert_eq!(capture.format, Format::Pcap);
            assert_eq!(capture.interfaces[0].link_type, LinkType::LINUX_SLL);
            let times: Vec<_> = capture.packets.iter().map(|packet| packet.at_ns).collect();
            assert_eq!(times, [Some(5_000_000_000 + nanos), Some(6_000_000_000)]);
            assert_eq!(capture.packets[0].data, b"abc");
            assert!(capture.findings.is_empty());
        }
    }
}

#[test]
fn modified_pcap_has_longer_record_headers_and_says_so() {
    let mut file = pcap(false, 0xa1b2_cd34, 1, &[]);
    file.extend([1u32, 2, 3, 60].iter().flat_map(|field| field.to_le_bytes()));
    file.extend([0; 8]);
    file.extend(b"abc");
    let capture = CaptureFile::read(&file);
    assert_eq!(capture.packets.len(), 1);
    assert_eq!((capture.packets[0].data, capture.packets[0].original_length), (&b"abc"[..], 60));
    assert_eq!(kinds(&capture), [FindingKind::ModifiedPcap]);
}

#[test]
fn old_pcap_has_its_two_lengths_the_other_way_round() {
    let mut file = pcap(false, 0xa1b2_c3d4, 1, &[]);
    file[6] = 2;
    file.extend([1u32, 0, 60, 3].iter().flat_map(|field| field.to_le_bytes()));
    file.extend(b"abc");
    let capture = CaptureFile::read(&file);
    assert_eq!((capture.packets[0].data, capture.packets[0].original_length), (&b"abc"[..], 60));
}

#[test]
fn the_upper_bits_of_a_pcap_link_type_are_not_part_of_it() {
    let file = pcap(false, 0xa1b2_c3d4, 0x2400_0001, &[]);
    assert_eq!(CaptureFile::read(&file).interfaces[0].link_type, LinkType::ETHERNET);
}

#[test]
fn a_fraction_of_more_than_a_second_still_counts() {
    let file = pcap(false, 0xa1b2_c3d4, 1, &[(1, 1_500_000, b"")]);
    let capture = CaptureFile::read(&file);
    assert_eq!(capture.packets[0].at_ns, Some(2_500_000_000));
    assert_eq!(kinds(&capture), [FindingKind::BadTimestamp]);
}

#[test]
fn pcapng_is_read_in_both_byte_orders() {
    for big in [false, true] {
        let names = [option(big, 2, b"eth0"), option(big, 3, b"the lab"), option(big, 9, &[9])].concat();
        let told =
            [option(big, 1, b"first"), option(big, 1, b"second"), option(big, 2, &number(big, 2))].concat();
        let file = [
            section(big, &option(big, 1, b"a title")),
            interface(big, 101, &names),
            packet(big, 0, 5_000_000_007, b"abcde", &told),
        ]
        .concat();
        let capture = CaptureFile::read(&file);
        assert_eq!(capture.format, Format::PcapNg);
        assert_eq!(capture.comments, ["a title"]);
        let interface = &capture.interfaces[0];
        assert_eq!((interface.name.as_str(), interface.description.as_str()), ("eth0", "the lab"));
        let packet = capture.packets[0];
        assert_eq!(
            (packet.at_ns, packet.data, packet.original_length),
            (Some(5_000_000_007), &b"abcde"[..], 7)
        );
        assert_eq!(packet.direction, Some(PacketDirection::Outbound));
        assert_eq!(capture.comments_of(0), ["first", "second"]);
        assert!(capture.findings.is_empty(), "{:?}", capture.findings);
    }
}

#[test]
fn units_and_offsets_of_interfaces_are_applied() {
    let offset = option(false, 14, &100u64.to_le_bytes());
    let file = [
        section(false, &[]),
        interface(false, 1, &[]),
        interface(false, 1, &[option(false, 9, &[0x80 | 10]), offset].concat()),
        packet(false, 0, 1_000_001, b"", &[]),
        packet(false, 1, 1536, b"", &[]),
    ]
    .concat();
    let times: Vec<_> = CaptureFile::read(&file).packets.iter().map(|packet| packet.at_ns).collect();
    assert_eq!(times, [Some(1_000_001_000), Some(101_500_000_000)]);
}

#[test]
fn sections_may_differ_in_byte_order_and_number_interfaces_anew() {
    let file = [
        section(false, &[]),
        interface(false, 1, &[]),
        packet(false, 0, 1, b"a", &[]),
        section(true, &[]),
        interface(true, 101, &[]),
        packet(true, 0, 2, b"b", &[]),
    ]
    .concat();
    let capture = CaptureFile::read(&file);
    let link_types: Vec<_> = capture.packets.iter().map(|packet| capture.link_type_of(packet)).collect();
    assert_eq!(link_types, [LinkType::ETHERNET, LinkType::RAW]);
}

#[test]
fn simple_and_obsolete_packet_blocks_are_packets_too() {
    let simple = block(false, 3, &[&3u32.to_le_bytes()[..], b"abc\0"].concat());
    let mut body = [&0u16.to_le_bytes()[..], &[0, 0]].concat();
    body.extend([0u32, 9, 2, 2].iter().flat_map(|field| field.to_le_bytes()));
    body.extend(b"xy\0\0");
    let file = [section(false, &[]), interface(false, 1, &[]), simple, block(false, 2, &body)].concat();
    let capture = CaptureFile::read(&file);
    let read: Vec<_> = capture.packets.iter().map(|packet| (packet.at_ns, packet.data)).collect();
    assert_eq!(read, [(None, &b"abc"[..]), (Some(9_000), &b"xy"[..])]);
}

#[test]
fn names_of_addresses_are_kept() {
    let record = option(false, 1, &[&[192, 0, 2, 1][..], b"alice\0other\0"].concat());
    let file = [section(false, &[]), block(false, 4, &[record, vec![0; 4]].concat())].concat();
    let capture = CaptureFile::read(&file);
    assert_eq!(capture.names[&"192.0.2.1".parse::<IpAddr>().unwrap()], "alice");
}

#[test]
fn what_the_capture_lost_and_its_secrets_are_findings() {
    let lost = option(false, 5, &42u64.to_le_bytes());
    let file = [
        section(false, &[]),
        interface(false, 1, &[]),
        block(false, 5, &[vec![0; 12], lost].concat()),
        block(false, 10, &[0; 8]),
    ]
    .concat();
    let capture = CaptureFile::read(&file);
    assert_eq!(capture.interfaces[0].lost_by_capture, Some(42));
    assert_eq!(kinds(&capture), [FindingKind::CaptureLoss, FindingKind::Secrets]);
}

#[test]
fn a_file_that_ends_early_gives_every_whole_packet() {
    let records: Vec<(u32, u32, &[u8])> = vec![(1, 0, b"abcd"); 4];
    let classic = pcap(false, 0xa1b2_c3d4, 1, &records);
    let blocks = [section(false, &[]), interface(false, 1, &[])].concat();
    let next = [blocks.clone(), vec![packet(false, 0, 1, b"abcd", &[]); 4].concat()].concat();
    for (file, header, record) in [(classic, 24, 20), (next, blocks.len(), 36)] {
        for length in header..=file.len() {
            let capture = CaptureFile::read(&file[..length]);
            assert_eq!(capture.packets.len(), (length - header) / record, "cut to {length} bytes");
            let whole = (length - header).is_multiple_of(record);
            assert_eq!(capture.findings.is_empty(), whole, "cut to {length} bytes");
        }
    }
}

#[test]
fn a_damaged_interface_does_not_cost_the_packets_behind_it() {
    let file = [
        section(false, &[]),
        interface(false, 1, &[option(false, 6, &[1, 2, 3]), option(false, 2, b"eth0")].concat()),
        packet(false, 0, 1, b"a", &[]),
    ]
    .concat();
    let capture = CaptureFile::read(&file);
    assert_eq!(capture.packets.len(), 1);
    assert_eq!(capture.interfaces[0].name, "eth0");
    assert!(kinds(&capture).contains(&FindingKind::DamagedBlock));
}

#[test]
fn reading_goes_on_behind_bytes_that_are_no_block() {
    let file = [
        section(false, &[]),
        interface(false, 1, &[]),
        packet(false, 0, 1, b"a", &[]),
        vec![0xee; 24],
        packet(false, 0, 2, b"b", &[]),
    ]
    .concat();
    let capture = CaptureFile::read(&file);
    assert_eq!(capture.packets.len(), 2);
    assert_eq!(kinds(&capture), [FindingKind::SkippedBytes]);
}

#[test]
fn a_packet_of_an_interface_that_is_not_described_is_kept() {
    let file = [section(false, &[]), packet(false, 3, 1, b"a", &[])].concat();
    let capture = CaptureFile::read(&file);
    assert_eq!(capture.packets.len(), 1);
    assert_eq!(kinds(&capture), [FindingKind::UnknownInterface]);
    assert!(!capture.link_type_of(&capture.packets[0]).is_supported());
}

#[test]
fn lengths_that_contradict_each_other_are_cut_to_what_is_there() {
    let mut file =
        [section(false, &[]), interface(false, 1, &[]), packet(false, 0, 1, b"abcd", &[])].concat();
    let length_at = file.len() - 4 - 4 - 8;
    file[length_at] = 200;
    let capture = CaptureFile::read(&file);
    assert_eq!(capture.packets[0].data.len(), 4);
    assert!(kinds(&capture).contains(&FindingKind::BadLengths));
}

#[test]
fn other_files_are_told_apart_in_a_sentence() {
    for (file, word) in
        [(&b"\x1f\x8b\x08"[..], "gzip"), (b"", "empty"), (b"{}", "JSON"), (b"hello", "neither")]
    {
        let capture = CaptureFile::read(file);
        assert_eq!(kinds(&capture), [FindingKind::NotACapture]);
        let text = &capture.findings.iter().next().unwrap().text;
        assert!(text.contains(word), "{text}");
    }
}

#[test]
fn packets_of_a_link_type_that_is_not_dissected_are_kept() {
    let file = pcap(false, 0xa1b2_c3d4, 105, &[(1, 0, b"abc")]);
    let capture = CaptureFile::read(&file);
    assert_eq!(capture.packets.len(), 1);
    assert_eq!(kinds(&capture), [FindingKind::UnsupportedLinkType]);
}
