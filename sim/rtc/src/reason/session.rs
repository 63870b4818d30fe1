//! The reasons of a session: what happens between the layers of a call. Not here: those of the layers themselves.

/// Adds these lines to those before, and hands all of them on to the next macro.
macro_rules! session_reasons {
    ($next:ident $($later:ident)* { $($before:tt)* }) => {
        $next! { $($later)* { $($before)*
            SessionNoTransport: "session-no-transport", "RFC 9429 §5.9",
                "The datagram came to a socket that no transport uses, so it is dropped.",
                "어느 전송도 쓰지 않는 소켓에 도착한 데이터그램이어서 버립니다.";
            SessionNoSockets: "session-no-sockets", "RFC 9429 §5.9",
                "A transport of its own needs sockets of its own, and none are left, so it gathers no host candidates.",
                "전송마다 소켓이 따로 필요한데 남은 것이 없어 호스트 후보를 모으지 않습니다.";
            SessionUnknownDatagram: "session-unknown-datagram", "RFC 7983 §7",
                "The first byte is that of neither STUN nor DTLS nor SRTP, so the datagram is dropped.",
                "첫 바이트가 STUN, DTLS, SRTP 어느 것도 아니어서 데이터그램을 버립니다.";
            SessionEarlyDtls: "session-early-dtls", "RFC 8842 §5.1",
                "DTLS arrived before the description that says whose certificate it may show, so it waits for it.",
                "인증서를 알려 주는 설명보다 DTLS가 먼저 도착하여 설명을 기다립니다.";
            SessionTooEarly: "session-too-early", "RFC 8842 §5.1",
                "More DTLS arrived before the description than is kept, so it is dropped.",
                "설명보다 먼저 도착한 DTLS가 보관 한도를 넘어 버립니다.";
            SessionNoPath: "session-no-path", "RFC 8445 §12.1",
                "There is no path to send on, or no association to send in, so the packet is dropped.",
                "보낼 경로나 연결이 없어 패킷을 버립니다.";
            SessionMedia: "session-media", "RFC 5764 §5.1.1",
                "A packet of media, protected by SRTP, shares the path.",
                "SRTP로 보호된 미디어 패킷이 같은 경로를 씁니다.";
        } }
    };
}
