//! `rtclab completions` and `rtclab man`: made from the definition of the arguments.

use clap::CommandFactory;

use super::Verdict;
use super::args::{Cli, CompletionsArgs};
use super::fault::Fault;
use super::output::Output;

pub(crate) fn completions(arguments: &CompletionsArgs, output: &Output) -> Result<Verdict, Fault> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "rtclab", &mut script);
    output.print(&String::from_utf8_lossy(&script))?;
    Ok(Verdict::AsExpected)
}

pub(crate) fn man(output: &Output) -> Result<Verdict, Fault> {
    let mut page = Vec::new();
    clap_mangen::Man::new(Cli::command()).render(&mut page)?;
    output.print(&String::from_utf8_lossy(&page))?;
    Ok(Verdict::AsExpected)
}
