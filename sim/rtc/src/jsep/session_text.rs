//! The session part of a description of ours, and what its media have in common (RFC 9429 §5.2.1).

use super::connection::PeerConnection;
use super::profile::MsidSemanticHabit;
use super::section_text::{OwnTransport, RtcpText, SectionText};
use super::transceiver::Transceiver;
use super::types::IceCredentials;
use crate::sdp::{Attribute, Builder, Group, MsidSemantic, Origin, Setup};

/// The groups of a description.
#[derive(Clone, Debug, Default)]
pub(super) struct GroupText {
    pub(super) bundles: Vec<Vec<String>>,
    pub(super) lip_sync: Vec<Vec<String>>,
}

impl PeerConnection {
    /// The whole text. `trickles` says whether the ICE options belong in: always in offers, in answers if they were offered.
    pub(super) fn session_text(
        &mut self,
        groups: GroupText,
        sections: Vec<SectionText>,
        options_offered: bool,
    ) -> String {
        let attributes = self.session_attributes(&groups, &sections, options_offered);
        let write = |version: u64, id: u64, profile: &super::profile::Profile| {
            let origin = Origin {
                username: profile.origin_username.to_owned(),
                session_id: id,
                session_version: version,
                network_type: "IN".to_owned(),
                address_type: "IP4".to_owned(),
                address: profile.origin_address.to_owned(),
            };
            let builder = Builder::new(&origin).attributes(&attributes);
            let builder = sections.iter().fold(builder, |builder, section| {
                builder.media(&section.media, &section.connection).attributes(&section.attributes)
            });
            builder.finish()
        };
        let body = write(0, 0, &self.config.profile);
        let version = self.drafts.version_for(&body);
        write(version, self.drafts.session_id, &self.config.profile)
    }

    fn session_attributes(
        &self,
        groups: &GroupText,
        sections: &[SectionText],
        options_offered: bool,
    ) -> Vec<Attribute> {
        let profile = &self.config.profile;
        let mut attributes = Vec::new();
        if profile.session_level {
            attributes.extend(self.config.fingerprints.iter().cloned().map(Attribute::Fingerprint));
        }
        // Chromium writes the options into each medium; see `own_transport`.
        let options = self.ice_options();
        if options_offered && !options.is_empty() && (!profile.repeats_transport || profile.session_level) {
            attributes.push(Attribute::IceOptions(options));
        }
        let group = |semantics: &str, mids: &Vec<String>| {
            Attribute::Group(Group { semantics: semantics.to_owned(), mids: mids.clone() })
        };
        attributes.extend(groups.bundles.iter().map(|mids| group(Group::BUNDLE, mids)));
        attributes.extend(groups.lip_sync.iter().map(|mids| group(Group::LIP_SYNC, mids)));
        if profile.extmap_allow_mixed {
            attributes.push(Attribute::ExtmapAllowMixed);
        }
        let streams = match profile.msid_semantic {
            MsidSemanticHabit::None => return attributes,
            MsidSemanticHabit::Star => vec!["*".to_owned()],
            MsidSemanticHabit::Streams => streams_of(sections),
        };
        attributes.push(Attribute::MsidSemantic(MsidSemantic { semantic: "WMS".to_owned(), streams }));
        attributes
    }

    pub(super) fn ice_options(&self) -> Vec<String> {
        let profile = &self.config.profile;
        let options = [("trickle", profile.trickle), ("ice2", profile.ice2)];
        options.into_iter().filter(|(_, known)| *known).map(|(name, _)| name.to_owned()).collect()
    }

    /// How our transport of this medium is described. `restart` is `None` in an answer, which restarts when the offer does: then
    /// [`PeerConnection::restarts_with_offer`] decides.
    pub(super) fn own_transport(
        &mut self,
        host: usize,
        existing: bool,
        setup: Setup,
        restart: Option<bool>,
    ) -> OwnTransport {
        let known = self.session.transport_of(host).filter(|_| existing);
        let known = known.map(|(id, transport)| (id, transport.local.clone(), transport.tls_id.clone()));
        let profile = &self.config.profile;
        let (named, options_here) = (profile.tls_id, profile.repeats_transport && !profile.session_level);
        let mut candidates = Vec::new();
        let mut complete = false;
        let (credentials, tls_id) = match known {
            Some((id, local, tls_id)) => {
                let wanted = self.credentials_to_replace.contains(&local);
                let restarts = match restart {
                    Some(asked) => asked || wanted,
                    None => self.restarts_with_offer(host),
                };
                if restarts {
                    let fresh = self.drafts.restarts.get(&id).cloned();
                    let fresh = fresh.unwrap_or_else(|| self.fresh_credentials());
                    self.drafts.restarts.insert(id, fresh.clone());
                    (fresh, tls_id)
                } else {
                    if let Some(facts) = self.facts.get(&id) {
                        candidates.clone_from(&facts.candidates);
                        complete = facts.gathering == super::types::IceGatheringState::Complete;
                    }
                    (local, tls_id)
                }
            }
            None => (self.promised_credentials(host), self.promised_tls_id(host)),
        };
        OwnTransport {
            credentials,
            setup,
            tls_id: tls_id.filter(|_| named),
            fingerprints: if self.config.profile.session_level {
                Vec::new()
            } else {
                self.config.fingerprints.clone()
            },
            candidates,
            complete,
            rtcp: RtcpText::default(),
            ice_options: if options_here { self.ice_options() } else { Vec::new() },
        }
    }

    /// Credentials for a medium without transport: of the pool, if it has some left, or fresh ones.
    fn promised_credentials(&mut self, index: usize) -> IceCredentials {
        if let Some(credentials) = self.drafts.credentials.get(&index) {
            return credentials.clone();
        }
        let promised: Vec<&IceCredentials> = self.drafts.credentials.values().collect();
        let pooled = self.pool.iter().map(|(_, credentials)| credentials);
        let mut free = pooled.filter(|credentials| !promised.contains(credentials));
        let free = free.next().cloned();
        let credentials = free.unwrap_or_else(|| self.fresh_credentials());
        self.drafts.credentials.insert(index, credentials.clone());
        credentials
    }

    /// A name for a new DTLS association: 120 random bits at least (RFC 8842 §5.1).
    pub(super) fn promised_tls_id(&mut self, index: usize) -> Option<String> {
        if !self.config.profile.tls_id {
            return None;
        }
        if let Some(tls_id) = self.drafts.tls_ids.get(&index) {
            return Some(tls_id.clone());
        }
        let tls_id = format!("{:016x}{:016x}", self.randomness.u64(), self.randomness.u64());
        self.drafts.tls_ids.insert(index, tls_id.clone());
        Some(tls_id)
    }

    /// The streams that the peer is told: those that it was told before stay as long as the description in force names them
    /// (RFC 9429 §5.2.2); other ones are told because the application has set them.
    pub(super) fn told_streams(&self, transceiver: &Transceiver) -> Vec<String> {
        transceiver.sender.streams.clone()
    }

    /// A name for all sources of this connection (RFC 7022 §4.2), from the session id, which is random.
    pub(super) fn cname(&self) -> String {
        format!("{:016x}", self.drafts.session_id)
    }
}

fn streams_of(sections: &[SectionText]) -> Vec<String> {
    let mut streams: Vec<String> = Vec::new();
    for attribute in sections.iter().flat_map(|section| &section.attributes) {
        if let Attribute::Msid(msid) = attribute
            && msid.stream != "-"
            && !streams.contains(&msid.stream)
        {
            streams.push(msid.stream.clone());
        }
    }
    streams
}
