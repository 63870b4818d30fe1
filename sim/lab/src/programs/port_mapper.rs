//! The port mapping service of a NAT (PCP, RFC 6887; NAT-PMP, RFC 6886): hears what inside hosts ask for, and has the NAT do it. Not here: the
//! protocol (`rtclab-rtc`), mappings (`rtclab-net`).

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use rtclab_net::{Datagram, Host, MapError, PortRequest, Program, SocketId};
use rtclab_rtc::pcp::{
    self, Answer, Ask, CLIENT_PORT, Dialect, Gateway, ResultCode, SERVER_PORT, Server, ServerConfig,
    Transport,
};
use rtclab_trace::{Protocol, Reason};

use super::sockets::Sockets;
use super::tell;

/// The service on a NAT.
#[derive(Debug)]
pub struct PortMapper {
    config: ServerConfig,
    server: Option<Server>,
    sockets: Sockets,
}

impl PortMapper {
    /// A service that speaks this.
    pub fn new(dialect: Dialect) -> PortMapper {
        let config = ServerConfig { dialect, ..ServerConfig::default() };
        PortMapper { config, server: None, sockets: Sockets::default() }
    }

    const fn name(&self) -> &'static str {
        match self.config.dialect {
            Dialect::Pcp => "PCP server",
            Dialect::NatPmp => "NAT-PMP server",
        }
    }

    fn send(&self, host: &mut Host<'_>, socket: SocketId, to: SocketAddr, answer: &Answer) {
        // What cannot leave is in the trace, dropped here.
        let _ = host.send_udp(socket, to, &answer.payload, Some(answer.reason.into()), None);
    }

    /// Tells all hosts of each network inside that what they had is gone (RFC 6887 §14.1.1).
    fn announce(&self, host: &mut Host<'_>) {
        let Some(server) = &self.server else { return };
        let answer = server.announcement(host.now());
        let to = SocketAddr::new(pcp::ALL_NODES.into(), CLIENT_PORT);
        for address in host.inside_addresses() {
            if let Some(socket) = self.sockets.at(SocketAddr::new(address, SERVER_PORT)) {
                self.send(host, socket, to, &answer);
            }
        }
    }
}

/// The NAT that a program runs on, as the server knows it.
struct Own<'a, 'b>(&'a mut Host<'b>);

const fn protocol(transport: Transport) -> Protocol {
    match transport {
        Transport::Udp => Protocol::Udp,
        Transport::Tcp => Protocol::Tcp,
    }
}

impl Gateway for Own<'_, '_> {
    fn external_address(&self, client: IpAddr) -> Option<Ipv4Addr> {
        self.0.external_address(client)
    }

    fn map(&mut self, ask: &Ask) -> Result<SocketAddr, ResultCode> {
        let Ask { transport, internal, port, exact, remote, lifetime } = *ask;
        let protocol = protocol(transport);
        let request = PortRequest { protocol, internal, port, exact, remote, lifetime };
        self.0.map_port(&request).map_err(|error| match error {
            MapError::NotANat | MapError::NotInside(_) => ResultCode::NotAuthorized,
            MapError::PortTaken => ResultCode::CannotProvideExternal,
            MapError::Quota => ResultCode::UserExceedsQuota,
            MapError::Full => ResultCode::NoResources,
        })
    }

    fn unmap(&mut self, transport: Transport, internal: SocketAddr) {
        // A mapping that has ended before is no less ended.
        let _ = self.0.unmap_port(protocol(transport), internal);
    }
}

impl Program for PortMapper {
    fn start(&mut self, host: &mut Host<'_>) {
        for address in host.inside_addresses().into_iter().filter(IpAddr::is_ipv4) {
            // Nothing else listens on a NAT, so the port is free.
            let _ = self.sockets.bind_one(host, address, SERVER_PORT);
        }
        self.server = Some(Server::new(self.config, host.now()));
    }

    fn datagram(&mut self, host: &mut Host<'_>, datagram: &Datagram<'_>) {
        let Datagram { socket, from, payload, .. } = *datagram;
        let (now, name) = (host.now(), self.name());
        let Some(server) = &mut self.server else { return };
        let answer = server.handle_datagram(from, payload, now, &mut Own(host));
        let mappings = server.mappings(now);
        match answer {
            Ok(answer) => {
                tell(
                    host,
                    name,
                    format!("{mappings} mappings on request"),
                    Some(Reason::from(answer.reason)),
                );
                self.send(host, socket, from, &answer);
            }
            Err(reason) => {
                tell(host, name, format!("ignored a datagram from {from}"), Some(reason.into()));
            }
        }
    }

    fn nat_restarted(&mut self, host: &mut Host<'_>) {
        if let Some(server) = &mut self.server {
            server.restart(host.now());
        }
        tell(host, self.name(), "begun anew: every mapping is forgotten".to_owned(), None);
        self.announce(host);
    }
}
