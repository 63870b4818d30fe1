//! `getStats` in the names of webrtc-stats (and, for SCTP, of its provisional part). Not here: what the numbers mean; that is where they are counted.

use std::fmt;
use std::time::Duration;

use super::call::Session;
use super::transport::Transport;
use crate::dtls;
use crate::ice::{Candidate, PairState, Role};
use crate::jsep::TransportId;
use crate::sdp::Fingerprint;

/// A value of a member.
#[derive(Clone, Debug, PartialEq)]
pub enum StatsValue {
    /// Text, or the word of an enumeration.
    Text(String),
    /// A count, a size, a number.
    Number(u64),
    /// A span of time, which the specification counts in seconds.
    Seconds(Duration),
    /// Yes or no.
    Flag(bool),
}

impl fmt::Display for StatsValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StatsValue::Text(text) => f.write_str(text),
            StatsValue::Number(number) => write!(f, "{number}"),
            StatsValue::Seconds(span) => write!(f, "{}.{:06}", span.as_secs(), span.subsec_micros()),
            StatsValue::Flag(flag) => write!(f, "{flag}"),
        }
    }
}

/// One object of the report.
#[derive(Clone, Debug, PartialEq)]
pub struct Stats {
    /// Its name, by which others refer to it.
    pub id: String,
    /// Its `type`: `transport`, `candidate-pair`, …
    pub kind: &'static str,
    /// Its members in the names of the specification.
    pub members: Vec<(&'static str, StatsValue)>,
}

impl Stats {
    fn new(id: String, kind: &'static str) -> Stats {
        Stats { id, kind, members: Vec::new() }
    }

    fn text(mut self, name: &'static str, value: impl Into<String>) -> Stats {
        self.members.push((name, StatsValue::Text(value.into())));
        self
    }

    fn number(mut self, name: &'static str, value: impl Into<u64>) -> Stats {
        self.members.push((name, StatsValue::Number(value.into())));
        self
    }

    fn seconds_if(mut self, name: &'static str, value: Option<Duration>) -> Stats {
        self.members.extend(value.map(|span| (name, StatsValue::Seconds(span))));
        self
    }

    fn flag(mut self, name: &'static str, value: bool) -> Stats {
        self.members.push((name, StatsValue::Flag(value)));
        self
    }

    fn text_if(self, name: &'static str, value: Option<impl Into<String>>) -> Stats {
        match value {
            Some(value) => self.text(name, value),
            None => self,
        }
    }

    /// The value of a member.
    pub fn get(&self, name: &str) -> Option<&StatsValue> {
        self.members.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// The same as text.
    pub fn word(&self, name: &str) -> Option<&str> {
        match self.get(name)? {
            StatsValue::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl Session {
    /// `getStats`: the connection first, then each transport with what belongs to it, then SCTP and the data channels.
    pub fn get_stats(&self) -> Vec<Stats> {
        let (opened, closed) = self.data.channels.counts();
        let mut report = vec![
            Stats::new("P".to_owned(), "peer-connection")
                .number("dataChannelsOpened", opened)
                .number("dataChannelsClosed", closed),
            certificate("CF-local", &self.config.certificate.fingerprint()),
        ];
        for (id, transport) in self.transports.iter().filter(|(_, transport)| !transport.discarded) {
            transport_stats(*id, transport, &mut report);
        }
        report.extend(self.sctp_stats());
        report.extend(self.data.channels.channels().map(|channel| {
            let stats = Stats::new(format!("D{}", channel.id.0), "data-channel")
                .text("label", channel.init.label.as_str())
                .text("protocol", channel.init.protocol.as_str())
                .text("state", channel.ready.word())
                .number("messagesSent", channel.messages_sent)
                .number("bytesSent", channel.bytes_sent)
                .number("messagesReceived", channel.messages_received)
                .number("bytesReceived", channel.bytes_received);
            match channel.stream {
                Some(stream) => stats.number("dataChannelIdentifier", stream),
                None => stats,
            }
        }));
        report
    }

    /// The association, once there is one.
    fn sctp_stats(&self) -> Option<Stats> {
        let TransportId(transport) = self.data.transport()?;
        let state = self.data.channels.association()?;
        let stats = Stats::new(format!("S{transport}"), "sctp-transport")
            .text("transportId", format!("T{transport}"))
            .seconds_if("smoothedRoundTripTime", state.srtt)
            .number("congestionWindow", state.cwnd as u64)
            .number("receiverWindow", state.peer_window as u64)
            .number("unackData", state.sent.saturating_sub(state.acknowledged));
        Some(stats)
    }
}

fn certificate(id: &str, fingerprint: &Fingerprint) -> Stats {
    let hash: Vec<String> = fingerprint.bytes.iter().map(|byte| format!("{byte:02X}")).collect();
    Stats::new(id.to_owned(), "certificate")
        .text("fingerprint", hash.join(":"))
        .text("fingerprintAlgorithm", fingerprint.hash.as_str())
}

fn transport_stats(id: TransportId, transport: &Transport, report: &mut Vec<Stats>) {
    let TransportId(number) = id;
    let name = format!("T{number}");
    let agent = transport.agent.snapshot();
    let role = match agent.role {
        Role::Controlling => "controlling",
        Role::Controlled => "controlled",
    };
    let remote = format!("CF-remote-{number}");
    let dtls = transport.dtls.as_ref().map(dtls::Dtls::state);
    let peer = dtls.and_then(|state| state.peer_fingerprint.clone());
    let stats = Stats::new(name.clone(), "transport")
        .number("packetsSent", transport.carried.packets_sent)
        .number("packetsReceived", transport.carried.packets_received)
        .number("bytesSent", transport.carried.bytes_sent)
        .number("bytesReceived", transport.carried.bytes_received)
        .text("iceRole", role)
        .text("iceLocalUsernameFragment", agent.local_ufrag.as_str())
        .text("iceState", super::ice::transport_state(agent.connection).word())
        .number("selectedCandidatePairChanges", transport.carried.pair_changes)
        .text_if("selectedCandidatePairId", agent.selected.as_ref().map(|pair| pair_id(number, pair.pair)))
        .text("localCertificateId", "CF-local")
        .text_if("remoteCertificateId", peer.is_some().then(|| remote.clone()));
    report.push(with_dtls(stats, dtls));
    report.extend(peer.map(|fingerprint| certificate(&remote, &fingerprint)));
    for (local, candidate) in transport.agent.local_candidates() {
        report.push(candidate_stats(format!("L{number}-{local}"), "local-candidate", &name, candidate));
    }
    for (remote, candidate) in transport.agent.remote_candidates() {
        report.push(candidate_stats(format!("R{number}-{remote}"), "remote-candidate", &name, candidate));
    }
    pair_stats(number, &name, transport, report);
}

fn with_dtls(stats: Stats, dtls: Option<&dtls::State>) -> Stats {
    let Some(state) = dtls else { return stats.text("dtlsState", "new") };
    // The numbers that stand on the wire, as four hexadecimal digits.
    let version = state.version.map(|version| match version {
        dtls::Version::Dtls12 => "FEFD",
        dtls::Version::Dtls13 => "FEFC",
    });
    stats
        .text("dtlsState", state.phase.word())
        .text("dtlsRole", state.role.word())
        .text_if("tlsVersion", version)
        .text_if("dtlsCipher", state.cipher_suite_name())
        .text_if("tlsGroup", state.group_name())
}

fn pair_id(transport: u32, pair: u32) -> String {
    format!("CP{transport}-{pair}")
}

fn candidate_stats(id: String, kind: &'static str, transport: &str, candidate: &Candidate) -> Stats {
    let protocol = if candidate.transport.is_tcp() { "tcp" } else { "udp" };
    let stats = Stats::new(id, kind)
        .text("transportId", transport)
        .text("address", candidate.address.ip().to_string())
        .number("port", candidate.address.port())
        .text("protocol", protocol)
        .text("candidateType", candidate.kind.word())
        .number("priority", candidate.priority)
        .text("foundation", &*candidate.foundation)
        .text_if("tcpType", candidate.transport.tcp_type().map(|part| part.to_string()))
        .text_if("relayProtocol", candidate.relay_protocol.map(|protocol| protocol.word()));
    match candidate.related {
        Some(related) => {
            stats.text("relatedAddress", related.ip().to_string()).number("relatedPort", related.port())
        }
        None => stats,
    }
}

fn pair_stats(number: u32, name: &str, transport: &Transport, report: &mut Vec<Stats>) {
    let agent = &transport.agent;
    for (pair, shown) in agent.pairs() {
        let local = agent.local_candidates().find(|(_, candidate)| **candidate == shown.local);
        let remote = agent.remote_candidates().find(|(_, candidate)| **candidate == shown.remote);
        let state = match shown.state {
            PairState::Frozen => "frozen",
            PairState::Waiting => "waiting",
            PairState::InProgress => "in-progress",
            PairState::Succeeded => "succeeded",
            PairState::Failed => "failed",
        };
        let counters = agent.counters(pair).unwrap_or_default();
        report.push(
            Stats::new(pair_id(number, pair), "candidate-pair")
                .text("transportId", name)
                .text_if("localCandidateId", local.map(|(local, _)| format!("L{number}-{local}")))
                .text_if("remoteCandidateId", remote.map(|(remote, _)| format!("R{number}-{remote}")))
                .text("state", state)
                .flag("nominated", shown.nominated)
                .number("requestsSent", counters.requests_sent)
                .number("requestsReceived", counters.requests_received)
                .number("responsesSent", counters.responses_sent)
                .number("responsesReceived", counters.responses_received)
                .number("consentRequestsSent", counters.consent_requests_sent)
                .seconds_if("totalRoundTripTime", Some(counters.total_round_trip))
                .seconds_if("currentRoundTripTime", counters.current_round_trip),
        );
    }
}
