//! What the views show, as plain data: computed from a trace, free of egui, so that text twins and tests read the same.

pub(crate) mod axis;
pub(crate) mod cursor;
pub(crate) mod describe;
pub(crate) mod document;
pub(crate) mod filter;
pub(crate) mod layout;
pub(crate) mod links;
pub(crate) mod load;
pub(crate) mod node;
pub(crate) mod packet;
pub(crate) mod sequence;
pub(crate) mod session;
pub(crate) mod shipped;
pub(crate) mod tcp;
pub(crate) mod topic;
pub(crate) mod why;
pub(crate) mod wire;
