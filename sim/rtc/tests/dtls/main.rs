//! Two ends of DTLS in memory, on a virtual clock: what they do together, seen from outside. Not here: the lab, where packets carry it.

mod determinism;
mod failures;
mod fingerprints;
mod handshake;
mod keys;
mod losses;
mod pair;
mod post_quantum;
