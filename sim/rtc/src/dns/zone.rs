//! What a name server knows: records by name, and how a question is looked up in them (RFC 1034 §4.3.2). Not here: messages.

use std::collections::BTreeMap;

use super::{Code, DomainName, Question, Record, RecordData, RecordKind};

/// How many aliases are followed before the chain counts as a circle.
const ALIASES_MAX: usize = 8;

/// Names and their records. It stands for all of DNS: a name that is not in it does not exist.
#[derive(Clone, Debug, Default)]
pub struct Zone {
    names: BTreeMap<DomainName, Entry>,
    /// How long it may be remembered that something is not there, in seconds.
    negative_ttl_s: u32,
}

/// What is known of a name.
#[derive(Clone, Debug)]
enum Entry {
    /// Its records; none for a name that only has names below it.
    Records(Vec<Record>),
    /// Questions about it fail.
    Fails,
}

/// What came of looking up a question.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Looked {
    pub(super) code: Code,
    pub(super) answers: Vec<Record>,
    pub(super) authorities: Vec<Record>,
    pub(super) additionals: Vec<Record>,
}

impl Zone {
    /// A zone without names.
    pub fn new(negative_ttl_s: u32) -> Zone {
        Zone { names: BTreeMap::new(), negative_ttl_s }
    }

    /// Adds a record. The names above exist from then on, without records (RFC 8020 §2).
    pub fn add(&mut self, record: Record) {
        let mut above = record.name.parent();
        while let Some(name) = above {
            above = name.parent();
            self.names.entry(name).or_insert_with(|| Entry::Records(Vec::new()));
        }
        let entry = self.names.entry(record.name.clone()).or_insert_with(|| Entry::Records(Vec::new()));
        if let Entry::Records(records) = entry
            && !records.contains(&record)
        {
            records.push(record);
        }
    }

    /// Lets every question about a name fail with SERVFAIL.
    pub fn fail(&mut self, name: DomainName) {
        self.names.insert(name, Entry::Fails);
    }

    /// Every record, by name.
    pub fn records(&self) -> impl Iterator<Item = &Record> {
        self.names.values().flat_map(|entry| match entry {
            Entry::Records(records) => records.as_slice(),
            Entry::Fails => &[],
        })
    }

    /// RFC 1034 §4.3.2, for a server that has everything: follows aliases, and says what is not there.
    pub(super) fn look_up(&self, question: &Question) -> Looked {
        let mut looked = Looked::default();
        let mut name = question.name.clone();
        for _ in 0..=ALIASES_MAX {
            let records = match self.names.get(&name) {
                Some(Entry::Records(records)) => records,
                Some(Entry::Fails) => return Looked { code: Code::ServerFailure, ..Looked::default() },
                None => {
                    looked.code = Code::NoSuchName;
                    looked.authorities.push(self.start_of_authority(&name));
                    return looked;
                }
            };
            let found = records.iter().filter(|record| record.data.kind() == question.kind);
            let before = looked.answers.len();
            looked.answers.extend(found.cloned());
            if looked.answers.len() > before {
                self.add_targets(&mut looked);
                return looked;
            }
            let alias = records.iter().find_map(|record| match &record.data {
                RecordData::Cname(target) => Some((record.clone(), target.clone())),
                _ => None,
            });
            let Some((record, target)) = alias else {
                looked.authorities.push(self.start_of_authority(&name));
                return looked;
            };
            looked.answers.push(record);
            name = target;
        }
        Looked { code: Code::ServerFailure, ..Looked::default() }
    }

    /// RFC 2782: addresses of the hosts that run the service come along where there is room.
    fn add_targets(&self, looked: &mut Looked) {
        let targets = looked.answers.iter().filter_map(|record| match &record.data {
            RecordData::Srv { target, .. } => self.names.get(target),
            _ => None,
        });
        let records = targets.flat_map(|entry| match entry {
            Entry::Records(records) => records.as_slice(),
            Entry::Fails => &[],
        });
        let addresses = records.filter(|record| record.data.address().is_some()).cloned();
        let addresses: Vec<Record> = addresses.collect();
        for address in addresses {
            if !looked.additionals.contains(&address) {
                looked.additionals.push(address);
            }
        }
    }

    /// RFC 2308 §3: an answer that there is nothing says in a SOA record for how long that may be believed.
    fn start_of_authority(&self, name: &DomainName) -> Record {
        let mut zone = name.clone();
        while let Some(parent) = zone.parent() {
            zone = parent;
        }
        let server = zone.below("ns").unwrap_or_else(|| zone.clone());
        let data = RecordData::Soa { server, minimum_s: self.negative_ttl_s };
        Record::new(zone, self.negative_ttl_s, data)
    }

    /// Whether a name has records of a kind of its own.
    pub(super) fn has(&self, name: &DomainName, kind: RecordKind) -> bool {
        matches!(self.names.get(name), Some(Entry::Records(records)) if records.iter().any(|record| record.data.kind() == kind))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> DomainName {
        text.parse().unwrap()
    }

    fn zone() -> Zone {
        let mut zone = Zone::new(60);
        let address: std::net::IpAddr = "192.0.2.1".parse().unwrap();
        zone.add(Record::new(name("host.example.test"), 300, address));
        zone.add(Record::new(name("www.example.test"), 300, RecordData::Cname(name("host.example.test"))));
        zone.add(Record::new(name("a.test"), 300, RecordData::Cname(name("b.test"))));
        zone.add(Record::new(name("b.test"), 300, RecordData::Cname(name("a.test"))));
        let target = name("host.example.test");
        let srv = RecordData::Srv { priority: 0, weight: 0, port: 3478, target };
        zone.add(Record::new(name("_stun._udp.example.test"), 300, srv));
        zone
    }

    fn look_up(text: &str, kind: RecordKind) -> Looked {
        zone().look_up(&Question::new(name(text), kind))
    }

    #[test]
    fn an_alias_is_answered_with_what_it_stands_for() {
        let looked = look_up("www.example.test", RecordKind::A);
        let kinds: Vec<RecordKind> = looked.answers.iter().map(|record| record.data.kind()).collect();
        assert_eq!((looked.code, kinds), (Code::NoError, vec![RecordKind::Cname, RecordKind::A]));
    }

    #[test]
    fn a_circle_of_aliases_is_a_failure() {
        assert_eq!(look_up("a.test", RecordKind::A).code, Code::ServerFailure);
    }

    #[test]
    fn a_name_that_has_names_below_it_exists() {
        let above = look_up("example.test", RecordKind::A);
        assert_eq!((above.code, above.answers.len(), above.authorities.len()), (Code::NoError, 0, 1));
        assert_eq!(look_up("nobody.test", RecordKind::A).code, Code::NoSuchName);
    }

    #[test]
    fn addresses_of_a_service_come_along() {
        let looked = look_up("_stun._udp.example.test", RecordKind::Srv);
        assert_eq!(looked.additionals.len(), 1);
        assert_eq!(looked.additionals[0].name, name("host.example.test"));
    }
}
