//! A UDP echo: every datagram goes back to where it came from (RFC 862).

use rtclab_net::{Datagram, Host, Program};
use rtclab_trace::ProgramReason;

use super::socket_calls::SocketCalls;
use super::sockets::Sockets;
use super::{Tally, Window, numbered};

/// A UDP echo.
#[derive(Debug)]
pub struct UdpEcho {
    port: u16,
    sockets: Sockets,
    tally: Tally,
    calls: SocketCalls,
}

impl UdpEcho {
    /// An echo on this UDP port, which counts what it receives in these windows.
    pub fn new(port: u16, windows: impl IntoIterator<Item = Window>) -> UdpEcho {
        UdpEcho {
            port,
            sockets: Sockets::default(),
            tally: Tally::new(windows),
            calls: SocketCalls::new("UDP echo"),
        }
    }

    /// What it has received.
    pub fn received(&self) -> &Tally {
        &self.tally
    }
}

impl Program for UdpEcho {
    fn start(&mut self, host: &mut Host<'_>) {
        for bound in self.sockets.bind(host, self.port) {
            self.calls.call(host, "socket(UDP)");
            self.calls.call(host, format!("bind({})", bound.address));
        }
    }

    fn datagram(&mut self, host: &mut Host<'_>, datagram: &Datagram<'_>) {
        self.tally.count(host.now(), numbered(datagram.payload));
        self.calls.receive(host, "recvfrom", datagram.payload.len());
        let reason = Some(ProgramReason::Echo.into());
        let cause = self.calls.send(host, "sendto", datagram.payload.len());
        // What cannot leave is in the trace, dropped here.
        let _ = host.send_udp(datagram.socket, datagram.from, datagram.payload, reason, cause);
    }

    fn addresses_changed(&mut self, host: &mut Host<'_>) {
        self.sockets.bind(host, self.port);
    }
}
