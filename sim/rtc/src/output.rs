//! What protocol code hands back: datagrams to send and changes to tell, in the order in which they happened.
//! Not here: what each change says; that is [`crate::stun`], [`crate::turn`] and [`crate::ice`].

use std::net::SocketAddr;

use crate::reason::Reason;

/// What an event or a datagram is about, inside one endpoint. Numbers count up from 0 within the endpoint and are never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// The ICE agent as a whole: role, gathering, connection state.
    Agent,
    /// The check list of a data stream.
    CheckList(u32),
    /// A candidate of our own.
    LocalCandidate(u32),
    /// A candidate of the peer.
    RemoteCandidate(u32),
    /// A candidate pair.
    Pair(u32),
    /// A STUN transaction that this endpoint started.
    Transaction(u32),
    /// A TURN allocation (on a client: the one it holds; on a server: one of many).
    Allocation(u32),
}

/// What made an output happen, as far as the endpoint itself knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Because {
    /// The call that is being handled: this datagram, this timer, this command.
    Input,
    /// The newest change of this subject, earlier in the endpoint's life.
    Change(Subject),
}

/// A datagram to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transmit {
    /// The address of the socket it leaves from.
    pub from: SocketAddr,
    /// Where it goes.
    pub to: SocketAddr,
    /// The payload of the UDP datagram.
    pub payload: Vec<u8>,
    /// What made it necessary.
    pub because: Because,
    /// Why it is sent, where there is more to say than "the change that caused it".
    pub reason: Option<Reason>,
}

/// One step of an endpoint's output. `C` is the protocol's own type of change.
#[derive(Clone, Debug, PartialEq)]
pub enum Output<C> {
    /// Send this.
    Transmit(Transmit),
    /// This changed. The state inside is the new state of `subject`, whole, so that the newest change answers every question.
    Change {
        /// What changed.
        subject: Subject,
        /// Its new state.
        change: C,
        /// Why.
        reason: Option<Reason>,
        /// What made it happen.
        because: Because,
    },
    /// Data of the application arrived.
    Data {
        /// The address of the socket, or of the relayed candidate, on which it arrived.
        to: SocketAddr,
        /// Who sent it.
        from: SocketAddr,
        /// The bytes.
        payload: Vec<u8>,
    },
    /// The input that is being handled was not acted on: nothing changed by it.
    Ignored {
        /// Why.
        reason: Reason,
    },
}
