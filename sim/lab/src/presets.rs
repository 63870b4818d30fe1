//! NATs, firewalls and links by the names people use. Their values come from RFCs where one says something, named at each; delays
//! and rates of access links are round numbers of the usual size, to be replaced in a scenario that is about them.

mod nat;

use rtclab_net::firewall::{Action, Rule, Way};
use rtclab_net::{FirewallConfig, LinkProperties};
use rtclab_trace::Protocol;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
    /// A home's IPv6: what begins inside passes, and its answers; from outside IPsec's key exchange and echoes (RFC 6092).
    Ipv6Home,
    /// Only what begins inside and goes to TCP ports 443 and 80.
    WebOnly,
    /// As `web-only`, and on port 443 only what looks like TLS.
    TlsOnly,
    /// Only what goes to an HTTP proxy, TCP ports 3128 and 8080.
    HttpProxyOnly,
    /// As `stateful`, but nothing to private addresses: what a relay should have around it (RFC 8656 §21.1.6).
    DenyPrivatePeers,
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
            FirewallPreset::Ipv6Home => FirewallConfig::ipv6_home(),
            FirewallPreset::WebOnly => FirewallConfig::web_only(),
            FirewallPreset::TlsOnly => FirewallConfig::tls_inspected(),
            FirewallPreset::HttpProxyOnly => FirewallConfig::http_proxy_only(),
            FirewallPreset::DenyPrivatePeers => FirewallConfig::deny_private_peers(),
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
            FirewallPreset::Ipv6Home => "IPv6 home firewall",
            FirewallPreset::WebOnly => "firewall that allows the web",
            FirewallPreset::TlsOnly => "firewall that looks for TLS",
            FirewallPreset::HttpProxyOnly => "firewall that allows a proxy",
            FirewallPreset::DenyPrivatePeers => "firewall around a relay",
            FirewallPreset::Corporate => "corporate firewall",
        }
    }
}

/// A link by the name people use. Its values and their sources are those of [`LinkProperties`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LinkPreset {
    /// Gigabit Ethernet: 0.1 ms, no loss.
    Lan,
    /// A home's wireless network: 1 to 6 ms, 0.1 % loss, 100 Mbit/s.
    Wifi,
    /// ADSL2+: 12 ms, 16 Mbit/s down and 1 up, MTU 1492.
    Dsl,
    /// Cable: 4 to 8 ms up and 2 to 3 down, 300 Mbit/s down and 20 up, a deep queue up.
    Cable,
    /// Fibre to the home: 1 to 2 ms, 500 Mbit/s.
    Fiber,
    /// Fourth-generation mobile: 22 to 42 ms, 0.2 % loss, 13 Mbit/s down and 6 up, a deep queue, MTU 1428.
    Lte,
    /// Fifth-generation mobile: 8 to 14 ms, 0.1 % loss, 100 Mbit/s down and 50 up, MTU 1428.
    #[serde(rename = "5g")]
    FifthGeneration,
    /// A geostationary satellite: 300 to 340 ms, 0.5 % loss, 19 Mbit/s down and 3 up.
    Satellite,
    /// Satellites in low orbit: 12 to 32 ms, rare bursts of loss, 87 Mbit/s down and 14 up.
    SatelliteLeo,
    /// The middle of the Internet, within a continent: 20 ms.
    Internet,
    /// Across an ocean: 70 ms.
    Transatlantic,
}

impl LinkPreset {
    /// Its values.
    pub fn properties(self) -> LinkProperties {
        match self {
            LinkPreset::Lan => LinkProperties::lan(),
            LinkPreset::Wifi => LinkProperties::wifi(),
            LinkPreset::Dsl => LinkProperties::dsl(),
            LinkPreset::Cable => LinkProperties::cable(),
            LinkPreset::Fiber => LinkProperties::fiber(),
            LinkPreset::Lte => LinkProperties::lte(),
            LinkPreset::FifthGeneration => LinkProperties::fifth_generation(),
            LinkPreset::Satellite => LinkProperties::geostationary_satellite(),
            LinkPreset::SatelliteLeo => LinkProperties::low_orbit_satellite(),
            LinkPreset::Internet => LinkProperties::internet(),
            LinkPreset::Transatlantic => LinkProperties::transatlantic(),
        }
    }
}
