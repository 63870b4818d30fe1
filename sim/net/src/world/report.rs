//! Drops that are reported to the sender by ICMP, and when they are not. Not here: what the sender makes of it ([`super::deliver`]).

use std::net::IpAddr;

use rtclab_trace::{EntryId, NetReason, NodeId, Place};

use super::Net;
use crate::packet::Packet;
use crate::wire::icmp::{self, Message};
use crate::wire::ip::{self, Header};

impl Net {
    /// Drops a packet at a node, and tells its sender.
    pub(super) fn refuse(
        &mut self,
        node: NodeId,
        packet: Box<Packet>,
        header: &Header,
        reason: NetReason,
        error: icmp::ErrorKind,
        rule: impl FnOnce(&Net) -> String,
    ) {
        self.refuse_as(node, None, packet, header, reason, error, rule);
    }

    /// The same, with the error from a given address of the node.
    #[expect(
        clippy::too_many_arguments,
        reason = "a drop has a place, a packet, a reason, a rule and a report"
    )]
    pub(super) fn refuse_as(
        &mut self,
        node: NodeId,
        from: Option<IpAddr>,
        packet: Box<Packet>,
        header: &Header,
        reason: NetReason,
        error: icmp::ErrorKind,
        rule: impl FnOnce(&Net) -> String,
    ) {
        let quoted = may_be_reported(&packet.bytes, header).then(|| packet.bytes.clone());
        let dropped = self.end(packet, Place::Node(node), reason, rule);
        if let Some(quoted) = quoted {
            self.report(node, from, header.source, error, &quoted, dropped);
        }
    }

    /// Tells the sender of a packet, which `quoted` is or begins, what became of it.
    pub(super) fn report(
        &mut self,
        node: NodeId,
        from: Option<IpAddr>,
        to: IpAddr,
        error: icmp::ErrorKind,
        quoted: &[u8],
        dropped: Option<EntryId>,
    ) {
        let why = (Some(NetReason::IcmpGenerated.into()), dropped);
        // A report that finds no way is dropped, which the trace says; nobody is left to be told.
        let _ = self.originate(node, from, to, why, |bytes, source| {
            icmp::build_error(bytes, source, to, error, quoted);
        });
    }
}

/// RFC 1122 §3.2.2, RFC 1812 §4.3.2.7, RFC 4443 §2.4 (e): no error about an error, about later fragments, or about packets that are not
/// from one host to one host.
pub(super) fn may_be_reported(bytes: &[u8], header: &Header) -> bool {
    if header.later_fragment || !ip::addresses_allow_error(header.source, header.destination) {
        return false;
    }
    let is_error = icmp::is_icmp(header)
        && !matches!(
            icmp::read(bytes, header).map(|icmp| icmp.message),
            Ok(Message::EchoRequest { .. } | Message::EchoReply { .. } | Message::Other)
        );
    !is_error
}
