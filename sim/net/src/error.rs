//! What can be wrong with a plan, an action or a call of a program. Not here: what happens to packets, which is told by the trace.

use std::net::{IpAddr, SocketAddr};

use crate::prefix::Prefix;

/// A plan that no world can be made of.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// Two nodes share a name.
    #[error("there are two nodes named `{0}`")]
    DuplicateName(String),
    /// More nodes than a trace can name.
    #[error("a world has at most 65,535 nodes")]
    TooManyNodes,
    /// A node id that is not of this plan.
    #[error("there is no such node in this plan")]
    UnknownNode,
    /// Attached to something that is not a network.
    #[error("`{0}` is not a network")]
    NotANetwork(String),
    /// A network was attached to a network, or connected.
    #[error("`{0}` is a network: attach a node to it")]
    IsANetwork(String),
    /// An interface name was used twice on a node.
    #[error("`{node}` has two interfaces named `{interface}`")]
    DuplicateInterface {
        /// The node.
        node: String,
        /// The interface.
        interface: String,
    },
    /// Two attachments to one network have one address.
    #[error("`{network}` has {address} twice")]
    DuplicateAddress {
        /// The network.
        network: String,
        /// The address.
        address: IpAddr,
    },
    /// An address that none of the network's prefixes has.
    #[error("`{network}` has no prefix with {address}")]
    AddressNotOnNetwork {
        /// The network.
        network: String,
        /// The address.
        address: IpAddr,
    },
    /// A prefix length that the address's family does not have.
    #[error("{address}/{length} is not an address with a prefix length")]
    BadPrefixLength {
        /// The address.
        address: IpAddr,
        /// The length.
        length: u8,
    },
    /// An address that no interface can have: unspecified, loopback, multicast.
    #[error("{0} cannot be the address of an interface")]
    BadAddress(IpAddr),
    /// A network has no address left to give.
    #[error("`{network}` has no free address left in {prefix}")]
    PrefixExhausted {
        /// The network.
        network: String,
        /// Its prefix.
        prefix: Prefix,
    },
    /// No automatic prefix is left.
    #[error("there are too many networks to number all of them")]
    NetworksExhausted,
    /// Properties of a link that make no sense.
    #[error("{0}")]
    BadLink(&'static str),
    /// A NAT without an outside interface, or with none inside.
    #[error("NAT `{0}` needs an interface inside and one outside")]
    NatSides(String),
    /// A NAT without an IPv4 address outside.
    #[error("NAT `{0}` has no IPv4 address outside")]
    NatWithoutAddress(String),
    /// A firewall without an outside interface, or with none inside.
    #[error("firewall `{0}` needs an interface inside and one outside")]
    FirewallSides(String),
    /// A static route via an address that is on none of the node's networks.
    #[error("`{node}` has no interface on the network of {via}")]
    UnreachableGateway {
        /// The node.
        node: String,
        /// The gateway.
        via: IpAddr,
    },
    /// A NAT's configuration makes no sense.
    #[error("NAT `{node}`: {problem}")]
    BadNat {
        /// The NAT.
        node: String,
        /// What is wrong.
        problem: &'static str,
    },
}

/// An action on a world that cannot be done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ActionError {
    /// There is no such node.
    #[error("there is no such node")]
    UnknownNode,
    /// There is no such link.
    #[error("there is no such link")]
    UnknownLink,
    /// There is no such program on the node.
    #[error("there is no such program on the node")]
    UnknownProgram,
    /// Only a NAT can be rebound.
    #[error("`{0}` is not a NAT")]
    NotANat(String),
    /// Only a host can be moved, and only hosts, routers and NATs run programs.
    #[error("`{0}` is not a host")]
    NotAHost(String),
    /// A node can be moved only to a network.
    #[error("`{0}` is not a network")]
    NotANetwork(String),
    /// The node has no such interface.
    #[error("`{node}` has no interface `{interface}`")]
    UnknownInterface {
        /// The node.
        node: String,
        /// The interface.
        interface: String,
    },
    /// The new addresses or properties are wrong.
    #[error(transparent)]
    Plan(#[from] PlanError),
}

/// Why a NAT does not map a port that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MapError {
    /// The program that asks does not run on a NAT.
    #[error("the program does not run on a NAT")]
    NotANat,
    /// The NAT translates IPv4 only, from its inside.
    #[error("{0} is not an IPv4 address inside")]
    NotInside(IpAddr),
    /// The port is taken, and no other would do.
    #[error("the external port is taken")]
    PortTaken,
    /// The inside host has as many mappings as it may have.
    #[error("the host has as many mappings as it may have")]
    Quota,
    /// No port, no address or no place in the table is left.
    #[error("no external port is left")]
    Full,
}

/// Why a socket could not be bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BindError {
    /// The node does not have that address.
    #[error("the node does not have the address {0}")]
    AddressNotAvailable(IpAddr),
    /// Another socket has it.
    #[error("{0} is in use")]
    InUse(SocketAddr),
    /// Every ephemeral port is taken.
    #[error("no ephemeral port is free")]
    PortsExhausted,
}

/// Why no connection could be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// The address or port that it is to come from cannot be had.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// The two ends are of different address families.
    #[error("the two ends are of different address families")]
    WrongFamily,
    /// There is no route to the destination.
    #[error("no route to the destination")]
    NoRoute,
}

/// Why a datagram was not sent. It is in the trace all the same, dropped at the node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The socket was closed, or never bound. This one leaves no packet behind.
    #[error("there is no such socket")]
    NoSocket,
    /// The socket is of the other address family. This one leaves no packet behind.
    #[error("the socket is of the other address family")]
    WrongFamily,
    /// The payload does not fit a datagram. This one leaves no packet behind.
    #[error("the payload is longer than a datagram can carry")]
    TooLong,
    /// Raw bytes without an IP header, or longer than one can say. They leave no packet behind.
    #[error("not an IP packet")]
    NotAPacket,
    /// The socket is bound to an address that the node no longer has.
    #[error("the address of the socket is gone")]
    AddressGone,
    /// There is no route from the socket's address to the destination.
    #[error("no route to the destination")]
    NoRoute,
    /// The network has nobody of that address.
    #[error("nobody on the network has that address")]
    NoNeighbor,
    /// The packet is longer than the MTU of the link.
    #[error("the packet is longer than the MTU of {mtu} bytes")]
    TooBig {
        /// The MTU.
        mtu: u32,
    },
}
