//! The state table: flows that a rule has let pass, until they are idle for too long. Not here: the rules.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use rtclab_trace::{EntryId, FlowState, NetReason, Protocol, SimTime, TcpFlowPhase};

use super::tracked::{Segment, Tracked};
use super::{FirewallConfig, Way};
use crate::flow::Flow;
use crate::lease::{Due, Lease};

/// How long a connection is remembered that was reset, for segments that are still under way (Linux: `nf_conntrack_tcp_timeout_close`).
const AFTER_RESET: Duration = Duration::from_secs(10);
/// Flows that a firewall remembers at most.
pub(super) const FLOWS_MAX: usize = 1 << 16;

/// A flow's place in the table, given again after its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Slot(u32);

/// Something that the trace is to hear of.
#[derive(Debug)]
pub(crate) struct News {
    pub(crate) number: u32,
    pub(crate) state: FlowState,
    pub(crate) reason: NetReason,
    pub(crate) cause: Option<EntryId>,
}

/// An event that is to look after a flow.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wake {
    pub(crate) at: SimTime,
    pub(crate) slot: Slot,
    pub(crate) number: u32,
}

/// A flow by its ends: inside, then outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    protocol: Protocol,
    inside: SocketAddr,
    outside: SocketAddr,
}

impl Key {
    /// The flow of a packet that goes this way.
    pub(super) fn new(flow: &Flow, way: Way) -> Key {
        let (inside, outside) = match way {
            Way::Outbound => (flow.source, flow.destination),
            Way::Inbound => (flow.destination, flow.source),
        };
        Key { protocol: flow.protocol, inside, outside }
    }
}

/// A packet of a flow that is to cross.
#[derive(Clone, Copy, Debug)]
pub(super) struct Crossing<'a> {
    pub(super) way: Way,
    pub(super) segment: Option<Segment<'a>>,
}

/// How long a flow is remembered without packets.
fn idle(protocol: Protocol, phase: Option<TcpFlowPhase>, timers: &FirewallConfig) -> Duration {
    match (protocol, phase) {
        (Protocol::Icmp, _) => timers.icmp_idle,
        (Protocol::Udp, _) => timers.udp_idle,
        (Protocol::Tcp, Some(TcpFlowPhase::Established)) => timers.tcp_established_idle,
        (Protocol::Tcp, Some(TcpFlowPhase::Reset)) => AFTER_RESET,
        (Protocol::Tcp, _) => timers.tcp_transitory_idle,
    }
}

#[derive(Debug)]
struct Remembered {
    number: u32,
    key: Key,
    lease: Lease,
    rule: String,
    tcp: Option<Tracked>,
}

impl Remembered {
    fn state(&self, active: bool) -> FlowState {
        FlowState {
            protocol: self.key.protocol,
            internal: self.key.inside,
            external: self.key.outside,
            expires_at: self.lease.expires_at,
            active,
            tcp: self.tcp.as_ref().map(Tracked::phase),
            rule: self.rule.clone(),
        }
    }
}

/// All flows of a firewall.
#[derive(Debug, Default)]
pub(super) struct Flows {
    slots: Vec<Option<Remembered>>,
    free: Vec<Slot>,
    by_key: BTreeMap<Key, Slot>,
    next_number: u32,
    pub(super) news: Vec<News>,
    pub(super) wakes: Vec<Wake>,
}

impl Flows {
    /// Whether a flow is remembered.
    pub(super) fn knows(&mut self, now: SimTime, key: Key) -> bool {
        let Some(&slot) = self.by_key.get(&key) else { return false };
        let Some(flow) = self.slots[slot.0 as usize].as_ref() else { return false };
        if flow.lease.has_expired(now) {
            self.forget(slot);
            return false;
        }
        true
    }

    /// A packet of a flow crosses, which renews it; nothing if it is not remembered. Returns the rule whose inspection its connection does not
    /// pass, if there is one.
    pub(super) fn cross(
        &mut self,
        now: SimTime,
        key: Key,
        packet: Crossing<'_>,
        timers: &FirewallConfig,
        cause: Option<EntryId>,
    ) -> Option<Result<(), usize>> {
        if !self.knows(now, key) {
            return None;
        }
        let &slot = self.by_key.get(&key)?;
        let flow = self.slots[slot.0 as usize].as_mut()?;
        let before = flow.tcp.as_ref().map(Tracked::phase);
        if let (Some(tracked), Some(segment)) = (&mut flow.tcp, packet.segment) {
            if tracked.is_over() && segment.begins() {
                // The same ports are used again: another connection.
                self.forget(slot);
                return None;
            }
            tracked.see(packet.way, &segment);
            if let Some(rule) = tracked.failed() {
                return Some(Err(rule));
            }
        }
        let phase = flow.tcp.as_ref().map(Tracked::phase);
        let idle = idle(key.protocol, phase, timers);
        let told = flow.lease.move_end(now + idle, cause);
        let is_late = flow.lease.is_late_for(flow.lease.expires_at);
        if told || phase != before {
            self.tell(slot, NetReason::FlowRefreshed, cause);
        }
        if is_late {
            self.wake(slot);
        }
        Some(Ok(()))
    }

    pub(super) fn is_full(&self) -> bool {
        self.by_key.len() >= FLOWS_MAX
    }

    /// Remembers a flow.
    pub(super) fn open(
        &mut self,
        now: SimTime,
        key: Key,
        timers: &FirewallConfig,
        (rule, tcp): (String, Option<Tracked>),
        cause: Option<EntryId>,
    ) {
        let number = self.next_number;
        self.next_number += 1;
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            Slot(self.slots.len() as u32 - 1)
        });
        let idle = idle(key.protocol, tcp.as_ref().map(Tracked::phase), timers);
        let lease = Lease::new(now, idle, cause);
        self.slots[slot.0 as usize] = Some(Remembered { number, key, lease, rule, tcp });
        self.by_key.insert(key, slot);
        self.tell(slot, NetReason::FlowOpened, cause);
        self.wake(slot);
    }

    /// The event that looks after a flow has come. Returns whether it did anything that can be seen.
    pub(super) fn look_after(&mut self, now: SimTime, slot: Slot, number: u32) -> bool {
        let flow = self.slots.get(slot.0 as usize).and_then(Option::as_ref);
        let Some(flow) = flow.filter(|flow| flow.number == number) else { return false };
        let cause = flow.lease.renewed_by;
        match flow.lease.due(now) {
            Due::Nothing => false,
            Due::Expired => {
                self.forget(slot);
                true
            }
            Due::Renewed => {
                self.tell(slot, NetReason::FlowRefreshed, cause);
                self.wake(slot);
                true
            }
            Due::Later => {
                self.wake(slot);
                false
            }
        }
    }

    fn forget(&mut self, slot: Slot) {
        let Some(flow) = self.slots[slot.0 as usize].take() else { return };
        self.free.push(slot);
        self.by_key.remove(&flow.key);
        let (state, cause) = (flow.state(false), flow.lease.renewed_by);
        self.news.push(News { number: flow.number, state, reason: NetReason::FlowExpired, cause });
    }

    fn tell(&mut self, slot: Slot, reason: NetReason, cause: Option<EntryId>) {
        let Some(flow) = self.slots[slot.0 as usize].as_mut() else { return };
        flow.lease.set_recorded();
        self.news.push(News { number: flow.number, state: flow.state(true), reason, cause });
    }

    fn wake(&mut self, slot: Slot) {
        let Some(flow) = self.slots[slot.0 as usize].as_mut() else { return };
        let at = flow.lease.arm(None);
        self.wakes.push(Wake { at, slot, number: flow.number });
    }
}
