//! Scenario documents: what a file may say, read from TOML with every mistake found before anything runs.
//!
//! The types of the keys live in the submodules, one concept each. A document goes through three steps, and problems of all of them are
//! collected: `source` reads the text to values that know where they stand, and `overrides` are laid over them; `shape` compares
//! keys, words and ranges with the schema that the types themselves give; `meaning` looks for names that stand for nothing and for
//! things that cannot be. Not here: what a document turns into (`build`).
//!
//! Keys are `snake_case` and carry their unit last; names of programs and all words that stand for a choice are
//! `kebab-case`.

mod action;
mod expect;
mod link;
mod link_tables;
mod meaning;
mod names;
mod nat;
mod near;
mod network;
mod node;
mod overrides;
mod probes;
mod problem;
mod program;
mod refs;
mod report;
mod session;
mod shape;
mod signaling;
mod source;
mod tcp;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use action::{Action, ChangeLink, MoveNode, RestartNat};
pub use expect::{CandidateTypes, CandidateWord, Expect, FailureWord, PathWord, StateWord, TransportWord};
pub use link::{
    BothWays, BurstLoss, CodelParameters, CodelSpec, LatencySpec, LatencySpread, LinkSettings, LossSpec,
    Millis, PacketNumber, Percent, TimedChange, WaySettings,
};
pub(crate) use link_tables::{LinkOwner, LinkTable};
pub use names::{
    Dns64Spec, DnsLookup, DnsServer, LookupKind, Mdns, ResolverSettings, SrvRecord, ZoneEntry, ZoneRecords,
};
pub use nat::{
    AfterResetWord, Filtering, FragmentsWord, HairpinSource, HairpinSpec, Mapping, NatAxes, NatSpec, Pooling,
    PortMappingWord, Ports, UnsolicitedSynWord, UnsolicitedWord,
};
pub use network::{IpFamily, Link, Network};
pub use node::{
    FirewallAxes, FirewallRule, FirewallSpec, Interface, Node, NodeRole, PortRange, Route, RuleAction,
    RuleDirection, RuleInspection, RuleProtocol, RuleState,
};
pub use probes::{Ping, Traceroute};
pub use problem::{Problem, Problems};
pub use program::{
    CandidatePolicy, FragmentationWord, INSTANT, NatProbe, Peer, Run, Sends, StunServer, TcpUse, TcpUseWord,
    Trickle, TrickleWord, TurnCredentials, TurnServer, TurnTransport, TurnUse, UdpEcho, UdpSink, UdpSource,
    VideoSink, VideoSource,
};
pub use refs::{LinkRef, LinkRefError};
pub use session::{DtlsStateWord, DtlsVersionWord, MediaWord, NegotiationWord, ProfileWord, SessionSpec};
pub use shape::schema;
pub use signaling::{
    CarrierWord, FaultWord, MessageWord, SignalingBy, SignalingFault, SignalingServer, SignalingUse, SipProxy,
};
pub use tcp::{HttpProxy, StreamWord, TcpAlgorithm, TcpEcho, TcpSink, TcpSource};

use report::Report;
use source::{Data, Place, Sources, Value};

/// A scenario: topology, what each node runs, what happens to it over time, and what is expected to come of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What the scenario is about, in a line.
    #[serde(default)]
    pub title: String,
    /// The seed of all randomness in the run: the same scenario and seed give the same trace. Default 1.
    #[serde(default = "one")]
    #[schemars(range(max = 9_223_372_036_854_775_807_u64))]
    pub seed: u64,
    /// When the run ends, in milliseconds of simulated time. Default: 10 seconds after the last action or change of a link, or a second after
    /// the last time that an expectation looks at, whichever is later, and at least 10 seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 86_400_000))]
    pub until_ms: Option<f64>,
    /// Networks by name. A network that is the inside of a NAT or firewall needs no table of its own.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub network: IndexMap<String, Network>,
    /// Nodes by name: hosts, routers, NATs and firewalls.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub node: IndexMap<String, Node>,
    /// Point-to-point links.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub link: Vec<Link>,
    /// What happens at a given time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub action: Vec<Action>,
    /// What is expected of the run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expect: Vec<Expect>,
}

fn one() -> u64 {
    1
}

impl Scenario {
    /// Reads a scenario. `file_name` is for messages only; each override reads `node.nat-a.nat=symmetric`.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the document or an override, so that a run never stops half-way.
    pub fn parse(file_name: &str, text: &str, overrides: &[String]) -> Result<Scenario, Problems> {
        let mut sources = Sources::new(file_name, text);
        let (table, mut problems) = sources.read_document(0);
        let mut root = Value { place: Place { source: 0, start: 0, end: 0 }, data: Data::Table(table) };
        let is_readable = problems.is_empty();
        if is_readable {
            for line in overrides {
                problems.extend(overrides::apply(line, &mut root, &mut sources));
            }
        }
        let mut report = Report::new(&sources, problems);
        if !is_readable {
            return Err(report.into_problems());
        }
        shape::check(&mut root, &mut report);
        let scenario = match root.to_toml().try_into::<Scenario>() {
            Ok(scenario) => scenario,
            Err(error) => {
                // What is left after `shape` has the right shape, unless the schema and the types disagree.
                if report.is_empty() {
                    let message = error.message().to_string();
                    report.add(root.place, |problem| Problem { message, ..problem });
                }
                return Err(report.into_problems());
            }
        };
        meaning::check(&scenario, &root, &mut report);
        if report.is_empty() { Ok(scenario) } else { Err(report.into_problems()) }
    }

    /// When the run ends, in milliseconds: `until_ms`, or the default that its documentation gives.
    pub fn end_ms(&self) -> f64 {
        if let Some(until_ms) = self.until_ms {
            return until_ms;
        }
        let tables = self.link_tables();
        let changes = tables.iter().flat_map(|table| &table.settings.changes).map(|change| change.at_ms);
        let actions =
            self.action.iter().map(|action| action.at_ms).chain(changes).map(|at_ms| at_ms + 10_000.0);
        let expectations = self.expect.iter().map(|expect| expect.last_ms() + 1_000.0);
        actions.chain(expectations).fold(10_000.0, f64::max)
    }
}

/// One of something, or a list of them: `"a"` or `["a", "b"]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum OneOrMany<T> {
    /// Just one.
    One(T),
    /// Several, in order.
    Many(Vec<T>),
}

impl<T> OneOrMany<T> {
    /// All of them, in order.
    pub fn as_slice(&self) -> &[T] {
        match self {
            OneOrMany::One(one) => std::slice::from_ref(one),
            OneOrMany::Many(many) => many,
        }
    }
}
