//! What is fuzzed: functions that take any bytes and panic if something that must hold does not. Not here: the fuzzer's entry points.

pub mod targets;
