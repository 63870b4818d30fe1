//! The reasons of what runs on nodes besides the protocols: signaling, data, traffic programs, and the calls themselves.

use rtclab_rtc::reasons;

reasons! {
    /// Why a program sent or changed something.
    pub enum ProgramReason {
        SignalingRegister: "signaling-register", "",
            "The peer tells the signaling server its name, and by sending it, where it can be reached.",
            "피어가 시그널링 서버에 이름을 알리고, 보내는 것만으로 닿을 수 있는 주소도 알립니다.";
        SignalingKeepalive: "signaling-keepalive", "RFC 4787 §4.3",
            "Without traffic from inside, NATs on the way would forget the path back from the signaling server.",
            "안쪽에서 나가는 트래픽이 없으면 중간의 NAT가 시그널링 서버에서 돌아오는 길을 잊습니다.";
        SignalingRetransmission: "signaling-retransmission", "",
            "No acknowledgement came in time, so the signaling message is sent again.",
            "제때 확인 응답이 오지 않아 시그널링 메시지를 다시 보냅니다.";
        SignalingAcknowledge: "signaling-acknowledge", "",
            "Acknowledges a signaling message, so that its sender need not repeat it.",
            "시그널링 메시지를 받았음을 알려 보낸 쪽이 되풀이하지 않게 합니다.";
        SignalingForward: "signaling-forward", "",
            "The signaling server passes the message on to the peer that it is for.",
            "시그널링 서버가 메시지를 받을 피어에게 넘겨줍니다.";
        SignalingGivenUp: "signaling-given-up", "",
            "The last repetition of the signaling message stayed unacknowledged.",
            "마지막으로 되풀이한 시그널링 메시지에도 확인 응답이 없었습니다.";
        SignalingNoSuchPeer: "signaling-no-such-peer", "",
            "No peer of that name came to the signaling server in time.",
            "그 이름의 피어가 제때 시그널링 서버에 오지 않았습니다.";
        SignalingRejected: "signaling-rejected", "",
            "The datagram is not a signaling message, or not one for this program.",
            "시그널링 메시지가 아니거나 이 프로그램이 받을 메시지가 아닌 데이터그램입니다.";
        SignalingConnect: "signaling-connect", "RFC 6455 §4.1",
            "WebSocket runs over TCP, so the peer connects to the signaling server first.",
            "WebSocket은 TCP 위에서 동작하므로 피어가 먼저 시그널링 서버에 연결합니다.";
        SignalingUpgrade: "signaling-upgrade", "RFC 6455 §1.3",
            "The client asks in HTTP to speak WebSocket from here on, so that messages can go both ways at any time.",
            "언제든 양방향으로 메시지가 오갈 수 있도록 클라이언트가 HTTP로 여기서부터 WebSocket을 쓰자고 요청합니다.";
        SignalingConnectionLost: "signaling-connection-lost", "RFC 6455 §7.1.5",
            "The connection to the signaling server is gone. What was agreed on through it stays: media take another way.",
            "시그널링 서버와의 연결이 사라졌습니다. 미디어는 다른 길로 다니므로 이미 합의한 것은 그대로 남습니다.";
        SignalingReconnect: "signaling-reconnect", "RFC 6455 §7.2.3",
            "The peer tries to reach the signaling server again, after a wait that grows from time to time.",
            "피어가 점점 길어지는 대기 시간을 두고 시그널링 서버에 다시 연결을 시도합니다.";
        SignalingFaultDrop: "signaling-fault-drop", "",
            "The scenario lets the signaling server take the message and never pass it on.",
            "시나리오에 따라 시그널링 서버가 메시지를 받고도 넘겨주지 않습니다.";
        SignalingFaultDelay: "signaling-fault-delay", "",
            "The scenario lets the signaling server hold the message for a while.",
            "시나리오에 따라 시그널링 서버가 메시지를 잠시 붙들고 있습니다.";
        SignalingFaultDuplicate: "signaling-fault-duplicate", "",
            "The scenario lets the signaling server pass the message on twice.",
            "시나리오에 따라 시그널링 서버가 메시지를 두 번 넘겨줍니다.";
        SignalingFaultReorder: "signaling-fault-reorder", "",
            "The scenario lets the signaling server hold the message until the next one has overtaken it.",
            "시나리오에 따라 시그널링 서버가 다음 메시지가 앞지를 때까지 메시지를 붙들고 있습니다.";
        SipRegister: "sip-register", "RFC 3261 §10",
            "A user agent tells its registrar where it can be reached, and the registrar remembers it for a while.",
            "사용자 에이전트가 닿을 수 있는 곳을 등록 서버에 알리고, 등록 서버는 그것을 한동안 기억합니다.";
        SipChallenge: "sip-challenge", "RFC 8760 §2.4",
            "The registrar asks for the password without it being sent: an answer to a nonce proves it.",
            "등록 서버가 비밀번호를 보내지 않고도 확인할 수 있도록 논스에 대한 응답을 요구합니다.";
        SipForward: "sip-forward", "RFC 3261 §16",
            "The proxy passes a request on to where the user is, and responses back the way that the request came.",
            "프록시가 요청을 사용자가 있는 곳으로 넘기고 응답은 요청이 온 길로 되돌려 보냅니다.";
        SipRetransmission: "sip-retransmission", "RFC 3261 §17",
            "No answer came in time over a transport that may lose messages, so the message is sent again.",
            "메시지를 잃을 수 있는 전송 위에서 제때 응답이 없어 메시지를 다시 보냅니다.";
        SipCall: "sip-call", "RFC 3261 §13",
            "The call between the user agents has come further: it rings, it stands, or it is over.",
            "사용자 에이전트 사이의 통화 상태가 바뀌었습니다. 벨이 울리거나, 통화가 맺어지거나, 끝났습니다.";
        WhipSession: "whip-session", "RFC 9725 §4.2",
            "A session is a resource of HTTP: a POST makes it, a PATCH adds candidates, a DELETE ends it.",
            "세션은 HTTP 자원입니다. POST로 만들고 PATCH로 후보를 더하며 DELETE로 끝냅니다.";
        ProxyAsked: "proxy-asked", "RFC 9110 §9.3.6",
            "The peer connects to its server through a proxy, which it asks for a tunnel: CONNECT, and from 200 on any bytes.",
            "피어가 프록시를 거쳐 서버에 연결합니다. CONNECT로 터널을 부탁하고, 200을 받은 뒤에는 어떤 바이트든 오갑니다.";
        ProxyRefuses: "proxy-refuses", "RFC 9110 §9.3.6",
            "The proxy opens no tunnel: the port is not one that it lets out to, or the server cannot be reached.",
            "프록시가 터널을 열지 않습니다. 허용하지 않는 포트이거나 서버에 닿을 수 없습니다.";
        ServerStopped: "server-stopped", "",
            "The scenario stops the server: its sockets are closed, and nobody answers any more.",
            "시나리오가 서버를 멈춥니다. 소켓이 닫히고 더는 아무도 응답하지 않습니다.";
        CallData: "call-data", "",
            "The scenario lets the peers exchange data over the selected pair.",
            "시나리오가 선택된 쌍으로 피어끼리 데이터를 주고받게 합니다.";
        CallConnected: "call-connected", "RFC 8445 §8.1.1",
            "Both sides have a confirmed nominated pair.",
            "양쪽 모두 확인된 지명 쌍을 가졌습니다.";
        CallFailed: "call-failed", "RFC 8445 §6.1.2.1",
            "A side has no pair left that could still work.",
            "한쪽에 더는 동작할 수 있는 쌍이 남아 있지 않습니다.";
        CallInterrupted: "call-interrupted", "RFC 7675 §5.1",
            "Nothing has answered on the selected pair for a while.",
            "선택된 쌍에서 한동안 응답이 없습니다.";
        SourceSchedule: "udp-source-schedule", "",
            "The source sends at the rate that the scenario gives it.",
            "시나리오가 정한 속도로 소스가 보냅니다.";
        VideoFrame: "video-frame", "RFC 3550 §5.1",
            "The encoder has finished a frame, whose packets leave at once.",
            "인코더가 프레임 하나를 끝냈고 그 패킷들이 바로 나갑니다.";
        PingSchedule: "ping-schedule", "RFC 1122 §3.2.2.6",
            "The ping asks at the pace that the scenario gives it; every host has to answer.",
            "시나리오가 정한 간격으로 핑을 보내며 모든 호스트는 응답해야 합니다.";
        PingAnswered: "ping-answered", "RFC 1122 §3.2.2.6",
            "The answer carries the number of its request, so the time between the two is the round trip.",
            "응답에는 요청의 번호가 실려 있으므로 둘 사이의 시간이 왕복 시간입니다.";
        TracerouteProbe: "traceroute-probe", "RFC 1812 §5.3.1",
            "The probe may pass one router more than the one before: the router that has to drop it says so, and is known.",
            "이 탐침은 앞의 것보다 라우터를 하나 더 지날 수 있습니다. 버려야 하는 라우터가 그 사실을 알려 정체가 드러납니다.";
        TracerouteHop: "traceroute-hop", "RFC 792",
            "An ICMP error tells who dropped the probe, and so who is at this step of the way.",
            "ICMP 오류가 누가 탐침을 버렸는지, 곧 경로의 이 단계에 누가 있는지 알려 줍니다.";
        TracerouteSilence: "traceroute-silence", "RFC 1812 §4.3.2.8",
            "Nobody said what became of the probe: routers may limit their errors, and firewalls drop in silence.",
            "탐침이 어떻게 되었는지 아무도 알리지 않았습니다. 라우터는 오류 수를 제한할 수 있고 방화벽은 조용히 버립니다.";
        SocketCall: "socket-call", "RFC 9293 §3.9.1",
            "The program calls the socket interface of its host.",
            "프로그램이 호스트의 소켓 인터페이스를 호출합니다.";
        SocketReturn: "socket-return", "RFC 9293 §3.9.1",
            "A call of the socket interface comes back: what the program waited for has happened.",
            "소켓 인터페이스 호출이 돌아왔습니다. 프로그램이 기다리던 일이 일어났습니다.";
        Echo: "udp-echo", "RFC 862",
            "The echo server sends every datagram back to where it came from.",
            "에코 서버는 받은 데이터그램을 온 곳으로 그대로 돌려보냅니다.";
    }
}
