//! The reasons of a session (RFC 9429, and the W3C API above it): why a description was applied or refused, why a transport was begun or
//! discarded, why negotiation is needed. Not here: the rules inside descriptions.

/// Adds these lines to those before, and hands all of them on to the next macro.
macro_rules! jsep_reasons {
    ($next:ident $($later:ident)* { $($before:tt)* }) => {
        $next! { $($later)* { $($before)*
            // The exchange (jsep/local.rs, remote.rs, rollback.rs).
            JsepOffer: "jsep-offer", "RFC 9429 §3.2",
                "An offer was applied, and its answer is awaited.",
                "제안이 적용되어 응답을 기다립니다.";
            JsepPranswer: "jsep-pranswer", "RFC 9429 §4.1.10.1",
                "A provisional answer was applied; the final one is still to come.",
                "임시 응답이 적용되었고 최종 응답이 남아 있습니다.";
            JsepAnswer: "jsep-answer", "RFC 9429 §5.11",
                "An answer was applied, so both sides agree.",
                "응답이 적용되어 양쪽이 합의했습니다.";
            JsepRollback: "jsep-rollback", "RFC 9429 §5.7",
                "The exchange was taken back; what was agreed on before is in force again.",
                "교환을 취소하여 이전 합의로 되돌아갔습니다.";
            JsepImplicitRollback: "jsep-implicit-rollback", "RFC 9429 §4.1.10.2",
                "The peer's offer arrived while our own was pending, so ours was taken back first.",
                "우리 제안이 남아 있는 동안 상대의 제안이 와서 우리 것을 먼저 취소했습니다.";
            JsepWrongState: "jsep-wrong-state", "RFC 9429 §5.6",
                "A description of this type does not belong into this signaling state.",
                "이 종류의 설명은 지금 시그널링 상태에서 적용할 수 없습니다.";
            JsepModified: "jsep-modified", "RFC 9429 §5.4",
                "What is applied locally must be what was created last, unchanged.",
                "로컬에 적용하는 설명은 마지막으로 만든 것 그대로여야 합니다.";
            JsepNothingRemote: "jsep-nothing-remote", "RFC 9429 §5.3.1",
                "Without a remote description there is nothing to answer, and no place for candidates.",
                "원격 설명이 없어 응답할 것도 후보를 넣을 곳도 없습니다.";
            JsepClosed: "jsep-closed", "RFC 9429 §3.2",
                "The connection was closed.",
                "연결이 닫혔습니다.";
            JsepCandidate: "jsep-candidate", "RFC 9429 §4.1.20",
                "A candidate was gathered, to be told to the peer.",
                "후보를 얻어 상대에게 알립니다.";
            JsepApplicationChange: "jsep-application-change", "RFC 9429 §4.2",
                "The application changed a transceiver.",
                "애플리케이션이 트랜시버를 바꿨습니다.";
            JsepTransports: "jsep-transports", "RFC 9429 §3.5.1",
                "The state of the connection follows from the states of all its transports.",
                "연결 상태는 모든 전송의 상태로 정해집니다.";

            // What transports are told (jsep/transports.rs).
            JsepGather: "jsep-gather", "RFC 9429 §5.9",
                "A new medium with a transport of its own gathers candidates.",
                "전송을 따로 쓰는 새 미디어가 후보를 모읍니다.";
            JsepPool: "jsep-pool", "RFC 9429 §3.5.4",
                "A transport of the candidate pool gathers before it is needed.",
                "후보 풀의 전송이 미리 후보를 모읍니다.";
            JsepRestart: "jsep-restart", "RFC 9429 §5.9",
                "New ICE credentials were applied, so ICE restarts.",
                "새 ICE 자격 증명이 적용되어 ICE를 재시작합니다.";
            JsepRemoteIce: "jsep-remote-ice", "RFC 9429 §5.10",
                "The peer's ICE credentials were applied, so checks can begin.",
                "상대의 ICE 자격 증명이 적용되어 검사를 시작할 수 있습니다.";
            JsepRemoteCandidate: "jsep-remote-candidate", "RFC 9429 §4.1.19",
                "The peer has told a candidate, or that there are no more.",
                "상대가 후보 또는 후보의 끝을 알렸습니다.";
            JsepDtls: "jsep-dtls", "RFC 9429 §5.11",
                "The roles and fingerprints are agreed on, so DTLS can begin.",
                "역할과 지문이 합의되어 DTLS를 시작할 수 있습니다.";
            JsepSctp: "jsep-sctp", "RFC 9429 §5.11",
                "The ports of both sides are known, so the SCTP association can begin.",
                "양쪽 포트를 알게 되어 SCTP 연결을 시작할 수 있습니다.";
            JsepDiscard: "jsep-discard", "RFC 9429 §5.11",
                "No medium uses this transport any more: it was bundled, rejected, or taken back.",
                "번들되거나 거절되거나 취소되어 이 전송을 쓰는 미디어가 없습니다.";

            // Why a medium of an answer is rejected (jsep/answer.rs).
            JsepNoCommonCodec: "jsep-no-common-codec", "RFC 9429 §5.3.1",
                "No offered codec is supported and allowed here, so the medium is rejected.",
                "제안된 코덱 가운데 지원하고 허용하는 것이 없어 미디어를 거절합니다.";
            JsepStopped: "jsep-stopped", "RFC 9429 §5.3.1",
                "The transceiver was stopped, so its medium is rejected.",
                "트랜시버가 중지되어 미디어를 거절합니다.";
            JsepOutsideBundle: "jsep-outside-bundle", "RFC 9429 §5.3.1",
                "The bundle policy demands one transport, and the medium was offered outside of the bundle.",
                "번들 정책상 하나의 전송만 쓰는데 미디어가 번들 밖에서 제안되었습니다.";
            JsepTagRejected: "jsep-tag-rejected", "RFC 9429 §5.3.1",
                "The tag of the bundle is rejected, and with it the whole bundle.",
                "번들의 대표 미디어가 거절되어 번들 전체를 거절합니다.";
            JsepUnknownMedia: "jsep-unknown-media", "RFC 9429 §5.3.1",
                "The medium or its protocol is not known here, so it is rejected.",
                "알지 못하는 미디어나 프로토콜이어서 거절합니다.";

            // Why negotiation is needed (jsep/negotiation_needed.rs).
            NeedTransceiver: "need-transceiver", "RFC 9429 §3.4.1",
                "A transceiver has no medium yet.",
                "아직 미디어가 없는 트랜시버가 있습니다.";
            NeedStop: "need-stop", "RFC 9429 §4.2.1",
                "A transceiver is to be stopped, and the peer does not know.",
                "트랜시버를 중지하려는데 상대가 아직 모릅니다.";
            NeedDirection: "need-direction", "RFC 9429 §4.2.3",
                "The wanted direction is not the one that was negotiated.",
                "원하는 방향이 합의된 방향과 다릅니다.";
            NeedStreams: "need-streams", "RFC 9429 §5.2.1",
                "The streams of a sender are not those that were told to the peer.",
                "보내는 스트림이 상대에게 알린 것과 다릅니다.";
            NeedData: "need-data", "RFC 9429 §4.1.6",
                "There is a data channel, and no medium for data yet.",
                "데이터 채널이 있으나 데이터용 미디어가 아직 없습니다.";
            NeedRestart: "need-restart", "RFC 9429 §5.2.3.1",
                "ICE is to be restarted.",
                "ICE를 재시작해야 합니다.";

            // Perfect negotiation (jsep/perfect.rs).
            GlareIgnored: "glare-ignored", "RFC 9429 §4.1.10.2",
                "Both sides offered at once; the impolite side ignores the peer's offer.",
                "양쪽이 동시에 제안했고, 양보하지 않는 쪽이 상대의 제안을 무시합니다.";

            // A description against the state of the session (jsep/continuity.rs).
            ReofferSetup: "reoffer-setup", "RFC 9429 §5.8.3",
                "The DTLS association goes on, so its roles cannot change.",
                "DTLS 연결이 이어지므로 역할을 바꿀 수 없습니다.";
            AnswerWithoutRestart: "answer-without-restart", "RFC 9429 §5.10",
                "The offer restarts ICE and the answer keeps its credentials.",
                "제안은 ICE를 재시작하는데 응답의 자격 증명이 그대로입니다.";
            AnswerRestartsAlone: "answer-restarts-alone", "RFC 9429 §5.10",
                "The answer has new ICE credentials although the offer does not restart ICE.",
                "제안이 ICE를 재시작하지 않았는데 응답의 자격 증명이 바뀌었습니다.";
            ReofferNewDtls: "reoffer-new-dtls", "RFC 9429 §5.11",
                "The peer has another certificate or tls-id on the same ICE session; a new DTLS association needs an ICE restart.",
                "같은 ICE 세션에서 상대의 인증서나 tls-id가 바뀌었습니다. DTLS를 새로 맺으려면 ICE 재시작이 필요합니다.";
        } }
    };
}
