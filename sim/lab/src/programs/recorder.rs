//! Writing what a protocol endpoint does into the trace: which entry each change and each datagram is because of.

use std::collections::BTreeMap;

use rtclab_net::Host;
use rtclab_rtc::ice;
use rtclab_rtc::{Because, Subject};
use rtclab_trace::{Change, Entity, EntryId, Reason};

/// The newest entry of each subject of an endpoint, and the entry of the input at hand.
#[derive(Debug, Default)]
pub(crate) struct Recorder {
    newest: BTreeMap<Subject, EntryId>,
    input: Option<EntryId>,
}

impl Recorder {
    /// A new input: what comes out until the next one is because of this entry.
    pub(crate) fn begin(&mut self, input: Option<EntryId>) {
        self.input = input;
    }

    /// The entry that an output is because of. A subject that has no entry yet leaves the input.
    pub(crate) fn cause(&self, because: Because) -> Option<EntryId> {
        match because {
            Because::Input => self.input,
            Because::Change(subject) => self.newest(subject).or(self.input),
        }
    }

    /// The newest entry of a subject.
    pub(crate) fn newest(&self, subject: Subject) -> Option<EntryId> {
        self.newest.get(&subject).copied()
    }

    /// Records a change of a subject.
    pub(crate) fn change(
        &mut self,
        host: &mut Host<'_>,
        subject: Subject,
        change: ice::Change,
        reason: Option<rtclab_rtc::Reason>,
        because: Because,
    ) -> Option<EntryId> {
        let cause = self.cause(because);
        let entity = Entity::of_subject(host.node(), subject);
        let entry = host.record(entity, Change::protocol(change), reason.map(Reason::from), cause)?;
        self.newest.insert(subject, entry);
        Some(entry)
    }
}
