//! `rtclab check`: runs scenarios and judges their expectations. All of them run, whatever comes of the first.

use std::fs;
use std::path::{Path, PathBuf};

use rtclab_lab::Language;
use rtclab_lab::ladder::{Style, Tone};
use rtclab_lab::run::{Options, Outcome};

use super::Verdict;
use super::args::CheckArgs;
use super::fault::Fault;
use super::output::{Output, complain};
use super::scenario;

pub(crate) fn check(arguments: &CheckArgs, output: &Output) -> Result<Verdict, Fault> {
    let style = output.style(Language::English);
    let scenarios = collect(&arguments.paths)?;
    let (mut judged, mut unmet, mut broken) = (0, 0, 0);
    for path in &scenarios {
        match judge(path) {
            Ok(outcome) => {
                judged += outcome.expectations.len();
                unmet += outcome.expectations.iter().filter(|judgement| judgement.met == Some(false)).count();
                output.print(&lines(path, &outcome, &style))?;
            }
            Err(fault) => {
                broken += 1;
                output.print(&format!("{} {}\n", style.paint(Tone::Bad, "!"), path.display()))?;
                complain(&fault);
            }
        }
    }
    let runs = counted(scenarios.len(), "scenario");
    let expectations = counted(judged, "expectation");
    let verdict = if unmet == 0 { "all met".to_owned() } else { format!("{unmet} not met") };
    output.print(&format!("{runs}, {expectations}, {verdict}\n"))?;
    if broken > 0 {
        return Err(Fault::Several { count: broken, of: scenarios.len() });
    }
    Ok(if unmet == 0 { Verdict::AsExpected } else { Verdict::NotAsExpected })
}

fn judge(path: &Path) -> Result<Outcome, Fault> {
    let document = scenario::read(path, &[])?;
    scenario::run(path, &document, Options::default())
}

/// The files that were named, and those of folders in the order of their names.
fn collect(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Fault> {
    let mut scenarios = Vec::new();
    for path in paths {
        if path.is_dir() {
            let mut found = below(path)?;
            if found.is_empty() {
                return Err(Fault::NoScenario(path.clone()));
            }
            scenarios.append(&mut found);
        } else {
            scenarios.push(path.clone());
        }
    }
    Ok(scenarios)
}

fn below(folder: &Path) -> Result<Vec<PathBuf>, Fault> {
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder).map_err(Fault::unreadable(folder))? {
        entries.push(entry.map_err(Fault::unreadable(folder))?);
    }
    entries.sort_by_key(fs::DirEntry::file_name);
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.path();
        // Links to folders are not followed: they could lead in a circle.
        if entry.file_type().map_err(Fault::unreadable(&path))?.is_dir() {
            found.append(&mut below(&path)?);
        } else if path.extension().is_some_and(|ending| ending == "toml") {
            found.push(path);
        }
    }
    Ok(found)
}

fn lines(path: &Path, outcome: &Outcome, style: &Style) -> String {
    let (sign, tone) = if outcome.is_as_expected() { ("✓", Tone::Good) } else { ("✗", Tone::Bad) };
    let mut text = format!("{} {}", style.paint(tone, sign), path.display());
    if outcome.expectations.is_empty() {
        text.push_str(&style.paint(Tone::Faint, "  (expects nothing)"));
    }
    text.push('\n');
    for judgement in outcome.expectations.iter().filter(|judgement| judgement.met != Some(true)) {
        text.push_str(&format!("    {}\n", judgement.text));
        if let Some(instead) = &judgement.instead {
            text.push_str(&format!("      {}\n", style.paint(Tone::Bad, instead)));
        }
    }
    text
}

fn counted(count: usize, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}
