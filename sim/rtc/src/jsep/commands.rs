//! What an application may call at any time: tracks, transceivers, settings, closing (RFC 9429 §4.1, §4.2). Not here: operations of the
//! chain, and data channels.

use super::configuration::Configuration;
use super::connection::PeerConnection;
use super::error::JsepError;
use super::output::{Change, TransportCommand};
use super::transceiver::{Creation, Encoding, Negotiated, Sender, Transceiver};
use super::types::{MediaKind, SctpTransportState, TransceiverId};
use crate::reason::Reason;
use crate::sdp::Direction;

/// Most transceivers of a connection; a bound for what a peer can make us hold.
pub(super) const TRANSCEIVERS_MAX: usize = 1000;

/// What `addTransceiver` may be told.
#[derive(Clone, Debug, PartialEq)]
pub struct TransceiverInit {
    /// The direction; both ways unless said otherwise.
    pub direction: Direction,
    /// The streams of what is sent.
    pub streams: Vec<String>,
    /// Names of the encodings to send at once; empty for a single one without name.
    pub send_encodings: Vec<String>,
    /// The track, if there is one already.
    pub track: Option<String>,
}

impl Default for TransceiverInit {
    fn default() -> TransceiverInit {
        TransceiverInit {
            direction: Direction::SendRecv,
            streams: Vec::new(),
            send_encodings: Vec::new(),
            track: None,
        }
    }
}

impl PeerConnection {
    /// `addTrack`: gives the track to a transceiver that has never sent, or to a new one (RFC 9429 §4.1.2).
    pub fn add_track(
        &mut self,
        kind: MediaKind,
        track: &str,
        streams: &[&str],
    ) -> Result<TransceiverId, JsepError> {
        self.check_open()?;
        let taken = |transceiver: &Transceiver| transceiver.sender.track.as_deref() == Some(track);
        if self.session.transceivers.iter().any(taken) {
            return Err(JsepError::NotHere("the track has a sender already"));
        }
        let streams: Vec<String> = streams.iter().map(|stream| (*stream).to_owned()).collect();
        let reusable = self.session.transceivers.iter_mut().find(|transceiver| {
            let never_sent =
                transceiver.negotiated.current_direction.is_none_or(|direction| !direction.sends());
            transceiver.kind == kind
                && transceiver.sender.track.is_none()
                && !transceiver.is_stopping()
                && never_sent
        });
        let id = if let Some(transceiver) = reusable {
            transceiver.sender.track = Some(track.to_owned());
            transceiver.sender.streams = streams;
            transceiver.used_by_add_track = true;
            transceiver.direction = Direction::of(true, transceiver.direction.receives());
            transceiver.id
        } else {
            let init =
                TransceiverInit { streams, track: Some(track.to_owned()), ..TransceiverInit::default() };
            let id = self.new_transceiver(kind, Creation::AddTrack, init)?;
            if let Some(transceiver) = self.session.transceiver_mut(id) {
                transceiver.used_by_add_track = true;
            }
            id
        };
        self.changed();
        Ok(id)
    }

    /// `removeTrack`: the sender has no track any more, and does not want to send (RFC 9429 §4.1.3).
    pub fn remove_track(&mut self, id: TransceiverId) -> Result<(), JsepError> {
        self.check_open()?;
        let transceiver =
            self.session.transceiver_mut(id).ok_or(JsepError::NotHere("there is no such sender"))?;
        if !transceiver.is_stopping() && transceiver.sender.track.take().is_some() {
            transceiver.direction = Direction::of(false, transceiver.direction.receives());
        }
        self.changed();
        Ok(())
    }

    /// `replaceTrack`: another track, or none, without negotiation.
    pub fn replace_track(&mut self, id: TransceiverId, track: Option<&str>) -> Result<(), JsepError> {
        self.check_open()?;
        let transceiver =
            self.session.transceiver_mut(id).ok_or(JsepError::NotHere("there is no such sender"))?;
        if transceiver.is_stopping() {
            return Err(JsepError::NotHere("the transceiver is stopped"));
        }
        transceiver.sender.track = track.map(str::to_owned);
        self.changed();
        Ok(())
    }

    /// `sender.setStreams`: other streams for what is sent.
    pub fn set_streams(&mut self, id: TransceiverId, streams: &[&str]) -> Result<(), JsepError> {
        self.check_open()?;
        let transceiver =
            self.session.transceiver_mut(id).ok_or(JsepError::NotHere("there is no such sender"))?;
        transceiver.sender.streams = streams.iter().map(|stream| (*stream).to_owned()).collect();
        self.changed();
        Ok(())
    }

    /// `addTransceiver` (RFC 9429 §4.1.4).
    pub fn add_transceiver(
        &mut self,
        kind: MediaKind,
        init: TransceiverInit,
    ) -> Result<TransceiverId, JsepError> {
        self.check_open()?;
        check_rids(&init.send_encodings)?;
        let id = self.new_transceiver(kind, Creation::AddTransceiver, init)?;
        self.changed();
        Ok(id)
    }

    pub(super) fn new_transceiver(
        &mut self,
        kind: MediaKind,
        created_by: Creation,
        init: TransceiverInit,
    ) -> Result<TransceiverId, JsepError> {
        if self.session.transceivers.len() >= TRANSCEIVERS_MAX {
            return Err(JsepError::Operation("there are too many transceivers".to_owned()));
        }
        let id = TransceiverId(self.next_transceiver);
        self.next_transceiver += 1;
        let mut encodings: Vec<Encoding> =
            init.send_encodings.into_iter().map(|rid| Encoding { rid: Some(rid) }).collect();
        if encodings.is_empty() {
            encodings.push(Encoding { rid: None });
        }
        let ssrcs = (self.fresh_ssrc(), self.fresh_ssrc());
        self.session.transceivers.push(Transceiver {
            id,
            kind,
            created_by,
            used_by_add_track: false,
            direction: init.direction,
            stopping: false,
            sender: Sender { track: init.track, streams: init.streams, encodings, ssrcs },
            codec_preferences: Vec::new(),
            negotiated: Negotiated::default(),
        });
        Ok(id)
    }

    /// A source that no transceiver has. Zero is avoided, because tools take it for "none".
    fn fresh_ssrc(&mut self) -> u32 {
        loop {
            let ssrc = self.randomness.u64() as u32;
            let known = |transceiver: &Transceiver| {
                transceiver.sender.ssrcs.0 == ssrc || transceiver.sender.ssrcs.1 == ssrc
            };
            if ssrc != 0 && !self.session.transceivers.iter().any(known) {
                return ssrc;
            }
        }
    }

    /// `transceiver.direction = …` (RFC 9429 §4.2.3).
    pub fn set_direction(&mut self, id: TransceiverId, direction: Direction) -> Result<(), JsepError> {
        self.check_open()?;
        let transceiver =
            self.session.transceiver_mut(id).ok_or(JsepError::NotHere("there is no such transceiver"))?;
        if transceiver.is_stopping() {
            return Err(JsepError::WrongState {
                what: "direction of a stopped transceiver",
                state: self.session.signaling,
            });
        }
        transceiver.direction = direction;
        self.changed();
        Ok(())
    }

    /// `transceiver.stop()`: it ends with the next exchange (RFC 9429 §4.2.1).
    pub fn stop_transceiver(&mut self, id: TransceiverId) -> Result<(), JsepError> {
        self.check_open()?;
        let transceiver =
            self.session.transceiver_mut(id).ok_or(JsepError::NotHere("there is no such transceiver"))?;
        if !transceiver.is_stopping() {
            transceiver.stopping = true;
            transceiver.direction = Direction::Inactive;
        }
        self.changed();
        Ok(())
    }

    /// `setCodecPreferences` (RFC 9429 §4.2.6): only these codecs, in this order; an empty list means all again.
    pub fn set_codec_preferences(
        &mut self,
        id: TransceiverId,
        codecs: Vec<super::codec::Codec>,
    ) -> Result<(), JsepError> {
        self.check_open()?;
        let transceiver =
            self.session.transceiver(id).ok_or(JsepError::NotHere("there is no such transceiver"))?;
        let supported = self.config.profile.codecs(transceiver.kind);
        if codecs.iter().any(|codec| !supported.iter().any(|known| known.matches(codec))) {
            return Err(JsepError::Frozen("a codec preference that is not supported"));
        }
        if !codecs.is_empty() && !codecs.iter().any(super::codec::Codec::is_primary) {
            return Err(JsepError::Frozen("codec preferences without a codec that carries media"));
        }
        if let Some(transceiver) = self.session.transceiver_mut(id) {
            transceiver.codec_preferences = codecs;
        }
        self.changed();
        Ok(())
    }

    /// `restartIce()`: all ICE credentials that are in use now are to be replaced, however many rollbacks it takes.
    pub fn restart_ice(&mut self) -> Result<(), JsepError> {
        self.check_open()?;
        let in_use = self.session.transports.values().map(|transport| transport.local.clone());
        self.credentials_to_replace.extend(in_use);
        self.check_negotiation = true;
        Ok(())
    }

    /// `setConfiguration` (RFC 9429 §4.1.18). Other servers, or another policy, need an ICE restart once something was gathered.
    pub fn set_configuration(&mut self, next: Configuration) -> Result<(), JsepError> {
        self.check_open()?;
        next.check()?;
        let gathered = self.session.local().is_some();
        self.config.may_become(&next, gathered)?;
        let other = self.config.gathers_differently(&next);
        let servers_changed = self.config.ice_servers != next.ice_servers;
        self.config = next;
        if other {
            let in_use = self.session.transports.values().map(|transport| transport.local.clone());
            self.credentials_to_replace.extend(in_use);
            self.check_negotiation = true;
        }
        if !gathered {
            self.refill_pool(servers_changed);
        }
        Ok(())
    }

    /// `close()`: everything ends at once.
    pub fn close(&mut self) {
        if self.closed {
            return;
        }
        self.closed = true;
        self.chain.clear();
        let transports: Vec<_> = self.facts.keys().copied().collect();
        for transport in transports {
            self.command(transport, TransportCommand::Discard, Reason::JsepClosed);
        }
        for transceiver in &mut self.session.transceivers {
            transceiver.stopping = true;
            transceiver.negotiated.stopped = true;
            transceiver.negotiated.current_direction = None;
        }
        self.pool.clear();
        self.facts.clear();
        self.session.transports.clear();
        self.sctp_state = self.sctp_state.map(|_| SctpTransportState::Closed);
        self.check_negotiation = false;
        self.show(Reason::JsepClosed);
        self.change(Change::Signaling(super::types::SignalingState::Closed), Reason::JsepClosed);
    }

    /// After a command: transceivers are told, and negotiation may be needed.
    fn changed(&mut self) {
        self.check_negotiation = true;
        self.show(Reason::JsepApplicationChange);
    }
}

/// Names of encodings: all or none, letters and digits, each once (RFC 8852 §3.1, webrtc-pc §5.1).
fn check_rids(rids: &[String]) -> Result<(), JsepError> {
    let valid =
        |rid: &String| (1..=255).contains(&rid.len()) && rid.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let mut sorted = rids.to_vec();
    sorted.sort();
    sorted.dedup();
    if sorted.len() != rids.len() || !rids.iter().all(valid) {
        return Err(JsepError::Argument("names of encodings are letters and digits, each once"));
    }
    Ok(())
}
