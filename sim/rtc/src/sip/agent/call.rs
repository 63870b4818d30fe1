//! A call of a user agent: what is known of it. Not here: what is done with it (`incoming`, `outgoing`, `responses`).

use std::collections::VecDeque;
use std::time::Duration;

use super::super::dialog::Dialog;
use super::super::transaction::{ClientKey, PATIENCE, ServerKey, T1};
use crate::Time;
use crate::sip::Request;

/// Fragments that wait to be sent at most.
pub(super) const WAITING_MAX: usize = 64;

/// Where a call stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// The INVITE is on its way, or waits for us.
    Begun,
    /// The caller has hung up before there was an answer: CANCEL goes out as soon as something provisional has come (RFC 3261 §9.1).
    Cancelled,
    /// It stands.
    Confirmed,
    /// It is over; what is left are the repetitions of its last words.
    Over,
}

/// A reliable provisional response that was not acknowledged yet (RFC 3262 §3).
#[derive(Debug)]
pub(super) struct Provisional {
    pub(super) bytes: Vec<u8>,
    pub(super) sequence: u32,
    pub(super) interval: Duration,
    pub(super) next_at: Time,
    pub(super) gives_up_at: Time,
}

impl Provisional {
    pub(super) fn new(bytes: Vec<u8>, sequence: u32, now: Time) -> Provisional {
        Provisional { bytes, sequence, interval: T1, next_at: now + T1, gives_up_at: now + PATIENCE }
    }
}

/// A call.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) phase: Phase,
    pub(super) dialog: Option<Dialog>,
    /// The INVITE that began it, or that changes it now: ours or theirs.
    pub(super) invite: Request,
    /// The transaction of an INVITE of ours, while it is not answered.
    pub(super) asking: Option<ClientKey>,
    /// The transaction of an INVITE of theirs.
    pub(super) asked: Option<ServerKey>,
    /// An INVITE of theirs waits for our answer.
    pub(super) owes_answer: bool,
    /// The answer to the newest INVITE of ours was told.
    pub(super) told_answer: bool,
    pub(super) provisional: Option<Provisional>,
    /// The number of the last reliable provisional response that was taken (RFC 3262 §4).
    pub(super) their_provisional: Option<u32>,
    /// What the 2xx was acknowledged with: repeated when the 2xx is (RFC 3261 §13.2.2.4).
    pub(super) ack: Option<Vec<u8>>,
    /// Whether both sides may send INFO (RFC 8840 §4.3.1).
    pub(super) may_trickle: bool,
    /// An INFO is not answered yet.
    pub(super) trickling: bool,
    pub(super) waiting: VecDeque<(String, Option<String>)>,
    /// A challenge to the newest INVITE was answered.
    pub(super) authorized: bool,
    /// The tag that we answer with.
    pub(super) tag: String,
    pub(super) outgoing: bool,
}

impl Call {
    pub(super) fn new(invite: Request, tag: String, outgoing: bool) -> Call {
        Call {
            phase: Phase::Begun,
            dialog: None,
            invite,
            asking: None,
            asked: None,
            owes_answer: false,
            told_answer: false,
            provisional: None,
            their_provisional: None,
            ack: None,
            may_trickle: false,
            trickling: false,
            waiting: VecDeque::new(),
            authorized: false,
            tag,
            outgoing,
        }
    }

    pub(super) fn next_at(&self) -> Option<Time> {
        self.provisional.as_ref().map(|provisional| provisional.next_at.min(provisional.gives_up_at))
    }

    pub(super) fn is_answered_with(&self, key: &ServerKey) -> bool {
        self.asked.as_ref() == Some(key)
    }
}
