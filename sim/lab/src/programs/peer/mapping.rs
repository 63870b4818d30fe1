//! Ports that a peer has its gateway map (PCP, RFC 6887): a client for each address, and what comes of it for the agent. Not here: the
//! protocol (`rtclab-rtc`).

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use rtclab_net::{Datagram, Host, SocketId, Unreachable};
use rtclab_rtc::pcp::{
    ALL_NODES, CLIENT_PORT, Client, ClientConfig, ClientOutput, MapState, Mapping, SERVER_PORT, Transport,
};
use rtclab_trace::SimTime;

use super::{MAPPING, Peer};
use crate::programs::alarm::Alarm;
use crate::programs::tell;

/// A gateway as one of the host's addresses knows it.
#[derive(Debug)]
struct AtGateway {
    local: IpAddr,
    gateway: IpAddr,
    client: Client,
    socket: SocketId,
    /// Hears announcements.
    listener: Option<SocketId>,
    /// What the agent was told of each port.
    told: BTreeMap<u16, Option<SocketAddr>>,
}

/// The gateways of a peer.
#[derive(Debug)]
pub(super) struct PortMapping {
    gateways: Vec<AtGateway>,
    alarm: Alarm,
}

impl Default for PortMapping {
    fn default() -> PortMapping {
        PortMapping { gateways: Vec::new(), alarm: Alarm::new(MAPPING) }
    }
}

impl PortMapping {
    fn of_socket(&mut self, socket: SocketId) -> Option<usize> {
        self.gateways.iter().position(|own| own.socket == socket || own.listener == Some(socket))
    }
}

impl Peer {
    /// The agent wants a socket mapped.
    pub(super) fn map_port(&mut self, host: &mut Host<'_>, base: SocketAddr) {
        let place = self.mapping.gateways.iter().position(|own| own.local == base.ip());
        let Some(place) = place.or_else(|| self.find_gateway(host, base.ip())) else {
            return self.tell_agent_of_mapping(host, base, base.ip(), None);
        };
        let own = &mut self.mapping.gateways[place];
        let known = own.client.mapping(Transport::Udp, base.port()).map(|mapping| mapping.state);
        match known {
            // ICE begins anew, and the mapping is still there.
            Some(MapState::Mapped { external, .. }) => {
                let gateway = own.gateway;
                self.tell_agent_of_mapping(host, base, gateway, Some(external));
            }
            Some(MapState::Refused(_) | MapState::Absent) => {
                let gateway = own.gateway;
                self.tell_agent_of_mapping(host, base, gateway, None);
            }
            Some(MapState::Asking) => {}
            None => {
                own.client.map(Transport::Udp, base.port(), host.now());
                self.drain_mappings(host);
            }
        }
    }

    /// A client of the gateway of one of the host's addresses; none without a gateway.
    fn find_gateway(&mut self, host: &mut Host<'_>, local: IpAddr) -> Option<usize> {
        let gateway = host.gateway(local)?;
        let socket = host.bind_udp(local, 0).ok()?;
        // Another program may listen already; then the epoch in the next answer tells.
        let listener = host.bind_udp(local, CLIENT_PORT).ok();
        listener.into_iter().for_each(|socket| host.join_group(socket, ALL_NODES.into()));
        let config = ClientConfig::new(local, SocketAddr::new(gateway, SERVER_PORT));
        let client = Client::new(config, host.randomness());
        let told = BTreeMap::new();
        self.mapping.gateways.push(AtGateway { local, gateway, client, socket, listener, told });
        Some(self.mapping.gateways.len() - 1)
    }

    /// Whether a socket belongs to a client of a gateway.
    pub(super) fn is_for_mapping(&self, socket: SocketId) -> bool {
        self.mapping.gateways.iter().any(|own| own.socket == socket || own.listener == Some(socket))
    }

    /// A datagram at one of these sockets.
    pub(super) fn take_mapping(&mut self, host: &mut Host<'_>, datagram: &Datagram<'_>) {
        if let Some(place) = self.mapping.of_socket(datagram.socket) {
            let client = &mut self.mapping.gateways[place].client;
            client.handle_datagram(datagram.from, datagram.payload, host.now());
        }
        self.drain_mappings(host);
    }

    /// Nothing listens at a gateway.
    pub(super) fn mapping_unreachable(&mut self, host: &mut Host<'_>, report: &Unreachable) {
        if let Some(place) = self.mapping.of_socket(report.socket) {
            self.mapping.gateways[place].client.handle_unreachable();
        }
        self.drain_mappings(host);
    }

    /// The timer of the clients.
    pub(super) fn mapping_timeout(&mut self, host: &mut Host<'_>) {
        self.mapping.alarm.fired();
        let now: SimTime = host.now();
        self.mapping.gateways.iter_mut().for_each(|own| own.client.handle_timeout(now));
        self.drain_mappings(host);
    }

    /// The host has other addresses: what was mapped for those that are gone is of no use.
    pub(super) fn forget_gateways(&mut self, host: &mut Host<'_>) {
        let held: Vec<IpAddr> = host.addresses().into_iter().map(|own| own.address).collect();
        let (kept, gone) = std::mem::take(&mut self.mapping.gateways)
            .into_iter()
            .partition(|own: &AtGateway| held.contains(&own.local));
        self.mapping.gateways = kept;
        for own in gone {
            host.close(own.socket);
            own.listener.into_iter().for_each(|socket| host.close(socket));
        }
    }

    fn drain_mappings(&mut self, host: &mut Host<'_>) {
        for place in 0..self.mapping.gateways.len() {
            while let Some(own) = self.mapping.gateways.get_mut(place)
                && let Some(output) = own.client.poll_output()
            {
                match output {
                    ClientOutput::Transmit { payload, reason } => {
                        let to = SocketAddr::new(own.gateway, SERVER_PORT);
                        // What cannot leave is in the trace, dropped here.
                        let _ = host.send_udp(own.socket, to, &payload, Some(reason.into()), None);
                    }
                    ClientOutput::Changed { mapping, reason } => {
                        self.mapping_changed(host, place, mapping, reason);
                    }
                    ClientOutput::Ignored { reason } => {
                        let words = format!("ignored a datagram, supposedly of {}", own.gateway);
                        tell(host, "port mapping", words, Some(reason.into()));
                    }
                }
            }
        }
        let next = self.mapping.gateways.iter().filter_map(|own| own.client.poll_timeout()).min();
        self.mapping.alarm.set(host, next);
    }

    fn mapping_changed(
        &mut self,
        host: &mut Host<'_>,
        place: usize,
        mapping: Mapping,
        reason: rtclab_rtc::Reason,
    ) {
        let own = &mut self.mapping.gateways[place];
        let (base, gateway) = (SocketAddr::new(own.local, mapping.internal_port), own.gateway);
        let (external, words) = match mapping.state {
            MapState::Mapped { external, expires_at } => {
                (Some(external), format!("{base} is {external} until {expires_at}"))
            }
            MapState::Refused(code) => (None, format!("{gateway} refuses to map {base}: {}", code.word())),
            MapState::Absent => (None, format!("{gateway} maps no ports")),
            MapState::Asking => return,
        };
        let news = own.told.insert(base.port(), external) != Some(external);
        let entry = tell(host, "port mapping", words, Some(reason.into()));
        if news {
            self.recorder.begin(entry.or(host.input()));
            self.tell_agent_of_mapping(host, base, gateway, external);
        }
    }

    fn tell_agent_of_mapping(
        &mut self,
        host: &mut Host<'_>,
        base: SocketAddr,
        gateway: IpAddr,
        external: Option<SocketAddr>,
    ) {
        if let Some(agent) = &mut self.agent {
            agent.handle_mapped(base, gateway, external, host.now());
        }
    }
}
