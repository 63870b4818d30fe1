//! The reasons of data channels (RFC 8831) and of the protocol that opens them (RFC 8832). Not here: those of SCTP below.

/// Adds this protocol's lines to those before, and hands all of them on to the next macro.
macro_rules! data_reasons {
    ($next:ident $($later:ident)* { $($before:tt)* }) => {
        $next! { $($later)* { $($before)*
            DataWanted: "data-wanted", "RFC 8831 §6.5",
                "The application wants a data channel, which waits for its stream and for the association.",
                "애플리케이션이 데이터 채널을 원합니다. 스트림과 연결(association)을 기다립니다.";
            DataStream: "data-stream", "RFC 8832 §6",
                "The channel has its stream: the DTLS client opens even ones, the server odd ones.",
                "채널의 스트림이 정해졌습니다. DTLS 클라이언트는 짝수, 서버는 홀수를 씁니다.";
            DataOpen: "data-open", "RFC 8832 §6",
                "The association is up, so DATA_CHANNEL_OPEN is sent; messages may follow without waiting for its answer.",
                "연결이 열려 DATA_CHANNEL_OPEN을 보냅니다. 메시지는 답을 기다리지 않고 뒤따를 수 있습니다.";
            DataNegotiated: "data-negotiated", "RFC 8831 §6.5",
                "Both sides have agreed on the channel by other means, so it is open as soon as the association is.",
                "양쪽이 다른 방법으로 채널을 합의했으므로 연결이 열리면 바로 열립니다.";
            DataOpened: "data-opened", "RFC 8832 §6",
                "The peer has opened a channel on a free stream of its own kind, so it is acknowledged.",
                "피어가 자기 쪽의 빈 스트림에 채널을 열어 확인 응답을 보냅니다.";
            DataAcknowledged: "data-acknowledged", "RFC 8832 §6",
                "The peer has acknowledged the channel, so messages of an unordered channel may overtake each other from now on.",
                "피어가 채널을 확인했습니다. 이제 순서 없는 채널의 메시지는 서로 앞지를 수 있습니다.";
            DataClose: "data-close", "RFC 8831 §6.7",
                "The application closes the channel: its stream is reset once everything on it has gone out.",
                "애플리케이션이 채널을 닫습니다. 남은 데이터가 모두 나가면 스트림을 초기화합니다.";
            DataPeerCloses: "data-peer-closes", "RFC 8831 §6.7",
                "The peer has reset its stream, so the other direction is reset, too.",
                "피어가 스트림을 초기화하여 반대 방향도 초기화합니다.";
            DataClosed: "data-closed", "RFC 8831 §6.7",
                "Both directions are reset, so the channel is closed and its stream is free again.",
                "양방향이 모두 초기화되어 채널이 닫히고 스트림이 비었습니다.";
            DataNoReset: "data-no-reset", "RFC 8831 §6.7",
                "The peer does not reset streams, so the channel is closed here alone.",
                "피어가 스트림 초기화를 하지 않아 이쪽에서만 채널을 닫습니다.";
            DataAssociationOver: "data-association-over", "RFC 8831 §6.2",
                "The SCTP association is over, and every channel on it with it.",
                "SCTP 연결이 끝나 그 위의 채널도 모두 끝났습니다.";
            DataNoStream: "data-no-stream", "RFC 8831 §6.2",
                "The stream is beyond those that the peer agreed to, so the channel cannot be opened.",
                "피어가 합의한 범위를 넘는 스트림이어서 채널을 열 수 없습니다.";
            DataWrongParity: "data-wrong-parity", "RFC 8832 §6",
                "The peer opens a stream that only we may open, so it is refused by a reset.",
                "우리만 열 수 있는 스트림을 피어가 열려 해서 초기화로 거부합니다.";
            DataStreamInUse: "data-stream-in-use", "RFC 8832 §6",
                "The peer opens a stream that has a channel already, so the channel is closed.",
                "이미 채널이 있는 스트림을 피어가 다시 열려 해서 채널을 닫습니다.";
            DataUnusedStream: "data-unused-stream", "RFC 8832 §6",
                "A message came on a stream without a channel, which is an error, so the stream is reset.",
                "채널이 없는 스트림에 메시지가 왔습니다. 오류이므로 스트림을 초기화합니다.";
            DataMalformed: "data-malformed", "RFC 8832 §5.1",
                "The message of the establishment protocol is cut short, too long, or of an unknown channel type.",
                "개설 프로토콜 메시지가 짧거나 길거나 채널 종류를 알 수 없습니다.";
            DataUnknownMessage: "data-unknown-message", "RFC 8832 §5",
                "The establishment protocol knows no message of this type, so the channel is closed.",
                "개설 프로토콜에 없는 메시지 종류여서 채널을 닫습니다.";
            DataUnexpectedAck: "data-unexpected-ack", "RFC 8832 §5.2",
                "DATA_CHANNEL_ACK answers nothing that was sent.",
                "보낸 적 없는 요청에 대한 DATA_CHANNEL_ACK입니다.";
            DataUnknownPayload: "data-unknown-payload", "RFC 8831 §8",
                "The payload protocol identifier is none that data channels use today, so the message is dropped.",
                "데이터 채널이 오늘날 쓰지 않는 페이로드 프로토콜 식별자여서 메시지를 버립니다.";
            DataNotOpen: "data-not-open", "RFC 8831 §6.7",
                "The channel is being closed, so the message is dropped.",
                "채널이 닫히는 중이어서 메시지를 버립니다.";
            DataTooMany: "data-too-many", "RFC 8832 §8",
                "The peer has opened as many channels, or told as long labels, as are kept here, so this one is refused.",
                "피어가 연 채널 수나 라벨 길이가 여기서 허용하는 한도에 이르러 거부합니다.";
        } }
    };
}
