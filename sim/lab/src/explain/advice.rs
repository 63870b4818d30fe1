//! What would have helped: a sentence for each thing that can decide a call. Not here: what did decide it ([`crate::diagnosis`]).

use crate::Language;
use crate::diagnosis::Code;

/// What would have changed the outcome, in a language. `None` where there is nothing to wish for.
pub(super) fn advice(code: Code, language: Language) -> Option<&'static str> {
    let (english, korean) = texts(code)?;
    Some(match language {
        Language::English => english,
        Language::Korean => korean,
    })
}

fn texts(code: Code) -> Option<(&'static str, &'static str)> {
    of_relayed(code).or_else(|| of_failed(code)).or_else(|| of_session(code))
}

fn of_relayed(code: Code) -> Option<(&'static str, &'static str)> {
    Some(match code {
        Code::RelayedByPolicy => (
            "The policy asks for it. With the policy `all`, host and reflexive candidates would have been tried first.",
            "정책이 그렇게 정했습니다. 정책이 `all`이면 호스트 후보와 반사 후보를 먼저 시도합니다.",
        ),
        Code::RelayedNatMapping => (
            "A NAT that keeps one mapping for each socket (RFC 4787 REQ-1), a filter on the other side that looks at the address only, a port \
             mapping by hand or PCP, or IPv6 on both sides would have made a direct path.",
            "소켓마다 매핑 하나를 유지하는 NAT(RFC 4787 REQ-1), 주소만 보는 상대 쪽 필터, 수동 또는 PCP 포트 매핑, 양쪽의 IPv6 가운데 하나가 있었다면 직접 연결됩니다.",
        ),
        Code::RelayedNatFiltering => (
            "A NAT with hairpinning, or whose filtering does not depend on the port, or IPv6 on both sides would have made a direct path.",
            "헤어핀을 지원하거나 포트에 무관하게 필터링하는 NAT, 또는 양쪽의 IPv6가 있었다면 직접 연결됩니다.",
        ),
        Code::RelayedFirewall => (
            "A firewall that lets UDP out to the other peer, and answers back in, would have made a direct path.",
            "상대에게 나가는 UDP와 그 응답을 허용하는 방화벽이었다면 직접 연결됩니다.",
        ),
        Code::RelayedOverTcp => (
            "A firewall that lets UDP out to the TURN server at least: over a connection, what is lost holds up everything behind it.",
            "적어도 TURN 서버로 나가는 UDP를 허용하는 방화벽이 낫습니다. TCP 연결에서는 하나가 손실되면 그 뒤의 모든 것이 기다립니다.",
        ),
        Code::RelayedNoDirectPath => (
            "A route between the peers' networks would have made a direct path.",
            "피어들의 네트워크 사이에 경로가 있었다면 직접 연결됩니다.",
        ),
        _ => return None,
    })
}

fn of_failed(code: Code) -> Option<(&'static str, &'static str)> {
    Some(match code {
        Code::NatMapping | Code::NatFiltering | Code::FirewallDenied => (
            "A TURN server that both sides reach would have carried the call.",
            "양쪽에서 닿을 수 있는 TURN 서버가 있었다면 통화가 중계됩니다.",
        ),
        Code::UdpBlocked => (
            "A TURN server over TCP or TLS on a port that the firewall lets out (443, most often), or ICE over TCP.",
            "방화벽이 허용하는 포트(보통 443)에서 TCP나 TLS로 접속하는 TURN 서버, 또는 TCP를 쓰는 ICE가 필요합니다.",
        ),
        Code::TurnRefused => (
            "Right credentials or a free quota on the TURN server.",
            "TURN 서버에 맞는 자격 증명이나 남은 할당량이 필요합니다.",
        ),
        Code::TurnUnreachable => (
            "A TURN server that answers, at an address and over a transport that the network lets through.",
            "네트워크가 허용하는 주소와 전송 방식으로 응답하는 TURN 서버가 필요합니다.",
        ),
        Code::NoCandidates => (
            "A policy that allows another kind of candidate, or a server that gives one of the allowed kind.",
            "다른 종류의 후보를 허용하는 정책이나, 허용된 종류의 후보를 주는 서버가 필요합니다.",
        ),
        Code::NoCommonFamily => (
            "A dual-stack TURN server (RFC 8656 §7.1), NAT64 on the IPv6 side, or an address of the other family on either side.",
            "이중 스택 TURN 서버(RFC 8656 §7.1), IPv6 쪽의 NAT64, 또는 한쪽에 다른 주소 체계의 주소가 필요합니다.",
        ),
        Code::SignalingLost => (
            "Signaling that repeats what is not acknowledged, over a path that works.",
            "확인되지 않은 메시지를 다시 보내는 시그널링과 동작하는 경로가 필요합니다.",
        ),
        Code::SignalingNoPeer => (
            "The other peer, at the signaling server and under the name that is called.",
            "호출한 이름으로 시그널링 서버에 접속한 상대 피어가 필요합니다.",
        ),
        Code::NoRoute => (
            "A route to one candidate of the other side at least; a TURN server that both reach is one.",
            "상대 후보 가운데 적어도 하나로 가는 경로가 필요합니다. 양쪽에서 닿는 TURN 서버도 그런 경로입니다.",
        ),
        Code::LinkDown => ("The link, or another way around it.", "그 링크나 우회 경로가 필요합니다."),
        Code::PacketLoss => (
            "Less loss, or more time: each check is sent seven times within 39.5 seconds.",
            "손실이 더 적거나 시간이 더 필요합니다. 각 검사는 39.5초 동안 일곱 번 전송됩니다.",
        ),
        Code::NoAnswer => (
            "A peer that is there, with the credentials that were signaled.",
            "시그널링된 자격 증명을 가진 상대가 그 자리에 있어야 합니다.",
        ),
        Code::Interrupted => (
            "An ICE restart on the new path (RFC 8445 §9).",
            "새 경로에서의 ICE 재시작(RFC 8445 §9)이 필요합니다.",
        ),
        Code::NotSettled => ("A longer run.", "더 긴 실행이 필요합니다."),
        _ => return None,
    })
}

fn of_session(code: Code) -> Option<(&'static str, &'static str)> {
    Some(match code {
        Code::WrongFingerprint => (
            "Signaling that brings the description unchanged, from the peer that answers on the path.",
            "경로에서 답하는 바로 그 피어의 기술(description)을 바꾸지 않고 전하는 시그널링이 필요합니다.",
        ),
        Code::DtlsFailed => (
            "A version and a cipher suite that both sides speak, and a path that carries whole flights.",
            "양쪽이 아는 버전과 암호 모음, 그리고 플라이트를 온전히 나르는 경로가 필요합니다.",
        ),
        Code::NegotiationFailed => (
            "Perfect negotiation: when offers meet, one side gives way (webrtc-pc §10.7); and candidates that wait for their description.",
            "완벽한 협상(perfect negotiation)이 필요합니다. 제안이 부딪치면 한쪽이 양보하고(webrtc-pc §10.7) 후보는 기술(description)을 기다립니다.",
        ),
        Code::NothingInCommon => (
            "A codec that both sides support, or a data channel.",
            "양쪽이 지원하는 코덱이나 데이터 채널이 필요합니다.",
        ),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_not_a_direct_call_leaves_something_to_wish_for() {
        for &code in Code::ALL {
            let direct = matches!(code, Code::DirectHost | Code::DirectThroughNat);
            assert_eq!(advice(code, Language::English).is_none(), direct, "{code:?}");
            assert_eq!(advice(code, Language::Korean).is_none(), direct, "{code:?}");
        }
    }
}
