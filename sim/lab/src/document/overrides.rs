//! Overrides of single values, `node.nat-a.nat=symmetric`, laid over a document before it is checked. Not here: whether the key
//! and the value are right, which is found like in the document itself (`shape`).

use super::near::{nearest, one_of};
use super::problem::Problem;
use super::report::Report;
use super::source::{Data, Entry, Place, Sources, Table, Value};

/// What messages call the source of an override.
const NAME: &str = "--set";

/// More keys than this lead nowhere.
const KEYS_MAX: usize = 16;

/// An override, taken apart.
struct Override<'a> {
    keys: Vec<(&'a str, Place)>,
    value: Value,
}

/// Lays an override over the document.
pub(super) fn apply(line: &str, root: &mut Value, sources: &mut Sources) -> Vec<(Place, Problem)> {
    let source = sources.add(NAME, line);
    let mut report = Report::new(sources, Vec::new());
    if let Some(parsed) = parse(line, source, sources, &mut report) {
        set(&parsed, root, &mut report);
    }
    report.into_list()
}

fn parse<'a>(
    line: &'a str,
    source: usize,
    sources: &Sources,
    report: &mut Report<'_>,
) -> Option<Override<'a>> {
    let whole = Place { source, start: 0, end: line.len() };
    let Some((path, text)) = line.split_once('=') else {
        report.add(whole, |problem| Problem {
            message: "an override has no `=`".to_string(),
            expected: Some("KEY=VALUE, such as `node.nat-a.nat=symmetric`".to_string()),
            ..problem
        });
        return None;
    };
    let mut keys = Vec::new();
    let mut start = 0;
    if path.split('.').count() > KEYS_MAX {
        report.add(Place { end: path.len(), ..whole }, |problem| Problem {
            message: "the key has too many parts".to_string(),
            expected: Some(format!("at most {KEYS_MAX}")),
            ..problem
        });
        return None;
    }
    for part in path.split('.') {
        let place = Place { source, start, end: start + part.len() };
        start = place.end + 1;
        let key = part.trim().trim_matches('"');
        if key.is_empty() {
            report.add(place, |problem| Problem {
                message: "a part of the key is empty".to_string(),
                expected: Some("keys with dots between them, such as `node.nat-a.nat`".to_string()),
                ..problem
            });
            return None;
        }
        keys.push((key, place));
    }
    let value = read_value(source, path.len() + 1, text, sources, report)?;
    Some(Override { keys, value })
}

/// A TOML value, or else the text itself: a shell takes the quotes of a string away.
fn read_value(
    source: usize,
    offset: usize,
    text: &str,
    sources: &Sources,
    report: &mut Report<'_>,
) -> Option<Value> {
    let (value, problems) = sources.read_value(source, offset);
    let whole = Place { source, start: offset, end: offset + text.len() };
    match value {
        Some(value) if problems.is_empty() => Some(Value { place: whole, ..value }),
        _ if text.trim_start().starts_with(['{', '[', '"', '\'']) || value.is_some() => {
            problems.into_iter().for_each(|(place, problem)| report.add(place, |_| problem));
            None
        }
        _ => Some(Value { place: whole, data: Data::Text(text.trim().to_string()) }),
    }
}

/// Walks to the table of the last key and sets it there. What is on the way has to exist, as far as it has a name of its own.
fn set(change: &Override<'_>, root: &mut Value, report: &mut Report<'_>) {
    let networks = network_names(root);
    let mut value = root;
    for (depth, (key, place)) in change.keys.iter().enumerate() {
        let is_last = depth + 1 == change.keys.len();
        let parent = depth.checked_sub(1).map(|index| change.keys[index].0);
        open(parent, value);
        let kind = value.kind();
        let names = names(change, depth, value, &networks);
        let next = match &mut value.data {
            Data::List(list) => key.parse::<usize>().ok().and_then(|index| list.get_mut(index)),
            Data::Table(table) if table.contains_key(*key) || names.is_none() => {
                let empty = Value { place: *place, data: Data::Table(Table::new()) };
                let entry = table.entry(key.to_string()).or_insert(Entry { key: *place, value: empty });
                // A problem with the new value shows the override, not the line that it replaces.
                entry.key = if is_last { *place } else { entry.key };
                Some(&mut entry.value)
            }
            _ => None,
        };
        let Some(next) = next else {
            let known = names.unwrap_or_default();
            let of = parent.unwrap_or("the scenario");
            report.add(*place, |problem| Problem {
                message: match kind {
                    "a table" => format!("there is no {of} `{key}`"),
                    "a list" => format!("there is no {of} number `{key}`, counted from 0"),
                    _ => format!("`{of}` is {kind} and has no key `{key}`"),
                },
                suggestion: nearest(key, known.iter().map(String::as_str)),
                expected: one_of(known.iter().map(String::as_str)),
                ..problem
            });
            return;
        };
        value = next;
    }
    *value = change.value.clone();
}

/// The names that the key at this depth may have, where a document names things itself.
fn names(change: &Override<'_>, depth: usize, value: &Value, networks: &[String]) -> Option<Vec<String>> {
    let Data::Table(table) = &value.data else { return None };
    match (depth, change.keys[0].0) {
        (1, "node") => Some(table.keys().cloned().collect()),
        (1, "network") if !networks.iter().any(|name| name == change.keys[1].0) => Some(networks.to_vec()),
        _ => None,
    }
}

/// Names of networks, those included that are only the inside of a NAT or firewall.
fn network_names(root: &Value) -> Vec<String> {
    let entries = |name: &str| match &root.data {
        Data::Table(table) => match table.get(name).map(|entry| &entry.value.data) {
            Some(Data::Table(inner)) => inner.iter().collect(),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    };
    let mut names: Vec<String> = entries("network").into_iter().map(|(name, _)| name.clone()).collect();
    for (_, node) in entries("node") {
        let Data::Table(node) = &node.value.data else { continue };
        match node.get("inside").map(|entry| &entry.value.data) {
            Some(Data::Text(name)) => names.push(name.clone()),
            Some(Data::List(list)) => names.extend(list.iter().filter_map(|item| match &item.data {
                Data::Text(name) => Some(name.clone()),
                _ => None,
            })),
            _ => {}
        }
    }
    names
}

/// A name that stands for a table becomes that table, so that a key of it can be set: `node.nat-a.nat.timeout_s=20`.
fn open(key: Option<&str>, value: &mut Value) {
    let inner = match key {
        Some("nat" | "firewall") => "preset",
        Some("turn") => "server",
        _ => return,
    };
    if let Data::Text(_) = value.data {
        let place = value.place;
        let name = Entry { key: place, value: value.clone() };
        *value = Value { place, data: Data::Table(Table::from([(inner.to_string(), name)])) };
    }
}
