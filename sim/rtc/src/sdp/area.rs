//! What a line of a description is about. Signaling carries three things that readers mix up: session control, the configuration of the network,
//! and what each side can do with media; the keys that protect them are a fourth. Not here: what a line means ([`super::registry`]).

/// What a line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Area {
    /// Session control: who wrote it, which version it is, which parts there are and how they belong together.
    Session,
    /// The configuration of the network: candidates, credentials of checks, default addresses.
    Network,
    /// Keys: certificates' fingerprints and who begins DTLS.
    Security,
    /// What can be sent and received, and how it is coded.
    Media,
}

impl Area {
    /// All of them.
    pub const ALL: [Area; 4] = [Area::Session, Area::Network, Area::Security, Area::Media];

    /// What a line is about: the letter before its equals sign, and the name of its attribute if it is one.
    pub fn of_line(line: &str) -> Area {
        match line.split_once('=') {
            Some(("a", rest)) => Area::of_attribute(rest.split(':').next().unwrap_or(rest)),
            Some(("c", _)) => Area::Network,
            Some(("m" | "b", _)) => Area::Media,
            Some(("k", _)) => Area::Security,
            _ => Area::Session,
        }
    }

    /// What an attribute is about; one that nobody knows is taken to describe media.
    pub fn of_attribute(name: &str) -> Area {
        match name.trim_end() {
            "candidate" | "remote-candidates" | "ice-ufrag" | "ice-pwd" | "ice-options" | "ice-pacing"
            | "ice-lite" | "ice-mismatch" | "end-of-candidates" | "rtcp" | "rtcp-mux" | "rtcp-mux-only"
            | "sctp-port" | "source-filter" | "rtcp-unicast" => Area::Network,
            "fingerprint" | "setup" | "tls-id" | "connection" | "identity" | "crypto" | "key-mgmt" => {
                Area::Security
            }
            "group" | "mid" | "bundle-only" | "msid-semantic" | "type" | "cat" | "keywds" | "tool"
            | "charset" | "sdplang" | "lang" | "csup" | "acap" | "pcfg" | "acfg" => Area::Session,
            _ => Area::Media,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_things_that_signaling_carries_are_told_apart() {
        assert_eq!(Area::of_line("o=- 1 2 IN IP4 0.0.0.0"), Area::Session);
        assert_eq!(Area::of_line("a=group:BUNDLE 0"), Area::Session);
        assert_eq!(Area::of_line("a=candidate:1 1 udp 1 10.0.0.1 9 typ host"), Area::Network);
        assert_eq!(Area::of_line("a=rtcp-mux"), Area::Network);
        assert_eq!(Area::of_line("c=IN IP4 0.0.0.0"), Area::Network);
        assert_eq!(Area::of_line("a=setup:actpass"), Area::Security);
        assert_eq!(Area::of_line("a=rtpmap:111 opus/48000/2"), Area::Media);
        assert_eq!(Area::of_line("m=audio 9 UDP/TLS/RTP/SAVPF 111"), Area::Media);
        assert_eq!(Area::of_line("a=nobody-knows:1"), Area::Media);
    }
}
