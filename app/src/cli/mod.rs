//! The command line: one file a command, and what they share. `main` only calls [`main`].
//!
//! | file | what lives there |
//! |---|---|
//! | `args` | every command and option, with its help: one definition for parser, help, completions and man page |
//! | `run`, `explain`, `check`, `inspect`, `sdp`, `schema`, `open`, `shell` | the commands |
//! | `serve`, `probe`, `gather` | the commands over real sockets |
//! | `scenario` | reading a scenario file, for every command that does |
//! | `fault` | what goes wrong, and exit code 2 |
//! | `output` | standard output: width, colour, a reader that has left |
//! | `progress` | how far a long run is |
//!
//! Exit codes: 0 done and as expected; 1 done, but an expectation was not met; 2 wrong usage or bad input.

mod args;
mod check;
mod explain;
mod fault;
mod gather;
mod inspect;
mod open;
mod output;
mod probe;
mod progress;
mod run;
mod scenario;
mod schema;
mod sdp;
mod serve;
mod servers;
mod shell;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;

use args::{Cli, Command};
use fault::Fault;
use output::Output;

/// How a command ended, if it was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// As expected.
    AsExpected,
    /// An expectation was not met.
    NotAsExpected,
}

/// Parses the arguments (the first is the program's name), does what they say, and returns the exit code.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        // Help and version are answers (exit code 0), everything else is wrong usage (2); clap prints each where it belongs.
        Err(error) => {
            let code = if error.use_stderr() { 2 } else { 0 };
            // A reader that has left does not want the help either.
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    match dispatch(cli, &Output::standard()) {
        Ok(Verdict::AsExpected) => ExitCode::SUCCESS,
        Ok(Verdict::NotAsExpected) => ExitCode::from(1),
        Err(Fault::ReaderLeft) => ExitCode::SUCCESS,
        Err(fault) => {
            output::complain(&fault);
            ExitCode::from(2)
        }
    }
}

fn dispatch(cli: Cli, output: &Output) -> Result<Verdict, Fault> {
    match cli.command {
        None => open::window(),
        Some(Command::Open(arguments)) => open::open(arguments),
        Some(Command::Run(arguments)) => run::run(&arguments, output),
        Some(Command::Explain(arguments)) => explain::explain(&arguments, output),
        Some(Command::Check(arguments)) => check::check(&arguments, output),
        Some(Command::Inspect(arguments)) => inspect::inspect(&arguments, output),
        Some(Command::Sdp(arguments)) => sdp::sdp(&arguments, output),
        Some(Command::Serve(arguments)) => serve::serve(arguments, output),
        Some(Command::Probe(arguments)) => probe::probe(arguments, output),
        Some(Command::Gather(arguments)) => gather::gather(arguments, output),
        Some(Command::Schema) => schema::schema(output),
        Some(Command::Completions(arguments)) => shell::completions(&arguments, output),
        Some(Command::Man) => shell::man(output),
    }
}
