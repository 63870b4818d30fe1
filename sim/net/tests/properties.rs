//! Random small worlds, watched after every event by a checker that knows the rules from the RFCs and not from the code.

mod checker;
mod common;

use std::net::SocketAddr;
use std::time::Duration;

use checker::Checker;
use common::*;
use proptest::prelude::*;
use rtclab_net::nat::{
    FilteringBehavior, Hairpin, Limits, MappingBehavior, Pooling, PortAllocation, PortBlocks, PortTraits,
    Refresh, Timers,
};
use rtclab_net::*;
use rtclab_trace::SimTime;

/// A home: a NAT, or two in a row, hosts behind it, perhaps a firewall in between.
#[derive(Clone, Debug)]
struct Home {
    nat: NatConfig,
    carrier: Option<NatConfig>,
    hosts: usize,
    firewall: bool,
    /// Whether its networks are of Ethernet.
    ethernet: bool,
    link: LinkProperties,
}

/// Where a host sends to.
#[derive(Clone, Copy, Debug)]
enum Target {
    /// To a host's own address, which is of little use behind a NAT.
    Own(usize, u16),
    /// To where a host last heard from: an answer if it is the sender itself, an introduction if it is another.
    HeardBy(usize),
    /// To where the sender itself last heard from.
    Answer,
}

/// Something that happens at a time.
#[derive(Clone, Copy, Debug)]
enum Deed {
    /// A host sends somewhere.
    Send {
        from: usize,
        to: Target,
        length: usize,
        ttl: u8,
    },
    /// A host asks another for an echo.
    Ping {
        from: usize,
        to: usize,
    },
    Rebind {
        nat: usize,
    },
    SetUp {
        link: usize,
        up: bool,
    },
    Move {
        host: usize,
    },
}

fn nat_config() -> impl Strategy<Value = NatConfig> {
    let behaviors = (
        prop::sample::select(vec![
            MappingBehavior::EndpointIndependent,
            MappingBehavior::AddressDependent,
            MappingBehavior::AddressAndPortDependent,
        ]),
        prop::sample::select(vec![
            FilteringBehavior::EndpointIndependent,
            FilteringBehavior::AddressDependent,
            FilteringBehavior::AddressAndPortDependent,
        ]),
        prop::sample::select(vec![
            PortAllocation::PreserveElseRandom,
            PortAllocation::PreserveElseSequential,
            PortAllocation::PreserveOverload,
            PortAllocation::Sequential,
            PortAllocation::Random,
        ]),
        prop::sample::select(vec![Hairpin::Off, Hairpin::ExternalSource, Hairpin::InternalSource]),
    );
    let limits = prop::option::of((3u32..8, 1u32..4));
    let traits = (any::<[bool; 2]>(), any::<bool>(), prop::option::of(1u64..10), limits);
    (behaviors, 1u64..20, any::<[bool; 2]>(), 4u16..8, traits).prop_map(
        |((mapping, filtering, ports, hairpin), seconds, [outbound, inbound], count, traits)| {
            let ([parity, contiguity], in_blocks, unreplied, limits) = traits;
            let shares = ports == PortAllocation::PreserveOverload;
            NatConfig {
                mapping,
                filtering,
                ports,
                port_traits: PortTraits { parity, contiguity, range_class: true },
                port_range: (20_000, 20_000 + count),
                port_blocks: (in_blocks && !shares).then_some(PortBlocks { size: 2, per_host: 1 }),
                pooling: Pooling::Paired,
                hairpin,
                timers: Timers {
                    udp: Duration::from_secs(seconds),
                    udp_unreplied: unreplied.map(Duration::from_secs),
                    ..Timers::default()
                },
                refresh: Refresh { outbound, inbound },
                limits: limits.map_or(Limits::default(), |(mappings, per_host)| Limits {
                    mappings,
                    per_host: Some(per_host),
                }),
                ..NatConfig::default()
            }
        },
    )
}

fn link() -> impl Strategy<Value = LinkProperties> {
    let rate = prop::option::of((10_000u64..10_000_000, 0u32..5, any::<bool>()));
    let share = || prop::sample::select(vec![0.0, 0.0, 0.2]);
    let traits = (0u64..50, 0u64..20, any::<bool>(), [share(), share(), share()], rate);
    (traits, prop::sample::select(vec![1_500, 600])).prop_map(
        |((latency, jitter, reorder, [loss, duplicates, corruption], rate), mtu)| {
            let link = LinkProperties::latency(Duration::from_millis(latency))
                .with_jitter(Duration::from_millis(jitter))
                .with_loss(loss)
                .with_duplicates(duplicates)
                .with_corruption(corruption)
                .with_mtu(mtu);
            let link = if reorder { link.with_reordering() } else { link };
            rate.into_iter().fold(link, |link, (rate, queue, managed)| {
                let link = link.with_rate(rate, queue);
                if managed { link.with_codel(Codel::default()) } else { link }
            })
        },
    )
}

fn home_strategy() -> impl Strategy<Value = Home> {
    (nat_config(), prop::option::of(nat_config()), 1usize..3, any::<[bool; 2]>(), link()).prop_map(
        |(nat, carrier, hosts, [firewall, ethernet], link)| Home {
            nat,
            carrier,
            hosts,
            firewall,
            ethernet,
            link,
        },
    )
}

fn deed() -> impl Strategy<Value = Deed> {
    let (host, length) = (0usize..8, prop::sample::select(vec![0usize, 1, 37, 160, 900]));
    let ttl = prop::sample::select(vec![64u8, 64, 64, 3, 2]);
    let target = prop_oneof![
        // Nobody listens on 4001: the errors go back through whatever is in between.
        (host.clone(), prop::sample::select(vec![4000u16, 4000, 4001]))
            .prop_map(|(host, port)| Target::Own(host, port)),
        host.clone().prop_map(Target::HeardBy),
        Just(Target::Answer),
    ];
    let send = (host.clone(), target, length, ttl).prop_map(|(from, to, length, ttl)| Deed::Send {
        from,
        to,
        length,
        ttl,
    });
    prop_oneof![
        20 => send,
        2 => (host.clone(), host.clone()).prop_map(|(from, to)| Deed::Ping { from, to }),
        1 => (0usize..4).prop_map(|nat| Deed::Rebind { nat }),
        1 => (0usize..8, any::<bool>()).prop_map(|(link, up)| Deed::SetUp { link, up }),
        1 => host.prop_map(|host| Deed::Move { host }),
    ]
}

/// The plan, and its hosts and NATs by name.
fn draft(
    homes: &[Home],
    outside: usize,
    core: LinkProperties,
) -> (Draft, Vec<String>, Vec<(String, NatConfig)>) {
    let network = |draft: Draft, name: &str, ethernet: bool, link: LinkProperties| match ethernet {
        true => draft.ethernet(name, link),
        false => draft.network(name, link),
    };
    // Where a home has Ethernet, so has what is between the homes.
    let mut draft = network(Draft::new(), "internet", homes.iter().any(|home| home.ethernet), core);
    let (mut hosts, mut nats) = (Vec::new(), Vec::new());
    for number in 0..outside {
        let name = format!("server{number}");
        draft = draft.host(&name, &["internet"]);
        hosts.push(name);
    }
    for (number, home) in homes.iter().enumerate() {
        let [inside, middle, carrier] = ["home", "middle", "carrier"].map(|word| format!("{word}{number}"));
        draft = network(draft, &inside, home.ethernet, home.link.clone());
        let mut outer = "internet".to_string();
        if let Some(config) = &home.carrier {
            draft = network(draft, &carrier, home.ethernet, home.link.clone());
            draft = draft.nat(&format!("cgn{number}"), config.clone(), &carrier, &outer);
            nats.push((format!("cgn{number}"), config.clone()));
            outer = carrier;
        }
        let mut inner = inside.clone();
        if home.firewall {
            draft = network(draft, &middle, home.ethernet, millis(1));
            draft = draft.firewall(&format!("wall{number}"), FirewallConfig::home(), &inside, &middle);
            inner = middle;
        }
        draft = draft.nat(&format!("nat{number}"), home.nat.clone(), &inner, &outer);
        nats.push((format!("nat{number}"), home.nat.clone()));
        for host in 0..home.hosts {
            let name = format!("peer{number}-{host}");
            draft = draft.host(&name, &[&inside]);
            hosts.push(name);
        }
    }
    (draft, hosts, nats)
}

fn perform(lab: &mut Lab, checker: &mut Checker, hosts: &[String], deed: Deed) {
    let name = |index: usize| hosts[index % hosts.len()].as_str();
    match deed {
        Deed::Send { from, to, length, ttl } => {
            let heard = |host: usize| lab.heard(name(host)).last().map(|(from, _)| *from);
            let to = match to {
                Target::Own(host, port) => Some(SocketAddr::new(lab.address(name(host)), port)),
                Target::HeardBy(host) => heard(host),
                Target::Answer => heard(from),
            };
            let Some(to) = to else { return };
            lab.set_ttl(name(from), ttl);
            let _ = lab.try_send(name(from), to, &vec![0x5a; length]);
        }
        Deed::Ping { from, to } => {
            let to = lab.address(name(to));
            let act = |_: &mut Talker, host: &mut Host<'_>| host.send_echo(to, 7, 1, b"ping", None, None);
            let node = lab.node(name(from));
            let _ = lab.world.with_program(node, ProgramId(0), None, act).expect("a talker");
        }
        Deed::Rebind { nat } => checker.rebind(&mut lab.world, nat),
        Deed::SetUp { link, up } => {
            let links = lab.world.trace().topology().links().len();
            let link = rtclab_trace::LinkId((link % links) as u32);
            lab.world.set_link_up(link, up, None).expect("a link");
        }
        Deed::Move { host } => {
            let (host, network) = (lab.node(name(host)), lab.node("internet"));
            lab.world.move_node(host, network, Attachment::new(), None).expect("moved");
        }
    }
}

fn run(homes: &[Home], outside: usize, core: LinkProperties, deeds: &[(u64, Deed)], seed: u64) -> Lab {
    let (draft, hosts, nats) = draft(homes, outside, core);
    let mut lab = Lab::seeded(draft.0, seed);
    let mut checker = Checker::new(&lab.world, &nats);
    for host in &hosts {
        lab.talk(host, Talker::new("0.0.0.0:4000"));
    }
    let mut at = SimTime::ZERO;
    for &(after, deed) in deeds {
        at += Duration::from_millis(after);
        while lab.world.step_until(at).is_some() {
            checker.check(&lab.world);
        }
        lab.world.run_until(at);
        perform(&mut lab, &mut checker, &hosts, deed);
        checker.check(&lab.world);
    }
    while lab.world.step().is_some() {
        checker.check(&lab.world);
    }
    checker.check_end(&lab.world);
    lab
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_rules_hold_after_every_event(
        homes in prop::collection::vec(home_strategy(), 1..3),
        outside in 1usize..3,
        core in link(),
        deeds in prop::collection::vec((0u64..4_000, deed()), 1..60),
        seed: u64,
    ) {
        run(&homes, outside, core, &deeds, seed);
    }

    #[test]
    fn the_same_seed_gives_the_same_trace(
        homes in prop::collection::vec(home_strategy(), 1..3),
        core in link(),
        deeds in prop::collection::vec((0u64..1_000, deed()), 1..20),
        seed: u64,
    ) {
        let once = || run(&homes, 1, core.clone(), &deeds, seed).world.into_trace().hash();
        prop_assert_eq!(once(), once());
    }
}
