//! The measurable part of the house style. Each limit may be tightened, never loosened.

use std::collections::BTreeSet;
use std::path::Path;

use rtclab_tests::{files_below, from_top, root, text_of};

/// This file names what it forbids.
const THIS_FILE: &str = "tests/tests/tidy.rs";
/// Lines of a file. One concept a file is usually under 400.
const FILE_LINES_MAX: usize = 600;
/// Lines of a function: a screen.
const FUNCTION_LINES_MAX: usize = 70;
/// Characters of a line.
const LINE_CHARS_MAX: usize = 160;

/// Our own Rust files, with their text.
fn sources() -> Vec<(String, String)> {
    let files = files_below(&root(), ".rs");
    assert!(files.len() > 10, "the sources are not where this test looks");
    files.iter().map(|path| (from_top(path), text_of(path))).collect()
}

fn assert_none(what: &str, found: Vec<String>) {
    assert!(found.is_empty(), "{what}:\n  {}", found.join("\n  "));
}

#[test]
fn every_file_begins_by_saying_what_lives_there() {
    let silent = sources().into_iter().filter(|(_, text)| !text.starts_with("//!")).map(|(path, _)| path);
    assert_none("files that do not begin with `//!`", silent.collect());
}

#[test]
fn no_file_outgrows_one_concept() {
    let long = sources().into_iter().filter(|(_, text)| text.lines().count() > FILE_LINES_MAX);
    let long = long.map(|(path, text)| format!("{path}: {} lines", text.lines().count()));
    assert_none("files over the limit", long.collect());
}

/// With rustfmt, the line that closes a function is a brace at the indent of the line that opened it.
fn long_functions(path: &str, text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let code = line.trim_start();
        let indent = line.len() - code.len();
        let is_function = code.starts_with("fn ")
            || code.split("fn ").next().is_some_and(|before| {
                code.contains("fn ")
                    && before.split_whitespace().all(|word| {
                        word.starts_with("pub")
                            || ["const", "async", "unsafe", "extern", "crate)"].contains(&word)
                    })
            });
        if !is_function {
            continue;
        }
        let closing = format!("{}}}", " ".repeat(indent));
        let length = lines[start..].iter().position(|line| *line == closing).map_or(1, |offset| offset + 1);
        let one_line = code.ends_with(';') || code.ends_with('}');
        if !one_line && length > FUNCTION_LINES_MAX {
            found.push(format!("{path}:{}: {length} lines", start + 1));
        }
    }
    found
}

#[test]
fn every_function_fits_a_screen() {
    let long = sources().iter().flat_map(|(path, text)| long_functions(path, text)).collect();
    assert_none("functions over the limit", long);
}

#[test]
fn the_measure_of_functions_finds_a_long_one() {
    let body = "    let x = 1;\n".repeat(FUNCTION_LINES_MAX);
    assert_eq!(long_functions("a.rs", &format!("pub fn long() {{\n{body}}}\n")).len(), 1);
    assert_eq!(long_functions("a.rs", "fn short() {\n    1;\n}\n").len(), 0);
}

#[test]
fn no_line_is_longer_than_a_wide_window() {
    let mut found = Vec::new();
    // Tests hold pages that a program prints, as they are.
    for (path, text) in sources().into_iter().filter(|(path, _)| path.contains("/src/")) {
        // A sentence is not broken for the window's sake.
        let code = text.lines().enumerate().filter(|(_, line)| !line.contains('"'));
        let long = code.filter(|(_, line)| line.chars().count() > LINE_CHARS_MAX);
        found.extend(long.map(|(number, _)| format!("{path}:{}", number + 1)));
    }
    assert_none("lines over the limit", found);
}

#[test]
fn nothing_is_left_unfinished_or_switched_off() {
    // Written in two halves, so that this file does not find itself.
    let banned = [
        ["TO", "DO"],
        ["FIX", "ME"],
        ["XX", "X:"],
        ["unimpl", "emented!("],
        ["#[ig", "nore"],
        ["assert!(tr", "ue)"],
        ["MessageIntegrity", "Helper"],
    ];
    let banned: Vec<String> = banned.iter().map(|halves| halves.concat()).collect();
    let mut found = Vec::new();
    for (path, text) in sources() {
        for (number, line) in text.lines().enumerate() {
            let word = banned.iter().find(|word| line.contains(word.as_str()));
            found.extend(word.map(|word| format!("{path}:{}: {word}", number + 1)));
        }
    }
    assert_none("marks of unfinished work", found);
}

#[test]
fn a_lint_is_only_switched_off_with_a_reason() {
    let mut found = Vec::new();
    for (path, text) in sources().into_iter().filter(|(path, _)| path != THIS_FILE) {
        let allows = text
            .match_indices("#[allow(")
            .chain(text.match_indices("#![allow("))
            .chain(text.match_indices("#[expect("));
        for (start, _) in allows {
            let attribute = text[start..].split(")]").next().unwrap_or_default();
            if !attribute.contains("reason =") {
                let line = text[..start].lines().count();
                found.push(format!("{path}:{line}"));
            }
        }
    }
    assert_none("lints switched off without a reason", found);
}

#[test]
fn names_say_what_a_thing_is() {
    let mut found = Vec::new();
    for (path, text) in sources() {
        for (number, line) in text.lines().enumerate() {
            let code = line.trim_start();
            let names_type = ["struct ", "enum ", "trait ", "mod "].iter().any(|word| {
                code.strip_prefix("pub ")
                    .or_else(|| code.strip_prefix("pub(crate) "))
                    .unwrap_or(code)
                    .starts_with(word)
            });
            let vague = ["Manager", "Helper", "Util", " utils", " helpers", " misc"];
            if names_type && vague.iter().any(|word| code.contains(word)) {
                found.push(format!("{path}:{}: {code}", number + 1));
            }
        }
    }
    assert_none("names that do not say what a thing is", found);
}

#[test]
fn nothing_under_sim_reads_a_clock_or_draws_on_its_own() {
    let banned = [
        "Instant::now",
        "SystemTime::now",
        "thread::spawn",
        "thread::sleep",
        "thread_rng",
        "rand::rng(",
        "getrandom::",
        "static mut",
        "HashMap<",
        "HashSet<",
    ];
    // The one place that may: what it reads is the zero of all instants and cannot be told from outside, as it says itself.
    const BASE_OF_INSTANTS: (&str, &str) = ("sim/rtc/src/dtls/clock.rs", "Instant::now");
    let mut found = Vec::new();
    for (path, text) in
        sources().into_iter().filter(|(path, _)| path.starts_with("sim/") && path.contains("/src/"))
    {
        for (number, line) in
            text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"))
        {
            let is_let_through = |word: &str| (path.as_str(), word) == BASE_OF_INSTANTS;
            let word = banned.iter().find(|word| line.contains(**word) && !is_let_through(word));
            found.extend(word.map(|word| format!("{path}:{}: {word}", number + 1)));
        }
    }
    assert_none("clocks, threads, hidden randomness or unordered maps", found);
}

#[test]
fn rfcs_are_cited_in_one_way() {
    let mut found = Vec::new();
    for (path, text) in sources().into_iter().filter(|(path, _)| path != THIS_FILE) {
        for (number, line) in text.lines().enumerate() {
            let joined = line.match_indices("RFC").any(|(at, _)| {
                line[at + 3..].starts_with(|c: char| c.is_ascii_digit() || c == '-')
                    && !line[..at].ends_with(['/', '"'])
            });
            let section =
                line.contains("RFC ") && (line.contains(", section ") || line.contains(" Section "));
            if joined || section {
                found.push(format!("{path}:{}: {}", number + 1, line.trim()));
            }
        }
    }
    assert_none("RFCs are cited as `RFC 8445 §7.3`", found);
}

#[test]
fn the_top_of_the_repository_holds_what_the_design_says() {
    let expected = BTreeSet::from([
        "Cargo.lock",
        "Cargo.toml",
        "LICENSE-APACHE",
        "LICENSE-MIT",
        "README.md",
        "app",
        "captures",
        "clippy.toml",
        "rustfmt.toml",
        "scenarios",
        "sim",
        "tests",
    ]);
    let names: Vec<String> = std::fs::read_dir(root())
        .expect("the top can be read")
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| !name.starts_with('.') && name != "target")
        .collect();
    let odd = names.iter().filter(|name| !expected.contains(name.as_str())).cloned();
    assert_none("at the top, outside the design", odd.collect());
    assert_eq!(names.len(), expected.len(), "something of the design is missing: {names:?}");
}

#[test]
fn every_room_has_a_readme() {
    let rooms = [
        "",
        "app",
        "app/live",
        "sim",
        "sim/rtc",
        "sim/trace",
        "sim/net",
        "sim/media",
        "sim/capture",
        "sim/lab",
        "scenarios",
        "captures",
        "tests",
    ];
    let bare = rooms.iter().filter(|room| {
        let path = root().join(room).join("README.md");
        !path.exists() || text_of(&path).lines().count() < 3
    });
    assert_none("rooms without a README that says something", bare.map(|room| (*room).to_string()).collect());
}

#[test]
fn every_dependency_says_why_it_is_there() {
    let manifest = text_of(&root().join("Cargo.toml"));
    let table = manifest.split("[workspace.dependencies]").nth(1).expect("one table of dependencies");
    let table = table.split("\n[").next().expect("the table has an end");
    let mut before = "";
    let mut bare = Vec::new();
    for line in table.lines().filter(|line| !line.trim().is_empty()) {
        if !line.starts_with('#') && !before.starts_with('#') && !line.starts_with("rtclab") {
            bare.push(line.to_string());
        }
        before = line;
    }
    assert_none("dependencies without a comment above them", bare);
}

#[test]
fn dependencies_come_from_the_one_table() {
    let mut found = Vec::new();
    for path in files_below(&root(), "Cargo.toml").iter().filter(|path| path.parent() != Some(&root())) {
        let text = text_of(path);
        // A workspace of its own (fuzz targets want another compiler) has no part in our table.
        if text.lines().any(|line| line == "[workspace]") {
            continue;
        }
        let mut inside = false;
        for line in text.lines() {
            if line.starts_with('[') {
                inside = line.contains("dependencies");
            } else if inside
                && !line.trim().is_empty()
                && !line.starts_with('#')
                && !line.contains("workspace = true")
            {
                found.push(format!("{}: {line}", from_top(path)));
            }
        }
    }
    assert_none("dependencies that bypass the workspace table", found);
}

/// Which of our crates a room may use: the flow of the design, one way.
const MAY_USE: &[(&str, &[&str])] = &[
    ("sim/rtc", &[]),
    ("sim/trace", &["rtc"]),
    ("sim/net", &["trace", "rtc"]),
    ("sim/media", &["rtc", "trace"]),
    ("sim/capture", &["rtc", "trace"]),
    ("sim/lab", &["rtc", "trace", "net", "media", "capture"]),
];

fn own_dependencies(room: &Path) -> Vec<String> {
    let manifest = text_of(&room.join("Cargo.toml"));
    let used = manifest.split("[dependencies]").nth(1).unwrap_or_default();
    let used = used.split("\n[").next().unwrap_or_default();
    let names = used.lines().filter_map(|line| line.strip_prefix("rtclab-"));
    names.filter_map(|rest| rest.split(['.', ' ', '=']).next()).map(str::to_string).collect()
}

#[test]
fn crates_depend_on_each_other_in_one_direction() {
    let mut found = Vec::new();
    for (room, allowed) in MAY_USE {
        let used = own_dependencies(&root().join(room));
        let odd = used.iter().filter(|name| !allowed.contains(&name.as_str()));
        found.extend(odd.map(|name| format!("{room} uses {name}")));
    }
    assert_none("dependencies against the flow", found);
}

#[test]
fn every_source_file_is_part_of_a_crate() {
    let mut orphans = Vec::new();
    for path in files_below(&root(), ".rs").iter().filter(|path| from_top(path).contains("/src/")) {
        let name = path.file_stem().expect("a file has a name").to_string_lossy().into_owned();
        if ["lib", "main", "mod"].contains(&name.as_str()) {
            continue;
        }
        let folder = path.parent().expect("a file is in a folder");
        let beside = folder.with_extension("rs");
        let parents = [folder.join("lib.rs"), folder.join("main.rs"), folder.join("mod.rs"), beside];
        let declared = parents.iter().filter(|parent| parent.exists()).any(|parent| {
            let text = text_of(parent);
            text.lines().any(|line| {
                let line = line.trim_start();
                let visible = ["pub ", "pub(crate) ", "pub(super) "];
                let line = visible.iter().find_map(|prefix| line.strip_prefix(prefix)).unwrap_or(line);
                line == format!("mod {name};")
            })
        });
        if !declared {
            orphans.push(from_top(path));
        }
    }
    assert_none("files that no module names", orphans);
}
