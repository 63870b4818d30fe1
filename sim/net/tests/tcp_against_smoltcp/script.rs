//! What both ends of a transfer do: write some bytes, close, and read until the other side has closed too.

use std::collections::VecDeque;

/// How far an end is with that.
#[derive(Debug)]
pub(crate) struct Script {
    pub(crate) to_write: VecDeque<u8>,
    pub(crate) received: Vec<u8>,
    pub(crate) closed: bool,
}

impl Script {
    pub(crate) fn new(data: &[u8]) -> Script {
        Script { to_write: data.iter().copied().collect(), received: Vec::new(), closed: false }
    }
}
