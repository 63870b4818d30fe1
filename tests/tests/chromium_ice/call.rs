//! A call between a page and our agent: who says what to whom, until both are where the test wants them. Not here: what is expected.

use std::time::Duration;

use rtclab_rtc::ice::Role;
use rtclab_rtc::stun::Transport;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::browser::{Addresses, Browser};
use crate::ours::{News, Ours};
use crate::signaling::Signaling;

/// Far more than anything here takes, on a busy machine, too; only a broken test waits for it.
const PATIENCE: Duration = Duration::from_secs(90);

/// Both sides.
#[derive(Debug)]
pub(crate) struct Call {
    browser: Browser,
    signaling: Signaling,
    pub(crate) ours: Ours,
    trickle: bool,
    /// The page's `iceConnectionState`.
    pub(crate) state: String,
    /// Candidate lines of the page.
    pub(crate) their_lines: Vec<String>,
    deadline: Instant,
}

impl Call {
    /// A browser with the page, and an agent.
    pub(crate) async fn new(role: Role, trickle: bool, addresses: Addresses) -> Call {
        Call::over(Transport::Udp, role, trickle, addresses).await
    }

    /// The same; ours has candidates of this transport only.
    pub(crate) async fn over(transport: Transport, role: Role, trickle: bool, addresses: Addresses) -> Call {
        let signaling = Signaling::start().await;
        let browser = Browser::open(&signaling.url(), addresses);
        let mut call = Call {
            browser,
            signaling,
            ours: Ours::new(role, transport),
            trickle,
            state: String::new(),
            their_lines: Vec::new(),
            deadline: Instant::now() + PATIENCE,
        };
        call.hear("ready").await;
        if addresses == Addresses::Permitted {
            call.signaling.tell(json!({ "do": "permit" }));
            call.hear("permitted").await;
        }
        call
    }

    /// The page offers, we answer.
    pub(crate) async fn page_offers(&mut self, restart: bool) {
        self.signaling.tell(json!({ "do": "offer", "trickle": self.trickle, "restart": restart }));
        let offer = self.hear("sdp").await;
        if restart {
            self.ours.restart();
        }
        self.ours.take(text(&offer, "sdp"), !self.trickle);
        self.ours.gather();
        if !self.trickle {
            self.ours.gathered().await;
        }
        let answer = self.ours.description("passive", !self.trickle);
        self.signaling.tell(json!({ "do": "take", "type": "answer", "sdp": answer }));
    }

    /// We offer, the page answers.
    pub(crate) async fn we_offer(&mut self, restart: bool) {
        if restart {
            self.ours.restart();
        }
        if !self.trickle {
            self.ours.gather();
            self.ours.gathered().await;
        }
        let offer = self.ours.description("actpass", !self.trickle);
        self.signaling.tell(json!({ "do": "take", "type": "offer", "sdp": offer, "trickle": self.trickle }));
        if self.trickle {
            self.ours.gather();
        }
        let answer = self.hear("sdp").await;
        self.ours.take(text(&answer, "sdp"), !self.trickle);
    }

    /// Goes on until the page says something with this key.
    async fn hear(&mut self, key: &str) -> Value {
        loop {
            if let Some(message) = self.step().await
                && message.get(key).is_some()
            {
                return message;
            }
        }
    }

    /// Goes on until both sides are connected.
    pub(crate) async fn connected(&mut self) {
        while !(self.ours.is_connected() && self.is_page_connected()) {
            self.step().await;
        }
    }

    pub(crate) fn is_page_connected(&self) -> bool {
        matches!(self.state.as_str(), "connected" | "completed")
    }

    /// The pair that the page has selected, with its role.
    pub(crate) async fn their_pair(&mut self) -> Value {
        self.signaling.tell(json!({ "do": "selected" }));
        self.hear("selected").await["selected"].clone()
    }

    /// Goes on for a while, whatever happens.
    pub(crate) async fn go_on(&mut self, span: Duration) {
        assert!(Instant::now() < self.deadline, "it did not happen in time: ours {:?}", self.ours.state());
        let until = Instant::now() + span;
        while tokio::time::timeout_at(until, self.step()).await.is_ok() {}
    }

    /// One thing that happens, on either side; what the page said, if it did.
    async fn step(&mut self) -> Option<Value> {
        assert!(!self.browser.has_ended(), "chromium has ended. `tests/run` installs it");
        let happened = tokio::select! {
            message = self.signaling.said() => Ok(message),
            news = self.ours.next() => Err(news),
            () = tokio::time::sleep_until(self.deadline) => panic!(
                "it did not happen in time: page {:?}, ours {:?}, theirs {:?}", self.state, self.ours.state(), self.their_lines
            ),
        };
        match happened {
            Ok(message) => {
                self.take(&message);
                Some(message)
            }
            Err(news) => {
                self.signal(news);
                None
            }
        }
    }

    fn take(&mut self, message: &Value) {
        if let Some(error) = message.get("error") {
            panic!("the page: {error}");
        }
        if let Some(state) = message.get("state") {
            self.state = state.as_str().unwrap_or_default().to_owned();
        }
        if let Some(candidate) = message.get("candidate").and_then(Value::as_str) {
            self.their_lines.push(candidate.to_owned());
            // Without trickle, the descriptions have them all.
            if self.trickle {
                self.ours.take_candidate(candidate);
            }
        }
    }

    fn signal(&mut self, news: News) {
        match news {
            News::Candidate(line) if self.trickle => {
                self.signaling.tell(json!({ "do": "candidate", "candidate": line }));
            }
            News::EndOfCandidates if self.trickle => {
                self.signaling.tell(json!({ "do": "candidate", "candidate": "" }));
            }
            _ => {}
        }
    }
}

fn text<'a>(message: &'a Value, key: &str) -> &'a str {
    message.get(key).and_then(Value::as_str).unwrap_or_default()
}
