//! The shape of a document: keys, types, words and ranges, compared with the schema that the types give. So every problem is found at
//! its place and in one go, while the deserializer would stop at the first. Not here: what the values refer to (`meaning`).

use std::sync::LazyLock;

use schemars::generate::SchemaSettings;
use serde_json::Value as Json;

use super::Scenario;
use super::near::{nearest, one_of};
use super::problem::Problem;
use super::report::{Path, Report, Step};
use super::source::{Data, Entry, Place, Table, Value};

static SCHEMA: LazyLock<Json> = LazyLock::new(|| {
    let schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<Scenario>();
    let mut schema = schema.to_value();
    tidy(&mut schema);
    schema
});

/// The JSON Schema of scenario documents (draft 2020-12), with a description of every key.
pub fn schema() -> Json {
    SCHEMA.clone()
}

/// Takes out what TOML has no word for, and line breaks of the source.
fn tidy(schema: &mut Json) {
    match schema {
        Json::Object(object) => {
            if let Some(Json::String(description)) = object.get_mut("description") {
                *description =
                    description.replace("\n\n", "\u{0}").replace('\n', " ").replace('\u{0}', "\n\n");
            }
            if let Some(Json::Array(types)) = object.get_mut("type") {
                types.retain(|name| name != "null");
                if let [only] = &types[..] {
                    let only = only.clone();
                    object.insert("type".to_string(), only);
                }
            }
            if let Some(Json::Array(words)) = object.get_mut("enum") {
                words.retain(|word| !word.is_null());
            }
            if let Some(Json::Array(alternatives)) = object.get_mut("anyOf") {
                alternatives.retain(|alternative| alternative["type"] != "null");
                if let [only] = &mut alternatives[..] {
                    let only = only.take();
                    object.remove("anyOf");
                    if let Json::Object(only) = only {
                        for (key, value) in only {
                            object.entry(key).or_insert(value);
                        }
                    }
                }
            }
            object.values_mut().for_each(tidy);
        }
        Json::Array(values) => values.iter_mut().for_each(tidy),
        _ => {}
    }
}

/// Compares a document with the schema. What does not fit is reported and taken out, so that the rest can be looked at further.
pub(super) fn check(root: &mut Value, report: &mut Report<'_>) {
    fits(&SCHEMA, root, &mut Path::default(), report);
}

/// Follows a reference to a definition.
fn resolve(schema: &Json) -> &Json {
    match schema["$ref"].as_str().and_then(|name| name.strip_prefix("#/$defs/")) {
        Some(name) => &SCHEMA["$defs"][name],
        None => schema,
    }
}

/// The alternatives of a schema, references followed; itself when there is only one.
fn alternatives(schema: &Json) -> Vec<&Json> {
    let schema = resolve(schema);
    match schema["anyOf"].as_array().or(schema["oneOf"].as_array()) {
        Some(list) => list.iter().flat_map(alternatives).collect(),
        None => vec![schema],
    }
}

/// The words of a choice, if the schema is one.
fn words(schema: &Json) -> Vec<&str> {
    match (schema["const"].as_str(), schema["enum"].as_array()) {
        (Some(word), _) => vec![word],
        (None, Some(list)) => list.iter().filter_map(Json::as_str).collect(),
        (None, None) => Vec::new(),
    }
}

/// Whether a value fits; if not, that has been reported, and the caller takes it out.
fn fits(schema: &Json, value: &mut Value, path: &mut Path, report: &mut Report<'_>) -> bool {
    let all = alternatives(schema);
    // A shell takes the quotes of `"1.2"` away, and then a word looks like a number.
    if let Data::Float(number) = value.data
        && let written = number.to_string()
        && all.iter().any(|one| words(one).contains(&written.as_str()))
    {
        value.data = Data::Text(written);
    }
    let wanted = match value.data {
        Data::Table(_) => &["object"][..],
        Data::List(_) => &["array"],
        Data::Text(_) => &["string"],
        Data::Integer(_) => &["integer", "number"],
        Data::Float(_) => &["number"],
        Data::Bool(_) => &["boolean"],
        Data::Date => &[],
    };
    let matching: Vec<&Json> = all
        .iter()
        .copied()
        .filter(|one| one["type"].as_str().is_some_and(|name| wanted.contains(&name)))
        .collect();
    let Some(&first) = matching.first() else {
        let expected = expected_types(&all);
        report.add(value.place, |problem| Problem {
            message: format!("{} is {}", path.name(), value.kind()),
            expected: Some(expected),
            ..problem
        });
        return false;
    };
    match &mut value.data {
        Data::Table(_) => fits_table(first, value, path, report),
        Data::List(_) => fits_list(first, value, path, report),
        Data::Text(text) => {
            let words: Vec<&str> = matching.iter().flat_map(|one| words(one)).collect();
            if words.is_empty() || words.contains(&text.as_str()) {
                return true;
            }
            report.add(value.place, |problem| Problem {
                message: format!("`{text}` is not a word for {}", path.name()),
                suggestion: nearest(text, words.iter().copied()),
                expected: one_of(words.iter().copied()),
                ..problem
            });
            false
        }
        Data::Integer(number) => in_range(first, *number as f64, value.place, path, report),
        Data::Float(number) => in_range(first, *number, value.place, path, report),
        Data::Bool(_) | Data::Date => true,
    }
}

/// What kinds of value there may be, in words.
fn expected_types(all: &[&Json]) -> String {
    let mut kinds = Vec::new();
    let choice: Vec<&str> = all.iter().flat_map(|one| words(one)).collect();
    if let Some(choice) = one_of(choice.iter().copied()) {
        kinds.push(choice);
    }
    for one in all {
        let kind = match one["type"].as_str() {
            Some("object") => "a table `{ … }`",
            Some("array") => "a list `[ … ]`",
            Some("string") if words(one).is_empty() => "a string in quotes",
            Some("integer") => "a whole number",
            Some("number") => "a number",
            Some("boolean") => "`true` or `false`",
            _ => continue,
        };
        if !kinds.iter().any(|known| known == kind) {
            kinds.push(kind.to_string());
        }
    }
    kinds.join(", or ")
}

fn in_range(schema: &Json, number: f64, place: Place, path: &Path, report: &mut Report<'_>) -> bool {
    let at_least = schema["minimum"].as_f64().unwrap_or(f64::MIN);
    let at_most = match (schema["maximum"].as_f64(), schema["format"].as_str()) {
        (Some(maximum), _) => maximum,
        (None, Some("uint32")) => f64::from(u32::MAX),
        (None, _) => f64::MAX,
    };
    if (at_least..=at_most).contains(&number) {
        return true;
    }
    let expected = match (at_least > f64::MIN, at_most < f64::MAX) {
        (true, true) => format!("a number from {at_least} to {at_most}"),
        (true, false) => format!("a number of at least {at_least}"),
        (false, _) => format!("a number of at most {at_most}"),
    };
    report.add(place, |problem| Problem {
        message: format!("{} is out of range", path.name()),
        expected: Some(expected),
        ..problem
    });
    false
}

fn fits_list(schema: &Json, value: &mut Value, path: &mut Path, report: &mut Report<'_>) -> bool {
    let Data::List(items) = &mut value.data else { return true };
    let (at_least, at_most) = (schema["minItems"].as_u64(), schema["maxItems"].as_u64());
    let count = items.len() as u64;
    if at_least.is_some_and(|least| count < least) || at_most.is_some_and(|most| count > most) {
        report.add(value.place, |problem| Problem {
            message: format!("{} has {count} entries", path.name()),
            expected: Some(format!("a list of {}", at_least.or(at_most).unwrap_or(count))),
            ..problem
        });
        return false;
    }
    let mut all_fit = true;
    for (index, item) in items.iter_mut().enumerate() {
        path.push(Step::Index(index));
        all_fit &= fits(&schema["items"], item, path, report);
        path.pop();
    }
    all_fit
}

fn fits_table(schema: &Json, value: &mut Value, path: &mut Path, report: &mut Report<'_>) -> bool {
    let place = value.place;
    let Data::Table(table) = &mut value.data else { return true };
    let mut unknown = Vec::new();
    let mut keep = Vec::with_capacity(table.len());
    for (key, entry) in table.iter_mut() {
        let known = schema["properties"].get(key.as_str());
        let any = Some(&schema["additionalProperties"]).filter(|any| any.is_object());
        let Some(inner) = known.or(any) else {
            unknown.push(keep.len());
            keep.push(false);
            continue;
        };
        path.push(Step::Key(key.clone()));
        keep.push(fits(inner, &mut entry.value, path, report));
        path.pop();
    }
    report_unknown(schema, table, &unknown, path, report);
    let required = || schema["required"].as_array().into_iter().flatten().filter_map(Json::as_str);
    for key in required().filter(|key| !table.contains_key(*key)) {
        report.add(place, |problem| Problem {
            message: format!("{} has no `{key}`", path.name()),
            expected: Some(format!("the key `{key}`")),
            ..problem
        });
    }
    // At the top only what holds other things is missed by what is said further on.
    let matters =
        |entry: &Entry| !path.is_root() || matches!(entry.value.data, Data::Table(_) | Data::List(_));
    if table.values().zip(&keep).any(|(entry, keep)| !keep && matters(entry)) {
        report.damage(path.clone());
    }
    let mut keep = keep.into_iter();
    table.retain(|_, _| keep.next().unwrap_or(true));
    path.is_root() || required().all(|key| table.contains_key(key))
}

/// Reports the keys, by their index, that the schema of a table does not have.
fn report_unknown(schema: &Json, table: &Table, unknown: &[usize], path: &Path, report: &mut Report<'_>) {
    let Some(properties) = schema["properties"].as_object() else { return };
    let free: Vec<&str> =
        properties.keys().map(String::as_str).filter(|key| !table.contains_key(*key)).collect();
    for (key, entry) in unknown.iter().filter_map(|&index| table.get_index(index)) {
        report.add(entry.key, |problem| Problem {
            message: format!("`{key}` is not a key of {}", path.name()),
            suggestion: inner_key(schema, key, INNER_DEPTH_MAX)
                .or_else(|| nearest(key, properties.keys().map(String::as_str))),
            expected: one_of(free.iter().copied()),
            ..problem
        });
    }
}

/// How deep a key is searched for that was written too far out.
const INNER_DEPTH_MAX: usize = 3;

/// The shortest way to a key of that name in the tables inside, `link.latency_ms`, as TOML spells it.
fn inner_key(schema: &Json, key: &str, depth: usize) -> Option<String> {
    let properties = schema["properties"].as_object()?;
    let inside = properties.iter().flat_map(|(name, inner)| {
        let tables = alternatives(inner).into_iter().filter(|one| one["properties"].is_object());
        tables.filter_map(move |table| {
            if table["properties"].get(key).is_some() {
                return Some(format!("{name}.{key}"));
            }
            let further = (depth > 1).then(|| inner_key(table, key, depth - 1)).flatten()?;
            Some(format!("{name}.{further}"))
        })
    });
    inside.min_by_key(|way| (way.matches('.').count(), way.len()))
}
