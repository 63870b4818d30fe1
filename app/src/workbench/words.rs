//! Every string of the window in both languages: the one table. Reasons bring their own sentences (`rtclab-trace`, `rtclab-rtc`), the
//! dissector its own field names, scenarios their own titles.

/// Makes the table: `Name: "English", "Korean";`.
macro_rules! words {
    ($($name:ident: $english:literal, $korean:literal;)*) => {
        /// A string of the window.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Word { $($name,)* }

        impl Word {
            /// Every string, in the order of the table.
            #[cfg(test)]
            pub(crate) const ALL: &'static [Word] = &[$(Word::$name,)*];

            /// The string in English and Korean.
            pub(crate) const fn text(self) -> [&'static str; 2] {
                match self { $(Word::$name => [$english, $korean],)* }
            }
        }
    };
}

words! {
    // Panels.
    PanelMap: "Topology", "토폴로지";
    PanelLadder: "Sequence", "시퀀스";
    PanelTcp: "TCP", "TCP";
    PanelLinks: "Links", "링크";
    PanelSession: "Session", "세션";
    PanelEvents: "Events", "이벤트";
    PanelPacket: "Packet", "패킷";
    PanelBytes: "Bytes", "바이트";
    PanelNode: "Node", "노드";
    PanelWhy: "Why", "이유";
    PanelTimeline: "Timeline", "타임라인";

    // Commands.
    CommandPlay: "Play", "재생";
    CommandPause: "Pause", "일시 정지";
    CommandNext: "Next event", "다음 이벤트";
    CommandPrevious: "Previous event", "이전 이벤트";
    CommandNextState: "Next state change", "다음 상태 변화";
    CommandPreviousState: "Previous state change", "이전 상태 변화";
    CommandStart: "Go to the start", "처음으로";
    CommandEnd: "Go to the end", "끝으로";
    CommandFaster: "Faster", "더 빠르게";
    CommandSlower: "Slower", "더 느리게";
    CommandGoToTime: "Go to time…", "시각으로 이동…";
    CommandOpen: "Open…", "열기…";
    CommandWelcome: "Show scenarios", "시나리오 보기";
    CommandFilter: "Filter events", "이벤트 필터";
    CommandClearFilter: "Clear the filter", "필터 지우기";
    CommandNotes: "About this file", "이 파일에 대하여";
    CommandKeys: "Keyboard shortcuts", "키보드 단축키";
    CommandPalette: "Command palette…", "명령 팔레트…";
    CommandLanguage: "한국어로 전환", "Switch to English";
    CommandTheme: "Switch light and dark", "밝은/어두운 테마 전환";
    CommandMap: "Show the topology", "토폴로지 보기";
    CommandLadder: "Show the sequence", "시퀀스 보기";
    CommandTcp: "Show TCP", "TCP 보기";
    CommandLinks: "Show links", "링크 보기";
    CommandSession: "Show the session", "세션 보기";
    CommandFit: "Fit the topology", "토폴로지 맞추기";
    CommandFollow: "Follow state changes", "상태 변화 따라가기";
    CommandClose: "Close", "닫기";

    // Header.
    LanguageName: "한국어", "English";
    ScenarioKind: "Scenario", "시나리오";
    CaptureKind: "Capture", "캡처";
    ThemeToLight: "Light theme", "밝은 테마";
    ThemeToDark: "Dark theme", "어두운 테마";

    // Welcome.
    WelcomeTitle: "See how a call finds its way", "통화가 길을 찾는 과정을 봅니다";
    WelcomeText: "Run a scenario and step through every packet, forwards and backwards. Ask why at any point.",
        "시나리오를 실행하고 패킷 하나하나를 앞뒤로 따라가 봅니다. 언제든 이유를 물을 수 있습니다.";
    WelcomeScenarios: "Scenarios", "시나리오";
    WelcomeOpenText: "Or open a scenario (TOML) or a capture (pcap, pcapng): type its path, or drop the file anywhere on this window",
        "또는 시나리오(TOML)나 캡처(pcap, pcapng)를 엽니다. 경로를 입력하거나 파일을 이 창에 끌어다 놓으세요.";
    WelcomeStart: "Start here", "여기서 시작하세요";
    DropHere: "Drop to open", "놓으면 열립니다";

    // Opening.
    OpenTitle: "Open a scenario or a capture", "시나리오 또는 캡처 열기";
    OpenPath: "Path", "경로";
    OpenButton: "Open", "열기";
    OpenHint: "scenarios/two-homes.toml", "scenarios/two-homes.toml";
    OpenFailed: "This file could not be opened", "이 파일을 열 수 없습니다";
    GoToTitle: "Go to time", "시각으로 이동";
    GoToHint: "412.5 ms, 1.2 s", "412.5 ms, 1.2 s";
    GoToBad: "Not a time: write 412.5 ms or 1.2 s", "시각이 아닙니다. 412.5 ms 또는 1.2 s처럼 쓰세요";
    GoButton: "Go", "이동";

    // Timeline.
    EventNumber: "Event {0}", "이벤트 {0}";
    EventOf: "Event {0} of {1}", "이벤트 {0} / {1}";
    BeforeFirst: "Before the first of {0} events", "이벤트 {0}개가 일어나기 전";
    Speed: "Speed", "속도";
    SpeedOf: "Speed: {0} of real time", "속도: 실제 시간의 {0}";
    QuietFor: "Nothing happens for {0}", "{0} 동안 아무 일도 없음";
    ScrubBar: "Time", "시각";
    TimeOf: "{0} of {1}", "{0} / {1}";
    MilestoneConnected: "Call connected", "통화 연결됨";
    MilestoneConnectedPath: "Call connected, {0}", "통화 연결됨, {0}";
    MilestoneDisconnected: "Call disconnected", "통화 끊김";
    MilestoneFailed: "Call failed", "통화 실패";
    MilestoneAction: "Action: {0}", "동작: {0}";

    // Topics.
    TopicStun: "STUN", "STUN";
    TopicTurn: "TURN", "TURN";
    TopicIce: "ICE", "ICE";
    TopicNat: "NAT", "NAT";
    TopicSignaling: "Signaling", "시그널링";
    TopicData: "Data", "데이터";
    TopicTcp: "TCP", "TCP";
    TopicDns: "DNS", "DNS";
    TopicNetwork: "Network", "네트워크";
    TopicWorld: "Run", "실행";

    // Filter.
    FilterAll: "All", "전체";
    FilterPackets: "Packets", "패킷";
    FilterStates: "States", "상태";
    FilterDrops: "Drops", "버려짐";
    FilterNode: "Only {0}", "{0}만";
    FilterText: "Filter by text", "텍스트로 필터";
    FilterCount: "{0} of {1}", "{0} / {1}";
    FilterNothing: "No event passes this filter", "이 필터를 통과하는 이벤트가 없습니다";
    ColumnTime: "Time", "시각";
    ColumnWhere: "Where", "위치";
    ColumnWhat: "What", "내용";

    // Lines.
    LineLost: "{0}, and is lost", "{0}, 손실됨";
    LineDelivered: "{0} delivered", "{0} 도착";
    LineWaits: "{0} waits", "{0} 대기";
    LineAltered: "{0} corrupted on the link", "{0} 링크에서 손상됨";
    LineReplaced: "{0} made into other packets", "{0} 다른 패킷으로 바뀜";
    LinePathMtu: "Path MTU to {0} is {1}", "{0}까지 경로 MTU {1}";
    LinePathMtuForgotten: "Path MTU to {0} forgotten, was {1}", "{0}까지 경로 MTU {1} 잊음";
    LineDropped: "{0} dropped: {1}", "{0} 버려짐: {1}";
    LineAddresses: "Addresses {0}", "주소 {0}";
    LineFlow: "Flow {0} {1}", "흐름 {0} {1}";
    FlowOpen: "open", "열림";
    FlowForgotten: "forgotten", "잊음";
    LineAction: "Action: {0}", "동작: {0}";
    LinkDown: "Link down", "링크 끊김";
    LinkUp: "Link up, {0}", "링크 연결됨, {0}";
    LinkReorders: "packets may overtake each other", "패킷 순서가 바뀔 수 있음";
    LinkLoss: "loss {0} %", "손실 {0} %";
    LinkLossBursts: "loss {0} % in bursts", "연속 손실 {0} %";
    LinkLossListed: "{0} listed packets lost", "지정한 패킷 {0}개 손실";
    LinkDuplicates: "duplicates {0} %", "중복 {0} %";
    LinkCorrupts: "corrupts {0} %", "손상 {0} %";
    LineMapping: "Mapping {0} {1}", "매핑 {0} {1}";
    MappingActive: "active", "활성";
    MappingExpired: "expired", "만료";
    MappingRemoved: "removed", "제거";
    LineSignal: "{0} {1}", "{0} {1}";
    SignalSent: "sent", "보냄";
    SignalRelayed: "relayed by the server", "서버가 중계";
    SignalReceived: "received", "받음";
    SignalLost: "lost", "유실";
    LineCall: "Call {0}", "통화 {0}";
    LineCallPath: "Call {0}, {1}", "통화 {0}, {1}";
    CallConnecting: "connecting", "연결 중";
    CallConnected: "connected", "연결됨";
    CallDisconnected: "disconnected", "끊김";
    CallFailed: "failed", "실패";
    PathDirect: "direct", "직접 경로";
    PathRelayed: "relayed", "중계 경로";
    LineAgent: "ICE agent {0}, gathering {1}, {2}", "ICE 에이전트 {0}, 수집 {1}, {2}";
    LineCheckList: "Check list {0}, pairs: {1}", "체크 리스트 {0}, 쌍: {1}개";
    LineLocalCandidate: "Local candidate {0}", "로컬 후보 {0}";
    LineRemoteCandidate: "Remote candidate {0}", "원격 후보 {0}";
    LinePair: "Pair {0}: {1}", "쌍 {0}: {1}";
    LinePairNominated: "Pair {0}: {1}, nominated", "쌍 {0}: {1}, 지명됨";
    LineTransaction: "{0} to {1}: {2}, sent {3}×", "{0} → {1}: {2}, {3}회 보냄";
    LineAllocation: "Allocation {0}: {1}", "할당 {0}: {1}";

    // Map.
    MapPacket: "Packet {0}: {1}, {2}", "패킷 {0}: {1}, {2}";
    MapDropped: "Dropped at {0}: {1}", "{0}에서 버려짐: {1}";
    MapLost: "lost on the way", "도중 손실";
    MapMore: "{0} more", "{0}개 더";
    MapNetwork: "network", "네트워크";
    KindHost: "host", "호스트";
    KindRouter: "router", "라우터";
    KindNat: "NAT", "NAT";
    KindFirewall: "firewall", "방화벽";
    KindAddress: "address", "주소";
    LegendDropped: "dropped", "버려짐";

    // TCP.
    TcpListens: "listens", "수신 대기";
    TcpIsCurrent: "the state now", "지금 상태";
    TcpWasVisited: "was here before; click to go there", "지나온 상태, 누르면 그때로 이동";
    TcpNotVisited: "not entered", "아직 들어가지 않음";
    TcpNothingToDraw: "A socket that listens sends nothing of its own", "수신 대기 소켓은 스스로 보내는 것이 없습니다";
    TcpSequences: "Sequence numbers", "순서 번호";
    TcpWindows: "Congestion window", "혼잡 윈도";
    TcpSent: "sent (SND.NXT)", "보냄 (SND.NXT)";
    TcpAcknowledged: "acknowledged (SND.UNA)", "확인됨 (SND.UNA)";
    TcpReceived: "received (RCV.NXT)", "받음 (RCV.NXT)";
    TcpRetransmitted: "sent again", "재전송";
    TcpCwnd: "cwnd", "cwnd";
    TcpInFlight: "in flight", "전송 중";
    TcpSsthresh: "ssthresh", "ssthresh";
    LineTcp: "TCP {0} ↔ {1}: {2}", "TCP {0} ↔ {1}: {2}";
    LineTcpListens: "TCP {0}: {1}", "TCP {0}: {1}";

    // Links.
    LinkColumnName: "From → to", "구간";
    ColumnPackets: "Packets", "패킷";
    ColumnBytes: "Bytes", "바이트";
    LinkColumnPackets: "Packets", "패킷";
    LinkColumnQueue: "Queue", "큐 최대";
    LinkColumnWait: "Longest wait", "최대 대기";
    LinkColumnQueueDrops: "Queue drops", "큐 버림";
    LinkColumnLost: "Lost", "손실";
    LinkColumnOther: "Copied, flipped", "복제, 변조";
    LinkQueue: "packets that wait", "대기 중인 패킷";
    LinkDrops: "dropped", "버려짐";
    LinkChart: "Queue of the link", "링크의 큐";

    // Session.
    AspectSignaling: "Signaling", "시그널링";
    AspectGathering: "Gathering", "후보 수집";
    AspectIce: "ICE", "ICE";
    AspectConnection: "Connection", "연결";
    AspectDtls: "DTLS", "DTLS";
    AspectSctp: "SCTP", "SCTP";
    SessionSpan: "{0} {1}, since {2}", "{0} {1}, {2}부터";
    SessionText: "{0} {1}: {2}", "{0} {1}: {2}";
    SessionNoText: "Nothing has been said in signaling", "시그널링에서 오간 내용이 없습니다";
    SessionLine: "Line {0}: {1}", "{0}행: {1}";
    SessionHint: "Point at a line to read what it says", "줄에 커서를 올리면 설명이 나옵니다";
    SessionUnknownLine: "Nobody has registered this; readers pass over it", "등록되지 않은 줄이며 읽는 쪽은 건너뜁니다";
    SessionAdded: "new against {0}", "{0}에 없던 줄";
    SessionChanged: "changed against {0}", "{0}에서 바뀐 줄";
    AreaSession: "session", "세션";
    AreaNetwork: "network", "네트워크";
    AreaSecurity: "keys", "보안";
    AreaMedia: "media", "미디어";

    // Packet.
    PacketNone: "Select a packet on the map or in the list", "토폴로지나 목록에서 패킷을 선택하세요";
    PacketBytesCut: "{0} bytes, {1} on the wire", "{0}바이트, 회선에서는 {1}바이트";
    PacketBytes: "{0} bytes", "{0}바이트";
    PacketRewritten: "Changed on the way since it was sent", "보낸 뒤 도중에 바뀜";
    PacketField: "{0}: {1}", "{0}: {1}";
    PacketNumber: "Packet {0}", "패킷 {0}";
    ByteAt: "Byte {0}", "바이트 {0}";

    // Node.
    NodeNone: "Select a node on the map", "토폴로지에서 노드를 선택하세요";
    NodeNothing: "Nothing is known about this node yet", "이 노드에 대해 아직 알려진 것이 없습니다";
    NodeFollow: "Follow", "따라가기";
    NodeFollowHint: "Show the node whose state changes", "상태가 바뀌는 노드를 보여 줍니다";
    NodeChanged: "changed by this event", "이 이벤트로 바뀜";
    NodeMore: "and {0} more", "외 {0}개";
    SectionAddresses: "Addresses", "주소";
    SectionRoutes: "Routes", "경로";
    SectionRules: "Rules", "규칙";
    SectionAgent: "ICE agent", "ICE 에이전트";
    SectionCheckList: "Check list", "체크 리스트";
    SectionCandidates: "Candidates", "후보";
    SectionMappings: "NAT table", "NAT 테이블";
    SectionFlows: "Flows", "흐름";
    SectionNeighbors: "Neighbors", "이웃";
    SectionStations: "Stations", "단말";
    SectionCounters: "Rule counters", "규칙 카운터";
    SectionAllocations: "TURN allocations", "TURN 할당";
    SectionGrants: "TURN permissions and channels", "TURN 허가와 채널";
    GrantPermission: "permission", "허가";
    GrantChannel: "channel", "채널";
    SectionTransactions: "STUN transactions", "STUN 트랜잭션";
    SectionQueries: "DNS queries", "DNS 질의";
    SectionSockets: "TCP sockets", "TCP 소켓";
    SectionPrograms: "Programs", "프로그램";
    ColumnInterface: "Interface", "인터페이스";
    ColumnAddress: "Address", "주소";
    ColumnHardware: "Hardware address", "하드웨어 주소";
    ColumnTowards: "Towards", "방향";
    ColumnNetwork: "Network", "네트워크";
    ColumnRoute: "Route", "경로";
    ColumnRule: "Rule", "규칙";
    ColumnSide: "Side", "측";
    ColumnType: "Type", "유형";
    ColumnRelated: "Related", "관련 주소";
    ColumnPriority: "Priority", "우선순위";
    ColumnState: "State", "상태";
    ColumnLocal: "Local", "로컬";
    ColumnRemote: "Remote", "원격";
    ColumnFlags: "Flags", "표시";
    ColumnProtocol: "Protocol", "프로토콜";
    ColumnInside: "Inside", "내부";
    ColumnOutside: "Outside", "외부";
    ColumnBoundTo: "Bound to", "바인딩 대상";
    ColumnContacted: "Admits", "허용 대상";
    ColumnExpires: "Expires in", "남은 시간";
    ColumnClient: "Client", "클라이언트";
    ColumnRelayed: "Relayed", "중계 주소";
    ColumnPeer: "Peer", "피어";
    ColumnStream: "Stream", "스트림";
    ColumnMethod: "Method", "메서드";
    ColumnTo: "To", "대상";
    ColumnSent: "Sent", "전송";
    ColumnTransaction: "Id", "식별자";
    ColumnName: "Name", "이름";
    ColumnAnswer: "Answer", "답";
    ColumnCwnd: "cwnd", "cwnd";
    ColumnInFlight: "In flight", "전송 중";
    ColumnSrtt: "SRTT", "SRTT";
    ColumnTimer: "Timer", "타이머";
    ColumnAgain: "Sent again", "재전송";
    ColumnProgram: "Program", "프로그램";
    ColumnStatus: "Status", "상황";
    AgentRole: "Role", "역할";
    AgentGathering: "Gathering", "수집";
    AgentConnection: "Connection", "연결";
    AgentSelected: "Selected", "선택된 쌍";
    AgentPriority: "Priority", "우선순위";
    AgentConsent: "Consent", "동의";
    AgentUfrag: "Ufrag", "Ufrag";
    SideLocal: "local", "로컬";
    SideRemote: "remote", "원격";
    PairNominated: "nominated", "지명됨";
    PairValid: "valid", "유효";
    Seconds: "{0} s", "{0}초";

    // Why.
    WhyNone: "Step to an event, or click anything, to see why it happened", "이벤트로 이동하거나 아무것이나 누르면 그 이유가 보입니다";
    WhyBecause: "because", "왜냐하면";
    WhyStart: "The scenario starts here", "시나리오가 여기서 시작됩니다";
    WhyCut: "The chain goes on", "사슬이 더 이어집니다";
    WhyHops: "{0} events of this packet", "이 패킷의 이벤트 {0}개";
    WhyEffects: "Led to", "그 결과";
    WhyMore: "and {0} more", "외 {0}개";
    WhyOpenRfc: "Open {0}", "{0} 열기";

    // Keys.
    KeysTitle: "Keyboard shortcuts", "키보드 단축키";
    PaletteHint: "Type a command, a node or a scenario", "명령, 노드, 시나리오를 입력하세요";
    PaletteTitle: "Command palette", "명령 팔레트";
    PaletteNode: "Show node {0}", "노드 {0} 보기";
    PaletteScenario: "Run {0}", "{0} 실행";
    PaletteNothing: "No command matches", "일치하는 명령이 없습니다";
    SplitHorizontal: "Width of the columns", "열 너비";
    SplitVertical: "Height of the panels", "패널 높이";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_string_is_written_in_both_languages() {
        for word in Word::ALL {
            let [english, korean] = word.text();
            assert!(!english.trim().is_empty() && !korean.trim().is_empty(), "{word:?}");
        }
    }

    #[test]
    fn both_languages_have_the_same_values() {
        for word in Word::ALL {
            let [english, korean] = word.text().map(|text| {
                let mut numbers: Vec<&str> =
                    text.split('{').skip(1).filter_map(|part| part.split('}').next()).collect();
                numbers.sort_unstable();
                numbers
            });
            assert_eq!(english, korean, "{word:?}");
        }
    }

    #[test]
    fn labels_are_sentence_case_without_a_full_stop_on_single_sentences() {
        for word in Word::ALL {
            let [english, korean] = word.text();
            for text in [english, korean] {
                let sentences = text.matches(". ").count() + usize::from(text.ends_with('.'));
                assert!(sentences != 1 || !text.ends_with('.'), "{word:?}: {text}");
            }
        }
    }
}
