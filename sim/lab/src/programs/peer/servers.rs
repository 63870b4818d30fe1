//! Servers that a peer knows by name: it looks them up before it begins to gather (RFC 8489 §8, RFC 5928). Not here: the questions
//! themselves (`names`).

use std::net::SocketAddr;

use rtclab_net::Host;
use rtclab_rtc::dns::{DomainName, Found, LookupId, Want};
use rtclab_rtc::ice::TurnServer;
use rtclab_rtc::stun::Transport;

use super::Peer;
use super::config::NamedServer;
use crate::programs::names::{Finished, Names, families_of};
use crate::programs::tell;

/// The usual port of STUN and TURN (RFC 8489 §8, RFC 8656 §2.1).
const PORT: u16 = 3_478;

/// The names of servers, until each is known or given up.
#[derive(Debug)]
pub(super) struct ServerNames {
    pub(super) names: Names,
    open: Vec<(LookupId, NamedServer)>,
    begun: bool,
}

impl ServerNames {
    pub(super) fn new(names: Names) -> ServerNames {
        ServerNames { names, open: Vec::new(), begun: false }
    }
}

impl Peer {
    /// Asks for the addresses of servers that are known by name. Whether answers have to be waited for.
    pub(super) fn look_up_servers(&mut self, host: &mut Host<'_>) -> bool {
        let Some(servers) = &mut self.server_names else { return false };
        if servers.begun {
            return !servers.open.is_empty();
        }
        servers.begun = true;
        let families = families_of(host);
        for server in std::mem::take(&mut self.config.named_servers) {
            let label = match (&server.account, server.transport.is_stream()) {
                (None, _) => "_stun._udp",
                (Some(_), false) => "_turn._udp",
                (Some(_), true) => "_turn._tcp",
            };
            let want = match server.port {
                // RFC 8489 §8: a port that is given leaves no room for SRV records.
                Some(_) => Want::Addresses(families),
                None => Want::Service { label, port: PORT, families },
            };
            let lookup = servers.names.look_up(host, &server.host, want);
            servers.open.push((lookup, server));
        }
        let finished = servers.names.settle(host, false);
        self.note_servers(host, finished);
        self.server_names.as_ref().is_some_and(|servers| !servers.open.is_empty())
    }

    /// Answers have come; the peer begins when all have.
    pub(super) fn take_servers(&mut self, host: &mut Host<'_>, finished: Vec<Finished>) {
        self.note_servers(host, finished);
        if self.server_names.as_ref().is_some_and(|servers| servers.open.is_empty()) {
            self.begin(host);
        }
    }

    fn note_servers(&mut self, host: &mut Host<'_>, finished: Vec<Finished>) {
        let Some(servers) = &mut self.server_names else { return };
        for Finished { lookup, result, .. } in finished {
            let Some(place) = servers.open.iter().position(|(open, _)| *open == lookup) else { continue };
            let (_, server) = servers.open.remove(place);
            match result {
                Ok(found) => {
                    let addresses = best_of_each_family(&found, server.port);
                    match server.account {
                        None => self.config.stun_servers.extend(addresses),
                        Some((username, password)) => {
                            let account = |address| {
                                TurnServer::new(address, username.clone(), password.clone())
                                    .over(server.transport)
                            };
                            self.config.turn_servers.extend(addresses.map(account));
                        }
                    }
                }
                Err(failure) => {
                    let status = format!("goes on without {}: {failure}", server.host);
                    tell(host, "peer", status, Some(failure.reason().into()));
                }
            }
        }
    }
}

/// Each socket asks the servers of its family, so one address of each is enough: the best.
fn best_of_each_family(found: &Found, port: Option<u16>) -> impl Iterator<Item = SocketAddr> {
    let first = |v4: bool| found.endpoints.iter().find(|endpoint| endpoint.is_ipv4() == v4).copied();
    let best = [first(true), first(false)];
    let with_port = move |endpoint: SocketAddr| match port {
        Some(port) => SocketAddr::new(endpoint.ip(), port),
        None => endpoint,
    };
    best.into_iter().flatten().map(with_port)
}

/// A server by name, as a configuration has it.
impl NamedServer {
    /// A STUN server.
    pub fn stun(host: DomainName, port: Option<u16>) -> NamedServer {
        NamedServer { host, port, transport: Transport::Udp, account: None }
    }

    /// A TURN server with user name and password.
    pub fn turn(host: DomainName, port: Option<u16>, account: (String, String)) -> NamedServer {
        NamedServer { host, port, transport: Transport::Udp, account: Some(account) }
    }

    /// The same over another transport.
    #[must_use]
    pub fn over(self, transport: Transport) -> NamedServer {
        NamedServer { transport, ..self }
    }
}
