//! ERROR-CODE and ADDRESS-ERROR-CODE: the codes, their usual phrases, and their bytes.

use super::{AddressFamily, ValueProblem};

/// Longest reason phrase (RFC 8489 §14.8).
pub(crate) const REASON_PHRASE_MAX: usize = 763;

/// A code from 300 to 699 and a phrase for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErrorCode<'a> {
    /// The code: 401, 438, 487, …
    pub code: u16,
    /// What the sender says about it.
    pub phrase: &'a str,
}

macro_rules! error_codes {
    ($($constant:ident = $code:literal, $phrase:literal, $section:literal;)*) => {
        impl ErrorCode<'static> {
            $(#[doc = concat!($phrase, " (", $section, ")")]
            pub const $constant: u16 = $code;)*
        }

        /// The phrase that belongs to a code; empty for one that no RFC here defines.
        pub const fn usual_phrase(code: u16) -> &'static str {
            match code {
                $($code => $phrase,)*
                _ => "",
            }
        }
    };
}

error_codes! {
    TRY_ALTERNATE = 300, "Try Alternate", "RFC 8489 §14.8";
    BAD_REQUEST = 400, "Bad Request", "RFC 8489 §14.8";
    UNAUTHENTICATED = 401, "Unauthenticated", "RFC 8489 §14.8";
    FORBIDDEN = 403, "Forbidden", "RFC 8656 §19";
    MOBILITY_FORBIDDEN = 405, "Mobility Forbidden", "RFC 8016 §3.4";
    UNKNOWN_ATTRIBUTE = 420, "Unknown Attribute", "RFC 8489 §14.8";
    ALLOCATION_MISMATCH = 437, "Allocation Mismatch", "RFC 8656 §19";
    STALE_NONCE = 438, "Stale Nonce", "RFC 8489 §14.8";
    ADDRESS_FAMILY_NOT_SUPPORTED = 440, "Address Family not Supported", "RFC 8656 §19";
    WRONG_CREDENTIALS = 441, "Wrong Credentials", "RFC 8656 §19";
    UNSUPPORTED_TRANSPORT_PROTOCOL = 442, "Unsupported Transport Protocol", "RFC 8656 §19";
    PEER_ADDRESS_FAMILY_MISMATCH = 443, "Peer Address Family Mismatch", "RFC 8656 §19";
    CONNECTION_ALREADY_EXISTS = 446, "Connection Already Exists", "RFC 6062 §6.3";
    CONNECTION_TIMEOUT_OR_FAILURE = 447, "Connection Timeout or Failure", "RFC 6062 §6.3";
    ALLOCATION_QUOTA_REACHED = 486, "Allocation Quota Reached", "RFC 8656 §19";
    ROLE_CONFLICT = 487, "Role Conflict", "RFC 8445 §7.3.1.1";
    SERVER_ERROR = 500, "Server Error", "RFC 8489 §14.8";
    INSUFFICIENT_CAPACITY = 508, "Insufficient Capacity", "RFC 8656 §19";
}

impl<'a> ErrorCode<'a> {
    /// A code with its usual phrase.
    pub const fn usual(code: u16) -> ErrorCode<'static> {
        ErrorCode { code, phrase: usual_phrase(code) }
    }

    pub(crate) fn decode(value: &'a [u8]) -> Result<ErrorCode<'a>, ValueProblem> {
        decode_after_first(value).map(|(_, code)| code)
    }

    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        encode_with_first(0, self, out);
    }
}

/// Why one of two requested address families was not given (RFC 8656 §18.12).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddressErrorCode<'a> {
    /// The family that was not given.
    pub family: AddressFamily,
    /// Why.
    pub error: ErrorCode<'a>,
}

impl<'a> AddressErrorCode<'a> {
    pub(crate) fn decode(value: &'a [u8]) -> Result<AddressErrorCode<'a>, ValueProblem> {
        decode_after_first(value)
            .map(|(family, error)| AddressErrorCode { family: AddressFamily(family), error })
    }

    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        encode_with_first(self.family.0, &self.error, out);
    }
}

fn decode_after_first(value: &[u8]) -> Result<(u8, ErrorCode<'_>), ValueProblem> {
    let Some((&[first, _, class, number], phrase)) = value.split_first_chunk::<4>() else {
        return Err(ValueProblem::Short { has: value.len(), least: 4 });
    };
    // RFC 8489 §14.8: 21 reserved bits stand before the class; a receiver ignores them.
    let class = class & 7;
    if !(3..=6).contains(&class) || number > 99 {
        return Err(ValueProblem::ErrorCode { class, number });
    }
    let phrase = super::attribute::text(phrase, REASON_PHRASE_MAX)?;
    Ok((first, ErrorCode { code: u16::from(class) * 100 + u16::from(number), phrase }))
}

fn encode_with_first(first: u8, error: &ErrorCode<'_>, out: &mut Vec<u8>) {
    out.extend_from_slice(&[first, 0, (error.code / 100) as u8, (error.code % 100) as u8]);
    out.extend_from_slice(error.phrase.as_bytes());
}
