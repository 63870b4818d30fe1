//! What is fuzzed: functions that take any bytes and panic if something that must hold does not, and bytes to begin with. Not here: the
//! fuzzer's entry points.

pub mod seeds;
pub mod targets;
