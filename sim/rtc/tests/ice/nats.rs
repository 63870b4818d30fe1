//! Two agents behind NATs of every mapping and filtering, with a STUN and a TURN server: direct where it can be, relayed where it must.
//! The NATs are the shortest ones that tell the cases apart; the true ones are in `rtclab-net`.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::Duration;

use rtclab_rtc::ice::{AgentConfig, CandidateKind, TurnServer};
use rtclab_rtc::{Time, Transmit};

use crate::duo::{Duo, Path, TURN, Turn, at, hosts};

const STUN: &str = "192.0.2.9:3478";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Filtering {
    Endpoint,
    Address,
    AddressAndPort,
}

/// A NAT in the words of RFC 4787: whether its mapping depends on the destination, and its filtering.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Kind {
    symmetric: bool,
    filtering: Filtering,
}

const KINDS: [Option<Kind>; 5] = [
    None,
    Some(Kind { symmetric: false, filtering: Filtering::Endpoint }),
    Some(Kind { symmetric: false, filtering: Filtering::Address }),
    Some(Kind { symmetric: false, filtering: Filtering::AddressAndPort }),
    Some(Kind { symmetric: true, filtering: Filtering::AddressAndPort }),
];

/// One NAT with one host behind it.
struct Nat {
    kind: Kind,
    inside: SocketAddr,
    outside: SocketAddr,
    mappings: BTreeMap<Option<SocketAddr>, SocketAddr>,
    allowed: BTreeSet<(SocketAddr, SocketAddr)>,
}

impl Nat {
    fn new(kind: Kind, side: u8) -> Nat {
        let inside = at(&format!("10.{side}.0.1:5000"));
        let outside = at(&format!("203.0.113.{side}:40000"));
        Nat { kind, inside, outside, mappings: BTreeMap::new(), allowed: BTreeSet::new() }
    }

    fn outward(&mut self, to: SocketAddr) -> SocketAddr {
        let key = self.kind.symmetric.then_some(to);
        let port = 40000 + self.mappings.len() as u16;
        let mapped = *self.mappings.entry(key).or_insert(SocketAddr::new(self.outside.ip(), port));
        self.allowed.insert((mapped, to));
        mapped
    }

    fn lets_in(&self, mapped: SocketAddr, from: SocketAddr) -> bool {
        self.mappings.values().any(|known| *known == mapped)
            && match self.kind.filtering {
                Filtering::Endpoint => true,
                Filtering::Address => {
                    self.allowed.iter().any(|(known, to)| *known == mapped && to.ip() == from.ip())
                }
                Filtering::AddressAndPort => self.allowed.contains(&(mapped, from)),
            }
    }
}

fn path(kinds: [Option<Kind>; 2], delay_ms: u64) -> Path {
    let mut nats: Vec<Nat> =
        [1, 2].into_iter().zip(kinds).filter_map(|(side, kind)| Some(Nat::new(kind?, side))).collect();
    Box::new(move |_, transmit| {
        let mut seen: Transmit = transmit.clone();
        for nat in &mut nats {
            if seen.from == nat.inside {
                seen.from = nat.outward(seen.to);
            } else if seen.to == nat.inside {
                return None;
            }
        }
        for nat in &nats {
            if seen.to.ip() == nat.outside.ip() {
                if !nat.lets_in(seen.to, seen.from) {
                    return None;
                }
                seen.to = nat.inside;
            }
        }
        Some((Duration::from_millis(delay_ms), seen))
    })
}

fn config(config: AgentConfig) -> AgentConfig {
    let turn = TurnServer::new(at(TURN), "user", "secret");
    AgentConfig { stun_servers: vec![at(STUN)], turn_servers: vec![turn], ..config }
}

fn is_relayed(duo: &Duo) -> bool {
    duo.sides.iter().any(|side| {
        side.agent.selected().is_some_and(|(_, local, remote)| {
            local.kind == CandidateKind::Relayed || remote.kind == CandidateKind::Relayed
        })
    })
}

/// `direct = !(sym(a) && portfiltered(b) || sym(b) && portfiltered(a))`.
fn can_be_direct(a: Option<Kind>, b: Option<Kind>) -> bool {
    let symmetric = |kind: Option<Kind>| kind.is_some_and(|kind| kind.symmetric);
    let port_filtered =
        |kind: Option<Kind>| kind.is_some_and(|kind| kind.filtering == Filtering::AddressAndPort);
    !(symmetric(a) && port_filtered(b) || symmetric(b) && port_filtered(a))
}

#[test]
fn every_pair_of_nats_is_direct_if_and_only_if_it_can_be() {
    for delay_ms in [1, 20, 100] {
        for signaling_ms in [0, 30, 200, 1000] {
            for a in KINDS {
                for b in KINDS {
                    let case = format!("{delay_ms} ms, signaling {signaling_ms} ms, {a:?} and {b:?}");
                    let mut duo = Duo::new(hosts(1).map(config), path([a, b], delay_ms));
                    duo.stun = Some(at(STUN));
                    duo.turn = Some(Turn::new(Vec::new()));
                    duo.offer(Duration::from_millis(signaling_ms));
                    assert!(duo.drive(Time::from_millis(20_000)), "{case}");
                    assert!(duo.agrees(), "{case}");
                    assert_eq!(!is_relayed(&duo), can_be_direct(a, b), "{case}");
                }
            }
        }
    }
}
