//! Foundations: which candidates are alike enough that one check speaks for all. Not here: freezing and unfreezing.

use std::net::IpAddr;
use std::sync::Arc;

use super::{CandidateKind, CandidateTransport};

/// What decides a foundation (RFC 8445 §5.1.1.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Likeness {
    kind: CandidateKind,
    /// The part that it plays in TCP counts, too: who connects to whom decides what a check shows.
    transport: CandidateTransport,
    /// Address of the base, without its port.
    base: IpAddr,
    /// Address of the STUN or TURN server, as the agent contacts it; none for host candidates, and none for
    /// peer-reflexive ones, because no server was asked.
    server: Option<IpAddr>,
}

/// Gives each likeness a short name: `1`, `2`, … in the order in which they appear.
#[derive(Debug, Default)]
pub(super) struct Foundations {
    known: Vec<(Likeness, Arc<str>)>,
    arbitrary: u32,
}

impl Foundations {
    /// The foundation of a candidate of our own.
    pub(super) fn of(
        &mut self,
        kind: CandidateKind,
        transport: CandidateTransport,
        base: IpAddr,
        server: Option<IpAddr>,
    ) -> Arc<str> {
        let likeness = Likeness { kind, transport, base, server };
        if let Some((_, name)) = self.known.iter().find(|(known, _)| *known == likeness) {
            return Arc::clone(name);
        }
        let name: Arc<str> = (self.known.len() + 1).to_string().into();
        self.known.push((likeness, Arc::clone(&name)));
        name
    }

    /// The foundation of a peer-reflexive candidate of the peer: arbitrary, and unlike all others (RFC 8445 §7.3.1.3).
    /// The slash keeps it apart from what another agent of this kind signals.
    pub(super) fn arbitrary(&mut self) -> Arc<str> {
        self.arbitrary += 1;
        format!("prflx/{}", self.arbitrary).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UDP: CandidateTransport = CandidateTransport::Udp;
    const A: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1));
    const B: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 2));
    const SERVER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));

    #[test]
    fn candidates_that_are_alike_share_a_foundation() {
        let mut foundations = Foundations::default();
        let first = foundations.of(CandidateKind::ServerReflexive, UDP, A, Some(SERVER));
        assert_eq!(first, foundations.of(CandidateKind::ServerReflexive, UDP, A, Some(SERVER)));
    }

    #[test]
    fn kind_transport_base_and_server_each_tell_foundations_apart() {
        let mut foundations = Foundations::default();
        let all = [
            foundations.of(CandidateKind::Host, UDP, A, None),
            foundations.of(CandidateKind::Host, UDP, B, None),
            foundations.of(CandidateKind::ServerReflexive, UDP, A, Some(SERVER)),
            foundations.of(CandidateKind::ServerReflexive, UDP, A, Some(B)),
            foundations.of(CandidateKind::Relayed, UDP, A, Some(SERVER)),
            foundations.of(CandidateKind::Host, CandidateTransport::TcpActive, A, None),
        ];
        let names: Vec<&str> = all.iter().map(|name| &**name).collect();
        assert_eq!(names, ["1", "2", "3", "4", "5", "6"]);
    }

    #[test]
    fn an_arbitrary_foundation_is_never_given_twice() {
        let mut foundations = Foundations::default();
        assert_ne!(foundations.arbitrary(), foundations.arbitrary());
    }
}
