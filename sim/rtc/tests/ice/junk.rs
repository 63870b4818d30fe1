//! Bytes that nobody authenticated: no panic, and no change.

use std::net::SocketAddr;

use proptest::collection::vec;
use proptest::prelude::*;
use rtclab_rtc::Time;
use rtclab_rtc::ice::{Agent, AgentConfig, TurnServer};

use crate::duo::{Duo, TURN, Turn, at, hosts, wire};

/// Everything that the getters show.
fn all(agent: &Agent) -> String {
    let locals: Vec<_> = agent.local_candidates().collect();
    let remotes: Vec<_> = agent.remote_candidates().collect();
    let pairs: Vec<_> = agent.pairs().collect();
    let rest = (agent.snapshot(), agent.check_list(), agent.poll_timeout(), agent.selected());
    format!("{locals:?}\n{remotes:?}\n{pairs:?}\n{rest:?}")
}

/// Moments at which an agent is in different states: gathering, checking, nominating, connected.
const MOMENTS_MS: [u64; 5] = [0, 60, 120, 180, 2000];

fn duo_at(moment_ms: u64) -> Duo {
    let mut duo = Duo::new(hosts(2), wire(50));
    duo.start();
    duo.run_until(Time::from_millis(moment_ms));
    duo
}

/// Random bytes as they are (0), with a STUN header that is right (1), or as a ChannelData message (2).
fn shaped(mut bytes: Vec<u8>, shape: u8) -> Vec<u8> {
    if shape == 1 && bytes.len() >= 20 {
        bytes.truncate(bytes.len() & !3);
        bytes[0] &= 0x01;
        bytes[1] = [0x01, 0x11, 0x17, 0x03][usize::from(bytes[1] & 3)];
        let length = (bytes.len() - 20) as u16;
        bytes[2..4].copy_from_slice(&length.to_be_bytes());
        bytes[4..8].copy_from_slice(&0x2112_A442_u32.to_be_bytes());
    } else if shape == 2 && bytes.len() >= 4 {
        let length = (bytes.len() - 4) as u16;
        bytes[..2].copy_from_slice(&[0x40, 0x00]);
        bytes[2..4].copy_from_slice(&length.to_be_bytes());
    }
    bytes
}

fn relayed_duo() -> Duo {
    let configs = hosts(1).map(|config| {
        let server = TurnServer::new(at(TURN), "user", "secret");
        AgentConfig { turn_servers: vec![server], stun_servers: vec![at("192.0.2.9:3478")], ..config }
    });
    let mut duo = Duo::new(configs, wire(50));
    duo.turn = Some(Turn::new(Vec::new()));
    duo.start();
    duo
}

fn stranger() -> SocketAddr {
    at("203.0.113.66:666")
}

proptest! {
    #[test]
    fn random_datagrams_change_nothing(
        bytes in vec(any::<u8>(), 0..300),
        moment in 0..MOMENTS_MS.len(),
        side in 0..2_usize,
        stun_like in any::<bool>(),
    ) {
        let bytes = shaped(bytes, u8::from(stun_like));
        let mut duo = duo_at(MOMENTS_MS[moment]);
        let to = duo.sides[side].agent.local_candidates().next().expect("a host").1.address;
        let before = all(&duo.sides[side].agent);
        let now = duo.now;
        duo.act(side, |agent| agent.handle_datagram(to, stranger(), &bytes, now));
        prop_assert_eq!(before, all(&duo.sides[side].agent));
        prop_assert!(!duo.sides[side].told.ignored.is_empty(), "and it is told why");
    }

    #[test]
    fn random_datagrams_from_peers_and_servers_never_panic(
        datagrams in vec((vec(any::<u8>(), 0..200), 0..4_usize, 0..3_u8), 1..20),
        moment_ms in 0..3000_u64,
    ) {
        let sources = [at("10.2.0.1:5000"), at(TURN), at("198.51.100.1:49152"), at("192.0.2.9:3478")];
        let mut duo = relayed_duo();
        duo.run_until(Time::from_millis(moment_ms));
        for (bytes, source, shape) in datagrams {
            let bytes = shaped(bytes, shape);
            let now = duo.now;
            duo.act(0, |agent| agent.handle_datagram(at("10.1.0.1:5000"), sources[source], &bytes, now));
        }
        // The call goes on as if nothing had happened.
        prop_assert!(duo.drive(Time::from_millis(30_000)));
    }

    #[test]
    fn a_real_message_with_one_bit_flipped_changes_nothing(
        packet in any::<prop::sample::Index>(),
        bit in any::<prop::sample::Index>(),
    ) {
        let mut duo = duo_at(120);
        let (_, sender, transmit) = duo.sent[packet.index(duo.sent.len())].clone();
        let mut bytes = transmit.payload.clone();
        let bit = bit.index(bytes.len() * 8);
        bytes[bit / 8] ^= 1 << (bit % 8);
        let before = all(&duo.sides[1 - sender].agent);
        let now = duo.now;
        duo.act(1 - sender, |agent| agent.handle_datagram(transmit.to, transmit.from, &bytes, now));
        prop_assert_eq!(before, all(&duo.sides[1 - sender].agent));
    }

    #[test]
    fn any_order_of_inputs_keeps_what_is_told_and_what_is_shown_together(
        seed in any::<u64>(),
        loss in 0..60_u64,
        delay_ms in 0..200_u64,
        sockets in 1..4_u16,
        restarts in vec((0..20_000_u64, 0..2_usize), 0..3),
    ) {
        let mut duo = Duo::seeded(hosts(sockets), crate::losses::lossy(loss, delay_ms, seed), seed);
        duo.start();
        let mut restarts = restarts;
        restarts.sort_unstable();
        for (at, side) in restarts {
            duo.run_until(Time::from_millis(at));
            duo.restart(side);
            duo.restart(1 - side);
            duo.exchange_credentials(0);
            duo.exchange_credentials(1);
        }
        // The assertions are in `Duo::collect`, after every event.
        duo.run_until(duo.now + std::time::Duration::from_secs(120));
    }
}
