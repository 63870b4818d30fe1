//! Telling apart what shares a port, by its first byte (RFC 7983 §7). Not here: what becomes of it.

/// What a datagram is, by its first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// STUN, for the ICE agent.
    Stun,
    /// ZRTP, which is not spoken here.
    Zrtp,
    /// DTLS.
    Dtls,
    /// ChannelData of TURN, for the ICE agent.
    TurnChannel,
    /// SRTP or SRTCP.
    Srtp,
    /// Nothing that shares a port with the others; QUIC could (RFC 9443).
    Unknown,
}

/// What a datagram is.
pub fn kind_of(datagram: &[u8]) -> Kind {
    match datagram.first() {
        Some(0..=3) => Kind::Stun,
        Some(16..=19) => Kind::Zrtp,
        Some(20..=63) => Kind::Dtls,
        Some(64..=79) => Kind::TurnChannel,
        Some(128..=191) => Kind::Srtp,
        _ => Kind::Unknown,
    }
}
