//! Ping: ICMP echo requests at a steady rate, and how long each answer took (RFC 1122 §3.2.2.6). Not here: who answers; every host does.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use rtclab_net::{EchoReply, Host, Program};
use rtclab_trace::{ProgramReason, SimTime};

use super::{Tally, Window, tell};

/// How many requests are waited for at once; the oldest is forgotten then.
const OPEN_MAX: usize = 10_000;

/// What a ping is told at its start.
#[derive(Clone, Debug)]
pub struct PingConfig {
    /// Whom it asks.
    pub to: IpAddr,
    /// Time between two requests.
    pub interval: Duration,
    /// Data of each, in bytes.
    pub size: usize,
    /// How many; without it, as long as the run goes on.
    pub count: Option<u64>,
    /// When it begins.
    pub start_at: SimTime,
    /// Windows of time in which answers are counted.
    pub windows: Vec<Window>,
}

/// The times of answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RoundTrips {
    /// How many.
    pub count: u64,
    /// The shortest.
    pub least: Duration,
    /// The longest.
    pub most: Duration,
    /// All together.
    pub total: Duration,
}

impl RoundTrips {
    fn add(&mut self, time: Duration) {
        self.least = if self.count == 0 { time } else { self.least.min(time) };
        self.most = self.most.max(time);
        self.total += time;
        self.count += 1;
    }

    /// The mean; zero if there are none.
    pub fn mean(&self) -> Duration {
        let count = u128::from(self.count.max(1));
        Duration::from_nanos(u64::try_from(self.total.as_nanos() / count).unwrap_or(u64::MAX))
    }
}

/// A ping.
#[derive(Debug)]
pub struct Ping {
    config: PingConfig,
    identifier: u16,
    sent: u64,
    /// When each request left that is not answered yet, by number.
    open: BTreeMap<u64, SimTime>,
    tally: Tally,
    round_trips: RoundTrips,
}

impl Ping {
    /// A ping that begins at the time that its configuration says.
    pub fn new(config: PingConfig) -> Ping {
        let tally = Tally::new(config.windows.iter().copied());
        let (open, round_trips) = (BTreeMap::new(), RoundTrips::default());
        Ping { config, identifier: 0, sent: 0, open, tally, round_trips }
    }

    /// How many requests it has sent.
    pub fn sent(&self) -> u64 {
        self.sent
    }

    /// The answers.
    pub fn received(&self) -> &Tally {
        &self.tally
    }

    /// How long the answers took.
    pub fn round_trips(&self) -> RoundTrips {
        self.round_trips
    }

    fn send(&mut self, host: &mut Host<'_>) {
        let data: Vec<u8> = (0..self.config.size).map(|place| place as u8).collect();
        // RFC 792: numbers wrap.
        let sequence = (self.sent & 0xffff) as u16;
        let reason = Some(ProgramReason::PingSchedule.into());
        // What cannot leave is in the trace, dropped here.
        let _ = host.send_echo(self.config.to, self.identifier, sequence, &data, reason, None);
        if self.open.len() >= OPEN_MAX {
            self.open.pop_first();
        }
        self.open.insert(self.sent, host.now());
        self.sent += 1;
    }

    fn status(&self) -> String {
        let RoundTrips { count, least, most, .. } = self.round_trips;
        if count == 0 {
            return format!("{}: {} sent, none answered", self.config.to, self.sent);
        }
        let ms = |time: Duration| (time.as_secs_f64() * 1e6).round() / 1e3;
        let [least, mean, most] = [least, self.round_trips.mean(), most].map(ms);
        format!(
            "{}: {} sent, {count} answered, round trip {least} / {mean} / {most} ms (least / mean / most)",
            self.config.to, self.sent
        )
    }
}

impl Program for Ping {
    fn start(&mut self, host: &mut Host<'_>) {
        self.identifier = (host.randomness().u64() & 0xffff) as u16;
        tell(host, "ping", self.status(), None);
        host.set_timer(self.config.start_at.max(host.now()), 0);
    }

    fn timer(&mut self, host: &mut Host<'_>, _token: u64) {
        if self.config.count.is_some_and(|count| self.sent >= count) {
            return;
        }
        self.send(host);
        // What was not answered until the next one leaves is told then.
        tell(host, "ping", self.status(), None);
        if self.config.count.is_none_or(|count| self.sent < count) {
            let steps = u32::try_from(self.sent).unwrap_or(u32::MAX);
            host.set_timer(self.config.start_at + self.config.interval.saturating_mul(steps), 0);
        }
    }

    fn echo_reply(&mut self, host: &mut Host<'_>, reply: &EchoReply<'_>) {
        let known = |number: &&u64| (**number & 0xffff) as u16 == reply.sequence;
        // A second answer to one request, as duplication on a link makes them, counts once.
        let number =
            self.open.keys().rev().find(known).copied().filter(|_| reply.identifier == self.identifier);
        let Some((number, sent_at)) = number.and_then(|number| self.open.remove_entry(&number)) else {
            return;
        };
        self.round_trips.add(host.now().since(sent_at));
        self.tally.count(host.now(), u32::try_from(number).ok());
        tell(host, "ping", self.status(), Some(ProgramReason::PingAnswered.into()));
    }
}
