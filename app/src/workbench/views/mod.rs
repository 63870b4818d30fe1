//! The views: each reads the state, paints, and returns commands. None changes anything.

mod bytes;
mod chart;
mod dialog;
mod event_rows;
mod events;
mod header;
mod labels;
mod ladder;
mod layers;
mod links;
mod map;
mod node;
mod notice;
mod packet;
mod packets;
mod sdp;
mod session;
mod shell;
mod splitter;
mod tcp;
mod timeline;
mod welcome;
mod why;

pub use shell::view;
