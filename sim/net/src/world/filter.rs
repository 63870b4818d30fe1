//! Packets at a firewall, and what the trace hears of its flows. Not here: what it decides (`firewall`).

use rtclab_trace::{Change, Entity, NetReason, NodeId, Place};

use super::Net;
use crate::firewall::{Denied, Firewall, News, Packet as Crossing, Slot, Wake, Way};
use crate::node::Kind;
use crate::packet::{Event, Packet};
use crate::plan::Side;
use crate::wire::icmp::ErrorKind;
use crate::wire::ip::Header;

impl Net {
    /// A packet that is not for the firewall itself reaches it.
    pub(super) fn forward_at_firewall(
        &mut self,
        node: NodeId,
        interface: u16,
        packet: Box<Packet>,
        header: &Header,
    ) {
        if header.ttl <= 1 {
            return self.refuse_ttl(node, packet, header);
        }
        let path = match self.path(node, header.destination, None) {
            Ok(path) => path,
            Err(blocked) => return self.refuse_blocked(node, packet, header, blocked),
        };
        let sides = (self.node(node).side(interface), self.node(node).side(path.interface));
        let way = match sides {
            (Side::Inside, Side::Outside) => Some(Way::Outbound),
            (Side::Outside, Side::Inside) => Some(Way::Inbound),
            // What stays on one side does not cross the firewall.
            _ => None,
        };
        let (now, cause) = (self.now, packet.last);
        if let Some(way) = way
            && let Some(firewall) = self.firewall_mut(node)
        {
            let verdict = firewall.judge(now, Crossing { way, bytes: &packet.bytes, header, cause });
            self.hear_firewall(node);
            if let Err(denied) = verdict {
                return self.deny(node, packet, header, denied);
            }
        }
        // Only what the rules allow learns whether its destination is there.
        match self.reach(node, path, &packet.bytes) {
            Ok(out) => self.pass_on(node, out, packet),
            Err(blocked) => self.refuse_blocked(node, packet, header, blocked),
        }
    }

    fn deny(&mut self, node: NodeId, packet: Box<Packet>, header: &Header, denied: Denied) {
        let rule = |net: &Net| match &net.node(node).kind {
            Kind::Firewall(firewall) => firewall.name_of(denied),
            _ => String::new(),
        };
        let reason = denied.reason();
        if matches!(denied, Denied::Rule { rejects: true, .. }) {
            self.refuse(node, packet, header, reason, ErrorKind::Prohibited, rule);
        } else {
            self.end(packet, Place::Node(node), reason, rule);
        }
    }

    /// The event that looks after a flow. Returns whether anything came of it.
    pub(super) fn look_after_flow(&mut self, node: NodeId, slot: Slot, number: u32) -> bool {
        let now = self.now;
        let told = self.firewall_mut(node).is_some_and(|firewall| firewall.look_after(now, slot, number));
        self.hear_firewall(node);
        told
    }

    /// The event that tells what the rules of a firewall have decided.
    pub(super) fn tell_counters(&mut self, node: NodeId) {
        let now = self.now;
        let Some((state, cause)) = self.firewall_mut(node).map(|firewall| firewall.counted(now)) else {
            return;
        };
        let (change, reason) = (Change::Firewall(Box::new(state)), NetReason::FirewallCounted);
        self.record(Entity::Firewall(node), change, Some(reason.into()), cause);
    }

    /// Tells what the rules of a firewall have decided, if that is more than the trace knows.
    pub(super) fn tell_uncounted(&mut self, node: NodeId) {
        if self.firewall_mut(node).is_some_and(|firewall| firewall.has_untold()) {
            self.tell_counters(node);
        }
    }

    fn hear_firewall(&mut self, node: NodeId) {
        let Some(firewall) = self.firewall_mut(node).filter(|firewall| !firewall.is_quiet()) else { return };
        let (news, wakes, tell_at) = (firewall.take_news(), firewall.take_wakes(), firewall.take_tell_at());
        if let Some(at) = tell_at {
            self.queue.push(at, Event::Counters { node });
        }
        for News { number, state, reason, cause } in news {
            let change = Change::Flow(Box::new(state));
            self.record(Entity::Flow(node, number), change, Some(reason.into()), cause);
        }
        for Wake { at, slot, number } in wakes {
            self.queue.push(at, Event::Flow { node, slot, number });
        }
    }

    fn firewall_mut(&mut self, node: NodeId) -> Option<&mut Firewall> {
        match &mut self.node_mut(node).kind {
            Kind::Firewall(firewall) => Some(firewall),
            _ => None,
        }
    }
}
