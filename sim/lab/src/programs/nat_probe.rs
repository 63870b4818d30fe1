//! What NAT is in front of a host, asked from inside (RFC 5780): a client of behavior discovery on sockets of its own. Not here: the tests and
//! what they mean (`rtclab-rtc`).

use std::net::SocketAddr;

use rtclab_net::{Datagram, Host, Program};
use rtclab_rtc::behavior::{
    Behavior, BehaviorClient, BehaviorConfig, Change, Connectivity, Hairpinning, LifetimeSearch,
};
use rtclab_rtc::{Output, ice};
use rtclab_trace::{Reason, SimTime};

use super::alarm::Alarm;
use super::recorder::Recorder;
use super::sockets::Sockets;
use super::tell;

const START: u64 = 0;
const CLIENT: u64 = 1;

/// What a probe is told.
#[derive(Clone, Copy, Debug)]
pub struct NatProbeConfig {
    /// The server, which has two addresses.
    pub server: SocketAddr,
    /// When it begins.
    pub start_at: SimTime,
    /// Whether it tests fragments too.
    pub fragments: bool,
    /// How it looks for the lifetime of a mapping, if at all.
    pub lifetime: Option<LifetimeSearch>,
}

/// A client of behavior discovery.
#[derive(Debug)]
pub struct NatProbe {
    config: NatProbeConfig,
    client: Option<BehaviorClient>,
    sockets: Sockets,
    alarm: Alarm,
    recorder: Recorder,
}

impl NatProbe {
    /// A probe that has not asked yet.
    pub fn new(config: NatProbeConfig) -> NatProbe {
        let (sockets, recorder) = (Sockets::default(), Recorder::default());
        NatProbe { config, client: None, sockets, alarm: Alarm::new(CLIENT), recorder }
    }

    /// What it knows so far; none before it has begun, or if the host has no address of the server's family.
    pub fn behavior(&self) -> Option<&Behavior> {
        self.client.as_ref().map(BehaviorClient::behavior)
    }

    fn begin(&mut self, host: &mut Host<'_>) {
        let server = self.config.server;
        let Some(source) = host.source_towards(server.ip()) else { return };
        let Some(local) = self.sockets.bind_one(host, source, 0) else { return };
        let mut config = BehaviorConfig::new(local, server);
        config.fragments = self.config.fragments;
        if let Some(search) = self.config.lifetime {
            config.lifetime = self.sockets.bind_one(host, source, 0).map(|second| (second, search));
        }
        let mut client = BehaviorClient::new(config, host.randomness());
        client.start(host.now());
        self.client = Some(client);
        self.pump(host);
    }

    fn pump(&mut self, host: &mut Host<'_>) {
        let Some(client) = &mut self.client else { return };
        while let Some(output) = client.poll_output() {
            match output {
                Output::Transmit(transmit) => {
                    let Some(socket) = self.sockets.at(transmit.from) else { continue };
                    let cause = self.recorder.cause(transmit.because);
                    let reason = transmit.reason.map(Reason::from);
                    // What cannot leave is in the trace, dropped here.
                    let _ = host.send_udp(socket, transmit.to, &transmit.payload, reason, cause);
                }
                Output::Change { subject, change: Change::Transaction(transaction), reason, because } => {
                    let change = ice::Change::Transaction(transaction);
                    self.recorder.change(host, subject, change, reason, because);
                }
                Output::Change { change: Change::Behavior(behavior), reason, .. } => {
                    tell(host, "NAT probe", words(&behavior), reason.map(Reason::from));
                }
                Output::Ignored { reason } => {
                    tell(host, "NAT probe", "ignored a datagram".into(), Some(reason.into()));
                }
                Output::Data { .. } => {}
            }
        }
        self.alarm.set(host, client.poll_timeout());
    }
}

impl Program for NatProbe {
    fn start(&mut self, host: &mut Host<'_>) {
        host.set_timer(self.config.start_at, START);
    }

    fn timer(&mut self, host: &mut Host<'_>, token: u64) {
        self.recorder.begin(host.input());
        if token == START {
            return self.begin(host);
        }
        self.alarm.fired();
        if let Some(client) = &mut self.client {
            client.handle_timeout(host.now());
        }
        self.pump(host);
    }

    fn datagram(&mut self, host: &mut Host<'_>, datagram: &Datagram<'_>) {
        self.recorder.begin(host.input());
        let Some(local) = self.sockets.address_of(datagram.socket) else { return };
        if let Some(client) = &mut self.client {
            client.handle_datagram(local, datagram.from, datagram.payload, host.now());
        }
        self.pump(host);
    }
}

/// What is known, in words.
pub(crate) fn words(behavior: &Behavior) -> String {
    let mut words = Vec::new();
    match behavior.connectivity.and_then(|verdict| verdict.value) {
        Some(Connectivity::Blocked) => words.push("UDP is blocked".to_owned()),
        Some(Connectivity::Untranslated) => words.push("no NAT".to_owned()),
        Some(Connectivity::Translated) => {
            words.extend(behavior.mapped.map(|mapped| format!("seen as {mapped}")));
        }
        None => {}
    }
    words.extend(behavior.mapping.and_then(|verdict| verdict.value).map(|mapping| mapping.word().to_owned()));
    words.extend(behavior.filtering.and_then(|verdict| verdict.value).map(|filter| filter.word().to_owned()));
    let hairpinning = behavior.hairpinning.and_then(|verdict| verdict.value);
    words.extend(hairpinning.map(|hairpinning| {
        match hairpinning {
            Hairpinning::No => "no hairpinning",
            Hairpinning::ExternalSource => "hairpinning from the external endpoint",
            Hairpinning::InternalSource => "hairpinning from the internal endpoint",
        }
        .to_owned()
    }));
    let fragments = behavior.fragments.and_then(|verdict| verdict.value);
    words.extend(fragments.map(|pass| if pass { "fragments pass" } else { "fragments are lost" }.to_owned()));
    let lifetime = behavior.lifetime.and_then(|verdict| verdict.value);
    words.extend(lifetime.map(|range| match range.below {
        Some(below) => format!("mappings live {:?} to {below:?}", range.at_least),
        None => format!("mappings live {:?} or longer", range.at_least),
    }));
    if words.is_empty() { "asks".to_owned() } else { words.join(", ") }
}
