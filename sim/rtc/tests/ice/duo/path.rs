//! What the network does to a datagram on its way. Not here: NATs that forget; a [`Path`] may rewrite addresses, and that is all.

use std::net::SocketAddr;
use std::time::Duration;

use rtclab_rtc::ice::{AgentConfig, LocalSocket, Role};
use rtclab_rtc::{Time, Transmit};

/// An address out of a literal.
pub(crate) fn at(text: &str) -> SocketAddr {
    text.parse().expect("an address and a port")
}

/// What the network does to one datagram: `None` loses it, otherwise how long it takes and the addresses at the far end.
pub(crate) type Path = Box<dyn FnMut(Time, &Transmit) -> Option<(Duration, Transmit)>>;

pub(crate) fn socket(address: &str, preference: u16) -> LocalSocket {
    LocalSocket::new(at(address), "eth0", preference)
}

/// A path of this one-way delay that does nothing else.
pub(crate) fn wire(delay_ms: u64) -> Path {
    Box::new(move |_, transmit| Some((Duration::from_millis(delay_ms), transmit.clone())))
}

/// A path through NATs that map each private address to one public address for everybody and let everything in.
pub(crate) fn through_nats(delay_ms: u64, mappings: &[(&str, &str)]) -> Path {
    let mappings: Vec<_> = mappings.iter().map(|(inside, outside)| (at(inside), at(outside))).collect();
    Box::new(move |_, transmit| {
        let mut seen = transmit.clone();
        for (inside, outside) in &mappings {
            if transmit.from == *inside {
                seen.from = *outside;
            }
            if transmit.to == *outside {
                seen.to = *inside;
            }
            if transmit.to == *inside {
                return None;
            }
        }
        Some((Duration::from_millis(delay_ms), seen))
    })
}

/// Sides with `count` IPv4 hosts each, the first one controlling.
pub(crate) fn hosts(count: u16) -> [AgentConfig; 2] {
    let sockets = |side: u16| {
        (0..count)
            .map(|index| socket(&format!("10.{side}.{index}.1:{}", 5000 + index), 65535 - index))
            .collect()
    };
    [AgentConfig::new(Role::Controlling, sockets(1)), AgentConfig::new(Role::Controlled, sockets(2))]
}
