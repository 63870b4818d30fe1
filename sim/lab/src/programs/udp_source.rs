//! A UDP source: numbered datagrams at a steady rate.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use rtclab_net::{Datagram, Ecn, Fragmentation, Host, Program, SocketId};
use rtclab_trace::{ProgramReason, SimTime};

use super::socket_calls::SocketCalls;
use super::{Tally, Window, numbered, numbered_payload};

/// What a source is told at its start.
#[derive(Clone, Debug)]
pub struct UdpSourceConfig {
    /// Where it sends.
    pub to: SocketAddr,
    /// Time between two datagrams.
    pub interval: Duration,
    /// Payload of each, in bytes.
    pub size: usize,
    /// How many; without it, as long as the run goes on.
    pub count: Option<u64>,
    /// When it begins.
    pub start_at: SimTime,
    /// Who may fragment what is longer than its path takes.
    pub fragmentation: Fragmentation,
    /// Whether datagrams say that their sender knows ECN.
    pub ecn: bool,
    /// Windows of time in which what comes back is counted.
    pub windows: Vec<Window>,
}

/// A UDP source.
#[derive(Debug)]
pub struct UdpSource {
    config: UdpSourceConfig,
    socket: Option<SocketId>,
    sent: u64,
    /// Filled once; only the number changes.
    payload: Vec<u8>,
    tally: Tally,
    calls: SocketCalls,
}

impl UdpSource {
    /// A source that begins at the time that its configuration says.
    pub fn new(config: UdpSourceConfig) -> UdpSource {
        let payload = numbered_payload(0, config.size);
        let tally = Tally::new(config.windows.iter().copied());
        UdpSource { config, socket: None, sent: 0, payload, tally, calls: SocketCalls::new("UDP client") }
    }

    /// How many it has sent.
    pub fn sent(&self) -> u64 {
        self.sent
    }

    /// What has come back from an echo.
    pub fn received(&self) -> &Tally {
        &self.tally
    }

    fn send(&mut self, host: &mut Host<'_>) {
        let Some(socket) = self.socket else { return };
        // The number wraps after four thousand million datagrams; nobody compares such distant ones.
        self.payload[4..8].copy_from_slice(&(self.sent as u32).to_be_bytes());
        let reason = Some(ProgramReason::SourceSchedule.into());
        let cause = self.calls.send(host, "sendto", self.payload.len());
        // What cannot leave is in the trace, dropped here.
        let _ = host.send_udp(socket, self.config.to, &self.payload, reason, cause);
        self.sent += 1;
        if self.config.count == Some(self.sent) {
            self.calls.stands(host, format!("{} datagrams sent", self.sent));
        }
    }
}

impl Program for UdpSource {
    fn start(&mut self, host: &mut Host<'_>) {
        let any: IpAddr = match self.config.to {
            SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
            SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
        };
        self.calls.call(host, "socket(UDP)");
        self.socket = host.bind_udp(any, 0).ok();
        if let Some(socket) = self.socket {
            host.set_fragmentation(socket, self.config.fragmentation);
            host.set_ecn(socket, if self.config.ecn { Ecn::Ect0 } else { Ecn::NotEct });
        }
        host.set_timer(self.config.start_at.max(host.now()), 0);
    }

    fn timer(&mut self, host: &mut Host<'_>, _token: u64) {
        if self.config.count.is_some_and(|count| self.sent >= count) {
            return;
        }
        self.send(host);
        if self.config.count.is_none_or(|count| self.sent < count) {
            // From the start, not from now: a source does not drift.
            let steps = u32::try_from(self.sent).unwrap_or(u32::MAX);
            host.set_timer(self.config.start_at + self.config.interval.saturating_mul(steps), 0);
        }
    }

    fn datagram(&mut self, host: &mut Host<'_>, datagram: &Datagram<'_>) {
        self.tally.count(host.now(), numbered(datagram.payload));
        self.calls.receive(host, "recvfrom", datagram.payload.len());
    }
}
