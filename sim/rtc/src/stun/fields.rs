//! Every field of a message with its byte range, for views that show fields next to bytes. Lenient where
//! [`Message::parse`](super::Message::parse) is strict: what is wrong becomes a remark at its place, and reading goes on as far as it can.

use std::borrow::Cow;
use std::ops::Range;

use super::fingerprint::fingerprint;
use super::message::{RawAttribute, RawAttributes};
use super::{
    AddressFamily, Attribute, AttributeType, HEADER_LENGTH, MAGIC_COOKIE, ParseError, TransactionId, address,
    method,
};

/// A field of a message: where it stands, what it is called, what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its bytes, counted from the start of what was handed in; never past its end.
    pub range: Range<usize>,
    /// What the RFC calls it.
    pub name: Cow<'static, str>,
    /// Its value in words.
    pub value: String,
    /// 0 for a field of the header or an attribute as a whole, 1 for a part of an attribute.
    pub depth: u8,
    /// What is wrong with it.
    pub problem: Option<String>,
}

impl Field {
    /// A field without remarks.
    pub(crate) fn new(
        range: Range<usize>,
        depth: u8,
        name: impl Into<Cow<'static, str>>,
        value: impl Into<String>,
    ) -> Field {
        Field { range, name: name.into(), value: value.into(), depth, problem: None }
    }

    pub(crate) fn but(mut self, problem: Option<String>) -> Field {
        self.problem = problem;
        self
    }
}

/// The fields of the STUN message at the start of `bytes`, in the order of their bytes; parts follow their whole.
pub fn fields(bytes: &[u8]) -> Vec<Field> {
    let mut out = Vec::new();
    let Some((header, _)) = bytes.split_first_chunk::<HEADER_LENGTH>() else {
        let problem = ParseError::TooShort { length: bytes.len() }.to_string();
        out.push(Field::new(0..bytes.len(), 0, "STUN header", "cut off").but(Some(problem)));
        return out;
    };
    let end = header_fields(header, bytes.len(), &mut out);
    let mut id = [0; 12];
    id.copy_from_slice(&header[8..]);
    let mut walk = Walk { id: TransactionId(id), signed: None, fingerprint: false, out };
    let mut raw = RawAttributes { bytes: &bytes[..end], offset: HEADER_LENGTH };
    loop {
        let at = raw.offset;
        let problem = match raw.next() {
            Ok(Some(attribute)) => {
                walk.attribute(bytes, &attribute, at..raw.offset);
                continue;
            }
            Ok(None) if at == end => break,
            Ok(None) => "too short for an attribute".to_owned(),
            Err(error) => error.to_string(),
        };
        walk.out.push(Field::new(at..end, 0, "attribute", "cut off").but(Some(problem)));
        break;
    }
    if end < bytes.len() {
        let value = format!("{} bytes", bytes.len() - end);
        walk.out.push(Field::new(end..bytes.len(), 0, "behind the message", value));
    }
    walk.out
}

/// The four fields of the header; returns where the attributes end.
fn header_fields(header: &[u8; HEADER_LENGTH], length: usize, out: &mut Vec<Field>) -> usize {
    let [t0, t1, l0, l1, c0, c1, c2, c3, id @ ..] = *header;
    let bits = u16::from_be_bytes([t0, t1]);
    let (class, method) = method::decode_type(bits);
    let top_bits = (t0 & 0xC0 != 0).then(|| ParseError::TopBits { first_byte: t0 }.to_string());
    let value = format!("{} {} ({bits:#06x})", method.name(), class.word());
    out.push(Field::new(0..2, 0, "Message Type", value).but(top_bits));

    let says = u16::from_be_bytes([l0, l1]);
    let has = length - HEADER_LENGTH;
    let mismatch = if !says.is_multiple_of(4) {
        Some(ParseError::OddLength { says }.to_string())
    } else if usize::from(says) != has {
        Some(ParseError::LengthMismatch { says, has }.to_string())
    } else {
        None
    };
    out.push(Field::new(2..4, 0, "Message Length", format!("{says}")).but(mismatch));

    let found = u32::from_be_bytes([c0, c1, c2, c3]);
    let no_cookie = (found != MAGIC_COOKIE).then(|| ParseError::NoCookie { found }.to_string());
    out.push(Field::new(4..8, 0, "Magic Cookie", format!("{found:#010x}")).but(no_cookie));
    out.push(Field::new(8..20, 0, "Transaction ID", TransactionId(id).to_string()));
    HEADER_LENGTH + has.min(usize::from(says))
}

/// What has been seen so far.
struct Walk {
    id: TransactionId,
    /// The integrity attribute that hides what follows.
    signed: Option<AttributeType>,
    fingerprint: bool,
    out: Vec<Field>,
}

impl Walk {
    fn attribute(&mut self, bytes: &[u8], raw: &RawAttribute<'_>, range: Range<usize>) {
        let RawAttribute { offset, kind, value } = *raw;
        let (text, mut problem) = match Attribute::decode(kind, value, &self.id) {
            Ok(attribute) => (attribute.to_string(), self.order(raw)),
            Err(problem) => (format!("{} bytes", value.len()), Some(problem.to_string())),
        };
        if kind == AttributeType::FINGERPRINT
            && let Some(&[a, b, c, d]) = value.first_chunk::<4>()
        {
            let (says, has) = (u32::from_be_bytes([a, b, c, d]), fingerprint(&bytes[..offset]));
            if says != has {
                problem = problem.or(Some(ParseError::WrongFingerprint { offset, says, has }.to_string()));
            }
        }
        match kind {
            AttributeType::MESSAGE_INTEGRITY | AttributeType::MESSAGE_INTEGRITY_SHA256 => {
                self.signed = Some(kind)
            }
            AttributeType::FINGERPRINT => self.fingerprint = true,
            _ => {}
        }
        self.out.push(Field::new(range.clone(), 0, kind.to_string(), text).but(problem));
        self.parts(raw, &range);
    }

    /// RFC 8489 §14.5 to §14.7: what may follow what.
    fn order(&self, raw: &RawAttribute<'_>) -> Option<String> {
        if self.fingerprint {
            return Some(ParseError::BehindFingerprint { offset: raw.offset, kind: raw.kind }.to_string());
        }
        match (self.signed, raw.kind) {
            (None, _) | (_, AttributeType::FINGERPRINT) => None,
            (Some(AttributeType::MESSAGE_INTEGRITY), AttributeType::MESSAGE_INTEGRITY_SHA256) => None,
            (Some(signature), _) => {
                Some(format!("stands behind {signature}, so it is not protected and ignored"))
            }
        }
    }

    fn parts(&mut self, raw: &RawAttribute<'_>, range: &Range<usize>) {
        let start = raw.offset + 4;
        let end = start + raw.value.len();
        let mut part = |range, name: &'static str, value: String| {
            self.out.push(Field::new(range, 1, name, value));
        };
        part(raw.offset..raw.offset + 2, "Type", format!("{:#06x}", raw.kind.0));
        part(raw.offset + 2..start, "Length", format!("{}", raw.value.len()));
        match raw.kind {
            AttributeType::MAPPED_ADDRESS
            | AttributeType::ALTERNATE_SERVER
            | AttributeType::RESPONSE_ORIGIN
            | AttributeType::OTHER_ADDRESS => {
                address_parts(raw.value, start, None, &mut part);
            }
            AttributeType::XOR_MAPPED_ADDRESS
            | AttributeType::XOR_PEER_ADDRESS
            | AttributeType::XOR_RELAYED_ADDRESS => {
                address_parts(raw.value, start, Some(&self.id), &mut part);
            }
            AttributeType::ERROR_CODE => error_parts(raw.value, start, &mut part),
            _ if raw.value.is_empty() => {}
            _ => part(start..end, "Value", format!("{} bytes", raw.value.len())),
        }
        if end < range.end {
            part(end..range.end, "Padding", format!("{} bytes", range.end - end));
        }
    }
}

/// Family, port and address; the XORed ones say what is on the wire, too.
fn address_parts(
    value: &[u8],
    start: usize,
    id: Option<&TransactionId>,
    part: &mut impl FnMut(Range<usize>, &'static str, String),
) {
    let Ok(wire) = address::decode(value) else {
        part(start..start + value.len(), "Value", format!("{} bytes", value.len()));
        return;
    };
    let plain = id.map_or(wire, |id| address::xor(wire, id));
    let on_wire = |plain: String, wire: String| {
        if id.is_some() { format!("{plain} ({wire} on the wire)") } else { plain }
    };
    part(start + 1..start + 2, "Family", AddressFamily::of(&plain.ip()).to_string());
    let port = on_wire(plain.port().to_string(), format!("{:#06x}", wire.port()));
    part(start + 2..start + 4, "Port", port);
    let ip = on_wire(plain.ip().to_string(), wire.ip().to_string());
    part(start + 4..start + value.len(), "Address", ip);
}

fn error_parts(value: &[u8], start: usize, part: &mut impl FnMut(Range<usize>, &'static str, String)) {
    let Some((&[_, _, class, number], phrase)) = value.split_first_chunk::<4>() else {
        part(start..start + value.len(), "Value", format!("{} bytes", value.len()));
        return;
    };
    part(start + 2..start + 3, "Class", format!("{}", class & 7));
    part(start + 3..start + 4, "Number", format!("{number}"));
    if !phrase.is_empty() {
        let text = String::from_utf8_lossy(phrase).escape_debug().to_string();
        part(start + 4..start + value.len(), "Reason Phrase", text);
    }
}
