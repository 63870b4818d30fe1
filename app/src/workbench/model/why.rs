//! Why: the chain of causes behind an entry, from it back to what the scenario started, and what it led to.

use rtclab_trace::{Entity, EntryId, ReasonText, Trace};

/// A chain longer than this is cut, and says so.
const STEPS_MAX: usize = 200;
/// An entry can lead to thousands (a link that goes down); this many are listed.
const EFFECTS_MAX: usize = 12;

/// A step of the chain. Entries of one packet that follow each other are one step: a packet's way, not every link of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// The newest entry of the step.
    pub(crate) entry: EntryId,
    /// The oldest one.
    pub(crate) first: EntryId,
    /// How many entries it stands for.
    pub(crate) entries: usize,
    /// The newest reason inside the step.
    pub(crate) reason: Option<ReasonText>,
}

/// The answer to "why".
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Why {
    /// The entry in question, then its causes back to the start.
    pub(crate) steps: Vec<Step>,
    /// Whether the chain goes on beyond what is listed.
    pub(crate) is_cut: bool,
    /// What the entry itself caused, in order.
    pub(crate) effects: Vec<EntryId>,
    /// How many effects there are, listed or not.
    pub(crate) effects_total: usize,
}

impl Why {
    /// The chain behind an entry.
    pub(crate) fn of(trace: &Trace, entry: EntryId) -> Why {
        let mut steps = vec![step(trace, entry)];
        let mut is_cut = false;
        for cause in trace.causes_of(entry) {
            let joins =
                steps.len() > 1 && steps.last().is_some_and(|last| same_packet(trace, last.entry, cause));
            if joins {
                if let Some(last) = steps.last_mut() {
                    last.first = cause;
                    last.entries += 1;
                    last.reason = last.reason.or_else(|| reason_of(trace, cause));
                }
            } else if steps.len() == STEPS_MAX {
                is_cut = true;
                break;
            } else {
                steps.push(step(trace, cause));
            }
        }
        let effects = trace.effects_of(entry);
        let effects_total = effects.len();
        Why { steps, is_cut, effects: effects.iter().copied().take(EFFECTS_MAX).collect(), effects_total }
    }
}

fn step(trace: &Trace, entry: EntryId) -> Step {
    Step { entry, first: entry, entries: 1, reason: reason_of(trace, entry) }
}

fn reason_of(trace: &Trace, entry: EntryId) -> Option<ReasonText> {
    trace.entry(entry).reason.map(rtclab_trace::Reason::text)
}

fn same_packet(trace: &Trace, a: EntryId, b: EntryId) -> bool {
    let (a, b) = (trace.entry(a).entity, trace.entry(b).entity);
    a == b && matches!(a, Entity::Packet(_))
}

/// The address of a section of an RFC, for `RFC 8445 §7.3.1.1`; none for anything else.
pub(crate) fn rfc_url(section: &str) -> Option<String> {
    let rest = section.strip_prefix("RFC ")?;
    let number: String = rest.chars().take_while(char::is_ascii_digit).collect();
    if number.is_empty() {
        return None;
    }
    let anchor: String = rest
        .split_once('§')
        .map(|(_, section)| section.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect())
        .unwrap_or_default();
    let anchor = anchor.trim_end_matches('.');
    let anchor = if anchor.is_empty() { String::new() } else { format!("#section-{anchor}") };
    Some(format!("https://www.rfc-editor.org/rfc/rfc{number}{anchor}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_becomes_the_address_of_its_page() {
        let url = rfc_url("RFC 8445 §7.3.1.1");
        assert_eq!(url.as_deref(), Some("https://www.rfc-editor.org/rfc/rfc8445#section-7.3.1.1"));
        assert_eq!(rfc_url("RFC 4787").as_deref(), Some("https://www.rfc-editor.org/rfc/rfc4787"));
        assert_eq!(rfc_url(""), None);
        assert_eq!(rfc_url("W3C WebRTC §5.6"), None);
    }
}
