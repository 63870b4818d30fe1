//! Packets at a NAT: which of them it translates, and what the trace hears of its mappings. Not here: what it decides (`nat`).

use std::net::{IpAddr, Ipv6Addr};

use rtclab_trace::{Change, Entity, NetReason, NodeId, Place};

use super::Net;
use super::send::Out;
use crate::flow::{self, Seen};
use crate::nat::{Nat, News, Refused, Rule, Slot, Then, Translation, Wake};
use crate::node::Kind;
use crate::packet::{Event, Packet};
use crate::plan::Side;
use crate::tcp;
use crate::wire::icmp::ErrorKind;
use crate::wire::ip::{self, Header};

impl Net {
    /// An IPv4 packet reaches a NAT.
    pub(super) fn receive_at_nat(
        &mut self,
        node: NodeId,
        interface: u16,
        packet: Box<Packet>,
        header: &Header,
    ) {
        let IpAddr::V4(destination) = header.destination else { return };
        let side = self.node(node).side(interface);
        let for_itself = side == Side::Inside && self.node(node).has_address(header.destination);
        if let Some(fragment) = header.fragment
            && !for_itself
        {
            return self.fragment_at_nat(node, packet, header, fragment);
        }
        if self.nat(node).is_some_and(|nat| nat.is_external(destination)) {
            return self.receive_for_external(node, side, packet, header);
        }
        let own = self.node(node).has_address(header.destination);
        match side {
            Side::Inside if own => self.deliver(node, packet, header),
            Side::Inside => self.forward_from_inside(node, packet, header),
            Side::Outside => {
                // What lies inside has no addresses outside: a packet that uses one came by a route that should not be.
                let path = self.path(node, header.destination, None);
                let inside = path.is_ok_and(|path| self.node(node).side(path.interface) == Side::Inside);
                if own || inside {
                    let rule = Rule::InsideAddress(destination);
                    let refused = Refused { reason: NetReason::NoMapping, rule, then: Then::Silence };
                    self.refuse_by_nat(node, packet, header, refused);
                } else {
                    self.forward(node, packet, header);
                }
            }
        }
    }

    /// A packet to an external address: for an inside host, or for the NAT itself.
    fn receive_for_external(&mut self, node: NodeId, side: Side, packet: Box<Packet>, header: &Header) {
        let seen = flow::see(&packet.bytes, header);
        let is_owned = |address| self.nat(node).is_some_and(|nat| nat.is_owned(address));
        if seen.is_echo_request() && !matches!(header.destination, IpAddr::V4(to) if is_owned(to)) {
            return self.deliver(node, packet, header);
        }
        if header.ttl <= 1 {
            return self.refuse_ttl(node, packet, header);
        }
        let (now, protocol, cause) = (self.now, header.protocol, packet.last);
        let Some(nat) = self.nat_mut(node) else { return };
        let verdict = match side {
            Side::Outside => nat.inbound(now, seen, protocol, cause),
            Side::Inside => nat.hairpin(now, seen, protocol, cause),
        };
        self.hear_nat(node);
        if let Ok(translation) = &verdict
            && let Some(target) = self.host_of_nat64(node, translation)
        {
            return self.pass_in64(node, packet, header, seen, target);
        }
        match verdict {
            Ok(translation) => {
                let to = translation.destination().map_or(header.destination, IpAddr::V4);
                // Checked before rewriting: an error about the packet quotes it as its sender knows it.
                match self.path(node, to, None).and_then(|path| self.reach(node, path, &packet.bytes)) {
                    Ok(out) => {
                        self.pass_on_rewritten(node, out, packet, &translation);
                    }
                    Err(blocked) => self.refuse_blocked(node, packet, header, blocked),
                }
            }
            Err(refused) => self.refuse_by_nat(node, packet, header, refused),
        }
    }

    /// The IPv6 host that a translation leads to, if it does.
    fn host_of_nat64(&self, node: NodeId, translation: &Translation) -> Option<(Ipv6Addr, u16)> {
        let nat = self.nat(node).filter(|nat| nat.config().nat64.is_some())?;
        let target = translation.destination_endpoint()?;
        Some((nat.behind(*target.ip())?, target.port()))
    }

    /// A packet from inside to anywhere but the NAT.
    fn forward_from_inside(&mut self, node: NodeId, packet: Box<Packet>, header: &Header) {
        if header.ttl <= 1 {
            return self.refuse_ttl(node, packet, header);
        }
        let path = self.path(node, header.destination, None);
        let out = match path.and_then(|path| self.reach(node, path, &packet.bytes)) {
            Ok(out) => out,
            Err(blocked) => return self.refuse_blocked(node, packet, header, blocked),
        };
        if self.node(node).side(out.interface) == Side::Inside {
            return self.pass_on(node, out, packet);
        }
        let seen: Seen = flow::see(&packet.bytes, header);
        let (now, protocol, cause) = (self.now, header.protocol, packet.last);
        let Some(nat) = self.nat_mut(node) else { return };
        let verdict = nat.outbound(now, seen, protocol, cause);
        self.hear_nat(node);
        match verdict {
            Ok(translation) => {
                self.pass_on_rewritten(node, out, packet, &translation);
            }
            Err(refused) => self.refuse_by_nat(node, packet, header, refused),
        }
    }

    /// Writes a translation into a packet, of which that makes another version, and passes it on.
    fn pass_on_rewritten(
        &mut self,
        node: NodeId,
        out: Out,
        mut packet: Box<Packet>,
        translation: &Translation,
    ) {
        // Where the next hop has yet to be found, an error may have to quote the packet as its sender knows it.
        let original = self.node(node).interface(out.interface).mac.map(|_| packet.bytes.clone());
        translation.apply(&mut packet.bytes);
        packet.version = self.trace.add_version(packet.id, packet.version, &packet.bytes);
        self.pass_on_translated(node, out, packet, original);
    }

    pub(super) fn refuse_by_nat(
        &mut self,
        node: NodeId,
        packet: Box<Packet>,
        header: &Header,
        refused: Refused,
    ) {
        let Refused { reason, rule, then } = refused;
        match then {
            Then::Silence => {
                self.end(packet, Place::Node(node), reason, |_| rule.words());
            }
            Then::Deliver => self.deliver(node, packet, header),
            Then::Unreachable => {
                let from = Some(header.destination);
                let error = ErrorKind::PortUnreachable;
                self.refuse_as(node, from, packet, header, reason, error, |_| rule.words());
            }
            Then::Reset => self.reset_by_nat(node, packet, header, refused),
            Then::Hold { external, remote } => {
                let now = self.now;
                let Some(nat) = self.nat_mut(node) else { return };
                match nat.hold(now, external, remote, packet) {
                    Ok((at, number)) => self.queue.push(at, Event::HeldSyn { node, number }),
                    Err(packet) => {
                        self.end(packet, Place::Node(node), reason, |_| rule.words());
                    }
                }
            }
        }
    }

    /// A NAT answers a SYN that nobody asked for with a RST.
    fn reset_by_nat(&mut self, node: NodeId, packet: Box<Packet>, header: &Header, refused: Refused) {
        let segment = packet.bytes.get(header.payload..header.end);
        let segment = segment.and_then(|bytes| tcp::Segment::parse_unchecked(bytes).ok());
        let reset = segment.and_then(|segment| tcp::reset_for(&segment));
        let dropped = self.end(packet, Place::Node(node), refused.reason, |_| refused.rule.words());
        let Some(reset) = reset else { return };
        let why = (Some(NetReason::NatSynRefused.into()), dropped);
        let to = header.source;
        // A RST that finds no way is dropped, which the trace says.
        let _ = self.originate(node, Some(header.destination), to, why, |bytes, source| {
            let segment = reset.emit(source, to);
            ip::build(bytes, source, to, ip::TCP, ip::DEFAULT_TTL, segment.len());
            bytes.extend_from_slice(&segment);
        });
    }

    /// The time of a held SYN is over. Returns whether it was still there.
    pub(super) fn look_after_held(&mut self, node: NodeId, number: u32) -> bool {
        let Some(packet) = self.nat_mut(node).and_then(|nat| nat.release(number)) else { return false };
        let parsed = Header::parse(&packet.bytes);
        let rule = |_: &Net| "unsolicited SYN: held for 6 s, and none came from inside".to_string();
        match &parsed {
            // RFC 5382 REQ-4: now its sender is told.
            Ok(header) => {
                let (from, reason) = (Some(header.destination), NetReason::NatUnsolicitedSyn);
                self.refuse_as(node, from, packet, header, reason, ErrorKind::PortUnreachable, rule);
            }
            Err(_) => {
                self.end(packet, Place::Node(node), NetReason::NatUnsolicitedSyn, rule);
            }
        }
        true
    }

    /// The event that looks after a mapping. Returns whether anything came of it.
    pub(super) fn look_after_mapping(&mut self, node: NodeId, slot: Slot, number: u32) -> bool {
        let now = self.now;
        let told = self.nat_mut(node).is_some_and(|nat| nat.look_after(now, slot, number));
        self.hear_nat(node);
        told
    }

    /// Writes what a NAT has to tell, and sees to it that its mappings are looked after.
    pub(crate) fn hear_nat(&mut self, node: NodeId) {
        let Some(nat) = self.nat_mut(node).filter(|nat| !nat.is_quiet()) else { return };
        let (news, wakes, crossed) = (nat.take_news(), nat.take_wakes(), nat.take_crossed());
        for News { number, state, reason, cause } in news {
            let change = Change::Mapping(Box::new(state));
            self.record(Entity::Mapping(node, number), change, Some(reason.into()), cause);
        }
        for Wake { at, slot, number } in wakes {
            self.queue.push(at, Event::Mapping { node, slot, number });
        }
        for (packet, reason) in crossed {
            self.end(packet, Place::Node(node), reason, |_| {
                "unsolicited SYN: held, and not needed any more".into()
            });
        }
    }

    /// Whether a NAT reaches an address on its inside.
    pub(crate) fn is_inside(&self, node: NodeId, address: IpAddr) -> bool {
        let path = self.path(node, address, None);
        path.is_ok_and(|path| self.node(node).side(path.interface) == Side::Inside)
    }

    pub(crate) fn nat(&self, node: NodeId) -> Option<&Nat> {
        match &self.node(node).kind {
            Kind::Nat(nat) => Some(nat),
            _ => None,
        }
    }

    pub(crate) fn nat_mut(&mut self, node: NodeId) -> Option<&mut Nat> {
        match &mut self.node_mut(node).kind {
            Kind::Nat(nat) => Some(nat),
            _ => None,
        }
    }
}
