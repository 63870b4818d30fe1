//! Why a protocol did what it did: one registry, a variant a reason, its RFC section and sentences beside it.
//!
//! The lines stand in a file for each protocol, `stun`, `behavior`, `ice`, `turn`, `dns`, `dtls`, `pcp`, `sctp`, `data`, `sdp`, `jsep` and `session`,
//! and become one enum here. Not here: the reasons of
//! the network itself (`rtclab-trace`), which are made with the same macro.

#[macro_use]
mod behavior;
#[macro_use]
mod data;
#[macro_use]
mod dns;
#[macro_use]
mod dtls;
#[macro_use]
mod ice;
#[macro_use]
mod jsep;
#[macro_use]
mod pcp;
#[macro_use]
mod sctp;
#[macro_use]
mod sdp;
#[macro_use]
mod session;
#[macro_use]
mod stun;
#[macro_use]
mod turn;

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
/// The end of the chain of protocols: one enum of all their lines, so that a reason is `Reason::Variant` wherever it comes from.
macro_rules! registry {
    ({ $($lines:tt)* }) => {
        reasons! {
            /// Why a STUN, TURN, ICE or DNS endpoint, or the session above them, sent, refused or changed something.
            pub enum Reason { $($lines)* }
        }
    };
}

stun_reasons! {
    behavior_reasons ice_reasons turn_reasons dns_reasons dtls_reasons pcp_reasons sctp_reasons data_reasons sdp_reasons jsep_reasons
    session_reasons registry {}
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
