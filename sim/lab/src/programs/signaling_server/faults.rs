//! What a signaling server does wrong, on demand. Not here: doing it.

use std::time::Duration;

use crate::programs::signaling::{Message, MessageKind};

/// What is done wrong with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// It is taken and never passed on.
    Drop,
    /// It is held for so long.
    Delay(Duration),
    /// It is passed on twice.
    Duplicate,
    /// It is held until the next one for the same peer has gone.
    Reorder,
}

/// Something that is done wrong with some messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What.
    pub does: FaultKind,
    /// With which kind of message; without it, with all.
    pub kind: Option<MessageKind>,
    /// With messages of which peer; without it, of all.
    pub from: Option<String>,
    /// With which of those, counted from 1; without any, with all.
    pub which: Vec<u32>,
}

/// The faults of a server, and how many messages each has counted.
#[derive(Debug)]
pub(super) struct Faults(Vec<(Fault, u32)>);

impl Faults {
    pub(super) fn new(faults: &[Fault]) -> Faults {
        Faults(faults.iter().map(|fault| (fault.clone(), 0)).collect())
    }

    /// What is done wrong with this message, in the order of the document.
    pub(super) fn of(&mut self, message: &Message) -> Vec<FaultKind> {
        let mut found = Vec::new();
        for (fault, counted) in &mut self.0 {
            let kind = fault.kind.is_none_or(|kind| kind == message.kind);
            if !kind || fault.from.as_ref().is_some_and(|from| *from != message.from) {
                continue;
            }
            *counted += 1;
            if fault.which.is_empty() || fault.which.contains(counted) {
                found.push(fault.does);
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_counts_only_the_messages_that_it_is_about() {
        let fault = Fault {
            does: FaultKind::Drop,
            kind: Some(MessageKind::Candidate),
            from: Some("alice".into()),
            which: vec![2],
        };
        let mut faults = Faults::new(&[fault]);
        let mut hit = |from: &str, kind| {
            let message = Message { number: 0, from: from.into(), to: "x".into(), kind, body: String::new() };
            !faults.of(&message).is_empty()
        };
        assert!(!hit("alice", MessageKind::Candidate));
        assert!(!hit("bob", MessageKind::Candidate));
        assert!(!hit("alice", MessageKind::Offer));
        assert!(hit("alice", MessageKind::Candidate));
        assert!(!hit("alice", MessageKind::Candidate));
    }
}
