//! Values of attributes in words, for people. Not here: where they stand in the message ([`fields`](super::fields())).

use std::fmt;

use super::{AddressFamily, Attribute, ErrorCode, PasswordAlgorithm, PasswordAlgorithmList};

/// Bytes shown of a long value.
const SHOWN_MAX: usize = 32;

/// `198.51.100.7:3478`, `401 Unauthenticated`, `600 s`, …
impl fmt::Display for Attribute<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Attribute::MappedAddress(address)
            | Attribute::XorMappedAddress(address)
            | Attribute::AlternateServer(address)
            | Attribute::ResponseOrigin(address)
            | Attribute::OtherAddress(address)
            | Attribute::XorPeerAddress(address)
            | Attribute::XorRelayedAddress(address) => write!(f, "{address}"),
            Attribute::Username(text)
            | Attribute::Realm(text)
            | Attribute::Nonce(text)
            | Attribute::Software(text)
            | Attribute::AlternateDomain(text) => write!(f, "{}", text.escape_debug()),
            Attribute::UserHash(value) => hex(f, value),
            Attribute::MessageIntegrity(value) => hex(f, value),
            Attribute::MessageIntegritySha256(value) => hex(f, value),
            Attribute::ReservationToken(value) => hex(f, value),
            Attribute::Data(value) | Attribute::Padding(value) => bytes(f, value),
            Attribute::MobilityTicket([]) => f.write_str("asked for"),
            Attribute::MobilityTicket(value) => bytes(f, value),
            Attribute::Unknown { kind, value } => {
                bytes(f, value)?;
                if kind.is_comprehension_required() {
                    f.write_str(", comprehension required")
                } else {
                    Ok(())
                }
            }
            Attribute::Fingerprint(number) => write!(f, "{number:#010x}"),
            Attribute::ErrorCode(error) => write!(f, "{error}"),
            Attribute::AddressErrorCode(error) => write!(f, "{} for {}", error.error, error.family),
            Attribute::PasswordAlgorithms(list) | Attribute::PasswordAlgorithm(list) => write!(f, "{list}"),
            Attribute::UnknownAttributes(types) => join(f, types.iter()),
            Attribute::Priority(number) => write!(f, "{number}"),
            Attribute::UseCandidate | Attribute::DontFragment => f.write_str("present"),
            Attribute::IceControlled(number) | Attribute::IceControlling(number) => {
                write!(f, "tie-breaker {number:#018x}")
            }
            Attribute::ChannelNumber(number) => write!(f, "{number:#06x}"),
            Attribute::Lifetime(seconds) => write!(f, "{seconds} s"),
            Attribute::RequestedAddressFamily(family) | Attribute::AdditionalAddressFamily(family) => {
                write!(f, "{family}")
            }
            Attribute::EvenPort(true) => f.write_str("even, and the next one reserved"),
            Attribute::EvenPort(false) => f.write_str("even"),
            Attribute::RequestedTransport(17) => f.write_str("UDP (17)"),
            Attribute::RequestedTransport(6) => f.write_str("TCP (6)"),
            Attribute::RequestedTransport(number) => write!(f, "IP protocol {number}"),
            Attribute::ChangeRequest(change) => f.write_str(match (change.address, change.port) {
                (true, true) => "from the other address and port",
                (true, false) => "from the other address",
                (false, true) => "from the other port",
                (false, false) => "from the same address and port",
            }),
            Attribute::ResponsePort(port) => write!(f, "{port}"),
            Attribute::ConnectionId(number) => write!(f, "{number:#010x}"),
            Attribute::Icmp(error) => {
                write!(f, "type {}, code {}, data {}", error.icmp_type, error.icmp_code, error.error_data)
            }
        }
    }
}

/// `401 Unauthenticated`
impl fmt::Display for ErrorCode<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code, self.phrase.escape_debug())
    }
}

/// `IPv4 (0x01)`
impl fmt::Display for AddressFamily {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({:#04x})", self.word(), self.0)
    }
}

/// `SHA-256, MD5`
impl fmt::Display for PasswordAlgorithmList<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        join(
            f,
            self.iter().map(|(number, _)| match PasswordAlgorithm::from_number(number) {
                Some(PasswordAlgorithm::Md5) => "MD5".to_owned(),
                Some(PasswordAlgorithm::Sha256) => "SHA-256".to_owned(),
                None => format!("algorithm {number:#06x}"),
            }),
        )
    }
}

fn join<T: fmt::Display>(f: &mut fmt::Formatter<'_>, items: impl Iterator<Item = T>) -> fmt::Result {
    for (index, item) in items.enumerate() {
        let comma = if index == 0 { "" } else { ", " };
        write!(f, "{comma}{item}")?;
    }
    Ok(())
}

fn bytes(f: &mut fmt::Formatter<'_>, value: &[u8]) -> fmt::Result {
    write!(f, "{} bytes", value.len())?;
    if value.is_empty() {
        return Ok(());
    }
    f.write_str(": ")?;
    hex(f, value)
}

fn hex(f: &mut fmt::Formatter<'_>, value: &[u8]) -> fmt::Result {
    value.iter().take(SHOWN_MAX).try_for_each(|byte| write!(f, "{byte:02x}"))?;
    if value.len() > SHOWN_MAX { f.write_str("…") } else { Ok(()) }
}
