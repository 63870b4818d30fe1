//! Every table of a document that says what a link does, wherever it stands. Not here: its keys ([`super::link`]).

use super::report::Path;
use super::{LinkSettings, Node, OneOrMany, Scenario};

/// Whose properties a table gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LinkOwner<'a> {
    /// A point-to-point link, by its index in [`Scenario::link`].
    PointToPoint(usize),
    /// Every attachment to a network, unless it has a table of its own.
    Network(&'a str),
    /// The attachment of a node to a network.
    Attachment { node: &'a str, network: &'a str },
}

/// A table.
#[derive(Clone, Debug)]
pub(crate) struct LinkTable<'a> {
    pub(crate) owner: LinkOwner<'a>,
    pub(crate) settings: LinkSettings,
    /// Where it stands.
    pub(super) path: Path,
}

impl Scenario {
    /// All of them: networks, attachments in the order of nodes, links, hosts that move.
    pub(crate) fn link_tables(&self) -> Vec<LinkTable<'_>> {
        let top = |key: &str| Path::default().key(key);
        let mut tables = Vec::new();
        for (name, network) in &self.network {
            let (owner, settings) = (LinkOwner::Network(name), network.link_settings());
            tables.push(LinkTable { owner, settings, path: top("network").key(name) });
        }
        for (name, node) in &self.node {
            attachments(name, node, &top("node").key(name), &mut tables);
        }
        for (index, link) in self.link.iter().enumerate() {
            let (owner, settings) = (LinkOwner::PointToPoint(index), link.link_settings());
            tables.push(LinkTable { owner, settings, path: top("link").index(index) });
        }
        for (index, action) in self.action.iter().enumerate() {
            if let Some(change) = &action.move_node
                && let Some(settings) = &change.link
            {
                let owner = LinkOwner::Attachment { node: &change.node, network: &change.to };
                let path = top("action").index(index).key("move").key("link");
                tables.push(LinkTable { owner, settings: settings.clone(), path });
            }
        }
        tables
    }

    /// The settings of a network's attachments; nothing if it has no table.
    pub(crate) fn network_settings(&self, network: &str) -> LinkSettings {
        self.network.get(network).map(super::Network::link_settings).unwrap_or_default()
    }
}

/// The tables of a node's attachments.
fn attachments<'a>(name: &'a str, node: &'a Node, path: &Path, tables: &mut Vec<LinkTable<'a>>) {
    let mut add = |network: &'a str, settings: &LinkSettings, path: Path| {
        let owner = LinkOwner::Attachment { node: name, network };
        tables.push(LinkTable { owner, settings: settings.clone(), path });
    };
    let plain = [("link", &node.network, &node.link), ("inside_link", &node.inside, &node.inside_link)];
    for (key, networks, settings) in plain {
        for network in networks.iter().flat_map(OneOrMany::as_slice) {
            if let Some(settings) = settings {
                add(network, settings, path.key(key));
            }
        }
    }
    if let (Some(network), Some(settings)) = (&node.outside, &node.outside_link) {
        add(network, settings, path.key("outside_link"));
    }
    for (index, interface) in node.interface.iter().enumerate() {
        if let Some(settings) = &interface.link {
            add(&interface.network, settings, path.key("interface").index(index).key("link"));
        }
    }
}
