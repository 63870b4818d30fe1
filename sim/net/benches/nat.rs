//! NAT.
fn main() {}
