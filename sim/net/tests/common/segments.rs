//! TCP segments by hand, and what becomes of them: hosts here sit behind walls that let everything out and nothing in, so that no TCP of their
//! own answers.

use std::net::SocketAddr;

use rtclab_net::firewall::{Action, FirewallConfig, Rule, Way};
use rtclab_net::tcp::{Flags, Header, Segment};
use rtclab_net::wire::ip;
use rtclab_net::{NatConfig, tcp};
use rtclab_trace::Change;

use super::{Draft, Lab, Talker, millis};

pub(crate) const SYN: Flags = Flags::SYN;
pub(crate) const ACK: Flags = Flags::ACK;
pub(crate) const RST: Flags = Flags::RST;
pub(crate) const FIN: Flags = Flags::FIN;

/// A wall that lets everything out, and nothing in.
fn wall() -> FirewallConfig {
    let out = Rule::new("out", Action::Allow).way(Way::Outbound);
    let rules = vec![out, Rule::new("nothing in", Action::Drop)];
    FirewallConfig { stateful: false, ..FirewallConfig::new(rules) }
}

/// alice and carol behind `nat`, bob and dave outside, each behind a wall of their own.
pub(crate) fn walled(config: NatConfig) -> Lab {
    let mut draft = Draft::new()
        .network("home", millis(5))
        .network("internet", millis(5))
        .nat("nat", config, "home", "internet");
    for (name, network) in [("alice", "home"), ("carol", "home"), ("bob", "internet"), ("dave", "internet")] {
        let lan = format!("{name}-lan");
        draft = draft.network(&lan, millis(0));
        draft = draft.firewall(&format!("{name}-wall"), wall(), &lan, network).host(name, &[&lan]);
    }
    let mut lab = draft.lab();
    for name in ["alice", "carol", "bob", "dave"] {
        lab.talk(name, Talker::new("0.0.0.0:4000"));
    }
    lab
}

impl Lab {
    /// Lets a host send a segment, from one of its ports.
    pub(crate) fn segment(&mut self, host: &str, port: u16, to: SocketAddr, flags: Flags) {
        let from = SocketAddr::new(self.address(host), port);
        let header = Header {
            source_port: port,
            destination_port: to.port(),
            sequence: tcp::SequenceNumber(1_000),
            acknowledgment: tcp::SequenceNumber(2_000),
            flags,
            window: 65_535,
            ..Header::default()
        };
        let segment = header.emit(b"", from.ip(), to.ip());
        let mut bytes = Vec::new();
        ip::build(&mut bytes, from.ip(), to.ip(), ip::TCP, 64, segment.len());
        bytes.extend_from_slice(&segment);
        self.send_raw(host, &bytes);
        self.run_ms(50);
    }

    /// The segments that have come as far as a host's wall: from, to, flags; each with a right checksum.
    pub(crate) fn segments_at(&self, host: &str) -> Vec<(SocketAddr, SocketAddr, Flags)> {
        let (trace, wall) = (self.world.trace(), self.node(&format!("{host}-wall")));
        let host = self.node(&format!("{host}-lan"));
        let mut found = Vec::new();
        for (id, entry) in trace.entries() {
            let Change::Hop { link, direction, .. } = entry.change else { continue };
            let (from, to) = trace.topology().hop(link, direction);
            if to != wall || from == host {
                continue;
            }
            let bytes = trace.bytes_at(id).expect("of a packet");
            let header = ip::Header::parse(&bytes).expect("a packet");
            if header.protocol != ip::TCP {
                continue;
            }
            let segment =
                Segment::parse(&bytes[header.payload..header.end], header.source, header.destination);
            let segment = segment.expect("a segment with a right checksum").header;
            let [from, to] =
                [(header.source, segment.source_port), (header.destination, segment.destination_port)];
            found.push((from.into(), to.into(), segment.flags));
        }
        found
    }
}
