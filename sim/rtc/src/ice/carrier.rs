//! The path that carries the data of a component: the selected pair, in use. Not here: how it was chosen ([`super::nomination`]), and
//! how the peer is asked whether it still wants it ([`super::consent`]).

use std::net::SocketAddr;
use std::time::Duration;

use super::agent::Agent;
use super::consent::Consent;
use super::{Base, ComponentId, ConsentState};
use crate::time::Time;

/// The path of a component. It outlives the session that found it, until the next one finds another.
#[derive(Debug)]
pub(super) struct Carrier {
    pub(super) component: ComponentId,
    /// The selected pair's number.
    pub(super) pair: u32,
    pub(super) base: Base,
    pub(super) remote: SocketAddr,
    pub(super) last_sent: Time,
    pub(super) last_heard: Time,
    /// An ICMP error came back, and nothing has been heard since.
    pub(super) unreachable: bool,
    pub(super) consent: Consent,
}

impl Carrier {
    /// Whether packets that leave from `base` for `remote`, or come the other way, are this path's.
    pub(super) fn is(&self, base: Base, remote: SocketAddr) -> bool {
        self.base == base && self.remote == remote
    }

    /// Whether the peer still wants to be sent to.
    pub(super) fn may_send(&self) -> bool {
        matches!(self.consent.state, ConsentState::Granted | ConsentState::None)
    }

    /// From when on the peer counts as silent, if nothing comes from it.
    pub(super) fn silent_from(&self, timers: Silence) -> Option<Time> {
        if self.unreachable {
            return Some(Time::ZERO);
        }
        match self.consent.state {
            // Nothing is asked, so nothing stays unanswered: the peer's own keepalives have to do.
            ConsentState::None => Some(self.last_heard + timers.unasked),
            _ => self.consent.unanswered_since.map(|since| since + timers.asked),
        }
    }

    /// Whether the peer is silent.
    pub(super) fn is_silent(&self, now: Time, timers: Silence) -> bool {
        self.silent_from(timers).is_some_and(|from| now >= from)
    }
}

/// How long a silence is one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Silence {
    /// After a consent check.
    asked: Duration,
    /// Without one: two keepalives and some slack.
    unasked: Duration,
}

impl Agent {
    pub(super) fn silence(&self) -> Silence {
        Silence { asked: self.config.silence, unasked: 2 * self.config.keepalive + self.config.silence }
    }

    /// The path of a component, if it has one.
    pub(super) fn carrier_of(&self, component: ComponentId) -> Option<&Carrier> {
        self.carriers.iter().find(|carrier| carrier.component == component)
    }

    /// Something came from this address: checks, indications and data all show that the path is alive.
    pub(super) fn heard_from(&mut self, base: Base, from: SocketAddr, now: Time) {
        for carrier in self.carriers.iter_mut().filter(|carrier| carrier.is(base, from)) {
            carrier.last_heard = now;
            carrier.unreachable = false;
            carrier.consent.unanswered_since = None;
        }
    }

    /// Whether every component has a path that is not silent.
    pub(super) fn is_carried(&self, now: Time) -> bool {
        let silence = self.silence();
        let carried = |component: &ComponentId| {
            self.carrier_of(*component).is_some_and(|carrier| !carrier.is_silent(now, silence))
        };
        self.components.iter().all(carried)
    }
}
