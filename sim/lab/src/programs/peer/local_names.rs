//! Names in place of addresses (draft-ietf-mmusic-mdns-ice-candidates): a responder on the link for those of our candidates, and lookups of those
//! of the other peer. Not here: multicast DNS itself (`rtclab-rtc`), and which candidates have names, which is the agent's to say.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use rtclab_net::{Datagram, Host, SocketId, Unreachable};
use rtclab_rtc::Reason;
use rtclab_rtc::dns::{
    DomainName, LookupId, MULTICAST_PORT, MULTICAST_V4, MULTICAST_V6, Responder, ResponderOutput, Uniqueness,
    Want,
};

use super::connections::Whose;
use super::{LOOKUPS, Peer, RESPONDER};
use crate::programs::alarm::Alarm;
use crate::programs::names::{Finished, Names, families_of};
use crate::programs::sockets::Sockets;
use crate::programs::tell;

/// RFC 6762 §11: what is sent on the link has not passed a router.
const TTL: u8 = 255;

/// The names of a peer's own candidates, and those that it looks up.
#[derive(Debug)]
pub(super) struct LocalNames {
    responder: Option<Responder>,
    sockets: Sockets,
    announced: Vec<String>,
    alarm: Alarm,
    lookups: Option<Names>,
    open: Vec<(LookupId, Whose, Arc<str>)>,
}

impl Default for LocalNames {
    fn default() -> LocalNames {
        LocalNames {
            responder: None,
            sockets: Sockets::default(),
            announced: Vec::new(),
            alarm: Alarm::new(RESPONDER),
            lookups: None,
            open: Vec::new(),
        }
    }
}

impl LocalNames {
    /// Whether a socket is one of these.
    pub(super) fn owns(&self, socket: SocketId) -> bool {
        let asks = self.lookups.as_ref().is_some_and(|names| names.owns(socket));
        asks || self.sockets.address_of(socket).is_some()
    }

    /// Sends what the responder has to say, from each address to the group of its family.
    fn drain(&mut self, host: &mut Host<'_>, asked_at: Option<SocketId>) {
        while let Some(output) = self.responder.as_mut().and_then(Responder::poll_output) {
            match output {
                ResponderOutput::Multicast { payload, reason } => {
                    for address in self.sockets.addresses() {
                        let Some(socket) = self.sockets.at(address) else { continue };
                        // A link where nobody listens is no news.
                        let _ = host.send_udp(socket, group(address), &payload, Some(reason.into()), None);
                    }
                }
                ResponderOutput::Unicast { to, payload, reason } => {
                    if let Some(socket) = asked_at {
                        // What cannot leave is in the trace, dropped here; who asked will ask again.
                        let _ = host.send_udp(socket, to, &payload, Some(reason.into()), None);
                    }
                }
                ResponderOutput::Owned { name } => {
                    tell(host, "peer", format!("goes by {name}"), Some(Reason::MdnsAnnounced.into()));
                }
                // Nobody else draws the same 122 bits; and most of what is said on a link is about others.
                ResponderOutput::Conflict { .. } | ResponderOutput::Ignored { .. } => {}
            }
        }
        self.alarm.set(host, self.responder.as_ref().and_then(Responder::poll_timeout));
    }
}

/// The group of an address's family.
fn group(address: SocketAddr) -> SocketAddr {
    match address {
        SocketAddr::V4(_) => MULTICAST_V4,
        SocketAddr::V6(_) => MULTICAST_V6,
    }
}

impl Peer {
    /// Answers on the link for names that the agent has drawn and nobody answers for yet.
    pub(super) fn register_names(&mut self, host: &mut Host<'_>) {
        let Some(agent) = self.agent() else { return };
        let known = &self.local_names.announced;
        let new: Vec<(String, IpAddr)> = agent
            .names()
            .filter(|(name, _)| !known.iter().any(|own| own == name))
            .map(|(name, ip)| (name.to_owned(), ip))
            .collect();
        if new.is_empty() {
            return;
        }
        let names = &mut self.local_names;
        for bound in names.sockets.bind(host, MULTICAST_PORT) {
            let Some(socket) = names.sockets.at(bound.address) else { continue };
            host.set_ttl(socket, TTL);
            host.join_group(socket, group(bound.address).ip());
        }
        let responder = names.responder.get_or_insert_with(|| Responder::new(host.randomness()));
        for (name, ip) in new {
            if let Ok(owned) = name.parse::<DomainName>() {
                responder.announce(owned, vec![ip], Uniqueness::Random, host.now());
            }
            names.announced.push(name);
        }
        names.drain(host, None);
    }

    /// Looks up a name that the other peer has signaled.
    pub(super) fn look_up_candidate(&mut self, host: &mut Host<'_>, whose: Whose, name: Arc<str>) {
        let Ok(wanted) = name.parse::<DomainName>() else {
            return self.tell_resolved(host, whose, &name, None);
        };
        let resolver = &self.config.resolver;
        let lookups = self.local_names.lookups.get_or_insert_with(|| Names::new(resolver.clone(), LOOKUPS));
        let lookup = lookups.look_up(host, &wanted, Want::Addresses(families_of(host)));
        self.local_names.open.push((lookup, whose, name));
        let finished = lookups.settle(host, false);
        self.take_lookups(host, finished);
    }

    fn take_lookups(&mut self, host: &mut Host<'_>, finished: Vec<Finished>) {
        for Finished { lookup, result, .. } in finished {
            let Some(place) = self.local_names.open.iter().position(|(open, ..)| *open == lookup) else {
                continue;
            };
            let (_, whose, name) = self.local_names.open.remove(place);
            let address = result.ok().and_then(|found| found.endpoints.first().map(SocketAddr::ip));
            self.tell_resolved(host, whose, &name, address);
        }
    }

    fn tell_resolved(&mut self, host: &mut Host<'_>, whose: Whose, name: &str, address: Option<IpAddr>) {
        let now = host.now();
        self.with_agent_of(whose, host, |agent| agent.handle_resolved(name, address, now));
    }

    /// A datagram at one of these sockets: a question of somebody on the link, or an answer to one of ours.
    pub(super) fn local_names_datagram(&mut self, host: &mut Host<'_>, datagram: &Datagram<'_>) {
        if self.local_names.sockets.address_of(datagram.socket).is_some() {
            if let Some(responder) = &mut self.local_names.responder {
                responder.handle_datagram(datagram.from, datagram.payload);
            }
            return self.local_names.drain(host, Some(datagram.socket));
        }
        let finished = self.local_names.lookups.as_mut().map(|names| names.datagram(host, datagram));
        self.take_lookups(host, finished.unwrap_or_default());
    }

    pub(super) fn local_names_unreachable(&mut self, host: &mut Host<'_>, report: &Unreachable) {
        let finished = self.local_names.lookups.as_mut().map(|names| names.unreachable(host, report));
        self.take_lookups(host, finished.unwrap_or_default());
    }

    pub(super) fn responder_timeout(&mut self, host: &mut Host<'_>) {
        self.local_names.alarm.fired();
        if let Some(responder) = &mut self.local_names.responder {
            responder.handle_timeout(host.now());
        }
        self.local_names.drain(host, None);
    }

    pub(super) fn lookups_timeout(&mut self, host: &mut Host<'_>) {
        let finished = self.local_names.lookups.as_mut().map(|names| names.timer(host));
        self.take_lookups(host, finished.unwrap_or_default());
    }
}
