//! The scenarios that are compiled in, so that the first click works anywhere. What each one teaches stands in its own comment.

/// A scenario that is compiled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shipped {
    /// Its file name.
    pub file: &'static str,
    /// Its text.
    pub text: &'static str,
}

macro_rules! shipped {
    ($($file:literal),* $(,)?) => {
        &[$(Shipped { file: $file, text: include_str!(concat!("../../../../scenarios/", $file)) }),*]
    };
}

/// All of them, in the order in which they are best looked at.
pub const SHIPPED: &[Shipped] = shipped![
    "two-homes.toml",
    "two-hosts-lan.toml",
    "hole-punching.toml",
    "session-trickle.toml",
    "session-glare.toml",
    "session-glare-perfect.toml",
    "session-answer-twice.toml",
    "session-early-candidate.toml",
    "session-no-codec.toml",
    "session-wrong-fingerprint.toml",
    "separate-streams.toml",
    "session-dtls-versions.toml",
    "post-quantum.toml",
    "symmetric-vs-port-restricted.toml",
    "double-nat.toml",
    "carrier-nat.toml",
    "nat-pooling.toml",
    "conntrack-clash.toml",
    "nat-limits.toml",
    "nat-restart.toml",
    "port-mapping.toml",
    "nat-probe.toml",
    "udp-blocked.toml",
    "turn-over-tcp.toml",
    "turn-through-proxy.toml",
    "ice-lite.toml",
    "half-trickle.toml",
    "ice-over-tcp.toml",
    "tcp-hole-punching.toml",
    "firewall-rules.toml",
    "deep-inspection.toml",
    "http-proxy.toml",
    "relay-neighbors.toml",
    "ipv6-home.toml",
    "nat64.toml",
    "tcp-through-nat.toml",
    "ipv6-direct.toml",
    "signaling-websocket.toml",
    "signaling-server-dies.toml",
    "signaling-disorder.toml",
    "sip-call.toml",
    "whip-publish.toml",
    "nat-rebind.toml",
    "ice-restart.toml",
    "move-host.toml",
    "two-uplinks.toml",
    "link-loss.toml",
    "sockets-tcp-and-udp.toml",
    "tcp-handshake.toml",
    "tcp-refused.toml",
    "tcp-loss.toml",
    "reordering.toml",
    "burst-loss.toml",
    "bufferbloat.toml",
    "dsl-asymmetric.toml",
    "link-over-time.toml",
    "fragmentation.toml",
    "video-one-way.toml",
    "dns-lookup.toml",
    "dns-for-stun.toml",
    "mdns-lan.toml",
    "mdns-candidates.toml",
    "ethernet-lan.toml",
    "ping.toml",
    "udp-chain.toml",
];

/// The one with a file name.
pub(crate) fn find(file: &str) -> Option<&'static Shipped> {
    SHIPPED.iter().find(|shipped| shipped.file == file)
}

impl Shipped {
    /// Its title: what its text says, else its file name.
    pub fn title(&self) -> &'static str {
        let quoted = self.text.lines().find_map(|line| line.strip_prefix("title = \""));
        quoted.and_then(|rest| rest.strip_suffix('"')).unwrap_or(self.file)
    }

    /// The first sentence or two of its comment: what it is about.
    pub fn summary(&self) -> String {
        paragraphs(self.text).into_iter().next().unwrap_or_default()
    }
}

/// The paragraphs of the comment that a scenario begins with.
pub(crate) fn paragraphs(text: &str) -> Vec<String> {
    let comment = text.lines().map_while(|line| line.strip_prefix('#')).map(str::trim);
    let mut paragraphs = vec![String::new()];
    for line in comment {
        let Some(last) = paragraphs.last_mut() else { break };
        if line.is_empty() {
            paragraphs.push(String::new());
        } else {
            if !last.is_empty() {
                last.push(' ');
            }
            last.push_str(line);
        }
    }
    paragraphs.retain(|paragraph| !paragraph.is_empty());
    paragraphs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scenario_of_the_folder_is_compiled_in() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../scenarios");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .expect("the folder of scenarios")
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter(|name| name.ends_with(".toml"))
            .collect();
        files.sort();
        let mut listed: Vec<&str> = SHIPPED.iter().map(|shipped| shipped.file).collect();
        listed.sort_unstable();
        assert_eq!(files, listed, "a new scenario has to be listed in `SHIPPED`");
    }

    #[test]
    fn every_scenario_says_what_it_is_about() {
        for shipped in SHIPPED {
            assert_ne!(shipped.title(), shipped.file);
            assert!(shipped.summary().len() > 20, "{}", shipped.file);
        }
    }
}
