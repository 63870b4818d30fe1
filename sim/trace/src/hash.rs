//! The hash of a trace: the SHA-256 of its JSON lines, so that anyone can check it with a file and `sha256sum`.

use std::fmt;
use std::io::{self, Write};

use sha2::{Digest, Sha256};

use crate::Trace;

/// Names a run: two runs with one hash are the same to the byte.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TraceHash([u8; 32]);

impl fmt::Display for TraceHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for TraceHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TraceHash({self})")
    }
}

struct Hashing(Sha256);

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Trace {
    /// The hash of everything in this trace.
    pub fn hash(&self) -> TraceHash {
        let mut hashing = Hashing(Sha256::new());
        self.write_json_lines(&mut hashing).expect("hashing does no I/O");
        TraceHash(hashing.0.finalize().into())
    }
}
