//! Candidates in the two forms that they have here: as ICE uses them, and as descriptions carry them.

use crate::ice::CandidateLine;
use crate::sdp::{Attribute, Candidate, Sdp};

/// A candidate as a description carries it.
pub(super) fn for_description(line: &CandidateLine) -> Option<Candidate> {
    let (sdp, _) = Sdp::parse_tolerant(&format!("a={line}\r\n"));
    match sdp.lines().first().and_then(|line| line.attribute()) {
        Some(Attribute::Candidate(candidate)) => Some(candidate.clone()),
        _ => None,
    }
}

/// A candidate as ICE uses it; `None` for one over a transport that is not used here.
pub(super) fn for_ice(candidate: &Candidate) -> Option<CandidateLine> {
    Attribute::Candidate(candidate.clone()).to_string().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_candidate_is_the_same_in_both_forms() {
        for text in [
            "candidate:1 1 udp 2113937151 10.0.0.1 50000 typ host ufrag 8hhY",
            "candidate:2 1 udp 1677729535 203.0.113.1 50000 typ srflx raddr 10.0.0.1 rport 50000 network-cost 10",
            "candidate:3 1 tcp 1518280447 10.0.0.1 9 typ host tcptype active",
            "candidate:4 1 udp 2113937151 8f1c8b9e-4a1a-4b0e-9a8e-0d6d1f2c3b4a.local 50000 typ host",
        ] {
            let line: CandidateLine = text.parse().expect("a candidate");
            let described = for_description(&line).expect("the same one");
            assert_eq!(for_ice(&described), Some(line), "{text}");
        }
    }

    #[test]
    fn a_transport_that_is_not_used_is_no_candidate_for_ice() {
        let line = "candidate:1 1 udp 2113937151 10.0.0.1 50000 typ host".parse().expect("a candidate");
        let mut candidate = for_description(&line).expect("the same one");
        candidate.transport = "dccp".to_owned();
        assert_eq!(for_ice(&candidate), None);
    }
}
