//! An endpoint of DTLS: what goes in, what comes out. Not here: the handshake itself, which is `dimpl`'s.

use std::collections::VecDeque;
use std::fmt;
use std::mem;
use std::sync::Arc;
use std::time::Instant;

use super::alert;
use super::certificate::Verdict;
use super::clock;
use super::config::{Config, Versions};
use super::hellos::Hellos;
use super::key_log::KeyLogLine;
use super::lent::{Lent, lend};
use super::open::{KeyLog, Opened, Passing};
use super::provider::provider;
use super::state::{Flight, NotConnected, Output, SrtpKeys, State};
use super::watch::Watch;
use super::wire::is_dtls;
use crate::jsep::{DtlsRole, DtlsTransportState};
use crate::randomness::Randomness;
use crate::reason::Reason;
use crate::time::Time;

/// The longest datagram that is looked at. Longer ones do not come over paths that there are, and what a handshake may make us keep is bounded by it.
const DATAGRAM_MAX: usize = 4096;
/// Datagrams that wait for what is missing before them.
const QUEUE_MAX: usize = 32;
/// Room for the largest certificate that fits into the datagrams that wait.
const CERTIFICATE_ROOM: usize = DATAGRAM_MAX * QUEUE_MAX;

/// One endpoint of DTLS over one path.
///
/// After each `handle_*`, `send` and `close`: [`Dtls::poll_output`] until none, then [`Dtls::poll_timeout`]. A client has its ClientHello to be sent from the
/// beginning. Its state is whole in every [`Output::Change`] and in [`Dtls::state`].
pub struct Dtls {
    /// None once it is over.
    engine: Option<Engine>,
    state: State,
    /// The state that was told last.
    told: State,
    output: VecDeque<Output>,
}

struct Engine {
    dimpl: dimpl::Dtls,
    /// None only while a call is under way.
    lent: Option<Lent>,
    base: Instant,
    watch: Watch,
    hellos: Hellos,
    /// What the handshake has come to so far; an alert may need it.
    secrets: Vec<KeyLogLine>,
    /// The handshake, read from outside: the library does not tell what it sends.
    passing: Passing,
    log: KeyLog,
}

/// What makes the endpoint speak.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Occasion<'a> {
    Beginning,
    Timer,
    Arrival { repeats: bool, payload: &'a [u8] },
    Application,
    Closing,
}

impl fmt::Debug for Dtls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dtls").field("state", &self.state).finish_non_exhaustive()
    }
}

impl Dtls {
    /// An endpoint that draws from this randomness and from nothing else. A client begins at once.
    pub fn new(config: Config, randomness: Box<dyn Randomness>, now: Time) -> Dtls {
        let state = State::new(config.role);
        let mut endpoint = Dtls { engine: None, told: state.clone(), state, output: VecDeque::new() };
        if config.peer_fingerprints.is_empty() {
            endpoint.fail(Reason::DtlsNoFingerprint);
            return endpoint;
        }
        endpoint.engine = Engine::new(config, randomness, now);
        if endpoint.engine.is_none() {
            endpoint.fail(Reason::DtlsNoClock);
        } else if endpoint.state.role == DtlsRole::Client {
            endpoint.run(Occasion::Beginning, now, |_| Ok(()));
        }
        endpoint
    }

    /// A datagram came for it.
    pub fn handle_datagram(&mut self, payload: &[u8], now: Time) {
        self.handle_timeout(now);
        let Some(engine) = &mut self.engine else {
            return self.output.push_back(Output::Ignored(Reason::DtlsOver));
        };
        if !is_dtls(payload) {
            return self.output.push_back(Output::Ignored(Reason::DtlsNotDtls));
        }
        if payload.len() > DATAGRAM_MAX {
            return self.output.push_back(Output::Ignored(Reason::DtlsTooLong));
        }
        let connected = self.state.phase == DtlsTransportState::Connected;
        // Once it is up, what comes in the clear changes nothing any more.
        let mut unheard = self.state.clone();
        let seen = engine.watch.received(payload, if connected { &mut unheard } else { &mut self.state });
        if !connected {
            self.state.received += u32::from(seen.handshake);
            if let (DtlsRole::Server, Some(random), Some(lent)) =
                (self.state.role, seen.client_random, &mut engine.lent)
            {
                lent.client_random = random;
            }
        }
        // The library would wait for a hello that it likes better, and the client for an answer.
        if !connected && seen.strange_version && self.state.role == DtlsRole::Server {
            return self.refuse_version();
        }
        let incoming = engine.hellos.receive(payload);
        if let (Some(share), Some(lent)) = (incoming.share, &mut engine.lent) {
            lent.peer_share = Some(share);
        }
        let repeats = seen.repeats;
        let arrived = Occasion::Arrival { repeats, payload };
        self.run(arrived, now, |dimpl| match incoming.datagram {
            Some(datagram) => dimpl.handle_packet(&datagram),
            None => Ok(()),
        });
    }

    /// The time that [`Dtls::poll_timeout`] told has come.
    pub fn handle_timeout(&mut self, now: Time) {
        if self.state.timer.is_some_and(|timer| timer <= now) {
            self.run(Occasion::Timer, now, |_| Ok(()));
        }
    }

    /// When [`Dtls::handle_timeout`] wants to be called.
    pub fn poll_timeout(&self) -> Option<Time> {
        self.state.timer
    }

    /// Sends bytes of the application, in a record of their own.
    pub fn send(&mut self, application_data: &[u8], now: Time) -> Result<(), NotConnected> {
        if self.state.phase != DtlsTransportState::Connected {
            return Err(NotConnected(self.state.phase));
        }
        self.run(Occasion::Application, now, |dimpl| {
            dimpl.send_application_data(application_data).map(|_| ())
        });
        Ok(())
    }

    /// Ends the session and tells the peer so.
    pub fn close(&mut self, now: Time) {
        if self.engine.is_some() {
            self.run(Occasion::Closing, now, dimpl::Dtls::close);
            self.end(DtlsTransportState::Closed, Reason::DtlsClosed);
        }
    }

    /// What has happened, in order.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.output.pop_front()
    }

    /// Everything about it, now.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// One call into the library, and everything that comes out of it.
    fn run(
        &mut self,
        occasion: Occasion<'_>,
        now: Time,
        call: impl FnOnce(&mut dimpl::Dtls) -> Result<(), dimpl::Error>,
    ) {
        let Some(mut engine) = self.engine.take() else { return };
        let mut lent = engine.lent.take();
        let result = lend(&mut lent, || {
            engine.dimpl.handle_timeout(clock::instant(engine.base, now))?;
            call(&mut engine.dimpl)
        });
        engine.lent = lent;
        match result {
            // RFC 9147 §4.5.2: what is invalid is dropped in silence. The state is untouched by it.
            Err(dimpl::Error::UnexpectedMessage(
                dimpl::UnexpectedMessageError::UnrecognizedAutoServerResponse,
            )) => self.output.push_back(Output::Ignored(Reason::DtlsUnexpected)),
            Err(error) => {
                self.take_secrets(&mut engine);
                return self.give_up(engine, &error);
            }
            Ok(()) => {}
        }
        if let Occasion::Arrival { payload, .. } = occasion
            && self.state.phase != DtlsTransportState::Connected
        {
            self.take_secrets(&mut engine);
            let names = engine.names(payload);
            self.fly(false, &names);
        }
        let over = self.drain(&mut engine, occasion, now);
        if over {
            return self.end(DtlsTransportState::Closed, Reason::DtlsClosedByPeer);
        }
        self.engine = Some(engine);
    }

    /// Takes everything out of the library. True if the peer has closed.
    fn drain(&mut self, engine: &mut Engine, occasion: Occasion<'_>, now: Time) -> bool {
        let mut room = match self.state.phase {
            DtlsTransportState::New | DtlsTransportState::Connecting => CERTIFICATE_ROOM,
            _ => DATAGRAM_MAX,
        };
        self.tell_if_chosen();
        let handshaking = self.state.phase != DtlsTransportState::Connected;
        let (mut closed, mut resent) = (false, false);
        let mut buffer = vec![0; room];
        loop {
            let mut lent = engine.lent.take();
            let output = lend(&mut lent, || engine.dimpl.poll_output(&mut buffer));
            engine.lent = lent;
            match output {
                dimpl::Output::Packet(payload) => {
                    let payload = payload.to_vec();
                    self.take_secrets(engine);
                    for datagram in engine.hellos.send(payload) {
                        resent |= self.transmit(engine, datagram, occasion, (resent, handshaking));
                    }
                }
                dimpl::Output::BufferTooSmall { needed } => {
                    room = room.max(needed);
                    buffer.resize(room, 0);
                }
                dimpl::Output::Timeout(at) => {
                    self.state.timer = clock::time(engine.base, at, now);
                    break;
                }
                dimpl::Output::Connected => self.connected(engine),
                dimpl::Output::KeyingMaterial(keys, profile) => {
                    self.output.extend(srtp_keys(&keys, profile).map(Output::SrtpKeys));
                }
                dimpl::Output::ApplicationData(bytes) => {
                    let bytes = bytes.to_vec();
                    self.output.push_back(Output::Data(bytes));
                }
                dimpl::Output::CloseNotify => closed = true,
                _ => {}
            }
        }
        self.take_secrets(engine);
        self.tell_if_chosen();
        closed
    }

    /// Hands a datagram on. True if it is a flight that goes out again; `resent` if one of the same occasion has, already.
    fn transmit(
        &mut self,
        engine: &mut Engine,
        payload: Vec<u8>,
        occasion: Occasion<'_>,
        (resent, handshaking): (bool, bool),
    ) -> bool {
        if self.state.phase == DtlsTransportState::New {
            self.state.phase = DtlsTransportState::Connecting;
            let reason = match occasion {
                Occasion::Beginning => Reason::DtlsBegins,
                _ => Reason::DtlsClientHelloArrived,
            };
            self.tell(reason);
        }
        let sent = engine.watch.sent(&payload, &mut self.state);
        if let (Some(random), Some(lent)) = (sent.client_random, &mut engine.lent) {
            lent.client_random = random;
        }
        if self.state.phase == DtlsTransportState::Connecting {
            self.state.sent += u32::from(sent.handshake);
        }
        let worth_a_look = handshaking || occasion == Occasion::Timer;
        let names = if worth_a_look { engine.names(&payload) } else { Vec::new() };
        let only_acknowledges = !names.is_empty() && names.iter().all(|name| *name == "ACK");
        let reason = match occasion {
            Occasion::Beginning => Reason::DtlsBegins,
            Occasion::Application => Reason::DtlsApplicationData,
            Occasion::Closing => Reason::DtlsCloseNotify,
            Occasion::Arrival { .. } if sent.asks_again => Reason::DtlsAsksAgain,
            Occasion::Arrival { .. } | Occasion::Timer if only_acknowledges => Reason::DtlsAck,
            Occasion::Timer => Reason::DtlsRetransmit,
            Occasion::Arrival { repeats: true, .. } => Reason::DtlsRetransmitAsked,
            Occasion::Arrival { .. } => Reason::DtlsFlight,
        };
        self.fly(true, &names);
        let again = matches!(reason, Reason::DtlsRetransmit | Reason::DtlsRetransmitAsked);
        if again && !resent {
            self.state.retransmissions += 1;
            self.tell(reason);
        }
        self.output.push_back(Output::Transmit { payload, reason });
        again
    }

    /// Keeps the newest flight.
    fn fly(&mut self, sent: bool, names: &[&'static str]) {
        const MESSAGES_MAX: usize = 16;
        if names.is_empty() {
            return;
        }
        if self.state.flight.sent != sent {
            self.state.flight = Flight { sent, messages: Vec::new() };
        }
        let messages = &mut self.state.flight.messages;
        for name in names {
            if !messages.contains(name) && messages.len() < MESSAGES_MAX {
                messages.push(name);
            }
        }
    }

    fn connected(&mut self, engine: &mut Engine) {
        self.take_secrets(engine);
        self.state.phase = DtlsTransportState::Connected;
        self.state.peer_fingerprint = engine.shown().map(|(fingerprint, _)| fingerprint.clone());
        self.tell(Reason::DtlsConnected);
    }

    /// The library cannot go on; every error of its is final.
    fn give_up(&mut self, engine: Engine, error: &dimpl::Error) {
        let shown = engine.shown().cloned();
        let peer_alert = match error {
            dimpl::Error::SecurityError(dimpl::SecurityError::FatalAlert { description }) => {
                Some(*description)
            }
            _ => None,
        };
        if let Some((fingerprint, _)) = &shown {
            self.state.peer_fingerprint = Some(fingerprint.clone());
        }
        let reason = match (error, shown.map(|(_, verdict)| verdict)) {
            (_, Some(Verdict::Differs)) => Reason::DtlsWrongFingerprint,
            (_, Some(Verdict::Unknown)) => Reason::DtlsNoFingerprint,
            (dimpl::Error::Timeout(_), _) => Reason::DtlsTimedOut,
            _ if peer_alert.is_some() => Reason::DtlsPeerAlert,
            _ => Reason::DtlsProtocolViolation,
        };
        self.state.alert = peer_alert;
        let ours = match reason {
            Reason::DtlsWrongFingerprint | Reason::DtlsNoFingerprint => Some(alert::BAD_CERTIFICATE),
            Reason::DtlsProtocolViolation => Some(alert::HANDSHAKE_FAILURE),
            _ => None,
        };
        if let Some(description) = ours {
            self.alert(description, &engine);
        }
        self.fail(reason);
    }

    /// RFC 8446 §4.2.1: the client speaks no version that is spoken here.
    fn refuse_version(&mut self) {
        if let Some(engine) = self.engine.take() {
            self.alert(alert::PROTOCOL_VERSION, &engine);
            self.fail(Reason::DtlsProtocolViolation);
        }
    }

    /// Tells the peer why it is over.
    fn alert(&mut self, description: u8, engine: &Engine) {
        self.state.alert = Some(description);
        let payload = alert::fatal(description, &engine.watch, &self.state, &engine.secrets);
        if let Some(payload) = payload {
            self.output.push_back(Output::Transmit { payload, reason: Reason::DtlsAlert });
        }
    }

    fn fail(&mut self, reason: Reason) {
        self.end(DtlsTransportState::Failed, reason);
    }

    fn end(&mut self, phase: DtlsTransportState, reason: Reason) {
        self.engine = None;
        self.state.timer = None;
        self.state.phase = phase;
        self.tell(reason);
    }

    /// What the server chose is worth a change of its own, before the handshake is over.
    fn tell_if_chosen(&mut self) {
        let now = (self.state.version, self.state.cipher_suite, self.state.group);
        if now != (self.told.version, self.told.cipher_suite, self.told.group) {
            self.tell(Reason::DtlsChosen);
        }
    }

    fn tell(&mut self, reason: Reason) {
        self.told = self.state.clone();
        self.output.push_back(Output::Change { state: Box::new(self.state.clone()), reason: Some(reason) });
    }

    fn take_secrets(&mut self, engine: &mut Engine) {
        let secrets = engine.lent.as_mut().map(|lent| mem::take(&mut lent.secrets)).unwrap_or_default();
        if self.state.phase != DtlsTransportState::Connected {
            engine.secrets.extend(secrets.iter().cloned());
            secrets.iter().cloned().for_each(|line| engine.log.add(line));
        }
        self.output.extend(secrets.into_iter().map(Output::Secret));
    }
}

impl Engine {
    /// None where there is no clock.
    fn new(config: Config, mut randomness: Box<dyn Randomness>, now: Time) -> Option<Engine> {
        let base = clock::base()?;
        // Everything that the library draws by itself comes from this seed: randoms of hellos, which everybody sees, jitter, cookies.
        let seed = randomness.u64();
        let post_quantum = config.post_quantum && config.versions != Versions::Only12;
        let mut lent = Some(Lent::new(randomness, post_quantum));
        // The library tries its provider out.
        let built = lend(&mut lent, || build(&config, seed, post_quantum))?;
        if let Some(lent) = &mut lent {
            lent.announced = Some(config.peer_fingerprints.clone());
            lent.secrets.clear();
        }
        let dimpl = lend(&mut lent, || {
            let now = clock::instant(base, now);
            let (built, certificate) = (Arc::new(built), config.certificate.for_dimpl());
            let mut dimpl = match config.versions {
                Versions::Auto => dimpl::Dtls::new_auto(built, certificate, now),
                Versions::Only13 => dimpl::Dtls::new_13(built, certificate, now),
                Versions::Only12 => dimpl::Dtls::new_12(built, certificate, now),
            };
            dimpl.set_active(config.role == DtlsRole::Client);
            dimpl
        });
        Some(Engine {
            dimpl,
            lent,
            base,
            watch: Watch::new(config.versions),
            hellos: Hellos::new(post_quantum, mtu(&config)),
            secrets: Vec::new(),
            passing: Passing::default(),
            log: KeyLog::default(),
        })
    }

    /// What is in a datagram, as far as it can be read.
    fn names(&mut self, datagram: &[u8]) -> Vec<&'static str> {
        let opened = self.passing.read(datagram, &self.log);
        opened.iter().flat_map(Opened::names).collect()
    }

    fn shown(&self) -> Option<&(crate::sdp::Fingerprint, Verdict)> {
        self.lent.as_ref()?.shown.as_ref()
    }
}

/// Less would leave no room for a record with anything in it.
fn mtu(config: &Config) -> usize {
    config.mtu.max(256)
}

/// What the library is told; none if it refuses.
fn build(config: &Config, seed: u64, post_quantum: bool) -> Option<dimpl::Config> {
    dimpl::Config::builder()
        .with_crypto_provider(provider(config.role, post_quantum))
        .dangerously_set_rng_seed(seed)
        .mtu(mtu(config))
        .max_queue_rx(QUEUE_MAX)
        .max_queue_tx(QUEUE_MAX)
        .use_server_cookie(config.cookie)
        .flight_start_rto(config.initial_timeout)
        .flight_retries(config.retransmissions_max)
        .handshake_timeout(config.handshake_timeout)
        .build()
        .ok()
}

/// RFC 5764 §4.2: client key, server key, client salt, server salt.
fn srtp_keys(keys: &[u8], profile: dimpl::SrtpProfile) -> Option<SrtpKeys> {
    let (profile, key, salt) = match profile {
        dimpl::SrtpProfile::AES128_CM_SHA1_80 => (1, 16, 14),
        dimpl::SrtpProfile::AEAD_AES_128_GCM => (7, 16, 12),
        dimpl::SrtpProfile::AEAD_AES_256_GCM => (8, 32, 12),
        _ => return None,
    };
    let (client_key, rest) = keys.split_at_checked(key)?;
    let (server_key, rest) = rest.split_at_checked(key)?;
    let (client_salt, rest) = rest.split_at_checked(salt)?;
    let server_salt = rest.get(..salt)?;
    Some(SrtpKeys {
        profile,
        client_key: client_key.to_vec(),
        server_key: server_key.to_vec(),
        client_salt: client_salt.to_vec(),
        server_salt: server_salt.to_vec(),
    })
}
