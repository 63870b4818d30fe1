//! What carries STUN between a client and a server. Not here: how a stream is cut into messages (`stream`).

use std::fmt;

/// The protocol under STUN or TURN.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// Datagrams.
    #[default]
    Udp,
    /// A stream.
    Tcp,
    /// A stream under TLS.
    Tls,
    /// Datagrams under DTLS (RFC 7350).
    Dtls,
}

impl Transport {
    /// Whether nothing is lost, so that nothing is sent again (RFC 8489 §6.2.2).
    pub const fn is_stream(self) -> bool {
        matches!(self, Transport::Tcp | Transport::Tls)
    }

    /// Whether nobody on the way can read along.
    pub const fn is_encrypted(self) -> bool {
        matches!(self, Transport::Tls | Transport::Dtls)
    }

    /// `udp`, `tcp`, `tls`, `dtls`.
    pub const fn word(self) -> &'static str {
        match self {
            Transport::Udp => "udp",
            Transport::Tcp => "tcp",
            Transport::Tls => "tls",
            Transport::Dtls => "dtls",
        }
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// The names by which STUN is negotiated inside TLS and DTLS (RFC 7443).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApplicationProtocol {
    /// A TURN server is wanted.
    Turn,
    /// A server for NAT discovery: plain STUN, and RFC 5780.
    NatDiscovery,
}

impl ApplicationProtocol {
    /// The bytes on the wire (RFC 7443 §4).
    pub const fn name(self) -> &'static [u8] {
        match self {
            ApplicationProtocol::Turn => b"stun.turn",
            ApplicationProtocol::NatDiscovery => b"stun.nat-discovery",
        }
    }

    /// Which of the offered names a server takes that speaks `spoken`: the first of its own that was offered (RFC 7301 §3.2). `None`
    /// means that the handshake fails, unless nothing was offered at all.
    pub fn choose<'a>(
        spoken: &[ApplicationProtocol],
        offered: impl IntoIterator<Item = &'a [u8]>,
    ) -> Option<ApplicationProtocol> {
        let offered: Vec<&[u8]> = offered.into_iter().collect();
        spoken.iter().copied().find(|protocol| offered.contains(&protocol.name()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_takes_the_first_of_its_own_names_that_was_offered() {
        let both = [ApplicationProtocol::Turn, ApplicationProtocol::NatDiscovery];
        let offer = [&b"h2"[..], b"stun.nat-discovery", b"stun.turn"];
        assert_eq!(ApplicationProtocol::choose(&both, offer), Some(ApplicationProtocol::Turn));
        assert_eq!(ApplicationProtocol::choose(&both[1..], offer), Some(ApplicationProtocol::NatDiscovery));
        assert_eq!(ApplicationProtocol::choose(&both, [&b"h2"[..], b"STUN.TURN"]), None);
    }
}
