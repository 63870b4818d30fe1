//! From a URI to the addresses of servers, by DNS (RFC 8489 §8, RFC 5928, RFC 5780 §5.1). It asks questions and is told answers; the
//! resolver is somebody else's.

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};

use super::naptr::{NamingRule, Step, steps};
use super::{Scheme, ServerUri, Transport, UriHost};
use crate::randomness::Randomness;

/// How many SRV records, and how many addresses of a name, are looked at.
const RECORDS_MAX: usize = 16;

/// How many NAPTR records may lead to one another; what goes on for longer is a loop.
const RULES_IN_A_ROW_MAX: u8 = 4;

/// What to look up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// NAPTR records of this name.
    Rules(String),
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
    /// To [`Question::Rules`].
    Rules(Vec<NamingRule>),
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

#[derive(Clone, Debug)]
enum Task {
    /// With the number of such records that led here.
    Rules(String, u8),
    Services(String, Transport),
    Addresses(Host),
}

/// Finds the servers behind a URI.
///
/// [`question`](ServerDiscovery::question) says what to look up, [`handle_answer`](ServerDiscovery::handle_answer) takes what was found;
/// as soon as there is no question any more, [`servers`](ServerDiscovery::servers) are all there are, the best first.
#[derive(Debug)]
pub struct ServerDiscovery {
    uri: ServerUri,
    /// What is still to be looked up; what follows from an answer comes before the rest.
    tasks: VecDeque<Task>,
    /// What is spoken here and wanted by the URI.
    transports: Vec<Transport>,
    /// What to do if nothing was found so far: SRV records after NAPTR records, the name itself after those.
    fallbacks: VecDeque<Vec<Task>>,
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
        let mut discovery = ServerDiscovery {
            tasks: VecDeque::new(),
            fallbacks: VecDeque::new(),
            servers: Vec::new(),
            transports: transports.clone(),
            uri,
            randomness,
        };
        let name = match &discovery.uri.host {
            // RFC 5928 §3 step 1: an address needs no DNS.
            UriHost::Address(ip) => {
                let address = SocketAddr::new(*ip, port);
                let server = |transport| ServerAddress { address, transport, name: None };
                discovery.servers = transports.into_iter().map(server).collect();
                return discovery;
            }
            UriHost::Name(name) => name.clone(),
        };
        let host =
            |transport: &Transport| Task::Addresses(Host { name: name.clone(), port, transport: *transport });
        let hosts: Vec<Task> = transports.iter().map(host).collect();
        let uri = &discovery.uri;
        let services =
            transports.iter().map(|over| Task::Services(service_name(uri, word, *over), *over)).collect();
        let relays = matches!(uri.scheme, Scheme::Turn | Scheme::Turns) && word.is_none();
        // RFC 8489 §8.1, RFC 5928 §3: who names the port wants no SRV records (step 2), who names the transport no NAPTR records
        // (step 3); what is left to the domain is asked for first, and where it says nothing, SRV records are, then the name itself.
        let mut plans = VecDeque::from([hosts]);
        if uri.port.is_none() {
            plans.push_front(services);
        }
        if uri.port.is_none() && uri.transport.is_none() && relays && !transports.is_empty() {
            plans.push_front(vec![Task::Rules(name, 0)]);
        }
        discovery.fallbacks = plans;
        discovery.go_on();
        discovery
    }

    /// Takes up the next plan where the one before has come to nothing.
    fn go_on(&mut self) {
        while self.tasks.is_empty() && self.servers.is_empty() {
            let Some(plan) = self.fallbacks.pop_front() else { return };
            self.tasks = plan.into();
        }
    }

    /// What to look up next; `None` at the end.
    pub fn question(&self) -> Option<Question> {
        self.tasks.front().map(|task| match task {
            Task::Rules(name, _) => Question::Rules(name.clone()),
            Task::Services(name, _) => Question::Services(name.clone()),
            Task::Addresses(host) => Question::Addresses(host.name.clone()),
        })
    }

    /// Takes the answer to the question; one that does not belong to it counts as empty.
    pub fn handle_answer(&mut self, answer: Answer) {
        let Some(task) = self.tasks.pop_front() else { return };
        let follows: Vec<Task> = match (task, answer) {
            (Task::Rules(_, before), Answer::Rules(rules)) => self.follow(rules, before),
            (Task::Services(_, transport), Answer::Services(records)) => {
                let host = |record: ServiceRecord| Host { name: record.target, port: record.port, transport };
                self.in_order(records).into_iter().map(|record| Task::Addresses(host(record))).collect()
            }
            (Task::Addresses(host), Answer::Addresses(found)) => {
                self.take_addresses(&host, found);
                Vec::new()
            }
            _ => Vec::new(),
        };
        // A service that has records is one that the domain has said something about, whatever its hosts come to.
        if follows.iter().any(|task| matches!(task, Task::Addresses(_))) {
            self.fallbacks.clear();
        }
        for task in follows.into_iter().rev() {
            self.tasks.push_front(task);
        }
        self.go_on();
    }

    fn follow(&self, rules: Vec<NamingRule>, before: u8) -> Vec<Task> {
        let port = self.uri.scheme.default_port();
        let steps = steps(rules, &self.transports, RECORDS_MAX).into_iter();
        let task = |step| match step {
            Step::Rules(name) => (before < RULES_IN_A_ROW_MAX).then(|| Task::Rules(name, before + 1)),
            Step::Services(name, transport) => Some(Task::Services(name, transport)),
            Step::Addresses(name, transport) => Some(Task::Addresses(Host { name, port, transport })),
        };
        steps.filter_map(task).take(RECORDS_MAX).collect()
    }

    fn take_addresses(&mut self, host: &Host, found: Vec<IpAddr>) {
        let name = match &self.uri.host {
            UriHost::Name(name) => Some(name.clone()),
            UriHost::Address(_) => None,
        };
        for ip in found.into_iter().take(RECORDS_MAX) {
            let address = SocketAddr::new(ip, host.port);
            self.servers.push(ServerAddress { address, transport: host.transport, name: name.clone() });
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
