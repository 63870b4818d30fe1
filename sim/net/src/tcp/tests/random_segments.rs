//! Whatever arrives, in whatever state: no panic, an end to what is sent for it, and no change of data that was taken.

use std::net::SocketAddr;
use std::time::Duration;

use proptest::prelude::*;
use rtclab_trace::SimTime;

use super::pair::{CLIENT, Pair, SERVER, Side};
use crate::tcp::segment::{SackBlocks, Timestamps};
use crate::tcp::{
    Algorithm, Codepoint, Config, Connection, Flags, Header, Identity, Segment, SequenceNumber,
};

/// A segment whose numbers are offsets from what the connection expects.
#[derive(Clone, Debug)]
struct Odd {
    flags: u8,
    sequence: i64,
    acknowledgment: i64,
    window: u16,
    clock: Option<(i8, i8)>,
    sack: Vec<(i16, i16)>,
    syn_options: (Option<u16>, Option<u8>, bool),
    payload: Vec<u8>,
    codepoint: u8,
    wait_ms: u64,
}

fn offset() -> impl Strategy<Value = i64> {
    prop_oneof![
        4 => Just(0_i64),
        4 => -3000..3000_i64,
        1 => any::<i32>().prop_map(i64::from),
    ]
}

fn odd() -> impl Strategy<Value = Odd> {
    let numbers = (offset(), offset(), any::<u16>());
    let options = (
        proptest::option::weighted(0.8, any::<(i8, i8)>()),
        proptest::collection::vec(any::<(i16, i16)>(), 0..5),
        any::<(Option<u16>, Option<u8>, bool)>(),
    );
    let flags = prop_oneof![
        6 => Just(Flags::ACK.0),
        2 => Just((Flags::ACK | Flags::FIN).0),
        2 => Just((Flags::ACK | Flags::SYN).0),
        1 => Just(Flags::SYN.0),
        2 => any::<u8>(),
    ];
    let rest = (proptest::collection::vec(any::<u8>(), 0..1500), any::<u8>(), 0..1500_u64);
    (flags, numbers, options, rest).prop_map(|(flags, numbers, options, rest)| Odd {
        flags,
        sequence: numbers.0,
        acknowledgment: numbers.1,
        window: numbers.2,
        clock: options.0,
        sack: options.1,
        syn_options: options.2,
        payload: rest.0,
        codepoint: rest.1,
        wait_ms: rest.2,
    })
}

fn header(odd: &Odd, connection: &Connection) -> Header {
    let state = connection.snapshot();
    let near = |initial: u32, position: u64, offset: i64| {
        SequenceNumber(initial.wrapping_add((position as i64 + offset) as u32))
    };
    let mut header = Header {
        source_port: 80,
        destination_port: 5000,
        sequence: near(state.receive.initial, state.receive.next, odd.sequence),
        acknowledgment: near(state.send.initial, state.send.next, odd.acknowledgment.min(1)),
        flags: Flags(odd.flags),
        window: odd.window,
        ..Header::default()
    };
    let mut sack = SackBlocks::default();
    for (start, length) in &odd.sack {
        let start = near(state.send.initial, state.send.done, i64::from(*start));
        sack.push((start, start.plus(*length as u32)));
    }
    header.options.sack = sack;
    header.options.timestamps = odd.clock.map(|(value, echo)| Timestamps {
        value: connection.clock.recent().wrapping_add(value as u32),
        echo: connection.clock.value(SimTime::ZERO).wrapping_add(echo as u32),
    });
    if header.flags.has(Flags::SYN) {
        (header.options.maximum_segment_size, header.options.window_scale, header.options.sack_permitted) =
            odd.syn_options;
    }
    header
}

/// Feeds one segment, and lets the connection and a greedy program act.
fn feed(connection: &mut Connection, now: &mut SimTime, odd: &Odd) {
    *now += Duration::from_millis(odd.wait_ms);
    connection.handle_timeout(*now);
    let header = header(odd, connection);
    let segment = Segment { header, payload: &odd.payload };
    connection.handle_segment(*now, Codepoint::from_bits(odd.codepoint), &segment);
    drain(connection, *now);
    if odd.wait_ms.is_multiple_of(3) {
        connection.write(&[1; 700]).ok();
    }
    if odd.wait_ms.is_multiple_of(7) {
        connection.read(&mut [0; 500]);
    }
    match odd.wait_ms % 97 {
        0 => connection.shutdown(),
        1 => connection.close(),
        2 => {
            connection.handle_packet_too_big(*now, header.acknowledgment, odd.window);
        }
        _ => {}
    }
    drain(connection, *now);
}

fn drain(connection: &mut Connection, now: SimTime) {
    for count in 0.. {
        let Some(out) = connection.poll_transmit(now) else { break };
        let bytes = out.emit(CLIENT.0.into(), SERVER.0.into());
        assert!(bytes.len() <= 1480, "{} bytes", bytes.len());
        assert!(count < 10_000, "transmission ends: {out:?}");
    }
    assert!(connection.poll_timeout().is_none_or(|at| at >= now), "nothing that is due is forgotten");
    while connection.poll_event().is_some() {}
    while connection.poll_change().is_some() {}
}

fn identity(initial: u32) -> Identity {
    Identity { initial: SequenceNumber(initial), timestamp_offset: initial.rotate_left(7), draw: initial }
}

fn algorithm(choice: u32) -> Algorithm {
    [Algorithm::NewReno, Algorithm::Cubic, Algorithm::Bbr][choice as usize % 3]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn a_client_survives_any_segments(initial: u32, segments in proptest::collection::vec(odd(), 1..60)) {
        let config = Config { receive_buffer: 3000 + initial as usize % 9000, algorithm: algorithm(initial), ..Config::default() };
        let mut connection = Connection::connect(config, SocketAddr::from(CLIENT), SocketAddr::from(SERVER), identity(initial));
        let mut now = SimTime::ZERO;
        drain(&mut connection, now);
        for segment in &segments {
            feed(&mut connection, &mut now, segment);
        }
    }

    #[test]
    fn an_open_connection_survives_any_segments(choice: u32, segments in proptest::collection::vec(odd(), 1..60)) {
        let config = Config { algorithm: algorithm(choice), sack: choice % 5 > 0, ..Config::default() };
        let mut pair = Pair::established(5, config, Config::default());
        let mut connection = pair.client.connection.take().unwrap();
        let mut now = pair.now;
        connection.write(&[1; 20_000]).unwrap();
        drain(&mut connection, now);
        for segment in &segments {
            feed(&mut connection, &mut now, segment);
        }
    }

    #[test]
    fn what_was_taken_cannot_be_changed(
        pieces in proptest::collection::vec((0..6000_i64, 1..1400_usize, any::<u8>()), 1..80),
    ) {
        let mut pair = Pair::established(5, Config::default(), Config { receive_buffer: 8000, ..Config::default() });
        pair.client.reads = false;
        let state = pair.on(Side::Client).snapshot();
        let clock = pair.on(Side::Client).clock.recent();
        // Each position keeps the byte that was first taken for it.
        let mut taken: Vec<Option<u8>> = vec![None; 8000];
        for (start, length, byte) in pieces {
            let mut header = Header {
                source_port: 80,
                destination_port: 5000,
                sequence: SequenceNumber(state.receive.initial.wrapping_add(1 + start as u32)),
                acknowledgment: SequenceNumber(state.send.initial).plus(1),
                flags: Flags::ACK,
                window: 1000,
                ..Header::default()
            };
            header.options.timestamps = Some(Timestamps { value: clock, echo: 0 });
            let payload = vec![byte; length];
            let now = pair.now;
            let segment = Segment { header, payload: &payload };
            pair.call(Side::Client, |client| client.handle_segment(now, Codepoint::NotEct, &segment));
            for place in taken.iter_mut().skip(start as usize).take(length) {
                place.get_or_insert(byte);
            }
        }
        let readable = pair.on(Side::Client).readable();
        let mut read = vec![0; readable];
        pair.on(Side::Client).read(&mut read);
        let expected: Vec<u8> = taken.iter().map_while(|byte| *byte).collect();
        prop_assert_eq!(read, expected);
    }
}
