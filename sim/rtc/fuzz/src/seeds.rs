//! Bytes worth beginning with, for the fuzzer and for the bounded test. Not here: what must hold for them (`targets`).

use rtclab_rtc::data;
use rtclab_rtc::data::dcep::{self, DcepMessage};
use rtclab_rtc::stun::{Attribute, Builder, ChangeRequest, Message, Method, TransactionId};
use rtclab_rtc::turn::ChannelData;
use rtclab_rtc::websocket::Opcode;

use super::targets::{at, key};

/// Messages of STUN and TURN, alone, in streams and in conversations.
pub fn messages() -> Vec<Vec<u8>> {
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

/// Lines of every kind of candidate.
pub fn candidates() -> Vec<Vec<u8>> {
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

/// What is asked of a gateway: PCP, NAT-PMP, and an answer to each.
pub fn port_mapping() -> Vec<Vec<u8>> {
    let client = [&[0; 10][..], &[0xFF, 0xFF, 192, 168, 1, 10]].concat();
    let announce = [&[2, 0, 0, 0, 0, 0, 0, 0][..], &client].concat();
    let map =
        [&[2, 1, 0, 0, 0, 0, 2, 0x58][..], &client, &[7; 12], &[17, 0, 0, 0, 0x9C, 0x40, 0, 0], &[0; 16]]
            .concat();
    let prefer_failure = [&map[..], &[2, 0, 0, 0]].concat();
    let answer = [&[2, 0x81, 0, 0, 0, 0, 2, 0x58, 0, 0, 0, 1][..], &[0; 12], &map[24..]].concat();
    let mapped = [&[0, 0x81, 0, 0, 0, 0, 0, 1][..], &[0x9C, 0x40, 0x9C, 0x40, 0, 0, 2, 0x58]].concat();
    let old = vec![0, 1, 0, 0, 0x9C, 0x40, 0, 0, 0, 0, 2, 0x58];
    vec![announce, map, prefer_failure, answer, vec![0, 0], old, mapped]
}

/// Descriptions of our own, and what is rare in them.
pub fn descriptions() -> Vec<Vec<u8>> {
    let (offer, answer) = (rtclab_rtc::jsep::fuzz::offer(), rtclab_rtc::jsep::fuzz::answer());
    let lines = "a=candidate:1 1 udp 2130706431 192.0.2.1 5000 typ host\r\na=end-of-candidates\r\n\
                 a=rid:hi send pt=96;max-width=1280\r\na=simulcast:send hi;~lo recv 1,2\r\n\
                 a=extmap:3/sendonly urn:ietf:params:rtp-hdrext:sdes:mid\r\na=ssrc-group:FID 1 2\r\na=ssrc:1 cname:x y\r\n\
                 a=rtcp:9 IN IP6 ::\r\na=rtcp-fb:* nack pli\r\na=imageattr:96 send [x=[320:16:640],y=240] recv *\r\n\
                 b=TIAS:64000\r\na=sctpmap:5000 webrtc-datachannel 1024\r\na=msid:- t\r\na=ice-pacing:50\r\n";
    let rare = [offer.as_str(), lines].concat();
    [offer, answer, lines.to_owned(), rare].map(String::into_bytes).to_vec()
}

/// Messages of SIP, alone and in a stream.
pub fn sip() -> Vec<Vec<u8>> {
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

/// Streams of WebSocket: masked and not, and the opening handshake.
pub fn websocket() -> Vec<Vec<u8>> {
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
/// Conversations of data channels: messages that open, acknowledge, say something and close.
pub fn data_channels() -> Vec<Vec<u8>> {
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
