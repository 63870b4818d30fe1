//! The reasons of DTLS (RFC 9147, RFC 6347) and of the fingerprints that its certificates are known by (RFC 8122). Not here: what is sent over it.

/// Adds this protocol's lines to those before, and hands all of them on to the next macro.
macro_rules! dtls_reasons {
    ($next:ident $($later:ident)* { $($before:tt)* }) => {
        $next! { $($later)* { $($before)*
            DtlsBegins: "dtls-begins", "RFC 8842 §5.1",
                "There is a path, and this side is the DTLS client, so it sends a ClientHello.",
                "경로가 있고 이쪽이 DTLS 클라이언트이므로 ClientHello를 보냅니다.";
            DtlsClientHelloArrived: "dtls-client-hello-arrived", "RFC 8842 §5.1",
                "The peer's ClientHello is here, so the handshake is under way.",
                "피어의 ClientHello가 도착해 핸드셰이크가 시작되었습니다.";
            DtlsAsksAgain: "dtls-asks-again", "RFC 9147 §5.1",
                "Before anything is remembered, the client has to show that it receives what is sent to it, or to bring another key share.",
                "무엇이든 기억하기 전에, 클라이언트는 보낸 것을 받을 수 있음을 보이거나 다른 키 공유를 가져와야 합니다.";
            DtlsFlight: "dtls-flight", "RFC 9147 §5.7",
                "The peer's flight is complete, or part of it is to be acknowledged, so the answer goes out.",
                "피어의 플라이트가 다 왔거나 일부를 확인해 주어야 하므로 답을 보냅니다.";
            DtlsChosen: "dtls-chosen", "RFC 8446 §4.1.3",
                "The server has chosen version, cipher suite and group.",
                "서버가 버전, 암호 모음, 그룹을 골랐습니다.";
            DtlsRetransmit: "dtls-retransmit", "RFC 9147 §5.8.1",
                "The timer of the flight expired without an answer, so the flight goes out again and the timer is doubled.",
                "플라이트의 타이머가 답 없이 만료되어 플라이트를 다시 보내고 타이머를 두 배로 늘립니다.";
            DtlsRetransmitAsked: "dtls-retransmit-asked", "RFC 9147 §5.8.1",
                "The peer repeats its flight, so it has not seen the answer, and the answer goes out again.",
                "피어가 플라이트를 되풀이하므로 답을 보지 못한 것이고, 답을 다시 보냅니다.";
            DtlsAck: "dtls-ack", "RFC 9147 §7.1",
                "What has arrived of the peer's flight is acknowledged, so that only the rest is sent again.",
                "도착한 피어의 플라이트를 확인해 주어 나머지만 다시 보내게 합니다.";
            DtlsConnected: "dtls-connected", "RFC 9147 §5.7",
                "Both Finished messages are right, and the peer's certificate is the one that signaling announced.",
                "양쪽의 Finished가 맞고 피어의 인증서가 시그널링이 알린 것과 같습니다.";
            DtlsWrongFingerprint: "dtls-wrong-fingerprint", "RFC 8122 §6.2",
                "The peer's certificate does not have the hash that signaling announced: somebody else answers, or the description was changed on its way.",
                "피어의 인증서 해시가 시그널링이 알린 것과 다릅니다. 다른 누군가가 답하고 있거나 기술(description)이 도중에 바뀌었습니다.";
            DtlsNoFingerprint: "dtls-no-fingerprint", "RFC 8827 §6.5",
                "Signaling announced no hash by which the peer's certificate could be known.",
                "피어의 인증서를 알아볼 해시를 시그널링이 알리지 않았습니다.";
            DtlsTimedOut: "dtls-timed-out", "RFC 9147 §5.8.2",
                "The flight was sent again as often as it may be, or the handshake took too long, and there was no answer.",
                "플라이트를 정해진 만큼 다시 보냈거나 핸드셰이크가 너무 오래 걸렸는데도 답이 없었습니다.";
            DtlsPeerAlert: "dtls-peer-alert", "RFC 8446 §6.2",
                "The peer gave up and said so with an alert.",
                "피어가 포기하고 경보(alert)로 알렸습니다.";
            DtlsProtocolViolation: "dtls-protocol-violation", "RFC 8446 §6.2",
                "What the peer says cannot be right: no version or cipher suite in common, a signature or a Finished that does not verify.",
                "피어의 말이 옳을 수 없습니다. 공통된 버전이나 암호 모음이 없거나, 서명 또는 Finished가 맞지 않습니다.";
            DtlsAlert: "dtls-alert", "RFC 8446 §6.2",
                "The handshake is given up, and the peer is told why.",
                "핸드셰이크를 포기하며 피어에게 이유를 알립니다.";
            DtlsApplicationData: "dtls-application-data", "RFC 9147 §4",
                "Data of the application is protected with the keys of the session.",
                "애플리케이션 데이터를 세션의 키로 보호해 보냅니다.";
            DtlsCloseNotify: "dtls-close-notify", "RFC 9147 §5.10",
                "The session is over, and the peer is told so.",
                "세션이 끝났고 피어에게 그렇게 알립니다.";
            DtlsClosed: "dtls-closed", "RFC 9147 §5.10",
                "This side has ended the session.",
                "이쪽이 세션을 끝냈습니다.";
            DtlsClosedByPeer: "dtls-closed-by-peer", "RFC 9147 §5.10",
                "The peer has ended the session.",
                "피어가 세션을 끝냈습니다.";
            DtlsNotDtls: "dtls-not-dtls", "RFC 7983 §7",
                "The first byte says that it is not DTLS.",
                "첫 바이트로 보아 DTLS가 아닙니다.";
            DtlsTooLong: "dtls-too-long", "RFC 9147 §4.4",
                "The datagram is longer than any that a path carries.",
                "어떤 경로도 나를 수 없을 만큼 긴 데이터그램입니다.";
            DtlsUnexpected: "dtls-unexpected", "RFC 9147 §4.5.2",
                "The record does not belong to the handshake that is under way, so it is dropped in silence.",
                "진행 중인 핸드셰이크의 레코드가 아니어서 조용히 버립니다.";
            DtlsOver: "dtls-over", "RFC 9147 §5.10",
                "The session is over, or never came to be.",
                "세션이 끝났거나 만들어지지 않았습니다.";
            DtlsNoClock: "dtls-no-clock", "",
                "There is no clock from which instants could be counted, as in a browser, so DTLS cannot run here.",
                "브라우저처럼 시각을 셀 시계가 없어 여기서는 DTLS를 돌릴 수 없습니다.";
        } }
    };
}
