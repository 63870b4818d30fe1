//! Class and method, and how the two share the first 16 bits of a message.

/// What kind of message it is (RFC 8489 §5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Wants a response.
    Request,
    /// Wants none.
    Indication,
    /// Answers a request that was granted.
    Success,
    /// Answers a request that was refused.
    Error,
}

impl Class {
    /// The word people use: `request`, `indication`, `success response`, `error response`.
    pub const fn word(self) -> &'static str {
        match self {
            Class::Request => "request",
            Class::Indication => "indication",
            Class::Success => "success response",
            Class::Error => "error response",
        }
    }

    /// Whether it answers a request.
    pub const fn is_response(self) -> bool {
        matches!(self, Class::Success | Class::Error)
    }
}

/// What is asked for: 12 bits (RFC 8489 §18.2, RFC 8656 §17).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Method(pub u16);

impl Method {
    /// "What is my address?", and ICE's connectivity checks.
    pub const BINDING: Method = Method(0x001);
    /// TURN: a relayed address, please.
    pub const ALLOCATE: Method = Method(0x003);
    /// TURN: keep (or release) the allocation.
    pub const REFRESH: Method = Method(0x004);
    /// TURN: client to server, data for a peer.
    pub const SEND: Method = Method(0x006);
    /// TURN: server to client, data from a peer.
    pub const DATA: Method = Method(0x007);
    /// TURN: let peers with these addresses in.
    pub const CREATE_PERMISSION: Method = Method(0x008);
    /// TURN: a 4-byte header for this peer from now on.
    pub const CHANNEL_BIND: Method = Method(0x009);
    /// TURN over TCP: connect to this peer (RFC 6062 §6.1).
    pub const CONNECT: Method = Method(0x00A);
    /// TURN over TCP: this connection carries the data of that one.
    pub const CONNECTION_BIND: Method = Method(0x00B);
    /// TURN over TCP, server to client: a peer has connected.
    pub const CONNECTION_ATTEMPT: Method = Method(0x00C);

    /// The name in the RFC's words, or `unknown method`.
    pub const fn name(self) -> &'static str {
        match self {
            Method::BINDING => "Binding",
            Method::ALLOCATE => "Allocate",
            Method::REFRESH => "Refresh",
            Method::SEND => "Send",
            Method::DATA => "Data",
            Method::CREATE_PERMISSION => "CreatePermission",
            Method::CHANNEL_BIND => "ChannelBind",
            Method::CONNECT => "Connect",
            Method::CONNECTION_BIND => "ConnectionBind",
            Method::CONNECTION_ATTEMPT => "ConnectionAttempt",
            Method(_) => "unknown method",
        }
    }
}

/// Weaves class (C) and method (M) into the first two bytes: `00MMMMMC MMMCMMMM` (RFC 8489 §5, figure 3).
pub(crate) const fn encode_type(class: Class, method: Method) -> u16 {
    let m = method.0;
    let c = match class {
        Class::Request => 0x000,
        Class::Indication => 0x010,
        Class::Success => 0x100,
        Class::Error => 0x110,
    };
    (m & 0x00F) | ((m & 0x070) << 1) | ((m & 0xF80) << 2) | c
}

/// The inverse of [`encode_type`]; the two top bits are the caller's to check.
pub(crate) const fn decode_type(bits: u16) -> (Class, Method) {
    let class = match bits & 0x110 {
        0x000 => Class::Request,
        0x010 => Class::Indication,
        0x100 => Class::Success,
        _ => Class::Error,
    };
    (class, Method((bits & 0x00F) | ((bits & 0x0E0) >> 1) | ((bits & 0x3E00) >> 2)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_and_method_survives_the_weave() {
        for class in [Class::Request, Class::Indication, Class::Success, Class::Error] {
            for method in 0..0x1000 {
                let bits = encode_type(class, Method(method));
                assert_eq!(bits & 0xC000, 0, "the top bits stay zero");
                assert_eq!(decode_type(bits), (class, Method(method)));
            }
        }
    }

    #[test]
    fn binding_messages_have_the_well_known_types() {
        assert_eq!(encode_type(Class::Request, Method::BINDING), 0x0001);
        assert_eq!(encode_type(Class::Indication, Method::BINDING), 0x0011);
        assert_eq!(encode_type(Class::Success, Method::BINDING), 0x0101);
        assert_eq!(encode_type(Class::Error, Method::BINDING), 0x0111);
        assert_eq!(encode_type(Class::Error, Method::ALLOCATE), 0x0113);
    }
}
