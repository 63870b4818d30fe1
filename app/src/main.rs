//! The binary: hands the arguments to the command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    rtclab::cli::main(std::env::args_os())
}
