//! `rtc` (webrtc-rs) as a guest. It speaks DTLS 1.2 only.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use rtc::data_channel::RTCDataChannelId;
use rtc::peer_connection::configuration::setting_engine::SettingEngineBuilder;
use rtc::peer_connection::event::{RTCDataChannelEvent, RTCPeerConnectionEvent};
use rtc::peer_connection::message::RTCMessage;
use rtc::peer_connection::sdp::RTCSessionDescription;
use rtc::peer_connection::transport::{RTCDtlsRole, RTCIceCandidateInit};
use rtc::peer_connection::{RTCPeerConnection, RTCPeerConnectionBuilder};
use rtc_ice::candidate::CandidateConfig;
use rtc_ice::candidate::candidate_host::CandidateHostConfig;
use rtc_ice::candidate::candidate_relay::CandidateRelayConfig;
use rtc_ice::candidate::candidate_server_reflexive::CandidateServerReflexiveConfig;
use rtc_shared::{TaggedBytesMut, TransportContext, TransportProtocol};
use sansio::Protocol as _;

use super::super::guest::{Datagram, Gathered, Guest, base};
use super::talk::{Handshake, LABEL, Signal, Talk};

/// A peer connection of rtc.
pub(super) struct RtcPeer {
    connection: RTCPeerConnection,
    offers: bool,
    handshake: Handshake,
    /// Its candidates are signaled one by one from then on.
    described: bool,
    channel: Option<RTCDataChannelId>,
    /// Reflexive addresses stand for this base.
    bases: Vec<(SocketAddr, SocketAddr)>,
    talk: Talk,
    lines: Vec<String>,
}

impl fmt::Debug for RtcPeer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RtcPeer").field("talk", &self.talk).finish_non_exhaustive()
    }
}

fn config(address: SocketAddr) -> CandidateConfig {
    CandidateConfig {
        network: "udp".to_owned(),
        address: address.ip().to_string(),
        port: address.port(),
        component: 1,
        ..CandidateConfig::default()
    }
}

impl RtcPeer {
    pub(super) fn new(offers: bool, handshake: Handshake) -> RtcPeer {
        let role = match handshake {
            Handshake::Answerer => RTCDtlsRole::Client,
            Handshake::Offerer => RTCDtlsRole::Server,
        };
        let settings = SettingEngineBuilder::new().with_answering_dtls_role(role).build();
        let connection = RTCPeerConnectionBuilder::new().with_setting_engine(settings).build(base());
        RtcPeer {
            connection: connection.expect("the defaults fit"),
            offers,
            handshake,
            described: false,
            channel: None,
            bases: Vec::new(),
            talk: Talk::default(),
            lines: Vec::new(),
        }
    }

    fn describe(&mut self) {
        let own = self.connection.local_description().expect("it was set").sdp;
        let signal =
            if self.offers { Signal::Offer(self.handshake.rewrite(own)) } else { Signal::Answer(own) };
        self.described = true;
        self.lines.push(signal.write());
    }

    fn settle(&mut self, now: Duration) {
        while let Some(event) = self.connection.poll_event() {
            if let RTCPeerConnectionEvent::OnDataChannel(RTCDataChannelEvent::OnOpen(channel)) = event {
                self.channel = Some(channel);
            }
        }
        while let Some(read) = self.connection.poll_read() {
            if let RTCMessage::DataChannelMessage(_, message) = read.message {
                self.talk.hear(&message.data);
            }
        }
        while let Some(mut channel) = self.channel.and_then(|channel| self.connection.data_channel(channel))
            && let Some(message) = self.talk.next()
            && channel.send(base() + now, message.as_slice().into()).is_ok()
        {
            self.talk.sent();
        }
    }
}

impl Guest for RtcPeer {
    fn credentials(&self) -> (String, String) {
        (String::new(), String::new())
    }

    fn lines(&mut self) -> Vec<String> {
        std::mem::take(&mut self.lines)
    }

    fn add_local(&mut self, gathered: Gathered, now: Duration) -> Option<String> {
        let candidate = match gathered {
            Gathered::Host(address) => {
                CandidateHostConfig { base_config: config(address), ..CandidateHostConfig::default() }
                    .new_candidate_host()
            }
            Gathered::Reflexive { address, base } => {
                self.bases.push((address, base));
                let (rel_addr, rel_port) = (base.ip().to_string(), base.port());
                CandidateServerReflexiveConfig { base_config: config(address), rel_addr, rel_port, url: None }
                    .new_candidate_server_reflexive()
            }
            Gathered::Relayed { address, mapped } => {
                let (rel_addr, rel_port) = (mapped.ip().to_string(), mapped.port());
                CandidateRelayConfig { base_config: config(address), rel_addr, rel_port, url: None }
                    .new_candidate_relay()
            }
        };
        let line = format!("candidate:{}", candidate.ok()?.marshal());
        let init = RTCIceCandidateInit { candidate: line.clone(), ..RTCIceCandidateInit::default() };
        self.connection.add_local_candidate(init).expect("rtc reads its own candidate");
        self.settle(now);
        self.described.then(|| Signal::Candidate(line).write())
    }

    fn connect(&mut self, _ufrag: &str, _password: &str, now: Duration) {
        if self.offers {
            self.connection.create_data_channel(LABEL, None).expect("a channel");
            let offer = self.connection.create_offer(None).expect("an offer");
            self.connection.set_local_description(base() + now, offer).expect("its own offer");
            self.describe();
        }
        self.settle(now);
    }

    fn add_remote(&mut self, line: &str, now: Duration) {
        let connection = &mut self.connection;
        match Signal::read(line) {
            Signal::Offer(sdp) => {
                let offer = RTCSessionDescription::offer(sdp).expect("rtc reads our offer");
                connection.set_remote_description(base() + now, offer).expect("rtc accepts our offer");
                let answer = connection.create_answer(None).expect("an answer");
                connection.set_local_description(base() + now, answer).expect("its own answer");
                self.describe();
            }
            Signal::Answer(sdp) => {
                let answer = RTCSessionDescription::answer(sdp).expect("rtc reads our answer");
                connection.set_remote_description(base() + now, answer).expect("rtc accepts our answer");
            }
            Signal::Candidate(candidate) => {
                let init = RTCIceCandidateInit { candidate, ..RTCIceCandidateInit::default() };
                connection.add_remote_candidate(init).expect("rtc reads our candidates");
            }
        }
        self.settle(now);
    }

    fn handle(&mut self, to: SocketAddr, from: SocketAddr, bytes: &[u8], now: Duration) {
        let transport = TransportContext {
            local_addr: to,
            peer_addr: from,
            ecn: None,
            transport_protocol: TransportProtocol::UDP,
        };
        // What it does not like it refuses; the test is about what follows.
        let _ = self.connection.handle_read(TaggedBytesMut {
            now: base() + now,
            transport,
            message: bytes.into(),
        });
        self.settle(now);
    }

    fn timeout(&mut self, now: Duration) {
        self.connection.handle_timeout(base() + now).expect("rtc goes on");
        self.settle(now);
    }

    fn next_timeout(&mut self) -> Option<Duration> {
        self.connection.poll_timeout().map(|at| at.saturating_duration_since(base()))
    }

    fn transmit(&mut self) -> Option<Datagram> {
        let sent = self.connection.poll_write()?;
        let from = sent.transport.local_addr;
        let from = self.bases.iter().find(|(address, _)| *address == from).map_or(from, |(_, base)| *base);
        Some(Datagram { from, to: sent.transport.peer_addr, bytes: sent.message.to_vec() })
    }

    /// It does not tell; ours does.
    fn selected(&mut self) -> Option<(SocketAddr, SocketAddr)> {
        None
    }

    fn heard(&self) -> &[usize] {
        self.talk.heard()
    }
}
