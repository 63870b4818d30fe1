//! ICE, RFC 8445 with trickle (RFC 8838): the face that the trace and the views see.

mod agent;
mod attribute;
mod candidate;
mod change;
mod check;
mod check_list;
mod config;
mod foundation;
mod gathering;
mod keepalive;
mod nomination;
mod pair;
mod priority;
mod receive;
mod relay;
mod respond;
mod response;
mod restart;
mod role;
mod schedule;
mod session;
mod state;
mod tell;
mod trickle;

pub use agent::{Agent, NotConnected};
pub use attribute::{CandidateLine, CandidateLineError};
pub use change::{
    AgentSnapshot, Candidate, CandidateKind, Change, CheckListSnapshot, CheckListState, ConnectionState,
    GatheringState, PairSnapshot, PairState, Role, SelectedPair,
};
pub use config::{AgentConfig, CandidatePolicy, Credentials, CredentialsError, LocalSocket, TurnServer};
pub use priority::{CandidatePriority, PairPriority, peer_reflexive_priority, type_preference};
