//! Whole transfers over channels that lose, reorder, duplicate and queue: every byte arrives, in order, and both ends close.

use std::time::Duration;

use rtclab_rtc::Randomness;
use rtclab_trace::SimTime;

use super::pair::{Channel, Pair, Seeded, Side, pattern};
use crate::tcp::{Algorithm, Config, Ecn, Nagle, State};

const ALGORITHMS: [Algorithm; 3] = [Algorithm::NewReno, Algorithm::Cubic, Algorithm::Bbr];

/// Settings from a seed: every option on and off, buffers from tiny to large.
fn config(random: &mut Seeded) -> Config {
    let nagle = [Nagle::Off, Nagle::Classic, Nagle::Minshall][random.below(3) as usize];
    let mut coin = |per_mille| random.chance(per_mille);
    let (timestamps, sack, window_scaling) = (coin(750), coin(750), coin(750));
    let ecn = if coin(300) { Ecn::Request } else { Ecn::Accept };
    let ack_delay = coin(800).then_some(Duration::from_millis(40));
    let receive_buffer =
        if coin(200) { 1 + random.below(3000) as usize } else { 5000 + random.below(1 << 20) as usize };
    Config {
        algorithm: ALGORITHMS[random.below(3) as usize],
        mtu: 576 + random.below(925) as u16,
        send_buffer: 1000 + random.below(1 << 18) as usize,
        receive_buffer,
        nagle,
        timestamps,
        sack,
        window_scaling,
        ecn,
        ack_delay,
        ..Config::default()
    }
}

fn channel(random: &mut Seeded) -> Channel {
    let delay_ms = u64::from(random.below(100));
    let mut channel = Channel::clean(delay_ms);
    if random.chance(700) {
        channel.loss = random.below(80);
    }
    if random.chance(400) {
        channel.reorder = (random.below(400), Duration::from_millis(1 + u64::from(random.below(60))));
    }
    if random.chance(300) {
        channel.duplicate = random.below(200);
    }
    if random.chance(400) {
        channel.rate =
            Some((20_000 + u64::from(random.below(2_000_000)), 3_000 + u64::from(random.below(60_000))));
    }
    channel
}

/// One transfer, both ways, from a seed.
fn transfer(seed: u64) {
    let mut random = Seeded::new(seed);
    let (client, server, channel) = (config(&mut random), config(&mut random), channel(&mut random));
    let tiny = client.receive_buffer.min(server.receive_buffer) < 4000;
    let most = if tiny { 3_000 } else { 150_000 };
    let up = pattern(random.below(most) as usize);
    let down = pattern(random.below(most) as usize);
    let mut pair = Pair::new(seed, channel, client, server);
    pair.client.to_write.clone_from(&up);
    pair.server.to_write.clone_from(&down);
    [pair.client.shuts_down, pair.server.shuts_down] = [true; 2];
    while pair.now < SimTime::from_millis(20 * 3_600_000) && pair.step() {
        assert!(up.starts_with(&pair.server.received), "seed {seed}: what arrived is not what was sent");
        assert!(down.starts_with(&pair.client.received), "seed {seed}: what arrived is not what was sent");
    }
    let states = pair.states();
    assert_eq!(
        pair.server.received.len(),
        up.len(),
        "seed {seed}: {states:?} {:?}",
        pair.on(Side::Client).snapshot()
    );
    assert_eq!(
        pair.client.received.len(),
        down.len(),
        "seed {seed}: {states:?} {:?}",
        pair.on(Side::Server).snapshot()
    );
    assert_eq!(states, [State::Closed; 2], "seed {seed}");
    let errors = [Side::Client, Side::Server].map(|side| pair.on(side).error());
    assert_eq!(errors, [None; 2], "seed {seed}");
}

#[test]
fn every_byte_arrives_and_both_ends_close_whatever_the_channel_does() {
    (0..400).for_each(transfer);
}

#[test]
fn the_same_seed_gives_the_same_segments() {
    let ladder = || {
        let channel = Channel { loss: 30, duplicate: 30, ..Channel::clean(15) };
        let mut pair = Pair::new(9, channel, Config::default(), Config::default());
        pair.client.to_write = pattern(200_000);
        pair.run_for(Duration::from_secs(30));
        pair.ladder()
    };
    let first = ladder();
    assert!(first.len() > 200);
    assert_eq!(first, ladder());
}

/// Bytes a second that get through in a minute, at a round trip and a loss in a thousand.
fn goodput(algorithm: Algorithm, rtt_ms: u64, loss: u32, seed: u64) -> f64 {
    let config = Config { algorithm, ..Config::default() };
    let channel = Channel { loss, rate: Some((2_500_000, 3_000_000)), ..Channel::clean(rtt_ms / 2) };
    let mut pair = Pair::new(seed, channel, config.clone(), config);
    let mut sent = 0;
    for _ in 0..600 {
        if pair.client.to_write.len() < 1 << 20 {
            pair.client.to_write.resize(2 << 20, 7);
        }
        pair.run_for(Duration::from_millis(100));
        sent += std::mem::take(&mut pair.server.received).len();
    }
    sent as f64 / 60.0
}

/// 1.22 · MSS / (RTT · √p), the bound of Mathis, Semke, Mahdavi and Ott for Reno.
fn mathis(rtt_ms: u64, loss: u32) -> f64 {
    1.22 * 1448.0 / (rtt_ms as f64 / 1000.0 * (f64::from(loss) / 1000.0).sqrt())
}

#[test]
fn under_random_loss_newreno_does_what_mathis_says() {
    for (rtt_ms, loss) in [(20, 10), (100, 10), (100, 30)] {
        let measured: f64 =
            (0..4).map(|seed| goodput(Algorithm::NewReno, rtt_ms, loss, seed)).sum::<f64>() / 4.0;
        let share = measured / mathis(rtt_ms, loss);
        assert!((0.6..1.3).contains(&share), "{rtt_ms} ms, {loss} ‰: {share:.2} of the bound");
    }
}

#[test]
fn under_random_loss_cubic_is_never_much_slower_than_reno_and_bbr_hardly_notices() {
    let [reno, cubic, bbr] =
        ALGORITHMS.map(|algorithm| (0..3).map(|seed| goodput(algorithm, 100, 10, seed)).sum::<f64>() / 3.0);
    assert!(cubic > 0.9 * reno, "reno {reno:.0}, cubic {cubic:.0}");
    assert!(bbr > 5.0 * reno, "reno {reno:.0}, bbr {bbr:.0}");
    assert!(bbr > 0.6 * 2_500_000.0, "bbr {bbr:.0} of 2,500,000");
}

#[test]
fn without_loss_each_algorithm_fills_the_path() {
    for algorithm in ALGORITHMS {
        let rate = goodput(algorithm, 50, 0, 1);
        assert!(rate > 0.9 * 2_500_000.0, "{algorithm:?}: {rate:.0} of 2,500,000");
    }
}
