//! What signaling refers to: the node that it goes through, and what a server does wrong.

use super::super::{CarrierWord, FaultWord, INSTANT, Peer, Run, SignalingServer, SignalingUse};
use super::Checker;
use crate::document::report::Path;

impl Checker<'_, '_, '_> {
    /// The node that a peer's messages go through runs what the carrier needs.
    pub(super) fn signaling(&mut self, peer: &Peer, path: &Path) {
        let path = path.key("signaling");
        let (via, inner) = match &peer.signaling {
            SignalingUse::Node(node) if node == INSTANT => return,
            SignalingUse::Node(node) => (node, path),
            SignalingUse::Carried(by) => (&by.via, path.key("via")),
        };
        if !self.scenario.node.contains_key(via) {
            let mut known = self.nodes_that_run(|run| run.signaling_server.is_some());
            if matches!(peer.signaling, SignalingUse::Node(_)) {
                known.push(INSTANT);
            }
            self.unknown(&inner, format!("there is no node `{via}`"), via, known);
            return;
        }
        match peer.signaling.carrier() {
            CarrierWord::Datagram | CarrierWord::Websocket => {
                self.expect_program(&inner, via, "a `signaling-server`", |run| {
                    run.signaling_server.is_some()
                });
            }
            CarrierWord::SipUdp | CarrierWord::SipTcp | CarrierWord::SipWebsocket => {
                self.expect_program(&inner, via, "a `sip-proxy`", |run| run.sip_proxy.is_some());
            }
            CarrierWord::Whip | CarrierWord::Whep => {
                let is_server = |run: &Run| run.peer.as_ref().is_some_and(|peer| peer.offers_to.is_none());
                self.expect_program(&inner, via, "a `peer` that waits for an offer", is_server);
            }
        }
    }

    /// Two peers of a call meet at one server. What carries their messages there may differ, where the server speaks both.
    pub(super) fn same_signaling(
        &mut self,
        name: &str,
        peer: &Peer,
        other: &str,
        callee: &Peer,
        path: &Path,
    ) {
        let (own, theirs) = (peer.signaling.via(), callee.signaling.via());
        if own != theirs {
            let message = format!("`{name}` signals by `{own}` and `{other}` by `{theirs}`");
            self.wrong(path, message, "the same `signaling` on both sides".to_string());
            return;
        }
        let (ours, others) = (peer.signaling.carrier(), callee.signaling.carrier());
        let speaks_both = ours.is_sip() == others.is_sip() && !ours.is_whip() && !others.is_whip();
        if ours != others && !speaks_both {
            let message = format!("`{name}` and `{other}` do not speak the same protocol with `{own}`");
            self.wrong(path, message, "the same `carrier` on both sides".to_string());
        } else if ours.is_whip() && own != other {
            let message = format!("`{name}` offers to `{other}`, and signals by `{own}`");
            let expected = format!("`via = \"{other}\"`: with WHIP, who is called is the server");
            self.wrong(path, message, expected);
        }
    }

    pub(super) fn signaling_faults(&mut self, server: &SignalingServer, path: &Path) {
        for (index, fault) in server.faults.iter().enumerate() {
            let inner = path.index(index);
            match (fault.does, fault.delay_ms) {
                (FaultWord::Delay, None) => {
                    self.wrong(
                        &inner.key("does"),
                        "a delay of what length",
                        "`delay_ms` beside it".to_string(),
                    );
                }
                (FaultWord::Delay, Some(_)) | (_, None) => {}
                (_, Some(_)) => {
                    let expected = "`does = \"delay\"`".to_string();
                    self.misplaced(&inner.key("delay_ms"), "only a delay has a length", expected);
                }
            }
            if let Some(from) = &fault.from {
                self.expect_program(&inner.key("from"), from, "a `peer`", |run| run.peer.is_some());
            }
        }
    }
}
