//! ICE, RFC 8445 with trickle (RFC 8838): a full agent for one data stream with one component. [`Agent`] says how it is driven.
//!
//! Each procedure has a file of its own. What the agent decides it tells as the whole new state of a subject, with a reason and a
//! cause; whoever keeps the newest change of every subject knows what the getters show.
//!
//! | section | what | done | where |
//! |---|---|---|---|
//! | RFC 8445 §5.1.1.1 | host candidates of several interfaces, both families | yes; the owner binds the sockets | `gathering` |
//! | §5.1.1.2 | server-reflexive and relayed candidates, paced by Ta | yes; TURN over UDP; no NAT64 | `gathering`, `relay` |
//! | §5.1.1.3 | foundations | yes | `foundation` |
//! | §5.1.1.4 | keeping candidates alive until a pair is selected | yes | `gathering`, TURN client |
//! | §5.1.2, §5.1.3 | priorities, redundant candidates | yes | `priority`, `candidate` |
//! | §5.2, §6.2, §8.2 | lite implementations, on either side | no | – |
//! | §5.4 | ICE mismatch | no: for SDP | – |
//! | §6.1.1 | roles | given by the owner | `config` |
//! | §6.1.2 | pairing, pruning, limit of 100, states, foundations | yes; reflexive candidates are never paired | `candidate`, `pair`, `check_list` |
//! | §6.1.2.2 | several components and streams | no: BUNDLE and rtcp-mux leave one | – |
//! | §6.1.4 | triggered before ordinary checks, Ta | yes; of a TURN client only its Allocate is paced | `schedule` |
//! | §7.1, §7.2.1 to §7.2.4 | checks and their attributes, permissions | yes | `check`, `relay` |
//! | §7.2.3 | DSCP | no | – |
//! | §7.2.5.1, §7.3.1.1 | role conflicts, 487 | yes; checks that claim a role we gave up are replaced | `role` |
//! | §7.2.5.2 | non-symmetric answers, ICMP, timeouts, refusals | yes; a pair on which the peer is heard gets three timeouts | `response`, `check` |
//! | §7.2.5.3 | peer-reflexive candidates of ours, valid pairs, unfreezing | yes | `response` |
//! | §7.3 | authentication before anything else; checks before the answer | yes | `respond` |
//! | §7.3.1.3 to §7.3.1.5 | peer-reflexive candidates of the peer, triggered checks, nomination | yes | `respond` |
//! | §8.1 | regular nomination, told when it is confirmed; concluding | yes; finished pairs stay in the list for readers | `nomination` |
//! | §8.3 | freeing candidates | no: allocations are kept until the agent is closed | `restart` |
//! | §9 | restart; the old pair carries data meanwhile | yes | `restart` |
//! | §10 | the `ice2` option | for SDP | – |
//! | §11 | keepalives, Tr = 15 s | yes | `keepalive` |
//! | §12 | data over the selected pair | yes; before there is one, nothing is sent | `receive`, `agent` |
//! | §14 | Ta, RTO | yes; N of the formula is 1, the number of check lists | `schedule`, `check`, `gathering` |
//! | RFC 8838 | trickle: any order of credentials, candidates and their end; §12's states | yes; half trickle is the owner's | `trickle`, `check_list` |
//! | RFC 8839 §5.1, §5.4 | candidate lines, ice-chars | yes; no TCP candidates, no host names | `attribute`, `config` |
//! | RFC 8863 | patience before failure | yes | `state` |
//! | RFC 8421 | preferences of a dual-stack host | the owner sets them | `config` |
//! | RFC 7675 | consent | no: silence is noticed by what does not come, and only told | `keepalive` |
//! | RFC 6544 | TCP candidates | no | – |

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
