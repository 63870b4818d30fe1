//! From a URI to the addresses of servers, by DNS (RFC 8489 §8, RFC 5928, RFC 5780 §5.1). It asks questions and is told answers; the
//! resolver is somebody else's.

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};

use super::{Scheme, ServerUri, Transport, UriHost};
use crate::randomness::Randomness;

/// How many SRV records, and how many addresses of a name, are looked at.
const RECORDS_MAX: usize = 16;

/// What to look up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// SRV records of this name.
    Services(String),
    /// A and AAAA records of this name.
    Addresses(String),
}

/// An SRV record (RFC 2782).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceRecord {
    /// The lowest comes first.
    pub priority: u16,
    /// Among equals: how much of the load it should get.
    pub weight: u16,
    /// The port.
    pub port: u16,
    /// The host; `.` means that the service is not offered.
    pub target: String,
}

/// What the resolver found. A name that does not exist, or a resolver that does not answer, is an empty list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// To [`Question::Services`].
    Services(Vec<ServiceRecord>),
    /// To [`Question::Addresses`].
    Addresses(Vec<IpAddr>),
}

/// A server to try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerAddress {
    /// Where.
    pub address: SocketAddr,
    /// Over what.
    pub transport: Transport,
    /// The name that its certificate must have: the one in the URI, never one from the DNS (RFC 8489 §6.2.3).
    pub name: Option<String>,
}

/// A host to look up, and what to do with its addresses.
#[derive(Clone, Debug)]
struct Host {
    name: String,
    port: u16,
    transport: Transport,
}

/// Finds the servers behind a URI.
///
/// [`question`](ServerDiscovery::question) says what to look up, [`handle_answer`](ServerDiscovery::handle_answer) takes what was found;
/// as soon as there is no question any more, [`servers`](ServerDiscovery::servers) are all there are, the best first.
#[derive(Debug)]
pub struct ServerDiscovery {
    uri: ServerUri,
    /// SRV names that are still to be asked for.
    services: VecDeque<(String, Transport)>,
    hosts: VecDeque<Host>,
    /// What to do if no SRV record was found.
    fallback: Vec<Host>,
    servers: Vec<ServerAddress>,
    randomness: Box<dyn Randomness>,
}

impl ServerDiscovery {
    /// A search for servers over what is `spoken` here, in the order of preference.
    pub fn new(uri: ServerUri, spoken: &[Transport], randomness: Box<dyn Randomness>) -> ServerDiscovery {
        ServerDiscovery::for_service(uri, spoken, None, randomness)
    }

    /// A search for servers of NAT behavior discovery: `_stun-behavior` (RFC 5780 §5.1).
    pub fn of_behavior(
        uri: ServerUri,
        spoken: &[Transport],
        randomness: Box<dyn Randomness>,
    ) -> ServerDiscovery {
        let word = if uri.scheme.is_secure() { "stun-behaviors" } else { "stun-behavior" };
        ServerDiscovery::for_service(uri, spoken, Some(word), randomness)
    }

    fn for_service(
        uri: ServerUri,
        spoken: &[Transport],
        word: Option<&str>,
        randomness: Box<dyn Randomness>,
    ) -> ServerDiscovery {
        let fits = |transport: &Transport| {
            transport.is_encrypted() == uri.scheme.is_secure()
                && uri.transport.is_none_or(|wanted| wanted == *transport)
        };
        let transports: Vec<Transport> = spoken.iter().copied().filter(fits).collect();
        let port = uri.port.unwrap_or(uri.scheme.default_port());
        let (mut services, mut servers, mut hosts) = (VecDeque::new(), Vec::new(), VecDeque::new());
        let mut fallback = Vec::new();
        for transport in transports {
            match &uri.host {
                // RFC 5928 §3 step 1: an address needs no DNS.
                UriHost::Address(ip) => {
                    let address = SocketAddr::new(*ip, port);
                    servers.push(ServerAddress { address, transport, name: None });
                }
                UriHost::Name(name) => {
                    let host = Host { name: name.clone(), port, transport };
                    // RFC 8489 §8.1, RFC 5928 §3 step 2: who names the port wants no SRV records.
                    if uri.port.is_some() {
                        hosts.push_back(host);
                    } else {
                        services.push_back((service_name(&uri, word, transport), transport));
                        fallback.push(host);
                    }
                }
            }
        }
        ServerDiscovery { uri, services, hosts, fallback, servers, randomness }
    }

    /// What to look up next; `None` at the end.
    pub fn question(&self) -> Option<Question> {
        if let Some((name, _)) = self.services.front() {
            return Some(Question::Services(name.clone()));
        }
        self.hosts.front().map(|host| Question::Addresses(host.name.clone()))
    }

    /// Takes the answer to the question; one that does not belong to it counts as empty.
    pub fn handle_answer(&mut self, answer: Answer) {
        if let Some((_, transport)) = self.services.pop_front() {
            let records = match answer {
                Answer::Services(records) => records,
                Answer::Addresses(_) => Vec::new(),
            };
            for record in self.in_order(records) {
                self.hosts.push_back(Host { name: record.target, port: record.port, transport });
            }
            // RFC 8489 §8.1, RFC 5928 §3: without SRV records, the name itself at the default port.
            if self.services.is_empty() && self.hosts.is_empty() {
                self.hosts.extend(std::mem::take(&mut self.fallback));
            }
            return;
        }
        let Some(host) = self.hosts.pop_front() else { return };
        let found = match answer {
            Answer::Addresses(found) => found,
            Answer::Services(_) => Vec::new(),
        };
        let name = match &self.uri.host {
            UriHost::Name(name) => Some(name.clone()),
            UriHost::Address(_) => None,
        };
        let transport = host.transport;
        for ip in found.into_iter().take(RECORDS_MAX) {
            let address = SocketAddr::new(ip, host.port);
            self.servers.push(ServerAddress { address, transport, name: name.clone() });
        }
    }

    /// The servers found so far, the best first.
    pub fn servers(&self) -> &[ServerAddress] {
        &self.servers
    }

    /// RFC 2782: by priority; among equals, drawn with their weights.
    fn in_order(&mut self, mut records: Vec<ServiceRecord>) -> Vec<ServiceRecord> {
        records.retain(|record| record.target != "." && !record.target.is_empty() && record.port != 0);
        records.truncate(RECORDS_MAX);
        // Those without weight come first, so that they have a small chance (RFC 2782, "Weight").
        records.sort_by_key(|record| (record.priority, record.weight));
        let mut ordered = Vec::with_capacity(records.len());
        while let Some(first) = records.first() {
            let equals = records.iter().take_while(|record| record.priority == first.priority);
            let total: u32 = equals.map(|record| u32::from(record.weight)).sum();
            let mut left = self.randomness.below(total + 1);
            let drawn = records.iter().position(|record| {
                let weight = u32::from(record.weight);
                let hit = left <= weight;
                left = left.saturating_sub(weight);
                hit
            });
            ordered.push(records.remove(drawn.unwrap_or(0)));
        }
        ordered
    }
}

/// `_turns._tcp.example.org`
fn service_name(uri: &ServerUri, word: Option<&str>, transport: Transport) -> String {
    let word = word.unwrap_or(uri.scheme.word());
    let below = if transport.is_stream() { "tcp" } else { "udp" };
    format!("_{word}._{below}.{}", uri.host)
}

impl Scheme {
    /// What to try over, in the usual order: datagrams before streams.
    pub const fn usual_transports(self) -> &'static [Transport] {
        if self.is_secure() { &[Transport::Dtls, Transport::Tls] } else { &[Transport::Udp, Transport::Tcp] }
    }
}
