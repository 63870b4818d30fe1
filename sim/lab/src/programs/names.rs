//! A resolver on a host: a socket for each question (RFC 5452 §9.2), and an entry of the trace for each step. Not here: which names a
//! program looks up.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use rtclab_net::{Datagram, Host, SocketId, Unreachable};
use rtclab_rtc::Reason;
use rtclab_rtc::dns::{
    DomainName, Failure, FamiliesWanted, Found, LookupId, QueryPhase, QuerySnapshot, Resolver,
    ResolverConfig, ResolverOutput, Want,
};
use rtclab_trace::{Change, Entity, EntryId};

use super::alarm::Alarm;
use super::tell;

/// A lookup that has ended.
#[derive(Clone, Debug)]
pub(crate) struct Finished {
    pub(crate) lookup: LookupId,
    pub(crate) result: Result<Found, Failure>,
    /// The entry of the question that decided it.
    pub(crate) cause: Option<EntryId>,
}

/// The resolver of a program.
#[derive(Debug)]
pub(crate) struct Names {
    config: ResolverConfig,
    resolver: Option<Resolver>,
    /// By query, and whether it is for IPv4: a late answer of the one family still finds its socket when the other is asked.
    sockets: BTreeMap<(u32, bool), SocketId>,
    entries: BTreeMap<u32, EntryId>,
    alarm: Alarm,
    asked: u64,
}

impl Names {
    /// A resolver that asks these servers, with a timer of its own.
    pub(crate) fn new(config: ResolverConfig, token: u64) -> Names {
        let (sockets, entries) = (BTreeMap::new(), BTreeMap::new());
        Names { config, resolver: None, sockets, entries, alarm: Alarm::new(token), asked: 0 }
    }

    /// How many questions it has sent, repetitions included.
    pub(crate) fn asked(&self) -> u64 {
        self.asked
    }

    /// Begins to look something up.
    pub(crate) fn look_up(&mut self, host: &mut Host<'_>, name: &DomainName, want: Want) -> LookupId {
        let config = &self.config;
        let resolver = self.resolver.get_or_insert_with(|| Resolver::new(config.clone(), host.randomness()));
        resolver.look_up(name, want, host.now())
    }

    /// Whether a socket is one of its own.
    pub(crate) fn owns(&self, socket: SocketId) -> bool {
        self.sockets.values().any(|own| *own == socket)
    }

    /// A datagram at one of its sockets.
    pub(crate) fn datagram(&mut self, host: &mut Host<'_>, datagram: &Datagram<'_>) -> Vec<Finished> {
        if let (Some(query), Some(resolver)) = (self.query_of(datagram.socket), &mut self.resolver) {
            resolver.handle_datagram(query, datagram.from, datagram.payload, host.now());
        }
        self.settle(host, false)
    }

    /// An ICMP error for one of its sockets.
    pub(crate) fn unreachable(&mut self, host: &mut Host<'_>, report: &Unreachable) -> Vec<Finished> {
        if let (Some(query), Some(resolver)) = (self.query_of(report.socket), &mut self.resolver) {
            resolver.handle_unreachable(query, report.to, host.now());
        }
        self.settle(host, false)
    }

    /// Its timer.
    pub(crate) fn timer(&mut self, host: &mut Host<'_>) -> Vec<Finished> {
        self.alarm.fired();
        if let Some(resolver) = &mut self.resolver {
            resolver.handle_timeout(host.now());
        }
        self.settle(host, true)
    }

    /// Lets out what the resolver has to say. Returns the lookups that have ended.
    pub(crate) fn settle(&mut self, host: &mut Host<'_>, by_timer: bool) -> Vec<Finished> {
        let mut finished = Vec::new();
        while let Some(output) = self.resolver.as_mut().and_then(Resolver::poll_output) {
            match output {
                ResolverOutput::Transmit { query, to, payload, reason } => {
                    self.transmit(host, query, to, &payload, reason);
                }
                ResolverOutput::Change { query, snapshot, reason } => {
                    self.record(host, query, snapshot, reason, by_timer);
                }
                ResolverOutput::Finished { lookup, query, result } => {
                    let cause = self.entries.get(&query).copied();
                    finished.push(Finished { lookup, result, cause });
                }
                ResolverOutput::Ignored { reason } => {
                    tell(host, "resolver", "ignored a datagram".to_owned(), Some(reason.into()));
                }
            }
        }
        let open = |query: u32| [true, false].iter().any(|v4| self.sockets.contains_key(&(query, *v4)));
        self.entries.retain(|query, _| open(*query));
        self.alarm.set(host, self.resolver.as_ref().and_then(Resolver::poll_timeout));
        finished
    }

    fn transmit(&mut self, host: &mut Host<'_>, query: u32, to: SocketAddr, payload: &[u8], reason: Reason) {
        let key = (query, to.is_ipv4());
        let socket = match self.sockets.get(&key) {
            Some(socket) => *socket,
            None => {
                let Ok(socket) = host.bind_udp(unspecified(to), 0) else { return };
                self.sockets.insert(key, socket);
                socket
            }
        };
        self.asked += 1;
        let cause = self.entries.get(&query).copied();
        // What cannot leave is in the trace, dropped here; the resolver learns of it by the silence.
        let _ = host.send_udp(socket, to, payload, Some(reason.into()), cause);
    }

    fn record(
        &mut self,
        host: &mut Host<'_>,
        query: u32,
        snapshot: QuerySnapshot,
        reason: Reason,
        by_timer: bool,
    ) {
        let pending = snapshot.phase == QueryPhase::Pending;
        // What a timer does is because of the transmission that stayed without answer.
        let cause = self.entries.get(&query).copied().filter(|_| by_timer);
        // Two programs of a host have a resolver each.
        let number = host.program().0 << 16 | query & 0xffff;
        let entity = Entity::DnsQuery(host.node(), number);
        let entry = host.record(entity, Change::DnsQuery(Box::new(snapshot)), Some(reason.into()), cause);
        if let Some(entry) = entry {
            self.entries.insert(query, entry);
        }
        for key in [(query, true), (query, false)].into_iter().filter(|_| !pending) {
            if let Some(socket) = self.sockets.remove(&key) {
                host.close(socket);
            }
        }
    }

    fn query_of(&self, socket: SocketId) -> Option<u32> {
        self.sockets.iter().find(|(_, own)| **own == socket).map(|((query, _), _)| *query)
    }
}

/// The families that a host has addresses of.
pub(crate) fn families_of(host: &Host<'_>) -> FamiliesWanted {
    let addresses = host.addresses();
    let has = |v4: bool| addresses.iter().any(|held| held.address.is_ipv4() == v4);
    FamiliesWanted { v4: has(true), v6: has(false) }
}

fn unspecified(like: SocketAddr) -> IpAddr {
    match like {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    }
}
