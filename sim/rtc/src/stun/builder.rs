//! Makes messages: attributes in order, padding, integrity, FINGERPRINT.

use super::fingerprint::{FINGERPRINT_LENGTH, fingerprint};
use super::{
    Attribute, AttributeType, Class, ErrorCode, HEADER_LENGTH, Integrity, IntegrityKey, MAGIC_COOKIE,
    MESSAGE_LENGTH_MAX, Message, Method, TransactionId, UnknownTypes, method,
};

/// A message in the making. The order of calls is the order on the wire: attributes, then [`sign`](Builder::sign), then
/// [`finish`](Builder::finish).
///
/// An attribute that does not fit any more is left out (the length field of a message ends at 65,532 bytes; only DATA gets near it,
/// and TURN checks the size of what it relays before).
#[derive(Clone, Debug)]
pub struct Builder {
    bytes: Vec<u8>,
    id: TransactionId,
}

impl Builder {
    /// A message of any class.
    pub fn new(class: Class, method: Method, id: TransactionId) -> Builder {
        let mut bytes = Vec::with_capacity(160);
        bytes.extend_from_slice(&method::encode_type(class, method).to_be_bytes());
        bytes.extend_from_slice(&[0, 0]);
        bytes.extend_from_slice(&MAGIC_COOKIE.to_be_bytes());
        bytes.extend_from_slice(&id.0);
        Builder { bytes, id }
    }

    /// A request.
    pub fn request(method: Method, id: TransactionId) -> Builder {
        Builder::new(Class::Request, method, id)
    }

    /// An indication.
    pub fn indication(method: Method, id: TransactionId) -> Builder {
        Builder::new(Class::Indication, method, id)
    }

    /// The success response to a request.
    pub fn success(request: &Message<'_>) -> Builder {
        Builder::new(Class::Success, request.method(), request.transaction_id())
    }

    /// The error response to a request, with ERROR-CODE and the code's usual phrase in it.
    pub fn error(request: &Message<'_>, code: u16) -> Builder {
        Builder::new(Class::Error, request.method(), request.transaction_id())
            .attribute(&Attribute::ErrorCode(ErrorCode::usual(code)))
    }

    /// Appends an attribute; its padding is zeros (RFC 8489 §14).
    #[must_use]
    pub fn attribute(mut self, attribute: &Attribute<'_>) -> Builder {
        let at = self.bytes.len();
        self.bytes.extend_from_slice(&attribute.kind().0.to_be_bytes());
        self.bytes.extend_from_slice(&[0, 0]);
        attribute.encode_value(&self.id, &mut self.bytes);
        let length = self.bytes.len() - at - 4;
        self.bytes.resize(at + 4 + length.next_multiple_of(4), 0);
        if self.bytes.len() > MESSAGE_LENGTH_MAX {
            self.bytes.truncate(at);
        } else {
            self.bytes[at + 2..at + 4].copy_from_slice(&(length as u16).to_be_bytes());
        }
        self
    }

    /// Appends an attribute if there is one.
    #[must_use]
    pub fn maybe(self, attribute: Option<Attribute<'_>>) -> Builder {
        match attribute {
            Some(attribute) => self.attribute(&attribute),
            None => self,
        }
    }

    /// Appends UNKNOWN-ATTRIBUTES (RFC 8489 §14.13).
    #[must_use]
    pub fn unknown_attributes(self, types: &[u16]) -> Builder {
        let bytes: Vec<u8> = types.iter().flat_map(|kind| kind.to_be_bytes()).collect();
        match UnknownTypes::from_bytes(&bytes) {
            Ok(list) => self.attribute(&Attribute::UnknownAttributes(list)),
            Err(_) => self,
        }
    }

    /// Appends the integrity attribute that belongs to the key. Whatever is appended behind it, except FINGERPRINT, is ignored
    /// by the receiver.
    #[must_use]
    pub fn sign(self, key: &IntegrityKey) -> Builder {
        self.sign_with(key, key.signs_with())
    }

    /// Appends this integrity attribute. Who has to append both begins with SHA-1 (RFC 8489 §14.6).
    #[must_use]
    pub fn sign_with(self, key: &IntegrityKey, integrity: Integrity) -> Builder {
        let before = self.bytes.len() - HEADER_LENGTH + 4;
        match integrity {
            Integrity::Sha1 => {
                let hmac = key.hmac_sha1(&self.bytes, (before + 20) as u16);
                self.attribute(&Attribute::MessageIntegrity(&hmac))
            }
            Integrity::Sha256 => {
                let hmac = key.hmac_sha256(&self.bytes, (before + 32) as u16);
                self.attribute(&Attribute::MessageIntegritySha256(&hmac))
            }
        }
    }

    /// Ends it with FINGERPRINT. The length that the CRC covers already counts the attribute (RFC 8489 §14.7).
    pub fn finish(mut self) -> Vec<u8> {
        if self.bytes.len() + FINGERPRINT_LENGTH > MESSAGE_LENGTH_MAX {
            return self.finish_without_fingerprint();
        }
        self.write_length(FINGERPRINT_LENGTH);
        let value = fingerprint(&self.bytes);
        self.bytes.extend_from_slice(&AttributeType::FINGERPRINT.0.to_be_bytes());
        self.bytes.extend_from_slice(&[0, 4]);
        self.bytes.extend_from_slice(&value.to_be_bytes());
        self.bytes
    }

    /// Ends it as it is: FINGERPRINT is for sockets that carry other protocols, too.
    pub fn finish_without_fingerprint(mut self) -> Vec<u8> {
        self.write_length(0);
        self.bytes
    }

    fn write_length(&mut self, to_come: usize) {
        let length = (self.bytes.len() - HEADER_LENGTH + to_come) as u16;
        self.bytes[2..4].copy_from_slice(&length.to_be_bytes());
    }
}
