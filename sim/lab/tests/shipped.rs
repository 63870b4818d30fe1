//! The scenarios that are shipped: each can be read, becomes a world, teaches, and stands in the table.

use std::path::PathBuf;

use rtclab_lab::build::build;
use rtclab_lab::document::{Scenario, schema};
use rtclab_lab::run::{Options, run};
use rtclab_net::World;
use rtclab_trace::Observe;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../scenarios")
}

/// Name and text of each, in the order of their names.
fn shipped() -> Vec<(String, String)> {
    let files = std::fs::read_dir(folder()).expect("the folder is there");
    let paths = files.map(|file| file.expect("the folder can be read").path());
    let mut found: Vec<(String, String)> = paths
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .map(|path| {
            let name = path.file_name().expect("it has a name").to_string_lossy().into_owned();
            (name, std::fs::read_to_string(&path).expect("it can be read"))
        })
        .collect();
    found.sort();
    assert!(found.len() >= 12, "{}", found.len());
    found
}

#[test]
fn each_has_no_problem_and_becomes_a_world() {
    for (name, text) in shipped() {
        let scenario = Scenario::parse(&name, &text, &[]).unwrap_or_else(|problems| panic!("{problems}"));
        let build = build(&scenario).unwrap_or_else(|error| panic!("{name}: {error}"));
        let world = World::new(build.plan, scenario.seed, Observe::Summary);
        assert!(world.is_ok(), "{name}: {:?}", world.err());
    }
}

#[test]
fn each_uses_only_keys_of_the_schema() {
    let schema = schema();
    for (name, text) in shipped() {
        let document: toml::Table = text.parse().expect("it is TOML");
        for (key, value) in &document {
            keys(&schema, &schema["properties"][key], value, &format!("{name}: {key}"));
        }
    }
}

/// What a value may be: references followed, choices within choices made one list.
fn alternatives(root: &serde_json::Value, schema: &serde_json::Value) -> Vec<serde_json::Value> {
    if let Some(name) = schema["$ref"].as_str() {
        return alternatives(root, &root["$defs"][name.trim_start_matches("#/$defs/")]);
    }
    match schema["anyOf"].as_array() {
        Some(choices) => choices.iter().flat_map(|one| alternatives(root, one)).collect(),
        None => vec![schema.clone()],
    }
}

/// Panics at a table whose keys no alternative of the schema has.
fn keys(root: &serde_json::Value, schema: &serde_json::Value, value: &toml::Value, at: &str) {
    assert!(!schema.is_null(), "{at}");
    let alternatives = alternatives(root, schema);
    match value {
        toml::Value::Table(table) => {
            let own = alternatives.iter().find(|one| one["type"] == "object").expect("a table is allowed");
            for (key, inner) in table {
                let any = Some(&own["additionalProperties"]).filter(|any| any.is_object());
                let known = own["properties"].get(key).or(any).unwrap_or(&serde_json::Value::Null);
                keys(root, known, inner, &format!("{at}.{key}"));
            }
        }
        toml::Value::Array(list) => {
            let own = alternatives.iter().find(|one| one["type"] == "array").expect("a list is allowed");
            list.iter().for_each(|inner| keys(root, &own["items"], inner, at));
        }
        _ => {}
    }
}

/// Not only with its own seed: what is expected follows from the delays and the rules, and chance has little part in it.
#[test]
fn each_comes_to_what_it_expects() {
    for (name, text) in shipped() {
        let scenario = Scenario::parse(&name, &text, &[]).expect("tested elsewhere");
        for seed in [scenario.seed, 101, 102, 103] {
            let options = Options { seed: Some(seed), ..Options::default() };
            let outcome = run(&scenario, options).unwrap_or_else(|error| panic!("{name}: {error}"));
            for judgement in &outcome.expectations {
                assert_eq!(judgement.met, Some(true), "{name}, seed {seed}: {judgement:#?}");
            }
        }
    }
}

#[test]
fn each_says_at_its_top_what_to_look_at_and_expects_something() {
    for (name, text) in shipped() {
        let comment: Vec<&str> = text.lines().take_while(|line| line.starts_with('#')).collect();
        assert!(comment.len() >= 5, "{name}");
        assert!(comment.iter().any(|line| line.starts_with("# Look at: ")), "{name}");
        let scenario = Scenario::parse(&name, &text, &[]).expect("tested elsewhere");
        assert!(!scenario.title.is_empty() && !scenario.expect.is_empty(), "{name}");
    }
}

#[test]
fn each_try_of_a_comment_is_an_override_that_fits() {
    for (name, text) in shipped() {
        let words = text.lines().take_while(|line| line.starts_with('#')).flat_map(str::split_whitespace);
        let words: Vec<&str> = words.collect();
        for pair in words.windows(2).filter(|pair| pair[0] == "--set") {
            let line = pair[1].trim_end_matches(['.', ',', ';', ':']);
            let read = Scenario::parse(&name, &text, &[line.to_string()]);
            // What is expected may be wrong then, but the override itself is right.
            let problems = read.err().map(|problems| problems.list).unwrap_or_default();
            let own: Vec<_> = problems.iter().filter(|problem| problem.file == "--set").collect();
            assert!(own.is_empty(), "{name}: {own:?}");
        }
    }
}

#[test]
fn each_stands_in_the_table() {
    let table = std::fs::read_to_string(folder().join("README.md")).expect("it is there");
    for (name, text) in shipped() {
        let scenario = Scenario::parse(&name, &text, &[]).expect("tested elsewhere");
        let row = table.lines().find(|line| line.contains(&format!("`{name}`")));
        let row = row.unwrap_or_else(|| panic!("{name} is not in scenarios/README.md"));
        assert!(row.contains(&scenario.title), "{name}: the title is not in its row");
    }
}
