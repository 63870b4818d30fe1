//! What actions refer to.

use std::net::Ipv4Addr;

use rtclab_net::Prefix;

use super::super::{Action, ChangeLink, LinkSettings, MoveNode, NodeRole, OneOrMany, RestartNat};
use super::{Checker, top};
use crate::document::LinkRefError;
use crate::document::report::Path;

impl Checker<'_, '_, '_> {
    pub(super) fn actions(&mut self) {
        let scenario = self.scenario;
        for (index, action) in scenario.action.iter().enumerate() {
            let path = top("action").index(index);
            self.one_verb(action, &path);
            if scenario.until_ms.is_some_and(|until_ms| action.at_ms > until_ms) {
                let message = "the run has ended by then".to_string();
                self.wrong(&path.key("at_ms"), message, "a time before `until_ms`".to_string());
            }
            if let Some(name) = &action.rebind {
                self.rebind(name, &path.key("rebind"));
            }
            if let Some(restart) = &action.restart_nat {
                let inner = path.key("restart_nat");
                self.rebind(&restart.nat, &inner.key("nat"));
                self.new_address(restart, &inner.key("address"));
            }
            for (key, name) in [("link_down", &action.link_down), ("link_up", &action.link_up)] {
                if let Some(name) = name {
                    self.link_name(name, action.at_ms, &path.key(key));
                }
            }
            if let Some(ChangeLink { link, set }) = &action.change_link {
                let inner = path.key("change_link");
                self.link_name(link, action.at_ms, &inner.key("link"));
                if *set == LinkSettings::default() {
                    let expected = "a property, such as `loss_percent = 30`".to_string();
                    self.wrong(&inner.key("set"), "nothing changes", expected);
                }
                self.link_settings(set, &inner.key("set"));
                self.no_changes(set, &inner.key("set"));
            }
            if let Some(change) = &action.move_node {
                self.move_node(change, action.at_ms, &path.key("move"));
            }
            if let Some(name) = &action.restart_ice {
                let inner = path.key("restart_ice");
                self.expect_program(&inner, name, "a `peer`", |run| run.peer.is_some());
            }
            if let Some(name) = &action.stop_signaling {
                let inner = path.key("stop_signaling");
                self.expect_program(&inner, name, "a `signaling-server`", |run| {
                    run.signaling_server.is_some()
                });
            }
        }
    }

    /// The address that a NAT comes back with: one of the network outside, and nobody else's.
    fn new_address(&mut self, restart: &RestartNat, path: &Path) {
        let text = &restart.address;
        let Ok(address) = text.parse::<Ipv4Addr>() else {
            let message = format!("`{text}` is no IPv4 address");
            return self.wrong(path, message, "one such as `203.0.113.77`".to_string());
        };
        let scenario = self.scenario;
        let Some(outside) = scenario.node.get(&restart.nat).and_then(|nat| nat.outside.as_deref()) else {
            return;
        };
        let prefixes = scenario.network.get(outside).and_then(|network| network.prefix.as_ref());
        let texts = prefixes.map_or(&[][..], OneOrMany::as_slice);
        let prefixes: Vec<Prefix> = texts.iter().filter_map(|text| text.parse().ok()).collect();
        let ipv4: Vec<&Prefix> = prefixes.iter().filter(|prefix| prefix.address().is_ipv4()).collect();
        // A network that is numbered by itself takes what it is given.
        if !ipv4.is_empty() && !ipv4.iter().any(|prefix| prefix.contains(address.into())) {
            let message = format!("`{outside}` has no address `{text}`");
            return self.wrong(path, message, format!("an address in {}", ipv4[0]));
        }
        let owner = self.explicit_addresses().into_iter().find(|(node, network, _, addresses)| {
            let same = |own: &String| own.parse() == Ok(address);
            *network == outside && *node != restart.nat && addresses.as_slice().iter().any(same)
        });
        if let Some((owner, ..)) = owner {
            let expected = "an address that nobody has".to_string();
            self.wrong(path, format!("`{owner}` has the address `{text}`"), expected);
        }
    }

    fn one_verb(&mut self, action: &Action, path: &Path) {
        let verbs = [
            ("rebind", action.rebind.is_some()),
            ("restart_nat", action.restart_nat.is_some()),
            ("link_down", action.link_down.is_some()),
            ("link_up", action.link_up.is_some()),
            ("change_link", action.change_link.is_some()),
            ("move", action.move_node.is_some()),
            ("restart_ice", action.restart_ice.is_some()),
            ("stop_signaling", action.stop_signaling.is_some()),
        ];
        let mut said = verbs.iter().filter(|(_, present)| *present);
        let Some((first, _)) = said.next() else {
            let expected = super::one_of(verbs.iter().map(|(key, _)| *key));
            self.wrong(path, "the action does not say what happens", expected);
            return;
        };
        for (key, _) in said {
            let message = format!("`{key}` beside `{first}`");
            self.misplaced(&path.key(key), message, "an `[[action]]` for each".to_string());
        }
    }

    fn rebind(&mut self, name: &str, path: &Path) {
        if self.report.is_damaged_inside(&super::node_path(name)) {
            return;
        }
        let nodes = &self.scenario.node;
        let nats = || nodes.iter().filter(|(_, node)| node.nat.is_some()).map(|(name, _)| name.as_str());
        match nodes.get(name) {
            Some(node) if node.nat.is_some() => {}
            Some(node) => {
                let message = format!("`{name}` is {}, not a NAT", node.role().words());
                self.unknown(path, message, name, nats());
            }
            None => self.unknown(path, format!("there is no node `{name}`"), name, nats()),
        }
    }

    /// Complains unless the name stands for links at that time.
    fn link_name(&mut self, name: &str, at_ms: f64, path: &Path) {
        let scenario = self.scenario;
        match scenario.links_named(name, at_ms) {
            Ok(links) if links.is_empty() => {
                let message = format!("nothing is attached to `{name}`");
                self.wrong(path, message, "a network with attachments".to_string());
            }
            Ok(_) => {}
            Err(LinkRefError::Ambiguous(links)) => {
                let message = format!("`{name}` has several links");
                self.wrong(path, message, super::one_of(links.iter().map(String::as_str)));
            }
            Err(LinkRefError::Unknown) => {
                let labels: Vec<String> = scenario.link.iter().map(super::super::Link::label).collect();
                let attachments = scenario.attachments_at(at_ms);
                let pairs: Vec<String> =
                    attachments.iter().map(|(node, network)| format!("{node}/{network}")).collect();
                let message = format!("there is no link `{name}`");
                let plain = scenario.node.keys().map(String::as_str).chain(self.networks.clone());
                let known: Vec<&str> = labels.iter().chain(&pairs).map(String::as_str).chain(plain).collect();
                self.unknown(path, message, name, known);
            }
        }
    }

    fn move_node(&mut self, change: &MoveNode, at_ms: f64, path: &Path) {
        let scenario = self.scenario;
        let Some(node) = scenario.node.get(&change.node) else {
            let message = format!("there is no node `{}`", change.node);
            self.unknown(&path.key("node"), message, &change.node, scenario.node.keys().map(String::as_str));
            return;
        };
        if node.role() != NodeRole::Host {
            let message = format!("`{}` is {}", change.node, node.role().words());
            self.wrong(&path.key("node"), message, "a host".to_string());
            return;
        }
        let attachments = scenario.attachments_at(at_ms);
        let own: Vec<&str> = attachments
            .iter()
            .filter(|(node, _)| *node == change.node)
            .map(|(_, network)| *network)
            .collect();
        match &change.from {
            Some(from) if !own.contains(&from.as_str()) => {
                let message = format!("`{}` is not on `{from}` then", change.node);
                self.unknown(&path.key("from"), message, from, own.iter().copied());
            }
            None if own.len() != 1 => {
                let message = format!("`{}` is on {} networks", change.node, own.len());
                self.wrong(path, message, "the key `from` with the one that it leaves".to_string());
            }
            _ => {}
        }
        if !self.networks.contains(change.to.as_str()) {
            self.unknown_network(&path.key("to"), &change.to);
        } else if own.contains(&change.to.as_str()) {
            let message = format!("`{}` is on `{}` already", change.node, change.to);
            self.wrong(&path.key("to"), message, "another network".to_string());
        }
        self.moved_addresses(change, path);
    }

    /// Addresses after a move lie in a prefix of the new network.
    fn moved_addresses(&mut self, change: &MoveNode, path: &Path) {
        let network = self.scenario.network.get(&change.to);
        let prefixes: Vec<rtclab_net::Prefix> = network
            .and_then(|network| network.prefix.as_ref())
            .map_or(&[][..], super::OneOrMany::as_slice)
            .iter()
            .filter_map(|text| text.parse().ok())
            .collect();
        for (inner, text) in super::each(&path.key("address"), change.address.as_ref()) {
            let address = text.parse::<std::net::IpAddr>();
            if !address.is_ok_and(|address| prefixes.iter().any(|prefix| prefix.contains(address))) {
                let message = format!("`{text}` is not an address in `{}`", change.to);
                let expected = format!("an address in the `prefix` of `[network.{}]`, or none", change.to);
                self.wrong(&inner, message, expected);
            }
        }
    }
}
