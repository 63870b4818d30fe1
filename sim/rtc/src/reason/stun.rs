//! The reasons of STUN itself (RFC 8489): transactions, and messages that are not taken.
//! Not here: what uses STUN, `ice` and `turn`.

/// Adds this protocol's lines to those before, and hands all of them on to the next macro.
macro_rules! stun_reasons {
    ($next:ident $($later:ident)* { $($before:tt)* }) => {
        $next! { $($later)* { $($before)*
            RetransmissionTimeout: "stun-rto", "RFC 8489 §6.2.1",
                "No response within the retransmission timeout, so the request is sent again.",
                "재전송 타임아웃 안에 응답이 없어 요청을 다시 보냅니다.";
            TransactionTimeout: "stun-timeout", "RFC 8489 §6.2.1",
                "The last retransmission stayed unanswered, so the transaction has failed.",
                "마지막 재전송에도 응답이 없어 트랜잭션이 실패했습니다.";

            StunMalformed: "stun-malformed", "RFC 8489 §6.3",
                "The datagram is not a well-formed STUN message, so it is dropped.",
                "데이터그램이 올바른 STUN 메시지가 아니어서 버립니다.";
            StunUnexpected: "stun-unexpected", "RFC 8489 §6.3",
                "This class and method of message is not expected here, so it is dropped.",
                "여기서는 받을 일이 없는 클래스와 메서드의 메시지여서 버립니다.";
            StunIndication: "stun-indication", "RFC 8489 §6.3.2",
                "An indication wants no response; it only kept the path open.",
                "인디케이션은 응답을 바라지 않으며, 경로를 유지하는 역할만 합니다.";
            StunNoTransaction: "stun-no-transaction", "RFC 8489 §6.3.3",
                "The response belongs to no pending transaction with its sender, so it is ignored.",
                "보낸 쪽과 진행 중인 트랜잭션에 속하지 않는 응답이어서 무시합니다.";
            StunUnknownAttributes: "stun-unknown-attributes", "RFC 8489 §6.3.1",
                "The request carries attributes that must be understood and are not, so it is refused with 420.",
                "반드시 이해해야 하는데 알 수 없는 속성이 요청에 있어 420으로 거절합니다.";
            StunUnknownInResponse: "stun-unknown-in-response", "RFC 8489 §6.3.3",
                "The response carries attributes that must be understood and are not, so the transaction has failed.",
                "반드시 이해해야 하는데 알 수 없는 속성이 응답에 있어 트랜잭션이 실패했습니다.";
        } }
    };
}
