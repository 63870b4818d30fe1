//! The reasons of STUN itself (RFC 8489): transactions, credentials, and messages that are not taken.
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

            StunChallenged: "stun-challenged", "RFC 8489 §9.2.5",
                "The server wants credentials, so the request is sent again, signed.",
                "서버가 자격 증명을 요구해 요청에 서명하여 다시 보냅니다.";
            StunChallengeIncomplete: "stun-challenge-incomplete", "RFC 8489 §9.2.5",
                "The server wants credentials but does not say its realm and a nonce, so they cannot be given.",
                "서버가 자격 증명을 요구하면서 영역(realm)과 논스를 알려 주지 않아 응할 수 없습니다.";
            StunBidDown: "stun-bid-down", "RFC 8489 §9.2.5",
                "The nonce promises a list of password algorithms that is missing: somebody may have removed it, so no retry is made.",
                "논스가 약속한 암호 알고리즘 목록이 없습니다. 누군가 지웠을 수 있으므로 다시 시도하지 않습니다.";
            StunNoCommonAlgorithm: "stun-no-common-algorithm", "RFC 8489 §9.2.5",
                "None of the password algorithms that the server offers is known here.",
                "서버가 제시한 암호 알고리즘 가운데 여기서 아는 것이 없습니다.";
            StunCredentialsRefused: "stun-credentials-refused", "RFC 8489 §9.2.5",
                "The server refuses the username or the password; trying them again would not help.",
                "서버가 사용자 이름이나 암호를 거절했으며, 다시 시도해도 소용없습니다.";
            StunStaleNonce: "stun-stale-nonce", "RFC 8489 §9.2.5",
                "The nonce is no longer valid, so the request is sent again with the new one.",
                "논스가 더는 유효하지 않아 새 논스로 요청을 다시 보냅니다.";
            StunNonceLoop: "stun-nonce-loop", "RFC 8489 §9.2.5",
                "The server calls each of its own new nonces stale, so the request is given up.",
                "서버가 자신이 준 새 논스마다 만료되었다고 하여 요청을 포기합니다.";
            StunUntrusted: "stun-untrusted", "RFC 8489 §9.2.5",
                "The response is not signed with the password, so it is dropped as if it had never come.",
                "응답이 암호로 서명되지 않아 오지 않은 것으로 치고 버립니다.";
            StunIntegrityViolated: "stun-integrity-violated", "RFC 8489 §9.2.5",
                "Responses came, but none was signed with the password, so the transaction has failed.",
                "응답은 왔으나 암호로 서명된 것이 없어 트랜잭션이 실패했습니다.";
            StunNoIntegrity: "stun-no-integrity", "RFC 8489 §9.2.4",
                "The request is not signed, so the client is asked for credentials (401).",
                "요청에 서명이 없어 클라이언트에게 자격 증명을 요구합니다(401).";
            StunCredentialsIncomplete: "stun-credentials-incomplete", "RFC 8489 §9.2.4",
                "The request is signed but lacks username, realm or nonce (400).",
                "요청에 서명은 있으나 사용자 이름, 영역(realm), 논스 가운데 빠진 것이 있습니다(400).";
            StunAlgorithmsAltered: "stun-algorithms-altered", "RFC 8489 §9.2.4",
                "The list of password algorithms is not the one that was offered, so somebody may have altered it (400).",
                "암호 알고리즘 목록이 제시한 것과 달라 누군가 바꾸었을 수 있습니다(400).";
            StunUnknownUser: "stun-unknown-user", "RFC 8489 §9.2.4",
                "There is no such user (401).",
                "그런 사용자가 없습니다(401).";
            StunWrongPassword: "stun-wrong-password", "RFC 8489 §9.2.4",
                "The request is signed with another password (401).",
                "요청이 다른 암호로 서명되었습니다(401).";
            StunNonceExpired: "stun-nonce-expired", "RFC 8489 §9.2.4",
                "The nonce is too old or was given to another address, so a new one is offered (438).",
                "논스가 오래되었거나 다른 주소에 준 것이어서 새 논스를 줍니다(438).";

            StunAlternate: "stun-alternate", "RFC 8489 §10",
                "The server sends its client to another server, which is asked now (300).",
                "서버가 다른 서버로 안내하여 그 서버에 묻습니다(300).";
            StunAlternateUseless: "stun-alternate-useless", "RFC 8489 §10",
                "The server sends its client away, but to nowhere new that can be used (300).",
                "서버가 다른 곳으로 안내하지만 새로 쓸 수 있는 서버가 아닙니다(300).";
            StunWeakerIntegrity: "stun-weaker-integrity", "RFC 8489 §9.1.4",
                "The response is not signed in a way that the request was, so it is dropped.",
                "요청에 쓰인 방식으로 서명되지 않은 응답이어서 버립니다.";
        } }
    };
}
