//! ICE sessions out of connectivity checks: two user fragments, which of them controls, and the path that was nominated.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use rtclab_rtc::stun::AttributeType;

use super::messages::{Carriage, Message};
use crate::outline::StunView;
use crate::report::{IceSession, Nominated};

/// Paths of a session that are listed. Real sessions nominate a handful.
const NOMINATED_MAX: usize = 64;

/// All sessions of a capture.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    /// By both fragments, the smaller one first.
    by_fragments: BTreeMap<(String, String), usize>,
    /// Of each transaction that is a check: its session, and whether it nominates.
    checks: BTreeMap<usize, (usize, bool)>,
    pub(super) report: Vec<IceSession>,
}

impl Sessions {
    /// A check (or another request; those are passed over) was sent, as this transaction.
    pub(super) fn request(&mut self, message: &Message<'_>, transaction: usize, number: u32) {
        let Some(view) = StunView::new(&message.bytes) else { return };
        // RFC 8445 §7.2.2: the name of a check is the peer's fragment, a colon, one's own. PRIORITY tells checks from other requests.
        let (Some((theirs, ours)), true) = (view.user_fragments(), view.has(AttributeType::PRIORITY)) else {
            return;
        };
        let key = (theirs.min(ours).to_string(), theirs.max(ours).to_string());
        let index = *self.by_fragments.entry(key).or_insert_with_key(|(first, second)| {
            self.report.push(IceSession {
                fragments: [first.clone(), second.clone()],
                controlling: None,
                first_packet: number,
                checks: 0,
                answered: 0,
                nominated: Vec::new(),
                selected: None,
            });
            self.report.len() - 1
        });
        let session = &mut self.report[index];
        if view.has(AttributeType::ICE_CONTROLLING) {
            session.controlling = Some(ours.to_string());
        }
        let nominates = view.has(AttributeType::USE_CANDIDATE);
        if self.checks.insert(transaction, (index, nominates)).is_none() {
            session.checks += 1;
        }
    }

    /// A transaction succeeded.
    pub(super) fn success(
        &mut self,
        transaction: usize,
        (from, to): (SocketAddr, SocketAddr),
        message: &Message<'_>,
        number: u32,
    ) {
        let Some(&(index, nominates)) = self.checks.get(&transaction) else { return };
        let session = &mut self.report[index];
        session.answered += 1;
        // RFC 8445 §8.1.1: a pair is nominated when the check that carries USE-CANDIDATE succeeds.
        if !nominates {
            return;
        }
        let path = Nominated { from, to, relayed: message.carriage == Carriage::Relayed, packet: number };
        let is_new = !session.nominated.iter().any(|known| (known.from, known.to) == (from, to));
        if is_new && session.nominated.len() < NOMINATED_MAX {
            session.nominated.push(path);
        }
        session.selected = Some(path);
    }
}
