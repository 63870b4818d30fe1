//! Hellos that are longer than a datagram. On their way in they are put together, in whatever order their parts come; on their way out they are cut,
//! where the library beneath does not do so. Here, too, the numbers of groups change (`renaming`). Not here: any other message.

use super::renaming::{self, CLIENT_HELLO, SERVER_HELLO};
use super::wire::{Fragment, Record, fragments, records};

/// The longest hello that is put together: what a peer can make us keep.
const LENGTH_MAX: usize = 8192;

/// What passes between the wire and the library.
#[derive(Debug)]
pub(super) struct Hellos {
    /// Whether numbers change.
    renames: bool,
    mtu: usize,
    /// The hello of which not all has come.
    partial: Option<Partial>,
    /// The number of the next plaintext record that goes out, where hellos are cut.
    next: u64,
}

#[derive(Debug)]
struct Partial {
    kind: u8,
    message: u16,
    bytes: Vec<u8>,
    here: Vec<bool>,
}

/// What an incoming datagram is for the library.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Incoming {
    /// What it is given; none while parts are missing and nothing else came.
    pub(super) datagram: Option<Vec<u8>>,
    /// The client's share of X25519MLKEM768.
    pub(super) share: Option<Vec<u8>>,
}

impl Hellos {
    pub(super) fn new(renames: bool, mtu: usize) -> Hellos {
        Hellos { renames, mtu, partial: None, next: 0 }
    }

    /// Takes what came in the clear. Once there are keys nothing of this concerns anybody, and datagrams pass as they are.
    pub(super) fn receive(&mut self, datagram: &[u8]) -> Incoming {
        let mut out = Vec::new();
        let mut share = None;
        for record in records(datagram) {
            let (start, end) = (at(&record), record.end());
            let whole = datagram.get(start..end).unwrap_or_default();
            let body = record.handshake().unwrap_or_default();
            let parts = fragments(body);
            if !parts.iter().any(|part| self.concerns(part)) {
                out.extend_from_slice(whole);
                continue;
            }
            for part in &parts {
                if !self.concerns(part) {
                    out.extend(in_record(whole, &fragment_bytes(part)));
                } else if let Some(mut message) = self.put_together(part) {
                    if self.renames && part.kind == CLIENT_HELLO {
                        share = renaming::share(&message);
                    }
                    if self.renames {
                        renaming::rename(part.kind, &mut message);
                    }
                    let message = Fragment { offset: 0, body: &message, ..*part };
                    out.extend(in_record(whole, &fragment_bytes(&message)));
                }
            }
        }
        Incoming { datagram: (!out.is_empty()).then_some(out), share }
    }

    /// Hellos in several parts, and all of them where numbers change.
    fn concerns(&self, part: &Fragment<'_>) -> bool {
        let hello = matches!(part.kind, CLIENT_HELLO | SERVER_HELLO) && part.length <= LENGTH_MAX;
        hello && (self.renames || !part.is_whole())
    }

    fn put_together(&mut self, part: &Fragment<'_>) -> Option<Vec<u8>> {
        if part.is_whole() {
            return Some(part.body.to_vec());
        }
        let same = |known: &Partial| {
            (known.kind, known.message, known.bytes.len()) == (part.kind, part.message, part.length)
        };
        if !self.partial.as_ref().is_some_and(same) {
            let (bytes, here) = (vec![0; part.length], vec![false; part.length]);
            self.partial = Some(Partial { kind: part.kind, message: part.message, bytes, here });
        }
        let partial = self.partial.as_mut()?;
        let range = part.offset..part.offset + part.body.len();
        partial.bytes.get_mut(range.clone())?.copy_from_slice(part.body);
        partial.here.get_mut(range)?.fill(true);
        // It is kept when it is whole: half of it may come again, when the answer was lost.
        partial.here.iter().all(|here| *here).then(|| partial.bytes.clone())
    }

    /// What goes out, in as many datagrams as it takes.
    pub(super) fn send(&mut self, datagram: Vec<u8>) -> Vec<Vec<u8>> {
        let plaintext = |record: &Record<'_>| record.is_plaintext();
        if !self.renames || !records(&datagram).iter().any(plaintext) {
            return vec![datagram];
        }
        let mut out = Vec::new();
        let mut last = Vec::new();
        for record in records(&datagram) {
            let whole = datagram.get(at(&record)..record.end()).unwrap_or_default();
            if !record.is_plaintext() {
                last.extend_from_slice(whole);
                continue;
            }
            for bytes in self.cut(whole, &record) {
                if !last.is_empty() && last.len() + bytes.len() > self.mtu {
                    out.push(std::mem::take(&mut last));
                }
                last.extend(self.number(bytes));
            }
        }
        out.push(last);
        out
    }

    /// A plaintext record in records that fit, with other numbers of groups.
    fn cut(&self, whole: &[u8], record: &Record<'_>) -> Vec<Vec<u8>> {
        let parts = record.handshake().map(fragments).unwrap_or_default();
        let hello = |part: &Fragment<'_>| matches!(part.kind, CLIENT_HELLO | SERVER_HELLO);
        let [part] = parts.as_slice() else { return vec![whole.to_vec()] };
        if !hello(part) {
            return vec![whole.to_vec()];
        }
        let mut body = part.body.to_vec();
        if part.offset == 0 {
            // The library writes the groups first, so they stand in the first part.
            renaming::rename(part.kind, &mut body);
        }
        let room = self.mtu.saturating_sub(Record::HEADER + Fragment::HEADER).max(1);
        let pieces = body.chunks(room).enumerate();
        let pieces = pieces.map(|(index, piece)| {
            let piece = Fragment { offset: part.offset + index * room, body: piece, ..*part };
            in_record(whole, &fragment_bytes(&piece))
        });
        pieces.collect()
    }

    /// Cutting makes more records than the library counts, so they are counted anew. In the clear nothing depends on it.
    fn number(&mut self, mut record: Vec<u8>) -> Vec<u8> {
        if let Some(place) = record.get_mut(5..11) {
            place.copy_from_slice(&self.next.to_be_bytes()[2..]);
            self.next += 1;
        }
        record
    }
}

fn at(record: &Record<'_>) -> usize {
    match *record {
        Record::Full { at, .. } | Record::Unified { at, .. } | Record::Malformed { at, .. } => at,
    }
}

/// A part of a message with its header (RFC 9147 §5.2).
fn fragment_bytes(part: &Fragment<'_>) -> Vec<u8> {
    let three = |number: usize| (number as u32).to_be_bytes();
    let mut out = vec![part.kind];
    out.extend_from_slice(&three(part.length)[1..]);
    out.extend_from_slice(&part.message.to_be_bytes());
    out.extend_from_slice(&three(part.offset)[1..]);
    out.extend_from_slice(&three(part.body.len())[1..]);
    out.extend_from_slice(part.body);
    out
}

/// A record with the header of this one, and this in it.
fn in_record(like: &[u8], body: &[u8]) -> Vec<u8> {
    let mut out = like.get(..Record::HEADER - 2).unwrap_or_default().to_vec();
    out.extend_from_slice(&u16::try_from(body.len()).unwrap_or(u16::MAX).to_be_bytes());
    out.extend_from_slice(body);
    out
}
