//! Two ICE agents in memory: what they do together, seen from outside. Not here: single procedures, which are tested beside their code.

mod connect;
mod consent;
mod crafted;
mod duo;
mod gather;
mod junk;
mod keepalive;
mod lists;
mod lite;
mod losses;
mod mapped;
mod mutations;
mod names;
mod nats;
mod nominations;
mod policies;
mod refusals;
mod relayed;
mod relayed_streams;
mod restart;
mod roles;
mod streams;
mod tcp;
mod tcp_reflexive;
mod trickle;
mod wires;
