//! What goes wrong: told on standard error with where, what and what was expected; exit code 2.

use std::io;
use std::path::{Path, PathBuf};

use rtclab_capture::WriteError;
use rtclab_lab::build::BuildError;
use rtclab_lab::document::Problems;
use rtclab_live::TlsError;
use rtclab_live::gather::GatherFault;
use rtclab_live::probe::ProbeFault;
use rtclab_live::resolve::ResolveError;
use rtclab_live::serve::{ServeError, SettingsError};
use rtclab_rtc::stun::ServerUri;

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// A file could not be read.
    #[error("error: {path} cannot be read: {error}")]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// What the operating system says.
        error: io::Error,
    },
    /// A file could not be written.
    #[error("error: {path} cannot be written: {error}")]
    Unwritable {
        /// Which.
        path: PathBuf,
        /// What the operating system says.
        error: io::Error,
    },
    /// A capture could not be written.
    #[error("error: {path}: {error}")]
    Capture {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        error: WriteError,
    },
    /// A scenario is not UTF-8 text.
    #[error("error: {0} is not text: expected a scenario document (TOML, in UTF-8)")]
    NotText(PathBuf),
    /// A file holds no session description.
    #[error(
        "error: {path} holds no session description: {found}; expected lines of SDP that begin with v=0, or JSON with the key sdp"
    )]
    NotSdp {
        /// Which.
        path: PathBuf,
        /// What is there instead.
        found: String,
    },
    /// A capture was given where a scenario was expected.
    #[error(
        "error: {path} is a capture, and a scenario (TOML) was expected\n  = did you mean `rtclab inspect {path}`?"
    )]
    CaptureGiven {
        /// Which.
        path: PathBuf,
    },
    /// A scenario was given where a capture was expected, or something else.
    #[error("error: {path} is neither pcap nor pcapng: expected a capture{hint}")]
    NotACapture {
        /// Which.
        path: PathBuf,
        /// What may have been meant.
        hint: String,
    },
    /// A file of root certificates cannot be used.
    #[error("error: {path}: {error}")]
    Trust {
        /// Which.
        path: PathBuf,
        /// Why.
        error: TlsError,
    },
    /// There is nobody to trust.
    #[error("error: {0}")]
    NoTrust(TlsError),
    /// A scenario has mistakes.
    #[error("{0}")]
    Scenario(#[from] Problems),
    /// No network can be made of a scenario.
    #[error("error: {path}: {error}")]
    Build {
        /// Which.
        path: PathBuf,
        /// Why.
        error: BuildError,
    },
    /// A folder holds no scenario.
    #[error("error: {0} holds no scenario: expected files that end in .toml")]
    NoScenario(PathBuf),
    /// Two options exclude each other.
    #[error("error: {option} needs the full trace, and --observe summary keeps only the numbers")]
    NeedsFullTrace {
        /// The option.
        option: &'static str,
    },
    /// Several scenarios could not be run; each has been told.
    #[error("error: {count} of {of} scenarios could not be run")]
    Several {
        /// How many.
        count: usize,
        /// Of how many.
        of: usize,
    },
    /// A server does not start.
    #[error("error: {0}")]
    Serve(#[from] ServeError),
    /// A settings file of a server has mistakes.
    #[error("error: {path}: {error}")]
    Settings {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        error: SettingsError,
    },
    /// A server's name cannot be looked up.
    #[error("error: {0}")]
    Resolve(#[from] ResolveError),
    /// A TURN server was given without an account on it.
    #[error("error: {0} needs an account: give --user NAME and --password PASSWORD (RFC 8656 §5)")]
    NoAccount(ServerUri),
    /// A server of one kind was given where another was expected.
    #[error("error: {0} was given, and {1} was expected")]
    OtherScheme(ServerUri, &'static str),
    /// Nothing could be asked about the NAT.
    #[error("error: {0}")]
    Probe(#[from] ProbeFault),
    /// Nothing could be gathered.
    #[error("error: {0}")]
    Gather(#[from] GatherFault),
    /// The operating system gives no event loop.
    #[error("error: real sockets cannot be used here: {0}")]
    Runtime(io::Error),
    /// The workbench could not be opened.
    #[error("error: {0}")]
    Window(String),
    /// Standard output failed.
    #[error("error: the output cannot be written: {0}")]
    Output(io::Error),
    /// Whoever read standard output has left: nothing is wrong, and nobody listens.
    #[error("")]
    ReaderLeft,
}

impl Fault {
    /// A file could not be read.
    pub(crate) fn unreadable(path: &Path) -> impl FnOnce(io::Error) -> Fault {
        let path = path.to_path_buf();
        move |error| Fault::Unreadable { path, error }
    }

    /// A file could not be written.
    pub(crate) fn unwritable(path: &Path) -> impl FnOnce(io::Error) -> Fault {
        let path = path.to_path_buf();
        move |error| Fault::Unwritable { path, error }
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Fault {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Fault::ReaderLeft,
            _ => Fault::Output(error),
        }
    }
}
