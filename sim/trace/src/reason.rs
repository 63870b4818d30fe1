//! Why something happened in the network, and the union of all reasons that an entry can carry.
//! Not here: the reasons of protocols (`rtclab-rtc`) and of programs ([`crate::ProgramReason`]).

use rtclab_rtc::reason::ReasonText;
use rtclab_rtc::reasons;

use crate::program_reason::ProgramReason;

/// Why: from the network or from a protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// A rule of the network.
    Net(NetReason),
    /// A rule of STUN, TURN or ICE.
    Rtc(rtclab_rtc::Reason),
    /// A program's own rule: signaling, data, traffic.
    Program(ProgramReason),
}

impl Reason {
    /// Its code, section and sentences.
    pub const fn text(self) -> ReasonText {
        match self {
            Reason::Net(reason) => reason.text(),
            Reason::Rtc(reason) => reason.text(),
            Reason::Program(reason) => reason.text(),
        }
    }
}

impl From<NetReason> for Reason {
    fn from(reason: NetReason) -> Reason {
        Reason::Net(reason)
    }
}

impl From<ProgramReason> for Reason {
    fn from(reason: ProgramReason) -> Reason {
        Reason::Program(reason)
    }
}

impl From<rtclab_rtc::Reason> for Reason {
    fn from(reason: rtclab_rtc::Reason) -> Reason {
        Reason::Rtc(reason)
    }
}

reasons! {
    /// Why the network dropped, answered or changed something.
    pub enum NetReason {
        NoRoute: "no-route", "RFC 1812 §5.2.4.3",
            "The node has no route to the destination.",
            "목적지로 가는 경로가 없습니다.";
        NoNeighbor: "no-neighbor", "RFC 1812 §5.2.7.1",
            "No interface on the network has the destination or the next hop as its address.",
            "이 네트워크에는 목적지나 다음 홉 주소를 가진 인터페이스가 없습니다.";
        TtlExceeded: "ttl-exceeded", "RFC 1812 §5.3.1",
            "The TTL or hop limit reached zero.",
            "TTL(홉 제한)이 0이 되었습니다.";
        PortClosed: "port-closed", "RFC 1122 §4.1.3.1",
            "No socket is bound to the destination port.",
            "목적지 포트에 바인드된 소켓이 없습니다.";
        ProtocolUnknown: "protocol-unknown", "RFC 1122 §3.2.2.1",
            "The host does not speak the protocol that the packet carries.",
            "호스트가 패킷에 담긴 프로토콜을 처리하지 않습니다.";
        TooBig: "packet-too-big", "RFC 1191 §4",
            "The packet is larger than the MTU of the next link and may not be fragmented.",
            "패킷이 다음 링크의 MTU보다 크며 단편화할 수 없습니다.";
        LinkLoss: "link-loss", "",
            "The link lost it: the scenario gives the link a loss rate.",
            "링크에서 손실되었습니다. 시나리오가 링크에 손실률을 정해 두었습니다.";
        LinkDown: "link-down", "",
            "The link is down.",
            "링크가 끊겨 있습니다.";
        QueueFull: "queue-full", "",
            "The queue in front of the link is full.",
            "링크 앞의 큐가 가득 찼습니다.";
        FilteredByNat: "nat-filtering", "RFC 4787 §5",
            "The NAT has a mapping for this port, but its filtering behavior does not admit this remote endpoint.",
            "NAT에 이 포트의 매핑은 있지만 필터링 동작이 이 원격 끝점을 허용하지 않습니다.";
        NoMapping: "nat-no-mapping", "RFC 4787 §5",
            "The NAT has no mapping for this external port.",
            "NAT에 이 외부 포트의 매핑이 없습니다.";
        PortsExhausted: "nat-ports-exhausted", "RFC 4787 §4.2",
            "The NAT has no external port left to allocate.",
            "NAT에 할당할 외부 포트가 남아 있지 않습니다.";
        NotTranslatable: "nat-not-translatable", "RFC 3022 §4.1",
            "The NAT does not translate this kind of packet.",
            "NAT가 이런 종류의 패킷을 변환하지 않습니다.";
        NoHairpin: "nat-no-hairpin", "RFC 4787 §6",
            "The NAT does not hairpin: an inside host may not reach another through its external address.",
            "NAT가 헤어피닝을 지원하지 않아 내부 호스트가 외부 주소로 다른 내부 호스트에 닿을 수 없습니다.";
        MappingCreated: "nat-mapping-created", "RFC 4787 §4.1",
            "The first packet of this flow from inside made the NAT create a mapping.",
            "안쪽에서 나간 이 흐름의 첫 패킷이 NAT 매핑을 만들었습니다.";
        MappingRefreshed: "nat-mapping-refreshed", "RFC 4787 §4.3",
            "A packet in a direction that refreshes it renewed the mapping.",
            "매핑을 갱신하는 방향의 패킷이 매핑 수명을 늘렸습니다.";
        FilterOpened: "nat-filter-opened", "RFC 4787 §5",
            "The inside sent to this remote endpoint, so the filter now admits it.",
            "안쪽에서 이 원격 끝점으로 보냈으므로 이제 필터가 그 끝점을 허용합니다.";
        MappingExpired: "nat-mapping-expired", "RFC 4787 §4.3",
            "The mapping was not refreshed before its timer ran out.",
            "타이머가 끝나기 전에 매핑이 갱신되지 않았습니다.";
        MappingRemoved: "nat-rebound", "",
            "The NAT was rebound and forgot its mappings.",
            "NAT가 재바인딩되어 매핑을 모두 잊었습니다.";
        FlowOpened: "firewall-flow-opened", "RFC 6092 §3.2",
            "A packet from inside opened a flow in the firewall's state table.",
            "안쪽에서 나간 패킷이 방화벽 상태 테이블에 흐름을 열었습니다.";
        FlowExpired: "firewall-flow-expired", "RFC 6092 §3.2.3",
            "The firewall forgot the flow after its idle timer.",
            "유휴 타이머가 지나 방화벽이 흐름을 잊었습니다.";
        DeniedByFirewall: "firewall-denied", "",
            "A rule of the firewall denies it.",
            "방화벽 규칙이 거부했습니다.";
        NotForMe: "not-for-me", "RFC 1122 §3.2.1.3",
            "The packet is not addressed to this host, and hosts do not forward.",
            "이 호스트 앞으로 온 패킷이 아니며 호스트는 패킷을 전달하지 않습니다.";
        Malformed: "malformed", "RFC 1122 §3.2.1",
            "The packet's header does not parse or its checksum is wrong.",
            "패킷 헤더를 해석할 수 없거나 체크섬이 틀립니다.";
        IcmpGenerated: "icmp-generated", "RFC 1812 §4.3.2",
            "The drop is reported to the sender with an ICMP error.",
            "버린 사실을 ICMP 오류로 보낸 쪽에 알립니다.";
        EchoReplied: "icmp-echo-replied", "RFC 1122 §3.2.2.6",
            "Every host answers an ICMP echo request.",
            "모든 호스트는 ICMP 에코 요청에 응답합니다.";
        AddressGone: "address-gone", "RFC 1122 §3.3.4",
            "The socket is bound to an address that the node no longer has.",
            "소켓이 바인드된 주소를 이 노드가 더 이상 가지고 있지 않습니다.";
        FlowRefreshed: "firewall-flow-refreshed", "RFC 6092 §3.2.3",
            "A packet of the flow restarted its idle timer.",
            "흐름의 패킷이 유휴 타이머를 다시 시작했습니다.";
        FilterEvicted: "nat-filter-evicted", "",
            "The filter of this mapping is full, so it forgets the remote endpoint that the inside has not sent to for longest.",
            "이 매핑의 필터가 가득 차서 안쪽에서 가장 오랫동안 보내지 않은 원격 끝점을 잊습니다.";
        FlowTableFull: "firewall-table-full", "",
            "The firewall's state table has no room for another flow.",
            "방화벽 상태 테이블에 새 흐름을 위한 자리가 없습니다.";
        FilterExpired: "nat-filter-expired", "RFC 4787 §5",
            "The inside sent nothing to this remote endpoint for so long that the filter no longer admits it.",
            "안쪽에서 이 원격 끝점으로 오랫동안 보내지 않아 필터가 더 이상 허용하지 않습니다.";
    }
}
