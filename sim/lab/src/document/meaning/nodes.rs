//! Names, nodes and links: what goes together and what does not.

use std::collections::BTreeMap;

use petgraph::graphmap::DiGraphMap;

use super::super::{NatSpec, Node, NodeRole, OneOrMany};
use super::{Checker, each, node_path, top};
use crate::document::INSTANT;
use crate::document::report::Path;

/// The most nodes, networks and links together, and the most actions; a world could hold six times as many.
const THINGS_MAX: usize = 10_000;

/// The longest name.
const NAME_CHARS_MAX: usize = 64;

impl Checker<'_, '_, '_> {
    /// Nodes, networks and links are called by name, so a name is one thing. Returns whether there are not too many to go on.
    pub(super) fn names(&mut self) -> bool {
        let scenario = self.scenario;
        let count = scenario.node.len() + self.networks.len() + scenario.link.len();
        let counts = [
            ("nodes, networks and links", count),
            ("actions", scenario.action.len()),
            ("expectations", scenario.expect.len()),
        ];
        if let Some((what, count)) = counts.iter().find(|(_, count)| *count > THINGS_MAX) {
            self.wrong(&Path::default(), format!("{count} {what}"), format!("at most {THINGS_MAX}"));
            return false;
        }
        for (name, path) in scenario
            .node
            .keys()
            .map(|name| (name, node_path(name)))
            .chain(scenario.network.keys().map(|name| (name, top("network").key(name))))
        {
            let ordinary = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
            if name.is_empty() || name.chars().count() > NAME_CHARS_MAX || !name.chars().all(ordinary) {
                let expected = format!("up to {NAME_CHARS_MAX} letters, digits, hyphens and underscores");
                self.misplaced(&path, format!("`{name}` cannot be a name"), expected);
            }
            if name == INSTANT {
                let message = format!("`{INSTANT}` is the word for signaling without packets");
                self.misplaced(&path, message, "another name".to_string());
            }
        }
        for name in self.networks.clone() {
            if scenario.node.contains_key(name) {
                let message = format!("`{name}` is a network and a node");
                self.misplaced(&node_path(name), message, "a name for each".to_string());
            }
        }
        true
    }

    pub(super) fn nodes(&mut self) {
        let scenario = self.scenario;
        if scenario.node.is_empty() && !self.report.is_damaged_inside(&top("node")) {
            let expected = "tables such as `[node.alice]`".to_string();
            self.wrong(&Path::default(), "the scenario has no nodes", expected);
        }
        for (name, node) in &scenario.node {
            let path = node_path(name);
            match node.role() {
                NodeRole::Nat | NodeRole::Firewall => self.middlebox(node, &path),
                NodeRole::Host | NodeRole::Router => self.host_or_router(name, node, &path),
            }
            self.known_networks(node, &path);
            self.interfaces(node, &path);
        }
        self.circles();
    }

    /// NATs and firewalls stand between an inside and an outside.
    fn middlebox(&mut self, node: &Node, path: &Path) {
        let what = node.role().words();
        if node.nat.is_some() && node.firewall.is_some() {
            let expected = "a node for each, one behind the other".to_string();
            self.misplaced(&path.key("firewall"), "a node is a NAT or a firewall, not both", expected);
        }
        for (key, present) in [("inside", node.inside.is_some()), ("outside", node.outside.is_some())] {
            if !present {
                self.wrong(path, format!("{what} has no `{key}`"), format!("the key `{key}` with a network"));
            }
        }
        let misplaced = [
            ("network", node.network.is_some()),
            ("interface", !node.interface.is_empty()),
            ("address", node.address.is_some()),
            ("link", node.link.is_some()),
            ("router", node.router),
        ];
        for (key, _) in misplaced.iter().filter(|(_, present)| *present) {
            let expected = "`inside` and `outside`, with `inside_address`, `outside_link` and so on";
            self.misplaced(&path.key(key), format!("{what} has no use for `{key}`"), expected.to_string());
        }
        if let Some(spec) = &node.nat {
            self.nat(spec, &path.key("nat"));
        }
        if node.run.is_some() {
            self.misplaced(&path.key("run"), format!("{what} runs no programs"), "a host".to_string());
        }
        for (inner, name) in each(&path.key("inside"), node.inside.as_ref()) {
            if node.outside.as_ref() == Some(name) {
                let message = format!("`{name}` is inside and outside of {what}");
                self.wrong(&inner, message, "two networks".to_string());
            }
        }
        for (key, network, address) in [
            (
                "inside_address",
                node.inside.as_ref().map_or(0, |inside| inside.as_slice().len()),
                &node.inside_address,
            ),
            ("outside_address", 1, &node.outside_address),
        ] {
            if address.is_some() && network > 1 {
                let expected = "one network inside, or no addresses".to_string();
                self.misplaced(&path.key(key), format!("`{key}` fits one network only"), expected);
            }
        }
    }

    /// What a NAT is told to be.
    fn nat(&mut self, spec: &NatSpec, path: &Path) {
        let NatSpec::Axes(axes) = spec else { return };
        if axes.preset.is_some_and(|preset| preset.config().is_none()) {
            let message = "a NAT that translates nothing has no behavior to change";
            let expected = "`nat = \"none\"` alone, or another preset".to_string();
            self.wrong(&path.key("preset"), message, expected);
        }
        if let Some([first, last]) = axes.port_range
            && (first == 0 || first > last)
        {
            let expected = "first and last, such as `[1024, 65535]`".to_string();
            return self.wrong(&path.key("port_range"), "this is no range of ports", expected);
        }
        if let Some(prefix) = &axes.nat64
            && let Err(problem) = prefix.parse::<rtclab_net::nat::Prefix64>()
        {
            self.wrong(&path.key("nat64"), problem.to_string(), "a prefix of RFC 6052".to_string());
        }
        for (inside, outside) in &axes.one_to_one {
            for address in [inside, outside] {
                if address.parse::<std::net::Ipv4Addr>().is_err() {
                    let expected = "pairs such as `{ \"192.168.1.10\" = \"203.0.113.9\" }`".to_string();
                    self.wrong(
                        &path.key("one_to_one").key(inside),
                        format!("`{address}` is no IPv4 address"),
                        expected,
                    );
                }
            }
        }
        let config = crate::build::nat::nat(spec).map(|(config, _)| config);
        if let Some(problem) = config.and_then(|config| config.problem()) {
            self.wrong(path, problem, "axes that go together".to_string());
        }
    }

    fn host_or_router(&mut self, name: &str, node: &Node, path: &Path) {
        let what = node.role().words();
        let misplaced = [
            ("inside", node.inside.is_some()),
            ("outside", node.outside.is_some()),
            ("inside_address", node.inside_address.is_some()),
            ("outside_address", node.outside_address.is_some()),
            ("inside_link", node.inside_link.is_some()),
            ("outside_link", node.outside_link.is_some()),
        ];
        for (key, _) in misplaced.iter().filter(|(_, present)| *present) {
            let expected = "`nat = …` or `firewall = …` beside it, or `network` instead".to_string();
            self.misplaced(&path.key(key), format!("{what} has no `{key}`"), expected);
        }
        let is_linked = self.scenario.link.iter().any(|link| link.between.iter().any(|end| end == name));
        if node.networks().next().is_none() && !is_linked && !self.report.is_damaged_inside(&top("link")) {
            let expected = "`network = \"…\"`, or a `[[link]]` that ends at it".to_string();
            self.wrong(path, format!("`{name}` is not attached to anything"), expected);
        }
        match &node.run {
            Some(_) if node.role() == NodeRole::Router => {
                self.misplaced(&path.key("run"), "a router runs no programs", "a host".to_string());
            }
            Some(run) if *run == super::Run::default() => {
                let expected = "such as `run = { stun-server = {} }`".to_string();
                self.wrong(&path.key("run"), "`run` names no program", expected);
            }
            _ => {}
        }
        let several = node.network.as_ref().is_some_and(|network| network.as_slice().len() > 1);
        if node.address.is_some() && (several || node.network.is_none()) {
            let expected = "one `network`, or `[[node.….interface]]` with an address each".to_string();
            self.misplaced(&path.key("address"), "`address` needs exactly one network", expected);
        }
        if node.link.is_some() && node.network.is_none() {
            let expected = "`network`, or `link` inside of an interface".to_string();
            self.misplaced(&path.key("link"), "`link` needs a `network`", expected);
        }
    }

    /// Every network that the node is attached to exists, and no network is named twice.
    fn known_networks(&mut self, node: &Node, path: &Path) {
        let mut attached = each(&path.key("network"), node.network.as_ref());
        for (index, interface) in node.interface.iter().enumerate() {
            attached.push((path.key("interface").index(index).key("network"), &interface.network));
        }
        attached.extend(each(&path.key("inside"), node.inside.as_ref()));
        attached.extend(node.outside.as_ref().map(|outside| (path.key("outside"), outside)));
        let mut seen = Vec::new();
        for (inner, name) in attached {
            if !self.networks.contains(name.as_str()) {
                self.unknown_network(&inner, name);
            }
            if seen.contains(&name) && node.outside.as_ref() != Some(name) {
                let expected = "one attachment to each network".to_string();
                self.wrong(&inner, format!("`{name}` is named twice"), expected);
            }
            seen.push(name);
        }
    }

    /// Complains about a network that does not exist, unless it may have been lost with something else.
    pub(super) fn unknown_network(&mut self, path: &Path, name: &str) {
        let lost = |key| self.report.is_damaged_inside(&top(key));
        let mut nodes = self.scenario.node.values();
        let is_incomplete =
            |node: &Node| (node.nat.is_some() || node.firewall.is_some()) && node.inside.is_none();
        if lost("node") || lost("network") || nodes.any(is_incomplete) {
            return;
        }
        let known = self.networks.clone();
        self.unknown(path, format!("there is no network `{name}`"), name, known);
    }

    fn interfaces(&mut self, node: &Node, path: &Path) {
        for (index, interface) in node.interface.iter().enumerate() {
            let inner = path.key("interface").index(index).key("name");
            let Some(name) = &interface.name else { continue };
            let twice = node.interface[..index].iter().any(|other| other.name.as_ref() == Some(name));
            if twice {
                self.wrong(&inner, format!("there are two interfaces `{name}`"), "two names".to_string());
            }
            if name.is_empty() || name.len() > 15 || name.contains(char::is_whitespace) {
                let expected = "up to 15 characters without blanks, such as `eth0`".to_string();
                self.wrong(&inner, format!("`{name}` cannot be the name of an interface"), expected);
            }
        }
    }

    /// Going outwards from NAT to NAT never leads back.
    fn circles(&mut self) {
        let mut outwards: DiGraphMap<&str, ()> = DiGraphMap::new();
        for node in self.scenario.node.values() {
            let Some(outside) = &node.outside else { continue };
            for inside in node.inside.iter().flat_map(OneOrMany::as_slice) {
                outwards.add_edge(inside, outside, ());
            }
        }
        let circles = petgraph::algo::tarjan_scc(&outwards);
        let circle_of: BTreeMap<&str, usize> = circles
            .iter()
            .enumerate()
            .flat_map(|(number, networks)| networks.iter().map(move |network| (*network, number)))
            .collect();
        for (name, node) in &self.scenario.node {
            let Some(outside) = &node.outside else { continue };
            let is_circle = |inside: &&String| {
                *inside != outside && circle_of.get(inside.as_str()) == circle_of.get(outside.as_str())
            };
            let mut inside = node.inside.iter().flat_map(OneOrMany::as_slice);
            if let Some(inside) = inside.find(is_circle) {
                let message = format!("going outwards from `{name}` leads back to `{inside}`");
                let expected = "an outside that is not behind its own inside".to_string();
                self.wrong(&node_path(name).key("outside"), message, expected);
            }
        }
    }

    pub(super) fn links(&mut self) {
        let scenario = self.scenario;
        for (index, link) in scenario.link.iter().enumerate() {
            let path = top("link").index(index);
            for (end, name) in link.between.iter().enumerate() {
                let inner = path.key("between").index(end);
                match scenario.node.get(name).map(Node::role) {
                    None => {
                        let known = scenario.node.keys().map(String::as_str);
                        self.unknown(&inner, format!("there is no node `{name}`"), name, known);
                    }
                    Some(role @ (NodeRole::Nat | NodeRole::Firewall)) => {
                        let message = format!("`{name}` is {}, which has no links of its own", role.words());
                        self.wrong(&inner, message, "a host or a router".to_string());
                    }
                    Some(_) => {}
                }
            }
            if link.between[0] == link.between[1] {
                let message = format!("the link leads from `{}` to itself", link.between[0]);
                self.wrong(&path.key("between"), message, "two nodes".to_string());
            }
            let label = link.label();
            let is_taken = scenario.link[..index].iter().any(|other| other.label() == label)
                || scenario.node.contains_key(&label)
                || self.networks.contains(label.as_str());
            if is_taken {
                let message = format!("something else is called `{label}`");
                self.wrong(&path, message, "a `name` of its own for the link".to_string());
            }
        }
    }
}
