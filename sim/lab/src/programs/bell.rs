//! How programs tell the owner of their world that it has something to look at, so that it need not ask them after every event.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A bell that peers and signaling servers ring and their owner hears. All of one world share one.
#[derive(Clone, Debug, Default)]
pub struct Bell(Arc<AtomicBool>);

impl Bell {
    /// There is something to look at.
    pub(crate) fn ring(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it was rung since the last time it was asked.
    pub fn heard(&self) -> bool {
        self.0.load(Ordering::Relaxed) && self.0.swap(false, Ordering::Relaxed)
    }
}
