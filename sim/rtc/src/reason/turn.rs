//! The reasons of TURN (RFC 8656), client and server. Not here: credentials (`stun`), and what the ICE agent makes of an allocation.

/// Adds this protocol's lines to those before, and hands all of them on to the next macro.
macro_rules! turn_reasons {
    ($next:ident $($later:ident)* { $($before:tt)* }) => {
        $next! { $($later)* { $($before)*
            TurnRelayed: "turn-relayed", "RFC 8656 §11",
                "The data is passed on through the relay.",
                "데이터를 릴레이를 통해 전달합니다.";
            TurnTooLong: "turn-too-long", "RFC 8656 §11.1",
                "The data does not fit into a datagram once it is wrapped for the relay, so it is dropped.",
                "릴레이용 헤더를 붙이면 데이터그램 하나에 들어가지 않아 데이터를 버립니다.";
            TurnNoAllocation: "turn-no-allocation", "RFC 8656 §5",
                "There is no allocation for this client and server address, so nothing can be done with it.",
                "이 클라이언트와 서버 주소에 할당이 없어 처리할 수 없습니다.";
            TurnNoPermission: "turn-no-permission", "RFC 8656 §9",
                "The peer's address has no permission, so the data is dropped.",
                "피어 주소에 퍼미션이 없어 데이터를 버립니다.";
            TurnNoChannel: "turn-no-channel", "RFC 8656 §12.6",
                "The channel is not bound, so the data is dropped.",
                "바인딩되지 않은 채널이어서 데이터를 버립니다.";
            TurnPeerFamily: "turn-peer-family", "RFC 8656 §9.1",
                "The address family differs from that of the relayed address (443).",
                "주소 체계가 릴레이 주소와 다릅니다(443).";
            TurnPeerForbidden: "turn-peer-forbidden", "RFC 8656 §10.2",
                "The server does not relay to this peer (403).",
                "서버가 이 피어로의 중계를 허용하지 않습니다(403).";
            TurnChannelDataMalformed: "turn-channel-data-malformed", "RFC 8656 §12.6",
                "The datagram begins like ChannelData but is cut off or has a reserved number, so it is dropped.",
                "ChannelData처럼 시작하지만 잘렸거나 예약된 번호여서 데이터그램을 버립니다.";
            TurnIndicationIncomplete: "turn-indication-incomplete", "RFC 8656 §11.2",
                "The indication lacks the peer's address or the data, so it is dropped.",
                "인디케이션에 피어 주소나 데이터가 없어 버립니다.";
            TurnUnknownInIndication: "turn-unknown-in-indication", "RFC 8489 §6.3.2",
                "The indication carries attributes that must be understood and are not, so it is dropped.",
                "반드시 이해해야 하는데 알 수 없는 속성이 인디케이션에 있어 버립니다.";
            TurnIcmp: "turn-icmp", "RFC 8656 §11.6",
                "The server reports an ICMP error for what it relayed.",
                "서버가 중계한 데이터에 대한 ICMP 오류를 알려 왔습니다.";
            TurnStranger: "turn-stranger", "RFC 8656 §5",
                "The datagram is not from the TURN server, so it is ignored.",
                "TURN 서버가 보낸 데이터그램이 아니어서 무시합니다.";
            TurnAllocate: "turn-allocate", "RFC 8656 §7.1",
                "A relayed address is wanted, so the server is asked for an allocation.",
                "릴레이 주소가 필요해 서버에 할당을 요청합니다.";
            TurnAllocationHeld: "turn-allocation-held", "RFC 8656 §7.1",
                "The socket has an allocation on this server already, or has asked for one.",
                "이 소켓은 이 서버에 이미 할당이 있거나 요청해 두었습니다.";
            TurnAllocated: "turn-allocated", "RFC 8656 §7.3",
                "The allocation exists and has its relayed address.",
                "할당이 만들어지고 릴레이 주소가 정해졌습니다.";
            TurnNoRelayedAddress: "turn-no-relayed-address", "RFC 8656 §7.3",
                "The success response names no relayed address of the family that was asked for.",
                "성공 응답에 요청한 주소 체계의 릴레이 주소가 없습니다.";
            TurnRefreshDue: "turn-refresh-due", "RFC 8656 §8.1",
                "The allocation ends soon, so it is refreshed.",
                "할당이 곧 만료되므로 갱신합니다.";
            TurnRefreshed: "turn-refreshed", "RFC 8656 §8.3",
                "The allocation has been refreshed.",
                "할당이 갱신되었습니다.";
            TurnReleased: "turn-released", "RFC 8656 §8.1",
                "The allocation is not needed any more and is given back.",
                "할당이 더 필요하지 않아 반납합니다.";
            TurnExpired: "turn-expired", "RFC 8656 §8",
                "Nobody refreshed the allocation in time, so it is gone.",
                "제때 갱신되지 않아 할당이 사라졌습니다.";
            TurnPermissionAsked: "turn-permission-asked", "RFC 8656 §10.1",
                "A peer should be able to send to the relayed address, so a permission is asked for.",
                "피어가 릴레이 주소로 보낼 수 있도록 퍼미션을 요청합니다.";
            TurnPermissionDue: "turn-permission-due", "RFC 8656 §9",
                "A permission ends soon, so it is refreshed.",
                "퍼미션이 곧 만료되므로 갱신합니다.";
            TurnPermitted: "turn-permitted", "RFC 8656 §10.2",
                "The peer's address may send to the relayed address for five minutes.",
                "피어 주소가 5분 동안 릴레이 주소로 보낼 수 있습니다.";
            TurnPermissionRefused: "turn-permission-refused", "RFC 8656 §10.3",
                "The server has refused a permission for this peer, so nothing is sent to it.",
                "서버가 이 피어의 퍼미션을 거절했으므로 보내지 않습니다.";
            TurnPermissionExpired: "turn-permission-expired", "RFC 8656 §9",
                "Nobody refreshed a permission within five minutes, so it is gone.",
                "5분 안에 갱신되지 않아 퍼미션이 사라졌습니다.";
            TurnTooManyPeers: "turn-too-many-peers", "",
                "There are permissions for as many peers as this client keeps.",
                "이 클라이언트가 유지할 수 있는 만큼의 피어에 이미 퍼미션이 있습니다.";
            TurnChannelAsked: "turn-channel-asked", "RFC 8656 §12.1",
                "Much will be sent to this peer, so a channel is bound to save 32 bytes on each datagram.",
                "이 피어에 많이 보낼 것이므로 데이터그램마다 32바이트를 아끼도록 채널을 바인딩합니다.";
            TurnChannelHeld: "turn-channel-held", "RFC 8656 §12.1",
                "The peer has a channel already, or one has been asked for.",
                "이 피어에는 이미 채널이 있거나 요청해 두었습니다.";
            TurnNoChannelLeft: "turn-no-channel-left", "RFC 8656 §12",
                "All 4096 channel numbers of the allocation have been used.",
                "할당의 채널 번호 4096개를 모두 사용했습니다.";
            TurnChannelBound: "turn-channel-bound", "RFC 8656 §12.2",
                "The channel is bound to the peer for ten minutes.",
                "채널이 10분 동안 피어에 바인딩되었습니다.";
            TurnChannelDue: "turn-channel-due", "RFC 8656 §12",
                "A channel binding ends soon, so it is refreshed.",
                "채널 바인딩이 곧 만료되므로 갱신합니다.";
            TurnChannelExpired: "turn-channel-expired", "RFC 8656 §12",
                "Nobody refreshed a channel within ten minutes, so it is gone.",
                "10분 안에 갱신되지 않아 채널이 사라졌습니다.";
            TurnTryAlternate: "turn-try-alternate", "RFC 8656 §7.4",
                "The server wants the client to use another one (300).",
                "서버가 다른 서버를 쓰라고 합니다(300).";
            TurnFiveTupleInUse: "turn-five-tuple-in-use", "RFC 8656 §7.2",
                "There is another allocation for this client and server address (437).",
                "이 클라이언트와 서버 주소에 다른 할당이 이미 있습니다(437).";
            TurnAllocationGone: "turn-allocation-gone", "RFC 8656 §8.3",
                "The server does not know the allocation any more (437).",
                "서버가 이 할당을 더는 알지 못합니다(437).";
            TurnQuotaReached: "turn-quota-reached", "RFC 8656 §7.2",
                "The user has as many allocations as one user may have (486).",
                "사용자가 가질 수 있는 할당 수에 이르렀습니다(486).";
            TurnNoCapacity: "turn-no-capacity", "RFC 8656 §7.2",
                "The server has no room for more (508).",
                "서버에 더 받을 여유가 없습니다(508).";
            TurnRefused: "turn-refused", "RFC 8656 §7.4",
                "The server refuses the request.",
                "서버가 요청을 거절했습니다.";
            TurnOtherUser: "turn-other-user", "RFC 8656 §5",
                "The allocation belongs to another user (441).",
                "다른 사용자의 할당입니다(441).";
            TurnNoTransport: "turn-no-transport", "RFC 8656 §7.2",
                "The request does not say which transport to relay over (400).",
                "어떤 전송 프로토콜로 중계할지 요청에 없습니다(400).";
            TurnTransportUnsupported: "turn-transport-unsupported", "RFC 8656 §7.2",
                "The server relays over UDP only (442).",
                "서버는 UDP로만 중계합니다(442).";
            TurnDontFragment: "turn-dont-fragment", "RFC 8656 §7.2",
                "The server cannot set the DF bit towards peers.",
                "서버는 피어로 보내는 패킷에 DF 비트를 설정할 수 없습니다.";
            TurnAttributesConflict: "turn-attributes-conflict", "RFC 8656 §7.2",
                "The request combines attributes that exclude each other (400).",
                "함께 쓸 수 없는 속성들이 요청에 들어 있습니다(400).";
            TurnFamilyUnsupported: "turn-family-unsupported", "RFC 8656 §7.2",
                "The server has no relayed addresses of this family (440).",
                "서버에 이 주소 체계의 릴레이 주소가 없습니다(440).";
            TurnReservationUnknown: "turn-reservation-unknown", "RFC 8656 §7.2",
                "There is no reserved port for this token (508).",
                "이 토큰으로 예약된 포트가 없습니다(508).";
            TurnReservationUnsupported: "turn-reservation-unsupported", "RFC 8656 §7.2",
                "The server cannot reserve the next port (508).",
                "서버는 다음 포트를 예약할 수 없습니다(508).";
            TurnRelayWanted: "turn-relay-wanted", "RFC 8656 §7.2",
                "The request is in order, so a socket for the relayed address is opened.",
                "요청에 문제가 없어 릴레이 주소용 소켓을 엽니다.";
            TurnRelayRefused: "turn-relay-refused", "RFC 8656 §7.2",
                "The server's host could not open a socket for the relayed address (508).",
                "서버 호스트가 릴레이 주소용 소켓을 열지 못했습니다(508).";
            TurnAllocatePending: "turn-allocate-pending", "RFC 8656 §7.2",
                "The repeated request is being worked on already.",
                "반복된 요청이며 이미 처리하고 있습니다.";
            TurnAllocateRepeated: "turn-allocate-repeated", "RFC 8656 §7.2",
                "The request was answered before, so it gets the same answer again.",
                "이미 응답한 요청이어서 같은 응답을 다시 보냅니다.";
            TurnThrottled: "turn-throttled", "RFC 8489 §16.1.2",
                "The address gets no more answers this second, because nobody there has shown credentials.",
                "자격 증명을 보인 적 없는 주소여서 이번 1초 동안 더 응답하지 않습니다.";
            TurnTooManyStreams: "turn-too-many-streams", "",
                "There are as many connections of clients as the server keeps, so this one is closed.",
                "서버가 유지하는 클라이언트 연결 수에 이르러 이 연결을 닫습니다.";
            TurnStreamBroken: "turn-stream-broken", "RFC 8656 §12.5",
                "The stream holds something that is neither STUN nor ChannelData, so it is closed.",
                "스트림에 STUN도 ChannelData도 아닌 것이 있어 연결을 닫습니다.";
            TurnStreamIdle: "turn-stream-idle", "",
                "The client has connected and asked for nothing, so it is disconnected.",
                "클라이언트가 연결만 하고 아무것도 요청하지 않아 연결을 끊습니다.";
            TurnStreamClosed: "turn-stream-closed", "RFC 8656 §3.1",
                "The client's connection is gone, and its allocation with it.",
                "클라이언트 연결이 끊어져 할당도 사라졌습니다.";
            TurnMobilityForbidden: "turn-mobility-forbidden", "RFC 8016 §3.1.2",
                "The server does not let allocations move to another address (405).",
                "서버가 할당을 다른 주소로 옮기는 것을 허용하지 않습니다(405).";
            TurnTicketUnknown: "turn-ticket-unknown", "RFC 8016 §3.2.2",
                "The ticket belongs to no allocation (400).",
                "어느 할당에도 속하지 않는 티켓입니다(400).";
            TurnMoved: "turn-moved", "RFC 8016 §3.2.2",
                "The client has come to another address and takes its allocation along.",
                "클라이언트가 다른 주소로 옮겨 오면서 할당을 가져왔습니다.";
            TurnIcmpRelayed: "turn-icmp-relayed", "RFC 8656 §11.5",
                "An ICMP error came back for what was relayed, and the client is told.",
                "중계한 데이터에 대한 ICMP 오류가 돌아와 클라이언트에 알립니다.";
            TurnNotForConnections: "turn-not-for-connections", "RFC 6062 §5.2",
                "The allocation is for datagrams where one for connections is needed, or the other way round (400).",
                "연결용 할당이 필요한데 데이터그램용이거나 그 반대입니다(400).";
            TurnConnecting: "turn-connecting", "RFC 6062 §5.2",
                "The client wants a connection to a peer, so the server connects.",
                "클라이언트가 피어와의 연결을 원하여 서버가 연결합니다.";
            TurnConnected: "turn-connected", "RFC 6062 §5.2",
                "The peer is connected and waits for the client to take the connection over.",
                "피어와 연결되어 클라이언트가 연결을 넘겨받기를 기다립니다.";
            TurnConnectFailed: "turn-connect-failed", "RFC 6062 §5.2",
                "The peer could not be connected to, or not in time (447).",
                "피어에 연결하지 못했거나 제때 연결되지 않았습니다(447).";
            TurnConnectionExists: "turn-connection-exists", "RFC 6062 §5.2",
                "There is a connection to this peer already (446).",
                "이 피어와의 연결이 이미 있습니다(446).";
            TurnPeerConnects: "turn-peer-connects", "RFC 6062 §5.3",
                "A permitted peer has connected to the relayed address, and the client is told.",
                "허용된 피어가 릴레이 주소에 연결하여 클라이언트에 알립니다.";
            TurnConnectionUnknown: "turn-connection-unknown", "RFC 6062 §5.4",
                "There is no such connection to take over for this user on this stream (400).",
                "이 사용자가 이 스트림에서 넘겨받을 연결이 없습니다(400).";
            TurnConnectionBound: "turn-connection-bound", "RFC 6062 §5.4",
                "The client has taken the connection over; bytes go both ways now.",
                "클라이언트가 연결을 넘겨받아 이제 바이트가 양쪽으로 오갑니다.";
            TurnConnectionUnclaimed: "turn-connection-unclaimed", "RFC 6062 §5.3",
                "The client did not take the connection over within 30 seconds, so it is closed.",
                "클라이언트가 30초 안에 연결을 넘겨받지 않아 닫습니다.";
            TurnTooEarly: "turn-too-early", "",
                "The peer has sent more than the server keeps until the client takes the connection over.",
                "클라이언트가 연결을 넘겨받기 전에 피어가 서버가 보관하는 양보다 많이 보냈습니다.";
            TurnPeerGone: "turn-peer-gone", "RFC 6062 §5.5",
                "The peer has closed its connection.",
                "피어가 연결을 닫았습니다.";
            TurnPeerMissing: "turn-peer-missing", "RFC 8656 §10.2",
                "The request does not say for which peer it is (400).",
                "어느 피어에 대한 요청인지 빠져 있습니다(400).";
            TurnChannelInvalid: "turn-channel-invalid", "RFC 8656 §12.2",
                "The channel number is not one from 0x4000 to 0x4fff (400).",
                "채널 번호가 0x4000에서 0x4fff 사이가 아닙니다(400).";
            TurnChannelConflict: "turn-channel-conflict", "RFC 8656 §12.2",
                "The channel is bound to another peer, or the peer to another channel (400).",
                "채널이 다른 피어에, 또는 피어가 다른 채널에 바인딩되어 있습니다(400).";
        } }
    };
}
