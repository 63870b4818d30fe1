//! `rtclab sdp`: a session description, line by line.

use std::fmt::Write;
use std::io::Read;
use std::path::Path;
use std::{fs, io};

use rtclab_lab::Language;
use rtclab_rtc::sdp::rules::Kind;
use rtclab_rtc::sdp::{Area, Change, ExplainedLine, explain};

use super::Verdict;
use super::args::SdpArgs;
use super::fault::Fault;
use super::output::Output;

pub(crate) fn sdp(arguments: &SdpArgs, output: &Output) -> Result<Verdict, Fault> {
    let description = read(&arguments.description)?;
    let offer = arguments.offer.as_deref().map(read).transpose()?;
    let kind = match (&offer, &description.kind) {
        (Some(_), _) => Kind::Answer,
        (None, Some(kind)) if kind.contains("answer") => Kind::Answer,
        // What no answer may say an offer may not either, but for few words; `setup:active` alone marks an answer.
        (None, None) if description.sdp.lines().any(|line| is_answered(line.trim_end())) => Kind::Answer,
        (None, _) => Kind::Offer,
    };
    let lines = explain(&description.sdp, offer.as_ref().map(|offer| offer.sdp.as_str()), Some(kind));
    let text = page(&arguments.description, &lines, kind, arguments.language.into());
    output.print(&text)?;
    let is_clean = lines.iter().all(|line| line.problems.is_empty());
    Ok(if is_clean { Verdict::AsExpected } else { Verdict::NotAsExpected })
}

/// An offer leaves the DTLS role open, an answer decides it (RFC 8842 §5.2, §5.3).
fn is_answered(line: &str) -> bool {
    matches!(line, "a=setup:active" | "a=setup:passive")
}

/// A description as it was handed over.
struct Given {
    kind: Option<String>,
    sdp: String,
}

fn read(path: &Path) -> Result<Given, Fault> {
    let bytes = if path == Path::new("-") {
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes).map_err(Fault::unreadable(path))?;
        bytes
    } else {
        fs::read(path).map_err(Fault::unreadable(path))?
    };
    let other = |found: &str| Fault::NotSdp { path: path.to_path_buf(), found: found.to_owned() };
    let text = String::from_utf8(bytes).map_err(|_| other("it is not text"))?;
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.starts_with('{') {
        let json: serde_json::Value = serde_json::from_str(text)
            .map_err(|error| other(&format!("it is JSON with a mistake, {error}")))?;
        let sdp =
            json.get("sdp").and_then(|sdp| sdp.as_str()).ok_or_else(|| other("it is JSON without sdp"))?;
        let kind = json.get("type").and_then(|kind| kind.as_str()).map(str::to_owned);
        return Ok(Given { kind, sdp: sdp.to_owned() });
    }
    match text.lines().next() {
        Some(line) if line.as_bytes().get(1) == Some(&b'=') => Ok(Given { kind: None, sdp: text.to_owned() }),
        Some(line) => Err(other(&format!("it begins with {:?}", line.chars().take(40).collect::<String>()))),
        None => Err(other("it is empty")),
    }
}

fn page(path: &Path, lines: &[ExplainedLine], kind: Kind, language: Language) -> String {
    let which = match language {
        Language::English => 0,
        Language::Korean => 1,
    };
    let kind = match kind {
        Kind::Offer => "offer",
        Kind::Answer => "answer",
    };
    let problems: usize = lines.iter().map(|line| line.problems.len()).sum();
    let name = if path == Path::new("-") { "standard input".into() } else { path.display().to_string() };
    let mut page = format!("{name}: {kind}, {} lines, {problems} problems\n", lines.len());
    let mut said = None;
    for (index, line) in lines.iter().enumerate() {
        // Ten candidates need one explanation.
        let meaning = line.meaning.filter(|meaning| said != Some(*meaning));
        said = line.meaning;
        put_line(&mut page, index + 1, line, meaning.map(|meaning| meaning[which]), which);
    }
    page
}

/// Writing to a string cannot fail.
fn put_line(page: &mut String, number: usize, line: &ExplainedLine, meaning: Option<&str>, which: usize) {
    const MARGIN: &str = "                ";
    let mark = match line.change {
        Change::Same | Change::Removed => ' ',
        Change::Changed => '~',
        Change::Added => '+',
    };
    let area = line.area.map_or("", |area| match area {
        Area::Session => "session",
        Area::Network => "network",
        Area::Security => "keys",
        Area::Media => "media",
    });
    if meaning.is_some() {
        page.push('\n');
    }
    let _ = writeln!(page, "{number:>4} {mark} {area:<8} {}", line.text);
    if let Some(meaning) = meaning {
        let _ = writeln!(page, "{MARGIN}{meaning} ({})", line.section.unwrap_or("not registered"));
    }
    for problem in &line.problems {
        let (line, column) = (problem.line, problem.column);
        let _ = writeln!(page, "{MARGIN}! {line}:{column}: {} ({})", problem.words[which], problem.section);
    }
}
