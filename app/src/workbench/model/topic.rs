//! What an entry is about, in ten topics: the filter chips, colours and marker shapes all follow them.

use rtclab_rtc::ice;
use rtclab_trace::{Change, Entity};

use crate::workbench::words::Word;

/// What an entry is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Topic {
    /// STUN: Binding requests and responses, transactions.
    Stun,
    /// TURN: allocations and everything that goes to or from a relay.
    Turn,
    /// ICE: agents, candidates, pairs, check lists.
    Ice,
    /// NAT mappings and firewall flows.
    Nat,
    /// Signaling messages.
    Signaling,
    /// Application data and media.
    Data,
    /// TCP: sockets, and segments that carry nothing of another topic.
    Tcp,
    /// DNS and mDNS: names that are asked for.
    Dns,
    /// ICMP and whatever else the network itself says.
    Network,
    /// The run: nodes, links, programs, calls, timed actions.
    World,
}

impl Topic {
    /// Every topic, in the order of the chips.
    pub const ALL: [Topic; 10] = [
        Topic::Stun,
        Topic::Turn,
        Topic::Ice,
        Topic::Nat,
        Topic::Signaling,
        Topic::Data,
        Topic::Tcp,
        Topic::Dns,
        Topic::Network,
        Topic::World,
    ];

    /// Its name in the string table.
    pub(crate) const fn word(self) -> Word {
        match self {
            Topic::Stun => Word::TopicStun,
            Topic::Turn => Word::TopicTurn,
            Topic::Ice => Word::TopicIce,
            Topic::Nat => Word::TopicNat,
            Topic::Signaling => Word::TopicSignaling,
            Topic::Data => Word::TopicData,
            Topic::Tcp => Word::TopicTcp,
            Topic::Dns => Word::TopicDns,
            Topic::Network => Word::TopicNetwork,
            Topic::World => Word::TopicWorld,
        }
    }

    /// Its bit in a set of topics.
    pub(crate) const fn bit(self) -> u16 {
        1 << self as u16
    }

    /// The topic of a change that is not about a packet; packets get theirs from their bytes.
    pub(crate) fn of_state(entity: Entity, change: &Change) -> Topic {
        match change {
            Change::Mapping(_) | Change::Flow(_) => Topic::Nat,
            Change::PathMtu(_) | Change::Firewall(_) | Change::Neighbor(_) | Change::MacEntry(_) => {
                Topic::Network
            }
            Change::Signal(_) | Change::PeerConnection(_) | Change::Description(_) => Topic::Signaling,
            Change::Dtls(_) | Change::Sctp(_) | Change::DataChannel(_) => Topic::Data,
            Change::DnsQuery(_) => Topic::Dns,
            Change::Tcp(_) => Topic::Tcp,
            Change::Protocol(change) => match **change {
                ice::Change::Transaction(ref transaction) => Topic::of_method(transaction.method),
                ice::Change::Allocation(_) => Topic::Turn,
                _ => Topic::Ice,
            },
            _ => match entity {
                Entity::Transaction(..) => Topic::Stun,
                Entity::Allocation(..) => Topic::Turn,
                _ => Topic::World,
            },
        }
    }

    /// STUN carries TURN's methods; only Binding is STUN's own (RFC 8489 §3).
    pub(crate) fn of_method(method: &str) -> Topic {
        if method == "Binding" { Topic::Stun } else { Topic::Turn }
    }
}

/// A set of topics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Topics(u16);

impl Topics {
    /// Puts a topic in, or takes it out.
    pub fn toggle(&mut self, topic: Topic) {
        self.0 ^= topic.bit();
    }

    /// Whether it holds a topic.
    pub const fn contains(self, topic: Topic) -> bool {
        self.0 & topic.bit() != 0
    }

    /// Whether it holds none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl FromIterator<Topic> for Topics {
    fn from_iter<I: IntoIterator<Item = Topic>>(topics: I) -> Topics {
        Topics(topics.into_iter().fold(0, |set, topic| set | topic.bit()))
    }
}
