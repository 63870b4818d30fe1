//! Records: what a name stands for. Not here: messages that carry them.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use hickory_proto::rr::rdata::{A, AAAA, CNAME, NAPTR, PTR, SOA, SRV};
use hickory_proto::rr::{self, RData, RecordType};

use super::DomainName;

/// A kind of record (RFC 1035 §3.2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecordKind {
    /// An IPv4 address (RFC 1035 §3.4.1).
    A,
    /// An IPv6 address (RFC 3596 §2.1).
    Aaaa,
    /// Another name for it (RFC 1035 §3.3.1).
    Cname,
    /// A name that it points to (RFC 1035 §3.3.12).
    Ptr,
    /// Host and port of a service (RFC 2782).
    Srv,
    /// A rule by which a domain points to its services (RFC 3403 §4).
    Naptr,
    /// The start of a zone (RFC 1035 §3.3.13).
    Soa,
    /// Any other, by its number.
    Other(u16),
}

impl RecordKind {
    pub(super) fn from_wire(kind: RecordType) -> RecordKind {
        match kind {
            RecordType::A => RecordKind::A,
            RecordType::AAAA => RecordKind::Aaaa,
            RecordType::CNAME => RecordKind::Cname,
            RecordType::PTR => RecordKind::Ptr,
            RecordType::SRV => RecordKind::Srv,
            RecordType::NAPTR => RecordKind::Naptr,
            RecordType::SOA => RecordKind::Soa,
            other => RecordKind::Other(other.into()),
        }
    }

    pub(super) fn to_wire(self) -> RecordType {
        match self {
            RecordKind::A => RecordType::A,
            RecordKind::Aaaa => RecordType::AAAA,
            RecordKind::Cname => RecordType::CNAME,
            RecordKind::Ptr => RecordType::PTR,
            RecordKind::Srv => RecordType::SRV,
            RecordKind::Naptr => RecordType::NAPTR,
            RecordKind::Soa => RecordType::SOA,
            RecordKind::Other(number) => RecordType::from(number),
        }
    }
}

/// As zone files spell it; `TYPE65` for what has no name here (RFC 3597 §5).
impl fmt::Display for RecordKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RecordKind::A => f.write_str("A"),
            RecordKind::Aaaa => f.write_str("AAAA"),
            RecordKind::Cname => f.write_str("CNAME"),
            RecordKind::Ptr => f.write_str("PTR"),
            RecordKind::Srv => f.write_str("SRV"),
            RecordKind::Naptr => f.write_str("NAPTR"),
            RecordKind::Soa => f.write_str("SOA"),
            RecordKind::Other(number) => write!(f, "TYPE{number}"),
        }
    }
}

/// What a record says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecordData {
    /// An IPv4 address.
    A(Ipv4Addr),
    /// An IPv6 address.
    Aaaa(Ipv6Addr),
    /// Another name.
    Cname(DomainName),
    /// A name that is pointed to.
    Ptr(DomainName),
    /// Where a service is (RFC 2782).
    Srv {
        /// The lowest is tried first.
        priority: u16,
        /// How often it is chosen among those of its priority.
        weight: u16,
        /// The service's port.
        port: u16,
        /// The host; the root says that there is no such service.
        target: DomainName,
    },
    /// A rule by which a domain points to its services. Regular expressions are left out: S-NAPTR has none (RFC 3958 §2.2.3).
    Naptr {
        /// The lowest comes first.
        order: u16,
        /// Among equals, the lowest comes first.
        preference: u16,
        /// What the replacement is: `S`, `A` or empty.
        flags: String,
        /// Service and protocols.
        services: String,
        /// The name to go on with.
        replacement: DomainName,
    },
    /// The start of a zone, as far as a cache wants to know it.
    Soa {
        /// The zone's first server.
        server: DomainName,
        /// How long it may be remembered that something is not there, in seconds (RFC 2308 §4).
        minimum_s: u32,
    },
    /// Something else, which is not kept.
    Other(RecordKind),
}

impl RecordData {
    /// An address.
    pub fn address(&self) -> Option<IpAddr> {
        match self {
            RecordData::A(v4) => Some((*v4).into()),
            RecordData::Aaaa(v6) => Some((*v6).into()),
            _ => None,
        }
    }

    /// Its kind.
    pub fn kind(&self) -> RecordKind {
        match self {
            RecordData::A(_) => RecordKind::A,
            RecordData::Aaaa(_) => RecordKind::Aaaa,
            RecordData::Cname(_) => RecordKind::Cname,
            RecordData::Ptr(_) => RecordKind::Ptr,
            RecordData::Srv { .. } => RecordKind::Srv,
            RecordData::Naptr { .. } => RecordKind::Naptr,
            RecordData::Soa { .. } => RecordKind::Soa,
            RecordData::Other(kind) => *kind,
        }
    }
}

impl From<IpAddr> for RecordData {
    fn from(address: IpAddr) -> RecordData {
        match address {
            IpAddr::V4(v4) => RecordData::A(v4),
            IpAddr::V6(v6) => RecordData::Aaaa(v6),
        }
    }
}

impl fmt::Display for RecordData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RecordData::A(v4) => v4.fmt(f),
            RecordData::Aaaa(v6) => v6.fmt(f),
            RecordData::Cname(name) | RecordData::Ptr(name) => name.fmt(f),
            RecordData::Srv { port, target, .. } => write!(f, "{target}:{port}"),
            RecordData::Naptr { services, replacement, .. } => write!(f, "{services} at {replacement}"),
            RecordData::Soa { server, .. } => server.fmt(f),
            RecordData::Other(kind) => write!(f, "({kind})"),
        }
    }
}

/// A record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Record {
    /// Whose.
    pub name: DomainName,
    /// How long it may be remembered, in seconds.
    pub ttl_s: u32,
    /// What it says.
    pub data: RecordData,
    /// In multicast DNS: it takes the place of everything known of this name and kind (RFC 6762 §10.2).
    pub flush: bool,
}

impl Record {
    /// A record of ordinary DNS.
    pub fn new(name: DomainName, ttl_s: u32, data: impl Into<RecordData>) -> Record {
        Record { name, ttl_s, data: data.into(), flush: false }
    }

    pub(super) fn from_wire(record: &rr::Record) -> Record {
        let data = match &record.data {
            RData::A(A(v4)) => RecordData::A(*v4),
            RData::AAAA(AAAA(v6)) => RecordData::Aaaa(*v6),
            RData::CNAME(CNAME(name)) => RecordData::Cname(DomainName::from_wire(name)),
            RData::PTR(PTR(name)) => RecordData::Ptr(DomainName::from_wire(name)),
            RData::SRV(srv) => RecordData::Srv {
                priority: srv.priority,
                weight: srv.weight,
                port: srv.port,
                target: DomainName::from_wire(&srv.target),
            },
            RData::NAPTR(naptr) => {
                let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
                RecordData::Naptr {
                    order: naptr.order,
                    preference: naptr.preference,
                    flags: text(&naptr.flags),
                    services: text(&naptr.services),
                    replacement: DomainName::from_wire(&naptr.replacement),
                }
            }
            RData::SOA(soa) => {
                RecordData::Soa { server: DomainName::from_wire(&soa.mname), minimum_s: soa.minimum }
            }
            _ => RecordData::Other(RecordKind::from_wire(record.record_type())),
        };
        let name = DomainName::from_wire(&record.name);
        Record { name, ttl_s: record.ttl, data, flush: record.mdns_cache_flush }
    }

    /// For a message; nothing for what is not kept.
    pub(super) fn to_wire(&self) -> Option<rr::Record> {
        let data = match &self.data {
            RecordData::A(v4) => RData::A(A(*v4)),
            RecordData::Aaaa(v6) => RData::AAAA(AAAA(*v6)),
            RecordData::Cname(name) => RData::CNAME(CNAME(name.to_wire())),
            RecordData::Ptr(name) => RData::PTR(PTR(name.to_wire())),
            RecordData::Srv { priority, weight, port, target } => {
                RData::SRV(SRV::new(*priority, *weight, *port, target.to_wire()))
            }
            RecordData::Naptr { order, preference, flags, services, replacement } => {
                let [flags, services] = [flags, services].map(|text| text.as_bytes().into());
                let none = Box::default();
                RData::NAPTR(NAPTR::new(*order, *preference, flags, services, none, replacement.to_wire()))
            }
            RecordData::Soa { server, minimum_s } => {
                // Who is responsible, and the times of secondary servers, mean nothing in a laboratory.
                let minimum = *minimum_s;
                let responsible = DomainName::from_wire(&rr::Name::root());
                RData::SOA(SOA::new(
                    server.to_wire(),
                    responsible.to_wire(),
                    1,
                    7_200,
                    900,
                    1_209_600,
                    minimum,
                ))
            }
            RecordData::Other(_) => return None,
        };
        let mut record = rr::Record::from_rdata(self.name.to_wire(), self.ttl_s, data);
        record.mdns_cache_flush = self.flush;
        Some(record)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_naming_rule_survives_the_wire() {
        let data = RecordData::Naptr {
            order: 10,
            preference: 20,
            flags: "S".to_owned(),
            services: "RELAY:turn.udp".to_owned(),
            replacement: "_turn._udp.example.test".parse().unwrap(),
        };
        let record = Record::new("example.test".parse().unwrap(), 60, data);
        assert_eq!(Record::from_wire(&record.to_wire().unwrap()), record);
    }
}
