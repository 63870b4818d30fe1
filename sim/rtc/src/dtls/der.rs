//! The few types of DER that a self-signed certificate is made of (X.690 §8). Not here: reading any.

/// A value with its tag and length before it.
fn value(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match content.len() {
        short @ 0..128 => out.push(short as u8),
        long => {
            let bytes = long.to_be_bytes();
            let from = bytes.iter().position(|&byte| byte != 0).unwrap_or(0);
            out.push(0x80 | (bytes.len() - from) as u8);
            out.extend(&bytes[from..]);
        }
    }
    out.extend(content);
    out
}

/// SEQUENCE.
pub(super) fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    value(0x30, &parts.concat())
}

/// SET of one.
pub(super) fn set(part: &[u8]) -> Vec<u8> {
    value(0x31, part)
}

/// INTEGER, not negative, from its big-endian bytes.
pub(super) fn integer(bytes: &[u8]) -> Vec<u8> {
    let from = bytes.iter().position(|&byte| byte != 0).unwrap_or(bytes.len().saturating_sub(1));
    let mut content = Vec::with_capacity(bytes.len() + 1);
    if bytes.get(from).is_none_or(|&first| first >= 0x80) {
        content.push(0);
    }
    content.extend(bytes.get(from..).unwrap_or_default());
    value(0x02, &content)
}

/// BIT STRING of whole bytes.
pub(super) fn bit_string(bytes: &[u8]) -> Vec<u8> {
    value(0x03, &[&[0], bytes].concat())
}

/// OCTET STRING.
pub(super) fn octet_string(bytes: &[u8]) -> Vec<u8> {
    value(0x04, bytes)
}

/// OBJECT IDENTIFIER, its content encoded already.
pub(super) fn object(encoded: &[u8]) -> Vec<u8> {
    value(0x06, encoded)
}

/// UTF8String.
pub(super) fn utf8(text: &str) -> Vec<u8> {
    value(0x0c, text.as_bytes())
}

/// UTCTime: `YYMMDDHHMMSSZ`.
pub(super) fn utc_time(text: &str) -> Vec<u8> {
    value(0x17, text.as_bytes())
}

/// GeneralizedTime: `YYYYMMDDHHMMSSZ`.
pub(super) fn generalized_time(text: &str) -> Vec<u8> {
    value(0x18, text.as_bytes())
}

/// An explicit tag around a value.
pub(super) fn explicit(number: u8, inner: &[u8]) -> Vec<u8> {
    value(0xa0 | number, inner)
}
