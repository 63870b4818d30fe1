//! A peer that runs a whole session: descriptions, ICE, DTLS, SCTP and data channels, each telling the trace what becomes of it. Not here: the
//! session itself (`rtclab-rtc`), and how messages travel (`post`).
//!
//! | file | what lives there |
//! |---|---|
//! | `plan` | what such a peer is told at its start |
//! | `negotiation` | offers, answers, candidates: what is signaled, and what is done with what comes |
//! | `recording` | what comes out of the session, as entries of the trace |

mod negotiation;
mod plan;
mod recording;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use rtclab_net::{Datagram, Host};
use rtclab_rtc::data::ChannelId;
use rtclab_rtc::dtls::{Certificate, KeyLogLine};
use rtclab_rtc::ice::{CandidatePolicy, ConnectionState as IceState, LocalSocket};
use rtclab_rtc::jsep::{
    self, BundlePolicy, ConnectionState, DataChannelInit, IceTransportPolicy, PerfectNegotiation, TransportId,
};
use rtclab_rtc::session::{self, Session};
use rtclab_trace::{EntryId, SimTime};

use super::Peer;
use crate::programs::signaling::MessageKind;
pub use plan::{Negotiation, SessionPlan};

/// A session under way, and what its owner has to remember about it.
#[derive(Debug)]
pub(super) struct Whole {
    plan: SessionPlan,
    session: Session,
    perfect: Option<PerfectNegotiation>,
    /// The other peer.
    remote: Option<String>,
    /// Something waits to be offered.
    needs_offer: bool,
    /// A description that waits for all its candidates.
    due: Option<MessageKind>,
    /// The fingerprint of our certificate, and the one that is said in its place.
    true_and_told: Option<(String, String)>,
    /// Candidates of ours that wait for their description to be said, each with its entry.
    unsaid: Vec<(jsep::IceCandidate, Option<EntryId>)>,
    /// Candidates that came before their description.
    early: Vec<jsep::IceCandidate>,
    /// Channels on which everything has been said.
    greeted: BTreeSet<ChannelId>,
    /// Messages that came, and that were sent.
    messages: (u64, u64),
    /// The newest operation that was refused.
    refused: Option<String>,
    key_log: BTreeMap<TransportId, Vec<KeyLogLine>>,
    newest: recording::Newest,
}

impl Whole {
    /// Where the call stands, in the words of ICE: DTLS and ICE together (webrtc-pc §4.3.3).
    pub(super) fn connection(&self) -> IceState {
        match self.session.connection().connection_state() {
            ConnectionState::New => IceState::New,
            ConnectionState::Connecting => IceState::Checking,
            ConnectionState::Connected => IceState::Connected,
            ConnectionState::Disconnected => IceState::Disconnected,
            ConnectionState::Failed => IceState::Failed,
            ConnectionState::Closed => IceState::Closed,
        }
    }

    pub(super) fn poll_timeout(&self) -> Option<SimTime> {
        self.session.poll_timeout()
    }

    pub(super) fn handle_timeout(&mut self, now: SimTime) {
        self.session.handle_timeout(now);
    }

    pub(super) fn handle_datagram(&mut self, local: SocketAddr, datagram: &Datagram<'_>, now: SimTime) {
        self.session.handle_datagram(local, datagram.from, datagram.payload, now);
    }

    pub(super) fn handle_unreachable(&mut self, local: SocketAddr, remote: SocketAddr, now: SimTime) {
        self.session.handle_unreachable(local, remote, now);
    }

    pub(super) fn agent(&self) -> Option<&rtclab_rtc::ice::Agent> {
        self.session.transports().next().and_then(|transport| self.session.agent(transport))
    }
}

impl Peer {
    /// Begins: certificate, connection, what is to be negotiated; and the offer follows if this is the side that calls.
    pub(super) fn begin_whole(&mut self, host: &mut Host<'_>, plan: SessionPlan, sockets: Vec<LocalSocket>) {
        let mut randomness = host.randomness();
        let certificate = Certificate::generate(&mut *randomness);
        let first = sockets.clone();
        let mut config = session::Config::new(plan.profile.clone(), certificate, sockets);
        let true_and_told = plan.wrong_certificate.then(|| {
            let other = Certificate::generate(&mut *randomness);
            (config.certificate.fingerprint().to_string(), other.fingerprint().to_string())
        });
        if self.config.offers_to.is_some() {
            // An offer that is taken back takes its transport with it, and the next one needs sockets of its own.
            config.sockets.push(self.more_sockets(host, &first));
        }
        let mut ice = self.config.agent(Vec::new());
        ice.nomination = config.ice.nomination;
        config.ice = ice;
        config.versions = plan.versions;
        config.post_quantum = plan.post_quantum;
        // One transport for everything: the trace of a peer has one ICE agent.
        config.connection.bundle_policy = BundlePolicy::MustBundle;
        if self.config.policy == CandidatePolicy::Relayed {
            config.connection.ice_transport_policy = IceTransportPolicy::Relay;
        }
        let Ok(session) = Session::new(config, randomness) else { return };
        let perfect = match plan.negotiation {
            Negotiation::Plain => None,
            Negotiation::Polite => Some(PerfectNegotiation::new(true)),
            Negotiation::Impolite => Some(PerfectNegotiation::new(false)),
        };
        self.whole = Some(Box::new(Whole {
            session,
            perfect,
            remote: self.config.offers_to.clone(),
            needs_offer: false,
            due: None,
            true_and_told,
            unsaid: Vec::new(),
            early: Vec::new(),
            greeted: BTreeSet::new(),
            messages: (0, 0),
            refused: None,
            key_log: BTreeMap::new(),
            newest: recording::Newest::default(),
            plan,
        }));
        self.want_media(host);
        self.drain_whole(host);
    }

    /// A second socket beside each of these.
    fn more_sockets(&mut self, host: &mut Host<'_>, first: &[LocalSocket]) -> Vec<LocalSocket> {
        let second = first.iter().filter_map(|socket| {
            let address = self.sockets.bind_one(host, socket.address.ip(), 0)?;
            Some(LocalSocket { address, ..socket.clone() })
        });
        second.collect()
    }

    /// What the application wants to carry: tracks of its kinds with its codecs, and its channel if this is the side that calls.
    fn want_media(&mut self, host: &mut Host<'_>) {
        let now = host.now();
        let Some(whole) = &mut self.whole else { return };
        for (number, kind) in whole.plan.media.clone().into_iter().enumerate() {
            let track = format!("{kind}-{number}");
            let codecs: Vec<_> = {
                let known = whole.plan.profile.codecs(kind).iter();
                let wanted =
                    |name: &str| whole.plan.codecs.iter().any(|codec| codec.eq_ignore_ascii_case(name));
                known.filter(|codec| wanted(&codec.name)).cloned().collect()
            };
            let added = whole.session.with(now, |connection| {
                let transceiver = connection.add_track(kind, &track, &["stream"])?;
                if codecs.is_empty() { Ok(()) } else { connection.set_codec_preferences(transceiver, codecs) }
            });
            if let Err(error) = added {
                self.refuse(host, &error);
                return;
            }
        }
        let Some(whole) = &mut self.whole else { return };
        if self.config.offers_to.is_some()
            && let Some(label) = whole.plan.channel.clone()
            && let Err(error) = whole.session.create_data_channel(&label, DataChannelInit::default(), now)
        {
            self.refuse(host, &error);
        }
    }

    /// The host has other addresses: ICE begins anew on them.
    pub(super) fn move_whole(&mut self, host: &mut Host<'_>) {
        let sockets = self.bind(host);
        if let Some(whole) = &mut self.whole {
            whole.session.replace_sockets(sockets);
        }
        self.post.begin(host);
        self.restart_whole(host);
    }

    /// Everything that an input has led to in the session.
    pub(super) fn settle_whole(&mut self, host: &mut Host<'_>) {
        self.drain_whole(host);
        self.offer_if_needed(host);
        self.drain_whole(host);
        self.say_descriptions_that_are_due(host);
    }

    /// Tells the agent of a transport something.
    pub(super) fn with_agent_of_whole(
        &mut self,
        transport: TransportId,
        now: SimTime,
        action: impl FnOnce(&mut rtclab_rtc::ice::Agent),
    ) {
        if let Some(whole) = &mut self.whole {
            whole.session.with_agent(transport, now, action);
        }
    }

    pub(super) fn whole_entry(&self) -> Option<EntryId> {
        self.whole.as_ref().and_then(|whole| whole.newest.connection)
    }
}
