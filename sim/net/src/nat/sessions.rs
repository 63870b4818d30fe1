//! TCP connections as a NAT sees them (RFC 5382 §5, RFC 7857 §2): from the flags that pass, how far each one is, and so how long it is
//! remembered. They are the filter of a TCP mapping too. Not here: TCP itself (`crate::tcp`).

use std::collections::BTreeMap;
use std::net::{SocketAddr, SocketAddrV4};
use std::time::Duration;

use rtclab_trace::SimTime;

use super::mapping::{pack, unpack};
use super::{AfterReset, FilteringBehavior, NatConfig};
use crate::flow::control;

/// Connections remembered with one mapping: beyond these, the one that would end first is forgotten.
const SESSIONS_MAX: usize = 1_024;

/// Which way a segment goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Out,
    In,
}

/// How far a connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    Opening,
    Established,
    Closing,
    Reset,
}

impl Phase {
    const ALL: [(Phase, &'static str); 4] = [
        (Phase::Opening, "opening"),
        (Phase::Established, "established"),
        (Phase::Closing, "closing"),
        (Phase::Reset, "reset"),
    ];

    fn idle(self, config: &NatConfig) -> Duration {
        match self {
            Phase::Established => config.timers.tcp_established,
            // RFC 7857 §2.2: a connection that was reset is remembered as long as one that closes.
            Phase::Opening | Phase::Closing | Phase::Reset => config.timers.tcp_transitory,
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Session {
    phase: Phase,
    /// Whether a SYN, then a FIN, has passed: out, in.
    syn: [bool; 2],
    fin: [bool; 2],
    /// Whether the inside has sent, which is what the filter asks.
    sent: bool,
    /// It was under way when the NAT first saw it.
    picked_up: bool,
    expires_at: SimTime,
}

/// What a segment changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Passed {
    /// The phase that the connection has entered with it.
    pub(super) entered: Option<Phase>,
    /// The inside has sent to this endpoint for the first time.
    pub(super) opened: bool,
    /// The connection was forgotten at once.
    pub(super) forgotten: bool,
}

/// The connections of a mapping, by remote endpoint.
#[derive(Clone, Debug, Default)]
pub(super) struct Sessions(BTreeMap<u64, Session>);

impl Sessions {
    /// A segment passes.
    pub(super) fn pass(
        &mut self,
        now: SimTime,
        way: Way,
        remote: SocketAddrV4,
        flags: u8,
        config: &NatConfig,
    ) -> Passed {
        let key = pack(remote);
        let bare_syn = flags & (control::SYN | control::ACK | control::RST) == control::SYN;
        let known = self.0.get(&key).copied().filter(|session| now < session.expires_at);
        // A SYN begins again what was closing.
        let known = known.filter(|session| !(bare_syn && session.phase > Phase::Established));
        let before = known.map(|session| session.phase);
        let mut session = known.unwrap_or(Session {
            phase: Phase::Opening,
            syn: [false; 2],
            fin: [false; 2],
            sent: false,
            picked_up: flags & control::SYN == 0,
            expires_at: now,
        });
        let opened = way == Way::Out && !session.sent;
        session.see(way, flags);
        session.expires_at = now + session.phase.idle(config);
        let forgotten = flags & control::RST != 0 && config.tcp.after_reset == AfterReset::Forget;
        if forgotten {
            self.0.remove(&key);
        } else if flags & control::RST == 0 || known.is_some() {
            self.make_room(key);
            self.0.insert(key, session);
        }
        let entered = (before != Some(session.phase)).then_some(session.phase);
        Passed { entered, opened, forgotten }
    }

    fn make_room(&mut self, key: u64) {
        if self.0.len() >= SESSIONS_MAX && !self.0.contains_key(&key) {
            let first = self.0.iter().min_by_key(|(_, session)| session.expires_at).map(|(key, _)| *key);
            first.map(|first| self.0.remove(&first));
        }
    }

    /// Whether the inside has sent a SYN to this endpoint, and none has come back yet.
    pub(super) fn awaits_syn(&self, remote: SocketAddrV4, now: SimTime) -> bool {
        let session = self.0.get(&pack(remote)).filter(|session| now < session.expires_at);
        session.is_some_and(|session| session.phase == Phase::Opening && session.syn == [true, false])
    }

    /// Whether the filter lets a remote endpoint in.
    pub(super) fn admits(&self, behavior: FilteringBehavior, remote: SocketAddrV4, now: SimTime) -> bool {
        let alive = |session: &Session| session.sent && now < session.expires_at;
        let key = pack(remote);
        match behavior {
            FilteringBehavior::EndpointIndependent => true,
            FilteringBehavior::AddressDependent => {
                self.0.range(key & !0xffff..=key | 0xffff).any(|(_, session)| alive(session))
            }
            FilteringBehavior::AddressAndPortDependent => self.0.get(&key).is_some_and(alive),
        }
    }

    /// Forgets those whose time is over. Returns whether there were any.
    pub(super) fn expire(&mut self, now: SimTime) -> bool {
        let before = self.0.len();
        self.0.retain(|_, session| now < session.expires_at);
        self.0.len() < before
    }

    /// When the first of them ends.
    pub(super) fn soonest(&self) -> Option<SimTime> {
        self.0.values().map(|session| session.expires_at).min()
    }

    /// When the last of them ends.
    pub(super) fn latest(&self) -> Option<SimTime> {
        self.0.values().map(|session| session.expires_at).max()
    }

    /// The endpoints that the inside has sent to, in order.
    pub(super) fn endpoints(&self) -> Vec<SocketAddr> {
        let sent = self.0.iter().filter(|(_, session)| session.sent);
        sent.map(|(key, _)| SocketAddr::V4(unpack(*key))).collect()
    }

    /// How they stand: `established`, or `2 established, 1 closing`.
    pub(super) fn words(&self) -> String {
        let count = |phase: Phase| self.0.values().filter(|session| session.phase == phase).count();
        let counts = Phase::ALL.map(|(phase, word)| (count(phase), word));
        let parts = counts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| match self.0.len() {
            1 => (*word).to_string(),
            _ => format!("{count} {word}"),
        });
        parts.collect::<Vec<_>>().join(", ")
    }
}

impl Session {
    /// A segment with these flags passes.
    fn see(&mut self, way: Way, flags: u8) {
        let side = usize::from(way == Way::In);
        self.sent |= way == Way::Out;
        // Of a connection that was under way, each end is known to be open when it is heard of.
        self.syn[side] |= flags & control::SYN != 0 || self.picked_up;
        self.fin[side] |= flags & control::FIN != 0;
        let both_open = self.syn == [true, true] && (flags & control::SYN == 0 || self.picked_up);
        self.phase = match self.phase {
            _ if flags & control::RST != 0 => Phase::Reset,
            Phase::Reset => Phase::Reset,
            _ if self.fin == [true, true] => Phase::Closing,
            Phase::Opening if both_open => Phase::Established,
            phase => phase,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::control::{ACK, FIN, RST, SYN};
    use super::*;

    fn at(seconds: u64) -> SimTime {
        SimTime::from_millis(seconds * 1_000)
    }

    fn after(segments: &[(Way, u8)]) -> (Sessions, SocketAddrV4) {
        let remote = "192.0.2.1:80".parse().unwrap();
        let mut sessions = Sessions::default();
        for &(way, flags) in segments {
            sessions.pass(at(0), way, remote, flags, &NatConfig::default());
        }
        (sessions, remote)
    }

    #[test]
    fn a_connection_is_established_when_both_syns_have_passed_and_been_answered() {
        let handshake = [(Way::Out, SYN), (Way::In, SYN | ACK), (Way::Out, ACK)];
        let words = [1, 2, 3].map(|count| after(&handshake[..count]).0.words());
        assert_eq!(words, ["opening", "opening", "established"]);
        assert_eq!(after(&handshake).0.soonest(), Some(at(7_440)));
    }

    #[test]
    fn a_simultaneous_open_is_established_too() {
        let open =
            [(Way::Out, SYN), (Way::In, SYN), (Way::Out, SYN | ACK), (Way::In, SYN | ACK), (Way::Out, ACK)];
        assert!(after(&open[..1]).0.awaits_syn("192.0.2.1:80".parse().unwrap(), at(0)));
        assert_eq!(after(&open).0.words(), "established");
    }

    #[test]
    fn it_closes_with_the_second_fin_and_begins_again_with_a_syn() {
        let all = [
            (Way::Out, SYN),
            (Way::In, SYN | ACK),
            (Way::Out, ACK),
            (Way::Out, FIN | ACK),
            (Way::In, FIN | ACK),
            (Way::Out, ACK),
        ];
        assert_eq!(after(&all[..4]).0.words(), "established", "half closed");
        assert_eq!(after(&all).0.words(), "closing");
        assert_eq!(after(&all).0.soonest(), Some(at(240)));
        let again: Vec<_> = all.into_iter().chain([(Way::Out, SYN)]).collect();
        assert_eq!(after(&again).0.words(), "opening");
    }

    #[test]
    fn after_a_reset_it_stays_for_the_transitory_time_or_not_at_all() {
        let (mut sessions, remote) =
            after(&[(Way::Out, SYN), (Way::In, SYN | ACK), (Way::Out, ACK), (Way::In, RST)]);
        assert_eq!((sessions.words().as_str(), sessions.soonest()), ("reset", Some(at(240))));
        let mut forgets = NatConfig::default();
        forgets.tcp.after_reset = AfterReset::Forget;
        assert!(sessions.pass(at(1), Way::In, remote, RST, &forgets).forgotten);
        assert_eq!(sessions.latest(), None);
    }

    #[test]
    fn a_connection_under_way_is_established_when_both_ends_are_heard_of() {
        assert_eq!(after(&[(Way::Out, ACK)]).0.words(), "opening");
        assert_eq!(after(&[(Way::Out, ACK), (Way::In, ACK)]).0.words(), "established");
    }

    #[test]
    fn only_what_the_inside_has_sent_to_opens_the_filter() {
        let behavior = FilteringBehavior::AddressAndPortDependent;
        let (heard, remote) = after(&[(Way::In, SYN)]);
        assert!(!heard.admits(behavior, remote, at(0)));
        let (sent, remote) = after(&[(Way::Out, SYN)]);
        assert!(sent.admits(behavior, remote, at(0)) && !sent.admits(behavior, remote, at(240)));
        let other_port = SocketAddrV4::new(*remote.ip(), 81);
        assert!(!sent.admits(behavior, other_port, at(0)));
        assert!(sent.admits(FilteringBehavior::AddressDependent, other_port, at(0)));
    }

    #[test]
    fn a_mapping_with_too_many_forgets_the_one_that_ends_first() {
        let mut sessions = Sessions::default();
        let remote = |number: usize| SocketAddrV4::new([192, 0, 2, 1].into(), number as u16);
        for number in 0..=SESSIONS_MAX {
            sessions.pass(at(number as u64 / 10), Way::Out, remote(number), SYN, &NatConfig::default());
        }
        let now = at(SESSIONS_MAX as u64 / 10);
        let admits =
            |number| sessions.admits(FilteringBehavior::AddressAndPortDependent, remote(number), now);
        assert!(!admits(0) && admits(1) && admits(SESSIONS_MAX));
    }
}
