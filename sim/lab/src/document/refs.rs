//! Names that stand for links, and who is attached where at which time. Not here: what is said about names that stand for nothing.

use indexmap::IndexSet;

use super::Scenario;

/// A link that a scenario names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkRef {
    /// The link of a node to a network.
    Attachment {
        /// The node.
        node: String,
        /// The network.
        network: String,
    },
    /// A point-to-point link, by its index in [`Scenario::link`].
    PointToPoint(usize),
}

/// Why a name stands for no link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkRefError {
    /// Nothing has that name.
    Unknown,
    /// The node has several attachments, listed as they would have to be written.
    Ambiguous(Vec<String>),
}

impl Scenario {
    /// The networks: those with a table of their own, then those that are only the inside of a NAT or firewall.
    pub fn networks(&self) -> IndexSet<&str> {
        let inside = self.node.values().flat_map(|node| &node.inside).flat_map(super::OneOrMany::as_slice);
        self.network.keys().chain(inside).map(String::as_str).collect()
    }

    /// Who is attached to which network just before a time, as `(node, network)` in the order of the document. Only moves that name a
    /// host and its network change anything.
    pub fn attachments_at(&self, at_ms: f64) -> Vec<(&str, &str)> {
        let mut attachments: Vec<(&str, &str)> = self
            .node
            .iter()
            .flat_map(|(name, node)| node.networks().map(move |network| (name.as_str(), network)))
            .collect();
        let mut moves: Vec<_> = self
            .action
            .iter()
            .filter(|action| action.at_ms < at_ms)
            .filter_map(|action| Some((action.at_ms, action.move_node.as_ref()?)))
            .collect();
        moves.sort_by(|(first, _), (second, _)| first.total_cmp(second));
        for (_, change) in moves {
            let left = attachments.iter_mut().find(|(node, network)| {
                *node == change.node && change.from.as_deref().is_none_or(|from| from == *network)
            });
            if let Some(attachment) = left {
                attachment.1 = &change.to;
            }
        }
        attachments
    }

    /// The links that a name stands for at a time: see [`super::Action`].
    ///
    /// # Errors
    ///
    /// Nothing has the name, or a node has several links.
    pub fn links_named(&self, name: &str, at_ms: f64) -> Result<Vec<LinkRef>, LinkRefError> {
        if let Some(index) = self.link.iter().position(|link| link.label() == name) {
            return Ok(vec![LinkRef::PointToPoint(index)]);
        }
        let attachments = self.attachments_at(at_ms);
        let made = |(node, network): &(&str, &str)| LinkRef::Attachment {
            node: (*node).to_string(),
            network: (*network).to_string(),
        };
        if let Some((node, network)) = name.split_once('/') {
            let found = attachments.iter().find(|attachment| **attachment == (node, network));
            return found.map(|found| vec![made(found)]).ok_or(LinkRefError::Unknown);
        }
        if self.networks().contains(name) {
            return Ok(attachments.iter().filter(|(_, network)| *network == name).map(made).collect());
        }
        let own: Vec<_> = attachments.iter().filter(|(node, _)| *node == name).collect();
        let point_to_point: Vec<usize> = (0..self.link.len())
            .filter(|&index| self.link[index].between.iter().any(|end| end == name))
            .collect();
        match (&own[..], &point_to_point[..]) {
            ([], []) => Err(LinkRefError::Unknown),
            ([only], []) => Ok(vec![made(only)]),
            ([], [only]) => Ok(vec![LinkRef::PointToPoint(*only)]),
            _ => {
                let attached = own.iter().map(|(node, network)| format!("{node}/{network}"));
                let linked = point_to_point.iter().map(|&index| self.link[index].label());
                Err(LinkRefError::Ambiguous(attached.chain(linked).collect()))
            }
        }
    }
}
