//! Properties of links: from the keys of a document to those of the world, and how an action changes them.

use rtclab_net::{Codel, GilbertElliott, Latency, LinkProperties, LinkWay, Loss, QueueLimit};

use super::millis;
use crate::document::{
    BothWays, CodelSpec, LatencySpec, LatencySpread, LinkSettings, LossSpec, Millis, Percent, TimedChange,
    WaySettings,
};
use crate::presets::LinkPreset;

/// A change of a link's properties: what it does not name stays as it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LinkChange {
    /// What it begins from, instead of what was there.
    preset: Option<LinkPreset>,
    ways: BothWays,
}

impl From<&LinkSettings> for LinkChange {
    fn from(settings: &LinkSettings) -> LinkChange {
        LinkChange { preset: settings.preset, ways: settings.both_ways() }
    }
}

impl From<&TimedChange> for LinkChange {
    fn from(change: &TimedChange) -> LinkChange {
        LinkChange { preset: None, ways: change.both_ways() }
    }
}

impl LinkChange {
    /// The properties after the change, from those before it.
    pub fn apply(&self, before: &LinkProperties) -> LinkProperties {
        let LinkProperties { forward, backward } = match self.preset {
            Some(preset) => preset.properties(),
            None => before.clone(),
        };
        let BothWays { way, upload_mbps, up, down } = &self.ways;
        // A rate counts both ways, unless the way up has its own.
        let upload = WaySettings { rate_mbps: *upload_mbps, ..WaySettings::default() };
        LinkProperties {
            forward: [way, &upload, up].into_iter().fold(forward, apply_way),
            backward: [way, down].into_iter().fold(backward, apply_way),
        }
    }
}

/// Complete properties from settings, each over those before it, and all over a link that costs next to nothing.
pub(crate) fn properties(settings: &[&LinkSettings]) -> LinkProperties {
    let plain = LinkProperties::plain();
    settings.iter().fold(plain, |before, settings| LinkChange::from(*settings).apply(&before))
}

fn apply_way(before: LinkWay, settings: &WaySettings) -> LinkWay {
    LinkWay {
        latency: latency(before.latency, settings),
        reorder: settings.reorder.unwrap_or(before.reorder),
        loss: loss(before.loss, settings),
        duplicate: settings.duplicate_percent.map_or(before.duplicate, share),
        corrupt: settings.corrupt_percent.map_or(before.corrupt, share),
        rate_bps: settings.rate_mbps.map(|rate| (rate * 1e6).round() as u64).or(before.rate_bps),
        queue: match (settings.queue_packets, settings.queue_bytes) {
            (Some(packets), _) => QueueLimit::Packets(packets),
            (None, Some(bytes)) => QueueLimit::Bytes(bytes),
            (None, None) => before.queue,
        },
        codel: settings.codel.map_or(before.codel, codel),
        mtu: settings.mtu.unwrap_or(before.mtu),
    }
}

fn latency(before: Latency, settings: &WaySettings) -> Latency {
    let jitter = settings.jitter_ms.map(millis);
    match &settings.latency_ms {
        None => match jitter {
            Some(jitter) => before.with_jitter(jitter),
            None => before,
        },
        Some(LatencySpec::Constant(Millis(constant))) => {
            // A link keeps its jitter when it becomes longer.
            let kept = match before {
                Latency::Uniform { least, most } => most.saturating_sub(least),
                _ => std::time::Duration::ZERO,
            };
            Latency::from(millis(*constant)).with_jitter(jitter.unwrap_or(kept))
        }
        Some(LatencySpec::List(list)) => {
            Latency::List(list.iter().map(|Millis(latency)| millis(*latency)).collect())
        }
        Some(LatencySpec::Spread(spread)) => spread_latency(spread),
    }
}

/// Of the keys that belong together; a document with others has been refused.
fn spread_latency(spread: &LatencySpread) -> Latency {
    let span = |value: Option<Millis>| value.map_or(std::time::Duration::ZERO, |Millis(value)| millis(value));
    match (spread.mean, spread.deviation) {
        (None, None) => Latency::Uniform { least: span(spread.from), most: span(spread.to) },
        (mean, deviation) => Latency::Normal { mean: span(mean), deviation: span(deviation) },
    }
}

fn loss(before: Loss, settings: &WaySettings) -> Loss {
    match (&settings.lost_packets, settings.loss_percent) {
        (Some(packets), _) => Loss::Listed(packets.iter().map(|packet| packet.0).collect()),
        (None, Some(LossSpec::Independent(percent))) => Loss::Independent(share(percent)),
        (None, Some(LossSpec::Bursts(bursts))) => Loss::Bursts(GilbertElliott {
            to_bad: share(bursts.good_to_bad),
            to_good: share(bursts.bad_to_good),
            loss_in_good: share(bursts.in_good),
            loss_in_bad: share(bursts.in_bad),
        }),
        (None, None) => before,
    }
}

fn codel(spec: CodelSpec) -> Option<Codel> {
    match spec {
        CodelSpec::Switch(on) => on.then(Codel::default),
        CodelSpec::Parameters(parameters) => Some(Codel {
            target: millis(parameters.target_ms),
            interval: millis(parameters.interval_ms),
            ecn: parameters.ecn,
        }),
    }
}

fn share(Percent(percent): Percent) -> f64 {
    percent / 100.0
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const MS: fn(u64) -> Duration = Duration::from_millis;

    /// Settings as a document writes them.
    fn settings(text: &str) -> LinkSettings {
        toml::from_str(text).expect("settings")
    }

    fn link(text: &str) -> LinkProperties {
        properties(&[&settings(text)])
    }

    #[test]
    fn a_preset_gives_what_is_not_said() {
        let link = link("preset = 'dsl'\nlatency_ms = 5");
        assert_eq!(link.forward.latency, Latency::Constant(MS(5)));
        assert_eq!(link.forward.mtu, 1492);
        assert_eq!((link.forward.rate_bps, link.backward.rate_bps), (Some(1_000_000), Some(16_000_000)));
    }

    #[test]
    fn the_way_up_can_have_a_rate_of_its_own() {
        let link = link("rate_mbps = 50\nupload_mbps = 10");
        assert_eq!((link.forward.rate_bps, link.backward.rate_bps), (Some(10_000_000), Some(50_000_000)));
    }

    #[test]
    fn either_way_can_have_everything_of_its_own() {
        let link = link(
            "latency_ms = 5\nup = { loss_percent = 2, mtu = 1400 }\ndown = { latency_ms = 9, codel = true, rate_mbps = 8 }",
        );
        assert_eq!(
            link.forward,
            LinkWay { latency: MS(5).into(), loss: 0.02.into(), mtu: 1400, ..LinkWay::default() }
        );
        let down = LinkWay {
            latency: MS(9).into(),
            codel: Some(Codel::default()),
            rate_bps: Some(8_000_000),
            ..LinkWay::default()
        };
        assert_eq!(link.backward, down);
    }

    #[test]
    fn a_change_leaves_what_it_does_not_name() {
        let before = link("preset = 'lte'");
        let after = LinkChange::from(&settings("loss_percent = 30")).apply(&before);
        assert_eq!(after.forward, LinkWay { loss: 0.3.into(), ..before.forward });
    }

    #[test]
    fn a_longer_link_keeps_its_jitter_and_a_jitter_its_latency() {
        let latency = |text: &str| link(text).forward.latency;
        let jittery = Latency::Uniform { least: MS(5), most: MS(10) };
        assert_eq!(latency("preset = 'wifi'\nlatency_ms = 5"), jittery);
        assert_eq!(latency("latency_ms = 5\njitter_ms = 5"), jittery);
        assert_eq!(latency("latency_ms = { from = 5, to = 10 }"), jittery);
        assert_eq!(latency("preset = 'wifi'\njitter_ms = 0"), Latency::Constant(MS(1)));
    }

    #[test]
    fn every_kind_of_latency_loss_and_queue_can_be_written() {
        let way = |text: &str| link(text).forward;
        assert_eq!(
            way("latency_ms = [1, 2.5]").latency,
            Latency::List(vec![MS(1), Duration::from_micros(2500)])
        );
        let normal = Latency::Normal { mean: MS(30), deviation: MS(4) };
        assert_eq!(way("latency_ms = { mean = 30, deviation = 4 }").latency, normal);
        assert_eq!(way("lost_packets = [3, 9]").loss, Loss::Listed(vec![3, 9]));
        let bursts = GilbertElliott { to_bad: 0.01, to_good: 0.25, loss_in_good: 0.0, loss_in_bad: 1.0 };
        assert_eq!(way("loss_percent = { good_to_bad = 1, bad_to_good = 25 }").loss, Loss::Bursts(bursts));
        assert_eq!(way("queue_bytes = 9000").queue, QueueLimit::Bytes(9000));
        let slow = Codel { target: MS(20), interval: MS(400), ecn: false };
        assert_eq!(way("codel = { target_ms = 20, interval_ms = 400, ecn = false }").codel, Some(slow));
        assert_eq!(
            way("reorder = true\nduplicate_percent = 1\ncorrupt_percent = 2"),
            LinkWay { reorder: true, duplicate: 0.01, corrupt: 0.02, ..LinkProperties::plain().forward }
        );
    }

    #[test]
    fn an_attachment_says_more_than_its_network_and_a_preset_of_its_own_replaces_all() {
        let network = settings("latency_ms = 20\nmtu = 1400");
        let both = properties(&[&network, &settings("latency_ms = 7")]);
        assert_eq!((both.forward.latency, both.forward.mtu), (Latency::Constant(MS(7)), 1400));
        assert_eq!(properties(&[&network, &settings("preset = 'lan'")]).forward.mtu, 1500);
    }
}
