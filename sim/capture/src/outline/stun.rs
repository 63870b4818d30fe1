//! The attributes of a STUN message without judging it: captures hold damaged ones, too, and a list of messages should still show them.
//! Not here: whether a message is right (`rtclab_rtc::stun::Message`).

use std::net::SocketAddr;

use rtclab_rtc::stun::{Attribute, AttributeType, HEADER_LENGTH, Header};

use super::be16;

/// A message whose header is right; its attributes are read as far as they go.
#[derive(Clone, Copy, Debug)]
pub struct StunView<'a> {
    /// Its header.
    pub header: Header,
    /// Its bytes, from the header up to the end that its length tells (or the end of what is there).
    pub bytes: &'a [u8],
}

impl<'a> StunView<'a> {
    /// The message at the start of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Option<StunView<'a>> {
        let header = Header::peek(bytes).ok()?;
        let length = HEADER_LENGTH + usize::from(header.attributes_length);
        Some(StunView { header, bytes: bytes.get(..length).unwrap_or(bytes) })
    }

    /// Bytes of the whole message, by its header.
    pub fn length(&self) -> usize {
        HEADER_LENGTH + usize::from(self.header.attributes_length)
    }

    /// Type and value of each attribute, in order.
    pub fn attributes(&self) -> impl Iterator<Item = (AttributeType, &'a [u8])> + use<'a> {
        let bytes = self.bytes;
        let mut at = HEADER_LENGTH;
        std::iter::from_fn(move || {
            let (kind, length) = (be16(bytes, at)?, usize::from(be16(bytes, at + 2)?));
            let value = bytes.get(at + 4..at + 4 + length)?;
            at += 4 + length.next_multiple_of(4);
            Some((AttributeType(kind), value))
        })
    }

    /// The first attribute of a type, if its value has the form of that type.
    pub fn find(&self, kind: AttributeType) -> Option<Attribute<'a>> {
        let (kind, value) = self.attributes().find(|(found, _)| *found == kind)?;
        Attribute::decode(kind, value, &self.header.transaction_id).ok()
    }

    /// What a response says the sender's address is: XORed, or plain as before RFC 5389.
    pub fn mapped_address(&self) -> Option<SocketAddr> {
        let kinds = [AttributeType::XOR_MAPPED_ADDRESS, AttributeType::MAPPED_ADDRESS];
        kinds.into_iter().find_map(|kind| match self.find(kind)? {
            Attribute::XorMappedAddress(address) | Attribute::MappedAddress(address) => Some(address),
            _ => None,
        })
    }

    /// The peer of a Send or Data indication or a ChannelBind request.
    pub fn peer(&self) -> Option<SocketAddr> {
        match self.find(AttributeType::XOR_PEER_ADDRESS)? {
            Attribute::XorPeerAddress(peer) => Some(peer),
            _ => None,
        }
    }

    /// What an indication carries.
    pub fn data(&self) -> Option<&'a [u8]> {
        self.attributes().find(|(kind, _)| *kind == AttributeType::DATA).map(|(_, value)| value)
    }

    /// USERNAME of an ICE check: the receiver's fragment, then the sender's (RFC 8445 §7.2.2).
    pub fn user_fragments(&self) -> Option<(&'a str, &'a str)> {
        match self.find(AttributeType::USERNAME)? {
            Attribute::Username(name) => name.split_once(':'),
            _ => None,
        }
    }

    /// Whether the message has this attribute.
    pub fn has(&self, kind: AttributeType) -> bool {
        self.attributes().any(|(found, _)| found == kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rtclab_rtc::stun::{Builder, Method, TransactionId};

    #[test]
    fn attributes_are_found_in_a_message_whose_end_is_cut_off() {
        let id = TransactionId([7; 12]);
        let mapped = "203.0.113.9:4000".parse().unwrap();
        let bytes = Builder::indication(Method::DATA, id)
            .attribute(&Attribute::XorMappedAddress(mapped))
            .attribute(&Attribute::Data(b"hello"))
            .finish();
        let cut = StunView::new(&bytes[..HEADER_LENGTH + 14]).unwrap();
        assert_eq!(cut.mapped_address(), Some(mapped));
        assert_eq!(cut.data(), None);
        let whole = StunView::new(&bytes).unwrap();
        assert_eq!((whole.data(), whole.length()), (Some(&b"hello"[..]), bytes.len()));
    }
}
