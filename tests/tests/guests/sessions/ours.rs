//! Our own session behind the trait of guests.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use rtclab_rtc::Time;
use rtclab_rtc::data::ReadyState;
use rtclab_rtc::dtls::Certificate;
use rtclab_rtc::ice::{LocalSocket, TurnServer, dual_stack_preferences};
use rtclab_rtc::jsep::{
    Change, DataChannelInit, Heard, IceCandidate, Message, PerfectNegotiation, Profile, SdpType,
    SessionDescription,
};
use rtclab_rtc::session::{Config, Output, Session};

use super::super::guest::{Datagram, Gathered, Guest, Uses};
use super::super::ours::Seeded;
use super::super::seat::{PASSWORD, USER};
use super::talk::{Handshake, LABEL, Signal, Talk};

/// A session of ours. It gathers candidates itself.
#[derive(Debug)]
pub(super) struct Ours {
    session: Option<Session>,
    side: PerfectNegotiation,
    offers: bool,
    handshake: Handshake,
    seed: u64,
    talk: Talk,
    lines: Vec<String>,
    sent: VecDeque<Datagram>,
    selected: Option<(SocketAddr, SocketAddr)>,
}

impl Ours {
    pub(super) fn new(offers: bool, handshake: Handshake, seed: u64) -> Ours {
        Ours {
            session: None,
            side: PerfectNegotiation::new(true),
            offers,
            handshake,
            seed,
            talk: Talk::default(),
            lines: Vec::new(),
            sent: VecDeque::new(),
            selected: None,
        }
    }

    fn session(&mut self) -> &mut Session {
        self.session.as_mut().expect("it has begun")
    }

    fn describe(&mut self, description: SessionDescription) {
        let signal = match description.kind {
            SdpType::Offer => Signal::Offer(self.handshake.rewrite(description.sdp)),
            _ => Signal::Answer(description.sdp),
        };
        self.lines.push(signal.write());
    }

    fn take(&mut self, output: Output) {
        match output {
            Output::Transmit { transmit, .. } => {
                let (from, to, bytes) = (transmit.from, transmit.to, transmit.payload);
                self.sent.push_back(Datagram { from, to, bytes });
            }
            Output::Connection { change: Change::IceCandidate(candidate), .. }
                if !candidate.candidate.is_empty() =>
            {
                self.lines.push(Signal::Candidate(candidate.candidate).write());
            }
            Output::Message { message, .. } => self.talk.hear(message.bytes()),
            _ => {}
        }
    }

    /// Takes what comes out, and says what is to be said, until there is nothing more.
    fn settle(&mut self, now: Time) {
        loop {
            while let Some(output) = self.session().poll_output() {
                self.take(output);
            }
            let channels = self.session().channels();
            let open = channels.channels().find(|channel| channel.ready == ReadyState::Open);
            let Some(channel) = open.map(|channel| channel.id) else { return };
            let Some(message) = self.talk.next() else { return };
            if self.session().send(channel, message, now).is_err() {
                return;
            }
            self.talk.sent();
        }
    }
}

fn time(now: Duration) -> Time {
    Time::ZERO + now
}

impl Guest for Ours {
    fn credentials(&self) -> (String, String) {
        (String::new(), String::new())
    }

    fn begin(&mut self, bases: &[SocketAddr], turn: Option<SocketAddr>, _uses: Uses, now: Duration) -> bool {
        let addresses: Vec<_> = bases.iter().map(SocketAddr::ip).collect();
        let preferences = dual_stack_preferences(&addresses);
        let sockets = bases.iter().zip(preferences);
        let sockets = sockets.map(|(base, preference)| LocalSocket::new(*base, "eth0", preference)).collect();
        let certificate = Certificate::generate(&mut Seeded(self.seed ^ 0xce47));
        let mut config = Config::new(Profile::rfc9429(), certificate, sockets);
        let account = |address| TurnServer::new(address, USER, PASSWORD);
        config.ice.turn_servers = turn.into_iter().map(account).collect();
        let session = Session::new(config, Box::new(Seeded(self.seed))).expect("settings that fit");
        self.session = Some(session);
        self.settle(time(now));
        true
    }

    fn lines(&mut self) -> Vec<String> {
        std::mem::take(&mut self.lines)
    }

    fn add_local(&mut self, _gathered: Gathered, _now: Duration) -> Option<String> {
        None
    }

    fn connect(&mut self, _ufrag: &str, _password: &str, now: Duration) {
        if self.offers {
            let now = time(now);
            let session = self.session.as_mut().expect("it has begun");
            session.create_data_channel(LABEL, DataChannelInit::default(), now).expect("a channel");
            let offer =
                session.negotiate(&mut self.side, now).expect("an offer").expect("nothing is under way");
            self.describe(offer);
            self.settle(now);
        }
    }

    fn add_remote(&mut self, line: &str, now: Duration) {
        let description = |kind, sdp| Message::Description(SessionDescription::new(kind, sdp));
        let message = match Signal::read(line) {
            Signal::Offer(sdp) => description(SdpType::Offer, sdp),
            Signal::Answer(sdp) => description(SdpType::Answer, sdp),
            Signal::Candidate(candidate) => {
                // Guests that write no mid have one medium.
                Message::Candidate(IceCandidate {
                    candidate,
                    sdp_m_line_index: Some(0),
                    ..IceCandidate::default()
                })
            }
        };
        let session = self.session.as_mut().expect("it has begun");
        let heard = session.hear(&mut self.side, message, time(now));
        match heard.unwrap_or_else(|error| panic!("{error}\n{line}")) {
            Heard::Answered(answer) => self.describe(answer),
            Heard::Applied | Heard::Ignored(_) => {}
        }
        self.settle(time(now));
    }

    fn handle(&mut self, to: SocketAddr, from: SocketAddr, bytes: &[u8], now: Duration) {
        self.session().handle_datagram(to, from, bytes, time(now));
        self.settle(time(now));
    }

    fn timeout(&mut self, now: Duration) {
        self.session().handle_timeout(time(now));
        self.settle(time(now));
    }

    fn next_timeout(&mut self) -> Option<Duration> {
        self.session().poll_timeout().map(|at| at.since(Time::ZERO))
    }

    fn transmit(&mut self) -> Option<Datagram> {
        self.sent.pop_front()
    }

    fn selected(&mut self) -> Option<(SocketAddr, SocketAddr)> {
        let session = self.session.as_ref()?;
        let transport = session.transports().next()?;
        let (_, local, remote) = session.agent(transport)?.selected()?;
        self.selected = Some((local.address, remote.address));
        self.selected
    }

    fn heard(&self) -> &[usize] {
        self.talk.heard()
    }
}
