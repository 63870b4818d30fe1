//! What a resolver remembers: answers for as long as their TTL says, and for a while what failed. Not here: who asks.

use std::collections::BTreeMap;
use std::time::Duration;

use super::resolver::Failure;
use super::{Message, Question, Record, RecordData};
use crate::time::Time;

/// How many questions it remembers; the answer that would expire first makes room.
const ENTRIES_MAX: usize = 1_024;
/// No answer is believed for longer, whatever its TTL says (RFC 8767 §4).
const TTL_MAX_S: u32 = 604_800;
/// For how long a failure is remembered at first, and at most (RFC 9520 §3.2).
const FAILURE: Duration = Duration::from_secs(5);
const FAILURE_MAX: Duration = Duration::from_secs(300);

/// What came of a question: the records, aliases included, or why there are none.
pub(super) type Answer = Result<Vec<Record>, Failure>;

/// Answers by question.
#[derive(Debug, Default)]
pub(super) struct Cache {
    entries: BTreeMap<Question, Entry>,
}

#[derive(Debug)]
struct Entry {
    answer: Answer,
    kept_at: Time,
    until: Time,
    /// How often in a row the question failed without an answer.
    failures: u32,
}

impl Cache {
    /// What is known, with what is left of the TTLs.
    pub(super) fn get(&self, question: &Question, now: Time) -> Option<Answer> {
        let entry = self.entries.get(question).filter(|entry| now < entry.until)?;
        let age_s = u32::try_from(now.since(entry.kept_at).as_secs()).unwrap_or(u32::MAX);
        Some(entry.answer.clone().map(|mut records| {
            for record in &mut records {
                record.ttl_s = record.ttl_s.saturating_sub(age_s);
            }
            records
        }))
    }

    /// Keeps an answer for as long as its message allows.
    pub(super) fn keep(&mut self, question: &Question, answer: &Answer, message: &Message, now: Time) {
        let ttl_s = match answer {
            Ok(records) => records.iter().map(|record| record.ttl_s).min(),
            // RFC 2308 §5: what is not there is remembered as its zone says, and not at all if it does not say.
            Err(_) => message.authorities.iter().find_map(|record| match &record.data {
                RecordData::Soa { minimum_s, .. } => Some(record.ttl_s.min(*minimum_s)),
                _ => None,
            }),
        };
        let lifetime = Duration::from_secs(ttl_s.unwrap_or(0).min(TTL_MAX_S).into());
        self.insert(question, answer.clone(), now, lifetime, 0);
    }

    /// Keeps a failure that says nothing about the name: twice as long each time (RFC 9520 §3.2).
    pub(super) fn keep_failure(&mut self, question: &Question, failure: Failure, now: Time) {
        let failures = self.entries.get(question).map_or(0, |entry| entry.failures);
        let factor = 1_u32.checked_shl(failures.min(16)).unwrap_or(u32::MAX);
        let lifetime = FAILURE.saturating_mul(factor).min(FAILURE_MAX);
        self.insert(question, Err(failure), now, lifetime, failures.saturating_add(1));
    }

    fn insert(&mut self, question: &Question, answer: Answer, now: Time, lifetime: Duration, failures: u32) {
        self.entries.remove(question);
        if lifetime.is_zero() {
            return;
        }
        if self.entries.len() >= ENTRIES_MAX
            && let Some(first) = self.entries.iter().min_by_key(|(_, entry)| entry.until)
        {
            let first = first.0.clone();
            self.entries.remove(&first);
        }
        let entry = Entry { answer, kept_at: now, until: now + lifetime, failures };
        self.entries.insert(question.clone(), entry);
    }
}
