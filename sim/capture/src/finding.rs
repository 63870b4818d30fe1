//! What is wrong, or worth knowing, about a capture or a packet: one type for the reader, the dissector and the report.
//! Not here: how findings are printed (`report`).

use std::fmt;
use std::ops::Range;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing; nothing is wrong.
    Note,
    /// Unusual, or lost to the capture; what was read is still right.
    Warning,
    /// The bytes break a rule of their format.
    Error,
}

impl Severity {
    /// The word in text and JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

macro_rules! kinds {
    ($($variant:ident: $severity:ident, $code:literal, $sentence:literal;)*) => {
        /// What kind of finding it is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum FindingKind {
            $(#[doc = $sentence] $variant,)*
        }

        impl FindingKind {
            /// Every kind there is.
            pub const ALL: &'static [FindingKind] = &[$(FindingKind::$variant,)*];

            /// A stable name for programs, in kebab-case.
            pub const fn code(self) -> &'static str {
                match self { $(FindingKind::$variant => $code,)* }
            }

            /// How much it matters.
            pub const fn severity(self) -> Severity {
                match self { $(FindingKind::$variant => Severity::$severity,)* }
            }

            /// What it means in general; the text of a finding says what it is this time.
            pub const fn sentence(self) -> &'static str {
                match self { $(FindingKind::$variant => $sentence,)* }
            }
        }
    };
}

kinds! {
    NotACapture: Error, "not-a-capture", "The file is neither pcap nor pcapng.";
    Truncated: Warning, "truncated-file", "The file ends inside a record.";
    DamagedBlock: Error, "damaged-block", "A block breaks the rules of pcapng; what could be read of it was used.";
    SkippedBytes: Error, "skipped-bytes", "Bytes that are no record were skipped.";
    UnknownInterface: Error, "unknown-interface", "A packet names an interface that the file does not describe.";
    BadLengths: Warning, "bad-lengths", "The lengths of a record contradict each other.";
    BadTimestamp: Warning, "bad-timestamp", "A time stamp is out of range.";
    ModifiedPcap: Note, "modified-pcap", "The file is a variant of pcap with longer record headers.";
    UnsupportedLinkType: Warning, "unsupported-link-type", "Packets of this link type are kept, but not dissected.";
    CaptureLoss: Warning, "capture-loss", "The capture itself lost packets.";
    Secrets: Note, "decryption-secrets", "The file carries decryption secrets.";
    TooManyAddresses: Warning, "too-many-addresses", "More addresses than a trace has nodes for; the rest share one.";
    CutShort: Note, "cut-short", "The capture kept only the beginning of the packet.";
    Malformed: Error, "malformed", "Bytes break the rules of their protocol.";
    WrongChecksum: Error, "wrong-checksum", "A checksum does not match the bytes.";
    ChecksumOffload: Note, "checksum-offload",
        "A checksum was not filled in yet when the packet was captured: that was left to the network card.";
    StunProblem: Error, "stun-problem", "A STUN message breaks the rules of RFC 8489.";
    TcpGap: Warning, "tcp-gap", "Bytes of a TCP stream are missing from the capture.";
    LeftOut: Note, "left-out", "More findings of this kind were left out.";
}

/// Something that is wrong, or worth knowing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What kind.
    pub kind: FindingKind,
    /// The packet it is about, numbered from 1.
    pub packet: Option<u32>,
    /// Which bytes: of the packet where there is one, else of the file.
    pub range: Option<Range<usize>>,
    /// What exactly, in a sentence.
    pub text: String,
}

impl Finding {
    /// A finding about no packet in particular.
    pub fn new(kind: FindingKind, text: impl Into<String>) -> Finding {
        Finding { kind, packet: None, range: None, text: text.into() }
    }

    /// The same finding, about these bytes.
    #[must_use]
    pub fn at(mut self, range: Range<usize>) -> Finding {
        self.range = Some(range);
        self
    }

    /// The same finding, about this packet (numbered from 1).
    #[must_use]
    pub fn of_packet(mut self, number: u32) -> Finding {
        self.packet = Some(number);
        self
    }
}

/// `packet 12, error: …`.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(packet) = self.packet {
            write!(f, "packet {packet}, ")?;
        }
        write!(f, "{}: {}", self.kind.severity().word(), self.text)
    }
}

/// Findings of one kind that are kept; of more, only the number is told.
const KEPT_OF_A_KIND: u32 = 100;

/// A list of findings that does not grow with the size of a damaged file: of each kind, the first hundred are kept and the rest counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    kept: Vec<Finding>,
    counts: Vec<u32>,
}

impl Findings {
    /// Adds one.
    pub fn push(&mut self, finding: Finding) {
        if self.admits(finding.kind) {
            self.kept.push(finding);
        }
    }

    /// Adds one whose text costs something to make: it is made only if it will be kept.
    pub fn push_with(&mut self, kind: FindingKind, make: impl FnOnce() -> Finding) {
        if self.admits(kind) {
            self.kept.push(make());
        }
    }

    /// Takes in another list.
    pub fn extend(&mut self, other: Findings) {
        for finding in other.kept {
            self.push(finding);
        }
        for (index, count) in other.counts.into_iter().enumerate() {
            let kind = FindingKind::ALL[index];
            *self.count_mut(kind) += count.saturating_sub(KEPT_OF_A_KIND);
        }
    }

    /// The findings, and for each kind of which some were left out, one that says how many.
    pub fn into_vec(self) -> Vec<Finding> {
        let left_out = self.counts.iter().enumerate().filter(|(_, count)| **count > KEPT_OF_A_KIND);
        let notes = left_out.map(|(index, count)| {
            let (code, more) = (FindingKind::ALL[index].code(), count - KEPT_OF_A_KIND);
            Finding::new(
                FindingKind::LeftOut,
                format!("{more} more findings of the kind {code} were left out"),
            )
        });
        let notes: Vec<Finding> = notes.collect();
        self.kept.into_iter().chain(notes).collect()
    }

    /// How many of a kind there were, kept or not.
    pub fn count(&self, kind: FindingKind) -> u32 {
        self.counts.get(kind as usize).copied().unwrap_or(0)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// Those that are kept, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Finding> {
        self.kept.iter()
    }

    fn admits(&mut self, kind: FindingKind) -> bool {
        let count = self.count_mut(kind);
        *count = count.saturating_add(1);
        *count <= KEPT_OF_A_KIND
    }

    fn count_mut(&mut self, kind: FindingKind) -> &mut u32 {
        let index = kind as usize;
        if self.counts.len() <= index {
            self.counts.resize(index + 1, 0);
        }
        &mut self.counts[index]
    }
}

impl<'a> IntoIterator for &'a Findings {
    type Item = &'a Finding;
    type IntoIter = std::slice::Iter<'a, Finding>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_sentences_end_with_a_stop() {
        let mut codes: Vec<_> = FindingKind::ALL.iter().map(|kind| kind.code()).collect();
        codes.sort_unstable();
        let count = codes.len();
        codes.dedup();
        assert_eq!(codes.len(), count);
        assert!(FindingKind::ALL.iter().all(|kind| kind.sentence().ends_with('.')));
    }

    #[test]
    fn beyond_a_hundred_of_a_kind_only_the_number_grows() {
        let mut findings = Findings::default();
        for number in 1..=250 {
            findings.push(Finding::new(FindingKind::Malformed, "bad").of_packet(number));
        }
        findings.push(Finding::new(FindingKind::Truncated, "the end"));
        assert_eq!(findings.count(FindingKind::Malformed), 250);
        let list = findings.into_vec();
        assert_eq!(list.len(), 102);
        assert_eq!(list[101].text, "150 more findings of the kind malformed were left out");
    }

    #[test]
    fn joining_two_lists_keeps_both_counts() {
        let many = || {
            let mut findings = Findings::default();
            (0..130).for_each(|_| findings.push(Finding::new(FindingKind::Malformed, "bad")));
            findings
        };
        let mut both = many();
        both.extend(many());
        assert_eq!(both.count(FindingKind::Malformed), 260);
    }
}
