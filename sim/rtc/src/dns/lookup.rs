//! What a program wants of a name, and the questions that it takes: addresses of both families, or the hosts of a service and then
//! their addresses (RFC 2782, RFC 8489 §8). Not here: how a question is asked.

use std::cmp::Reverse;
use std::net::SocketAddr;

use super::cache::Answer;
use super::resolver::{Failure, Found, Resolver, ResolverOutput};
use super::{DomainName, Question, Record, RecordData, RecordKind};
use crate::time::Time;

/// Hosts of a service that are looked up.
const TARGETS_MAX: usize = 8;

/// A lookup, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LookupId(pub u32);

/// What is wanted of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Want {
    /// Records of a kind.
    Records(RecordKind),
    /// Its addresses, of the families that are of use.
    Addresses(FamiliesWanted),
    /// Where a service is: by its SRV records, else at the name's own addresses and a usual port.
    Service {
        /// Service and transport: `_stun._udp`.
        label: &'static str,
        /// The usual port.
        port: u16,
        /// Which families are of use.
        families: FamiliesWanted,
    },
}

/// The address families that are of use to who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FamiliesWanted {
    /// IPv4.
    pub v4: bool,
    /// IPv6.
    pub v6: bool,
}

/// What the answer to a question is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// It is what was wanted.
    Records,
    /// The hosts of the service.
    Service,
    /// Addresses of a host; hosts of a lower rank go first.
    Addresses { rank: usize, port: u16 },
}

/// A lookup under way.
#[derive(Debug)]
pub(super) struct Lookup {
    id: LookupId,
    name: DomainName,
    want: Want,
    pending: Vec<(u32, Role)>,
    records: Vec<Record>,
    endpoints: Vec<(usize, SocketAddr)>,
    failure: Option<Failure>,
}

impl Resolver {
    pub(super) fn begin(&mut self, id: LookupId, name: &DomainName, want: Want, now: Time) {
        let (pending, records, endpoints) = (Vec::new(), Vec::new(), Vec::new());
        let lookup =
            Lookup { id, name: name.clone(), want: want.clone(), pending, records, endpoints, failure: None };
        self.lookups.push(lookup);
        match want {
            Want::Records(kind) => self.ask(Question::new(name.clone(), kind), id, Role::Records, now),
            Want::Addresses(families) => {
                self.ask_addresses(id, name, families, Role::Addresses { rank: 0, port: 0 }, now);
            }
            Want::Service { label, port, families } => match name.below(label) {
                Some(service) => {
                    self.ask(Question::new(service, RecordKind::Srv), id, Role::Service, now);
                }
                None => self.ask_addresses(id, name, families, Role::Addresses { rank: 0, port }, now),
            },
        }
    }

    /// RFC 8305 §3: both families are asked for at once, IPv6 first.
    fn ask_addresses(
        &mut self,
        id: LookupId,
        name: &DomainName,
        families: FamiliesWanted,
        role: Role,
        now: Time,
    ) {
        // Answers that are known come back at once: none of them may end the lookup before all are asked.
        let kinds = [(families.v6, RecordKind::Aaaa), (families.v4 || !families.v6, RecordKind::A)];
        let kinds: Vec<RecordKind> =
            kinds.into_iter().filter_map(|(wanted, kind)| wanted.then_some(kind)).collect();
        self.hold(id);
        for kind in kinds {
            self.ask(Question::new(name.clone(), kind), id, role, now);
        }
        self.release(id);
    }

    /// Notes that a lookup waits for a query.
    pub(super) fn wait(&mut self, id: LookupId, query: u32, role: Role) {
        if let Some(lookup) = self.lookups.iter_mut().find(|lookup| lookup.id == id) {
            lookup.pending.push((query, role));
        }
    }

    /// Keeps a lookup from ending.
    fn hold(&mut self, id: LookupId) {
        self.wait(id, u32::MAX, Role::Records);
    }

    fn release(&mut self, id: LookupId) {
        let held = |entry: &(u32, Role)| entry.0 == u32::MAX;
        let Some(lookup) = self.lookups.iter_mut().find(|lookup| lookup.id == id) else { return };
        if let Some(place) = lookup.pending.iter().position(held) {
            lookup.pending.remove(place);
        }
        self.end_if_done(id, u32::MAX);
    }

    /// Gives the answer of a query to everyone who waits for it.
    pub(super) fn feed(&mut self, query: u32, answer: &Answer, now: Time) {
        let waits = |lookup: &Lookup| {
            let own = lookup.pending.iter().filter(|(pending, _)| *pending == query);
            own.map(|(_, role)| (lookup.id, *role)).collect::<Vec<_>>()
        };
        let waiting: Vec<(LookupId, Role)> = self.lookups.iter().flat_map(waits).collect();
        for (id, role) in &waiting {
            self.take_answer(*id, *role, answer, now);
        }
        for lookup in &mut self.lookups {
            lookup.pending.retain(|(pending, _)| *pending != query);
        }
        for (id, _) in waiting {
            self.end_if_done(id, query);
        }
    }

    fn take_answer(&mut self, id: LookupId, role: Role, answer: &Answer, now: Time) {
        let Some(lookup) = self.lookups.iter_mut().find(|lookup| lookup.id == id) else { return };
        let (name, want) = (lookup.name.clone(), lookup.want.clone());
        match (role, answer) {
            (Role::Records, Ok(records)) => lookup.records.extend(records.iter().cloned()),
            (Role::Addresses { rank, port }, Ok(records)) => {
                lookup.records.extend(records.iter().cloned());
                let addresses = records.iter().filter_map(|record| record.data.address());
                lookup.endpoints.extend(addresses.map(|address| (rank, SocketAddr::new(address, port))));
            }
            (Role::Service, Ok(records)) => {
                lookup.records.extend(records.iter().cloned());
                let records = records.clone();
                self.ask_targets(id, &records, now);
            }
            // RFC 8489 §8: without SRV records, the name itself and the usual port.
            (Role::Service, Err(Failure::NoSuchName | Failure::NoData)) => {
                if let Want::Service { port, families, .. } = want {
                    self.ask_addresses(id, &name, families, Role::Addresses { rank: 0, port }, now);
                }
            }
            (_, Err(failure)) => {
                // A family without addresses is no news if the other has some; a name that does not exist is.
                let told = lookup.failure.filter(|told| *told != Failure::NoData);
                lookup.failure = Some(told.unwrap_or(*failure));
            }
        }
    }

    /// Looks up the hosts of a service, in the order in which they are to be tried.
    fn ask_targets(&mut self, id: LookupId, records: &[Record], now: Time) {
        let families = match self.lookups.iter().find(|lookup| lookup.id == id).map(|lookup| &lookup.want) {
            Some(Want::Service { families, .. }) => *families,
            _ => return,
        };
        let hosts = self.in_order(records);
        self.hold(id);
        for (rank, (host, port)) in hosts.into_iter().take(TARGETS_MAX).enumerate() {
            self.ask_addresses(id, &host, families, Role::Addresses { rank, port }, now);
        }
        self.release(id);
    }

    /// RFC 2782: by priority; among equals by chance, the heavier the likelier.
    fn in_order(&mut self, records: &[Record]) -> Vec<(DomainName, u16)> {
        let mut left: Vec<(u16, u16, DomainName, u16)> = records
            .iter()
            .filter_map(|record| match &record.data {
                // A root as the target says that the service is not there.
                RecordData::Srv { priority, weight, port, target } if !target.as_str().is_empty() => {
                    Some((*priority, *weight, target.clone(), *port))
                }
                _ => None,
            })
            .collect();
        left.sort_by_key(|(priority, weight, ..)| (*priority, Reverse(*weight)));
        let mut ordered = Vec::new();
        while let Some(lowest) = left.first().map(|(priority, ..)| *priority) {
            let equals = left.iter().take_while(|(priority, ..)| *priority == lowest).count();
            let total: u32 = left[..equals].iter().map(|(_, weight, ..)| u32::from(*weight)).sum();
            let drawn = if equals > 1 && total > 0 { self.below(total) } else { 0 };
            let mut sum = 0;
            let chosen = left[..equals].iter().position(|(_, weight, ..)| {
                sum += u32::from(*weight);
                drawn < sum
            });
            let (_, _, host, port) = left.remove(chosen.unwrap_or(0));
            ordered.push((host, port));
        }
        ordered
    }

    fn end_if_done(&mut self, id: LookupId, query: u32) {
        let done = |lookup: &Lookup| lookup.id == id && lookup.pending.is_empty();
        let Some(place) = self.lookups.iter().position(done) else { return };
        let mut lookup = self.lookups.remove(place);
        lookup.endpoints.sort_by_key(|(rank, endpoint)| (*rank, endpoint.is_ipv4()));
        let endpoints: Vec<SocketAddr> = lookup.endpoints.into_iter().map(|(_, endpoint)| endpoint).collect();
        let wants_records = matches!(lookup.want, Want::Records(_));
        let found = if wants_records { !lookup.records.is_empty() } else { !endpoints.is_empty() };
        let result = match found {
            true => Ok(Found { records: lookup.records, endpoints }),
            false => Err(lookup.failure.unwrap_or(Failure::NoData)),
        };
        self.outputs.push_back(ResolverOutput::Finished { lookup: id, query, result });
    }
}
