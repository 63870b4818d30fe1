//! Whatever the text, reading a scenario ends, with a scenario or with problems that can be shown.

use proptest::prelude::*;
use rtclab_lab::document::{Problems, Scenario, schema};
use serde_json::Value as Json;

/// A document that has most keys.
const RICH: &str = include_str!("rich.toml");

/// Reads and, where there are problems, renders them.
fn read(text: &str, overrides: &[String]) -> Result<Scenario, (Problems, String)> {
    Scenario::parse("any.toml", text, overrides).map_err(|problems| {
        assert!(!problems.list.is_empty() && problems.list.len() <= Problems::MAX);
        let shown = problems.to_string();
        (problems, shown)
    })
}

#[test]
fn the_document_with_most_keys_has_no_problem_and_survives_being_written_and_read() {
    let scenario = read(RICH, &[]).expect("no problem");
    let text = toml::to_string(&scenario).expect("a scenario is a TOML table");
    assert_eq!(read(&text, &[]).expect("no problem"), scenario);
}

#[test]
fn depth_is_bounded() {
    for (open, close) in [("[", "]"), ("{a=", "}"), ("a.", "")] {
        let text = format!("title = {}1{}", open.repeat(100_000), close.repeat(100_000));
        assert!(read(&text, &[]).is_err());
    }
    for text in [format!("{}a = 1", "a.".repeat(100_000)), format!("[{}a]", "node.".repeat(100_000))] {
        assert!(read(&text, &[]).is_err());
        assert!(read(RICH, &[text]).is_err());
    }
}

#[test]
fn length_is_bounded_and_so_is_the_list_of_problems() {
    let long = "a = 1 # and so on\n".repeat(1 << 18);
    let (problems, _) = read(&long, &[]).expect_err("too long");
    assert_eq!(problems.list[0].message, "the document is too long");
    let many: String = (0..1_000).map(|number| format!("key{number} = 1\n")).collect();
    let (problems, shown) = read(&many, &[]).expect_err("unknown keys");
    assert_eq!(problems.list.len(), Problems::MAX);
    assert!(shown.ends_with(&format!("… and {} more", problems.more)));
}

/// None of these may cost more than the text is long, or nearly so.
#[test]
fn a_large_document_of_nothing_but_one_thing_is_read_or_refused() {
    let many = |count: u32, line: fn(u32) -> String| (0..count).map(line).collect::<String>();
    let texts = [
        many(100_000, |n| format!("k{n} = 1\n")),
        many(100_000, |_| "a = 1\n".to_string()),
        many(100_000, |_| "= \n".to_string()),
        many(60_000, |n| format!("[node.n{n}]\nnetwork = \"x\"\n")),
        many(9_000, |n| format!("[node.n{n}]\nnetwork = \"x{n}\"\n")),
        many(9_000, |n| format!("[node.n{n}]\nrun.peer.offers_to = \"n{}\"\nnetwork = \"x\"\n", n + 1)),
        many(4_900, |n| {
            format!("[node.n{n}]\nnat = \"none\"\ninside = \"i{n}\"\noutside = \"i{}\"\n", n + 1)
        }),
        many(30_000, |_| "[[action]]\nat_ms = 1\nlink_down = \"nobody\"\n".to_string()),
        many(10_000, |_| "[[action]]\nat_ms = 1\nmove = { node = \"a\", to = \"b\" }\n".to_string()),
        format!("title = [{}]", "1,".repeat(500_000)),
    ];
    for text in texts {
        assert!(read(&text, &[]).is_err());
    }
}

#[test]
fn a_long_line_is_shown_around_the_problem() {
    let text = format!("title = \"{}\" x", "가".repeat(10_000));
    let (_, shown) = read(&text, &[]).expect_err("no newline");
    assert!(shown.lines().all(|line| line.chars().count() < 200), "{shown}");
}

/// A value that the schema allows, chosen by the bytes of `choices`.
fn allowed(root: &Json, schema: &Json, choices: &mut std::slice::Iter<'_, u8>, depth: usize) -> Json {
    let mut choose = |count: usize| usize::from(*choices.next().unwrap_or(&0)) % count.max(1);
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.trim_start_matches("#/$defs/");
        return allowed(root, &root["$defs"][name], choices, depth);
    }
    if let Some(list) = schema["anyOf"].as_array().or(schema["oneOf"].as_array()) {
        let one = choose(list.len());
        return allowed(root, &list[one], choices, depth);
    }
    if schema["const"].is_string() {
        return schema["const"].clone();
    }
    if let Some(words) = schema["enum"].as_array() {
        return words[choose(words.len())].clone();
    }
    match schema["type"].as_str() {
        Some("boolean") => (choose(2) == 1).into(),
        Some("string") => ["a", "b", "", "10.0.0.0/8", "10.0.0.1"][choose(5)].into(),
        Some("integer") => schema["minimum"].as_f64().map_or(1, |least| least as i64 + 1).into(),
        Some("number") => schema["minimum"].as_f64().unwrap_or(0.5).into(),
        Some("array") => {
            let count = schema["minItems"].as_u64().map_or_else(|| choose(3), |least| least as usize);
            (0..count).map(|_| allowed(root, &schema["items"], choices, depth)).collect()
        }
        _ => {
            let mut table = serde_json::Map::new();
            let required = schema["required"].as_array().cloned().unwrap_or_default();
            for (key, inner) in schema["properties"].as_object().into_iter().flatten() {
                let wanted = required.contains(&Json::from(key.as_str()));
                if wanted || (depth > 0 && usize::from(*choices.next().unwrap_or(&0)) % 3 == 0) {
                    table.insert(key.clone(), allowed(root, inner, choices, depth.saturating_sub(1)));
                }
            }
            if schema["additionalProperties"].is_object() && depth > 0 {
                for name in ["a", "b"] {
                    let inner = allowed(root, &schema["additionalProperties"], choices, depth - 1);
                    table.insert(name.to_string(), inner);
                }
            }
            Json::Object(table)
        }
    }
}

/// Words and signs of the format, to be strung together.
fn token() -> impl Strategy<Value = String> {
    const WORDS: &[&str] = &[
        "[",
        "]",
        "[[",
        "]]",
        "{",
        "}",
        "=",
        ".",
        ",",
        "\n",
        "\"",
        "'",
        "#",
        "node",
        "network",
        "link",
        "action",
        "expect",
        "run",
        "peer",
        "nat",
        "inside",
        "outside",
        "\"a\"",
        "\"b\"",
        "a",
        "b",
        "1",
        "-1",
        "0.5",
        "1e999",
        "true",
        "at_ms",
        "call",
        "interface",
        "0x",
        "99999999999999999999",
        "2020-01-01",
        "nan",
        "\u{feff}",
        "\r",
    ];
    prop_oneof![proptest::sample::select(WORDS).prop_map(str::to_string), "[ -~가-힣]{0,6}"]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_document_that_was_cut_off_is_read_or_refused(length in 0..RICH.len()) {
        let _ = read(&RICH[..RICH.floor_char_boundary(length)], &[]);
    }

    #[test]
    fn a_document_with_flipped_bits_is_read_or_refused(
        flips in proptest::collection::vec((0..RICH.len(), 0..8_u8), 1..6),
    ) {
        let mut bytes = RICH.as_bytes().to_vec();
        for (index, bit) in flips {
            bytes[index] ^= 1 << bit;
        }
        let _ = read(&String::from_utf8_lossy(&bytes), &[]);
    }

    #[test]
    fn lines_that_are_missing_doubled_or_moved_are_read_or_refused(
        picks in proptest::collection::vec(0..RICH.lines().count(), 0..120),
    ) {
        let lines: Vec<&str> = RICH.lines().collect();
        let text: Vec<&str> = picks.into_iter().map(|index| lines[index]).collect();
        let _ = read(&text.join("\n"), &[]);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,300}|[\\x00-\\x7f]{0,300}") {
        let _ = read(&text, &[]);
    }

    #[test]
    fn any_string_of_words_is_read_or_refused(words in proptest::collection::vec(token(), 0..60)) {
        let _ = read(&words.concat(), &[]);
        let _ = read(&words.join(" "), &[]);
    }

    #[test]
    fn any_override_is_laid_over_or_refused(words in proptest::collection::vec(token(), 0..12)) {
        let _ = read(RICH, &[words.concat()]);
        let _ = read(RICH, &[format!("{}={}", words.join("."), words.concat())]);
    }

    /// So `deny_unknown_fields`, the types and the ranges never know better than the schema, and no message is the deserializer's own.
    #[test]
    fn what_the_schema_allows_the_types_can_read(choices in proptest::collection::vec(any::<u8>(), 0..400)) {
        let schema = schema();
        let value = allowed(&schema, &schema, &mut choices.iter(), 6);
        let text = toml::to_string(&value).expect("a table");
        if let Err((_, shown)) = read(&text, &[]) {
            for word in ["unknown field", "missing field", "invalid type", "invalid value", "did not match"] {
                prop_assert!(!shown.contains(word), "{text}\n{shown}");
            }
        }
    }
}
