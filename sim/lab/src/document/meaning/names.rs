//! Name servers, resolvers, and the names that programs look up.

use std::net::{IpAddr, Ipv6Addr};

use rtclab_net::Prefix;
use rtclab_rtc::dns::DomainName;
use rtclab_rtc::stun::{Scheme, ServerUri, Transport, UriHost};

use super::super::{
    Dns64Spec, DnsLookup, DnsServer, LookupKind, Node, OneOrMany, SrvRecord, ZoneEntry, ZoneRecords,
};
use super::{Checker, each, node_path};
use crate::document::report::Path;

/// What a domain name looks like.
const NAME: &str = "a domain name such as `www.example.test`";

impl Checker<'_, '_, '_> {
    pub(super) fn names_and_addresses(&mut self) {
        let scenario = self.scenario;
        for (name, node) in &scenario.node {
            let path = node_path(name);
            self.resolver(node, &path);
            let Some(run) = &node.run else { continue };
            let path = path.key("run");
            if let Some(server) = &run.dns_server {
                self.zone(server, &path.key("dns-server"));
            }
            if let Some(mdns) = &run.mdns {
                let inner = path.key("mdns").key("name");
                let name = mdns.name.parse::<DomainName>();
                if !name.is_ok_and(|name| {
                    name.is_local() && name.parent().is_some_and(|above| above.as_str() == "local")
                }) {
                    let expected = "a name such as `printer.local` (RFC 6762 §3)".to_string();
                    self.wrong(&inner, format!("`{}` is not a name of the link", mdns.name), expected);
                }
            }
            if let Some(lookup) = &run.dns_lookup {
                self.lookup(name, lookup, &path.key("dns-lookup"));
            }
        }
    }

    fn resolver(&mut self, node: &Node, path: &Path) {
        for (inner, server) in each(&path.key("dns"), node.dns.as_ref()) {
            if server.parse::<IpAddr>().is_err() {
                self.expect_program(&inner, server, "a `dns-server`", |run| run.dns_server.is_some());
            }
        }
        if node.resolver.is_some() && node.dns.is_none() {
            let expected = "the key `dns` beside it, with a name server".to_string();
            self.misplaced(&path.key("resolver"), "`resolver` without `dns`", expected);
        }
        if node.dns.is_some() && (node.nat.is_some() || node.firewall.is_some()) {
            let message = format!("{} looks no names up", node.role().words());
            self.misplaced(&path.key("dns"), message, "a host".to_string());
        }
    }

    /// A name that a program of this node looks up: there has to be someone to ask.
    pub(super) fn needs_resolver(&mut self, node: &str, path: &Path) {
        let asks = self.scenario.node.get(node).is_some_and(|node| node.dns.is_some());
        if !asks && !self.report.is_damaged_inside(&node_path(node)) {
            let expected = format!("`dns` in `[node.{node}]`, with the name server to ask");
            self.wrong(path, format!("`{node}` asks no name server"), expected);
        }
    }

    /// A server given by URI, as the text of a node's name cannot be: whether it is one that a peer can use, and whether its name can
    /// be looked up.
    pub(super) fn server_uri(&mut self, node: &str, scheme: Scheme, text: &str, path: &Path) -> bool {
        if !text.contains(':') {
            return false;
        }
        let word = scheme.word();
        let spoken: &[Transport] =
            if scheme.is_turn() { &[Transport::Udp, Transport::Tcp] } else { &[Transport::Udp] };
        let expected = || format!("the name of a node, or `{word}:{word}.example.test` (RFC 7064, RFC 7065)");
        match text.parse::<ServerUri>() {
            Ok(uri) if uri.scheme != scheme || uri.transport.is_some_and(|over| !spoken.contains(&over)) => {
                let over: Vec<String> = spoken.iter().map(|over| over.word().to_uppercase()).collect();
                let over = over.join(" or ");
                self.wrong(
                    path,
                    format!("`{text}` is not a {} server over {over}", word.to_uppercase()),
                    expected(),
                );
            }
            Ok(ServerUri { host: UriHost::Address(_), .. }) => {}
            Ok(ServerUri { host: UriHost::Name(name), .. }) => match name.parse::<DomainName>() {
                Ok(_) => self.needs_resolver(node, path),
                Err(error) => self.wrong(path, format!("`{text}` names no server: {error}"), expected()),
            },
            Err(error) => self.wrong(path, format!("`{text}` names no server: {error}"), expected()),
        }
        true
    }

    fn lookup(&mut self, node: &str, lookup: &DnsLookup, path: &Path) {
        let inner = path.key("name");
        let is_address = lookup.kind == LookupKind::Ptr && lookup.name.parse::<IpAddr>().is_ok();
        if !is_address {
            self.domain_name(&lookup.name, &inner);
        }
        // A local name is asked for on the link.
        if !lookup.name.parse::<DomainName>().is_ok_and(|name| name.is_local()) {
            self.needs_resolver(node, &inner);
        }
    }

    fn zone(&mut self, server: &DnsServer, path: &Path) {
        if let Some(Dns64Spec::Prefix(text)) = &server.dns64 {
            let prefix = text.parse::<Prefix>().ok().filter(|_| text.contains('/'));
            if !prefix.is_some_and(|prefix| !prefix.is_ipv4() && prefix.length() == 96) {
                let expected = format!(
                    "`true`, or a prefix such as `{}/96`",
                    Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0)
                );
                self.wrong(&path.key("dns64"), format!("`{text}` is not a prefix of 96 bits"), expected);
            }
        }
        for (name, entry) in &server.zone {
            let inner = path.key("zone").key(name);
            if name.parse::<DomainName>().is_err() {
                self.misplaced(&inner, format!("`{name}` is not a domain name"), NAME.to_string());
            }
            match entry {
                ZoneEntry::Address(address) => self.target(address, &inner),
                ZoneEntry::Addresses(addresses) => {
                    for (index, address) in addresses.iter().enumerate() {
                        self.target(address, &inner.index(index));
                    }
                }
                ZoneEntry::Records(records) => self.zone_records(name, records, &inner),
            }
        }
    }

    fn zone_records(&mut self, name: &str, records: &ZoneRecords, path: &Path) {
        for (inner, address) in each(&path.key("address"), records.address.as_ref()) {
            self.target(address, &inner);
        }
        if let Some(target) = &records.cname {
            self.domain_name(target, &path.key("cname"));
        }
        for (inner, target) in each(&path.key("ptr"), records.ptr.as_ref()) {
            self.domain_name(target, &inner);
        }
        for (inner, SrvRecord { target, .. }) in each(&path.key("srv"), records.srv.as_ref()) {
            self.domain_name(target, &inner.key("target"));
        }
        if records.srv.is_some() && !name.starts_with('_') {
            let expected = "a name such as `_stun._udp.example.test` (RFC 2782)".to_string();
            self.misplaced(&path.key("srv"), format!("`{name}` does not name a service"), expected);
        }
        let others = [
            ("address", records.address.is_some()),
            ("ptr", records.ptr.is_some()),
            ("srv", records.srv.is_some()),
        ];
        let other = others.iter().find(|(_, present)| *present);
        if let (true, Some((key, _))) = (records.cname.is_some(), other) {
            // RFC 1034 §3.6.2.
            let expected = "nothing else: all records are those of the other name".to_string();
            self.misplaced(&path.key(key), format!("`{key}` beside `cname`"), expected);
        }
        let nothing = records.cname.is_none() && other.is_none() && !records.fails;
        if nothing && !self.report.is_damaged(path) {
            let expected = "`address`, `cname`, `ptr`, `srv` or `fails`".to_string();
            self.wrong(path, format!("`{name}` has no records"), expected);
        }
    }

    /// An address, or a node that has some.
    pub(super) fn target(&mut self, text: &str, path: &Path) {
        if text.parse::<IpAddr>().is_ok() {
            return;
        }
        let scenario = self.scenario;
        match scenario.node.get(text) {
            Some(_) => {}
            None => {
                let message = format!("`{text}` is neither an address nor a node");
                self.unknown(path, message, text, scenario.node.keys().map(String::as_str));
            }
        }
    }

    fn domain_name(&mut self, text: &str, path: &Path) {
        if let Err(error) = text.parse::<DomainName>() {
            self.wrong(path, format!("`{text}` is not a domain name: {error}"), NAME.to_string());
        }
    }

    /// Whether answers that are expected can be answers: addresses, nodes or names.
    pub(super) fn expected_answers(&mut self, answers: Option<&OneOrMany<String>>, path: &Path) {
        for (inner, answer) in each(path, answers) {
            let (host, _) = answer.rsplit_once(':').unwrap_or((answer, ""));
            let known = answer.parse::<IpAddr>().is_ok()
                || self.scenario.node.contains_key(answer)
                || host.parse::<DomainName>().is_ok() && host.contains('.');
            if !known {
                let message = format!("`{answer}` is no address, node or domain name");
                self.unknown(&inner, message, answer, self.scenario.node.keys().map(String::as_str));
            }
        }
    }
}
