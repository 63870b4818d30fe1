//! What an answer settles, whoever gave it (RFC 9429 §5.11): transports and their bundles, DTLS roles, SCTP, codecs and directions.

use super::answer::accepted_rids;
use super::codec::{PayloadCodec, codecs_of};
use super::connection::PeerConnection;
use super::continuity::credentials_of;
use super::error::JsepError;
use super::session::{DtlsAssociation, SctpParameters, SlotContent};
use super::types::{DtlsRole, TransceiverId};
use crate::reason::Reason;
use crate::sdp::rules::{Violation, transport_section};
use crate::sdp::{Attribute, Direction, RidDirection, Sdp, Section, Setup};

/// The largest message in bytes when nothing is said (RFC 8841 §6.1).
const MESSAGE_SIZE_DEFAULT: u64 = 65_536;

/// An offer and its answer, seen from one side.
struct Exchange<'a> {
    offer: &'a Sdp,
    answer: &'a Sdp,
    /// Whether the answer is ours.
    ours: bool,
}

impl<'a> Exchange<'a> {
    fn local(&self) -> &'a Sdp {
        if self.ours { self.answer } else { self.offer }
    }

    fn remote(&self) -> &'a Sdp {
        if self.ours { self.offer } else { self.answer }
    }

    /// The medium that describes the transport of this one: the tag of its bundle in the answer (RFC 9143 §7.4).
    fn host(&self, section: &Section<'_>) -> Option<usize> {
        let index = section.index()?;
        let Some(mid) = section.mid() else { return Some(index) };
        let bundle = self.answer.bundles().into_iter().find(|mids| mids.iter().any(|found| found == mid));
        match bundle {
            Some(mids) => self.answer.medium_with_mid(mids.first()?)?.index(),
            None => Some(index),
        }
    }
}

impl PeerConnection {
    /// Applies an offer and an answer that belong together.
    pub(super) fn agree(&mut self, offer: &Sdp, answer: &Sdp, ours: bool) -> Result<(), JsepError> {
        let exchange = Exchange { offer, answer, ours };
        for section in answer.media() {
            let Some(index) = section.index() else { continue };
            if section.is_rejected() {
                self.reject(index);
                continue;
            }
            let host = exchange.host(&section).unwrap_or(index);
            self.share_transport(index, host);
            self.agree_on_transport(&exchange, &section, host)?;
            match self.session.slots.get(index).map(|slot| slot.content) {
                Some(SlotContent::Transceiver(id)) => self.agree_on_media(&exchange, index, id),
                Some(SlotContent::Data) => self.agree_on_data(&exchange, index),
                _ => {}
            }
        }
        self.session.drop_unused_transports();
        let gone = |sctp: &SctpParameters| !self.session.transports.contains_key(&sctp.transport);
        if self.session.sctp.as_ref().is_some_and(gone) {
            self.session.sctp = None;
        }
        Ok(())
    }

    fn reject(&mut self, index: usize) {
        let Some(slot) = self.session.slots.get_mut(index) else { return };
        slot.transport = None;
        match slot.content {
            SlotContent::Data => self.session.sctp = None,
            SlotContent::Transceiver(id) => {
                if let Some(transceiver) = self.session.transceiver_mut(id) {
                    transceiver.negotiated.current_direction = Some(Direction::Inactive);
                    transceiver.negotiated.codecs.clear();
                }
            }
            SlotContent::Nothing => {}
        }
    }

    fn share_transport(&mut self, index: usize, host: usize) {
        let transport = self.session.slots.get(host).and_then(|slot| slot.transport);
        if let Some(slot) = self.session.slots.get_mut(index)
            && transport.is_some()
        {
            slot.transport = transport;
        }
    }

    fn agree_on_transport(
        &mut self,
        exchange: &Exchange<'_>,
        section: &Section<'_>,
        host: usize,
    ) -> Result<(), JsepError> {
        let remote = exchange.remote();
        let Some(remote_section) = remote.medium(host) else { return Ok(()) };
        let carrier = transport_section(remote, remote_section);
        let Some(id) = section.index().and_then(|index| self.session.slots.get(index)?.transport) else {
            let about = section.mid().unwrap_or_default();
            return Err(Violation::new(Reason::AnswerBundleOnly, section, Vec::new(), about).into());
        };
        let local = exchange.local();
        let our_carrier = local.medium(host).map(|section| transport_section(local, section));
        let answered_setup =
            transport_section(exchange.answer, exchange.answer.medium(host).unwrap_or(*section)).setup();
        let role = match (answered_setup, exchange.ours) {
            (Some(Setup::Active), true) | (Some(Setup::Passive), false) => DtlsRole::Client,
            _ => DtlsRole::Server,
        };
        let muxed = section.has(&Attribute::RtcpMux) || host != section.index().unwrap_or(host);
        let is_rtp = section.is_rtp();
        let lite = remote.session().has(&Attribute::IceLite);
        let Some(transport) = self.session.transports.get_mut(&id) else { return Ok(()) };
        transport.remote = credentials_of(&carrier);
        transport.remote_lite = lite;
        if is_rtp && section.index() == Some(host) {
            transport.rtcp_mux = muxed;
        }
        transport.dtls = Some(DtlsAssociation {
            role,
            fingerprints: carrier.fingerprints(),
            remote_tls_id: carrier.tls_id().map(str::to_owned),
        });
        transport.tls_id =
            our_carrier.and_then(|section| section.tls_id().map(str::to_owned)).or(transport.tls_id.take());
        Ok(())
    }

    /// The codecs to send with are those of the remote description that we support, in its order, with its payload types.
    fn agree_on_media(&mut self, exchange: &Exchange<'_>, index: usize, id: TransceiverId) {
        let (Some(local), Some(remote)) = (exchange.local().medium(index), exchange.remote().medium(index))
        else {
            return;
        };
        let Some(answered) = exchange.answer.medium(index).map(|section| section.direction()) else { return };
        let direction = if exchange.ours { answered } else { answered.reversed() };
        let ours = codecs_of(&local);
        let codecs: Vec<PayloadCodec> = codecs_of(&remote)
            .into_iter()
            .filter(|theirs| ours.iter().any(|ours| ours.codec.matches(&theirs.codec)))
            .collect();
        let local_uris: Vec<&str> = local.extmaps().iter().map(|(extmap, _)| extmap.uri.as_str()).collect();
        let extensions = remote.extmaps().into_iter().map(|(extmap, _)| (extmap.id, extmap.uri.clone()));
        let extensions = extensions.filter(|(_, uri)| local_uris.contains(&uri.as_str())).collect();
        let Some(transceiver) = self.session.transceiver_mut(id) else { return };
        let offered: Vec<String> = local
            .rids()
            .iter()
            .filter(|(rid, _)| rid.direction == RidDirection::Send)
            .map(|(rid, _)| rid.id.clone())
            .collect();
        let accepted = accepted_rids(transceiver, &remote);
        let negotiated = &mut transceiver.negotiated;
        negotiated.send_rids = accepted.into_iter().filter(|rid| offered.contains(rid)).collect();
        negotiated.codecs = codecs;
        negotiated.extensions = extensions;
        negotiated.current_direction = Some(direction);
    }

    fn agree_on_data(&mut self, exchange: &Exchange<'_>, index: usize) {
        let transport = self.session.slots.get(index).and_then(|slot| slot.transport);
        let (Some(local), Some(remote)) = (exchange.local().medium(index), exchange.remote().medium(index))
        else {
            return;
        };
        let (Some(transport), Some(local_port), Some(remote_port)) =
            (transport, local.sctp_port(), remote.sctp_port())
        else {
            return;
        };
        let size = remote.max_message_size().unwrap_or(MESSAGE_SIZE_DEFAULT);
        let max_message_size = (size != 0).then_some(size);
        self.session.sctp = Some(SctpParameters { transport, local_port, remote_port, max_message_size });
    }

    /// After the final answer: rejected media lose their transceivers (RFC 9429 §4.2.2).
    pub(super) fn conclude(&mut self, answer: &Sdp) {
        self.session.signaling = super::types::SignalingState::Stable;
        let mut stopped: Vec<TransceiverId> = Vec::new();
        for section in answer.media().filter(|section| section.is_rejected()) {
            let Some(slot) = section.index().and_then(|index| self.session.slots.get_mut(index)) else {
                continue;
            };
            if let SlotContent::Transceiver(id) = slot.content {
                stopped.push(id);
            }
            slot.content = SlotContent::Nothing;
        }
        // A transceiver that was never told to the peer can end without it.
        let never_told = |transceiver: &&super::transceiver::Transceiver| {
            transceiver.stopping && !transceiver.is_associated()
        };
        stopped.extend(self.session.transceivers.iter().filter(never_told).map(|transceiver| transceiver.id));
        self.end_transceivers(&stopped);
    }

    pub(super) fn end_transceivers(&mut self, ids: &[TransceiverId]) {
        for id in ids {
            let receiving = self.session.transceiver(*id).and_then(|found| found.negotiated.fired_direction);
            if receiving.is_some_and(Direction::receives) {
                let change = super::output::Change::TrackEnded { transceiver: *id };
                self.change(change, Reason::JsepStopped);
            }
        }
        self.session.transceivers.retain(|transceiver| !ids.contains(&transceiver.id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tag_of_the_answers_bundle_describes_the_transport() {
        let text = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE b a\r\n\
                    m=audio 9 UDP/TLS/RTP/SAVPF 0\r\nc=IN IP4 0.0.0.0\r\na=mid:a\r\n\
                    m=audio 9 UDP/TLS/RTP/SAVPF 0\r\nc=IN IP4 0.0.0.0\r\na=mid:b\r\n\
                    m=audio 9 UDP/TLS/RTP/SAVPF 0\r\nc=IN IP4 0.0.0.0\r\na=mid:c\r\n";
        let sdp = Sdp::parse(text).expect("a description");
        let exchange = Exchange { offer: &sdp, answer: &sdp, ours: true };
        let hosts: Vec<_> = sdp.media().filter_map(|section| exchange.host(&section)).collect();
        assert_eq!(hosts, [1, 1, 2]);
    }
}
