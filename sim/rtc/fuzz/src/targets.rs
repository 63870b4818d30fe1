//! The targets. Each function takes any bytes and panics if something that must hold does not. Not here: bytes worth beginning with
//! (`seeds`).

use std::net::SocketAddr;

use rtclab_rtc::data::dcep::{self, DcepMessage};
use rtclab_rtc::data::{self, Channels};
use rtclab_rtc::jsep::DtlsRole;
use rtclab_rtc::sctp::{self, Association};
use rtclab_rtc::stun::{
    Attribute, Builder, Credentials, Frame, IntegrityKey, Message, Method, PasswordAlgorithm, ServerUri,
    StreamFramer, TransactionId, Transport, fields, is_stun,
};
use rtclab_rtc::turn::{ChannelData, ServerOutput, TurnServer, TurnServerConfig, channel_data_fields};
use rtclab_rtc::{Output, Randomness, Time};

use super::seeds;

/// Something that is fuzzed.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// What the fuzzer calls it; its corpus lies in the folder of this name.
    pub name: &'static str,
    /// Takes any bytes.
    pub run: fn(&[u8]),
    /// Bytes worth beginning with.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

/// All of them.
pub const ALL: &[Target] = &[
    Target { name: "stun_message", run: stun_message, seeds: seeds::messages },
    Target { name: "stream", run: stream, seeds: seeds::messages },
    Target { name: "turn_server", run: turn_server, seeds: seeds::messages },
    Target { name: "candidate_line", run: candidate_line, seeds: seeds::candidates },
    Target { name: "pcp", run: pcp, seeds: seeds::port_mapping },
    Target { name: "sdp", run: sdp, seeds: seeds::descriptions },
    Target { name: "description", run: description, seeds: seeds::descriptions },
    Target { name: "sip", run: sip, seeds: seeds::sip },
    Target { name: "websocket", run: websocket, seeds: seeds::websocket },
    Target { name: "dcep", run: dcep, seeds: seeds::data_channels },
    Target { name: "dtls_datagram", run: dtls_datagram, seeds: rtclab_rtc::dtls::fuzz::seeds },
    Target { name: "dtls_talk", run: dtls_talk, seeds: rtclab_rtc::dtls::fuzz::seeds },
];

/// The same bytes always: what a server draws must not decide what the fuzzer finds.
#[derive(Debug, Default)]
struct Counting(u8);

impl Randomness for Counting {
    fn fill(&mut self, out: &mut [u8]) {
        for byte in out {
            self.0 = self.0.wrapping_add(1);
            *byte = self.0;
        }
    }
}

pub(crate) fn at(port: u16) -> SocketAddr {
    SocketAddr::from(([198, 51, 100, 1], port))
}

pub(crate) fn key() -> IntegrityKey {
    IntegrityKey::long_term("alice", "example.org", "secret", PasswordAlgorithm::Md5)
}

/// A candidate line, in the agent's reading and in that of a session description: what one takes, the other does, too.
pub fn candidate_line(data: &[u8]) {
    rtclab_rtc::ice::fuzz::any_bytes(data);
    if let Ok(text) = std::str::from_utf8(data) {
        rtclab_rtc::sdp::fuzz::any_text(&format!("a={text}\r\n"));
    }
}

/// One STUN message, and text that might be a URI: everything that can be asked of them.
pub fn stun_message(data: &[u8]) {
    let shown = fields(data);
    assert!(shown.iter().all(|field| field.range.end <= data.len() && field.range.start <= field.range.end));
    if let Ok(message) = Message::parse(data) {
        assert!(is_stun(data));
        let _ = message.verify(&key());
        let builder = Builder::new(message.class(), message.method(), message.transaction_id());
        let again = message.attributes().fold(builder, |builder, attribute| {
            let _ = attribute.to_string();
            match attribute {
                // Signatures are over other bytes now.
                Attribute::Fingerprint(_)
                | Attribute::MessageIntegrity(_)
                | Attribute::MessageIntegritySha256(_) => builder,
                other => builder.attribute(&other),
            }
        });
        let again = again.sign(&key()).finish();
        let read = Message::parse(&again).expect("what is built can be read");
        assert_eq!(read.verify(&key()), Ok(()), "and verified");
    }
    if let Ok(text) = std::str::from_utf8(data)
        && let Ok(uri) = text.parse::<ServerUri>()
    {
        assert_eq!(uri.to_string().parse(), Ok(uri));
    }
}

/// A stream, cut in pieces whose length the first byte says: the messages are the same as if it came at once.
pub fn stream(data: &[u8]) {
    let Some((piece, stream)) = data.split_first() else { return };
    let frames = |pieces: usize| {
        let mut framer = StreamFramer::new();
        let mut frames = Vec::new();
        for bytes in stream.chunks(pieces.max(1)) {
            framer.push(bytes);
            loop {
                match framer.next_frame() {
                    Ok(Some(frame)) => frames.push(frame.bytes().to_vec()),
                    Ok(None) => break,
                    Err(_) => return (frames, true),
                }
            }
        }
        (frames, false)
    };
    let (at_once, pieces) = (frames(stream.len()), frames(usize::from(*piece)));
    assert_eq!(at_once, pieces);
    for frame in at_once.0 {
        let mut framer = StreamFramer::new();
        framer.push(&frame);
        framer.push(&[0; 3]);
        let again = framer.next_frame();
        assert!(matches!(again, Ok(Some(Frame::Stun(_) | Frame::ChannelData(_)))), "{again:?}");
    }
    if let Ok(message) = ChannelData::parse(stream) {
        assert!(message.data.len() + 4 <= stream.len());
    }
    let end = channel_data_fields(stream).into_iter().fold(0, |end, field| end.max(field.range.end));
    assert!(end <= stream.len());
}

/// What a TURN server is sent, in pieces: a byte says from whom and over what, two more how long it is. One client has an allocation.
pub fn turn_server(data: &[u8]) {
    let (mut server, client) = server_with_an_allocation();
    let mut now = Time::from_millis(10);
    let mut rest = data;
    let mut streams = 0;
    while let Some((&[how, high, low], after)) = rest.split_first_chunk::<3>() {
        let length = usize::from(u16::from_be_bytes([high, low]) & 0x7FF).min(after.len());
        let (bytes, after) = after.split_at(length);
        rest = after;
        match how % 8 {
            0 | 1 => server.handle_datagram(at(3478), client, bytes, now),
            2 => server.handle_datagram(at(3478), at(7777), bytes, now),
            3 => server.handle_datagram(at(50_000), at(7777), bytes, now),
            4 => {
                let remote = SocketAddr::from(([192, 0, 2, 99], 1000 + streams));
                server.stream_opened(u32::from(streams), Transport::Tcp, at(3478), remote, now);
                streams += 1;
            }
            5 | 6 => server.stream_data(u32::from(how >> 4), bytes, now),
            _ => {
                now += std::time::Duration::from_millis(u64::from(how) * 1000);
                server.handle_timeout(now);
            }
        }
        while let Some(output) = server.poll_output() {
            check(&output, client);
        }
    }
    assert!(server.allocations().count() <= 1, "nobody here has the password");
}

/// A stranger's bytes make a server answer the stranger, and relay for the client what it was permitted: no more.
fn check(output: &ServerOutput, client: SocketAddr) {
    match output {
        ServerOutput::Endpoint(Output::Transmit(sent)) if sent.from == at(3478) => {
            assert!(sent.to == client || sent.to == at(7777), "{}", sent.to);
        }
        ServerOutput::Endpoint(Output::Transmit(sent)) => assert_eq!(sent.to.ip(), at(0).ip()),
        ServerOutput::Endpoint(_)
        | ServerOutput::ToStream { .. }
        | ServerOutput::CloseStream { .. }
        | ServerOutput::CloseRelay { .. } => {}
        other => panic!("nobody who may ask for it has: {other:?}"),
    }
}

/// A server with one client that has a permission and a channel for 198.51.100.1:7777.
fn server_with_an_allocation() -> (TurnServer, SocketAddr) {
    let alice = Credentials { username: "alice".into(), password: "secret".into() };
    let mut config = TurnServerConfig::new("example.org", vec![alice]);
    config.relays_tcp = true;
    config.reserves_ports = true;
    config.mobility = true;
    let mut server = TurnServer::new(config, Box::new(Counting::default()));
    let client = SocketAddr::from(([192, 0, 2, 10], 50_000));
    let peer = Attribute::XorPeerAddress(at(7777));
    let channel = Attribute::ChannelNumber(0x4000);
    let asked = [
        (Method::ALLOCATE, vec![Attribute::RequestedTransport(17)]),
        (Method::ALLOCATE, vec![Attribute::RequestedTransport(17)]),
        (Method::CHANNEL_BIND, vec![channel, peer]),
    ];
    let mut nonce = String::new();
    for (number, (method, attributes)) in asked.into_iter().enumerate() {
        let request = Builder::request(method, TransactionId([number as u8; 12]));
        let mut request = attributes.iter().fold(request, Builder::attribute);
        if !nonce.is_empty() {
            request = request
                .attribute(&Attribute::Username("alice"))
                .attribute(&Attribute::Realm("example.org"))
                .attribute(&Attribute::Nonce(&nonce))
                .sign(&key());
        }
        server.handle_datagram(at(3478), client, &request.finish(), Time::ZERO);
        while let Some(output) = server.poll_output() {
            match output {
                ServerOutput::OpenRelay { allocation, .. } => {
                    server.relay_opened(allocation, at(50_000), Time::ZERO);
                }
                ServerOutput::Endpoint(Output::Transmit(sent)) => {
                    let answer = Message::parse(&sent.payload).expect("an answer");
                    nonce = answer.nonce().map_or(nonce, str::to_owned);
                }
                _ => {}
            }
        }
    }
    assert_eq!(server.allocations().count(), 1);
    (server, client)
}

/// One message of DCEP: it is refused, or written again as it was; its fields stand side by side.
pub fn dcep(data: &[u8]) {
    let end = dcep::fields(data).into_iter().fold(0, |end, field| {
        assert_eq!(field.range.start, end);
        field.range.end
    });
    assert_eq!(end, data.len());
    if let Ok(message) = DcepMessage::parse(data) {
        assert_eq!(DcepMessage::parse(&message.to_bytes()), Ok(message));
    }
    data_channels(data);
}

/// What a peer sends on streams of an association, in pieces: a byte says on which stream, one as what, one how long it is; or a stream
/// is reset. However strange it is, the association stays up, and each channel is on a stream of the peer's kind.
fn data_channels(data: &[u8]) {
    let mut peer = Association::new(sctp::Config::default(), Box::new(Counting(100)));
    let mut channels = Channels::new();
    let association = Association::new(sctp::Config::default(), Box::new(Counting::default()));
    channels.start(association, DtlsRole::Client, Time::ZERO);
    let mut now = Time::ZERO;
    exchange(&mut peer, &mut channels, now);
    let mut rest = data;
    while let Some((&[stream, what, length], after)) = rest.split_first_chunk::<3>() {
        let (payload, after) = after.split_at(usize::from(length).min(after.len()));
        rest = after;
        now += std::time::Duration::from_millis(10);
        let stream = u16::from(stream % 8);
        if what % 8 == 0 {
            peer.reset_stream(stream, now);
        } else {
            let (unordered, protocol) = (what & 0x80 != 0, 50 + u32::from(what % 8) - 1);
            let message = sctp::Message { stream, protocol, unordered, payload: payload.to_vec() };
            // Empty ones, and streams that are being reset, are refused here already.
            let _ = peer.send(message, sctp::Reliability::default(), now);
        }
        exchange(&mut peer, &mut channels, now);
        peer.handle_timeout(now);
        channels.handle_timeout(now);
    }
    assert_eq!(peer.phase(), sctp::Phase::Established);
    assert!(channels.channels().all(|channel| channel.stream.is_some_and(|stream| stream % 2 == 1)));
}

/// Carries packets to and fro until there are none.
fn exchange(peer: &mut Association, channels: &mut Channels, now: Time) {
    for _ in 0..1000 {
        let to_peer = channels.poll_output();
        if let Some(data::Output::Packet { bytes, .. }) = &to_peer {
            peer.handle_packet(bytes, now);
        }
        let to_us = peer.poll_output();
        if let Some(sctp::Output::Packet { bytes, .. }) = &to_us {
            channels.handle_packet(bytes, now);
        }
        if to_peer.is_none() && to_us.is_none() {
            return;
        }
    }
}

/// A session description: read in both ways, printed back, held against the rules and explained.
pub fn sdp(data: &[u8]) {
    rtclab_rtc::sdp::fuzz::any_bytes(data);
}

/// A session description as an offer, and as an answer to ours: refused, or taken and answered.
pub fn description(data: &[u8]) {
    rtclab_rtc::jsep::fuzz::any_bytes(data);
}

/// A datagram of DTLS, read from outside.
pub fn dtls_datagram(data: &[u8]) {
    rtclab_rtc::dtls::fuzz::any_bytes(data);
}

/// Datagrams of a stranger to both ends of DTLS.
pub fn dtls_talk(data: &[u8]) {
    rtclab_rtc::dtls::fuzz::any_talk(data);
}

/// A stream of WebSocket: on both sides, before and after the handshake.
pub fn websocket(data: &[u8]) {
    rtclab_rtc::websocket::fuzz::any_bytes(data);
}

/// A message of SIP, and a stream of them.
pub fn sip(data: &[u8]) {
    rtclab_rtc::sip::fuzz::any_bytes(data);
}

/// A datagram of PCP or NAT-PMP, to a server and to a client.
pub fn pcp(data: &[u8]) {
    rtclab_rtc::pcp::fuzz::any_datagram(data);
}
