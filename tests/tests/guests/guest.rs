//! What a stack has to offer to sit at the table: the small trait that every guest is behind. An ICE agent is told the other one's candidates; a peer
//! connection takes descriptions on the same way. Not here: the guests.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

/// A candidate that was gathered for a guest that gathers none itself.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Gathered {
    Host(SocketAddr),
    Reflexive { address: SocketAddr, base: SocketAddr },
    Relayed { address: SocketAddr, mapped: SocketAddr },
}

/// Which candidates there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Uses {
    /// All that can be gathered.
    #[default]
    All,
    /// Relayed ones only.
    Relayed,
}

/// A datagram that a guest wants sent: from one of its candidates, to, and what.
#[derive(Clone, Debug)]
pub(crate) struct Datagram {
    pub(crate) from: SocketAddr,
    pub(crate) to: SocketAddr,
    pub(crate) bytes: Vec<u8>,
}

/// An ICE agent of any make. Time is what has passed since the run began.
pub(crate) trait Guest: fmt::Debug + Send {
    /// Username fragment and password of this side.
    fn credentials(&self) -> (String, String);
    /// Begins on these sockets. A guest that gathers candidates itself says so, and may use a TURN server with the account of the lab;
    /// it then tells about them by [`Guest::lines`].
    fn begin(&mut self, bases: &[SocketAddr], turn: Option<SocketAddr>, uses: Uses, now: Duration) -> bool {
        let _ = (bases, turn, uses, now);
        false
    }
    /// Lines for the peer that a guest has come by itself.
    fn lines(&mut self) -> Vec<String> {
        Vec::new()
    }
    /// A candidate of its own. The line that tells the peer about it, if it is to be told.
    fn add_local(&mut self, gathered: Gathered, now: Duration) -> Option<String>;
    /// The peer's credentials; checks may begin. A peer connection that offers does so now.
    fn connect(&mut self, ufrag: &str, password: &str, now: Duration);
    /// A candidate of the peer, or one of its descriptions.
    fn add_remote(&mut self, line: &str, now: Duration);
    fn handle(&mut self, to: SocketAddr, from: SocketAddr, bytes: &[u8], now: Duration);
    fn timeout(&mut self, now: Duration);
    fn next_timeout(&mut self) -> Option<Duration>;
    fn transmit(&mut self) -> Option<Datagram>;
    /// The addresses of the pair that carries data: ours as the peer sees it, or the base, and the peer's.
    fn selected(&mut self) -> Option<(SocketAddr, SocketAddr)>;
    /// Lengths of the messages that came over a data channel, if it is more than an ICE agent.
    fn heard(&self) -> &[usize] {
        &[]
    }
}

/// The ICE agents there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stack {
    Ours,
    Is,
    RtcIce,
    Rice,
}

impl Stack {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Stack::Ours => "rtclab",
            Stack::Is => "is",
            Stack::RtcIce => "rtc-ice",
            Stack::Rice => "rice-proto",
        }
    }

    /// A new agent, with what it draws at random from this seed as far as that can be had.
    pub(crate) fn agent(self, controlling: bool, seed: u64) -> Box<dyn Guest> {
        match self {
            Stack::Ours => Box::new(super::ours::Ours::new(controlling, seed)),
            Stack::Is => Box::new(super::is_agent::IsAgent::new(controlling, seed)),
            Stack::RtcIce => Box::new(super::rtc_agent::RtcAgent::new(controlling, seed)),
            Stack::Rice => Box::new(super::rice_agent::RiceAgent::new(controlling, seed)),
        }
    }
}

/// The moment that every guest which wants an `Instant` counts from. They only look at differences.
#[allow(
    clippy::disallowed_methods,
    reason = "an Instant cannot be made from a number; only differences to this one count"
)]
pub(crate) fn base() -> std::time::Instant {
    static BASE: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
    *BASE.get_or_init(std::time::Instant::now)
}

/// The address of our side in words of a seed: credentials that differ from seed to seed.
pub(crate) fn credentials(seed: u64) -> (String, String) {
    (format!("u{seed:07x}"), format!("password/of/seed/{seed:016x}"))
}
