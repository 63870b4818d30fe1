//! A stateful firewall between an inside and an outside: ordered rules, and a table of flows that they have let pass (RFC 6092 for what
//! homes should have). Not here: routing (`world`).

mod config;
mod counters;
mod flows;
mod fragments;
mod tracked;

use rtclab_trace::{EntryId, FirewallState, NetReason, Protocol, SimTime};

pub use config::{Action, FirewallConfig, Inspection, PacketState, Rule, Way};
pub(crate) use flows::{News, Slot, Wake};

use crate::flow::{self, Flow, Seen};
use crate::wire::ip::{self, Header};
use crate::wire::udp;
use counters::Counters;
use flows::{Crossing, Flows, Key};
use fragments::Fragments;
use tracked::{Segment, Tracked};

/// Why a packet is not let pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Denied {
    /// The rule at this place says so.
    Rule {
        /// From 0.
        index: usize,
        /// Whether the sender is told.
        rejects: bool,
    },
    /// No rule matches.
    Default,
    /// The rule at this place looks into connections, and this one is not what it allows.
    NotTls {
        /// From 0.
        index: usize,
    },
    /// A TCP segment of a connection that nobody has seen begin.
    OutOfState,
    /// A later fragment whose first has not been seen.
    FragmentAlone,
    /// A rule would let it pass, but there is no room to remember its flow.
    TableFull,
}

impl Denied {
    pub(crate) fn reason(self) -> NetReason {
        match self {
            Denied::Rule { .. } | Denied::Default => NetReason::DeniedByFirewall,
            Denied::NotTls { .. } => NetReason::FlowNotTls,
            Denied::OutOfState => NetReason::FlowOutOfState,
            Denied::FragmentAlone => NetReason::FlowFragmentAlone,
            Denied::TableFull => NetReason::FlowTableFull,
        }
    }
}

/// What rules look at.
struct Facts<'a> {
    way: Way,
    header: &'a Header,
    protocol: Option<Protocol>,
    port: Option<u16>,
    state: PacketState,
}

/// A packet that is to cross.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Packet<'a> {
    pub(crate) way: Way,
    pub(crate) bytes: &'a [u8],
    pub(crate) header: &'a Header,
    /// The last entry about it.
    pub(crate) cause: Option<EntryId>,
}

/// What lets the packets of known flows pass stands before the rules.
const ESTABLISHED: usize = 0;

/// A firewall at work. After each call the world takes what the trace is to hear, and what is to be looked after.
#[derive(Debug)]
pub(crate) struct Firewall {
    config: FirewallConfig,
    flows: Flows,
    fragments: Fragments,
    counters: Counters,
    /// When the counters are to be told.
    tell_at: Option<SimTime>,
}

impl Firewall {
    pub(crate) fn new(config: FirewallConfig) -> Firewall {
        let counters = Counters::new(config.rules.len());
        let (flows, fragments) = (Flows::default(), Fragments::default());
        Firewall { config, flows, fragments, counters, tell_at: None }
    }

    pub(crate) fn describe(&self) -> Vec<String> {
        self.config.describe()
    }

    /// Whether a packet may cross.
    pub(crate) fn judge(&mut self, now: SimTime, packet: Packet<'_>) -> Result<(), Denied> {
        let header = packet.header;
        let verdict = if header.later_fragment {
            self.fragments.fate(now, header).unwrap_or(Err(Denied::FragmentAlone))
        } else {
            let verdict = self.decide(now, packet);
            self.fragments.note(now, header, verdict);
            verdict
        };
        let place = match verdict {
            Ok(place) => place,
            Err(Denied::Rule { index, .. } | Denied::NotTls { index }) => index + 1,
            Err(_) => self.config.rules.len() + 1,
        };
        let tell_at = self.counters.count(now, place, packet.bytes.len(), packet.cause);
        self.tell_at = self.tell_at.or(tell_at);
        verdict.map(|_| ())
    }

    /// The place of what lets a packet pass.
    fn decide(&mut self, now: SimTime, packet: Packet<'_>) -> Result<usize, Denied> {
        let seen = flow::see(packet.bytes, packet.header);
        let segment = Segment::of(packet.bytes, packet.header);
        let state = self.state(now, packet, &seen, segment)?;
        let facts = Facts::new(packet.way, packet.bytes, packet.header, state);
        let is_known = matches!(state, PacketState::Established | PacketState::Related);
        let rules = &self.config.rules;
        let before = |rule: &&Rule| !self.config.stateful || !is_known || rule.state.is_some();
        let index = rules.iter().position(|rule| before(&rule) && rule.matches(&facts));
        if index.is_none() && self.config.stateful && is_known {
            return Ok(ESTABLISHED);
        }
        if state == PacketState::Invalid && self.config.stateful {
            let meant = index.is_some_and(|index| rules[index].state.is_some());
            if !meant {
                return Err(Denied::OutOfState);
            }
        }
        let index = index.ok_or(Denied::Default)?;
        match rules[index].action {
            Action::Allow => {}
            Action::Drop => return Err(Denied::Rule { index, rejects: false }),
            Action::Reject => return Err(Denied::Rule { index, rejects: true }),
        }
        if let Seen::Session { flow, begins: true, .. } = seen
            && self.config.tracks()
            && !is_known
        {
            self.open(now, packet, &flow, segment, index)?;
        }
        Ok(index + 1)
    }

    fn open(
        &mut self,
        now: SimTime,
        packet: Packet<'_>,
        flow: &Flow,
        segment: Option<Segment<'_>>,
        index: usize,
    ) -> Result<(), Denied> {
        if self.flows.is_full() {
            return Err(Denied::TableFull);
        }
        let inspection = self.config.rules[index].inspection;
        let tcp = segment.map(|segment| Tracked::opened(packet.way, &segment, index, inspection));
        let rule = self.name(index);
        self.flows.open(now, Key::new(flow, packet.way), &self.config, (rule, tcp), packet.cause);
        Ok(())
    }

    /// What a packet is to the table of flows, which it renews.
    fn state(
        &mut self,
        now: SimTime,
        packet: Packet<'_>,
        seen: &Seen,
        segment: Option<Segment<'_>>,
    ) -> Result<PacketState, Denied> {
        if !self.config.tracks() {
            return Ok(PacketState::New);
        }
        match seen {
            Seen::Session { flow, begins, .. } => {
                let (key, crossing) = (Key::new(flow, packet.way), Crossing { way: packet.way, segment });
                match self.flows.cross(now, key, crossing, &self.config, packet.cause) {
                    Some(Ok(())) => Ok(PacketState::Established),
                    Some(Err(index)) => Err(Denied::NotTls { index }),
                    None if flow.protocol == Protocol::Tcp && !begins => Ok(PacketState::Invalid),
                    None => Ok(PacketState::New),
                }
            }
            // RFC 6092 REC-10, REC-18: errors about a flow pass, and do not keep it alive.
            Seen::Error { quoted, .. } if self.flows.knows(now, Key::new(&quoted.reverse(), packet.way)) => {
                Ok(PacketState::Related)
            }
            Seen::Error { .. } | Seen::Other => Ok(PacketState::New),
        }
    }

    /// What denied a packet, by the name it has here.
    pub(crate) fn name_of(&self, denied: Denied) -> String {
        match denied {
            Denied::Rule { index, .. } => self.name(index),
            Denied::NotTls { index } => format!("{}: not TLS", self.name(index)),
            Denied::Default => "default: drop".into(),
            Denied::OutOfState => "established: no such connection".into(),
            Denied::FragmentAlone => "established: no first fragment".into(),
            Denied::TableFull => format!("state table: {} flows", flows::FLOWS_MAX),
        }
    }

    fn name(&self, index: usize) -> String {
        format!("rule {}: {}", index + 1, self.config.rules[index].name)
    }

    /// When an event is to have the counters told, if one is to.
    pub(crate) fn take_tell_at(&mut self) -> Option<SimTime> {
        self.tell_at.take()
    }

    /// Whether it has counted anything that the trace has not heard of.
    pub(crate) fn has_untold(&self) -> bool {
        self.counters.has_untold()
    }

    /// What the rules have decided, and the packet that was counted last.
    pub(crate) fn counted(&mut self, now: SimTime) -> (FirewallState, Option<EntryId>) {
        self.counters.tell(now, self.config.describe())
    }

    /// The event that looks after a flow has come. Returns whether it did anything that can be seen.
    pub(crate) fn look_after(&mut self, now: SimTime, slot: Slot, number: u32) -> bool {
        self.flows.look_after(now, slot, number)
    }

    /// Whether there is nothing to take.
    pub(crate) fn is_quiet(&self) -> bool {
        self.flows.news.is_empty() && self.flows.wakes.is_empty() && self.tell_at.is_none()
    }

    /// What the trace is to hear.
    pub(crate) fn take_news(&mut self) -> Vec<News> {
        std::mem::take(&mut self.flows.news)
    }

    /// What is to be looked after.
    pub(crate) fn take_wakes(&mut self) -> Vec<Wake> {
        std::mem::take(&mut self.flows.wakes)
    }
}

impl Facts<'_> {
    fn new<'a>(way: Way, bytes: &[u8], header: &'a Header, state: PacketState) -> Facts<'a> {
        let protocol = match header.protocol {
            ip::UDP => Some(Protocol::Udp),
            ip::TCP => Some(Protocol::Tcp),
            ip::ICMP | ip::ICMPV6 => Some(Protocol::Icmp),
            _ => None,
        };
        let has_ports = matches!(protocol, Some(Protocol::Udp | Protocol::Tcp)) && !header.later_fragment;
        // TCP and UDP have their ports at the same place.
        let port = has_ports.then(|| udp::ports(bytes, header)).flatten().map(|(_, port)| port);
        Facts { way, header, protocol, port, state }
    }
}

impl Rule {
    fn matches(&self, facts: &Facts<'_>) -> bool {
        self.way.is_none_or(|way| way == facts.way)
            && self.state.is_none_or(|state| state == facts.state)
            && self.protocol.is_none_or(|protocol| facts.protocol == Some(protocol))
            && self.from.is_none_or(|from| from.contains(facts.header.source))
            && self.to.is_none_or(|to| to.contains(facts.header.destination))
            && self.ports.as_ref().is_none_or(|ports| facts.port.is_some_and(|port| ports.contains(&port)))
    }
}
