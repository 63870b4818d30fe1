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
        MappingOverridden: "nat-mapping-overridden", "RFC 4787 §4.2.1",
            "Another inside host uses the same port, and this NAT preserves ports at any price: the newcomer takes it.",
            "다른 내부 호스트가 같은 포트를 쓰고, 이 NAT는 무조건 포트를 보존하므로 나중에 온 쪽이 포트를 가져갑니다.";
        NatTableFull: "nat-table-full", "RFC 4787 §4.3",
            "The NAT remembers as many mappings as it can, so it makes no new one.",
            "NAT가 기억할 수 있는 만큼의 매핑을 이미 가지고 있어 새 매핑을 만들지 않습니다.";
        NatHostLimit: "nat-host-limit", "RFC 6888 §3",
            "This inside host has as many mappings as the NAT allows one host.",
            "이 내부 호스트는 NAT가 호스트 하나에 허용하는 만큼의 매핑을 이미 가지고 있습니다.";
        NatTrackedOwn: "nat-tracked-for-box", "RFC 4787 §4.2.1",
            "Nobody inside asked for this packet, so the box took it for its own; its connection tracking now holds the port toward this sender.",
            "안쪽에서 요청하지 않은 패킷을 공유기 자신이 받았습니다. 이제 연결 추적이 이 송신자에 대해 그 포트를 차지합니다.";
        NatTcpEstablished: "nat-tcp-established", "RFC 5382 §5",
            "Both ends of the connection were seen to open, so it is remembered for hours instead of minutes.",
            "연결의 양쪽이 열린 것을 보았으므로 몇 분이 아니라 몇 시간 동안 기억합니다.";
        NatTcpClosing: "nat-tcp-closing", "RFC 5382 §5",
            "Both ends of the connection have sent a FIN: it is remembered for the transitory time only.",
            "연결의 양쪽이 FIN을 보냈으므로 짧은 과도 시간 동안만 기억합니다.";
        NatTcpReset: "nat-tcp-reset", "RFC 7857 §2.2",
            "A RST has passed: the connection is over, or will be after the transitory time.",
            "RST가 지나갔습니다. 연결은 끝났거나 과도 시간이 지나면 끝납니다.";
        NatUnsolicitedSyn: "nat-unsolicited-syn", "RFC 5382 §4.3",
            "Nobody inside had asked for this SYN, nor sent one of its own within six seconds.",
            "안쪽에서 이 SYN을 요청하지 않았고 6초 안에 자신의 SYN을 보내지도 않았습니다.";
        NatFragment: "nat-fragment", "RFC 4787 §11",
            "The NAT does not pass this fragment: it takes none, or only those that come behind the first one, which has the ports.",
            "NAT가 이 단편을 통과시키지 않습니다. 단편을 전혀 받지 않거나 포트가 담긴 첫 단편 뒤에 오는 것만 받습니다.";
        NatSynCrossed: "nat-syn-crossed", "RFC 5382 §4.3",
            "While the NAT held this SYN the inside sent one to the same endpoint: they cross, and the held one is dropped in silence.",
            "NAT가 이 SYN을 붙잡고 있는 동안 안쪽이 같은 끝점으로 SYN을 보냈습니다. 두 SYN이 엇갈렸으므로 붙잡은 쪽을 조용히 버립니다.";
        NatSynRefused: "nat-syn-refused", "RFC 5382 §4.3",
            "This NAT answers a SYN that nobody asked for with a RST at once, which breaks a simultaneous open.",
            "이 NAT는 요청하지 않은 SYN에 즉시 RST로 답하므로 동시 열기가 깨집니다.";
        NatNoSimultaneousOpen: "nat-no-simultaneous-open", "RFC 5382 §4.2",
            "A SYN came in where only the answer to the one that went out may: this NAT does not know simultaneous open.",
            "나간 SYN에 대한 응답만 들어올 수 있는 곳에 SYN이 들어왔습니다. 이 NAT는 동시 열기를 모릅니다.";
        MappingAsked: "nat-mapping-asked", "RFC 6887 §11.3",
            "An inside host has asked for this mapping: it is open to everybody and lives at least as long as was granted.",
            "내부 호스트가 요청한 매핑으로, 누구에게나 열려 있고 최소한 승인된 시간 동안 유지됩니다.";
        MappingReleased: "nat-mapping-released", "RFC 6887 §15.1",
            "The inside host that had asked for the mapping has given it back.",
            "매핑을 요청했던 내부 호스트가 매핑을 반납했습니다.";
        CopiedToGroup: "group-copied", "RFC 1112 §6.4",
            "The datagram is for a group, so the network passes a copy on to every interface that listens to it.",
            "그룹 앞으로 온 데이터그램이므로 네트워크가 그 그룹을 듣는 모든 인터페이스에 사본을 전달합니다.";
        NobodyInGroup: "group-empty", "RFC 1112 §7.4",
            "Nobody else on this network listens to the group, and no router passes it on.",
            "이 네트워크에는 그 그룹을 듣는 곳이 더 없으며 라우터도 전달하지 않습니다.";

        // TCP: why a segment was sent, dropped or sent again, and why a connection changed.
        TcpConnect: "tcp-syn", "RFC 9293 §3.5",
            "The program opens a connection: the handshake starts with a SYN.",
            "프로그램이 연결을 엽니다. 핸드셰이크는 SYN으로 시작합니다.";
        TcpSynAnswered: "tcp-syn-ack", "RFC 9293 §3.10.7.2",
            "A SYN arrived at a listening port: it is acknowledged with a SYN of the listener's own.",
            "대기 중인 포트에 SYN이 도착하여 자신의 SYN과 함께 확인 응답합니다.";
        TcpSimultaneousOpen: "tcp-simultaneous-open", "RFC 9293 §3.5",
            "A SYN arrived instead of a SYN-ACK: both ends opened at the same time.",
            "SYN-ACK 대신 SYN이 도착했습니다. 양쪽이 동시에 연결을 열었습니다.";
        TcpHandshakeAck: "tcp-handshake-ack", "RFC 9293 §3.10.7.3",
            "The SYN-ACK arrived: its acknowledgment completes the handshake.",
            "SYN-ACK가 도착했습니다. 이에 대한 확인 응답으로 핸드셰이크가 끝납니다.";
        TcpEstablished: "tcp-established", "RFC 9293 §3.10.7.4",
            "The own SYN was acknowledged and the peer's has arrived: the connection is open.",
            "자신의 SYN이 확인되고 상대의 SYN도 도착하여 연결이 열렸습니다.";
        TcpData: "tcp-data", "RFC 9293 §3.8",
            "The program wrote data, and both windows let it go.",
            "프로그램이 쓴 데이터를 두 윈도가 모두 허용하여 보냅니다.";
        TcpQuickAck: "tcp-quick-ack", "RFC 9293 §3.8.6.3",
            "At the start of a stream every segment is acknowledged at once, so that the peer's window grows fast.",
            "스트림 초반에는 상대의 윈도가 빨리 커지도록 모든 세그먼트를 즉시 확인 응답합니다.";
        TcpAckOfTwo: "tcp-ack-every-second", "RFC 9293 §3.8.6.3",
            "More than one full segment waits for its acknowledgment, so it is delayed no longer.",
            "확인 응답을 기다리는 데이터가 온전한 세그먼트 하나를 넘어 더 미루지 않습니다.";
        TcpDelayedAck: "tcp-delayed-ack", "RFC 9293 §3.8.6.3",
            "The delayed acknowledgment timer expired before there was data to carry it.",
            "확인 응답을 함께 실을 데이터가 생기기 전에 지연 확인 응답 타이머가 끝났습니다.";
        TcpAckOfGap: "tcp-duplicate-ack", "RFC 5681 §4.2",
            "A segment arrived that leaves or fills a gap, which is told to the sender at once.",
            "빈틈을 만들거나 메우는 세그먼트가 도착하여 즉시 알립니다.";
        TcpAckOfDuplicate: "tcp-dsack", "RFC 2883 §4",
            "A segment arrived a second time, which is told to the sender at once.",
            "같은 세그먼트가 두 번 도착하여 즉시 알립니다.";
        TcpAckOfFin: "tcp-ack-of-fin", "RFC 9293 §3.10.7.4",
            "The peer's FIN is acknowledged.",
            "상대의 FIN에 확인 응답합니다.";
        TcpAckAfterRead: "tcp-ack-after-read", "RFC 9293 §3.8.6.3",
            "The program has read all that the peer pushed, so the acknowledgment waits no longer.",
            "상대가 밀어 보낸 데이터를 프로그램이 모두 읽어 확인 응답을 더 미루지 않습니다.";
        TcpWindowUpdate: "tcp-window-update", "RFC 9293 §3.8.6.2.2",
            "The program read from a full buffer: the peer learns that the window is open again.",
            "프로그램이 가득 찬 버퍼를 읽어 윈도가 다시 열렸음을 상대에게 알립니다.";
        TcpCongestionEcho: "tcp-ecn-echo", "RFC 3168 §6.1.3",
            "A router marked a packet with CE, which is echoed to the sender at once.",
            "라우터가 패킷에 CE를 표시하여 보낸 쪽에 즉시 알립니다.";
        TcpOutsideWindow: "tcp-outside-window", "RFC 9293 §3.10.7.4",
            "The segment lies outside the receive window: it is dropped, and answered with an acknowledgment.",
            "세그먼트가 수신 윈도 밖에 있어 버리고 확인 응답으로 답합니다.";
        TcpChallengeAck: "tcp-challenge-ack", "RFC 5961 §3.2",
            "A RST, SYN or ACK that a blind attacker could have sent: the peer is asked with an acknowledgment.",
            "공격자가 눈먼 채로 보냈을 수도 있는 RST·SYN·ACK이므로 확인 응답으로 상대에게 되묻습니다.";
        TcpOldTimestamp: "tcp-paws", "RFC 7323 §5.3",
            "The timestamp is older than one seen before, so the segment is an old duplicate.",
            "타임스탬프가 이전에 본 것보다 오래되어 오래된 중복 세그먼트로 봅니다.";
        TcpNoTimestamp: "tcp-no-timestamp", "RFC 7323 §3.2",
            "Timestamps were agreed on, and the segment has none.",
            "타임스탬프를 쓰기로 합의했는데 세그먼트에 타임스탬프가 없습니다.";
        TcpNoAck: "tcp-no-ack", "RFC 9293 §3.10.7.4",
            "After the handshake every segment has an ACK; this one does not.",
            "핸드셰이크 뒤에는 모든 세그먼트에 ACK가 있어야 하는데 없습니다.";
        TcpBacklogFull: "tcp-backlog-full", "RFC 9293 §3.10.7.2",
            "The listener's backlog is full: the SYN is dropped and its sender will try again.",
            "대기열(backlog)이 가득 차 SYN을 버립니다. 보낸 쪽이 다시 시도합니다.";
        TcpTooManyGaps: "tcp-too-many-gaps", "RFC 9293 §3.10.7.4",
            "The stream has more gaps than the receiver keeps track of, so what lies behind them is dropped.",
            "수신 측이 추적할 수 있는 것보다 빈틈이 많아 그 뒤의 데이터를 버립니다.";
        TcpResetNoConnection: "tcp-reset-no-connection", "RFC 9293 §3.10.7.1",
            "Nothing is open at this address and port for the segment, which is answered with a RST.",
            "이 주소와 포트에 열린 것이 없어 세그먼트에 RST로 답합니다.";
        TcpResetBadAck: "tcp-reset-bad-ack", "RFC 9293 §3.5.2",
            "During the handshake something was acknowledged that was never sent.",
            "핸드셰이크 중에 보낸 적 없는 것이 확인 응답되었습니다.";
        TcpAborted: "tcp-abort", "RFC 9293 §3.10.5",
            "The program aborted the connection.",
            "프로그램이 연결을 강제로 끊었습니다.";
        TcpResetUnread: "tcp-reset-unread", "RFC 2525 §2.17",
            "The program closed before it had read everything, so the peer is told that data was lost.",
            "프로그램이 모두 읽기 전에 닫아 데이터가 유실되었음을 상대에게 알립니다.";
        TcpResetAfterClose: "tcp-reset-after-close", "RFC 9293 §3.6.1",
            "Data arrived for a program that has closed and will not read it.",
            "이미 닫아 읽지 않을 프로그램 앞으로 데이터가 도착했습니다.";
        TcpResetReceived: "tcp-reset-received", "RFC 9293 §3.5.3",
            "The peer reset the connection.",
            "상대가 연결을 재설정(RST)했습니다.";
        TcpRefused: "tcp-refused", "RFC 9293 §3.10.7.3",
            "The SYN was answered with a RST: nothing listens there.",
            "SYN에 RST가 돌아왔습니다. 그곳에서 대기하는 프로그램이 없습니다.";
        TcpFin: "tcp-fin", "RFC 9293 §3.6",
            "The program has no more to send, and all it wrote has gone out.",
            "프로그램이 더 보낼 것이 없고 쓴 데이터도 모두 나갔습니다.";
        TcpCloseCalled: "tcp-close", "RFC 9293 §3.10.4",
            "The program closed its side of the connection.",
            "프로그램이 연결의 자기 쪽을 닫았습니다.";
        TcpFinReceived: "tcp-fin-received", "RFC 9293 §3.10.7.4",
            "The peer has no more to send.",
            "상대가 더 보낼 것이 없습니다.";
        TcpFinAcknowledged: "tcp-fin-acknowledged", "RFC 9293 §3.10.7.4",
            "The peer acknowledged the FIN.",
            "상대가 FIN을 확인 응답했습니다.";
        TcpListening: "tcp-listen", "RFC 9293 §3.10.1",
            "A program listens on the port, and waits for connections.",
            "프로그램이 이 포트에서 연결을 기다립니다.";
        TcpTimeWaitReused: "tcp-time-wait-reused", "RFC 6191 §2",
            "A new SYN that cannot be an old duplicate takes over the endpoints of a connection in TIME-WAIT.",
            "지난 중복일 수 없는 새 SYN이 TIME-WAIT에 있던 연결의 양 끝점을 이어받습니다.";
        TcpTimeWaitOver: "tcp-time-wait-over", "RFC 9293 §3.10.8",
            "The time in which old segments could still arrive is over.",
            "오래된 세그먼트가 도착할 수 있는 시간이 지났습니다.";
        TcpFinWait2Over: "tcp-fin-wait-2-over", "RFC 9293 §3.6",
            "The program is gone and the peer did not close in time.",
            "프로그램은 이미 떠났고 상대가 제때 닫지 않았습니다.";
        TcpGaveUp: "tcp-timeout", "RFC 9293 §3.8.3",
            "The same segment was sent again too often without an answer.",
            "같은 세그먼트를 너무 여러 번 다시 보냈지만 응답이 없습니다.";
        TcpKeepaliveFailed: "tcp-keepalive-failed", "RFC 9293 §3.8.4",
            "No keepalive probe was answered.",
            "킵얼라이브 프로브에 응답이 없습니다.";
        TcpUnreachable: "tcp-unreachable", "RFC 5927 §5.2",
            "ICMP says that the peer cannot be reached, and there is no connection yet that this could be an attack on.",
            "ICMP가 상대에 닿을 수 없다고 알렸고, 아직 공격받을 연결도 없습니다.";
        TcpKeepaliveProbe: "tcp-keepalive", "RFC 9293 §3.8.4",
            "The connection was idle for long: the peer is asked whether it is still there.",
            "연결이 오래 조용하여 상대가 아직 있는지 묻습니다.";
        TcpZeroWindowProbe: "tcp-zero-window-probe", "RFC 9293 §3.8.6.1",
            "The peer's window is closed: one byte asks whether it has opened, since the news of it may have been lost.",
            "상대의 윈도가 닫혀 있습니다. 열렸다는 소식이 유실되었을 수 있어 1바이트로 묻습니다.";
        TcpSillyWindowOverride: "tcp-small-segment", "RFC 9293 §3.8.6.2.1",
            "The window stayed too small for a full segment until the override timer expired, so a small one goes.",
            "타이머가 끝날 때까지 윈도가 온전한 세그먼트보다 작아 작은 세그먼트를 보냅니다.";
        TcpSynTimeout: "tcp-syn-timeout", "RFC 6298 §5.4",
            "The SYN or SYN-ACK was not acknowledged in time, so it is sent again.",
            "SYN 또는 SYN-ACK가 제때 확인되지 않아 다시 보냅니다.";
        TcpSynRepeated: "tcp-syn-repeated", "RFC 9293 §3.8.1",
            "The peer sent its SYN again, so it has not seen the SYN-ACK.",
            "상대가 SYN을 다시 보냈으므로 SYN-ACK를 받지 못한 것입니다.";
        TcpRetransmissionTimeout: "tcp-rto", "RFC 6298 §5.4",
            "No acknowledgment came within the retransmission timeout.",
            "재전송 타임아웃 안에 확인 응답이 오지 않았습니다.";
        TcpTailLossProbe: "tcp-tail-loss-probe", "RFC 8985 §7.3",
            "Acknowledgments stopped at the end of a flight: a probe asks for one before the retransmission timer expires.",
            "전송 묶음의 끝에서 확인 응답이 멈췄습니다. 재전송 타이머가 끝나기 전에 프로브로 확인 응답을 청합니다.";
        TcpRackLoss: "tcp-rack-loss", "RFC 8985 §6.2",
            "A segment that was sent sufficiently later has been acknowledged, so this one is taken for lost.",
            "충분히 나중에 보낸 세그먼트가 먼저 확인되어 이 세그먼트는 손실된 것으로 봅니다.";
        TcpFastRetransmit: "tcp-fast-retransmit", "RFC 5681 §3.2",
            "Three duplicate acknowledgments say that the segment after them is lost.",
            "중복 확인 응답 세 개가 그다음 세그먼트의 손실을 알려 줍니다.";
        TcpPartialAck: "tcp-partial-ack", "RFC 6582 §3.2",
            "During fast recovery only a part was acknowledged: the next segment is lost as well.",
            "빠른 복구 중에 일부만 확인되었습니다. 다음 세그먼트도 손실되었습니다.";
        TcpTailLossFound: "tcp-tail-loss-found", "RFC 8985 §7.4",
            "The tail loss probe repaired a loss, which counts as congestion.",
            "꼬리 손실 프로브가 손실을 메웠으며, 이는 혼잡으로 셉니다.";
        TcpReneged: "tcp-reneged", "RFC 2018 §8",
            "The peer dropped data that it had acknowledged selectively.",
            "상대가 선택적으로 확인 응답했던 데이터를 버렸습니다.";
        TcpPathMtuReduced: "tcp-path-mtu", "RFC 1191 §6.3",
            "A router said that the segment is too big for the path, so it is sent again in smaller ones.",
            "라우터가 경로에 비해 세그먼트가 크다고 알려 더 작게 나누어 다시 보냅니다.";
        TcpWindowReopened: "tcp-window-reopened", "RFC 9293 §3.8.6.1",
            "The window opened without the probe's byte having been taken, so it is sent again with the rest.",
            "프로브의 바이트가 받아들여지지 않은 채 윈도가 열려 나머지와 함께 다시 보냅니다.";
        TcpRecoveryStarted: "tcp-recovery-started", "RFC 5681 §3.2",
            "A loss was found: the congestion window is reduced and the loss repaired.",
            "손실이 발견되어 혼잡 윈도를 줄이고 손실을 메웁니다.";
        TcpRecoveryEnded: "tcp-recovery-ended", "RFC 6582 §3.2",
            "All that was in flight when the loss was found is acknowledged.",
            "손실을 발견했을 때 전송 중이던 데이터가 모두 확인되었습니다.";
        TcpRecoveryUndone: "tcp-recovery-undone", "RFC 4015 §3",
            "Nothing had been lost after all: the congestion window is restored.",
            "실제로는 손실이 없었으므로 혼잡 윈도를 되돌립니다.";
        TcpCongestionReported: "tcp-ecn-congestion", "RFC 3168 §6.1.2",
            "The peer echoed a congestion mark: the congestion window is reduced as for a loss.",
            "상대가 혼잡 표시를 전해 와 손실이 있을 때처럼 혼잡 윈도를 줄입니다.";
        TcpSlowStart: "tcp-slow-start", "RFC 5681 §3.1",
            "In slow start the congestion window grows by what is acknowledged: it doubles in each round trip.",
            "슬로 스타트에서는 확인된 만큼 혼잡 윈도가 커져 왕복마다 두 배가 됩니다.";
        TcpCongestionAvoidance: "tcp-congestion-avoidance", "RFC 5681 §3.1",
            "Above the threshold the congestion window grows slowly, to see whether the network carries more.",
            "임계값 위에서는 네트워크가 더 실어 나를 수 있는지 보며 혼잡 윈도를 천천히 키웁니다.";
        TcpProportionalReduction: "tcp-prr", "RFC 6937 §3",
            "During the repair the congestion window follows what arrives, down to the new threshold.",
            "손실을 메우는 동안 혼잡 윈도는 도착한 양에 맞춰 새 임계값까지 줄어듭니다.";
        TcpPathModel: "tcp-path-model", "draft-cardwell-iccrg-bbr-congestion-control §4.2.3",
            "The congestion window follows the model of the path: its bandwidth times its round-trip time.",
            "혼잡 윈도가 경로 모델, 곧 대역폭과 왕복 시간의 곱을 따릅니다.";
        TcpWindowUnused: "tcp-window-unused", "RFC 2861 §2",
            "The program did not fill the congestion window for a while, so the part that was not tested decays.",
            "프로그램이 한동안 혼잡 윈도를 채우지 않아 시험되지 않은 부분을 줄입니다.";
        TcpIdleRestart: "tcp-idle-restart", "RFC 5681 §4.1",
            "Nothing was sent for longer than a retransmission timeout: the congestion window is no longer trusted.",
            "재전송 타임아웃보다 오래 보내지 않아 혼잡 윈도를 더는 믿지 않습니다.";
        FlowNotTls: "dpi-not-tls", "RFC 8446 §5.1",
            "The firewall looks into the connection, and its first bytes are not the ClientHello that TLS begins with.",
            "방화벽이 연결 내용을 검사했는데 첫 바이트가 TLS를 시작하는 ClientHello가 아닙니다.";
        FlowOutOfState: "firewall-out-of-state", "RFC 6092 §3.3.1",
            "The TCP segment belongs to no connection that the firewall has seen begin.",
            "방화벽이 시작을 본 적 없는 연결의 TCP 세그먼트입니다.";
        FlowFragmentAlone: "firewall-fragment-alone", "RFC 6092 §3.1",
            "A later fragment has no ports; without the first fragment the firewall cannot tell what it belongs to.",
            "뒤 조각에는 포트가 없어 첫 조각 없이는 방화벽이 어디에 속하는지 알 수 없습니다.";
        FirewallCounted: "firewall-counted", "",
            "The firewall tells what its rules have decided, at most once a second.",
            "방화벽이 규칙별 처리량을 1초에 한 번까지 알립니다.";
        LinkDuplicated: "link-duplicated", "",
            "The link delivered the packet twice: the scenario gives the link a share of duplicates.",
            "링크가 패킷을 두 번 전달했습니다. 시나리오가 링크에 중복 비율을 정해 두었습니다.";
        LinkCorrupted: "link-corrupted", "",
            "The link flipped a bit of the packet: the scenario gives the link a share of corrupted packets.",
            "링크에서 패킷의 비트 하나가 뒤집혔습니다. 시나리오가 링크에 손상 비율을 정해 두었습니다.";
        WrongChecksum: "checksum-wrong", "RFC 1122 §3.2.1.2",
            "A checksum does not match the bytes it covers, so they changed on the way; nobody is told.",
            "체크섬이 그것이 덮는 바이트와 맞지 않습니다. 도중에 바뀐 것이며 아무에게도 알리지 않습니다.";
        CodelDropped: "codel-dropped", "RFC 8289 §5.5",
            "Packets had been waiting longer than the target for a whole interval, so CoDel drops one to slow its sender down.",
            "패킷이 한 구간 내내 목표 시간보다 오래 기다렸으므로 CoDel이 하나를 버려 보낸 쪽을 늦춥니다.";
        EcnMarked: "ecn-marked", "RFC 3168 §5",
            "Where a packet would be dropped, one whose endpoints know ECN is marked instead: congestion experienced.",
            "버려야 할 때지만 양 끝이 ECN을 지원하는 패킷이므로 버리는 대신 혼잡 경험(CE) 표시를 합니다.";
        Fragmented: "fragmented", "RFC 791 §2.3",
            "The packet is longer than the MTU of the next link and may be fragmented: each part goes its own way.",
            "패킷이 다음 링크의 MTU보다 길고 단편화가 허용되므로 조각으로 나누어 따로 보냅니다.";
        FragmentedAtSource: "fragmented-at-source", "RFC 8200 §4.5",
            "The datagram is longer than the path MTU that the host knows, so the host sends it in fragments.",
            "데이터그램이 호스트가 아는 경로 MTU보다 길어 호스트가 조각으로 나누어 보냅니다.";
        FragmentHeld: "fragment-held", "RFC 1122 §3.3.2",
            "A fragment waits at its destination for the rest of its datagram.",
            "조각이 목적지에서 데이터그램의 나머지를 기다립니다.";
        Reassembled: "reassembled", "RFC 1122 §3.3.2",
            "All fragments of the datagram are there: they become one packet again.",
            "데이터그램의 조각이 모두 모여 다시 하나의 패킷이 됩니다.";
        ReassemblyTimeout: "reassembly-timeout", "RFC 1122 §3.3.2",
            "The rest of the datagram did not come in time, so its fragments are discarded.",
            "데이터그램의 나머지가 제때 오지 않아 모인 조각을 버립니다.";
        ReassemblyFull: "reassembly-full", "RFC 8900 §3.7",
            "The node holds so many fragments that the oldest have to go.",
            "노드가 조각을 너무 많이 가지고 있어 가장 오래된 것을 버립니다.";
        FragmentInvalid: "fragment-invalid", "RFC 8200 §4.5",
            "The fragment cannot be a part of any datagram: its length or its place is impossible.",
            "길이나 위치가 불가능하여 어떤 데이터그램의 조각도 될 수 없습니다.";
        FragmentDuplicate: "fragment-duplicate", "RFC 8200 §4.5",
            "The same fragment is there already.",
            "같은 조각이 이미 와 있습니다.";
        FragmentOverlap: "fragment-overlap", "RFC 5722 §4",
            "IPv6 fragments overlap, which no honest sender makes: the whole datagram is discarded.",
            "IPv6 조각이 겹칩니다. 정상적인 송신자는 만들지 않으므로 데이터그램 전체를 버립니다.";
        FragmentEcnMixed: "fragment-ecn-mixed", "RFC 3168 §5.3",
            "Some fragments were marked and others do not know ECN, so the mark could not be passed on.",
            "표시된 조각과 ECN을 모르는 조각이 섞여 있어 혼잡 표시를 전할 수 없습니다.";
        PathMtuLearnt: "path-mtu-learnt", "RFC 8201 §4",
            "A router reported that a packet was too big: packets to this destination are kept shorter from now on.",
            "라우터가 패킷이 너무 크다고 알려 왔으므로 이 목적지로는 더 짧은 패킷을 보냅니다.";
        PathMtuExpired: "path-mtu-expired", "RFC 1191 §6.3",
            "The path MTU was learnt long ago; the path may have become wider, so the host tries again.",
            "경로 MTU를 알게 된 지 오래되었습니다. 경로가 넓어졌을 수 있으므로 호스트가 다시 시도합니다.";

        // Ethernet: who has an address, and where frames go.
        NeighborUnknown: "neighbor-unknown", "RFC 1122 §2.3.2.2",
            "Nobody knows the hardware address of the next hop yet: the packet waits, and the network is asked.",
            "다음 홉의 하드웨어 주소를 아직 모릅니다. 패킷은 기다리고 네트워크에 묻습니다.";
        NeighborAnswered: "neighbor-answered", "RFC 4861 §7.2.5",
            "The neighbor has answered: its hardware address is known, and it is reachable.",
            "이웃이 응답했습니다. 하드웨어 주소를 알게 되었고 도달할 수 있습니다.";
        NeighborOverheard: "neighbor-overheard", "RFC 4861 §7.2.3",
            "The neighbor has named its hardware address without being asked, which says nothing about the way to it.",
            "이웃이 묻지 않았는데도 하드웨어 주소를 알렸습니다. 그쪽으로 가는 길이 통하는지는 알 수 없습니다.";
        NeighborAged: "neighbor-aged", "RFC 4861 §7.3.3",
            "The neighbor has not been heard of for long: what is known of it is old, but counts until it is needed.",
            "이웃의 소식을 들은 지 오래되었습니다. 낡은 정보이지만 필요할 때까지는 유효합니다.";
        NeighborUsed: "neighbor-used", "RFC 4861 §7.3.3",
            "A packet goes by what is old; if no sign of life comes within five seconds, the neighbor is asked.",
            "패킷이 낡은 정보에 따라 나갑니다. 5초 안에 살아 있다는 신호가 없으면 이웃에게 직접 묻습니다.";
        NeighborDoubted: "neighbor-doubted", "RFC 4861 §7.3.3",
            "No sign of life came: the neighbor is asked directly whether it still has this address.",
            "살아 있다는 신호가 없어 이웃에게 아직 이 주소를 쓰는지 직접 묻습니다.";
        NeighborUnresolved: "neighbor-unresolved", "RFC 4861 §7.2.2",
            "Nobody has answered for this address, asked three times.",
            "세 번 물었지만 이 주소에 대해 아무도 응답하지 않았습니다.";
        NeighborGone: "neighbor-gone", "RFC 4861 §7.3.3",
            "The neighbor did not answer when it was asked directly: it is forgotten, and looked for anew when it is needed.",
            "직접 물었지만 이웃이 응답하지 않았습니다. 이웃을 잊고 필요할 때 다시 찾습니다.";
        NeighborForgotten: "neighbor-forgotten", "",
            "The interface has left the network of this neighbor, or the cache is full.",
            "인터페이스가 이 이웃의 네트워크를 떠났거나 캐시가 가득 찼습니다.";
        NeighborQueueFull: "neighbor-queue-full", "RFC 4861 §7.2.2",
            "Too many packets wait for this hardware address: a newer one takes the place of the oldest.",
            "이 하드웨어 주소를 기다리는 패킷이 너무 많아 새 패킷이 가장 오래된 패킷을 대신합니다.";
        ArpRequested: "arp-request", "RFC 826",
            "Everybody on the network is asked who has this address.",
            "네트워크의 모두에게 이 주소를 누가 쓰는지 묻습니다.";
        ArpAnswered: "arp-reply", "RFC 826",
            "Whoever has the address that was asked for answers with its hardware address.",
            "물어본 주소를 가진 쪽이 자신의 하드웨어 주소로 답합니다.";
        NeighborSolicited: "neighbor-solicitation", "RFC 4861 §7.2.2",
            "The few on the network whose addresses end alike are asked who has this one.",
            "주소의 끝자리가 같은 네트워크의 몇몇에게 이 주소를 누가 쓰는지 묻습니다.";
        NeighborAdvertised: "neighbor-advertisement", "RFC 4861 §7.2.4",
            "Whoever has the address that was solicited advertises its hardware address.",
            "요청받은 주소를 가진 쪽이 자신의 하드웨어 주소를 알립니다.";
        AddressAnnounced: "address-announced", "RFC 5227 §3",
            "The interface is new on the network: it tells everybody which hardware address has its address now.",
            "인터페이스가 네트워크에 새로 왔으므로 이제 이 주소가 어느 하드웨어 주소에 있는지 모두에게 알립니다.";
        SwitchLearnt: "switch-learnt", "IEEE 802.1Q §8.7",
            "A frame from this station came in by this port, so frames to it go out there.",
            "이 단말의 프레임이 이 포트로 들어왔으므로 그 단말로 가는 프레임은 이 포트로 내보냅니다.";
        SwitchAged: "switch-aged", "IEEE 802.1Q §8.8.3",
            "The switch has heard nothing from the station for five minutes, and forgets where it is.",
            "스위치가 5분 동안 이 단말의 소식을 듣지 못해 위치를 잊습니다.";
        SwitchFlooded: "switch-flooded", "IEEE 802.1Q §8.6.1",
            "The frame is for everybody, for a group, or for a station that the switch does not know: it goes out of every other port.",
            "모두나 그룹에게 가거나 스위치가 모르는 단말로 가는 프레임이므로 다른 모든 포트로 내보냅니다.";
        FrameNowhere: "frame-nowhere", "IEEE 802.1Q §8.6.1",
            "The switch has no port to pass the frame on to but the one that it came by.",
            "프레임이 들어온 포트 말고는 스위치가 내보낼 포트가 없습니다.";
        FrameNotForMe: "frame-not-for-me", "RFC 1122 §2.3.2",
            "The frame is for another station, or for a group that nobody here listens to: the network card does not let it in.",
            "다른 단말이나 여기서 아무도 듣지 않는 그룹으로 가는 프레임이므로 네트워크 카드가 받아들이지 않습니다.";
        FrameCheckFailed: "frame-check-failed", "IEEE 802.3 §3.2.9",
            "A bit was flipped on the wire; the frame check sequence shows it, and the frame is dropped.",
            "전송 중 비트가 뒤집혔습니다. 프레임 검사 시퀀스가 이를 드러내므로 프레임을 버립니다.";
    }
}
