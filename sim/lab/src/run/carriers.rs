//! How peers signal, and the servers that they signal through: from the words of a document to addresses of the world.

use rtclab_trace::NodeId;

use super::stage::Setting;
use crate::build::{BuildError, millis};
use crate::document::{
    self, CarrierWord, FaultWord, INSTANT, MessageWord, OneOrMany, SignalingFault, SignalingUse,
};
use crate::programs::peer::Signaling;
use crate::programs::signaling::MessageKind;
use crate::programs::{Fault, FaultKind, SignalingServerConfig};

impl Setting<'_> {
    /// How a peer on that node signals.
    pub(super) fn signaling(&self, node: NodeId, signaling: &SignalingUse) -> Result<Signaling, BuildError> {
        let via = signaling.via();
        if via == INSTANT && matches!(signaling, SignalingUse::Node(_)) {
            return Ok(Signaling::Instant);
        }
        let server = self.server_for(node, via, |ports| ports.signaling)?;
        Ok(match signaling.carrier() {
            CarrierWord::Datagram => Signaling::Server(server),
            CarrierWord::Websocket => Signaling::WebSocket { server, host_name: via.to_owned() },
        })
    }

    /// The signaling server on the node of that name. It listens for WebSockets only if somebody uses one.
    pub(super) fn signaling_server(
        &self,
        name: &str,
        server: &document::SignalingServer,
    ) -> SignalingServerConfig {
        let by_websocket = |node: &document::Node| {
            let peer = node.run.as_ref().and_then(|run| run.peer.as_ref());
            peer.is_some_and(|peer| {
                peer.signaling.via() == name && peer.signaling.carrier() == CarrierWord::Websocket
            })
        };
        SignalingServerConfig {
            port: server.port,
            websocket: self.scenario.node.values().any(by_websocket),
            faults: server.faults.iter().map(fault).collect(),
            delay: millis(server.delay_ms),
            directory: self.directory.clone(),
            bell: self.bell.clone(),
        }
    }
}

fn fault(fault: &SignalingFault) -> Fault {
    Fault {
        does: match fault.does {
            FaultWord::Drop => FaultKind::Drop,
            FaultWord::Delay => FaultKind::Delay(millis(fault.delay_ms.unwrap_or(0.0))),
            FaultWord::Duplicate => FaultKind::Duplicate,
            FaultWord::Reorder => FaultKind::Reorder,
        },
        kind: fault.kind.map(|kind| match kind {
            MessageWord::Offer => MessageKind::Offer,
            MessageWord::Answer => MessageKind::Answer,
            MessageWord::Candidate => MessageKind::Candidate,
            MessageWord::EndOfCandidates => MessageKind::EndOfCandidates,
        }),
        from: fault.from.clone(),
        which: fault.which.as_ref().map(OneOrMany::as_slice).unwrap_or_default().to_vec(),
    }
}
