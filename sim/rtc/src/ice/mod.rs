//! ICE, RFC 8445 with trickle (RFC 8838): a full or lite agent for any number of data streams and components. [`Agent`] says how it is
//! driven.
//!
//! Each procedure has a file of its own. What the agent decides it tells as the whole new state of a subject, with a reason and a
//! cause; whoever keeps the newest change of every subject knows what the getters show.
//!
//! | section | what | done | where |
//! |---|---|---|---|
//! | RFC 8445 §5.1.1.1 | host candidates of several interfaces, both families; components | yes; the owner binds the sockets | `gathering`, `component` |
//! | §5.1.1.2 | server-reflexive and relayed candidates, paced by Ta | yes; TURN over UDP, TCP and TLS; no NAT64 | `gathering`, `relay`, `relay_stream` |
//! | §5.1.1.3 | foundations | yes | `foundation` |
//! | §5.1.1.4 | keeping candidates alive until a pair is selected | yes | `gathering`, TURN client |
//! | §5.1.2, §5.1.3 | priorities, redundant candidates | yes | `priority`, `candidate` |
//! | §5.2, §6.2, §7.3.2, §8.2 | lite implementations, on either side or both | yes; of several pairs between two lite ones the best is used | `lite` |
//! | §5.3 | credentials, of the peer also by stream; ours drawn here or given | yes; ours are the same for all streams | `trickle`, `config` |
//! | §5.4 | ICE mismatch | no: for SDP | – |
//! | §6.1.1 | roles | given by the owner; a full agent is controlling toward a lite one | `config`, `lite` |
//! | §6.1.2 | pairing, pruning, limit of 100, states, foundations | yes; reflexive candidates are never paired | `candidate`, `pair`, `check_list` |
//! | §6.1.2.2 | several components and streams; one that the peer lacks is not waited for | yes | `check_list_set`, `state` |
//! | §6.1.2.6, §7.2.5.3.3 | freezing and unfreezing by foundation over the whole check list set | yes | `check_list_set` |
//! | §6.1.4 | triggered before ordinary checks, Ta, lists in turn | yes; of a TURN client only its Allocate is paced | `schedule` |
//! | §7.1, §7.2.1 to §7.2.4 | checks and their attributes, permissions | yes | `check`, `relay` |
//! | §7.2.3 | DSCP | no | – |
//! | §7.2.5.1, §7.3.1.1 | role conflicts, 487 | yes; checks that claim a role we gave up are replaced | `role` |
//! | §7.2.5.2 | non-symmetric answers, ICMP, timeouts, refusals | yes; a pair on which the peer is heard gets three timeouts | `response`, `check` |
//! | §7.2.5.3 | peer-reflexive candidates of ours, valid pairs, unfreezing | yes | `response` |
//! | §7.3 | authentication before anything else; checks before the answer | yes | `respond` |
//! | §7.3.1.3 to §7.3.1.5 | peer-reflexive candidates of the peer, triggered checks, nomination | yes | `respond` |
//! | §8.1 | regular nomination, told when it is confirmed; concluding by component | yes; finished pairs stay in the list for readers | `nomination` |
//! | RFC 5245 §8.1.1.2 | aggressive nomination, as a profile | yes; as the controlled side, the best of several nominations counts | `nomination`, `check` |
//! | draft-thatcher-ice-renomination | nominating anew, by the owner or from silence | yes, as an option | `renomination` |
//! | §8.3 | freeing candidates | no: allocations are kept until the agent is closed | `restart` |
//! | §9 | restart of all streams, which can be taken back; the old pairs carry data meanwhile | yes; no restart of one stream alone | `restart` |
//! | §10 | the `ice2` option | for SDP | – |
//! | §11 | keepalives, Tr = 15 s, on every pair that is kept | yes | `keepalive` |
//! | §12 | data over the selected pair of a component | yes; before there is one, nothing is sent | `receive`, `agent` |
//! | §14 | Ta, RTO | yes; where packets get through, an unanswered check is followed by a new one | `schedule`, `check`, `gathering`, `recheck` |
//! | RFC 8838 | trickle: any order of credentials, candidates and their end; §12's states; half trickle | yes | `trickle`, `check_list_set` |
//! | RFC 8839 §5.1, §5.4 | candidate lines, ice-chars | yes | `attribute`, `config` |
//! | RFC 8863 | patience before failure: 39.5 s | yes | `state` |
//! | RFC 8421 | preferences of a dual-stack host | yes | `dual_stack` |
//! | RFC 8828 §5.2 | policies: all, default route, default route only; relayed only | yes; a proxy (mode 4) is the host's to ask | `gathering`, `config` |
//! | RFC 7675 | consent | yes | `consent` |
//! | RFC 6544, RFC 4571 | TCP candidates | active, passive, simultaneous-open; reflexive; no relayed ones | `connection`, `reflexive_stream` |
//! | mmusic-mdns-ice-candidates | names in place of host addresses, both ways | yes; asking and answering over mDNS is the owner's | `names` |
//! | network cost | signaled, and counted in the choice as an option | yes | `nomination`, `names` |
//! | prediction of addresses and ports | off: only what a server or the peer has seen is a candidate | – | – |

mod agent;
mod attribute;
mod candidate;
mod carrier;
mod change;
mod check;
mod check_list;
mod check_list_set;
mod component;
mod config;
mod connection;
mod consent;
mod counters;
mod dual_stack;
mod foundation;
pub mod fuzz;
mod gathering;
mod host_request;
mod keepalive;
mod lite;
mod mapped;
mod names;
mod nomination;
mod pair;
mod priority;
mod receive;
mod recheck;
mod reflexive_stream;
mod relay;
mod relay_stream;
mod renomination;
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
    ConsentState, GatheringState, PairSnapshot, PairState, Role, SelectedPair,
};
use component::Base;
pub use component::{CandidateTransport, ComponentId};
pub use config::{
    AgentConfig, CandidatePolicy, Credentials, CredentialsError, LocalSocket, NominationMode, TrickleMode,
    TurnServer,
};
pub use counters::PathCounters;
pub use dual_stack::dual_stack_preferences;
pub use host_request::{ConnectionId, ConnectionUse, HostRequest};
pub use priority::{
    CandidatePriority, PairPriority, peer_reflexive_priority, tcp_type_preference, type_preference,
};
pub use renomination::CannotNominate;
