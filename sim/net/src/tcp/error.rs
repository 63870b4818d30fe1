//! How a connection can fail, and what a program can do wrong with it.

/// Why a connection ended before both ends had closed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum TcpError {
    /// The SYN was answered with a RST.
    #[error("connection refused")]
    Refused,
    /// The peer sent a RST.
    #[error("connection reset by the peer")]
    Reset,
    /// This end aborted.
    #[error("connection aborted")]
    Aborted,
    /// Retransmissions, keepalives or window probes stayed unanswered.
    #[error("connection timed out")]
    TimedOut,
    /// ICMP said that the peer cannot be reached while the connection was being set up.
    #[error("the peer cannot be reached")]
    Unreachable,
}

/// Why bytes could not be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// The program has already closed its side.
    #[error("this side of the connection is closed")]
    Closed,
    /// The connection has failed.
    #[error(transparent)]
    Failed(#[from] TcpError),
}
