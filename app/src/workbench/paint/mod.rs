//! What all views paint with: text that never leaves its place, icons, markers, and the few controls of the window.

pub(crate) mod controls;
pub(crate) mod icon;
pub(crate) mod marker;
pub(crate) mod node_icon;
pub(crate) mod pen;
pub(crate) mod scroll;
pub(crate) mod text;
