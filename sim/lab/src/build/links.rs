//! Properties of links: from the keys of a document to those of the world, and how an action changes them.

use rtclab_net::{LinkProperties, LinkWay};

use super::millis;
use crate::document::LinkSettings;
use crate::presets::PLAIN;

/// A change of a link's properties: what it does not name stays as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LinkChange(pub LinkSettings);

impl LinkChange {
    /// The properties after the change, from those before it.
    pub fn apply(&self, before: &LinkProperties) -> LinkProperties {
        let named = resolve(&self.0);
        let download = named.rate_mbps;
        // A new rate counts both ways, unless the way up has its own.
        let upload = named.upload_mbps.or(download);
        LinkProperties {
            forward: way(&named, upload, &before.forward),
            backward: way(&named, download, &before.backward),
        }
    }
}

/// Complete properties from settings: the preset where there is one, and a plain link where nothing is said.
pub(super) fn properties(settings: &LinkSettings) -> LinkProperties {
    LinkChange(settings.over(&PLAIN)).apply(&LinkProperties::default())
}

/// Settings with the values of the preset written out.
fn resolve(settings: &LinkSettings) -> LinkSettings {
    match settings.preset {
        Some(preset) => LinkSettings { preset: None, ..*settings }.over(&preset.settings()),
        None => *settings,
    }
}

fn way(settings: &LinkSettings, rate_mbps: Option<f64>, before: &LinkWay) -> LinkWay {
    LinkWay {
        latency: settings.latency_ms.map_or(before.latency, millis),
        jitter: settings.jitter_ms.map_or(before.jitter, millis),
        reorder: settings.reorder.unwrap_or(before.reorder),
        loss: settings.loss_percent.map_or(before.loss, |percent| percent / 100.0),
        rate_bps: rate_mbps.map(|rate| (rate * 1e6).round() as u64).or(before.rate_bps),
        queue_packets: settings.queue_packets.unwrap_or(before.queue_packets),
        mtu: settings.mtu.unwrap_or(before.mtu),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::presets::LinkPreset;

    #[test]
    fn a_preset_gives_what_is_not_said() {
        let settings =
            LinkSettings { preset: Some(LinkPreset::Dsl), latency_ms: Some(5.0), ..LinkSettings::default() };
        let link = properties(&settings);
        assert_eq!(link.forward.latency, Duration::from_millis(5));
        assert_eq!(link.forward.mtu, 1492);
        assert_eq!(link.forward, link.backward);
    }

    #[test]
    fn the_way_up_can_have_a_rate_of_its_own() {
        let settings =
            LinkSettings { rate_mbps: Some(50.0), upload_mbps: Some(10.0), ..LinkSettings::default() };
        let link = properties(&settings);
        assert_eq!((link.forward.rate_bps, link.backward.rate_bps), (Some(10_000_000), Some(50_000_000)));
    }

    #[test]
    fn a_change_leaves_what_it_does_not_name() {
        let before = properties(&LinkSettings { preset: Some(LinkPreset::Lte), ..LinkSettings::default() });
        let change = LinkChange(LinkSettings { loss_percent: Some(30.0), ..LinkSettings::default() });
        let after = change.apply(&before);
        assert_eq!(after.forward, LinkWay { loss: 0.3, ..before.forward });
    }

    #[test]
    fn an_attachment_says_more_than_its_network_and_a_preset_of_its_own_replaces_all() {
        let network = LinkSettings { latency_ms: Some(20.0), mtu: Some(1400), ..LinkSettings::default() };
        let own = LinkSettings { latency_ms: Some(7.0), ..LinkSettings::default() };
        let both = properties(&own.over(&network));
        assert_eq!((both.forward.latency, both.forward.mtu), (Duration::from_millis(7), 1400));
        let preset = LinkSettings { preset: Some(LinkPreset::Lan), ..LinkSettings::default() };
        assert_eq!(properties(&preset.over(&network)).forward.mtu, 1500);
    }
}
