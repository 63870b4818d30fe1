//! What changed from one description to another, line by line and with its meaning: from offer to answer, or from one offer to the next.
//! Not here: whether the change is allowed ([`super::rules`]).

use std::collections::BTreeMap;

use super::line::{Content, Line};
use super::place::Place;
use super::registry;
use super::section::Section;
use super::tree::Sdp;
use super::value::Attribute;

/// How a line fared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It stands in both.
    Same,
    /// It has another value.
    Changed,
    /// It stands only in the first.
    Removed,
    /// It stands only in the second.
    Added,
}

/// A line of either description, or of both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedLine {
    /// What happened to it.
    pub change: Change,
    /// The medium it belongs to; `None` for the session part.
    pub section: Option<usize>,
    /// Where it stands in the first description.
    pub before: Option<Place>,
    /// Where it stands in the second one.
    pub after: Option<Place>,
    /// Its type, or the name of the attribute.
    pub name: String,
    /// What such a line says, in English; empty for an attribute that nobody knows.
    pub english: &'static str,
    /// The same in Korean.
    pub korean: &'static str,
}

/// Compares the session parts and then medium by medium, in the order of the first description; what is new stands behind its section.
/// Media are paired by index, as RFC 3264 §6 pairs them.
pub fn difference(before: &Sdp, after: &Sdp) -> Vec<ChangedLine> {
    let mut out = Vec::new();
    compare(Some(before.session()), Some(after.session()), &mut out);
    for index in 0..before.media_count().max(after.media_count()) {
        compare(before.medium(index), after.medium(index), &mut out);
    }
    out
}

/// A line with what it is about and what it says.
struct Keyed<'a> {
    about: String,
    value: String,
    line: &'a Line,
}

fn compare(before: Option<Section<'_>>, after: Option<Section<'_>>, out: &mut Vec<ChangedLine>) {
    let index = before.or(after).and_then(|section| section.index());
    let (old, new) = (keyed_lines(before), keyed_lines(after));
    let partners = partners(&old, &new);
    let mut taken = vec![false; new.len()];
    for (line, partner) in old.iter().zip(partners) {
        let found = partner.and_then(|at| {
            *taken.get_mut(at)? = true;
            new.get(at)
        });
        let change = match found {
            Some(found) if found.value == line.value => Change::Same,
            Some(_) => Change::Changed,
            None => Change::Removed,
        };
        out.push(changed(change, index, Some(line.line), found.map(|found| found.line)));
    }
    let added = new.iter().zip(taken).filter(|(_, taken)| !taken);
    out.extend(added.map(|(line, _)| changed(Change::Added, index, None, Some(line.line))));
}

fn keyed_lines(section: Option<Section<'_>>) -> Vec<Keyed<'_>> {
    let Some(section) = section else { return Vec::new() };
    let keyed = |line| keyed(line, section.text_of(line)).map(|(about, value)| Keyed { about, value, line });
    section.lines().iter().filter_map(keyed).collect()
}

/// For each old line its new one: an equal line if there is one, otherwise one about the same thing. Each new line is used once.
fn partners(old: &[Keyed<'_>], new: &[Keyed<'_>]) -> Vec<Option<usize>> {
    let equal = |line: &'_ Keyed<'_>| (line.about.clone(), line.value.clone());
    let alike = |line: &'_ Keyed<'_>| (line.about.clone(), String::new());
    let mut partners = vec![None; old.len()];
    let mut taken = vec![false; new.len()];
    for pass in 0..2 {
        let key = |line: &Keyed<'_>| if pass == 0 { equal(line) } else { alike(line) };
        let mut places = BTreeMap::<(String, String), Vec<usize>>::new();
        for (at, line) in new.iter().enumerate().rev().filter(|(at, _)| !taken[*at]) {
            places.entry(key(line)).or_default().push(at);
        }
        for (partner, line) in partners.iter_mut().zip(old).filter(|(partner, _)| partner.is_none()) {
            *partner = places.get_mut(&key(line)).and_then(Vec::pop);
            if let Some(at) = *partner {
                taken[at] = true;
            }
        }
    }
    partners
}

/// What a line is about, and what it says about it. Lines about different things (payload types, extensions) have different keys.
fn keyed(line: &Line, text: &str) -> Option<(String, String)> {
    let attribute = match &line.content {
        Content::Attribute(attribute) => attribute,
        Content::Blank => return None,
        other => return Some((name_of(other), text.to_owned())),
    };
    let value = attribute.value().unwrap_or_default();
    let about = match attribute {
        Attribute::RtpMap(map) => map.payload_type.to_string(),
        Attribute::Fmtp(fmtp) => fmtp.format.clone(),
        Attribute::RtcpFeedback(feedback) => feedback.to_string(),
        Attribute::Extmap(extmap) => extmap.uri.clone(),
        Attribute::Group(group) => group.semantics.clone(),
        Attribute::Ssrc(ssrc) => format!("{} {}", ssrc.ssrc, ssrc.attribute),
        Attribute::Rid(rid) => rid.id.clone(),
        Attribute::Candidate(_) => value.clone(),
        // The four directions are four names of one thing.
        Attribute::Direction(direction) => return Some(("direction".into(), direction.word().into())),
        _ => String::new(),
    };
    Some((format!("a={}:{about}", attribute.name()), value))
}

fn name_of(content: &Content) -> String {
    let letter = match content {
        Content::Version(_) => 'v',
        Content::Origin(_) => 'o',
        Content::SessionName(_) => 's',
        Content::Connection(_) => 'c',
        Content::Bandwidth(_) => 'b',
        Content::Time(_) => 't',
        Content::Media(_) => 'm',
        Content::Other(kind) => kind.letter(),
        Content::Attribute(attribute) => return attribute.name().to_owned(),
        Content::Blank | Content::Malformed => '?',
    };
    letter.to_string()
}

fn changed(
    change: Change,
    section: Option<usize>,
    before: Option<&Line>,
    after: Option<&Line>,
) -> ChangedLine {
    let content = after.or(before).map(|line| &line.content);
    let name = content.map(name_of).unwrap_or_default();
    let (english, korean) = match content {
        Some(Content::Attribute(attribute)) => {
            registry::about(attribute.name()).map_or(("", ""), |about| (about.english, about.korean))
        }
        _ => name.chars().next().and_then(super::line::LineType::of).map_or(("", ""), registry::line),
    };
    ChangedLine {
        change,
        section,
        before: before.map(|line| line.place),
        after: after.map(|line| line.place),
        name,
        english,
        korean,
    }
}
