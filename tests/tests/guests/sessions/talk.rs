//! What the ends of a session tell each other: descriptions and candidates before there is a channel, messages once it is open.

use super::super::guest::Guest;

/// What each end says once its channel is open: messages of these lengths.
pub(super) const LENGTHS: [usize; 3] = [1, 1000, 60_000];

/// The label of the channel.
pub(super) const LABEL: &str = "chat";

/// What goes over signaling, as one piece of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Signal {
    Offer(String),
    Answer(String),
    Candidate(String),
}

impl Signal {
    pub(super) fn write(&self) -> String {
        match self {
            Signal::Offer(sdp) => format!("offer\n{sdp}"),
            Signal::Answer(sdp) => format!("answer\n{sdp}"),
            Signal::Candidate(line) => line.clone(),
        }
    }

    pub(super) fn read(text: &str) -> Signal {
        match text.split_once('\n') {
            Some(("offer", sdp)) => Signal::Offer(sdp.to_owned()),
            Some(("answer", sdp)) => Signal::Answer(sdp.to_owned()),
            _ => Signal::Candidate(text.to_owned()),
        }
    }
}

/// One end's part of the talk.
#[derive(Clone, Debug, Default)]
pub(super) struct Talk {
    sent: usize,
    heard: Vec<usize>,
}

impl Talk {
    /// The message that is to be said next.
    pub(super) fn next(&self) -> Option<Vec<u8>> {
        let length = LENGTHS.get(self.sent)?;
        Some((0..*length).map(|index| index as u8).collect())
    }

    pub(super) fn sent(&mut self) {
        self.sent += 1;
    }

    /// A message has come; one whose bytes are not those that were sent counts as empty.
    pub(super) fn hear(&mut self, message: &[u8]) {
        let whole = message.iter().enumerate().all(|(index, byte)| *byte == index as u8);
        self.heard.push(if whole { message.len() } else { 0 });
    }

    pub(super) fn heard(&self) -> &[usize] {
        &self.heard
    }
}

/// Which way DTLS is to go, whoever offers (RFC 8842 §5): an offer that leaves it open is rewritten on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Handshake {
    /// As the answerer likes it; RFC 8842 §5.3 has it begin.
    Answerer,
    /// The offerer begins: its offer says `active`.
    Offerer,
}

impl Handshake {
    pub(super) fn rewrite(self, offer: String) -> String {
        match self {
            Handshake::Answerer => offer,
            Handshake::Offerer => offer.replace("a=setup:actpass", "a=setup:active"),
        }
    }
}

/// A peer connection of any make, in its role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Make {
    Ours,
    Str0m,
    Rtc,
}

impl Make {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Make::Ours => "rtclab",
            Make::Str0m => "str0m",
            Make::Rtc => "rtc",
        }
    }

    pub(super) fn peer(self, offers: bool, handshake: Handshake, seed: u64) -> Box<dyn Guest> {
        match self {
            Make::Ours => Box::new(super::ours::Ours::new(offers, handshake, seed)),
            Make::Str0m => Box::new(super::str0m_peer::Str0mPeer::new(offers, handshake, seed)),
            Make::Rtc => Box::new(super::rtc_peer::RtcPeer::new(offers, handshake)),
        }
    }
}
