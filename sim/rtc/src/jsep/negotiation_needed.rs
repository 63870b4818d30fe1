//! Whether the two sides have to talk again (webrtc-pc §4.7.3), with the first condition that says so.

use super::connection::PeerConnection;
use super::output::Change;
use super::transceiver::Transceiver;
use super::types::{SdpType, SignalingState};
use crate::reason::Reason;
use crate::sdp::Section;

impl PeerConnection {
    /// Looks again whether negotiation is needed, if something has changed; `true` if that was told now. It waits for the chain to be
    /// empty and for the state to be stable, and is told once until the next exchange.
    pub(super) fn settle_negotiation_needed(&mut self) -> bool {
        let idle = self.chain.is_empty() && self.session.signaling == SignalingState::Stable;
        if !self.check_negotiation || self.closed || !idle {
            return false;
        }
        self.check_negotiation = false;
        let reason = self.why_negotiation_is_needed();
        let before = std::mem::replace(&mut self.negotiation_needed, reason.is_some());
        let Some(reason) = reason.filter(|_| !before) else { return false };
        self.change(Change::NegotiationNeeded, reason);
        true
    }

    /// The conditions, in the order of the specification.
    pub fn why_negotiation_is_needed(&self) -> Option<Reason> {
        if !self.credentials_to_replace.is_empty() {
            return Some(Reason::NeedRestart);
        }
        let local = self.session.current_local.as_ref();
        let has_data = local.is_some_and(|applied| {
            let live = |section: Section<'_>| section.is_sctp() && !section.is_rejected();
            applied.sdp.media().any(live)
        });
        if self.data.wanted() && !has_data {
            return Some(Reason::NeedData);
        }
        self.session.transceivers.iter().find_map(|transceiver| self.needs(transceiver))
    }

    fn needs(&self, transceiver: &Transceiver) -> Option<Reason> {
        let negotiated = &transceiver.negotiated;
        let local = self.session.current_local.as_ref();
        let section = negotiated.section.and_then(|index| local?.sdp.medium(index));
        let Some(section) =
            section.filter(|section| section.mid() == negotiated.mid.as_deref() || section.mid().is_none())
        else {
            // Never told: it is news unless it has ended before.
            return (!transceiver.is_stopping()).then_some(Reason::NeedTransceiver);
        };
        if transceiver.is_stopping() {
            let index = section.index().unwrap_or(usize::MAX);
            return (!self.session.was_rejected(index)).then_some(Reason::NeedStop);
        }
        if transceiver.direction.sends() && streams_differ(transceiver, &section) {
            return Some(Reason::NeedStreams);
        }
        self.direction_differs(transceiver, &section).then_some(Reason::NeedDirection)
    }

    /// An offerer compares with both descriptions; an answerer with what its direction makes of the offer.
    fn direction_differs(&self, transceiver: &Transceiver, section: &Section<'_>) -> bool {
        let remote =
            self.session.current_remote.as_ref().and_then(|applied| applied.sdp.medium(section.index()?));
        let Some(remote) = remote else { return section.direction() != transceiver.direction };
        let theirs = remote.direction().reversed();
        let ours = section.direction();
        match self.session.current_local.as_ref().map(|applied| applied.kind) {
            Some(SdpType::Answer) => ours != theirs.and(transceiver.direction),
            _ => ours != transceiver.direction && theirs != transceiver.direction,
        }
    }
}

fn streams_differ(transceiver: &Transceiver, section: &Section<'_>) -> bool {
    let mut told: Vec<String> = section.msids().into_iter().map(|(msid, _)| msid.stream.clone()).collect();
    let mut wanted = transceiver.sender.streams.clone();
    if wanted.is_empty() {
        wanted.push("-".to_owned());
    }
    told.sort();
    wanted.sort();
    told != wanted
}
