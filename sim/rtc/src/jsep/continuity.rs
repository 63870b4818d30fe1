//! Whether a remote description goes on with the transports there are, or begins new ones, and whether it may (RFC 9429 §5.8.3, §5.10,
//! §5.11).

use super::connection::PeerConnection;
use super::error::JsepError;
use super::session::{Session, Transport};
use super::types::{DtlsRole, IceCredentials};
use crate::reason::Reason;
use crate::sdp::rules::{Violation, transport_section};
use crate::sdp::{Sdp, Section, Setup};

impl Session {
    /// Whether a medium was accepted in the descriptions that are in force.
    pub(super) fn was_accepted(&self, index: usize) -> bool {
        let live = |applied: &Option<super::description::Applied>| {
            let section = applied.as_ref().and_then(|applied| applied.sdp.medium(index));
            section.is_some_and(|section| !section.is_rejected())
        };
        live(&self.current_local) && live(&self.current_remote)
    }
}

/// The credentials that a section gives, or inherits.
pub(super) fn credentials_of(section: &Section<'_>) -> Option<IceCredentials> {
    let (ufrag, password) = (section.ice_ufrag()?.to_owned(), section.ice_password()?.to_owned());
    Some(IceCredentials { ufrag, password })
}

/// Whether this section asks for another DTLS association than the one there is.
fn replaces_dtls(transport: &Transport, section: &Section<'_>) -> bool {
    let Some(dtls) = &transport.dtls else { return false };
    let other_id = match (&dtls.remote_tls_id, section.tls_id()) {
        (Some(old), Some(new)) => old != new,
        _ => false,
    };
    other_id || dtls.fingerprints != section.fingerprints()
}

impl PeerConnection {
    /// Whether the offer restarts ICE on the transport of this medium.
    pub(super) fn restarts_with_offer(&self, host: usize) -> bool {
        let Some(offer) = self.remote_offer() else { return false };
        let Some(section) = offer.medium(host) else { return false };
        let offered = credentials_of(&transport_section(&offer, section));
        let known = self.stable_transport(host).and_then(|transport| transport.remote.clone());
        known.is_some() && offered.is_some() && known != offered
    }

    /// The transport that a medium had before the exchange under way.
    pub(super) fn stable_transport(&self, index: usize) -> Option<&Transport> {
        let session = self.stable.as_deref().unwrap_or(&self.session);
        session.transport_of(index).map(|(_, transport)| transport)
    }

    /// Whether an answer of ours has to name a new DTLS association.
    pub(super) fn dtls_is_replaced(&self, host: usize, carrier: &Section<'_>) -> bool {
        self.stable_transport(host).is_some_and(|transport| replaces_dtls(transport, carrier))
    }

    /// What a remote offer may not do to running transports.
    pub(super) fn check_offer_continuity(&self, offer: &Sdp) -> Result<(), JsepError> {
        for (index, section) in offer.media().enumerate().filter(|(_, section)| !section.is_rejected()) {
            let Some(transport) = self.running_transport(index) else { continue };
            let carrier = transport_section(offer, section);
            let restarts = credentials_of(&carrier) != transport.remote;
            let replaced = replaces_dtls(transport, &carrier);
            if replaced && !restarts {
                return Err(broken(Reason::ReofferNewDtls, &section));
            }
            let role = transport.dtls.as_ref().map(|dtls| dtls.role).filter(|_| !replaced);
            let turned = match (role, carrier.setup()) {
                (Some(DtlsRole::Client), Some(setup)) => setup == Setup::Active,
                (Some(DtlsRole::Server), Some(setup)) => setup == Setup::Passive,
                _ => false,
            };
            if turned {
                return Err(broken(Reason::ReofferSetup, &section));
            }
        }
        Ok(())
    }

    /// What a remote answer may not do to running transports. `offer` is the local one it answers.
    pub(super) fn check_answer_continuity(&self, offer: &Sdp, answer: &Sdp) -> Result<(), JsepError> {
        for (index, section) in answer.media().enumerate().filter(|(_, section)| !section.is_rejected()) {
            let Some(transport) = self.running_transport(index) else { continue };
            let Some(offered) = offer.medium(index).map(|section| transport_section(offer, section)) else {
                continue;
            };
            let carrier = transport_section(answer, section);
            let we_restart = credentials_of(&offered).is_some_and(|local| local != transport.local);
            let they_restart = credentials_of(&carrier) != transport.remote;
            if they_restart && !we_restart {
                return Err(broken(Reason::AnswerRestartsAlone, &section));
            }
            if we_restart && !they_restart {
                return Err(broken(Reason::AnswerWithoutRestart, &section));
            }
            let replaced = replaces_dtls(transport, &carrier);
            if replaced && !they_restart {
                return Err(broken(Reason::ReofferNewDtls, &section));
            }
            let role = transport.dtls.as_ref().map(|dtls| dtls.role).filter(|_| !replaced);
            let turned = match (role, carrier.setup()) {
                (Some(DtlsRole::Client), Some(setup)) => setup == Setup::Active,
                (Some(DtlsRole::Server), Some(setup)) => setup == Setup::Passive,
                _ => false,
            };
            if turned {
                return Err(broken(Reason::ReofferSetup, &section));
            }
        }
        Ok(())
    }

    /// The transport of a medium that was agreed on in an earlier exchange and goes on.
    fn running_transport(&self, index: usize) -> Option<&Transport> {
        let session = self.stable.as_deref().unwrap_or(&self.session);
        session.current_remote.as_ref()?;
        let goes_on = session.was_accepted(index);
        self.stable_transport(index).filter(|transport| goes_on && transport.remote.is_some())
    }
}

fn broken(rule: Reason, section: &Section<'_>) -> JsepError {
    Violation::new(rule, section, Vec::new(), section.mid().unwrap_or_default()).into()
}
