//! What a node seems to be, told by the STUN messages that it answers: STUN server, TURN server, ICE peer.

use rtclab_rtc::stun::{AttributeType, Class, Method};
use rtclab_trace::{NodeId, Topology};

use crate::outline::StunView;

/// What a request or response tells about who sent it.
pub(super) fn of_sender(view: &StunView<'_>) -> Option<&'static str> {
    match (view.header.method, view.header.class) {
        // RFC 8445 §7.1.1: PRIORITY is in every check and in nothing else.
        (Method::BINDING, Class::Request) if view.has(AttributeType::PRIORITY) => Some("ICE peer"),
        (Method::ALLOCATE | Method::REFRESH, Class::Success | Class::Error) => Some("TURN server"),
        _ => None,
    }
}

/// Writes a role down. A TURN server stays one, whatever else it answers; relayed peers have its address.
pub(super) fn set(topology: &mut Topology, node: NodeId, role: &str) {
    let info = topology.node_mut(node);
    if info.role.is_empty() || role == "TURN server" {
        info.role = role.to_string();
    }
}
