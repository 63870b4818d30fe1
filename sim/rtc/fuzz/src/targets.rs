//! The targets, and seeds for them. Each function takes any bytes and panics if something that must hold does not.

use std::net::SocketAddr;

use rtclab_rtc::data::dcep::{self, DcepMessage};
use rtclab_rtc::data::{self, Channels};
use rtclab_rtc::jsep::DtlsRole;
use rtclab_rtc::sctp::{self, Association};
use rtclab_rtc::stun::{
    Attribute, Builder, ChangeRequest, Credentials, Frame, IntegrityKey, Message, Method, PasswordAlgorithm,
    ServerUri, StreamFramer, TransactionId, Transport, fields, is_stun,
};
use rtclab_rtc::turn::{ChannelData, ServerOutput, TurnServer, TurnServerConfig, channel_data_fields};
use rtclab_rtc::websocket::Opcode;
use rtclab_rtc::{Output, Randomness, Time};

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

fn at(port: u16) -> SocketAddr {
    SocketAddr::from(([198, 51, 100, 1], port))
}

fn key() -> IntegrityKey {
    IntegrityKey::long_term("alice", "example.org", "secret", PasswordAlgorithm::Md5)
}

/// A candidate line, in the agent's reading and in that of a session description: what one takes, the other does, too.
pub fn candidate_line(data: &[u8]) {
    rtclab_rtc::ice::fuzz::any_bytes(data);
    if let Ok(text) = std::str::from_utf8(data) {
        rtclab_rtc::sdp::fuzz::any_text(&format!("a={text}\r\n"));
    }
}

/// Lines of every kind of candidate.
pub fn candidate_seeds() -> Vec<Vec<u8>> {
    let lines = [
        "candidate:1 1 udp 2130706431 192.0.2.1 5000 typ host",
        "candidate:842163049 1 udp 1677729535 203.0.113.7 46154 typ srflx raddr 10.0.0.1 rport 46154 generation 0 ufrag EsAw",
        "candidate:2 2 UDP 41885439 2001:db8::1 49152 typ relay raddr ::1 rport 9 network-cost 999",
        "candidate:4 1 tcp 1518280447 192.0.2.1 9 typ host tcptype active generation 0 network-id 1",
        "candidate:5 1 udp 2113937151 8b3c7f1e-4c1f-4f6b-9f6e-0c1d2e3f4a5b.local 5000 typ host",
        "candidate:6 1 tcp 1518214911 192.0.2.1 40000 typ prflx raddr 10.0.0.1 rport 40000 tcptype so",
    ];
    lines.iter().map(|line| line.as_bytes().to_vec()).collect()
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

/// Conversations of data channels: messages that open, acknowledge, say something and close.
pub fn data_seeds() -> Vec<Vec<u8>> {
    let open = dcep::Open {
        ordered: true,
        persistence: data::Persistence::Retransmissions(2),
        priority: 256,
        label: "chat".to_owned(),
        protocol: "p".to_owned(),
    };
    let open = DcepMessage::Open(open).to_bytes();
    let piece =
        |stream: u8, what: u8, payload: &[u8]| [&[stream, what, payload.len() as u8], payload].concat();
    let opens = piece(1, 1, &open);
    let talk = [opens.clone(), piece(1, 2, b"hello"), piece(1, 4, b"bytes"), piece(1, 7, b"\0")].concat();
    let again = [talk.clone(), piece(1, 0, b""), opens.clone(), piece(1, 2, b"again")].concat();
    let wrong = [piece(2, 1, &open), piece(3, 2, b"nobody"), piece(3, 1, &[2]), piece(5, 1, &[9])].concat();
    vec![open, vec![2], opens, talk, again, wrong]
}

/// A datagram of DTLS, read from outside.
pub fn dtls_datagram(data: &[u8]) {
    rtclab_rtc::dtls::fuzz::any_bytes(data);
}

/// Datagrams of a stranger to both ends of DTLS.
pub fn dtls_talk(data: &[u8]) {
    rtclab_rtc::dtls::fuzz::any_talk(data);
}

/// Inputs worth mutating: messages of all kinds, alone, in streams and in conversations.
pub fn seeds() -> Vec<Vec<u8>> {
    let id = TransactionId([9; 12]);
    let peer = Attribute::XorPeerAddress(at(7777));
    let request = |method| Builder::request(method, id);
    let mut messages = vec![
        request(Method::BINDING).finish(),
        request(Method::BINDING)
            .attribute(&Attribute::ChangeRequest(ChangeRequest { address: true, port: false }))
            .attribute(&Attribute::Padding(&[0; 8]))
            .finish(),
        request(Method::ALLOCATE)
            .attribute(&Attribute::RequestedTransport(17))
            .attribute(&Attribute::EvenPort(true))
            .attribute(&Attribute::MobilityTicket(&[]))
            .attribute(&Attribute::Username("alice"))
            .attribute(&Attribute::Realm("example.org"))
            .attribute(&Attribute::Nonce("nonce"))
            .sign(&key())
            .finish(),
        request(Method::CHANNEL_BIND)
            .attribute(&Attribute::ChannelNumber(0x4001))
            .attribute(&peer)
            .sign(&key())
            .finish(),
        request(Method::CONNECTION_BIND).attribute(&Attribute::ConnectionId(7)).sign(&key()).finish(),
        Builder::indication(Method::SEND, id)
            .attribute(&peer)
            .attribute(&Attribute::Data(b"data"))
            .finish_without_fingerprint(),
        ChannelData { channel: 0x4000, data: b"hello" }.to_stream().unwrap_or_default(),
    ];
    let challenge = Message::parse(&messages[0])
        .map(|binding| {
            Builder::error(&binding, 401)
                .attribute(&Attribute::Realm("example.org"))
                .attribute(&Attribute::Nonce("obMatJos2AAAD"))
                .finish()
        })
        .unwrap_or_default();
    messages.push(challenge);
    messages.extend(websocket_seeds());
    messages.extend(sip_seeds());
    let joined = [&[7][..], &messages.concat()].concat();
    let talk: Vec<u8> = messages
        .iter()
        .enumerate()
        .flat_map(|(number, message)| {
            let length = (message.len() as u16).to_be_bytes();
            [&[number as u8 % 7], &length[..], message].concat()
        })
        .collect();
    messages.push(joined);
    messages.push(talk);
    messages.push(b"turns:example.org:5349?transport=tcp".to_vec());
    messages
}

/// A stream of WebSocket: on both sides, before and after the handshake.
pub fn websocket(data: &[u8]) {
    rtclab_rtc::websocket::fuzz::any_bytes(data);
}

/// A message of SIP, and a stream of them.
pub fn sip(data: &[u8]) {
    rtclab_rtc::sip::fuzz::any_bytes(data);
}

fn sip_seeds() -> Vec<Vec<u8>> {
    let head = |first: &str, method: &str, rest: &str| {
        format!(
            "{first}\r\nVia: SIP/2.0/UDP 203.0.113.11:5060;rport;branch=z9hG4bK{method}\r\nMax-Forwards: 70\r\n\
             From: \"Alice\" <sip:alice@example.test>;tag=1\r\nTo: <sip:bob@example.test>\r\nCall-ID: c1\r\n\
             CSeq: 1 {method}\r\nContact: <sip:alice@203.0.113.11>;expires=60\r\n{rest}"
        )
    };
    let invite = head(
        "INVITE sip:bob@example.test SIP/2.0",
        "INVITE",
        "Supported: 100rel\r\nContent-Type: application/sdp\r\nContent-Length: 5\r\n\r\nv=0\r\n",
    );
    let authorization = "Authorization: Digest username=\"bob\", realm=\"example.test\", nonce=\"1\", \
                         uri=\"sip:example.test\", response=\"00\", algorithm=SHA-256, cnonce=\"2\", qop=auth, nc=00000001\r\n";
    let register = head(
        "REGISTER sip:example.test SIP/2.0",
        "REGISTER",
        &format!("{authorization}Expires: 60\r\nContent-Length: 0\r\n\r\n"),
    );
    let cancel = head("CANCEL sip:bob@example.test SIP/2.0", "CANCEL", "Content-Length: 0\r\n\r\n");
    let ringing =
        head("SIP/2.0 183 Session Progress", "INVITE", "Require: 100rel\r\nRSeq: 7\r\nl: 0\r\n\r\n");
    let stream = format!("\u{20}{register}{invite}{cancel}{ringing}");
    [invite, register, cancel, ringing, stream].map(String::into_bytes).to_vec()
}

fn websocket_seeds() -> Vec<Vec<u8>> {
    let frame = |fin, opcode, payload: &[u8]| {
        rtclab_rtc::websocket::Frame { fin, opcode, mask: Some([1, 2, 3, 4]), payload: payload.to_vec() }
            .to_bytes()
    };
    let frames = [
        vec![5],
        frame(false, Opcode::Text, b"offer"),
        frame(true, Opcode::Ping, b"?"),
        frame(true, Opcode::Continuation, &[b'a'; 300]),
        frame(true, Opcode::Close, &[0x03, 0xE8, b'b', b'y', b'e']),
    ];
    let request = "\u{9}GET /signal HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                   Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\
                   Sec-WebSocket-Protocol: rtclab.signal\r\n\r\n";
    let unmasked = [7, 0x81, 0x05, b'H', b'e', b'l', b'l', b'o', 0x82, 0x7E, 0x00, 0x80];
    vec![frames.concat(), [request.as_bytes(), &frames[1]].concat(), unmasked.to_vec()]
}
