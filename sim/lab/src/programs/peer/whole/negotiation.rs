//! Offers, answers and candidates of a whole session: what is signaled, and what is done with what comes. Not here: JSEP (`rtclab-rtc`).

use rtclab_net::Host;
use rtclab_rtc::Reason;
use rtclab_rtc::ice::TrickleMode;
use rtclab_rtc::jsep::{
    DescriptionSlot, Heard, IceCandidate, IceGatheringState, JsepError, Message as Heading, SdpType,
    SessionDescription, SignalingState,
};
use rtclab_trace::EntryId;

use super::super::Peer;
use crate::programs::signaling::{Message, MessageKind};

/// How many candidates without a description are kept.
const EARLY_MAX: usize = 64;

impl Peer {
    /// Offers, if something waits to be offered, the exchange before is over, and this side may begin one.
    pub(super) fn offer_if_needed(&mut self, host: &mut Host<'_>) {
        let now = host.now();
        let calls = self.config.offers_to.is_some();
        let Some(whole) = &mut self.whole else { return };
        let connection = whole.session.connection();
        let knows_peer = whole.remote.is_some()
            && (calls || connection.description(DescriptionSlot::CurrentRemote).is_some());
        let stable = connection.signaling_state() == SignalingState::Stable;
        if !whole.needs_offer || !knows_peer || !stable || whole.due.is_some() {
            return;
        }
        whole.needs_offer = false;
        // Candidates of the offer wait until it has been said.
        whole.due = Some(MessageKind::Offer);
        let offered = match &mut whole.perfect {
            Some(side) => whole.session.negotiate(side, now).map(|_| ()),
            None => whole.session.set_local_description(None, now),
        };
        match offered {
            Ok(()) => {
                self.drain_whole(host);
                self.say_descriptions_that_are_due(host);
            }
            Err(error) => {
                whole.due = None;
                self.refuse(host, &error);
            }
        }
    }

    /// Restarts ICE, and offers that.
    pub(in super::super) fn restart_whole(&mut self, host: &mut Host<'_>) {
        let now = host.now();
        let Some(whole) = &mut self.whole else { return };
        if let Err(error) = whole.session.restart_ice(now) {
            self.refuse(host, &error);
        }
    }

    /// Says a description now, or once all its candidates are there; and then the candidates that have waited for it.
    pub(super) fn say_descriptions_that_are_due(&mut self, host: &mut Host<'_>) {
        let trickle = self.config.trickle;
        let Some(whole) = &mut self.whole else { return };
        let gathered = whole.session.connection().ice_gathering_state() == IceGatheringState::Complete;
        // A medium that is rejected gathers nothing, so there is nothing to wait for.
        let nothing_to_gather = whole.session.transports().next().is_none();
        let (Some(kind), Some(remote)) = (whole.due, whole.remote.clone()) else { return };
        let waits = match trickle {
            TrickleMode::Full => false,
            TrickleMode::Half => kind == MessageKind::Offer,
            TrickleMode::Off => true,
        };
        if waits && !gathered && !nothing_to_gather {
            return;
        }
        whole.due = None;
        let Some(description) = whole.session.connection().local_description() else { return };
        let cause = whole.newest.local_description.or(whole.newest.connection);
        let times = if kind == MessageKind::Answer && whole.plan.repeats_answers { 2 } else { 1 };
        for _ in 0..times {
            let text = match &whole.true_and_told {
                Some((true_one, told)) => description.sdp.replace(true_one.as_str(), told),
                None => description.sdp.clone(),
            };
            self.post.send(host, &self.config, &remote, kind, text, cause);
        }
        let Some(whole) = &mut self.whole else { return };
        for (candidate, cause) in std::mem::take(&mut whole.unsaid) {
            // What stands in the description has been said.
            // What belongs to an offer that was taken back is not said any more.
            let ufrag = candidate.username_fragment.as_deref().unwrap_or_default();
            let ours = description.sdp.contains(&format!("a=ice-ufrag:{ufrag}"));
            let said = !candidate.candidate.is_empty() && description.sdp.contains(&candidate.candidate);
            if ours && !said {
                self.say_candidate(host, &candidate, cause);
            }
        }
    }

    /// A candidate of ours was gathered: it is said at once, unless the description waits for all of them.
    pub(super) fn say_candidate(
        &mut self,
        host: &mut Host<'_>,
        candidate: &IceCandidate,
        cause: Option<EntryId>,
    ) {
        let Some(remote) = self.whole.as_ref().and_then(|whole| whole.remote.clone()) else { return };
        if self.config.trickle == TrickleMode::Off {
            return;
        }
        if let Some(whole) = self.whole.as_mut().filter(|whole| whole.due.is_some()) {
            whole.unsaid.push((candidate.clone(), cause));
            return;
        }
        let end = candidate.candidate.is_empty();
        let kind = if end { MessageKind::EndOfCandidates } else { MessageKind::Candidate };
        self.post.send(host, &self.config, &remote, kind, to_lines(candidate), cause);
    }

    /// A message of another peer.
    pub(in super::super) fn take_whole_message(&mut self, host: &mut Host<'_>, message: &Message) {
        let Some(whole) = &mut self.whole else { return };
        if whole.remote.as_ref().is_some_and(|remote| *remote != message.from) {
            return;
        }
        whole.remote.get_or_insert_with(|| message.from.clone());
        let heard = match message.kind {
            MessageKind::Offer => self.hear_description(host, SdpType::Offer, &message.body),
            MessageKind::Answer => self.hear_description(host, SdpType::Answer, &message.body),
            MessageKind::Candidate | MessageKind::EndOfCandidates => {
                self.hear_candidate(host, of_lines(&message.body))
            }
        };
        if let Err(error) = heard {
            self.drain_whole(host);
            self.refuse(host, &error);
        }
        self.settle_whole(host);
    }

    fn hear_description(&mut self, host: &mut Host<'_>, kind: SdpType, text: &str) -> Result<(), JsepError> {
        let now = host.now();
        let Some(whole) = &mut self.whole else { return Ok(()) };
        let description = SessionDescription::new(kind, text);
        let answered = match &mut whole.perfect {
            Some(side) => match whole.session.hear(side, Heading::Description(description), now)? {
                Heard::Applied => false,
                Heard::Answered(_) => true,
                Heard::Ignored(reason) => {
                    self.note(host, reason);
                    return Ok(());
                }
            },
            None => {
                whole.session.set_remote_description(description, now)?;
                let offered = kind == SdpType::Offer;
                if offered {
                    whole.session.set_local_description(None, now)?;
                }
                offered
            }
        };
        // An offer of ours that waited for its candidates was taken back by the one that came.
        if answered {
            whole.due = Some(MessageKind::Answer);
        }
        let early = std::mem::take(&mut whole.early);
        self.drain_whole(host);
        self.say_descriptions_that_are_due(host);
        early.into_iter().try_for_each(|candidate| self.hear_candidate(host, candidate))
    }

    fn hear_candidate(&mut self, host: &mut Host<'_>, candidate: IceCandidate) -> Result<(), JsepError> {
        let now = host.now();
        let Some(whole) = &mut self.whole else { return Ok(()) };
        let heard = match &mut whole.perfect {
            Some(side) => whole.session.hear(side, Heading::Candidate(candidate.clone()), now),
            None => whole.session.add_ice_candidate(candidate.clone(), now).map(|()| Heard::Applied),
        };
        match heard {
            Err(JsepError::NoRemoteDescription) if whole.plan.keeps_early_candidates => {
                if whole.early.len() < EARLY_MAX {
                    whole.early.push(candidate);
                }
                self.note(host, Reason::JsepNothingRemote);
                Ok(())
            }
            Ok(Heard::Ignored(reason)) => {
                self.note(host, reason);
                Ok(())
            }
            other => other.map(|_| ()),
        }
    }
}

/// Lines of an SDP fragment (RFC 8840 §9): which medium, which ICE session, which candidate.
fn to_lines(candidate: &IceCandidate) -> String {
    let mut text = String::new();
    if let Some(ufrag) = &candidate.username_fragment {
        text += &format!("a=ice-ufrag:{ufrag}\n");
    }
    if let Some(mid) = &candidate.sdp_mid {
        text += &format!("a=mid:{mid}\n");
    }
    match candidate.candidate.as_str() {
        "" => text += "a=end-of-candidates\n",
        line => text += &format!("a={line}\n"),
    }
    text
}

/// Reads them; what is not there is none, and no candidate is the end of candidates.
fn of_lines(text: &str) -> IceCandidate {
    let value =
        |key: &str| text.lines().find_map(|line| line.trim_end().strip_prefix(key)).map(str::to_owned);
    IceCandidate {
        candidate: value("a=candidate:").map(|rest| format!("candidate:{rest}")).unwrap_or_default(),
        sdp_mid: value("a=mid:"),
        sdp_m_line_index: None,
        username_fragment: value("a=ice-ufrag:"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_candidate_comes_back_as_it_was_said() {
        let candidate = IceCandidate {
            candidate: "candidate:1 1 udp 2130706431 192.168.1.2 50000 typ host".to_owned(),
            sdp_mid: Some("0".to_owned()),
            sdp_m_line_index: None,
            username_fragment: Some("8hhY".to_owned()),
        };
        assert_eq!(of_lines(&to_lines(&candidate)), candidate);
        let end = IceCandidate { candidate: String::new(), ..candidate };
        assert_eq!(of_lines(&to_lines(&end)), end);
    }
}
