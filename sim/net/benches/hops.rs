//! Packet hops.
fn main() {}
