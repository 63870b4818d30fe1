//! The reasons of port mapping on request (PCP, RFC 6887; NAT-PMP, RFC 6886). Not here: what the NAT makes of it; that is told by the
//! network itself.

/// Adds this protocol's lines to those before, and hands all of them on to the next macro.
macro_rules! pcp_reasons {
    ($next:ident $($later:ident)* { $($before:tt)* }) => {
        $next! { $($later)* { $($before)*
            // The client (client.rs).
            PcpAsks: "pcp-asks", "RFC 6887 §11.2",
                "The gateway is asked for an outside port that leads to the socket, open to everybody.",
                "소켓으로 이어지고 누구에게나 열린 외부 포트를 게이트웨이에 요청합니다.";
            PcpAsksAgain: "pcp-asks-again", "RFC 6887 §8.1.1",
                "The gateway has not answered in time, so it is asked again, after twice the time.",
                "게이트웨이가 제때 응답하지 않아, 두 배의 시간을 두고 다시 요청합니다.";
            PcpRenews: "pcp-renews", "RFC 6887 §11.2.1",
                "Half of the mapping's lifetime is over, so it is asked for again before it ends.",
                "매핑 수명의 절반이 지나, 끝나기 전에 다시 요청합니다.";
            PcpFallsBack: "pcp-falls-back", "RFC 6887 §9",
                "The gateway speaks NAT-PMP only, so it is asked in that.",
                "게이트웨이가 NAT-PMP만 지원하므로 그 방식으로 요청합니다.";
            PcpReleases: "pcp-releases", "RFC 6887 §15.1",
                "The socket is closed: a request for a lifetime of zero gives the mapping back.",
                "소켓을 닫으므로, 수명 0을 요청하여 매핑을 반납합니다.";
            PcpMapped: "pcp-mapped", "RFC 6887 §11.4",
                "The gateway has mapped an outside port to the socket.",
                "게이트웨이가 외부 포트를 소켓에 매핑했습니다.";
            PcpRefused: "pcp-refused", "RFC 6887 §7.4",
                "The gateway answered with an error, so there is no mapping until its lifetime is over.",
                "게이트웨이가 오류로 응답하여, 그 수명이 끝날 때까지 매핑이 없습니다.";
            PcpNoService: "pcp-no-service", "RFC 6887 §8.1.1",
                "Nothing at the gateway answers, so there is no mapping to be had.",
                "게이트웨이에서 아무 응답이 없어 매핑을 얻을 수 없습니다.";
            PcpStateLost: "pcp-state-lost", "RFC 6887 §8.5",
                "The epoch shows that the gateway has begun anew and lost its mappings: they are asked for again.",
                "에포크를 보면 게이트웨이가 다시 시작되어 매핑을 잃었으므로, 모두 다시 요청합니다.";
            PcpNotOurs: "pcp-not-ours", "RFC 6887 §8.3",
                "The datagram answers nothing that was asked.",
                "요청한 적이 없는 것에 대한 응답입니다.";

            // The server (server.rs).
            PcpGrants: "pcp-grants", "RFC 6887 §11.3",
                "The mapping is there; the answer says which outside port it has, and for how long.",
                "매핑이 준비되었으며, 응답은 외부 포트와 수명을 알려 줍니다.";
            PcpDeletes: "pcp-deletes", "RFC 6887 §15.1",
                "A lifetime of zero ends the mapping.",
                "수명 0의 요청은 매핑을 끝냅니다.";
            PcpAnnounces: "pcp-announces", "RFC 6887 §14.1",
                "The epoch is told, so that clients notice whether their mappings are still there.",
                "클라이언트가 매핑이 남아 있는지 알 수 있도록 에포크를 알립니다.";
            PcpTellsAddress: "pcp-tells-address", "RFC 6886 §3.2",
                "The outside address is told; in NAT-PMP that is a question of its own.",
                "외부 주소를 알려 줍니다. NAT-PMP에서는 이것이 별도의 질문입니다.";
            PcpRefuses: "pcp-refuses", "RFC 6887 §7.4",
                "The request cannot be met; the answer says why.",
                "요청을 들어줄 수 없으며, 응답이 그 이유를 알려 줍니다.";
            PcpMalformed: "pcp-malformed", "RFC 6887 §8.2",
                "The datagram is too short or no request, so it is not answered.",
                "데이터그램이 너무 짧거나 요청이 아니어서 응답하지 않습니다.";
        } }
    };
}
