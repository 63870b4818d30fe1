//! Offers, answers and candidates: what a peer says about its side of an ICE session, and what it does with what the other says.
//! Not here: how the messages travel (`post`).

use std::collections::BTreeSet;
use std::collections::VecDeque;

use rtclab_net::Host;
use rtclab_rtc::Subject;
use rtclab_rtc::ice::{self, CandidateLine, GatheringState};
use rtclab_trace::EntryId;

use super::Peer;
use crate::programs::signaling::{Description, Message, MessageKind};

/// How many messages with candidates of a session that is not known yet are kept.
const EARLY_MAX: usize = 64;

/// What the peer is told of a candidate, and the data stream that it is for.
pub(super) type StreamLine = (u32, CandidateLine);

/// Where the exchange of descriptions stands.
#[derive(Debug, Default)]
pub(super) struct Session {
    /// The other peer.
    remote: Option<String>,
    /// The number of its newest description; an older one that comes late says nothing any more.
    remote_number: Option<u32>,
    /// The username fragment of its running session.
    remote_ufrag: Option<String>,
    /// Candidates that came before their description.
    early: VecDeque<Description>,
    /// An offer of ours is not answered yet.
    awaiting_answer: bool,
    /// The description that is still to be sent.
    due: Option<MessageKind>,
    /// Candidates that are still to be said, each with its entry.
    unsaid: Vec<(StreamLine, Option<EntryId>)>,
    /// Numbers of candidates that have been noticed, so that each is said once.
    noticed: BTreeSet<u32>,
    /// The newest of `unsaid` waits for its entry.
    waits_for_entry: bool,
    gathering_complete: bool,
    end_said: bool,
}

impl Session {
    /// A change of the agent, before it is recorded: what of it is to be signaled.
    ///
    /// `line` is what the peer is told about the candidate that the change is about, if it is about one that may be told.
    pub(super) fn notice(&mut self, subject: Subject, change: &ice::Change, line: Option<StreamLine>) {
        match (subject, change, line) {
            (Subject::LocalCandidate(number), _, Some(line)) if self.noticed.insert(number) => {
                self.unsaid.push((line, None));
                self.waits_for_entry = true;
            }
            (_, ice::Change::Agent(agent), _) => {
                self.gathering_complete = agent.gathering == GatheringState::Complete;
            }
            _ => {}
        }
    }

    /// The entry of the change that was noticed last.
    pub(super) fn recorded(&mut self, entry: Option<EntryId>) {
        if std::mem::take(&mut self.waits_for_entry)
            && let Some((_, recorded)) = self.unsaid.last_mut()
        {
            *recorded = entry;
        }
    }

    /// Our side begins anew: nothing of it has been said.
    fn renew(&mut self) {
        self.unsaid.clear();
        self.waits_for_entry = false;
        self.gathering_complete = false;
        self.end_said = false;
    }

    /// Moves as many unsaid candidates into a description as fit. Returns the entry of the last one.
    fn say_candidates(&mut self, description: &mut Description) -> Option<EntryId> {
        let fit =
            self.unsaid.iter().take_while(|((stream, line), _)| description.try_add(*stream, line)).count();
        let entry = self.unsaid.drain(..fit).next_back().and_then(|(_, entry)| entry);
        if self.gathering_complete && self.unsaid.is_empty() {
            description.end_of_candidates = true;
            self.end_said = true;
        }
        entry
    }
}

impl Peer {
    /// Calls: gathers, and offers.
    pub(super) fn call(&mut self, host: &mut Host<'_>, callee: String) {
        self.session.remote = Some(callee);
        self.session.due = Some(MessageKind::Offer);
        self.session.awaiting_answer = true;
        if let Some(agent) = &mut self.agent {
            agent.gather(host.now());
        }
        self.drain_agent(host);
    }

    /// Restarts our side and offers it, if there is a call to restart.
    pub(super) fn restart_and_offer(&mut self, host: &mut Host<'_>) {
        let Some(agent) = self.agent.as_mut().filter(|_| self.session.remote.is_some()) else { return };
        self.session.renew();
        agent.restart(host.now());
        self.session.due = Some(MessageKind::Offer);
        self.session.awaiting_answer = true;
    }

    /// The host has other addresses: new sockets, a new session on them, and a word to the server about where we are now.
    pub(super) fn move_to_new_addresses(&mut self, host: &mut Host<'_>) {
        let sockets = self.bind(host);
        if let Some(agent) = &mut self.agent {
            agent.replace_sockets(sockets);
        }
        self.post.begin(host);
        self.restart_and_offer(host);
    }

    /// Sends the description that is due, and candidates that have come since.
    pub(super) fn say_what_is_due(&mut self, host: &mut Host<'_>) {
        let offering = self.session.due == Some(MessageKind::Offer);
        let Some(agent) = self.agent.as_ref().filter(|agent| agent.may_describe(offering)) else { return };
        let Some(remote) = self.session.remote.clone() else { return };
        let credentials = agent.local_credentials().clone();
        if let Some(kind) = self.session.due.take() {
            let mut description = Description::with_credentials(&credentials);
            description.lite = self.config.lite;
            self.session.say_candidates(&mut description);
            let cause = self.agent_entry();
            self.post.send(host, &self.config, &remote, kind, description.to_text(), cause);
        }
        while !self.session.unsaid.is_empty() || (self.session.gathering_complete && !self.session.end_said) {
            let mut description = Description::more(credentials.ufrag());
            let cause = self.session.say_candidates(&mut description).or_else(|| self.agent_entry());
            let kind = match description.candidates.len() {
                0 if !description.end_of_candidates => break,
                0 => MessageKind::EndOfCandidates,
                _ => MessageKind::Candidate,
            };
            self.post.send(host, &self.config, &remote, kind, description.to_text(), cause);
        }
    }

    /// A message of another peer. What cannot be read, or is not part of this call, changes nothing.
    pub(super) fn take_message(&mut self, host: &mut Host<'_>, message: &Message) {
        if self.whole.is_some() {
            return self.take_whole_message(host, message);
        }
        let Ok(description) = Description::parse(&message.body) else { return };
        let stranger = self.session.remote.as_ref().is_some_and(|remote| *remote != message.from);
        if stranger {
            return;
        }
        match message.kind {
            MessageKind::Candidate | MessageKind::EndOfCandidates => self.take_candidates(host, description),
            MessageKind::Offer | MessageKind::Answer => {
                if self.session.remote_number.is_some_and(|newest| message.number <= newest) {
                    return;
                }
                self.take_description(host, message, description);
            }
        }
    }

    fn take_description(&mut self, host: &mut Host<'_>, message: &Message, description: Description) {
        let Some(credentials) = description.credentials.clone() else { return };
        let now = host.now();
        // Two offers that crossed answer each other: both sides have begun anew, and ICE settles who decides.
        let answers_us = self.session.awaiting_answer;
        if !answers_us && message.kind == MessageKind::Answer {
            return;
        }
        let Some(agent) = &mut self.agent else { return };
        self.session.remote_number = Some(message.number);
        self.session.remote = Some(message.from.clone());
        self.session.awaiting_answer = false;
        if !answers_us {
            if self.session.remote_ufrag.is_some() {
                // The other side restarts, so ours does too (RFC 8445 §9).
                self.session.renew();
                agent.restart(now);
            }
            self.session.due = Some(MessageKind::Answer);
        }
        agent.set_remote_credentials(credentials, now);
        if description.lite {
            agent.set_remote_lite(now);
        }
        self.session.remote_ufrag = Some(description.ufrag.clone());
        self.apply(host, &description);
        for early in std::mem::take(&mut self.session.early) {
            self.take_candidates(host, early);
        }
        if let Some(agent) =
            self.agent.as_mut().filter(|agent| agent.snapshot().gathering == GatheringState::New)
        {
            agent.gather(now);
        }
        self.drain_agent(host);
    }

    fn take_candidates(&mut self, host: &mut Host<'_>, description: Description) {
        if self.session.remote_ufrag.as_ref() == Some(&description.ufrag) {
            self.apply(host, &description);
            return;
        }
        if self.session.early.len() == EARLY_MAX {
            self.session.early.pop_front();
        }
        self.session.early.push_back(description);
    }

    fn apply(&mut self, host: &mut Host<'_>, description: &Description) {
        let Some(agent) = &mut self.agent else { return };
        for (stream, candidate) in &description.candidates {
            agent.add_remote_candidate_of_stream(*stream, candidate.clone(), host.now());
        }
        if description.end_of_candidates {
            agent.end_of_remote_candidates(host.now());
        }
    }
}
