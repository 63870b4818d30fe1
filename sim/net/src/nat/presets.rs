//! NATs by the names people use, and by device family, as points on the axes. Not here: the names of scenario documents (`rtclab-lab`).

use std::time::Duration;

use super::{
    AfterReset, FilteringBehavior, Hairpin, Limits, MappingBehavior, NatConfig, Pooling, PortAllocation,
    PortBlocks, Prefix64, Refresh, TcpTraits, Timers, Unsolicited, UnsolicitedSyn,
};

const BOTH: Refresh = Refresh { outbound: true, inbound: true };

const fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

impl NatConfig {
    /// RFC 3489 §5 "full cone": endpoint-independent mapping and filtering.
    pub fn full_cone() -> NatConfig {
        NatConfig { filtering: FilteringBehavior::EndpointIndependent, ..NatConfig::default() }
    }

    /// RFC 3489 §5 "restricted cone": endpoint-independent mapping, address-dependent filtering.
    pub fn address_restricted() -> NatConfig {
        NatConfig { filtering: FilteringBehavior::AddressDependent, ..NatConfig::default() }
    }

    /// RFC 3489 §5 "port restricted cone": endpoint-independent mapping, address and port-dependent filtering.
    pub fn port_restricted() -> NatConfig {
        NatConfig { filtering: FilteringBehavior::AddressAndPortDependent, ..NatConfig::default() }
    }

    /// RFC 3489 §5 "symmetric": a mapping of its own, with a random port, for each remote endpoint.
    pub fn symmetric() -> NatConfig {
        NatConfig {
            mapping: MappingBehavior::AddressAndPortDependent,
            filtering: FilteringBehavior::AddressAndPortDependent,
            ports: PortAllocation::Random,
            ..NatConfig::default()
        }
    }

    /// What RFC 4787, RFC 5382 and RFC 5508 ask for, with the filter of REQ-8 for those who want it strict: address-dependent.
    pub fn behave() -> NatConfig {
        NatConfig {
            filtering: FilteringBehavior::AddressDependent,
            hairpin: Hairpin::ExternalSource,
            ..NatConfig::default()
        }
    }

    /// Linux netfilter, `MASQUERADE`, on a router that drops what comes in for itself. A mapping is a flow, and a port is preserved until a flow
    /// with the same remote endpoint has it. Timers: `Documentation/networking/nf_conntrack-sysctl.rst` of the kernel, `udp_timeout` 30,
    /// `udp_timeout_stream` 120 (180 before 5.0), `icmp_timeout` 30, `tcp_timeout_established` 432000, `syn_sent`, `fin_wait` and `time_wait` 120,
    /// `close` 10; `tcp_loose` is on; `max` is at most 262144.
    pub fn linux_masquerade() -> NatConfig {
        NatConfig {
            mapping: MappingBehavior::AddressAndPortDependent,
            filtering: FilteringBehavior::AddressAndPortDependent,
            ports: PortAllocation::PreserveOverload,
            timers: Timers {
                udp: seconds(120),
                udp_unreplied: Some(seconds(30)),
                icmp: seconds(30),
                tcp_established: seconds(432_000),
                tcp_transitory: seconds(120),
                filter: None,
            },
            refresh: BOTH,
            tcp: TcpTraits {
                unsolicited_syn: UnsolicitedSyn::Drop,
                // A reset connection is kept for ten seconds there.
                after_reset: AfterReset::Forget,
                picks_up: true,
                ..TcpTraits::default()
            },
            ..NatConfig::default()
        }
    }

    /// The same on a box whose INPUT chain accepts: what comes in for nobody is tracked as the box's own, and takes the tuple.
    pub fn linux_open_input() -> NatConfig {
        let dropping = NatConfig::linux_masquerade();
        let tcp = TcpTraits { unsolicited_syn: UnsolicitedSyn::Reset, ..dropping.tcp };
        NatConfig { unsolicited: Unsolicited::Track, tcp, ..dropping }
    }

    /// Linux netfilter, `MASQUERADE --random-fully` (iptables-extensions(8)): a random port for each flow.
    pub fn linux_random_fully() -> NatConfig {
        NatConfig { ports: PortAllocation::Random, ..NatConfig::linux_masquerade() }
    }

    /// FreeBSD pf, `nat on` without `static-port`. Ports: `PF_NAT_PROXY_PORT_LOW` and `_HIGH` of `sbin/pfctl/pfctl_parser.h`. Timers: the `PFTM_*_VAL`
    /// of `sys/netpfil/pf/pf.h`, which pf.conf(5) calls `udp.first` and `udp.multiple` (60), `icmp.first` (20), `tcp.established` (86400), `tcp.first`
    /// (120). `udp.single`, 30 s for a flow of several packets that nobody answers, has no axis here.
    pub fn freebsd_pf() -> NatConfig {
        NatConfig {
            mapping: MappingBehavior::AddressAndPortDependent,
            filtering: FilteringBehavior::AddressAndPortDependent,
            ports: PortAllocation::Random,
            port_range: (50_001, 65_535),
            timers: Timers {
                udp: seconds(60),
                udp_unreplied: None,
                icmp: seconds(20),
                tcp_established: seconds(86_400),
                tcp_transitory: seconds(120),
                filter: None,
            },
            refresh: BOTH,
            limits: Limits { mappings: 100_000, per_host: None },
            tcp: TcpTraits { unsolicited_syn: UnsolicitedSyn::Drop, ..TcpTraits::default() },
            ..NatConfig::default()
        }
    }

    /// A carrier's NAT as RFC 6888 asks for it: endpoint-independent (REQ-1, REQ-7), paired pooling (REQ-2), a limit for each subscriber
    /// (REQ-4), ports in blocks (RFC 7422).
    pub fn carrier_cgn() -> NatConfig {
        NatConfig {
            filtering: FilteringBehavior::EndpointIndependent,
            ports: PortAllocation::Random,
            port_blocks: Some(PortBlocks { size: 512, per_host: 4 }),
            pooling: Pooling::Paired,
            hairpin: Hairpin::ExternalSource,
            limits: Limits { per_host: Some(2_048), ..Limits::default() },
            ..NatConfig::default()
        }
    }

    /// A cellular carrier's NAT of the kind that Richter et al. found for two networks in five ("A Multi-perspective Analysis of
    /// Carrier-Grade NAT Deployment", IMC 2016): symmetric, and forgetful after about a minute.
    pub fn mobile_cgn() -> NatConfig {
        NatConfig {
            pooling: Pooling::Arbitrary,
            timers: Timers { udp: seconds(65), ..Timers::default() },
            refresh: BOTH,
            ..NatConfig::symmetric()
        }
    }

    /// The NAT gateway of Amazon VPC: a port for each flow from 1024 to 65535, 55,000 of them to one destination ("How do I troubleshoot connectivity
    /// issues when I use a NAT gateway", AWS re:Post knowledge center), and 350 seconds for all that is idle ("Troubleshoot NAT gateways" in
    /// the VPC user guide). The limit for one destination has no axis here; nor has the RST that it sends to whoever goes on after that.
    pub fn aws_nat_gateway() -> NatConfig {
        let idle = seconds(350);
        let timers = Timers { udp: idle, icmp: idle, tcp_established: idle, ..Timers::default() };
        let tcp = TcpTraits { unsolicited_syn: UnsolicitedSyn::Drop, ..TcpTraits::default() };
        NatConfig { timers, refresh: BOTH, tcp, ..NatConfig::symmetric() }
    }

    /// An external address for each inside host, open to all: "basic NAT" (RFC 3022 §2.1), as clouds give addresses to machines.
    pub fn one_to_one() -> NatConfig {
        NatConfig {
            pooling: Pooling::OneToOne,
            filtering: FilteringBehavior::EndpointIndependent,
            ..NatConfig::default()
        }
    }

    /// A stateful NAT64 (RFC 6146 §3.5, §4) below the well-known prefix, with the filter that it suggests.
    pub fn nat64() -> NatConfig {
        NatConfig {
            filtering: FilteringBehavior::AddressDependent,
            hairpin: Hairpin::ExternalSource,
            nat64: Some(Prefix64::WELL_KNOWN),
            ..NatConfig::default()
        }
    }
}
