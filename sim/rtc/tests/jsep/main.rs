//! Sessions between two connections, and between a connection and crafted descriptions. Named by the behaviour; the table in
//! `sim/rtc/README.md` says which section of RFC 9429 each shows.

mod answers;
mod bundle;
mod candidates;
mod continuity;
mod data;
mod duo;
mod examples;
mod media;
mod negotiation;
mod offers;
mod profiles;
mod property;
mod rollback;
mod simulcast;
mod states;
mod transceivers;
