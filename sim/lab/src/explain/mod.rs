//! The story of a call, in a page that a person can read: what it came to, the one or two facts that decided it, what would have helped,
//! and for each side what its ICE agent did and why. What `rtclab explain` prints.
//!
//! | file | what lives there |
//! |---|---|
//! | `advice` | what would have helped |
//! | `agent` | one side: candidates, pairs, decisions |
//!
//! It only reads the trace. Not here: finding what decided ([`crate::diagnosis`]).

mod advice;
mod agent;

use std::fmt::Write as _;

use rtclab_trace::{CallOutcome, EntryId, Observe};

use crate::Language;
use crate::ladder::columns::wrap;
use crate::ladder::{Style, Tone};
use crate::run::{CallReport, Outcome, outcome_word, path_word};

/// The page: each call of a run with its story.
pub fn text(outcome: &Outcome, style: &Style) -> String {
    let mut page = Page { out: String::new(), style, outcome };
    page.heading(&outcome.scenario);
    if outcome.calls.is_empty() {
        page.say("Nobody called anybody.", "아무도 통화를 걸지 않았습니다.");
    }
    for call in &outcome.calls {
        page.call(call);
    }
    page.out
}

/// A page being written.
struct Page<'a> {
    out: String,
    style: &'a Style,
    outcome: &'a Outcome,
}

impl Page<'_> {
    fn pick<'t>(&self, english: &'t str, korean: &'t str) -> &'t str {
        match self.style.language {
            Language::English => english,
            Language::Korean => korean,
        }
    }

    fn heading(&mut self, text: &str) {
        if !self.out.is_empty() {
            self.out.push('\n');
        }
        let _ = writeln!(self.out, "{}", self.style.paint(Tone::Heading, text));
    }

    fn say(&mut self, english: &str, korean: &str) {
        let text = self.pick(english, korean).to_owned();
        self.line(2, &text);
    }

    /// A line, continued under its own beginning.
    fn line(&mut self, indent: usize, text: &str) {
        let space = " ".repeat(indent);
        for line in wrap(text, self.style.width.saturating_sub(indent).max(20)) {
            let _ = writeln!(self.out, "{space}{line}");
        }
    }

    fn call(&mut self, call: &CallReport) {
        let [caller, callee] = &call.peers;
        let state = call.state.outcome;
        let path = call.state.path.filter(|_| state == CallOutcome::Connected).map(path_word);
        let when = call.both_connected_at().map(|at| match self.style.language {
            Language::English => format!("after {at}"),
            Language::Korean => format!("{at} 뒤"),
        });
        let words: Vec<String> = [Some(outcome_word(state).to_owned()), path.map(Into::into), when]
            .into_iter()
            .flatten()
            .collect();
        let call_word = self.pick("call", "통화");
        self.heading(&format!("{call_word} {caller} ⇄ {callee}: {}", words.join(", ")));
        self.decided(call);
        if self.outcome.trace.observe() != Observe::Full {
            return self.say(
                "The run was only summed up, so there is no more to tell.",
                "요약만 기록한 실행이라 더 말할 것이 없습니다.",
            );
        }
        for side in [0, 1] {
            agent::write(self, call, side);
        }
    }

    /// What decided, the entries that show it, and what would have helped.
    fn decided(&mut self, call: &CallReport) {
        let diagnosis = &call.diagnosis;
        let text = diagnosis.code.text();
        let section = if text.section.is_empty() { String::new() } else { format!(", {}", text.section) };
        let title = self.pick("What decided", "결정한 것").to_owned();
        self.heading(&format!("{title} ({}{section})", text.code));
        let sentence = diagnosis.text(self.style.language).to_owned();
        self.line(2, &sentence);
        for &fact in &diagnosis.facts {
            self.entry(4, fact);
        }
        if let Some(advice) = advice::advice(diagnosis.code, self.style.language) {
            let title = self.pick("What would have helped", "도움이 되었을 것").to_owned();
            self.heading(&title);
            self.line(2, advice);
        }
    }

    /// An entry of the trace: its number and time, what it says, and its reason.
    fn entry(&mut self, indent: usize, id: EntryId) {
        let entry = self.outcome.trace.entry(id);
        let mut text = format!("#{} at {}: {}", id.index(), entry.at, self.outcome.trace.describe(id));
        if let Some(reason) = entry.reason {
            let why = reason.text();
            let _ = write!(text, " ({}", self.style.language.sentence(why).trim_end_matches('.'));
            if !why.section.is_empty() {
                let _ = write!(text, ", {}", why.section);
            }
            text.push(')');
        }
        self.line(indent, &text);
    }
}
