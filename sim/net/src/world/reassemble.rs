//! Fragments that have reached their destination, and what the trace hears of them. Not here: which of them belong together
//! (`host::reassembly`).

use rtclab_trace::{Change, Entity, EntryId, NetReason, NodeId, Place};

use super::Net;
use crate::host::reassembly::{Complete, Judgement, Unjoined};
use crate::nat::{Fragments, Rule};
use crate::node::Kind;
use crate::packet::{Event, Packet};
use crate::wire::fragment::Fragment;
use crate::wire::icmp::ErrorKind;
use crate::wire::ip::Header;

impl Net {
    /// A fragment reached the node that it is for.
    pub(super) fn reassemble(
        &mut self,
        node: NodeId,
        packet: Box<Packet>,
        header: &Header,
        fragment: Fragment,
    ) {
        let place = Place::Node(node);
        match self.node(node).reassembly.judge(header, fragment) {
            Judgement::Fits => self.hold_fragment(node, packet, header, fragment),
            Judgement::Duplicate => {
                self.end(packet, place, NetReason::FragmentDuplicate, |_| part(fragment));
            }
            Judgement::Discarded => {
                self.end(packet, place, NetReason::FragmentOverlap, |_| part(fragment));
            }
            Judgement::Overlaps => {
                // RFC 5722 §4: the whole datagram, and what of it follows, without a report.
                let others = self.node_mut(node).reassembly.discard(header, fragment);
                for other in others {
                    self.end(other, place, NetReason::FragmentOverlap, |_| "with one that came later".into());
                }
                self.end(packet, place, NetReason::FragmentOverlap, |_| part(fragment));
            }
            Judgement::Invalid => {
                self.end(packet, place, NetReason::FragmentInvalid, |_| part(fragment));
            }
        }
    }

    fn hold_fragment(&mut self, node: NodeId, mut packet: Box<Packet>, header: &Header, fragment: Fragment) {
        let now = self.now;
        let (id, version) = (packet.id, packet.version);
        let waiting = Change::Waiting { place: Place::Node(node), ttl: header.ttl, version };
        let reason = Some(NetReason::FragmentHeld.into());
        packet.last = self.record(Entity::Packet(id), waiting, reason, packet.last);
        let complete = self.node_mut(node).reassembly.insert(packet, header, fragment, now);
        while let Some(oldest) = self.node_mut(node).reassembly.make_room() {
            for packet in oldest {
                let rule = |_: &Net| "the oldest datagram".into();
                self.end(packet, Place::Node(node), NetReason::ReassemblyFull, rule);
            }
        }
        self.look_after_fragments(node);
        if let Some(complete) = complete {
            self.whole(node, complete);
        }
    }

    /// All fragments of a datagram are there.
    fn whole(&mut self, node: NodeId, complete: Complete) {
        let Complete { fragments, bytes } = complete;
        let bytes = match bytes {
            Ok(bytes) => bytes,
            Err(unjoined) => {
                let (reason, rule) = match unjoined {
                    Unjoined::TooLong => (NetReason::FragmentInvalid, "longer than a packet can be"),
                    Unjoined::EcnMixed => (NetReason::FragmentEcnMixed, "marked and not capable"),
                };
                for packet in fragments {
                    self.end(packet, Place::Node(node), reason, |_| rule.into());
                }
                return;
            }
        };
        let mut last: Option<EntryId> = None;
        for packet in fragments {
            let replaced = Change::Replaced { node, version: packet.version };
            let reason = Some(NetReason::Reassembled.into());
            last = self.record(Entity::Packet(packet.id), replaced, reason, packet.last);
            self.recycle(packet);
        }
        let mut packet = self.blank();
        packet.bytes = bytes;
        packet.id = self.trace.add_packet(node, &packet.bytes);
        // The last one that came completed the datagram.
        packet.last = last;
        match Header::parse(&packet.bytes) {
            Ok(header) => self.receive_whole(node, packet, &header),
            Err(problem) => self.malformed(node, packet, &problem),
        }
    }

    /// A packet that was put together: for the node itself, or at a NAT to be translated.
    fn receive_whole(&mut self, node: NodeId, packet: Box<Packet>, header: &Header) {
        // It came from where its answer would go.
        let from = self.path(node, header.source, None).map(|path| path.interface);
        match (&self.node(node).kind, from) {
            (Kind::Nat(_), Ok(from)) if header.is_ipv4() => self.receive_at_nat(node, from, packet, header),
            _ => self.deliver(node, packet, header),
        }
    }

    /// A fragment reaches a NAT, which needs the ports that only the first one has: it puts the packet together, as far as it takes fragments at
    /// all (RFC 4787 §11), translates it, and splits it again where it has to.
    pub(super) fn fragment_at_nat(
        &mut self,
        node: NodeId,
        packet: Box<Packet>,
        header: &Header,
        fragment: Fragment,
    ) {
        let Some(how) = self.nat(node).map(|nat| nat.config().fragments) else { return };
        let passes = match how {
            Fragments::AnyOrder => true,
            Fragments::InOrder => fragment.offset == 0 || self.node(node).reassembly.knows(header, fragment),
            Fragments::Dropped => false,
        };
        if passes {
            return self.reassemble(node, packet, header, fragment);
        }
        let rule = Rule::Fragments(how);
        self.end(packet, Place::Node(node), NetReason::NatFragment, |_| rule.words());
    }

    /// The event that looks after the fragments of a node. Returns whether any were overdue.
    pub(super) fn reassembly_due(&mut self, node: NodeId) -> bool {
        let now = self.now;
        self.node_mut(node).reassembly.looked_after = false;
        let mut any = false;
        while let Some(fragments) = self.node_mut(node).reassembly.take_overdue(now) {
            any = true;
            for (packet, header) in fragments {
                let rule = |_: &Net| "the rest did not come within 60 s".into();
                let (reason, error) = (NetReason::ReassemblyTimeout, ErrorKind::ReassemblyTimeExceeded);
                // RFC 1122 §3.3.2, RFC 8200 §4.5: the sender is told if the first fragment is there, which the report quotes; reports about
                // others are not made at all.
                self.refuse_as(node, Some(header.destination), packet, &header, reason, error, rule);
            }
        }
        self.look_after_fragments(node);
        any
    }

    fn look_after_fragments(&mut self, node: NodeId) {
        let reassembly = &mut self.node_mut(node).reassembly;
        if let Some(at) = reassembly.next_timeout()
            && !std::mem::replace(&mut reassembly.looked_after, true)
        {
            self.queue.push(at, Event::Reassembly { node });
        }
    }
}

fn part(fragment: Fragment) -> String {
    format!("fragment at {}", fragment.offset)
}
