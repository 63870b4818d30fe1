//! The fuzz function over a corpus of candidate lines and many mutations of it.

use rtclab_rtc::ice::fuzz;

use crate::duo::Seeded;

/// Lines as agents and browsers write them, and some that are nearly right.
const CORPUS: &[&str] = &[
    "candidate:1 1 udp 2130706431 10.0.0.1 8998 typ host",
    "a=candidate:842163049 1 udp 1677729535 203.0.113.4 46154 typ srflx raddr 0.0.0.0 rport 0 generation 0 ufrag EsAw network-cost 999",
    "candidate:3 1 UDP 16777215 2001:db8::7 3478 typ relay raddr 192.0.2.3 rport 45664 ufrag 8hhY",
    "candidate:1 1 tcp 1518280447 10.0.0.1 9 typ host tcptype active",
    "candidate:1 2 TCP 1518280446 10.0.0.1 5000 typ host tcptype passive",
    "candidate:1 1 tcp 1518280447 fe80::1%eth0 5000 typ host tcptype so",
    "candidate:1 1 udp 2130706431 f2f1e0d0-1234-4abc-8def-0123456789ab.local 50000 typ host generation 0",
    "candidate:+/ 256 udp 4294967295 255.255.255.255 65535 typ prflx raddr :: rport 9",
    "candidate:1 1 udp 1 10.0.0.1 1 typ host extension",
    "candidate:0 0 udp 0 0.0.0.0 0 typ guest",
];

/// One change at a random place: a byte is replaced, taken out, doubled, or a word goes elsewhere.
fn mutate(line: &str, random: &mut Seeded) -> Vec<u8> {
    let mut bytes = line.as_bytes().to_vec();
    for _ in 0..=random.next() % 4 {
        let place = (random.next() % bytes.len().max(1) as u64) as usize;
        let byte = (random.next() % 256) as u8;
        match random.next() % 4 {
            0 => bytes.iter_mut().skip(place).take(1).for_each(|old| *old = byte),
            1 if !bytes.is_empty() => drop(bytes.remove(place)),
            2 => bytes.insert(place, b" 0:.-+/a9"[usize::from(byte) % 9]),
            _ => bytes.rotate_left(place),
        }
    }
    bytes
}

#[test]
fn nothing_that_looks_like_a_line_breaks_the_parser() {
    let mut random = Seeded(1);
    for line in CORPUS {
        fuzz::any_line(line);
        for _ in 0..5000 {
            fuzz::any_bytes(&mutate(line, &mut random));
        }
    }
}
