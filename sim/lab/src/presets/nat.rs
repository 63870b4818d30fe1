//! NATs by the names people use and by device family. Not here: their values, with the source of each (`rtclab_net::nat`).

use rtclab_net::NatConfig;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A NAT by the name people use, after RFC 3489 §5 in the terms of RFC 4787, or by device family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NatPreset {
    /// No translation: a plain router.
    None,
    /// The same as `none`.
    Open,
    /// Endpoint-independent mapping and filtering: once open, open to all.
    FullCone,
    /// Endpoint-independent mapping, address-dependent filtering.
    AddressRestricted,
    /// Endpoint-independent mapping, address-and-port-dependent filtering: most home routers.
    PortRestricted,
    /// Address-and-port-dependent mapping and filtering: a new port for each destination; many mobile and office networks.
    Symmetric,
    /// What RFC 4787, RFC 5382 and RFC 5508 ask for, hairpinning included.
    Behave,
    /// Linux netfilter, `MASQUERADE`: a mapping for each flow, ports preserved until two flows clash (nf_conntrack-sysctl).
    LinuxMasquerade,
    /// The same where the INPUT chain accepts: an early packet from outside takes the port.
    LinuxOpenInput,
    /// Linux netfilter, `MASQUERADE --random-fully`: a random port for each flow (iptables-extensions(8)).
    LinuxRandomFully,
    /// FreeBSD pf: a random port from 50001 on for each flow (pf.conf(5)).
    FreebsdPf,
    /// A carrier's NAT as RFC 6888 asks for it: open, hairpinning, ports in blocks, a limit for each subscriber.
    CarrierCgn,
    /// A cellular carrier's NAT as it often is: symmetric, and forgetful after 65 seconds (Richter et al., IMC 2016).
    MobileCgn,
    /// The NAT gateway of Amazon VPC: a port for each flow, idle for 350 seconds at most.
    AwsNatGateway,
    /// An outside address for each inside host, open to all (RFC 3022 §2.1).
    OneToOne,
    /// IPv6 inside, IPv4 outside, below 64:ff9b::/96 (RFC 6146).
    Nat64,
}

impl NatPreset {
    /// All of them, in the order of the schema.
    pub const ALL: [NatPreset; 16] = [
        NatPreset::None,
        NatPreset::Open,
        NatPreset::FullCone,
        NatPreset::AddressRestricted,
        NatPreset::PortRestricted,
        NatPreset::Symmetric,
        NatPreset::Behave,
        NatPreset::LinuxMasquerade,
        NatPreset::LinuxOpenInput,
        NatPreset::LinuxRandomFully,
        NatPreset::FreebsdPf,
        NatPreset::CarrierCgn,
        NatPreset::MobileCgn,
        NatPreset::AwsNatGateway,
        NatPreset::OneToOne,
        NatPreset::Nat64,
    ];

    /// Its behaviour on the axes of RFC 4787; none where there is no translation.
    pub fn config(self) -> Option<NatConfig> {
        Some(match self {
            NatPreset::None | NatPreset::Open => return None,
            NatPreset::FullCone => NatConfig::full_cone(),
            NatPreset::AddressRestricted => NatConfig::address_restricted(),
            NatPreset::PortRestricted => NatConfig::port_restricted(),
            NatPreset::Symmetric => NatConfig::symmetric(),
            NatPreset::Behave => NatConfig::behave(),
            NatPreset::LinuxMasquerade => NatConfig::linux_masquerade(),
            NatPreset::LinuxOpenInput => NatConfig::linux_open_input(),
            NatPreset::LinuxRandomFully => NatConfig::linux_random_fully(),
            NatPreset::FreebsdPf => NatConfig::freebsd_pf(),
            NatPreset::CarrierCgn => NatConfig::carrier_cgn(),
            NatPreset::MobileCgn => NatConfig::mobile_cgn(),
            NatPreset::AwsNatGateway => NatConfig::aws_nat_gateway(),
            NatPreset::OneToOne => NatConfig::one_to_one(),
            NatPreset::Nat64 => NatConfig::nat64(),
        })
    }

    /// For people: `port-restricted NAT`.
    pub const fn role(self) -> &'static str {
        match self {
            NatPreset::None | NatPreset::Open => "router without NAT",
            NatPreset::FullCone => "full-cone NAT",
            NatPreset::AddressRestricted => "address-restricted NAT",
            NatPreset::PortRestricted => "port-restricted NAT",
            NatPreset::Symmetric => "symmetric NAT",
            NatPreset::Behave => "NAT by the RFCs",
            NatPreset::LinuxMasquerade => "Linux NAT",
            NatPreset::LinuxOpenInput => "Linux NAT with an open INPUT chain",
            NatPreset::LinuxRandomFully => "Linux NAT with random ports",
            NatPreset::FreebsdPf => "FreeBSD pf NAT",
            NatPreset::CarrierCgn => "carrier-grade NAT",
            NatPreset::MobileCgn => "mobile carrier's NAT",
            NatPreset::AwsNatGateway => "cloud NAT gateway",
            NatPreset::OneToOne => "1:1 NAT",
            NatPreset::Nat64 => "NAT64",
        }
    }
}
