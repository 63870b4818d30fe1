//! Why a protocol did what it did: one registry, a variant a reason, its RFC section and sentences beside it.
//! Not here: the reasons of the network itself (`rtclab-trace`), which are made with the same macro.

/// What a reason tells a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReasonText {
    /// A stable name for programs, in kebab-case: `unfreeze-first-of-foundation`.
    pub code: &'static str,
    /// Where the rule stands, as people cite it: `RFC 8445 §6.1.2.6`; empty where no RFC rules it.
    pub section: &'static str,
    /// One sentence in English.
    pub english: &'static str,
    /// The same sentence in Korean.
    pub korean: &'static str,
}

/// Makes an enum of reasons with its texts and the list of all of them.
///
/// Each line reads `Variant: "code", "RFC section", "English sentence", "Korean sentence";`.
#[macro_export]
macro_rules! reasons {
    ($(#[$meta:meta])* $visibility:vis enum $name:ident {
        $($variant:ident: $code:literal, $section:literal, $english:literal, $korean:literal;)*
    }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $visibility enum $name {
            $(#[doc = concat!($english, " (", $section, ")")] $variant,)*
        }

        impl $name {
            /// Every reason there is, in the order of the registry.
            pub const ALL: &'static [$name] = &[$($name::$variant,)*];

            /// Its code, section and sentences.
            pub const fn text(self) -> $crate::reason::ReasonText {
                match self {
                    $($name::$variant => $crate::reason::ReasonText {
                        code: $code, section: $section, english: $english, korean: $korean,
                    },)*
                }
            }
        }
    };
}

reasons! {
    /// Why a STUN, TURN or ICE endpoint sent, refused or changed something.
    pub enum Reason {
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
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_every_sentence_is_written_in_both_languages() {
        let mut codes: Vec<_> = Reason::ALL.iter().map(|reason| reason.text().code).collect();
        codes.sort_unstable();
        let count = codes.len();
        codes.dedup();
        assert_eq!(codes.len(), count, "two reasons share a code");
        for reason in Reason::ALL {
            let text = reason.text();
            assert!(text.english.ends_with('.'), "{reason:?}");
            assert!(text.korean.chars().any(|c| ('가'..='힣').contains(&c)), "{reason:?}");
        }
    }
}
