//! A program that looks a name up and tells what came of it.

use std::time::Duration;

use rtclab_net::{Datagram, Host, Program, Unreachable};
use rtclab_rtc::dns::{DomainName, Failure, Found, LookupId, RecordData, RecordKind, ResolverConfig, Want};
use rtclab_trace::SimTime;

use super::names::{Finished, Names, families_of};
use super::tell;

/// Timer tokens.
const NEXT: u64 = 0;
const RESOLVER: u64 = 1;

/// What is looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LookUp {
    /// Addresses of the host's families.
    Addresses,
    /// Records of a kind.
    Records(RecordKind),
}

/// What the program is told at its start.
#[derive(Clone, Debug)]
pub struct DnsLookupConfig {
    /// How it asks.
    pub resolver: ResolverConfig,
    /// The name.
    pub name: DomainName,
    /// What is wanted of it.
    pub look_up: LookUp,
    /// When it begins.
    pub start_at: SimTime,
    /// From one lookup to the next.
    pub interval: Duration,
    /// How many.
    pub count: u32,
}

/// Looks a name up, once or again and again.
#[derive(Debug)]
pub struct DnsLookup {
    config: DnsLookupConfig,
    names: Names,
    begun: u32,
    /// The lookups under way and when each began.
    open: Vec<(LookupId, SimTime)>,
    first_answer_at: Option<SimTime>,
    last: Option<Result<Vec<String>, Failure>>,
}

impl DnsLookup {
    /// A program that begins at the time that its configuration says.
    pub fn new(config: DnsLookupConfig) -> DnsLookup {
        let names = Names::new(config.resolver.clone(), RESOLVER);
        DnsLookup { config, names, begun: 0, open: Vec::new(), first_answer_at: None, last: None }
    }

    /// How many questions it has sent, repetitions included.
    pub fn asked(&self) -> u64 {
        self.names.asked()
    }

    /// When a lookup was answered for the first time.
    pub fn first_answer_at(&self) -> Option<SimTime> {
        self.first_answer_at
    }

    /// What came of the last lookup that ended.
    pub fn last(&self) -> Option<&Result<Vec<String>, Failure>> {
        self.last.as_ref()
    }

    fn begin(&mut self, host: &mut Host<'_>) {
        let want = match self.config.look_up {
            LookUp::Addresses => Want::Addresses(families_of(host)),
            LookUp::Records(kind) => Want::Records(kind),
        };
        self.begun += 1;
        let lookup = self.names.look_up(host, &self.config.name, want);
        self.open.push((lookup, host.now()));
        if self.begun < self.config.count {
            host.set_timer(self.config.start_at + self.config.interval.saturating_mul(self.begun), NEXT);
        }
        let finished = self.names.settle(host, false);
        self.take(host, finished);
    }

    fn take(&mut self, host: &mut Host<'_>, finished: Vec<Finished>) {
        for Finished { lookup, result, cause } in finished {
            let Some(place) = self.open.iter().position(|(open, _)| *open == lookup) else { continue };
            let (_, began) = self.open.remove(place);
            let result = result.map(|found| self.answers(&found));
            let said = match &result {
                Ok(answers) => answers.join(", "),
                Err(failure) => failure.to_string(),
            };
            if result.is_ok() && self.first_answer_at.is_none() {
                self.first_answer_at = Some(host.now());
            }
            let took_ms = host.now().since(began).as_secs_f64() * 1e3;
            let status = format!("{}: {said}, after {took_ms} ms", self.config.name);
            let entity = rtclab_trace::Entity::Program(host.node(), host.program().0);
            let state = rtclab_trace::ProgramState { name: "DNS lookup".to_owned(), status };
            host.record(entity, rtclab_trace::Change::Program(Box::new(state)), None, cause);
            self.last = Some(result);
        }
    }

    /// What was asked for, without the aliases that led to it.
    fn answers(&self, found: &Found) -> Vec<String> {
        if self.config.look_up == LookUp::Addresses {
            return found.endpoints.iter().map(|endpoint| endpoint.ip().to_string()).collect();
        }
        let is_alias = |data: &RecordData| matches!(data, RecordData::Cname(_));
        let wants_alias = self.config.look_up == LookUp::Records(RecordKind::Cname);
        let records = found.records.iter().filter(|record| wants_alias || !is_alias(&record.data));
        records.map(|record| record.data.to_string()).collect()
    }
}

impl Program for DnsLookup {
    fn start(&mut self, host: &mut Host<'_>) {
        tell(host, "DNS lookup", format!("{}: not asked yet", self.config.name), None);
        host.set_timer(self.config.start_at.max(host.now()), NEXT);
    }

    fn timer(&mut self, host: &mut Host<'_>, token: u64) {
        if token == NEXT {
            return self.begin(host);
        }
        let finished = self.names.timer(host);
        self.take(host, finished);
    }

    fn datagram(&mut self, host: &mut Host<'_>, datagram: &Datagram<'_>) {
        let finished = self.names.datagram(host, datagram);
        self.take(host, finished);
    }

    fn unreachable(&mut self, host: &mut Host<'_>, report: &Unreachable) {
        let finished = self.names.unreachable(host, report);
        self.take(host, finished);
    }
}
