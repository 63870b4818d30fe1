//! Every command and option: the one definition that parser, help, completions and man page are made from.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use clap_complete::Shell;
use rtclab_lab::Language;
use rtclab_trace::{Observe, SimTime};

use super::servers::{GatherArgs, ProbeArgs, ServeArgs};
use crate::time::parse_time;

/// A laboratory for WebRTC connectivity.
///
/// Without a command, rtclab opens the workbench: the window in which a run is stepped through, forwards and backwards.
#[derive(Debug, Parser)]
#[command(
    name = "rtclab",
    version,
    about = "A laboratory for WebRTC connectivity",
    after_help = "Example: rtclab run scenarios/two-homes.toml\n\nExit codes: 0 done and as expected; 1 an expectation was not met; 2 wrong usage or bad input."
)]
pub(crate) struct Cli {
    /// What to do; without it, the workbench opens.
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Open a scenario or capture in the workbench
    #[command(after_help = "Example: rtclab open scenarios/two-homes.toml --at 412ms")]
    Open(OpenArgs),
    /// Run a scenario and print what happened, and why
    #[command(
        after_help = "Example: rtclab run scenarios/two-homes.toml --set node.nat-a.nat=symmetric --pcapng call.pcapng"
    )]
    Run(RunArgs),
    /// Tell what happened to each call of a scenario: what decided it, what would have helped, and why each step was taken
    #[command(after_help = "Example: rtclab explain scenarios/two-homes.toml --set node.nat-a.nat=symmetric")]
    Explain(ExplainArgs),
    /// Run scenarios and judge their expectations
    #[command(after_help = "Example: rtclab check scenarios/")]
    Check(CheckArgs),
    /// Say what is in a capture: calls, STUN messages, connections, findings
    #[command(after_help = "Example: rtclab inspect captures/two-homes.pcapng --format json")]
    Inspect(InspectArgs),
    /// Explain a session description line by line: what each is about, what is wrong with it, and what an answer changed
    #[command(after_help = "Example: rtclab sdp answer.sdp --offer offer.sdp")]
    Sdp(SdpArgs),
    /// Run a STUN or TURN server on real sockets, or a peer for a browser
    #[command(
        after_help = "Example: rtclab serve turn --user alice:secret --listen 192.0.2.1\n\nWithout --listen, the server is for this machine only."
    )]
    Serve(ServeArgs),
    /// Ask a STUN server what NAT this machine is behind (RFC 5780)
    #[command(after_help = "Example: rtclab probe stun:stun.example.org")]
    Probe(ProbeArgs),
    /// Gather ICE candidates as a call would: which, when, and what went wrong
    #[command(
        after_help = "Example: rtclab gather --stun stun:stun.example.org --turn turn:turn.example.org --user alice --password secret"
    )]
    Gather(GatherArgs),
    /// Print the JSON Schema of scenario documents
    #[command(after_help = "Example: rtclab schema > scenario.schema.json")]
    Schema,
    /// Print completions for a shell
    #[command(
        after_help = "Example: rtclab completions bash > ~/.local/share/bash-completion/completions/rtclab"
    )]
    Completions(CompletionsArgs),
    /// Print the manual page
    #[command(after_help = "Example: rtclab man > ~/.local/share/man/man1/rtclab.1")]
    Man,
}

/// `rtclab open`.
#[derive(Debug, Args)]
pub(crate) struct OpenArgs {
    /// A scenario (TOML) or a capture (pcap, pcapng)
    #[arg(value_name = "PATH", value_hint = ValueHint::FilePath)]
    pub(crate) path: PathBuf,
    /// The moment to show first: 1.5s, 250ms, or milliseconds
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub(crate) at: Option<SimTime>,
}

/// `rtclab run`.
#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// The scenario (TOML)
    #[arg(value_name = "SCENARIO", value_hint = ValueHint::FilePath)]
    pub(crate) scenario: PathBuf,
    /// The seed of all randomness, instead of the scenario's
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// Replace a value of the scenario, such as node.nat-a.nat=symmetric; may be given several times
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) set: Vec<String>,
    /// When the run ends, instead of the scenario's time: 1.5s, 250ms, or milliseconds
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub(crate) until: Option<SimTime>,
    /// Text for people, or the JSON object whose keys other programs rely on
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: Format,
    /// How much is kept: everything, or the numbers only
    #[arg(long, value_name = "HOW", default_value = "full")]
    pub(crate) observe: Observed,
    /// Write every packet, at both ends of every link, to this file
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) pcapng: Option<PathBuf>,
    /// Write the trace as JSON lines to this file; its SHA-256 is the hash that the run prints
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) trace: Option<PathBuf>,
    /// The language of reasons and diagnoses
    #[arg(long, value_name = "LANGUAGE", default_value = "en")]
    pub(crate) language: LanguageWord,
}

/// `rtclab explain`.
#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// The scenario (TOML)
    #[arg(value_name = "SCENARIO", value_hint = ValueHint::FilePath)]
    pub(crate) scenario: PathBuf,
    /// The seed of all randomness, instead of the scenario's
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// Replace a value of the scenario, such as node.nat-a.nat=symmetric; may be given several times
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) set: Vec<String>,
    /// When the run ends, instead of the scenario's time: 1.5s, 250ms, or milliseconds
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub(crate) until: Option<SimTime>,
    /// The language of the page
    #[arg(long, value_name = "LANGUAGE", default_value = "en")]
    pub(crate) language: LanguageWord,
}

/// `rtclab sdp`.
#[derive(Debug, Args)]
pub(crate) struct SdpArgs {
    /// The description: SDP, or JSON with the keys type and sdp, as applications send it; - for standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) description: PathBuf,
    /// The offer that it answers
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) offer: Option<PathBuf>,
    /// The language of meanings and rules
    #[arg(long, value_name = "LANGUAGE", default_value = "en")]
    pub(crate) language: LanguageWord,
}

/// `rtclab check`.
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// Scenarios, or folders of them
    #[arg(value_name = "PATH", required = true, value_hint = ValueHint::AnyPath)]
    pub(crate) paths: Vec<PathBuf>,
}

/// `rtclab inspect`.
#[derive(Debug, Args)]
pub(crate) struct InspectArgs {
    /// The capture (pcap, pcapng)
    #[arg(value_name = "CAPTURE", value_hint = ValueHint::FilePath)]
    pub(crate) capture: PathBuf,
    /// Text for people, or a JSON object
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: Format,
}

/// `rtclab completions`.
#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// Which shell
    #[arg(value_name = "SHELL")]
    pub(crate) shell: Shell,
}

/// How to print.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// How much is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Observed {
    /// Every entry and every packet
    Full,
    /// Only the counters: for long runs and for measuring
    Summary,
}

impl From<Observed> for Observe {
    fn from(observed: Observed) -> Observe {
        match observed {
            Observed::Full => Observe::Full,
            Observed::Summary => Observe::Summary,
        }
    }
}

/// A language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LanguageWord {
    /// English
    En,
    /// Korean
    Ko,
}

impl From<LanguageWord> for Language {
    fn from(word: LanguageWord) -> Language {
        match word {
            LanguageWord::En => Language::English,
            LanguageWord::Ko => Language::Korean,
        }
    }
}
