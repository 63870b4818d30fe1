//! The reasons of SCTP (RFC 9260) and its extensions that data channels use (RFC 3758, RFC 6525). Not here: what a data channel makes of them.

/// Adds this protocol's lines to those before, and hands all of them on to the next macro.
macro_rules! sctp_reasons {
    ($next:ident $($later:ident)* { $($before:tt)* }) => {
        $next! { $($later)* { $($before)*
            SctpInit: "sctp-init", "RFC 9260 §5.1",
                "An association is wanted, so INIT is sent.",
                "연결(association)이 필요해 INIT을 보냅니다.";
            SctpInitAck: "sctp-init-ack", "RFC 9260 §5.1.3",
                "INIT is answered with a signed cookie, and nothing is remembered yet.",
                "INIT에 서명한 쿠키로 답하고 아직 아무것도 기억하지 않습니다.";
            SctpInitCollision: "sctp-init-collision", "RFC 9260 §5.2.1",
                "Both ends began at once: their INITs crossed, and one association comes out.",
                "양쪽이 동시에 시작해 INIT이 엇갈렸고, 연결 하나로 합쳐집니다.";
            SctpRestartAsked: "sctp-restart-asked", "RFC 9260 §5.2.2",
                "INIT came although the association is up: the answer carries tie-tags, so that a restart can be told from an attack.",
                "연결이 있는데 INIT이 왔습니다. 재시작과 공격을 구별하도록 타이 태그를 담아 답합니다.";
            SctpRestart: "sctp-restart", "RFC 9260 §5.2.4.1",
                "The peer lost its memory and began again, so everything begins anew.",
                "피어가 상태를 잃고 다시 시작해 모두 처음부터 시작합니다.";
            SctpInvalidInit: "sctp-invalid-init", "RFC 9260 §3.3.2",
                "A tag of zero or no streams: such a beginning is refused.",
                "태그가 0이거나 스트림이 없는 시작은 거부합니다.";
            SctpCookieEcho: "sctp-cookie-echo", "RFC 9260 §5.1.5",
                "The cookie is brought back, which proves that the answer arrived.",
                "쿠키를 돌려보내 답을 받았음을 증명합니다.";
            SctpCookieAck: "sctp-cookie-ack", "RFC 9260 §5.1.5",
                "The cookie is our own and fresh, so the association is up.",
                "쿠키가 우리가 만든 것이고 유효하므로 연결이 열렸습니다.";
            SctpUp: "sctp-up", "RFC 9260 §5.1",
                "The cookie was accepted, so the association is up.",
                "쿠키가 받아들여져 연결이 열렸습니다.";
            SctpForeignCookie: "sctp-foreign-cookie", "RFC 9260 §5.1.5",
                "The cookie is not ours, or does not belong to this association, so it is dropped.",
                "우리가 만든 쿠키가 아니거나 이 연결의 것이 아니어서 버립니다.";
            SctpStaleCookie: "sctp-stale-cookie", "RFC 9260 §5.2.6",
                "The cookie is too old.",
                "쿠키가 너무 오래되었습니다.";
            SctpHandshakeAgain: "sctp-handshake-again", "RFC 9260 §5.1",
                "No answer within the timeout, so INIT or COOKIE ECHO is sent again.",
                "제한 시간 안에 답이 없어 INIT 또는 COOKIE ECHO를 다시 보냅니다.";
            SctpData: "sctp-data", "RFC 9260 §6.1",
                "A message waits, and both windows have room.",
                "보낼 메시지가 있고 두 윈도에 여유가 있습니다.";
            SctpSack: "sctp-sack", "RFC 9260 §6.2",
                "Every second packet with data is acknowledged.",
                "데이터 패킷 두 개마다 확인 응답을 보냅니다.";
            SctpDelayedSack: "sctp-delayed-sack", "RFC 9260 §6.2",
                "Nothing came along within 200 ms, so the acknowledgment goes alone.",
                "200 ms 안에 함께 보낼 것이 없어 확인 응답만 보냅니다.";
            SctpGapSack: "sctp-gap-sack", "RFC 9260 §6.7",
                "Something is missing or was missing, so it is acknowledged at once what has arrived.",
                "빠진 것이 있거나 있었으므로 받은 것을 바로 알립니다.";
            SctpImmediateSack: "sctp-immediate-sack", "RFC 7053 §5.2",
                "The sender asks for an acknowledgment at once.",
                "보낸 쪽이 즉시 확인 응답을 요청했습니다.";
            SctpTimeout: "sctp-timeout", "RFC 9260 §6.3.3",
                "T3-rtx expired: nothing was acknowledged in time, so what is out is sent again, beginning with one packet.",
                "T3-rtx가 만료되었습니다. 제때 확인되지 않아 한 패킷부터 다시 보냅니다.";
            SctpFastRetransmit: "sctp-fast-retransmit", "RFC 9260 §7.2.4",
                "Three acknowledgments reported it missing, so it is sent again without waiting for the timer.",
                "확인 응답 세 번이 빠졌다고 알려 와 타이머를 기다리지 않고 다시 보냅니다.";
            SctpRetransmit: "sctp-retransmit", "RFC 9260 §6.1",
                "It was lost and waits to be sent again, and the window has room now.",
                "손실되어 재전송을 기다렸고 이제 윈도에 여유가 있습니다.";
            SctpAbandoned: "sctp-abandoned", "RFC 3758 §3.5",
                "The message was tried as often or as long as it is worth, so it is given up.",
                "메시지가 정해진 횟수나 시간만큼 시도되어 포기합니다.";
            SctpForwardTsn: "sctp-forward-tsn", "RFC 3758 §3.5",
                "What was given up will not come, and the peer is told not to wait for it.",
                "포기한 데이터는 오지 않으므로 피어에게 기다리지 말라고 알립니다.";
            SctpHeartbeat: "sctp-heartbeat", "RFC 9260 §8.3",
                "Nothing was sent for a while: a heartbeat asks whether the peer is there.",
                "한동안 보낸 것이 없어 하트비트로 피어가 있는지 묻습니다.";
            SctpHeartbeatAck: "sctp-heartbeat-ack", "RFC 9260 §8.3",
                "A heartbeat is answered with its own bytes.",
                "하트비트에 받은 바이트 그대로 답합니다.";
            SctpReset: "sctp-reset", "RFC 6525 §5.1.2",
                "A stream is to begin anew, and everything on it has gone out.",
                "스트림을 새로 시작하려 하고 그 데이터는 모두 나갔습니다.";
            SctpResetAgain: "sctp-reset-again", "RFC 6525 §5.1.1",
                "The request to begin anew was not answered in time, so it is sent again.",
                "새로 시작하자는 요청에 제때 답이 없어 다시 보냅니다.";
            SctpResetDone: "sctp-reset-done", "RFC 6525 §5.2.2",
                "Everything before it has arrived, so the streams begin anew.",
                "이전 데이터가 모두 도착해 스트림을 새로 시작합니다.";
            SctpResetWaits: "sctp-reset-waits", "RFC 6525 §5.2.2",
                "Data of these streams is still missing, so the streams begin anew later.",
                "이 스트림의 데이터가 아직 빠져 있어 나중에 새로 시작합니다.";
            SctpResetDenied: "sctp-reset-denied", "RFC 6525 §5.2",
                "A request of another kind, or with a number that is not its turn, is refused.",
                "다른 종류의 요청이거나 순서가 아닌 번호여서 거부합니다.";
            SctpShutdown: "sctp-shutdown", "RFC 9260 §9.2",
                "The association is to end once everything has arrived.",
                "모두 도착하면 연결을 끝냅니다.";
            SctpPeerShutsDown: "sctp-peer-shuts-down", "RFC 9260 §9.2",
                "The peer sends nothing more; what is left here still goes out.",
                "피어는 더 보내지 않으며, 여기 남은 것은 마저 보냅니다.";
            SctpShutdownAck: "sctp-shutdown-ack", "RFC 9260 §9.2",
                "Nothing is left to be sent, so the shutdown is acknowledged.",
                "남은 것이 없어 종료를 확인합니다.";
            SctpShutdownAgain: "sctp-shutdown-again", "RFC 9260 §9.2",
                "The shutdown was not answered in time, so it is sent again.",
                "종료에 제때 답이 없어 다시 보냅니다.";
            SctpShutdownComplete: "sctp-shutdown-complete", "RFC 9260 §9.2",
                "Both ends have everything, so the association is over.",
                "양쪽이 모두 받아 연결이 끝났습니다.";
            SctpAbort: "sctp-abort", "RFC 9260 §9.1",
                "The association is ended at once, without waiting for what is out.",
                "나간 데이터를 기다리지 않고 연결을 바로 끝냅니다.";
            SctpAborted: "sctp-aborted", "RFC 9260 §9.1",
                "The peer ended the association at once.",
                "피어가 연결을 바로 끝냈습니다.";
            SctpUnreachable: "sctp-unreachable", "RFC 9260 §8.1",
                "Too many timeouts in a row without a sign of the peer.",
                "피어의 신호 없이 타임아웃이 너무 많이 이어졌습니다.";
            SctpProtocolViolation: "sctp-protocol-violation", "RFC 9260 §6.2.1",
                "The peer acknowledges what was never sent.",
                "피어가 보낸 적 없는 것을 확인했습니다.";
            SctpMalformed: "sctp-malformed", "RFC 9260 §6.8",
                "The packet is malformed or its checksum is wrong, so it is dropped.",
                "패킷 형식이나 체크섬이 잘못되어 버립니다.";
            SctpWrongPort: "sctp-wrong-port", "RFC 8841 §5.1",
                "The ports are not those that were agreed, so the packet is dropped.",
                "합의한 포트가 아니어서 패킷을 버립니다.";
            SctpWrongTag: "sctp-wrong-tag", "RFC 9260 §8.5",
                "The verification tag is not the one of this association, so the packet is dropped.",
                "이 연결의 검증 태그가 아니어서 패킷을 버립니다.";
            SctpUnexpectedChunk: "sctp-unexpected-chunk", "RFC 9260 §5.2",
                "The chunk does not fit the state of the association, so it is dropped.",
                "연결 상태에 맞지 않는 청크여서 버립니다.";
            SctpUnknownChunk: "sctp-unknown-chunk", "RFC 9260 §3.2",
                "The type of the chunk is unknown, and its upper bits say what to do then.",
                "알 수 없는 청크이며, 유형의 상위 비트가 처리 방법을 정합니다.";
            SctpErrorReported: "sctp-error-reported", "RFC 9260 §6.11",
                "The peer reports an error that ends nothing.",
                "피어가 알린 오류이지만 연결은 계속됩니다.";
            SctpDuplicate: "sctp-duplicate", "RFC 9260 §6.2",
                "It has arrived before, so it is only acknowledged again.",
                "이미 받은 것이어서 확인 응답만 다시 보냅니다.";
            SctpNoRoom: "sctp-no-room", "RFC 9260 §6.2",
                "There is no room for it until what is missing has come.",
                "빠진 것이 올 때까지 받을 공간이 없습니다.";
            SctpOldSack: "sctp-old-sack", "RFC 9260 §6.2.1",
                "The acknowledgment is older than one that came before.",
                "앞서 온 것보다 오래된 확인 응답입니다.";
        } }
    };
}
