//! The options of the commands over real sockets.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum, ValueHint};
use rtclab_live::interfaces::Choice;
use rtclab_live::serve::{Listen, PeerRange, PortRange, User};
use rtclab_rtc::dtls::Versions;
use rtclab_rtc::jsep::Profile;
use rtclab_rtc::stun::ServerUri;

use super::args::{Format, LanguageWord};

/// `rtclab serve`.
#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// Which server
    #[command(subcommand)]
    pub(crate) service: Service,
}

/// The servers there are.
#[derive(Debug, Subcommand)]
pub(crate) enum Service {
    /// Tell who asks what their address is; with --other, how their NAT behaves, too
    #[command(after_help = "Example: rtclab serve stun --listen 192.0.2.1:3478 --other 192.0.2.2:3479")]
    Stun(StunArgs),
    /// Relay for users with credentials
    #[command(after_help = "Example: rtclab serve turn --config turn.toml --format json")]
    Turn(TurnArgs),
    /// Be the other end of a call with a browser: a page, its signaling, and a peer that sends every message back
    #[command(
        after_help = "Example: rtclab serve peer --listen 127.0.0.1:8080\n\nThen open http://127.0.0.1:8080/ in a browser on this machine."
    )]
    Peer(PeerArgs),
}

/// What both servers are told.
#[derive(Debug, Args)]
pub(crate) struct PlaceArgs {
    /// Settings in a file (TOML); options given here go before them
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) config: Option<PathBuf>,
    /// Where to listen: an address, with or without port; 0.0.0.0 and [::] stand for all. Without it: 127.0.0.1:3478
    #[arg(long, value_name = "ADDRESS[:PORT]")]
    pub(crate) listen: Vec<Listen>,
    /// Text for people, or a JSON object on each line
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: Format,
}

/// `rtclab serve stun`.
#[derive(Debug, Args)]
pub(crate) struct StunArgs {
    /// What both servers are told.
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    /// Another address and another port of this machine, for behavior discovery (RFC 5780)
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) other: Option<Listen>,
}

/// `rtclab serve turn`.
#[derive(Debug, Args)]
pub(crate) struct TurnArgs {
    /// What both servers are told.
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    /// Who may use it; may be given several times. Others on this machine can see a command line: a file is better
    #[arg(long, value_name = "NAME:PASSWORD")]
    pub(crate) user: Vec<User>,
    /// Where the names of users are valid
    #[arg(long, value_name = "REALM")]
    pub(crate) realm: Option<String>,
    /// From which address to relay, instead of the first one listened on; one of each family
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) relay_address: Vec<IpAddr>,
    /// From which ports to relay, instead of 49152-65535
    #[arg(long, value_name = "FIRST-LAST")]
    pub(crate) relay_ports: Option<PortRange>,
    /// Relay to these addresses although they are refused by default, such as 127.0.0.0/8
    #[arg(long, value_name = "ADDRESS/PREFIX")]
    pub(crate) allow_peer: Vec<PeerRange>,
    /// Never relay to these addresses
    #[arg(long, value_name = "ADDRESS/PREFIX")]
    pub(crate) deny_peer: Vec<PeerRange>,
}

/// The servers that candidates come from.
#[derive(Debug, Args)]
pub(crate) struct AskedArgs {
    /// A STUN server; may be given several times
    #[arg(long, value_name = "URI")]
    pub(crate) stun: Vec<ServerUri>,
    /// A TURN server; may be given several times: turn:HOST, turn:HOST?transport=tcp, or turns:HOST for TLS
    #[arg(long, value_name = "URI")]
    pub(crate) turn: Vec<ServerUri>,
    /// Root certificates (PEM) to believe within TLS, in place of this machine's
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) trust: Option<PathBuf>,
    /// The account on the TURN servers
    #[arg(long, value_name = "NAME")]
    pub(crate) user: Option<String>,
    /// Its password
    #[arg(long, value_name = "PASSWORD")]
    pub(crate) password: Option<String>,
}

/// `rtclab serve peer`.
#[derive(Debug, Args)]
pub(crate) struct PeerArgs {
    /// Where the page is; may be given several times. Without it: 127.0.0.1:8080
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) listen: Vec<SocketAddr>,
    /// Which addresses of this machine become candidates
    #[arg(long, value_name = "WHICH", default_value = "all")]
    pub(crate) interfaces: InterfaceWord,
    /// Which servers to ask for candidates.
    #[command(flatten)]
    pub(crate) asked: AskedArgs,
    /// Offer a channel as soon as a page is there, instead of waiting for its offer
    #[arg(long)]
    pub(crate) offer: bool,
    /// Go on when offers meet, and let the page give way
    #[arg(long)]
    pub(crate) impolite: bool,
    /// As which software the peer describes itself
    #[arg(long, value_name = "SOFTWARE", default_value = "chromium")]
    pub(crate) profile: ProfileWord,
    /// Which version of DTLS it speaks
    #[arg(long, value_name = "VERSION", default_value = "auto")]
    pub(crate) dtls: DtlsWord,
    /// Agree on keys by X25519MLKEM768, if the page has it, too
    #[arg(long)]
    pub(crate) post_quantum: bool,
    /// Text for people, or a JSON object on each line
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: Format,
}

/// As which software a peer describes itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProfileWord {
    /// To the letter of RFC 9429
    Rfc9429,
    /// Chromium
    Chromium,
    /// Firefox
    Firefox,
    /// Safari
    Safari,
}

impl From<ProfileWord> for Profile {
    fn from(word: ProfileWord) -> Profile {
        match word {
            ProfileWord::Rfc9429 => Profile::rfc9429(),
            ProfileWord::Chromium => Profile::chromium(),
            ProfileWord::Firefox => Profile::firefox(),
            ProfileWord::Safari => Profile::safari(),
        }
    }
}

/// Which version of DTLS is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DtlsWord {
    /// Both; the newer one if the browser speaks it
    Auto,
    /// 1.2 only
    #[value(name = "1.2")]
    Only12,
    /// 1.3 only
    #[value(name = "1.3")]
    Only13,
}

impl From<DtlsWord> for Versions {
    fn from(word: DtlsWord) -> Versions {
        match word {
            DtlsWord::Auto => Versions::Auto,
            DtlsWord::Only12 => Versions::Only12,
            DtlsWord::Only13 => Versions::Only13,
        }
    }
}

/// `rtclab probe`.
#[derive(Debug, Args)]
pub(crate) struct ProbeArgs {
    /// The server, which has two addresses: stun:HOST or stun:HOST:PORT; or stuns:HOST, over TLS, which tells the mapped address only
    #[arg(value_name = "URI")]
    pub(crate) server: ServerUri,
    /// Ask over TCP, which tells the mapped address only
    #[arg(long, conflicts_with_all = ["fragments", "lifetime"])]
    pub(crate) tcp: bool,
    /// Root certificates (PEM) to believe within TLS, in place of this machine's
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) trust: Option<PathBuf>,
    /// From which address of this machine
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) local: Option<IpAddr>,
    /// Find out whether fragments arrive, too
    #[arg(long)]
    pub(crate) fragments: bool,
    /// Find out how long a binding lives without traffic, too; this takes minutes
    #[arg(long)]
    pub(crate) lifetime: bool,
    /// Text for people, or a JSON object
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: Format,
    /// The language of reasons
    #[arg(long, value_name = "LANGUAGE", default_value = "en")]
    pub(crate) language: LanguageWord,
}

/// `rtclab gather`.
#[derive(Debug, Args)]
pub(crate) struct GatherArgs {
    /// Which servers to ask for candidates.
    #[command(flatten)]
    pub(crate) asked: AskedArgs,
    /// Which addresses of this machine
    #[arg(long, value_name = "WHICH", default_value = "all")]
    pub(crate) interfaces: InterfaceWord,
    /// Seconds to wait for servers at most
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=60))]
    pub(crate) timeout: u32,
    /// Text for people, or a JSON object
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: Format,
}

/// Which addresses of this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum InterfaceWord {
    /// Those that others can reach
    All,
    /// Those from which the default routes leave
    DefaultRoute,
    /// Loopback only
    Loopback,
}

impl From<InterfaceWord> for Choice {
    fn from(word: InterfaceWord) -> Choice {
        match word {
            InterfaceWord::All => Choice::All,
            InterfaceWord::DefaultRoute => Choice::DefaultRoute,
            InterfaceWord::Loopback => Choice::Loopback,
        }
    }
}
