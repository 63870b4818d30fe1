//! BBR, version 1 (draft-cardwell-iccrg-bbr-congestion-control-00): the window and the pace follow a model of the path, and not losses.
//!
//! The model is the most that was delivered in ten round trips and the least round-trip time of ten seconds ([`model`]). What is left out of
//! Linux's version is the detection of token-bucket policers. Not here: the pacing itself (`pacing`).

mod model;

use std::time::Duration;

use rtclab_trace::SimTime;

use super::{Acknowledged, Congestion, CongestionControl, Window};
use crate::tcp::recovery::Phase;
use model::{BandwidthFilter, ExtraAcknowledged, MinimumRtt};

/// Gains are in 256ths.
const UNIT: u64 = 256;
/// 2/ln 2: the least gain that doubles the rate in each round trip (§4.1.1.3 of the draft).
const HIGH_GAIN: u64 = UNIT * 2885 / 1000 + 1;
const DRAIN_GAIN: u64 = UNIT * 1000 / 2885;
const WINDOW_GAIN: u64 = 2 * UNIT;
/// The pacing gains of PROBE_BW, a round trip each (§4.3.4.2).
const CYCLE: [u64; 8] = [UNIT * 5 / 4, UNIT * 3 / 4, UNIT, UNIT, UNIT, UNIT, UNIT, UNIT];
/// The window of PROBE_RTT, and the least at any time, in segments.
const SEGMENTS_MIN: u64 = 4;
/// How long PROBE_RTT keeps it so small.
const PROBE_RTT_TIME: Duration = Duration::from_millis(200);
/// The pipe is full when three round trips brought less than a quarter more.
const FULL_ROUNDS: u32 = 3;
/// The round-trip time that is assumed before there is one.
const RTT_ASSUMED: Duration = Duration::from_millis(1);

/// What it is doing (§3.4 of the draft).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// Doubles the rate until the pipe is full.
    Startup,
    /// Drains the queue that this made.
    Drain,
    /// Cycles the rate to see whether there is more.
    ProbeBandwidth,
    /// Almost stops, to see the round-trip time without a queue.
    ProbeRtt,
}

/// The state.
#[derive(Clone, Debug)]
pub(crate) struct Bbr {
    mode: Mode,
    bandwidth: BandwidthFilter,
    rtt: MinimumRtt,
    extra: ExtraAcknowledged,
    round: u32,
    round_started: bool,
    next_round_delivered: u64,
    full_bandwidth: u64,
    full_rounds: u32,
    full: bool,
    cycle: usize,
    cycle_began: SimTime,
    pacing_rate: u64,
    prior_window: u64,
    prior_phase: Phase,
    conserving: bool,
    probe_rtt_until: Option<SimTime>,
    probe_rtt_round_done: bool,
    draw: u32,
}

impl Bbr {
    /// A controller; `draw` decides where its cycle begins, so that flows do not probe in step.
    pub(crate) fn new(draw: u32) -> Bbr {
        Bbr {
            mode: Mode::Startup,
            bandwidth: BandwidthFilter::default(),
            rtt: MinimumRtt::default(),
            extra: ExtraAcknowledged::default(),
            round: 0,
            round_started: false,
            next_round_delivered: 0,
            full_bandwidth: 0,
            full_rounds: 0,
            full: false,
            cycle: 0,
            cycle_began: SimTime::ZERO,
            pacing_rate: 0,
            prior_window: 0,
            prior_phase: Phase::Open,
            conserving: false,
            probe_rtt_until: None,
            probe_rtt_round_done: false,
            draw,
        }
    }

    fn pacing_gain(&self) -> u64 {
        match self.mode {
            Mode::Startup => HIGH_GAIN,
            Mode::Drain => DRAIN_GAIN,
            Mode::ProbeBandwidth => CYCLE[self.cycle % CYCLE.len()],
            Mode::ProbeRtt => UNIT,
        }
    }

    fn window_gain(&self) -> u64 {
        match self.mode {
            Mode::Startup | Mode::Drain => HIGH_GAIN,
            Mode::ProbeBandwidth => WINDOW_GAIN,
            Mode::ProbeRtt => UNIT,
        }
    }

    /// `gain` times the bandwidth-delay product, in bytes.
    fn inflight(&self, window: &Window, gain: u64) -> u64 {
        let Some(rtt) = self.rtt.least() else { return window.initial };
        let product = u128::from(self.bandwidth.most()) * rtt.as_nanos() / 1_000_000_000;
        u64::try_from(product * u128::from(gain) / u128::from(UNIT)).unwrap_or(u64::MAX)
    }

    /// The same with room for segments that are held by offloads and delayed acknowledgments (§4.2.3.2).
    fn target(&self, window: &Window, gain: u64) -> u64 {
        let probing = self.mode == Mode::ProbeBandwidth && self.cycle == 0;
        self.inflight(window, gain) + (3 + 2 * u64::from(probing)) * window.segment
    }

    fn update_round(&mut self, ack: &Acknowledged) {
        self.round_started = false;
        let Some(rate) = ack.rate else { return };
        if rate.prior_delivered >= self.next_round_delivered {
            self.next_round_delivered = ack.delivered_total;
            self.round += 1;
            self.round_started = true;
            self.conserving = false;
        }
        if !rate.app_limited || rate.rate() >= self.bandwidth.most() {
            self.bandwidth.sample(self.round, rate.rate());
        }
    }

    /// BBRCheckFullPipe (§4.3.2.2).
    fn check_full(&mut self, ack: &Acknowledged) {
        if self.full || !self.round_started || ack.rate.is_none_or(|rate| rate.app_limited) {
            return;
        }
        if self.bandwidth.most() >= self.full_bandwidth / 4 * 5 {
            self.full_bandwidth = self.bandwidth.most();
            self.full_rounds = 0;
            return;
        }
        self.full_rounds += 1;
        self.full = self.full_rounds >= FULL_ROUNDS;
    }

    fn check_drain(&mut self, window: &mut Window, ack: &Acknowledged) {
        if self.mode == Mode::Startup && self.full {
            self.mode = Mode::Drain;
            window.ssthresh = self.target(window, UNIT);
        }
        if self.mode == Mode::Drain && ack.in_flight <= self.target(window, UNIT) {
            self.enter_probe_bandwidth(ack.now);
        }
    }

    fn enter_probe_bandwidth(&mut self, now: SimTime) {
        self.mode = Mode::ProbeBandwidth;
        self.cycle_began = now;
        // Any phase but the one that drains (§4.3.4.2).
        let phase = self.draw as usize % (CYCLE.len() - 1);
        self.cycle = if phase == 0 { 0 } else { phase + 1 };
    }

    /// BBRCheckCyclePhase (§4.3.4.3).
    fn update_cycle(&mut self, window: &Window, ack: &Acknowledged, prior_in_flight: u64) {
        if self.mode != Mode::ProbeBandwidth {
            return;
        }
        let is_full_length = self.rtt.least().is_some_and(|least| ack.now.since(self.cycle_began) > least);
        let gain = self.pacing_gain();
        let is_over = match gain {
            // Until there was enough in flight to see whether it gets through.
            gain if gain > UNIT => {
                is_full_length && (ack.lost > 0 || prior_in_flight >= self.target(window, gain))
            }
            gain if gain < UNIT => is_full_length || prior_in_flight <= self.target(window, UNIT),
            _ => is_full_length,
        };
        if is_over {
            self.cycle = (self.cycle + 1) % CYCLE.len();
            self.cycle_began = ack.now;
        }
    }

    /// BBRUpdateMinRTT and BBRCheckProbeRTT (§4.3.5).
    fn update_rtt(&mut self, window: &mut Window, ack: &Acknowledged) {
        let expired = self.rtt.sample(ack.now, ack.rtt);
        if expired && self.mode != Mode::ProbeRtt {
            self.prior_window = self.saved_window(window, ack.phase);
            self.mode = Mode::ProbeRtt;
            self.probe_rtt_until = None;
        }
        if self.mode != Mode::ProbeRtt {
            return;
        }
        match self.probe_rtt_until {
            None if ack.in_flight <= SEGMENTS_MIN * window.segment => {
                self.probe_rtt_until = Some(ack.now + PROBE_RTT_TIME);
                self.probe_rtt_round_done = false;
                self.next_round_delivered = ack.delivered_total;
            }
            None => {}
            Some(until) => {
                self.probe_rtt_round_done |= self.round_started;
                if self.probe_rtt_round_done && ack.now >= until {
                    self.rtt.renew(ack.now);
                    window.cwnd = window.cwnd.max(self.prior_window);
                    if self.full {
                        self.enter_probe_bandwidth(ack.now);
                    } else {
                        self.mode = Mode::Startup;
                    }
                }
            }
        }
    }

    /// The window to come back to after a recovery or PROBE_RTT.
    fn saved_window(&self, window: &Window, phase: Phase) -> u64 {
        let is_normal = !matches!(phase, Phase::Recovery | Phase::Loss) && self.mode != Mode::ProbeRtt;
        if is_normal { window.cwnd } else { self.prior_window.max(window.cwnd) }
    }

    /// A hundredth less than `gain` times a rate, so that a queue drains rather than builds.
    fn paced(&self, rate: u64) -> u64 {
        let paced = u128::from(rate) * u128::from(self.pacing_gain()) * 99 / (u128::from(UNIT) * 100);
        u64::try_from(paced).unwrap_or(u64::MAX)
    }

    /// BBRSetPacingRate (§4.2.1): until the pipe is full the pace only rises.
    fn set_pace(&mut self) {
        let paced = self.paced(self.bandwidth.most());
        if self.full || paced > self.pacing_rate {
            self.pacing_rate = paced.max(1);
        }
    }

    /// BBRModulateCwndForRecovery (§4.2.3.4). Says whether that was all.
    fn recover(&mut self, window: &mut Window, ack: &Acknowledged) -> bool {
        let reduced = window.cwnd.saturating_sub(ack.lost).max(window.segment);
        if ack.lost > 0 {
            window.cwnd = reduced;
        }
        if ack.phase == Phase::Recovery && self.prior_phase != Phase::Recovery {
            self.conserving = true;
            self.next_round_delivered = ack.delivered_total;
            window.cwnd = ack.in_flight + ack.delivered;
        } else if matches!(self.prior_phase, Phase::Recovery | Phase::Loss)
            && !matches!(ack.phase, Phase::Recovery | Phase::Loss)
        {
            self.conserving = false;
            window.cwnd = window.cwnd.max(self.prior_window);
        }
        self.prior_phase = ack.phase;
        if self.conserving {
            window.cwnd = window.cwnd.max(ack.in_flight + ack.delivered);
        }
        self.conserving
    }

    /// BBRSetCwnd (§4.2.3.2).
    fn set_window(&mut self, window: &mut Window, ack: &Acknowledged) {
        if ack.delivered > 0 && !self.recover(window, ack) {
            let mut target = self.target(window, self.window_gain());
            if self.full {
                target += self.extra.most();
                window.cwnd = (window.cwnd + ack.delivered).min(target);
            } else if window.cwnd < target || ack.delivered_total < window.initial {
                window.cwnd += ack.delivered;
            }
            window.cwnd = window.cwnd.max(SEGMENTS_MIN * window.segment);
        }
        if self.mode == Mode::ProbeRtt {
            window.cwnd = window.cwnd.min(SEGMENTS_MIN * window.segment);
        }
    }
}

impl CongestionControl for Bbr {
    /// BBRInitPacingRate: the initial window in a round trip.
    fn on_established(&mut self, window: &Window, rtt: Option<Duration>) {
        let rtt = rtt.filter(|rtt| !rtt.is_zero()).unwrap_or(RTT_ASSUMED);
        let rate = u128::from(window.initial) * 1_000_000_000 / rtt.as_nanos().max(1);
        self.pacing_rate = self.paced(u64::try_from(rate).unwrap_or(u64::MAX)).max(1);
    }

    fn on_ack(&mut self, window: &mut Window, ack: &Acknowledged) {
        let prior_in_flight = ack.in_flight + ack.delivered;
        self.update_round(ack);
        self.extra.sample(ack, self.bandwidth.most(), self.round_started, window.cwnd);
        self.update_cycle(window, ack, prior_in_flight);
        self.check_full(ack);
        self.check_drain(window, ack);
        self.update_rtt(window, ack);
        self.set_pace();
        self.set_window(window, ack);
    }

    fn on_congestion(&mut self, window: &mut Window, congestion: Congestion, _: u64, _: SimTime) {
        self.prior_window = self.saved_window(window, self.prior_phase);
        if congestion == Congestion::Timeout {
            self.prior_phase = Phase::Loss;
            self.full_bandwidth = 0;
            self.round_started = true;
        }
    }

    fn on_undo(&mut self, _window: &Window) {
        self.full_bandwidth = 0;
        self.full_rounds = 0;
    }

    fn pacing_rate(&self) -> Option<u64> {
        (self.pacing_rate > 0).then_some(self.pacing_rate)
    }

    fn sets_window(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests_support::{MSS, ack, window};
    use super::*;
    use crate::tcp::delivery_rate::RateSample;

    /// A path of 1 MB/s and 100 ms: in each round trip the sender puts in what its pace and its window allow, and at most 100 segments get
    /// through.
    #[derive(Default)]
    struct Path {
        round: u64,
        in_network: u64,
        delivered: u64,
    }

    impl Path {
        fn round(&mut self, bbr: &mut Bbr, window: &mut Window) {
            self.round += 1;
            let paced = bbr.pacing_rate().map_or(window.cwnd, |rate| rate / 10);
            self.in_network = (self.in_network + paced).min(window.cwnd);
            let delivered = self.in_network.min(100 * MSS);
            self.in_network -= delivered;
            let prior_delivered = self.delivered;
            self.delivered += delivered;
            let interval = Duration::from_millis(100);
            let rate = RateSample { delivered, interval, prior_delivered, app_limited: false };
            let sample = Acknowledged {
                now: SimTime::from_millis(100 * self.round),
                rtt: Some(interval),
                rate: Some(rate),
                delivered_total: self.delivered,
                in_flight: self.in_network,
                ..ack(delivered)
            };
            bbr.on_ack(window, &sample);
        }
    }

    fn settled() -> (Bbr, Window, Path) {
        let (mut bbr, mut window, mut path) = (Bbr::new(0), window(10), Path::default());
        (0..40).for_each(|_| path.round(&mut bbr, &mut window));
        (bbr, window, path)
    }

    #[test]
    fn startup_finds_the_rate_of_the_path_and_settles_at_it() {
        let (mut bbr, mut window, mut path) = (Bbr::new(0), window(10), Path::default());
        (0..3).for_each(|_| path.round(&mut bbr, &mut window));
        assert_eq!(bbr.mode, Mode::Startup);
        let (bbr, window, _) = settled();
        assert_eq!(bbr.mode, Mode::ProbeBandwidth);
        assert_eq!(bbr.bandwidth.most(), 1_000_000);
        let pace = bbr.pacing_rate().unwrap();
        assert!((700_000..=1_250_000).contains(&pace), "{pace}");
        assert!((200 * MSS..=310 * MSS).contains(&window.cwnd), "about twice the product: {}", window.cwnd);
    }

    #[test]
    fn a_loss_alone_does_not_reduce_the_rate() {
        let (mut bbr, mut window, mut path) = settled();
        bbr.on_congestion(&mut window, Congestion::Loss, 100 * MSS, SimTime::from_millis(4000));
        path.round(&mut bbr, &mut window);
        assert_eq!(bbr.bandwidth.most(), 1_000_000);
    }

    #[test]
    fn after_ten_seconds_it_stops_for_a_look_at_the_round_trip_time() {
        let (mut bbr, mut window, mut path) = settled();
        let before = window.cwnd;
        // A shorter round trip was seen once, and never again.
        bbr.rtt = MinimumRtt::default();
        bbr.rtt.sample(SimTime::from_millis(100 * path.round), Some(Duration::from_millis(50)));
        let stops = (0..110).any(|_| {
            path.round(&mut bbr, &mut window);
            bbr.mode == Mode::ProbeRtt
        });
        assert!(stops);
        assert_eq!(window.cwnd, 4 * MSS);
        (0..6).for_each(|_| path.round(&mut bbr, &mut window));
        assert_eq!(bbr.mode, Mode::ProbeBandwidth);
        assert!(window.cwnd > before / 2, "and comes back: {}", window.cwnd);
    }
}
