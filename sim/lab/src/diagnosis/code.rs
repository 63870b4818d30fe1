//! The codes of what can decide a call: the registry that scenarios, tests and programs name. Not here: how one is found.

use rtclab_rtc::reasons;

reasons! {
    /// What decided a call: why it is direct, relayed, failed, or not settled.
    pub enum Code {
        DirectHost: "direct-host", "RFC 8445 §5.1.1.1",
            "The peers reach each other at their own addresses.",
            "피어들이 서로의 주소로 바로 닿습니다.";
        DirectThroughNat: "direct-through-nat", "RFC 4787 §4.1",
            "The NATs on the way keep one mapping per socket, or filter so little, that a reflexive address works for the peer too.",
            "경로의 NAT가 소켓마다 매핑 하나를 유지하거나 필터링이 느슨해서 반사 주소가 피어에게도 통합니다.";
        RelayedByPolicy: "relayed-by-policy", "RFC 8828 §5.2",
            "A peer uses relayed candidates only, because its policy says so.",
            "정책에 따라 한 피어가 릴레이 후보만 씁니다.";
        RelayedNatMapping: "relayed-nat-mapping", "RFC 4787 §4.1",
            "A NAT gave the same socket another port toward the peer than toward the STUN server, and the other side's filter did not know it.",
            "NAT가 같은 소켓에 STUN 서버 쪽과 다른 포트를 피어 쪽에 주었고, 상대 쪽 필터는 그 포트를 모릅니다.";
        RelayedNatFiltering: "relayed-nat-filtering", "RFC 4787 §5",
            "A NAT's filtering kept the checks of every direct pair out.",
            "NAT 필터링이 모든 직접 쌍의 검사를 막았습니다.";
        RelayedFirewall: "relayed-firewall", "",
            "A firewall denied the checks of every direct pair.",
            "방화벽이 모든 직접 쌍의 검사를 거부했습니다.";
        RelayedOverTcp: "relayed-over-tcp", "RFC 8656 §3.1",
            "A firewall lets no UDP of a peer out, so the peer reaches its TURN server over a connection, and datagrams begin at the relay.",
            "방화벽이 한 피어의 UDP를 내보내지 않아, 그 피어는 TURN 서버에 TCP 연결로 닿고 데이터그램은 릴레이에서 시작합니다.";
        RelayedNoDirectPath: "relayed-no-direct-path", "RFC 8445 §6.1.2.2",
            "No direct pair got an answer, for reasons that the network did not have to state as a rule.",
            "어느 직접 쌍도 응답을 받지 못했습니다.";
        SignalingLost: "signaling-lost", "RFC 8825 §3",
            "A signaling message that the call needs did not reach its peer.",
            "통화에 필요한 시그널링 메시지가 피어에게 닿지 못했습니다.";
        SignalingNoPeer: "signaling-no-peer", "",
            "The peer that was called never came to the signaling server.",
            "호출된 피어가 시그널링 서버에 나타나지 않았습니다.";
        WrongFingerprint: "wrong-fingerprint", "RFC 8122 §6.2",
            "A peer shows another certificate than its description announced, so DTLS was given up.",
            "피어가 기술(description)에 알린 것과 다른 인증서를 보여 DTLS를 포기했습니다.";
        DtlsFailed: "dtls-failed", "RFC 9147 §5.7",
            "There is a path, but the DTLS handshake over it failed.",
            "경로는 있지만 그 위의 DTLS 핸드셰이크가 실패했습니다.";
        NegotiationFailed: "negotiation-failed", "RFC 9429 §5.6",
            "A description or candidate was refused, so the two sides did not agree.",
            "기술(description)이나 후보가 거부되어 양쪽이 합의하지 못했습니다.";
        NothingInCommon: "nothing-in-common", "RFC 9429 §5.3.1",
            "Every medium of the offer was rejected, so there is nothing to transport.",
            "제안의 모든 미디어가 거절되어 전송할 것이 없습니다.";
        NoCandidates: "no-candidates", "RFC 8445 §5.1.1",
            "A peer has no candidate that it may use.",
            "한 피어에 쓸 수 있는 후보가 없습니다.";
        NoCommonFamily: "no-common-family", "RFC 8445 §6.1.2.2",
            "No pair was formed: the peers' candidates share no address family.",
            "피어들의 후보에 공통 주소 체계가 없어 쌍이 만들어지지 않았습니다.";
        TurnRefused: "turn-refused", "RFC 8656 §7.3",
            "No direct path worked, and the TURN server refused the allocation.",
            "직접 경로가 통하지 않았고 TURN 서버가 할당을 거부했습니다.";
        TurnUnreachable: "turn-unreachable", "RFC 8656 §7.1",
            "No direct path worked, and the TURN server did not answer.",
            "직접 경로가 통하지 않았고 TURN 서버가 응답하지 않았습니다.";
        UdpBlocked: "udp-blocked", "",
            "A firewall denied everything that a peer sent.",
            "한 피어가 보낸 것을 방화벽이 모두 거부했습니다.";
        FirewallDenied: "firewall-denied", "",
            "A firewall denied the checks, and there is no relay.",
            "방화벽이 검사를 거부했고 릴레이가 없습니다.";
        NatMapping: "nat-mapping", "RFC 4787 §4.1",
            "A NAT gave the same socket another port toward the peer than toward the STUN server, the other side's filter did not know it, and there is no relay.",
            "NAT가 같은 소켓에 다른 포트를 주어 상대 쪽 필터가 받아들이지 않았고 릴레이가 없습니다.";
        NatFiltering: "nat-filtering", "RFC 4787 §5",
            "A NAT's filtering kept the checks out, and there is no relay.",
            "NAT 필터링이 검사를 막았고 릴레이가 없습니다.";
        NoRoute: "no-route", "RFC 1812 §5.2.4.3",
            "There is no route for the checks, or nobody at their destination.",
            "검사가 갈 경로가 없거나 목적지에 아무도 없습니다.";
        LinkDown: "link-down", "",
            "A link on the way is down.",
            "경로의 링크가 끊겨 있습니다.";
        PacketLoss: "packet-loss", "",
            "Links lost too much of it.",
            "링크에서 너무 많이 손실되었습니다.";
        NoAnswer: "no-answer", "RFC 8445 §7.2.5.2.3",
            "No check was answered.",
            "어떤 검사에도 응답이 없었습니다.";
        Interrupted: "interrupted", "RFC 7675 §5.1",
            "The call was connected; then nothing answered on the selected pair any more.",
            "통화가 연결된 뒤 선택된 쌍에서 더는 응답이 없었습니다.";
        NotSettled: "not-settled", "",
            "The run ended before the call came to anything.",
            "통화가 결론에 이르기 전에 실행이 끝났습니다.";
    }
}

impl Code {
    /// The code of that name.
    pub fn find(code: &str) -> Option<Code> {
        Code::ALL.iter().copied().find(|each| each.text().code == code)
    }
}

#[cfg(test)]
mod tests {
    use super::Code;

    #[test]
    fn codes_are_unique_and_found_by_name() {
        for &code in Code::ALL {
            assert_eq!(Code::find(code.text().code), Some(code));
        }
        assert_eq!(Code::find("direct"), None);
    }
}
