//! `str0m` as a guest.

use std::collections::VecDeque;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use str0m::change::{SdpAnswer, SdpOffer, SdpPendingOffer};
use str0m::channel::ChannelId;
use str0m::net::{Protocol, Receive};
use str0m::{Candidate, Event, Input, Output, Rtc, RtcConfig};

use super::super::guest::{Datagram, Gathered, Guest, Uses, base};
use super::talk::{Handshake, LABEL, Signal, Talk};

/// A peer connection of str0m.
pub(super) struct Str0mPeer {
    rtc: Rtc,
    offers: bool,
    handshake: Handshake,
    pending: Option<SdpPendingOffer>,
    /// Its candidates are signaled one by one from then on.
    described: bool,
    channel: Option<ChannelId>,
    next: Option<Duration>,
    talk: Talk,
    lines: Vec<String>,
    sent: VecDeque<Datagram>,
}

impl fmt::Debug for Str0mPeer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Str0mPeer").field("talk", &self.talk).finish_non_exhaustive()
    }
}

impl Str0mPeer {
    pub(super) fn new(offers: bool, handshake: Handshake, seed: u64) -> Str0mPeer {
        fastrand::seed(seed);
        let crypto = Arc::new(super::str0m_crypto::provider());
        let rtc = RtcConfig::new().set_crypto_provider(crypto).build(base());
        Str0mPeer {
            rtc,
            offers,
            handshake,
            pending: None,
            described: false,
            channel: None,
            next: None,
            talk: Talk::default(),
            lines: Vec::new(),
            sent: VecDeque::new(),
        }
    }

    fn poll(&mut self) {
        loop {
            match self.rtc.poll_output().expect("str0m goes on") {
                Output::Timeout(at) => {
                    self.next = Some(at.saturating_duration_since(base()));
                    return;
                }
                Output::Transmit(sent) => {
                    let (from, to, bytes) = (sent.source, sent.destination, sent.contents.to_vec());
                    self.sent.push_back(Datagram { from, to, bytes });
                }
                Output::Event(Event::ChannelOpen(channel, label)) => {
                    assert_eq!(label, LABEL);
                    self.channel = Some(channel);
                }
                Output::Event(Event::ChannelData(data)) => self.talk.hear(&data.data),
                Output::Event(_) => {}
            }
        }
    }

    /// Takes what comes out, and says what is to be said, until there is nothing more.
    fn settle(&mut self) {
        self.poll();
        while let Some(mut channel) = self.channel.and_then(|channel| self.rtc.channel(channel))
            && let Some(message) = self.talk.next()
            && channel.write(true, &message).expect("str0m sends")
        {
            self.talk.sent();
            self.poll();
        }
    }
}

impl Guest for Str0mPeer {
    fn credentials(&self) -> (String, String) {
        (String::new(), String::new())
    }

    fn begin(
        &mut self,
        _bases: &[SocketAddr],
        _turn: Option<SocketAddr>,
        _uses: Uses,
        _now: Duration,
    ) -> bool {
        self.settle();
        false
    }

    fn lines(&mut self) -> Vec<String> {
        std::mem::take(&mut self.lines)
    }

    fn add_local(&mut self, gathered: Gathered, now: Duration) -> Option<String> {
        let candidate = match gathered {
            Gathered::Host(address) => Candidate::host(address, "udp"),
            Gathered::Reflexive { address, base } => Candidate::server_reflexive(address, base, "udp"),
            Gathered::Relayed { address, mapped } => Candidate::relayed(address, mapped, "udp"),
        };
        let line = self.rtc.add_local_candidate(candidate.ok()?)?.to_sdp_string();
        self.timeout(now);
        self.described.then(|| Signal::Candidate(line).write())
    }

    fn connect(&mut self, _ufrag: &str, _password: &str, now: Duration) {
        if self.offers {
            let mut change = self.rtc.sdp_api();
            change.add_channel(LABEL.to_owned());
            let (offer, pending) = change.apply().expect("something to offer");
            self.pending = Some(pending);
            self.described = true;
            self.lines.push(Signal::Offer(self.handshake.rewrite(offer.to_sdp_string())).write());
        }
        self.timeout(now);
    }

    fn add_remote(&mut self, line: &str, now: Duration) {
        match Signal::read(line) {
            Signal::Offer(sdp) => {
                let offer = SdpOffer::from_sdp_string(&sdp).expect("str0m reads our offer");
                let answer = self.rtc.sdp_api().accept_offer(offer).expect("str0m accepts our offer");
                self.described = true;
                self.lines.push(Signal::Answer(answer.to_sdp_string()).write());
            }
            Signal::Answer(sdp) => {
                let answer = SdpAnswer::from_sdp_string(&sdp).expect("str0m reads our answer");
                let pending = self.pending.take().expect("it has offered");
                self.rtc.sdp_api().accept_answer(pending, answer).expect("str0m accepts our answer");
            }
            Signal::Candidate(line) => {
                let candidate = Candidate::from_sdp_string(&line).expect("str0m reads our candidates");
                self.rtc.add_remote_candidate(candidate);
            }
        }
        self.timeout(now);
    }

    fn handle(&mut self, to: SocketAddr, from: SocketAddr, bytes: &[u8], now: Duration) {
        let datagram = Receive::new(Protocol::Udp, from, to, bytes).expect("str0m knows our datagrams");
        self.rtc.handle_input(Input::Receive(base() + now, datagram)).expect("str0m goes on");
        self.settle();
    }

    fn timeout(&mut self, now: Duration) {
        self.rtc.handle_input(Input::Timeout(base() + now)).expect("str0m goes on");
        self.settle();
    }

    fn next_timeout(&mut self) -> Option<Duration> {
        self.next
    }

    fn transmit(&mut self) -> Option<Datagram> {
        self.sent.pop_front()
    }

    /// It does not tell; ours does.
    fn selected(&mut self) -> Option<(SocketAddr, SocketAddr)> {
        None
    }

    fn heard(&self) -> &[usize] {
        self.talk.heard()
    }
}
