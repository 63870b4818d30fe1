//! A UDP sink: counts what arrives, and tells now and then how it stands.

use std::time::Duration;

use rtclab_net::{Datagram, Ecn, Host, Program};

use super::sockets::Sockets;
use super::{Tally, Window, numbered, tell};

/// How long after a datagram the trace knows of it at the latest. An entry for each would double the log of a busy run.
const TOLD_WITHIN: Duration = Duration::from_millis(100);

/// A UDP sink.
#[derive(Debug)]
pub struct UdpSink {
    port: u16,
    sockets: Sockets,
    tally: Tally,
    /// Datagrams that a router marked because it met congestion (RFC 3168).
    marked: u64,
    /// A timer will tell what has come since the last time.
    will_tell: bool,
}

impl UdpSink {
    /// A sink on this UDP port, which counts what it receives in these windows.
    pub fn new(port: u16, windows: impl IntoIterator<Item = Window>) -> UdpSink {
        UdpSink { port, sockets: Sockets::default(), tally: Tally::new(windows), marked: 0, will_tell: false }
    }

    /// What it has received.
    pub fn received(&self) -> &Tally {
        &self.tally
    }
}

impl Program for UdpSink {
    fn start(&mut self, host: &mut Host<'_>) {
        self.sockets.bind(host, self.port);
    }

    fn datagram(&mut self, host: &mut Host<'_>, datagram: &Datagram<'_>) {
        self.tally.count(host.now(), numbered(datagram.payload));
        self.marked += u64::from(datagram.ecn == Ecn::CongestionExperienced);
        if !self.will_tell {
            self.will_tell = true;
            host.set_timer(host.now() + TOLD_WITHIN, 0);
        }
    }

    fn timer(&mut self, host: &mut Host<'_>, _token: u64) {
        self.will_tell = false;
        let (received, missing) = (self.tally.received(), self.tally.missing());
        let marked = if self.marked > 0 { format!(", {} marked", self.marked) } else { String::new() };
        let status = format!("{received} datagrams received, {missing} missing{marked}");
        tell(host, "UDP sink", status, None);
    }

    fn addresses_changed(&mut self, host: &mut Host<'_>) {
        self.sockets.bind(host, self.port);
    }
}
