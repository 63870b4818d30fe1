//! Who is asked for names, and what a zone comes to when nodes have their addresses. Not here: what programs ask for.

use std::net::{IpAddr, SocketAddr};

use rtclab_net::Prefix;
use rtclab_rtc::dns::{
    Dns64, DomainName, EDNS_SIZE, NameServer, Record, RecordData, RecordKind, ResolverConfig, Zone,
};
use rtclab_rtc::stun::{ServerUri, UriHost};
use rtclab_trace::NodeId;

use super::stage::Setting;
use crate::build::{BuildError, millis, sim_time};
use crate::document::{self, Dns64Spec, LookupKind, OneOrMany, ZoneEntry, ZoneRecords};
use crate::programs::{DnsLookup, DnsLookupConfig, DnsServer, LookUp, Mdns};

/// A server as a document gives it: by URI, with an address or a name.
pub(super) enum ServerByUri {
    Address(SocketAddr),
    Name(DomainName, Option<u16>),
}

/// Reads a URI; nothing if the text is the name of a node.
pub(super) fn server_by_uri(text: &str) -> Result<Option<ServerByUri>, BuildError> {
    if !text.contains(':') {
        return Ok(None);
    }
    let uri: ServerUri = text.parse().map_err(|_| BuildError::UnknownName(text.to_owned()))?;
    Ok(Some(match uri.host {
        UriHost::Address(address) => {
            let port = uri.port.unwrap_or(uri.scheme.default_port());
            ServerByUri::Address(SocketAddr::new(address, port))
        }
        UriHost::Name(host) => ServerByUri::Name(name(&host)?, uri.port),
    }))
}

fn name(text: &str) -> Result<DomainName, BuildError> {
    text.parse().map_err(|_| BuildError::UnknownName(text.to_owned()))
}

impl Setting<'_> {
    /// How a node looks names up; it asks nobody if it has no `dns`.
    pub(super) fn resolver(&self, node: NodeId, node_name: &str) -> Result<ResolverConfig, BuildError> {
        let mut config = ResolverConfig::new(Vec::new());
        let Some(document) = self.scenario.node.get(node_name) else { return Ok(config) };
        let settings = document.resolver.unwrap_or_default();
        config.timeout = millis(settings.timeout_ms);
        config.attempts = settings.attempts;
        config.edns_size = settings.edns.then_some(EDNS_SIZE);
        config.cache = settings.cache;
        let held = self.world.addresses(node);
        let shares = |server: &SocketAddr| held.iter().any(|held| held.address.is_ipv4() == server.is_ipv4());
        config.groups.retain(|group| held.iter().any(|held| held.address.is_ipv4() == group.is_ipv4()));
        for server in document.dns.iter().flat_map(OneOrMany::as_slice) {
            match server.parse::<IpAddr>() {
                Ok(address) => config.servers.push(SocketAddr::new(address, rtclab_rtc::dns::PORT)),
                Err(_) => {
                    let addresses = self.server(server, |ports| ports.dns)?;
                    config.servers.extend(addresses.into_iter().filter(shares));
                }
            }
        }
        Ok(config)
    }

    pub(super) fn install_name_server(
        &mut self,
        node: NodeId,
        name: &str,
        server: &document::DnsServer,
    ) -> Result<(), BuildError> {
        let name_server = self.name_server(server)?;
        self.put(node, name, DnsServer::new(server.port, millis(server.delay_ms), name_server))?;
        Ok(())
    }

    pub(super) fn install_mdns(
        &mut self,
        node: NodeId,
        node_name: &str,
        mdns: &document::Mdns,
    ) -> Result<(), BuildError> {
        let responder = Mdns::new(name(&mdns.name)?, sim_time(mdns.start_ms));
        self.put(node, node_name, responder)?;
        Ok(())
    }

    pub(super) fn install_lookup(
        &mut self,
        node: NodeId,
        name: &str,
        lookup: &document::DnsLookup,
    ) -> Result<(), BuildError> {
        let config = self.lookup(lookup, node, name)?;
        let actor = self.put(node, name, DnsLookup::new(config))?;
        self.cast.lookups.push(actor);
        Ok(())
    }

    /// A name server with its zone.
    fn name_server(&self, server: &document::DnsServer) -> Result<NameServer, BuildError> {
        let mut zone = Zone::new(server.negative_ttl_s);
        for (owner, entry) in &server.zone {
            let owner = name(owner)?;
            match entry {
                ZoneEntry::Address(address) => {
                    self.add_addresses(&mut zone, &owner, server.ttl_s, std::slice::from_ref(address))?;
                }
                ZoneEntry::Addresses(addresses) => {
                    self.add_addresses(&mut zone, &owner, server.ttl_s, addresses)?;
                }
                ZoneEntry::Records(records) => self.add_records(&mut zone, &owner, server.ttl_s, records)?,
            }
        }
        if server.reverse {
            add_reverse(&mut zone);
        }
        let name_server = NameServer::new(zone).with_size_max(server.udp_bytes);
        Ok(match &server.dns64 {
            Some(Dns64Spec::Switch(true)) => name_server.with_dns64(Dns64::default()),
            Some(Dns64Spec::Prefix(text)) => name_server.with_dns64(dns64(text)?),
            Some(Dns64Spec::Switch(false)) | None => name_server,
        })
    }

    fn add_addresses(
        &self,
        zone: &mut Zone,
        owner: &DomainName,
        ttl_s: u32,
        texts: &[String],
    ) -> Result<(), BuildError> {
        for text in texts {
            let addresses: Vec<IpAddr> = match text.parse::<IpAddr>() {
                Ok(address) => vec![address],
                Err(_) => {
                    let node = self.names.get(text).ok_or_else(|| BuildError::UnknownName(text.clone()))?;
                    self.world.addresses(*node).into_iter().map(|held| held.address).collect()
                }
            };
            for address in addresses {
                zone.add(Record::new(owner.clone(), ttl_s, address));
            }
        }
        Ok(())
    }

    fn add_records(
        &self,
        zone: &mut Zone,
        owner: &DomainName,
        ttl_s: u32,
        records: &ZoneRecords,
    ) -> Result<(), BuildError> {
        let ttl_s = records.ttl_s.unwrap_or(ttl_s);
        let addresses = records.address.as_ref().map_or(&[][..], OneOrMany::as_slice);
        self.add_addresses(zone, owner, ttl_s, addresses)?;
        let mut add = |data| zone.add(Record::new(owner.clone(), ttl_s, data));
        if let Some(target) = &records.cname {
            add(RecordData::Cname(name(target)?));
        }
        for target in records.ptr.iter().flat_map(OneOrMany::as_slice) {
            add(RecordData::Ptr(name(target)?));
        }
        for srv in records.srv.iter().flat_map(OneOrMany::as_slice) {
            let (priority, weight, port) = (srv.priority, srv.weight, srv.port);
            add(RecordData::Srv { priority, weight, port, target: name(&srv.target)? });
        }
        if records.fails {
            zone.fail(owner.clone());
        }
        Ok(())
    }

    fn lookup(
        &self,
        lookup: &document::DnsLookup,
        node: NodeId,
        node_name: &str,
    ) -> Result<DnsLookupConfig, BuildError> {
        let looked_up = match (lookup.kind, lookup.name.parse::<IpAddr>()) {
            (LookupKind::Ptr, Ok(address)) => DomainName::reverse(address),
            _ => name(&lookup.name)?,
        };
        let look_up = match lookup.kind {
            LookupKind::Addresses => LookUp::Addresses,
            LookupKind::A => LookUp::Records(RecordKind::A),
            LookupKind::Aaaa => LookUp::Records(RecordKind::Aaaa),
            LookupKind::Cname => LookUp::Records(RecordKind::Cname),
            LookupKind::Srv => LookUp::Records(RecordKind::Srv),
            LookupKind::Ptr => LookUp::Records(RecordKind::Ptr),
        };
        Ok(DnsLookupConfig {
            resolver: self.resolver(node, node_name)?,
            name: looked_up,
            look_up,
            start_at: sim_time(lookup.start_ms),
            interval: millis(lookup.every_ms),
            count: lookup.count,
        })
    }
}

fn dns64(text: &str) -> Result<Dns64, BuildError> {
    match text.parse::<Prefix>().map(|prefix| prefix.address()) {
        Ok(IpAddr::V6(prefix)) => Ok(Dns64::new(prefix)),
        _ => Err(BuildError::NotAnAddress(text.to_owned())),
    }
}

/// A name in reverse for every address.
fn add_reverse(zone: &mut Zone) {
    let records: Vec<Record> = zone
        .records()
        .filter_map(|record| {
            let address = record.data.address()?;
            Some(Record::new(
                DomainName::reverse(address),
                record.ttl_s,
                RecordData::Ptr(record.name.clone()),
            ))
        })
        .collect();
    for record in records {
        zone.add(record);
    }
}
