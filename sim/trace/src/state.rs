//! The states of things in a network, as readers see them: plain data, whole, with nothing to look up elsewhere.

use std::net::{IpAddr, SocketAddr};

use rtclab_rtc::ice::Candidate;

use crate::{LinkId, MacAddress, NodeId, SimTime};

/// An interface of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InterfaceState {
    /// Its name on the node.
    pub name: String,
    /// Its addresses with their prefix lengths.
    pub addresses: Vec<(IpAddr, u8)>,
    /// The network it is attached to, by name.
    pub network: Option<String>,
    /// Its hardware address, if that network is one of Ethernet.
    pub mac: Option<MacAddress>,
}

/// A node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeState {
    /// Its interfaces.
    pub interfaces: Vec<InterfaceState>,
    /// Its routes, in words: `10.0.0.0/8 via 192.168.1.1 (eth0)`.
    pub routes: Vec<String>,
    /// Its rules (NAT axes, firewall rules), in words and in order.
    pub rules: Vec<String>,
}

/// A transport protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// UDP.
    Udp,
    /// TCP.
    Tcp,
    /// ICMP queries.
    Icmp,
}

impl Protocol {
    /// As people write it.
    pub const fn word(self) -> &'static str {
        match self {
            Protocol::Udp => "UDP",
            Protocol::Tcp => "TCP",
            Protocol::Icmp => "ICMP",
        }
    }
}

/// What became of a mapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MappingPhase {
    /// Translates.
    Active,
    /// Its timer ran out.
    Expired,
    /// It was ended before its time: the NAT was rebound or restarted, somebody else took the port, a RST passed. The entry's reason says.
    Removed,
}

/// A mapping of a NAT (RFC 4787 §4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappingState {
    /// For which protocol.
    pub protocol: Protocol,
    /// Inside.
    pub internal: SocketAddr,
    /// Outside.
    pub external: SocketAddr,
    /// The remote endpoint it is bound to, as far as the mapping behaviour looks at it: nothing, an address, an address and port.
    pub bound_to: Option<String>,
    /// Remote endpoints that the inside has sent to through it: what the filtering behaviour looks at.
    pub contacted: Vec<SocketAddr>,
    /// When it expires unless refreshed.
    pub expires_at: SimTime,
    /// What became of it.
    pub phase: MappingPhase,
    /// How it stands, in words: `established`, `unreplied`, `asked for`; empty where there is nothing to say.
    pub status: String,
}

/// A flow that a stateful firewall remembers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowState {
    /// For which protocol.
    pub protocol: Protocol,
    /// Inside.
    pub internal: SocketAddr,
    /// Outside.
    pub external: SocketAddr,
    /// When it is forgotten unless refreshed.
    pub expires_at: SimTime,
    /// Whether it is still remembered.
    pub active: bool,
    /// How far its connection has come, if it is one of TCP.
    pub tcp: Option<TcpFlowPhase>,
    /// The rule that let its first packet pass, by the name it has in the firewall.
    pub rule: String,
}

/// How far a TCP connection has come, as a box on its way can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TcpFlowPhase {
    /// A SYN has passed.
    Opening,
    /// Both sides have agreed.
    Established,
    /// Both sides have sent a FIN.
    Closing,
    /// One side has sent a RST.
    Reset,
}

impl TcpFlowPhase {
    /// In a word.
    pub const fn word(self) -> &'static str {
        match self {
            TcpFlowPhase::Opening => "opening",
            TcpFlowPhase::Established => "established",
            TcpFlowPhase::Closing => "closing",
            TcpFlowPhase::Reset => "reset",
        }
    }
}

/// What each rule of a firewall has decided so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirewallState {
    /// In their order; before them what belongs to known flows, after them what no rule matched.
    pub rules: Vec<RuleCount>,
}

impl std::fmt::Display for FirewallState {
    /// Those that have decided anything: `rule 2: block inbound 3 packets, 564 bytes; default: drop 1 packets, 40 bytes`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let busy = self.rules.iter().filter(|rule| rule.packets > 0);
        for (index, RuleCount { rule, packets, bytes }) in busy.enumerate() {
            let separator = if index > 0 { "; " } else { "" };
            write!(f, "{separator}{rule}: {packets} packets, {bytes} bytes")?;
        }
        Ok(())
    }
}

/// A rule, and what it has decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleCount {
    /// The rule in words.
    pub rule: String,
    /// Packets that it decided about.
    pub packets: u64,
    /// Their bytes, from the IP header on.
    pub bytes: u64,
}

/// The largest packet that a node knows to reach a destination whole (RFC 1191 §3, RFC 8201 §3): learnt from a router that could not pass
/// on a longer one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathMtuState {
    /// To there.
    pub destination: IpAddr,
    /// Longest packet, in bytes.
    pub mtu: u32,
    /// When it is forgotten, in case the path has become wider.
    pub expires_at: SimTime,
    /// Whether it still counts.
    pub active: bool,
}

/// How much a node knows of a neighbor (RFC 4861 §7.3.2). Hosts keep what ARP tells them in the same way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NeighborPhase {
    /// It was asked for, and has not answered yet: packets wait.
    Incomplete,
    /// It has answered not long ago.
    Reachable,
    /// Its answer is old. It counts until somebody sends to it.
    Stale,
    /// A packet went to it while its answer was old; a sign of life is waited for.
    Delay,
    /// It is asked directly whether it is still there.
    Probe,
    /// It did not answer.
    Failed,
    /// It was forgotten for another reason.
    Forgotten,
}

impl NeighborPhase {
    /// In a word.
    pub const fn word(self) -> &'static str {
        match self {
            NeighborPhase::Incomplete => "incomplete",
            NeighborPhase::Reachable => "reachable",
            NeighborPhase::Stale => "stale",
            NeighborPhase::Delay => "delay",
            NeighborPhase::Probe => "probe",
            NeighborPhase::Failed => "failed",
            NeighborPhase::Forgotten => "forgotten",
        }
    }

    /// Whether it is still in the cache.
    pub const fn is_kept(self) -> bool {
        !matches!(self, NeighborPhase::Failed | NeighborPhase::Forgotten)
    }
}

/// A neighbor on an Ethernet network, in the cache of a node: of ARP for IPv4, of neighbor discovery for IPv6.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NeighborState {
    /// The node's interface that it is behind, by name.
    pub interface: String,
    /// Its address.
    pub address: IpAddr,
    /// Its hardware address, as far as it is known.
    pub mac: Option<MacAddress>,
    /// How much that counts.
    pub phase: NeighborPhase,
}

/// What an Ethernet switch has learnt: which of its ports a station is behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MacEntryState {
    /// The station.
    pub mac: MacAddress,
    /// The link that leads to it.
    pub port: LinkId,
    /// Whether the switch still knows.
    pub active: bool,
}

/// A program, in its own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgramState {
    /// What it is: `UDP echo`, `STUN server`.
    pub name: String,
    /// How it stands: `1,204 datagrams received, 3 missing`.
    pub status: String,
}

/// Where a signaling message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SignalPhase {
    /// Its writer handed it over.
    Sent,
    /// The signaling server has it.
    Relayed,
    /// Its reader has it.
    Received,
    /// Given up.
    Lost,
}

/// A signaling message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignalMessage {
    /// The peer that wrote it.
    pub from: NodeId,
    /// The peer it is for.
    pub to: NodeId,
    /// What it is: `offer`, `answer`, `candidate`, `end-of-candidates`.
    pub kind: String,
    /// What it says.
    pub text: String,
    /// Where it is.
    pub phase: SignalPhase,
}

/// What a call came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CallOutcome {
    /// Nothing yet.
    Connecting,
    /// Both sides have a selected pair.
    Connected,
    /// Was connected; nothing answers now.
    Disconnected,
    /// At least one side has failed.
    Failed,
}

/// The class of a path; the labels of candidates depend on an implementation, this does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CallPath {
    /// Between the peers, through whatever NATs.
    Direct,
    /// Through a TURN server.
    Relayed,
}

/// One side of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallSide {
    /// The node.
    pub node: NodeId,
    /// When its nomination was confirmed.
    pub connected_at: Option<SimTime>,
    /// Its selected pair: its own candidate and its peer's.
    pub selected: Option<(Candidate, Candidate)>,
}

/// A call between two peers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallState {
    /// The side that offers, then the side that answers.
    pub sides: [CallSide; 2],
    /// What it came to.
    pub outcome: CallOutcome,
    /// Which class of path it uses.
    pub path: Option<CallPath>,
}
