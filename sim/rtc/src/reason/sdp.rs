//! The rules that hold between the lines of a session description, and between an offer and its answer (RFC 9429 §5.8, RFC 3264, RFC 9143
//! and others). Each is the reason for which a description is refused. Not here: the grammar of a line.

/// Adds these lines to those before, and hands all of them on to the next macro.
macro_rules! sdp_reasons {
    ($next:ident $($later:ident)* { $($before:tt)* }) => {
        $next! { $($later)* { $($before)*
            // One description (sdp/rules/description.rs, transport.rs, codecs.rs).
            SdpDuplicateMid: "sdp-duplicate-mid", "RFC 5888 §4",
                "Two media have the same mid, so nothing that names it is clear.",
                "두 미디어의 mid가 같아서 무엇을 가리키는지 알 수 없습니다.";
            SdpRepeatedAttribute: "sdp-repeated-attribute", "RFC 9429 §5.8.2",
                "An attribute that a medium has once is there twice.",
                "한 번만 쓸 수 있는 속성이 두 번 나옵니다.";
            SdpTwoDirections: "sdp-two-directions", "RFC 8866 §6.7",
                "A medium has more than one direction.",
                "한 미디어에 방향이 둘 이상 있습니다.";
            SdpWrongLevel: "sdp-wrong-level", "RFC 8866 §5.13",
                "An attribute of media stands in the session part, or one of the session in a medium.",
                "미디어 속성이 세션 부분에 있거나 세션 속성이 미디어 안에 있습니다.";
            SdpUnknownMid: "sdp-unknown-mid", "RFC 5888 §5",
                "A group names a mid that no medium has.",
                "그룹이 어느 미디어에도 없는 mid를 가리킵니다.";
            SdpTwoBundles: "sdp-two-bundles", "RFC 9143 §5",
                "A medium is in two bundles, or twice in one.",
                "한 미디어가 두 번들에 속하거나 한 번들에 두 번 들어 있습니다.";
            SdpSdes: "sdp-sdes", "RFC 9429 §5.1.1",
                "Keys for SRTP in SDP are forbidden; DTLS negotiates them.",
                "SDP로 SRTP 키를 주고받는 것은 금지되며, 키는 DTLS로 정합니다.";
            SdpPlanB: "sdp-plan-b", "RFC 9429 §3.4.1",
                "Several tracks share one medium (Plan B); each track needs a medium of its own.",
                "여러 트랙이 미디어 하나를 함께 씁니다(Plan B). 트랙마다 미디어 섹션이 따로 있어야 합니다.";
            SdpMissingIce: "sdp-missing-ice", "RFC 9429 §5.8.3",
                "A medium has no ICE user name fragment and password, neither its own nor its bundle's.",
                "미디어에도 번들에도 ICE 사용자 이름 조각과 비밀번호가 없습니다.";
            SdpMissingFingerprint: "sdp-missing-fingerprint", "RFC 9429 §5.8.3",
                "A medium has no fingerprint of a certificate, so its DTLS peer cannot be verified.",
                "인증서 지문이 없어서 DTLS 상대를 확인할 수 없습니다.";
            SdpMissingSetup: "sdp-missing-setup", "RFC 9429 §5.8.3",
                "A medium does not say who begins the DTLS handshake.",
                "DTLS 핸드셰이크를 누가 시작하는지 적혀 있지 않습니다.";
            SdpHoldConn: "sdp-holdconn", "RFC 5763 §5",
                "The role holdconn must not be used with DTLS.",
                "DTLS에서는 holdconn 역할을 쓸 수 없습니다.";
            SdpMissingRtcpMux: "sdp-missing-rtcp-mux", "RFC 9429 §5.8.3",
                "RTCP has to share the port of RTP, and the medium does not offer that.",
                "RTCP가 RTP와 포트를 함께 써야 하는데 미디어가 이를 제안하지 않습니다.";
            SdpMuxOnlyWithoutMux: "sdp-mux-only-without-mux", "RFC 9429 §5.8.3",
                "A medium with rtcp-mux-only needs rtcp-mux, too.",
                "rtcp-mux-only가 있으면 rtcp-mux도 있어야 합니다.";
            SdpUnknownRid: "sdp-unknown-rid", "RFC 9429 §5.8.3",
                "The simulcast names an encoding that no rid line describes in that direction.",
                "simulcast가 해당 방향의 rid 줄에 없는 인코딩을 가리킵니다.";
            SdpDuplicateRid: "sdp-duplicate-rid", "RFC 8851 §6.1",
                "Two rid lines of a medium have the same name.",
                "한 미디어의 두 rid 줄이 같은 이름을 씁니다.";
            SdpExtensionId: "sdp-extension-id", "RFC 8285 §7",
                "The id of a header extension is 1 to 255, or 4096 to 4351 in an offer; 0 is padding.",
                "헤더 확장 ID는 1~255(제안에서는 4096~4351도)이며 0은 채움 바이트입니다.";
            SdpExtensionIdClash: "sdp-extension-id-clash", "RFC 9143 §12",
                "One id stands for two header extensions in media that share a transport.",
                "전송을 공유하는 미디어에서 한 ID가 두 헤더 확장을 뜻합니다.";
            SdpPayloadTypeClash: "sdp-payload-type-clash", "RFC 9143 §9.1.1",
                "One payload type means two codecs in media that share a transport.",
                "전송을 공유하는 미디어에서 한 페이로드 타입이 두 코덱을 뜻합니다.";
            SdpPayloadTypeTwice: "sdp-payload-type-twice", "RFC 8866 §6.6",
                "One payload type is mapped, or listed, twice in a medium.",
                "한 미디어에서 같은 페이로드 타입이 두 번 정의되거나 나열됩니다.";
            SdpPayloadTypeUnmapped: "sdp-payload-type-unmapped", "RFC 8866 §6.6",
                "A dynamic payload type has no rtpmap, so nobody knows its codec.",
                "동적 페이로드 타입에 rtpmap이 없어 코덱을 알 수 없습니다.";
            SdpRtxWithoutPrimary: "sdp-rtx-without-primary", "RFC 9429 §5.10",
                "A format for retransmissions refers to no payload type of its medium.",
                "재전송 형식이 가리키는 페이로드 타입이 미디어에 없습니다.";
            SdpMissingSctpPort: "sdp-missing-sctp-port", "RFC 9429 §5.8.2",
                "A data medium does not name its SCTP port.",
                "데이터 미디어에 SCTP 포트가 없습니다.";

            // An answer against its offer (sdp/rules/answer.rs).
            AnswerCount: "answer-count", "RFC 9429 §5.8.3",
                "The answer has another number of media than the offer.",
                "응답의 미디어 수가 제안과 다릅니다.";
            AnswerMedia: "answer-media", "RFC 9429 §5.8.3",
                "A medium of the answer is of another kind or protocol than the offered one; the order must be kept.",
                "응답의 미디어 종류나 프로토콜이 제안과 다릅니다. 순서를 지켜야 합니다.";
            AnswerMid: "answer-mid", "RFC 9429 §5.3.1",
                "A medium of the answer has another mid than the offered one.",
                "응답 미디어의 mid가 제안과 다릅니다.";
            AnswerToRejected: "answer-to-rejected", "RFC 3264 §6",
                "The answer accepts a medium that was offered with port 0.",
                "포트 0으로 제안된 미디어를 응답이 받아들였습니다.";
            AnswerDirection: "answer-direction", "RFC 3264 §6.1",
                "The answer's direction does not fit the offered one.",
                "응답의 방향이 제안과 맞지 않습니다.";
            AnswerSetup: "answer-setup", "RFC 8842 §5.3",
                "The answer's DTLS role does not fit the offered one: one side begins, the other waits.",
                "응답의 DTLS 역할이 제안과 맞지 않습니다. 한쪽은 시작하고 다른 쪽은 기다려야 합니다.";
            AnswerNoCommonFormat: "answer-no-common-format", "RFC 3264 §6.1",
                "The answer accepts a medium without any format that was offered.",
                "제안된 형식 없이 미디어를 받아들였습니다.";
            AnswerFeedback: "answer-feedback", "RFC 9429 §5.11",
                "The answer names RTCP feedback that was not offered.",
                "제안되지 않은 RTCP 피드백이 응답에 있습니다.";
            AnswerRtcpMux: "answer-rtcp-mux", "RFC 5761 §5.1.1",
                "The answer shares a port for RTCP although that was not offered.",
                "제안되지 않았는데 응답이 RTCP 포트를 공유합니다.";
            AnswerBundle: "answer-bundle", "RFC 9143 §7.3",
                "The answer bundles a medium that was not offered in that bundle, or that it rejects.",
                "그 번들로 제안되지 않았거나 거절한 미디어를 응답이 번들에 넣었습니다.";
            AnswerBundleOnly: "answer-bundle-only", "RFC 9143 §7.3.2",
                "A medium that was offered bundle-only is accepted outside of the bundle.",
                "번들 전용으로 제안된 미디어를 번들 밖에서 받아들였습니다.";
            AnswerSimulcast: "answer-simulcast", "RFC 8853 §5.3.2",
                "The answer names encodings that were not offered in the other direction.",
                "반대 방향으로 제안되지 않은 인코딩이 응답에 있습니다.";

            // A description against what was negotiated before (sdp/rules/reoffer.rs).
            ReofferCount: "reoffer-count", "RFC 3264 §8",
                "A later offer has fewer media than the session; media are never removed, only rejected.",
                "다시 보낸 제안의 미디어 수가 줄었습니다. 미디어는 지울 수 없고 거절만 할 수 있습니다.";
            ReofferMid: "reoffer-mid", "RFC 9429 §5.2.2",
                "A medium in use has another mid than before; only a rejected medium may be recycled.",
                "사용 중인 미디어의 mid가 바뀌었습니다. 거절된 미디어만 재활용할 수 있습니다.";
            ReofferMedia: "reoffer-media", "RFC 9429 §5.2.2",
                "A medium in use has become one of another kind.",
                "사용 중인 미디어의 종류가 바뀌었습니다.";
            ReofferRtcpMux: "reoffer-rtcp-mux", "RFC 9429 §5.8.3",
                "Sharing the port of RTP with RTCP was negotiated and cannot be undone.",
                "이미 합의한 RTCP 포트 공유는 되돌릴 수 없습니다.";
            ReofferDtls: "reoffer-dtls", "RFC 9429 §5.8.3",
                "A new fingerprint or tls-id asks for a new DTLS association, and that needs an ICE restart.",
                "지문이나 tls-id가 바뀌면 DTLS를 새로 맺어야 하므로 ICE 재시작이 필요합니다.";
            ReofferPayloadType: "reoffer-payload-type", "RFC 3264 §8.3.2",
                "A payload type in use means another codec than before.",
                "사용 중인 페이로드 타입의 코덱이 바뀌었습니다.";
        } }
    };
}
