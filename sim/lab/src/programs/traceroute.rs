//! Traceroute: datagrams whose TTL is one more each time, so that each router on the way has to drop one and say so (RFC 1812 §5.3.1).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use rtclab_net::{Host, Program, SocketId, Unreachable, UnreachableKind};
use rtclab_trace::{ProgramReason, SimTime};

use super::alarm::Alarm;
use super::tell;

/// Nobody listens on these ports, so that the destination answers too; each probe goes to the next.
const FIRST_PORT: u16 = 33_434;

/// What a traceroute is told at its start.
#[derive(Clone, Debug)]
pub struct TracerouteConfig {
    /// Where it goes.
    pub to: IpAddr,
    /// How many hops it tries.
    pub hops_max: u8,
    /// How long it waits for an answer.
    pub timeout: Duration,
    /// When it begins.
    pub start_at: SimTime,
}

/// A step of the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RouteHop {
    /// Who said that a probe ended there; nobody if the probe stayed without answer.
    pub by: Option<IpAddr>,
    /// From probe to answer.
    pub round_trip: Duration,
}

/// A traceroute.
#[derive(Debug)]
pub struct Traceroute {
    config: TracerouteConfig,
    socket: Option<SocketId>,
    hops: Vec<RouteHop>,
    sent_at: SimTime,
    /// A probe is on its way.
    waits: bool,
    ended: bool,
    alarm: Alarm,
}

impl Traceroute {
    /// A traceroute that begins at the time that its configuration says.
    pub fn new(config: TracerouteConfig) -> Traceroute {
        let (hops, sent_at, alarm) = (Vec::new(), SimTime::ZERO, Alarm::new(0));
        Traceroute { config, socket: None, hops, sent_at, waits: false, ended: false, alarm }
    }

    /// The way as far as it is known.
    pub fn hops(&self) -> &[RouteHop] {
        &self.hops
    }

    /// Whether its end is the destination.
    pub fn has_arrived(&self) -> bool {
        self.hops.last().is_some_and(|hop| hop.by == Some(self.config.to))
    }

    fn probe(&mut self, host: &mut Host<'_>) {
        let done = self.hops.len();
        let Some(socket) = self.socket.filter(|_| !self.ended && done < self.config.hops_max.into()) else {
            return;
        };
        // `hops_max` is one byte, so both fit.
        let (ttl, port) = (done as u8 + 1, FIRST_PORT + done as u16);
        host.set_ttl(socket, ttl);
        self.sent_at = host.now();
        self.waits = true;
        let reason = Some(ProgramReason::TracerouteProbe.into());
        // What cannot leave is in the trace, dropped here; it stays without answer.
        let _ = host.send_udp(socket, SocketAddr::new(self.config.to, port), &[ttl; 32], reason, None);
        self.alarm.set(host, Some(host.now() + self.config.timeout));
    }

    fn note(&mut self, host: &mut Host<'_>, by: Option<IpAddr>) {
        self.waits = false;
        self.hops.push(RouteHop { by, round_trip: host.now().since(self.sent_at) });
        let reason = match by {
            Some(_) => ProgramReason::TracerouteHop,
            None => ProgramReason::TracerouteSilence,
        };
        let words = self.hops.iter().map(|hop| match hop.by {
            Some(by) => format!("{by} {} ms", (hop.round_trip.as_secs_f64() * 1e6).round() / 1e3),
            None => "*".to_owned(),
        });
        let words: Vec<String> = words.collect();
        tell(host, "traceroute", format!("{}: {}", self.config.to, words.join(", ")), Some(reason.into()));
        self.probe(host);
    }
}

impl Program for Traceroute {
    fn start(&mut self, host: &mut Host<'_>) {
        let any: IpAddr = match self.config.to {
            IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
            IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
        };
        self.socket = host.bind_udp(any, 0).ok();
        self.alarm.set(host, Some(self.config.start_at.max(host.now())));
    }

    fn timer(&mut self, host: &mut Host<'_>, _token: u64) {
        self.alarm.fired();
        if self.waits { self.note(host, None) } else { self.probe(host) }
    }

    fn unreachable(&mut self, host: &mut Host<'_>, report: &Unreachable) {
        // An answer that comes after its time is about another probe.
        let current = usize::from(report.to.port().wrapping_sub(FIRST_PORT)) == self.hops.len();
        if !current || !self.waits {
            return;
        }
        self.ended = report.kind != UnreachableKind::TimeExceeded;
        self.alarm.set(host, None);
        self.note(host, Some(report.reported_by));
    }
}
