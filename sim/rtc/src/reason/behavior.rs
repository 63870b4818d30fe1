//! The reasons of NAT behavior discovery (RFC 5780): why a test is made, and why a verdict is believed. Not here: why a NAT does what it
//! does; that is told by the network itself.

/// Adds this protocol's lines to those before, and hands all of them on to the next macro.
macro_rules! behavior_reasons {
    ($next:ident $($later:ident)* { $($before:tt)* }) => {
        $next! { $($later)* { $($before)*
            BehaviorTestConnectivity: "behavior-test-connectivity", "RFC 5780 §4.2",
                "The first question is whether the server answers at all, and which address it sees.",
                "먼저 서버가 응답하는지, 어떤 주소로 보이는지 묻습니다.";
            BehaviorTestFiltering: "behavior-test-filtering", "RFC 5780 §4.4",
                "The server is asked to answer from elsewhere: what arrives shows who may send to the mapped address.",
                "서버에 다른 곳에서 응답하도록 요청합니다. 도착하는 응답으로 누가 매핑된 주소로 보낼 수 있는지 알 수 있습니다.";
            BehaviorTestMapping: "behavior-test-mapping", "RFC 5780 §4.3",
                "Another address or port of the server is asked: what it sees shows whether the mapping depends on the destination.",
                "서버의 다른 주소나 포트에 묻습니다. 그곳에서 보이는 주소로 매핑이 목적지에 따라 달라지는지 알 수 있습니다.";
            BehaviorTestHairpinning: "behavior-test-hairpinning", "RFC 5780 §3.4",
                "A request goes to the socket's own mapped address: if it comes back, the NAT hairpins.",
                "소켓 자신의 매핑된 주소로 요청을 보냅니다. 돌아오면 NAT가 헤어핀을 지원하는 것입니다.";
            BehaviorTestFragments: "behavior-test-fragments", "RFC 5780 §3.5",
                "A request that does not fit into one packet shows whether fragments arrive.",
                "패킷 하나에 들어가지 않는 요청으로 단편이 도착하는지 확인합니다.";
            BehaviorTestLifetime: "behavior-test-lifetime", "RFC 5780 §4.6",
                "A binding of known age is probed from another port, without refreshing it.",
                "나이를 아는 바인딩을 갱신하지 않도록 다른 포트에서 확인합니다.";
            BehaviorElsewhere: "behavior-elsewhere", "RFC 5780 §6.1",
                "The client asked for an answer from another address or port, or to another port.",
                "클라이언트가 다른 주소나 포트에서, 또는 다른 포트로 응답해 달라고 요청했습니다.";
            BehaviorPortRefused: "behavior-port-refused", "RFC 5780 §6.1",
                "An answer to another port must not be padded, and the port must be one (400).",
                "다른 포트로 보내는 응답에는 패딩을 붙일 수 없고, 포트는 유효해야 합니다(400).";
            BehaviorWrongOrigin: "behavior-wrong-origin", "RFC 5780 §4.4",
                "The answer came from elsewhere than was asked for, so it says nothing about the filter.",
                "요청한 곳이 아닌 다른 곳에서 온 응답이어서 필터에 대해 알려 주는 것이 없습니다.";
            BehaviorBlocked: "behavior-blocked", "RFC 5780 §4.2",
                "The server does not answer: UDP is blocked on the way, or the server is down.",
                "서버가 응답하지 않습니다. 경로에서 UDP가 막혔거나 서버가 멈춰 있습니다.";
            BehaviorRefused: "behavior-refused", "RFC 5780 §4",
                "The server refuses the test, so nothing can be said.",
                "서버가 시험을 거절하여 판단할 수 없습니다.";
            BehaviorUntranslated: "behavior-untranslated", "RFC 5780 §4.3",
                "The server sees the socket's own address, so there is no NAT on the way.",
                "서버가 소켓의 원래 주소를 보므로 경로에 NAT가 없습니다.";
            BehaviorTranslated: "behavior-translated", "RFC 5780 §4.3",
                "The server sees another address than the socket has, so there is a NAT on the way.",
                "서버가 소켓과 다른 주소를 보므로 경로에 NAT가 있습니다.";
            BehaviorOneAddress: "behavior-one-address", "RFC 5780 §4.3",
                "The server has no second address and port, so mapping and filtering cannot be told apart.",
                "서버에 두 번째 주소와 포트가 없어 매핑과 필터링을 구별할 수 없습니다.";
            BehaviorOtherSilent: "behavior-other-silent", "RFC 5780 §4.3",
                "The server's other address does not answer, so nothing can be said about the mapping.",
                "서버의 다른 주소가 응답하지 않아 매핑에 대해 판단할 수 없습니다.";
            BehaviorMapsAlike: "behavior-maps-alike", "RFC 5780 §4.3",
                "Both addresses of the server see the same mapped address: the mapping is endpoint-independent.",
                "서버의 두 주소가 같은 매핑 주소를 봅니다. 엔드포인트 독립 매핑입니다.";
            BehaviorMapsByAddress: "behavior-maps-by-address", "RFC 5780 §4.3",
                "The server's addresses see different mapped addresses, its ports do not: the mapping is address-dependent.",
                "서버의 주소에 따라 매핑 주소가 다르지만 포트에 따라서는 같습니다. 주소 의존 매핑입니다.";
            BehaviorMapsByPort: "behavior-maps-by-port", "RFC 5780 §4.3",
                "Every address and port of the server sees another mapped address: the mapping is address and port-dependent.",
                "서버의 주소와 포트마다 다른 매핑 주소를 봅니다. 주소 및 포트 의존 매핑입니다.";
            BehaviorFilterNone: "behavior-filter-none", "RFC 5780 §4.4",
                "An answer from an address and port that nothing was sent to has arrived: the filter is endpoint-independent.",
                "보낸 적 없는 주소와 포트에서 온 응답이 도착했습니다. 엔드포인트 독립 필터링입니다.";
            BehaviorFilterAddress: "behavior-filter-address", "RFC 5780 §4.4",
                "An answer from another port of the server has arrived, one from its other address has not: the filter is address-dependent.",
                "서버의 다른 포트에서 온 응답은 도착했고 다른 주소에서 온 응답은 도착하지 않았습니다. 주소 의존 필터링입니다.";
            BehaviorFilterPort: "behavior-filter-port", "RFC 5780 §4.4",
                "Only answers from the very address and port that was sent to arrive: the filter is address and port-dependent.",
                "보낸 바로 그 주소와 포트에서 온 응답만 도착합니다. 주소 및 포트 의존 필터링입니다.";
            BehaviorHairpins: "behavior-hairpins", "RFC 5780 §3.4",
                "The request to the mapped address came back from a mapped address: the NAT hairpins as RFC 4787 wants.",
                "매핑된 주소로 보낸 요청이 매핑된 주소에서 돌아왔습니다. NAT가 RFC 4787대로 헤어핀을 지원합니다.";
            BehaviorHairpinsInternal: "behavior-hairpins-internal", "RFC 5780 §3.4",
                "The request to the mapped address came back from the inner address: the NAT hairpins, but keeps the source.",
                "매핑된 주소로 보낸 요청이 내부 주소에서 돌아왔습니다. NAT가 헤어핀을 지원하지만 출발지를 바꾸지 않습니다.";
            BehaviorNoHairpin: "behavior-no-hairpin", "RFC 5780 §3.4",
                "The request to the mapped address did not come back: the NAT does not hairpin.",
                "매핑된 주소로 보낸 요청이 돌아오지 않았습니다. NAT가 헤어핀을 지원하지 않습니다.";
            BehaviorFragmentsPass: "behavior-fragments-pass", "RFC 5780 §3.5",
                "A message longer than a packet got there, and its answer got back.",
                "패킷보다 긴 메시지가 도착했고 그 응답도 돌아왔습니다.";
            BehaviorFragmentsLost: "behavior-fragments-lost", "RFC 5780 §3.5",
                "A message longer than a packet stayed unanswered although short ones are answered.",
                "짧은 메시지에는 응답이 오지만 패킷보다 긴 메시지에는 응답이 없었습니다.";
            BehaviorGateway: "behavior-gateway", "RFC 5780 §3.6",
                "MAPPED-ADDRESS was rewritten on the way: there is an application level gateway.",
                "MAPPED-ADDRESS가 중간에서 바뀌었습니다. 응용 계층 게이트웨이가 있습니다.";
            BehaviorNoGateway: "behavior-no-gateway", "RFC 5780 §3.6",
                "MAPPED-ADDRESS and XOR-MAPPED-ADDRESS agree: nothing rewrites addresses inside messages.",
                "MAPPED-ADDRESS와 XOR-MAPPED-ADDRESS가 같습니다. 메시지 안의 주소를 바꾸는 것이 없습니다.";
            BehaviorBindingEnds: "behavior-binding-ends", "RFC 5780 §4.6",
                "The binding was still there after the shorter silence and gone after the longer one.",
                "더 짧은 침묵 뒤에는 바인딩이 있었고 더 긴 침묵 뒤에는 사라졌습니다.";
            BehaviorBindingLasts: "behavior-binding-lasts", "RFC 5780 §4.6",
                "The binding was still there after the longest silence that was tried.",
                "시험한 가장 긴 침묵 뒤에도 바인딩이 남아 있었습니다.";
        } }
    };
}
