//! What decided a call: a [`Code`] from a registry, and a sentence with the one or two facts that decided it.
//!
//! | file | what lives there |
//! |---|---|
//! | `code` | the registry |
//! | `facts` | what the trace says: checks and their ends, mappings, allocations |
//! | `connected` | why a call that came about is direct, or relayed |
//! | `failed` | why a call did not come about, or broke off |
//! | `session` | what DTLS and the negotiation have to do with it |
//!
//! A diagnosis only reads the trace. In summary mode there is none: the code is then what the agents alone show, with the sentence of the
//! registry.

mod code;
mod connected;
mod facts;
mod failed;
mod session;

use rtclab_rtc::ice::Agent;
use rtclab_trace::{CallOutcome, CallPath, CallState, EntryId, NodeId, Trace};

use crate::Language;

pub use code::Code;

/// What decided a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnosis {
    /// Which case it is.
    pub code: Code,
    /// The facts in a sentence or two, in English.
    pub english: String,
    /// The same in Korean.
    pub korean: String,
    /// The entries of the trace that show the facts, the most telling first.
    pub facts: Vec<EntryId>,
}

impl Diagnosis {
    /// The sentence in a language.
    pub fn text(&self, language: Language) -> &str {
        match language {
            Language::English => &self.english,
            Language::Korean => &self.korean,
        }
    }

    /// The sentence of the registry, with nothing to add.
    fn plain(code: Code) -> Diagnosis {
        let text = code.text();
        Diagnosis { code, english: text.english.into(), korean: text.korean.into(), facts: Vec::new() }
    }

    fn with(
        code: Code,
        english: impl Into<String>,
        korean: impl Into<String>,
        facts: impl Into<Vec<EntryId>>,
    ) -> Diagnosis {
        Diagnosis { code, english: english.into(), korean: korean.into(), facts: facts.into() }
    }

    /// The same facts, seen as another case.
    fn recoded(mut self, code: Code) -> Diagnosis {
        self.code = code;
        self
    }
}

/// What a diagnosis is made from.
#[derive(Debug)]
pub struct Evidence<'a> {
    /// Everything that happened; empty in summary mode.
    pub trace: &'a Trace,
    /// The call's number in the trace.
    pub number: u32,
    /// The names of caller and callee.
    pub peers: [&'a str; 2],
    /// Their nodes.
    pub nodes: [NodeId; 2],
    /// What became of the call.
    pub state: &'a CallState,
    /// Their agents, where they have begun.
    pub agents: [Option<&'a Agent>; 2],
}

/// Says what decided a call.
pub fn diagnose(evidence: &Evidence<'_>) -> Diagnosis {
    let was_connected = evidence.state.sides.iter().all(|side| side.connected_at.is_some());
    if evidence.state.outcome != CallOutcome::Connected
        && let Some(diagnosis) = session::decided(evidence)
    {
        return diagnosis;
    }
    match (evidence.state.outcome, evidence.state.path) {
        (CallOutcome::Connected, Some(CallPath::Relayed)) => connected::relayed(evidence),
        (CallOutcome::Connected, _) => connected::direct(evidence),
        (CallOutcome::Disconnected | CallOutcome::Failed, _) if was_connected => {
            failed::interrupted(evidence)
        }
        (CallOutcome::Failed | CallOutcome::Disconnected, _) => failed::failed(evidence),
        (CallOutcome::Connecting, _) => failed::not_settled(evidence),
    }
}
