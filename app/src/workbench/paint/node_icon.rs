//! The icons of nodes on the map and in the sequence.

use egui::{Color32, Painter, Rect};
use rtclab_trace::{NodeInfo, NodeKind};

use super::pen::Pen;

/// The icon of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NodeIcon {
    Host,
    Server,
    Router,
    Nat,
    Firewall,
    Address,
}

impl NodeIcon {
    /// Servers look like machines, other hosts like people's computers.
    pub(crate) fn of(node: &NodeInfo) -> NodeIcon {
        match node.kind {
            NodeKind::Host if is_server(node) => NodeIcon::Server,
            NodeKind::Host => NodeIcon::Host,
            NodeKind::Router | NodeKind::Switch => NodeIcon::Router,
            NodeKind::Nat => NodeIcon::Nat,
            NodeKind::Firewall => NodeIcon::Firewall,
            NodeKind::Address => NodeIcon::Address,
        }
    }

    /// Paints it into a square.
    pub(crate) fn paint(self, painter: &Painter, square: Rect, color: Color32) {
        let pen = Pen::new(painter, square, color);
        match self {
            NodeIcon::Host => {
                pen.frame(0.1, 0.16, 0.9, 0.7, 2);
                pen.line(&[(0.34, 0.88), (0.66, 0.88)]);
                pen.line(&[(0.5, 0.7), (0.5, 0.88)]);
            }
            NodeIcon::Server => {
                pen.frame(0.14, 0.12, 0.86, 0.46, 2);
                pen.frame(0.14, 0.54, 0.86, 0.88, 2);
                pen.dot(0.3, 0.29);
                pen.dot(0.3, 0.71);
            }
            NodeIcon::Router => {
                pen.circle(0.5, 0.5, 0.38);
                pen.line(&[(0.5, 0.26), (0.5, 0.74)]);
                pen.line(&[(0.26, 0.5), (0.74, 0.5)]);
            }
            NodeIcon::Nat => {
                pen.frame(0.12, 0.12, 0.88, 0.88, 3);
                pen.line(&[(0.28, 0.38), (0.72, 0.38)]);
                pen.line(&[(0.6, 0.26), (0.72, 0.38), (0.6, 0.5)]);
                pen.line(&[(0.72, 0.64), (0.28, 0.64)]);
                pen.line(&[(0.4, 0.52), (0.28, 0.64), (0.4, 0.76)]);
            }
            NodeIcon::Firewall => pen.bricks(),
            NodeIcon::Address => {
                pen.circle(0.5, 0.42, 0.26);
                pen.line(&[(0.28, 0.56), (0.5, 0.94), (0.72, 0.56)]);
            }
        }
    }
}

/// Whether a host only serves.
pub(crate) fn is_server(node: &NodeInfo) -> bool {
    node.role.to_ascii_lowercase().contains("server")
}
