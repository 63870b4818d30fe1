//! Candidates of the peer: what `addIceCandidate` takes (RFC 9429 §4.1.19, §3.5.2), and keeping them until their transport is there.

use super::connection::PeerConnection;
use super::error::JsepError;
use super::facts::CANDIDATES_MAX;
use super::output::IceCandidate;
use crate::reason::Reason;
use crate::sdp::rules::transport_section;
use crate::sdp::{Attribute, Candidate, Sdp};

/// Most ICE sessions of which an end of candidates is remembered for a medium.
const ENDED_MAX: usize = 16;

impl PeerConnection {
    pub(super) fn apply_candidate(&mut self, candidate: &IceCandidate) -> Result<(), JsepError> {
        let ends = candidate.candidate.is_empty();
        let unnamed = candidate.sdp_mid.is_none() && candidate.sdp_m_line_index.is_none();
        if unnamed && !ends {
            return Err(JsepError::Argument("a candidate names its medium by mid or by index"));
        }
        if self.session.remote().is_none() {
            return Err(JsepError::NoRemoteDescription);
        }
        let sections = self.sections_of(candidate)?;
        let mut kept = false;
        for index in sections {
            let ufrag = self.ufrag_of(index, candidate, ends);
            let Some(ufrag) = ufrag? else { continue };
            if ends {
                self.keep_remote_end(index, &ufrag);
            } else {
                let parsed = parse(&candidate.candidate)?;
                // A candidate may carry the fragment itself (RFC 8839 §5.1, Chromium).
                if parsed.extension("ufrag").is_some_and(|own| own != ufrag) {
                    return Err(unknown_session());
                }
                self.keep_remote_candidate(index, &ufrag, parsed);
            }
            kept = true;
        }
        if kept {
            self.show(Reason::JsepRemoteCandidate);
        }
        Ok(())
    }

    /// The media that are meant: the named one; for an end without name, all.
    fn sections_of(&self, candidate: &IceCandidate) -> Result<Vec<usize>, JsepError> {
        let slots = &self.session.slots;
        if let Some(mid) = &candidate.sdp_mid {
            let found = slots.iter().position(|slot| slot.mid.as_ref() == Some(mid));
            return found
                .map(|index| vec![index])
                .ok_or_else(|| JsepError::Operation(format!("no medium has the mid {mid:?}")));
        }
        match candidate.sdp_m_line_index {
            Some(index) if index < slots.len() => Ok(vec![index]),
            Some(index) => Err(JsepError::Operation(format!("there is no medium {index}"))),
            None => Ok((0..slots.len()).collect()),
        }
    }

    /// The ICE session that is meant: the named one, which a remote description has to have, or that of the newest description.
    fn ufrag_of(
        &self,
        index: usize,
        candidate: &IceCandidate,
        ends: bool,
    ) -> Result<Option<String>, JsepError> {
        let session = &self.session;
        let descriptions = [&session.pending_remote, &session.current_remote];
        let known = descriptions.iter().filter_map(|applied| applied.as_ref());
        let known: Vec<String> = known.filter_map(|applied| ufrag_in(&applied.sdp, index)).collect();
        match &candidate.username_fragment {
            Some(ufrag) if known.contains(ufrag) => Ok(Some(ufrag.clone())),
            // The end of a session that is none of this medium's ends nothing here.
            Some(_) if ends && candidate.sdp_mid.is_none() && candidate.sdp_m_line_index.is_none() => {
                Ok(None)
            }
            Some(_) => Err(unknown_session()),
            None => Ok(known.into_iter().next()),
        }
    }

    pub(super) fn keep_remote_candidate(&mut self, index: usize, ufrag: &str, candidate: Candidate) {
        let Some(slot) = self.session.slots.get_mut(index) else { return };
        let entry = (ufrag.to_owned(), candidate);
        if slot.remote_candidates.len() < CANDIDATES_MAX && !slot.remote_candidates.contains(&entry) {
            slot.remote_candidates.push(entry.clone());
        }
        // A rollback does not take back what the peer has told about a session that stays.
        if let Some(slot) = self.stable.as_mut().and_then(|stable| stable.slots.get_mut(index))
            && slot.remote_candidates.len() < CANDIDATES_MAX
            && !slot.remote_candidates.contains(&entry)
        {
            slot.remote_candidates.push(entry);
        }
    }

    pub(super) fn keep_remote_end(&mut self, index: usize, ufrag: &str) {
        let stable = self.stable.as_mut().and_then(|stable| stable.slots.get_mut(index));
        for slot in self.session.slots.get_mut(index).into_iter().chain(stable) {
            if slot.remote_ended.len() < ENDED_MAX && !slot.remote_ended.iter().any(|ended| ended == ufrag) {
                slot.remote_ended.push(ufrag.to_owned());
            }
        }
    }
}

fn ufrag_in(sdp: &Sdp, index: usize) -> Option<String> {
    let section = sdp.medium(index)?;
    transport_section(sdp, section).ice_ufrag().map(str::to_owned)
}

fn unknown_session() -> JsepError {
    JsepError::Operation("the candidate belongs to an ICE session that no remote description has".to_owned())
}

/// The line with or without `a=` and `candidate:` in front.
fn parse(line: &str) -> Result<Candidate, JsepError> {
    let line = line.strip_prefix("a=").unwrap_or(line);
    let line = line.strip_prefix("candidate:").unwrap_or(line);
    if line.contains(['\r', '\n']) {
        return Err(JsepError::Operation("a candidate is one line".to_owned()));
    }
    let (sdp, _) = Sdp::parse_tolerant(&format!("a=candidate:{line}\r\n"));
    match sdp.lines().first().and_then(|line| line.attribute()) {
        Some(Attribute::Candidate(candidate)) => Ok(candidate.clone()),
        _ => Err(JsepError::Operation(format!("{line:?} is not a candidate"))),
    }
}
