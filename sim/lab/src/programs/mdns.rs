//! A responder of multicast DNS on a host: its name under `.local` stands for its addresses (RFC 6762). Not here: who asks (`names`).

use std::net::{IpAddr, SocketAddr};

use rtclab_net::{Datagram, Host, Program, SocketId};
use rtclab_rtc::Reason;
use rtclab_rtc::dns::{
    DomainName, MULTICAST_PORT, MULTICAST_V4, MULTICAST_V6, Responder, ResponderOutput, Uniqueness,
};
use rtclab_trace::SimTime;

use super::alarm::Alarm;
use super::sockets::Sockets;
use super::tell;

/// How many names are tried before a host goes without one.
const NAMES_MAX: u32 = 100;
/// RFC 6762 §11: what is sent on the link has not passed a router.
const TTL: u8 = 255;

/// A host's responder.
#[derive(Debug)]
pub struct Mdns {
    wanted: DomainName,
    name: DomainName,
    tried: u32,
    responder: Option<Responder>,
    sockets: Sockets,
    addresses: Vec<SocketAddr>,
    alarm: Alarm,
    start_at: SimTime,
}

impl Mdns {
    /// A responder for a name under `.local`, or one like it if somebody has it, which begins at this time.
    pub fn new(name: DomainName, start_at: SimTime) -> Mdns {
        Mdns {
            start_at,
            wanted: name.clone(),
            name,
            tried: 1,
            responder: None,
            sockets: Sockets::default(),
            addresses: Vec::new(),
            alarm: Alarm::new(0),
        }
    }

    /// The name that it goes by.
    pub fn name(&self) -> &DomainName {
        &self.name
    }

    /// Listens on every address, and lets the name stand for all of them.
    fn begin(&mut self, host: &mut Host<'_>) {
        let bound = self.sockets.bind(host, MULTICAST_PORT);
        self.addresses = bound.into_iter().map(|bound| bound.address).collect();
        for address in &self.addresses {
            let Some(socket) = self.sockets.at(*address) else { continue };
            host.set_ttl(socket, TTL);
            host.join_group(socket, group(*address).ip());
        }
        let responder = self.responder.get_or_insert_with(|| Responder::new(host.randomness()));
        let addresses: Vec<IpAddr> = self.addresses.iter().map(SocketAddr::ip).collect();
        responder.announce(self.name.clone(), addresses, Uniqueness::Probed, host.now());
        self.settle(host, None);
    }

    fn settle(&mut self, host: &mut Host<'_>, asked_at: Option<SocketId>) {
        while let Some(output) = self.responder.as_mut().and_then(Responder::poll_output) {
            match output {
                ResponderOutput::Multicast { payload, reason } => self.multicast(host, &payload, reason),
                ResponderOutput::Unicast { to, payload, reason } => {
                    if let Some(socket) = asked_at {
                        // What cannot leave is in the trace, dropped here; who asked will ask again.
                        let _ = host.send_udp(socket, to, &payload, Some(reason.into()), None);
                    }
                }
                ResponderOutput::Owned { name } => {
                    tell(host, "mDNS", format!("goes by {name}"), Some(Reason::MdnsAnnounced.into()));
                }
                ResponderOutput::Conflict { name } => self.take_another(host, &name),
                // Most of what is said on a link is about others.
                ResponderOutput::Ignored { .. } => {}
            }
        }
        self.alarm.set(host, self.responder.as_ref().and_then(Responder::poll_timeout));
    }

    fn multicast(&self, host: &mut Host<'_>, payload: &[u8], reason: Reason) {
        for address in &self.addresses {
            if let Some(socket) = self.sockets.at(*address) {
                // A link where nobody listens is no news.
                let _ = host.send_udp(socket, group(*address), payload, Some(reason.into()), None);
            }
        }
    }

    /// RFC 6762 §9: `alice.local` is taken, so `alice-2.local` is tried.
    fn take_another(&mut self, host: &mut Host<'_>, taken: &DomainName) {
        self.tried += 1;
        let label = self.wanted.as_str().trim_end_matches(".local");
        let next = format!("{label}-{}.local", self.tried).parse::<DomainName>();
        let (Ok(next), Some(responder)) = (next, &mut self.responder) else { return };
        tell(host, "mDNS", format!("gives up {taken}, tries {next}"), Some(Reason::MdnsConflict.into()));
        if self.tried > NAMES_MAX {
            return;
        }
        self.name = next.clone();
        let addresses = self.addresses.iter().map(SocketAddr::ip).collect();
        responder.announce(next, addresses, Uniqueness::Probed, host.now());
    }
}

/// The group of an address's family.
fn group(address: SocketAddr) -> SocketAddr {
    match address {
        SocketAddr::V4(_) => MULTICAST_V4,
        SocketAddr::V6(_) => MULTICAST_V6,
    }
}

impl Program for Mdns {
    fn start(&mut self, host: &mut Host<'_>) {
        self.alarm.set(host, Some(self.start_at.max(host.now())));
    }

    fn datagram(&mut self, host: &mut Host<'_>, datagram: &Datagram<'_>) {
        if let Some(responder) = &mut self.responder {
            responder.handle_datagram(datagram.from, datagram.payload);
        }
        self.settle(host, Some(datagram.socket));
    }

    fn timer(&mut self, host: &mut Host<'_>, _token: u64) {
        self.alarm.fired();
        let Some(responder) = &mut self.responder else { return self.begin(host) };
        responder.handle_timeout(host.now());
        self.settle(host, None);
    }

    fn addresses_changed(&mut self, host: &mut Host<'_>) {
        if self.responder.is_some() {
            self.begin(host);
        }
    }
}
