//! ICE, RFC 8445 with trickle (RFC 8838): the face that the trace and the views see.

mod change;

pub use change::{
    AgentSnapshot, Candidate, CandidateKind, Change, CheckListSnapshot, CheckListState, ConnectionState,
    GatheringState, PairSnapshot, PairState, Role, SelectedPair,
};
