//! NATs, firewalls and links by the names people use. Their values come from RFCs where one says something, named at each; delays
//! and rates of access links are round numbers of the usual size, to be replaced in a scenario that is about them.

mod nat;

use rtclab_net::FirewallConfig;
use rtclab_net::firewall::{Action, Rule, Way};
use rtclab_trace::Protocol;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::document::LinkSettings;

pub use nat::NatPreset;

/// A firewall by what it lets through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FirewallPreset {
    /// Everything passes.
    Open,
    /// What begins inside passes, and its answers (RFC 6092 §3.2).
    Stateful,
    /// As `stateful`, but no UDP at all.
    BlockUdp,
    /// As `stateful`, but only DNS (UDP port 53) and the web (TCP ports 80 and 443) may begin.
    Corporate,
}

impl FirewallPreset {
    /// Its rules.
    pub fn config(self) -> FirewallConfig {
        match self {
            FirewallPreset::Open => FirewallConfig::open(),
            FirewallPreset::Stateful => FirewallConfig::home(),
            FirewallPreset::BlockUdp => FirewallConfig::udp_blocked(),
            FirewallPreset::Corporate => {
                let out = |name: &str| Rule::new(name, Action::Allow).way(Way::Outbound);
                FirewallConfig::new(vec![
                    out("allow DNS").protocol(Protocol::Udp).ports(53..=53),
                    out("allow HTTP").protocol(Protocol::Tcp).ports(80..=80),
                    out("allow HTTPS").protocol(Protocol::Tcp).ports(443..=443),
                    Rule::new("block the rest", Action::Drop),
                ])
            }
        }
    }

    /// For people: `firewall that blocks UDP`.
    pub fn role(self) -> &'static str {
        match self {
            FirewallPreset::Open => "open firewall",
            FirewallPreset::Stateful => "stateful firewall",
            FirewallPreset::BlockUdp => "firewall that blocks UDP",
            FirewallPreset::Corporate => "corporate firewall",
        }
    }
}

/// A link by the name people use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LinkPreset {
    /// Gigabit Ethernet: 0.1 ms, no loss.
    Lan,
    /// A home's wireless network: 2 ms and up to 3 ms of jitter, 0.1 % loss, 100 Mbit/s.
    Wifi,
    /// ADSL2+ or VDSL: 12 ms, 20 Mbit/s, MTU 1492.
    Dsl,
    /// Fibre to the home: 2 ms, 500 Mbit/s.
    Fiber,
    /// Fourth-generation mobile: 25 ms and up to 15 ms of jitter, 0.2 % loss, 20 Mbit/s, a deep queue.
    Lte,
    /// A geostationary satellite: 270 ms, 0.5 % loss, 20 Mbit/s.
    Satellite,
    /// The middle of the Internet, within a continent: 20 ms.
    Internet,
    /// Across an ocean: 70 ms.
    Transatlantic,
}

/// What holds where neither a setting nor a preset says anything: no delay worth naming, no loss, no limit.
pub const PLAIN: LinkSettings = LinkSettings {
    preset: None,
    latency_ms: Some(0.1),
    jitter_ms: Some(0.0),
    loss_percent: Some(0.0),
    rate_mbps: None,
    upload_mbps: None,
    reorder: Some(false),
    queue_packets: Some(1000),
    mtu: Some(1500),
};

impl LinkPreset {
    /// Its values. The one-way delay of an access link is half of the round trip to the first hop.
    pub fn settings(self) -> LinkSettings {
        let plain = PLAIN;
        match self {
            // IEEE 802.3: 1500-byte frames; a switch and some metres of cable cost well under a millisecond.
            LinkPreset::Lan => LinkSettings { rate_mbps: Some(1000.0), ..plain },
            // Wireless networks lose little above the MAC's own retransmissions, which show up as jitter instead.
            LinkPreset::Wifi => LinkSettings {
                latency_ms: Some(2.0),
                jitter_ms: Some(3.0),
                loss_percent: Some(0.1),
                rate_mbps: Some(100.0),
                ..plain
            },
            // RFC 2516 §7: PPPoE leaves 1492 bytes. Interleaving makes the first hop of DSL some 20 to 30 ms there and back.
            LinkPreset::Dsl => {
                LinkSettings { latency_ms: Some(12.0), rate_mbps: Some(20.0), mtu: Some(1492), ..plain }
            }
            // ITU-T G.984: some kilometres of glass cost microseconds; what is left is the time slots of the way up.
            LinkPreset::Fiber => LinkSettings { latency_ms: Some(2.0), rate_mbps: Some(500.0), ..plain },
            // RFC 8289 §1 on queues that are deeper than their link is long: cellular networks are the usual case.
            LinkPreset::Lte => LinkSettings {
                latency_ms: Some(25.0),
                jitter_ms: Some(15.0),
                loss_percent: Some(0.2),
                rate_mbps: Some(20.0),
                queue_packets: Some(2000),
                mtu: Some(1428),
                ..plain
            },
            // RFC 2488 §2: some 250 ms one way from the distance alone.
            LinkPreset::Satellite => LinkSettings {
                latency_ms: Some(270.0),
                loss_percent: Some(0.5),
                rate_mbps: Some(20.0),
                ..plain
            },
            // 20 ms from any attachment to the middle is 40 ms between two of them, and 80 ms there and back.
            LinkPreset::Internet => LinkSettings { latency_ms: Some(20.0), ..plain },
            // Some 6000 km of fibre at two thirds of the speed of light are 30 ms; real paths are about twice as long.
            LinkPreset::Transatlantic => LinkSettings { latency_ms: Some(70.0), ..plain },
        }
    }
}
