//! How peers signal, and the servers that they signal through: from the words of a document to addresses of the world.

use std::collections::BTreeMap;

use rtclab_rtc::sip::{ProxyConfig, Transport};
use rtclab_trace::NodeId;

use super::stage::Setting;
use crate::build::{BuildError, millis};
use crate::document::{
    self, CarrierWord, FaultWord, INSTANT, MessageWord, OneOrMany, SignalingFault, SignalingUse,
};
use crate::programs::peer::Signaling;
use crate::programs::signaling::MessageKind;
use crate::programs::{Fault, FaultKind, SignalingServerConfig, SipProxyConfig};

/// The port of the HTTP server that a peer is, with WHIP.
pub(super) const HTTP_PORT: u16 = 80;

/// The password of every account of SIP.
const PASSWORD: &str = "lab";

/// How long a registration holds at most, in seconds.
const EXPIRES_S_MAX: u32 = 3600;

impl Setting<'_> {
    /// How the peer of that name on that node signals.
    pub(super) fn signaling(
        &self,
        node: NodeId,
        name: &str,
        signaling: &SignalingUse,
    ) -> Result<Signaling, BuildError> {
        let via = signaling.via();
        if via == INSTANT && matches!(signaling, SignalingUse::Node(_)) {
            return Ok(Signaling::Instant);
        }
        let sip = |transport| -> Result<Signaling, BuildError> {
            let server = match transport {
                Transport::Ws => self.server_for(node, via, |ports| ports.sip_websocket)?,
                Transport::Udp | Transport::Tcp => self.server_for(node, via, |ports| ports.sip)?,
            };
            let (domain, password) = (via.to_owned(), PASSWORD.to_owned());
            Ok(Signaling::Sip { server, domain, transport, password })
        };
        let whip = |endpoint| -> Result<Signaling, BuildError> {
            let server = self.server_for(node, via, |ports| ports.http)?;
            let client_name = if name == via { self.caller_of(via) } else { name }.to_owned();
            Ok(Signaling::Whip { server, server_name: via.to_owned(), client_name, endpoint })
        };
        let server = || self.server_for(node, via, |ports| ports.signaling);
        match signaling.carrier() {
            CarrierWord::Datagram => Ok(Signaling::Server(server()?)),
            CarrierWord::Websocket => {
                Ok(Signaling::WebSocket { server: server()?, host_name: via.to_owned() })
            }
            CarrierWord::SipUdp => sip(Transport::Udp),
            CarrierWord::SipTcp => sip(Transport::Tcp),
            CarrierWord::SipWebsocket => sip(Transport::Ws),
            CarrierWord::Whip => whip("/whip"),
            CarrierWord::Whep => whip("/whep"),
        }
    }

    /// Who calls the peer of that name.
    fn caller_of(&self, callee: &str) -> &str {
        let calls = |node: &document::Node| {
            let peer = node.run.as_ref().and_then(|run| run.peer.as_ref());
            peer.is_some_and(|peer| peer.offers_to.as_deref() == Some(callee))
        };
        let caller = self.scenario.node.iter().find(|(_, node)| calls(node));
        caller.map_or("", |(name, _)| name.as_str())
    }

    /// The SIP proxy on the node of that name: everybody who signals through it has an account. It listens on TCP only if somebody comes so.
    pub(super) fn sip_proxy(&self, name: &str, proxy: &document::SipProxy) -> SipProxyConfig {
        let peers = self.scenario.node.iter().filter_map(|(user, node)| {
            let peer = node.run.as_ref().and_then(|run| run.peer.as_ref())?;
            let through = peer.signaling.via() == name && peer.signaling.carrier().is_sip();
            through.then_some((user, peer.signaling.carrier()))
        });
        let peers: Vec<(&String, CarrierWord)> = peers.collect();
        let accounts = peers.iter().map(|(user, _)| ((*user).clone(), PASSWORD.to_owned()));
        let accounts = if proxy.asks_for_password { accounts.collect() } else { BTreeMap::new() };
        SipProxyConfig {
            port: proxy.port,
            websocket_port: proxy.websocket_port,
            streams: peers.iter().any(|(_, carrier)| *carrier != CarrierWord::SipUdp),
            proxy: ProxyConfig {
                host: name.to_owned(),
                accounts,
                challenges_calls: proxy.asks_callers,
                expires_s_max: EXPIRES_S_MAX,
            },
        }
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
