//! Prefixes, addresses and routes.

use std::collections::BTreeMap;
use std::net::IpAddr;

use rtclab_net::Prefix;

use super::super::{FirewallSpec, IpFamily, OneOrMany, RuleAction, RuleProtocol};
use super::{Checker, each, node_path, top};
use crate::document::report::Path;

/// What an address looks like.
const ADDRESS: &str = "an address such as 192.168.1.10 or 2001:db8::10";
/// What a prefix looks like.
const PREFIX: &str = "a prefix such as 192.168.1.0/24 or 2001:db8::/64";

impl Checker<'_, '_, '_> {
    pub(super) fn addresses(&mut self) {
        let scenario = self.scenario;
        let mut prefixes = BTreeMap::new();
        for (name, network) in &scenario.network {
            let path = top("network").key(name).key("prefix");
            prefixes.insert(name.as_str(), self.prefixes(&path, network.prefix.as_ref()));
            if network.prefix.is_some() && network.ip.is_some() {
                let expected = "one of the two: the prefixes tell the families".to_string();
                self.misplaced(&top("network").key(name).key("ip"), "`ip` beside `prefix`", expected);
            }
        }
        for (index, link) in scenario.link.iter().enumerate() {
            let path = top("link").index(index).key("prefix");
            for (prefix, inner) in self.prefixes(&path, link.prefix.as_ref()) {
                if prefix.nth(2).is_none() {
                    let message = format!("`{prefix}` has no room for two ends");
                    self.wrong(&inner, message, "a prefix of at most 30 bits (IPv6: 126)".to_string());
                }
            }
        }
        self.attached_addresses(&prefixes);
        self.nats_have_ipv4(&prefixes);
        self.routes();
        self.rules();
    }

    /// The prefixes of a network or link, each with its path.
    fn prefixes(&mut self, path: &Path, texts: Option<&OneOrMany<String>>) -> Vec<(Prefix, Path)> {
        let mut prefixes: Vec<(Prefix, Path)> = Vec::new();
        for (inner, text) in each(path, texts) {
            let prefix = match text.parse::<Prefix>() {
                Ok(prefix) if text.contains('/') => prefix,
                _ => {
                    self.wrong(&inner, format!("`{text}` is not a prefix"), PREFIX.to_string());
                    continue;
                }
            };
            let as_written = text.split('/').next().and_then(|address| address.parse::<IpAddr>().ok());
            if as_written != Some(prefix.address()) {
                let message = format!("`{text}` has bits behind its length");
                self.wrong(&inner, message, format!("`{prefix}`"));
            }
            let bad =
                prefix.length() == 0 || prefix.address().is_multicast() || prefix.address().is_loopback();
            if bad {
                self.wrong(&inner, format!("`{text}` cannot be numbered"), PREFIX.to_string());
            }
            let overlaps =
                |other: &Prefix| other.contains(prefix.address()) || prefix.contains(other.address());
            if let Some((other, _)) = prefixes.iter().find(|(other, _)| overlaps(other)) {
                let message = format!("`{text}` overlaps `{other}`");
                self.wrong(&inner, message, "prefixes that share no address".to_string());
            }
            prefixes.push((prefix, inner));
        }
        prefixes
    }

    /// Addresses lie in a prefix of their network and are there once.
    fn attached_addresses(&mut self, prefixes: &BTreeMap<&str, Vec<(Prefix, Path)>>) {
        let mut taken: BTreeMap<(String, IpAddr), String> = BTreeMap::new();
        for (owner, network, path, texts) in self.explicit_addresses() {
            for (inner, text) in each(&path, Some(&texts)) {
                let Ok(address) = text.parse::<IpAddr>() else {
                    self.wrong(&inner, format!("`{text}` is not an address"), ADDRESS.to_string());
                    continue;
                };
                let known = prefixes.get(network.as_str()).map_or(&[][..], Vec::as_slice);
                if known.is_empty() {
                    if self.networks.contains(network.as_str()) {
                        let message = format!("`{network}` is numbered automatically");
                        let expected = format!("a `prefix` in `[network.{network}]`, or no address here");
                        self.wrong(&inner, message, expected);
                    }
                    continue;
                }
                let Some((prefix, _)) = known.iter().find(|(prefix, _)| prefix.contains(address)) else {
                    let all: Vec<String> = known.iter().map(|(prefix, _)| prefix.to_string()).collect();
                    let message = format!("{address} is not in `{network}`");
                    self.wrong(&inner, message, format!("an address in {}", all.join(" or ")));
                    continue;
                };
                let reserved = address.is_ipv4()
                    && prefix.length() < 31
                    && (address == prefix.address() || address == prefix.last());
                if reserved {
                    let message = format!("{address} is the network's own or its broadcast address");
                    self.wrong(&inner, message, "an address between the two".to_string());
                }
                if let Some(other) = taken.insert((network.clone(), address), owner.clone()) {
                    let message = format!("{address} is the address of `{other}` already");
                    self.wrong(&inner, message, "an address of its own".to_string());
                }
            }
        }
    }

    /// A NAT translates IPv4, so it needs an address of it outside.
    fn nats_have_ipv4(&mut self, prefixes: &BTreeMap<&str, Vec<(Prefix, Path)>>) {
        for (name, node) in &self.scenario.node {
            let (Some(_), Some(outside)) = (&node.nat, &node.outside) else { continue };
            let given = prefixes.get(outside.as_str()).map_or(&[][..], Vec::as_slice);
            let family =
                self.scenario.network.get(outside).and_then(|network| network.ip).unwrap_or_default();
            let has_ipv4 = match given {
                [] => family != IpFamily::V6,
                given => given.iter().any(|(prefix, _)| prefix.is_ipv4()),
            };
            if !has_ipv4 {
                let expected =
                    "a network with IPv4, or a `firewall` or `router` instead of the NAT".to_string();
                self.wrong(&node_path(name).key("outside"), format!("`{outside}` has no IPv4"), expected);
            }
        }
    }

    /// Every address that a node is given: the node, the network, where it says so, and the addresses.
    pub(super) fn explicit_addresses(&self) -> Vec<(String, String, Path, OneOrMany<String>)> {
        let mut found = Vec::new();
        let mut add =
            |name: &String, network: Option<&String>, path: Path, address: Option<&OneOrMany<String>>| {
                if let (Some(network), Some(address)) = (network, address) {
                    found.push((name.clone(), network.clone(), path, address.clone()));
                }
            };
        for (name, node) in &self.scenario.node {
            let path = node_path(name);
            let only = node.network.as_ref().map(OneOrMany::as_slice);
            add(name, only.and_then(<[String]>::first), path.key("address"), node.address.as_ref());
            let inside = node.inside.as_ref().map(OneOrMany::as_slice);
            let inside = inside.and_then(<[String]>::first);
            add(name, inside, path.key("inside_address"), node.inside_address.as_ref());
            add(name, node.outside.as_ref(), path.key("outside_address"), node.outside_address.as_ref());
            for (index, interface) in node.interface.iter().enumerate() {
                let inner = path.key("interface").index(index).key("address");
                add(name, Some(&interface.network), inner, interface.address.as_ref());
            }
        }
        found
    }

    fn routes(&mut self) {
        for (name, node) in &self.scenario.node {
            for (index, route) in node.route.iter().enumerate() {
                let path = node_path(name).key("route").index(index);
                let to = route.to.parse::<Prefix>().ok();
                let via = route.via.parse::<IpAddr>().ok();
                if to.is_none() {
                    self.wrong(
                        &path.key("to"),
                        format!("`{}` is not a prefix", route.to),
                        PREFIX.to_string(),
                    );
                }
                if via.is_none() {
                    let message = format!("`{}` is not an address", route.via);
                    self.wrong(&path.key("via"), message, ADDRESS.to_string());
                }
                if let (Some(to), Some(via)) = (to, via)
                    && to.is_ipv4() != via.is_ipv4()
                {
                    let message = "`to` and `via` are of different families".to_string();
                    self.wrong(&path.key("via"), message, "an address of the family of `to`".to_string());
                }
            }
        }
    }

    fn rules(&mut self) {
        for (name, node) in &self.scenario.node {
            let Some(FirewallSpec::Axes(axes)) = &node.firewall else { continue };
            for (index, rule) in axes.rules.iter().enumerate() {
                let path = node_path(name).key("firewall").key("rules").index(index);
                for (key, text) in [("from", &rule.from), ("to", &rule.to)] {
                    if let Some(text) = text
                        && text.parse::<Prefix>().is_err()
                    {
                        let message = format!("`{text}` is neither an address nor a prefix");
                        self.wrong(&path.key(key), message, PREFIX.to_string());
                    }
                }
                let inspects = rule.inspect.is_some();
                if inspects && (rule.action != RuleAction::Allow || rule.protocol != Some(RuleProtocol::Tcp))
                {
                    let expected = "`action = \"allow\"` and `protocol = \"tcp\"` beside it".to_string();
                    let message = "only connections that are allowed are looked into";
                    self.misplaced(&path.key("inspect"), message, expected);
                }
                if rule.port.as_ref().is_some_and(|port| port.bounds().is_none()) {
                    let expected = "a port such as `3478`, or a range such as `\"1024-65535\"`".to_string();
                    self.wrong(&path.key("port"), "this is no range of ports", expected);
                }
            }
        }
    }
}
