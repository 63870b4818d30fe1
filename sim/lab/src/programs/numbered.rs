//! The payload of calls and sources: a mark and a number, then filling. Whoever receives it can tell what is missing.

/// How a numbered payload begins. Its first byte is none that STUN, TURN channels, DTLS or RTP begin with (RFC 7983 §7).
pub const NUMBERED_MAGIC: [u8; 4] = *b"rtcl";

/// Bytes of mark and number together: the shortest payload.
pub const NUMBERED_HEADER: usize = 8;

/// A payload of `length` bytes (at least [`NUMBERED_HEADER`]) with this number, counted from 0.
pub fn numbered_payload(number: u32, length: usize) -> Vec<u8> {
    let mut payload = vec![0; length.max(NUMBERED_HEADER)];
    payload[..4].copy_from_slice(&NUMBERED_MAGIC);
    payload[4..8].copy_from_slice(&number.to_be_bytes());
    payload
}

/// The number of a payload, if it is one of these.
pub fn numbered(payload: &[u8]) -> Option<u32> {
    let (magic, rest) = payload.split_first_chunk::<4>()?;
    let (number, _) = rest.split_first_chunk::<4>()?;
    (*magic == NUMBERED_MAGIC).then(|| u32::from_be_bytes(*number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_comes_back_and_other_payloads_have_none() {
        assert_eq!(numbered(&numbered_payload(7, 160)), Some(7));
        assert_eq!(numbered_payload(7, 160).len(), 160);
        assert_eq!(numbered(&numbered_payload(u32::MAX, 0)), Some(u32::MAX));
        assert_eq!(numbered(b"rtcl"), None);
        assert_eq!(numbered(b"hello, world"), None);
    }
}
