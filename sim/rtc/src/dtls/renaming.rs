//! X25519MLKEM768 by another number. The library beneath carries the groups that it knows by number and no other, so inside of it the group has the
//! number of one that is not used here, P-384; and P-384, if a peer offers it, has the other's and is unknown. On the wire, and in everything that is
//! hashed or signed, each has its own number. Not here: the arithmetic (`post_quantum`).
//!
//! The numbers change places, so going out and coming in are the same step.

use std::borrow::Cow;
use std::ops::Range;

/// X25519MLKEM768 on the wire.
pub(super) const OUTSIDE: u16 = 0x11ec;
/// The number that it has inside.
pub(super) const INSIDE: u16 = 24;

/// ClientHello and ServerHello, the only messages of DTLS 1.3 in which groups stand.
pub(super) const CLIENT_HELLO: u8 = 1;
/// See [`CLIENT_HELLO`].
pub(super) const SERVER_HELLO: u8 = 2;

const SUPPORTED_GROUPS: u16 = 10;
const KEY_SHARE: u16 = 51;

/// Lets the numbers change places in the body of a hello. What cannot be read stays as it is.
pub(super) fn rename(kind: u8, body: &mut [u8]) {
    let mut places = Vec::new();
    for (extension, range) in extensions(kind, body) {
        match (extension, kind) {
            (SUPPORTED_GROUPS, CLIENT_HELLO) => {
                // After the length of the list.
                places.extend((range.start + 2..range.end).step_by(2));
            }
            (KEY_SHARE, CLIENT_HELLO) => {
                places.extend(shares(body, range).into_iter().map(|(at, _)| at));
            }
            (KEY_SHARE, SERVER_HELLO) => places.push(range.start),
            _ => {}
        }
    }
    for at in places {
        let Some(number) = body.get_mut(at..).and_then(<[u8]>::first_chunk_mut::<2>) else { continue };
        match u16::from_be_bytes(*number) {
            OUTSIDE => *number = INSIDE.to_be_bytes(),
            INSIDE => *number = OUTSIDE.to_be_bytes(),
            _ => {}
        }
    }
}

/// The share of X25519MLKEM768 in a ClientHello as it stands on the wire.
pub(super) fn share(body: &[u8]) -> Option<Vec<u8>> {
    let (_, list) = extensions(CLIENT_HELLO, body).into_iter().find(|(kind, _)| *kind == KEY_SHARE)?;
    let named = |(at, _): &(usize, Range<usize>)| number(body, *at, 2) == Some(usize::from(OUTSIDE));
    let (_, range) = shares(body, list).into_iter().find(named)?;
    body.get(range).map(<[u8]>::to_vec)
}

/// A row of handshake messages, as they are hashed and signed, with the numbers of the wire. Anything else is left as it is.
pub(super) fn restore(messages: &[u8]) -> Cow<'_, [u8]> {
    // DTLS 1.3 leaves out what DTLS adds to the header (RFC 9147 §5.2), DTLS 1.2 does not (RFC 6347 §4.2.6).
    for header in [4, 12] {
        let Some(hellos) = hellos(messages, header) else { continue };
        let mut restored = messages.to_vec();
        for (kind, range) in hellos {
            if let Some(body) = restored.get_mut(range) {
                rename(kind, body);
            }
        }
        return Cow::Owned(restored);
    }
    Cow::Borrowed(messages)
}

/// The hellos in a row of messages with headers of this length; none if it is no such row, or has no hello.
fn hellos(messages: &[u8], header: usize) -> Option<Vec<(u8, Range<usize>)>> {
    let (mut at, mut found) = (0, Vec::new());
    while at < messages.len() {
        let kind = *messages.get(at)?;
        let start = at + header;
        let end = start + number(messages, at + 1, 3)?;
        if end > messages.len() {
            return None;
        }
        if matches!(kind, CLIENT_HELLO | SERVER_HELLO) {
            found.push((kind, start..end));
        }
        at = end;
    }
    (!found.is_empty()).then_some(found)
}

fn number(bytes: &[u8], at: usize, length: usize) -> Option<usize> {
    let bytes = bytes.get(at..at + length)?;
    Some(bytes.iter().fold(0, |number, byte| number << 8 | usize::from(*byte)))
}

/// Where the extensions of a hello are (RFC 8446 §4.1.2, §4.1.3, RFC 9147 §5.3).
fn extensions(kind: u8, body: &[u8]) -> Vec<(u16, Range<usize>)> {
    let mut out = Vec::new();
    let Some(mut at) = extensions_at(kind, body) else { return out };
    while let (Some(extension), Some(length)) = (number(body, at, 2), number(body, at + 2, 2)) {
        let start = at + 4;
        out.push((extension as u16, start..(start + length).min(body.len())));
        at = start + length;
    }
    out
}

fn extensions_at(kind: u8, body: &[u8]) -> Option<usize> {
    // Version and random, then the session.
    let mut at = 34;
    at += 1 + number(body, at, 1)?;
    if kind == CLIENT_HELLO {
        // Cookie, cipher suites, compression methods.
        at += 1 + number(body, at, 1)?;
        at += 2 + number(body, at, 2)?;
        at += 1 + number(body, at, 1)?;
    } else {
        // Cipher suite and compression method.
        at += 3;
    }
    Some(at + 2)
}

/// Where the shares of a ClientHello are: the number of the group, and the key.
fn shares(body: &[u8], list: Range<usize>) -> Vec<(usize, Range<usize>)> {
    let (mut at, mut out) = (list.start + 2, Vec::new());
    while at < list.end
        && let Some(length) = number(body, at + 2, 2)
    {
        out.push((at, at + 4..at + 4 + length));
        at += 4 + length;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A ClientHello with P-384 and X25519MLKEM768 among its groups, and a share of each.
    fn hello() -> Vec<u8> {
        let mut body = vec![0xfe, 0xfd];
        body.extend([7; 32]);
        body.extend([0, 0, 0, 2, 0x13, 0x01, 1, 0]);
        let groups = [0, 10, 0, 8, 0, 6, 0x11, 0xec, 0, 29, 0, 24];
        let shares = [0, 51, 0, 14, 0, 12, 0x11, 0xec, 0, 2, 1, 2, 0, 24, 0, 2, 3, 4];
        body.extend([0, (groups.len() + shares.len()) as u8]);
        body.extend(groups);
        body.extend(shares);
        body
    }

    #[test]
    fn the_two_numbers_change_places_and_change_back() {
        let mut body = hello();
        rename(CLIENT_HELLO, &mut body);
        let inside = super::super::wire::ClientHello::read(&body).expect("a hello");
        assert_eq!((inside.groups, inside.key_shares), (vec![24, 29, 0x11ec], vec![24, 0x11ec]));
        rename(CLIENT_HELLO, &mut body);
        assert_eq!(body, hello());
        assert_eq!(share(&body), Some(vec![1, 2]));
    }

    #[test]
    fn what_is_hashed_has_the_numbers_of_the_wire_in_both_versions() {
        let mut inside = hello();
        rename(CLIENT_HELLO, &mut inside);
        let length = inside.len() as u8;
        let row = |body: &[u8]| [&[0xfe, 0, 0, 1, 9, 1, 0, 0, length][..], body, &[20, 0, 0, 0]].concat();
        assert_eq!(restore(&row(&inside)), row(&hello()));
        let row = |body: &[u8]| {
            [
                &[1, 0, 0, length, 0, 0, 0, 0, 0, 0, 0, length][..],
                body,
                &[14, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0],
            ]
            .concat()
        };
        assert_eq!(restore(&row(&inside)), row(&hello()));
    }

    #[test]
    fn what_is_no_row_of_messages_is_left_alone() {
        for bytes in [&b""[..], b"tls13 derived", &[32; 98], &[1, 0, 0, 200, 1], &[1], &[2, 0, 0, 1, 7]] {
            assert_eq!(restore(bytes), bytes);
        }
        // Cut anywhere, a hello does no harm.
        for length in 0..hello().len() {
            rename(CLIENT_HELLO, &mut hello()[..length]);
            rename(SERVER_HELLO, &mut hello()[..length]);
            assert!(share(&hello()[..length]).is_none_or(|share| share == [1, 2]));
        }
    }
}
