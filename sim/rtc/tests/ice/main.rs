//! Two ICE agents in memory: what they do together, seen from outside. Not here: single procedures, which are tested beside their code.

mod connect;
mod crafted;
mod duo;
mod gather;
mod junk;
mod keepalive;
mod lists;
mod losses;
mod nats;
mod refusals;
mod relayed;
mod restart;
mod roles;
mod trickle;
