//! The registry of attribute types: number and name. Not here: what their values look like.

use std::fmt;

/// The 16-bit type of an attribute.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AttributeType(pub u16);

macro_rules! attribute_types {
    (understood { $($constant:ident = $number:literal, $name:literal, $section:literal;)* }
     of_usages { $($usage:ident = $usage_number:literal, $usage_name:literal, $usage_section:literal;)* }
     named { $($other:literal, $other_name:literal;)* }) => {
        impl AttributeType {
            $(#[doc = concat!($name, " (", $section, ")")]
            pub const $constant: AttributeType = AttributeType($number);)*
            $(#[doc = concat!($usage_name, " (", $usage_section, ")")]
            pub const $usage: AttributeType = AttributeType($usage_number);)*

            /// Every type whose value this module understands, in the order of the registry.
            pub const UNDERSTOOD: &'static [AttributeType] =
                &[$(AttributeType::$constant,)* $(AttributeType::$usage,)*];

            /// The name in the words of its RFC; types that are only named here (for readers of captures) have one too.
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($number => Some($name),)*
                    $($usage_number => Some($usage_name),)*
                    $($other => Some($other_name),)*
                    _ => None,
                }
            }

            /// Whether this module understands the value.
            pub const fn is_understood(self) -> bool {
                matches!(self.0, $($number)|* | $($usage_number)|*)
            }

            /// Whether only some usages of STUN know what to do with it. Whoever does not speak such a usage must treat the attribute
            /// as unknown, although its value can be read here (RFC 8489 §13).
            pub const fn is_of_a_usage(self) -> bool {
                matches!(self.0, $($usage_number)|*)
            }
        }
    };
}

attribute_types! {
    understood {
        MAPPED_ADDRESS = 0x0001, "MAPPED-ADDRESS", "RFC 8489 §14.1";
        USERNAME = 0x0006, "USERNAME", "RFC 8489 §14.3";
        MESSAGE_INTEGRITY = 0x0008, "MESSAGE-INTEGRITY", "RFC 8489 §14.5";
        ERROR_CODE = 0x0009, "ERROR-CODE", "RFC 8489 §14.8";
        UNKNOWN_ATTRIBUTES = 0x000A, "UNKNOWN-ATTRIBUTES", "RFC 8489 §14.13";
        CHANNEL_NUMBER = 0x000C, "CHANNEL-NUMBER", "RFC 8656 §18.1";
        LIFETIME = 0x000D, "LIFETIME", "RFC 8656 §18.2";
        XOR_PEER_ADDRESS = 0x0012, "XOR-PEER-ADDRESS", "RFC 8656 §18.3";
        DATA = 0x0013, "DATA", "RFC 8656 §18.4";
        REALM = 0x0014, "REALM", "RFC 8489 §14.9";
        NONCE = 0x0015, "NONCE", "RFC 8489 §14.10";
        XOR_RELAYED_ADDRESS = 0x0016, "XOR-RELAYED-ADDRESS", "RFC 8656 §18.5";
        REQUESTED_ADDRESS_FAMILY = 0x0017, "REQUESTED-ADDRESS-FAMILY", "RFC 8656 §18.6";
        EVEN_PORT = 0x0018, "EVEN-PORT", "RFC 8656 §18.7";
        REQUESTED_TRANSPORT = 0x0019, "REQUESTED-TRANSPORT", "RFC 8656 §18.8";
        DONT_FRAGMENT = 0x001A, "DONT-FRAGMENT", "RFC 8656 §18.9";
        MESSAGE_INTEGRITY_SHA256 = 0x001C, "MESSAGE-INTEGRITY-SHA256", "RFC 8489 §14.6";
        PASSWORD_ALGORITHM = 0x001D, "PASSWORD-ALGORITHM", "RFC 8489 §14.12";
        USERHASH = 0x001E, "USERHASH", "RFC 8489 §14.4";
        XOR_MAPPED_ADDRESS = 0x0020, "XOR-MAPPED-ADDRESS", "RFC 8489 §14.2";
        RESERVATION_TOKEN = 0x0022, "RESERVATION-TOKEN", "RFC 8656 §18.10";
        PRIORITY = 0x0024, "PRIORITY", "RFC 8445 §16.1";
        USE_CANDIDATE = 0x0025, "USE-CANDIDATE", "RFC 8445 §16.1";
        ADDITIONAL_ADDRESS_FAMILY = 0x8000, "ADDITIONAL-ADDRESS-FAMILY", "RFC 8656 §18.11";
        ADDRESS_ERROR_CODE = 0x8001, "ADDRESS-ERROR-CODE", "RFC 8656 §18.12";
        PASSWORD_ALGORITHMS = 0x8002, "PASSWORD-ALGORITHMS", "RFC 8489 §14.11";
        ALTERNATE_DOMAIN = 0x8003, "ALTERNATE-DOMAIN", "RFC 8489 §14.16";
        ICMP = 0x8004, "ICMP", "RFC 8656 §18.13";
        SOFTWARE = 0x8022, "SOFTWARE", "RFC 8489 §14.14";
        ALTERNATE_SERVER = 0x8023, "ALTERNATE-SERVER", "RFC 8489 §14.15";
        FINGERPRINT = 0x8028, "FINGERPRINT", "RFC 8489 §14.7";
        ICE_CONTROLLED = 0x8029, "ICE-CONTROLLED", "RFC 8445 §16.1";
        ICE_CONTROLLING = 0x802A, "ICE-CONTROLLING", "RFC 8445 §16.1";
    }
    of_usages {
        CHANGE_REQUEST = 0x0003, "CHANGE-REQUEST", "RFC 5780 §7.2";
        PADDING = 0x0026, "PADDING", "RFC 5780 §7.6";
        RESPONSE_PORT = 0x0027, "RESPONSE-PORT", "RFC 5780 §7.5";
        CONNECTION_ID = 0x002A, "CONNECTION-ID", "RFC 6062 §6.2.1";
        RESPONSE_ORIGIN = 0x802B, "RESPONSE-ORIGIN", "RFC 5780 §7.3";
        OTHER_ADDRESS = 0x802C, "OTHER-ADDRESS", "RFC 5780 §7.4";
        MOBILITY_TICKET = 0x8030, "MOBILITY-TICKET", "RFC 8016 §3.3";
    }
    named {
        0x0002, "RESPONSE-ADDRESS";
        0x0004, "SOURCE-ADDRESS";
        0x0005, "CHANGED-ADDRESS";
        0x0007, "PASSWORD";
        0x000B, "REFLECTED-FROM";
        0x001B, "ACCESS-TOKEN";
        0x8025, "TRANSACTION-TRANSMIT-COUNTER";
        0x8027, "CACHE-TIMEOUT";
        0x802D, "ECN-CHECK-STUN";
        0x802E, "THIRD-PARTY-AUTHORIZATION";
        0xC001, "GOOG-NOMINATION";
        0xC057, "GOOG-NETWORK-INFO";
        0xC058, "GOOG-LAST-ICE-CHECK-RECEIVED";
        0xC059, "GOOG-MISC-INFO";
        0xC05B, "GOOG-DELTA";
        0xC05C, "GOOG-DELTA-ACK";
        0xC060, "GOOG-MESSAGE-INTEGRITY-32";
    }
}

impl AttributeType {
    /// Whether who does not understand it must refuse the message (RFC 8489 §14): types below 0x8000.
    pub const fn is_comprehension_required(self) -> bool {
        self.0 < 0x8000
    }
}

/// `XOR-MAPPED-ADDRESS`, or `attribute 0x7fff` where there is no name.
impl fmt::Display for AttributeType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.pad(name),
            None => write!(f, "attribute {:#06x}", self.0),
        }
    }
}

impl fmt::Debug for AttributeType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
