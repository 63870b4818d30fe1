//! How an association comes up (RFC 9260 §5): INIT, INIT ACK with a cookie, COOKIE ECHO, COOKIE ACK; and what happens when both begin at once
//! or when one begins again.

use super::association::{Association, fresh_tag};
use super::config::Config;
use super::congestion::Congestion;
use super::cookie::{Cookie, PeerFacts};
use super::inbound::Inbound;
use super::outbound::Outbound;
use super::reset::Resets;
use super::rto::Rto;
use super::state::Phase;
use super::timers::Timer;
use super::wire::{Chunk, Init};
use crate::reason::Reason;
use crate::time::Time;

impl Association {
    /// Begins. Both ends may: their INITs cross, and one association comes out (§5.2.1).
    pub fn connect(&mut self, now: Time) {
        if self.phase != Phase::Closed {
            return;
        }
        let init = self.init(self.local_tag, self.local_tsn);
        self.held = Some(Chunk::Init(init.clone()));
        self.packet(0, vec![Chunk::Init(init)], Reason::SctpInit);
        self.timers.set(Timer::Handshake, now + self.rto.current());
        self.enter(Phase::CookieWait, Reason::SctpInit);
    }

    fn init(&self, tag: u32, tsn: u32) -> Init {
        Init {
            initiate_tag: tag,
            window: self.config.receive_window,
            outbound_streams: self.config.streams,
            inbound_streams: self.config.streams,
            initial_tsn: tsn,
            forward_tsn: true,
            extensions: vec![130, 192],
            ..Init::default()
        }
    }

    pub(super) fn on_init(&mut self, init: &Init, now: Time) {
        if init.initiate_tag == 0 || init.inbound_streams == 0 || init.outbound_streams == 0 {
            // §3.3.2: such an INIT gets an ABORT.
            let abort = Chunk::Abort { reflected: true, causes: vec![0, 7, 0, 4] };
            self.packet(init.initiate_tag, vec![abort], Reason::SctpInvalidInit);
            return;
        }
        if self.phase == Phase::ShutdownAckSent {
            // §9.2: the peer has not seen the end yet.
            self.packet(self.peer_tag(), vec![Chunk::ShutdownAck], Reason::SctpShutdownAck);
            return;
        }
        let is_new = matches!(self.phase, Phase::Closed | Phase::CookieWait | Phase::CookieEchoed);
        let (tag, tsn) =
            if is_new { (self.local_tag, self.local_tsn) } else { fresh_tag(&mut *self.randomness) };
        let tie_tags = match &self.peer {
            Some(peer) if !is_new || self.phase == Phase::CookieEchoed => (self.local_tag, peer.tag),
            _ => (0, 0),
        };
        let cookie = Cookie {
            peer: PeerFacts::of(init, self.config.streams),
            local_tag: tag,
            local_tsn: tsn,
            tie_tags,
            made_at: now,
        };
        let mut answer = self.init(tag, tsn);
        answer.cookie = Some(cookie.seal(&self.secret));
        answer.reported.clone_from(&init.to_report);
        let reason = match self.phase {
            Phase::Closed => Reason::SctpInitAck,
            Phase::CookieWait | Phase::CookieEchoed => Reason::SctpInitCollision,
            _ => Reason::SctpRestartAsked,
        };
        // Nothing is remembered: the cookie is the memory (§5.1.3).
        self.packet(init.initiate_tag, vec![Chunk::InitAck(answer)], reason);
    }

    pub(super) fn on_init_ack(&mut self, init: &Init, now: Time) {
        if self.phase != Phase::CookieWait {
            // §5.2.3.
            return self.ignore(Reason::SctpUnexpectedChunk);
        }
        let Some(cookie) =
            init.cookie.clone().filter(|_| init.initiate_tag != 0 && init.inbound_streams != 0)
        else {
            return self.fail(Reason::SctpInvalidInit, now);
        };
        self.adopt(PeerFacts::of(init, self.config.streams));
        self.errors = 0;
        self.held = Some(Chunk::CookieEcho(cookie.clone()));
        self.control.push_front((Chunk::CookieEcho(cookie), Reason::SctpCookieEcho));
        self.timers.set(Timer::Handshake, now + self.rto.current());
        self.enter(Phase::CookieEchoed, Reason::SctpCookieEcho);
        self.flush(now, Reason::SctpCookieEcho);
    }

    /// Takes over what the peer said about itself.
    fn adopt(&mut self, peer: PeerFacts) {
        self.inbound = Inbound::new(peer.initial_tsn, self.config.receive_window);
        self.resets.set_peer(peer.initial_tsn);
        self.congestion = Congestion::new(self.config.packet_size, peer.window as usize);
        self.outbound.set_peer_window(peer.window);
        self.peer = Some(peer);
    }

    pub(super) fn on_cookie_echo(&mut self, bytes: &[u8], tag: u32, now: Time) {
        let Some(cookie) = Cookie::open(bytes, &self.secret).filter(|cookie| cookie.local_tag == tag) else {
            return self.ignore(Reason::SctpForeignCookie);
        };
        let is_same_local = cookie.local_tag == self.local_tag;
        let is_same_peer = self.peer.as_ref().is_some_and(|peer| peer.tag == cookie.peer.tag);
        if let Some(stale) =
            cookie.staleness(now, self.config.cookie_life).filter(|_| !(is_same_local && is_same_peer))
        {
            return self.refuse_stale(&cookie, stale);
        }
        match self.phase {
            Phase::Closed => {
                self.adopt(cookie.peer);
                self.come_up(Reason::SctpCookieAck, now);
            }
            // §5.2.4 D: the peer did not see the answer, or both began and this is the end of it.
            _ if is_same_local && is_same_peer => {
                if self.phase == Phase::CookieEchoed {
                    self.come_up(Reason::SctpCookieAck, now);
                } else {
                    self.control.push_back((Chunk::CookieAck, Reason::SctpCookieAck));
                    self.flush(now, Reason::SctpCookieAck);
                }
            }
            // B: both began at once, and the peer's INIT was answered before ours was.
            Phase::CookieWait | Phase::CookieEchoed if is_same_local => {
                self.adopt(cookie.peer);
                self.come_up(Reason::SctpInitCollision, now);
            }
            // A: the peer began again.
            _ if cookie.tie_tags == (self.local_tag, self.peer_tag()) => self.restart(cookie, now),
            // C, and all that is left: old news.
            _ => self.ignore(Reason::SctpForeignCookie),
        }
    }

    /// §5.2.6: an ERROR with the measure of staleness, in microseconds.
    fn refuse_stale(&mut self, cookie: &Cookie, stale: std::time::Duration) {
        let micros = u32::try_from(stale.as_micros()).unwrap_or(u32::MAX);
        let mut cause = vec![0, 3, 0, 8];
        cause.extend(micros.to_be_bytes());
        self.packet(cookie.peer.tag, vec![Chunk::Error(cause)], Reason::SctpStaleCookie);
    }

    fn come_up(&mut self, reason: Reason, now: Time) {
        self.timers.stop(Timer::Handshake);
        self.held = None;
        self.errors = 0;
        self.control.retain(|(chunk, _)| !matches!(chunk, Chunk::CookieEcho(_)));
        self.control.push_front((Chunk::CookieAck, reason));
        self.timers.set(Timer::Heartbeat, now + self.config.heartbeat_interval + self.rto.current());
        self.enter(Phase::Established, reason);
        self.flush(now, reason);
    }

    /// The peer lost its memory: everything begins anew, with its new tags (§5.2.4 A).
    fn restart(&mut self, cookie: Cookie, now: Time) {
        let Config { packet_size, .. } = self.config;
        self.local_tag = cookie.local_tag;
        self.local_tsn = cookie.local_tsn;
        self.outbound = Outbound::new(cookie.local_tsn);
        self.resets = Resets::new(cookie.local_tsn, 0);
        self.rto = Rto::new(&self.config);
        self.congestion = Congestion::new(packet_size, 0);
        self.timers = super::timers::Timers::default();
        self.unacknowledged_packets = 0;
        self.control.clear();
        self.adopt(cookie.peer);
        self.come_up(Reason::SctpRestart, now);
    }

    pub(super) fn on_cookie_ack(&mut self, now: Time) {
        if self.phase != Phase::CookieEchoed {
            // §5.2.5.
            return self.ignore(Reason::SctpUnexpectedChunk);
        }
        self.timers.stop(Timer::Handshake);
        self.held = None;
        self.errors = 0;
        self.timers.set(Timer::Heartbeat, now + self.config.heartbeat_interval + self.rto.current());
        self.enter(Phase::Established, Reason::SctpUp);
        self.flush(now, Reason::SctpData);
    }
}
