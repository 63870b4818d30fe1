//! One direction of a TCP connection, put in order: retransmissions are taken out, segments that come early wait. Not here: what the
//! bytes mean (`framing`).

use std::collections::BTreeMap;

/// Segments that may wait for one that is missing; then it is given up.
const WAITING_MAX: usize = 256;

/// One direction of a connection.
#[derive(Clone, Debug, Default)]
pub(super) struct Stream<'a> {
    /// The sequence number of the next byte; none before the first segment.
    next: Option<u32>,
    /// The place of that byte in the stream, which does not wrap.
    position: u64,
    waiting: BTreeMap<u64, &'a [u8]>,
    /// Segments that brought nothing new.
    pub(super) retransmissions: u64,
    /// Places at which bytes are missing.
    pub(super) gaps: u64,
}

/// What a segment brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arrival<'a> {
    /// The next bytes of the stream.
    Data(&'a [u8]),
    /// Here, bytes are missing.
    Gap,
}

impl<'a> Stream<'a> {
    /// Takes in a segment; gives what can now be read, in order. A SYN counts as a byte of its own.
    pub(super) fn push(&mut self, sequence: u32, syn: bool, data: &'a [u8]) -> Vec<Arrival<'a>> {
        if syn {
            self.next = Some(sequence.wrapping_add(1));
            self.waiting.clear();
            return Vec::new();
        }
        let next = *self.next.get_or_insert(sequence);
        if data.is_empty() {
            return Vec::new();
        }
        // The difference as a signed number: sequence numbers wrap (RFC 9293 §3.4).
        let ahead = i64::from(sequence.wrapping_sub(next) as i32);
        if ahead > 0 {
            self.waiting.insert(self.position + ahead as u64, data);
            return if self.waiting.len() > WAITING_MAX { self.give_up() } else { Vec::new() };
        }
        let known = usize::try_from(-ahead).unwrap_or(usize::MAX);
        match data.get(known..) {
            Some(new) if !new.is_empty() => {
                self.advance(new.len());
                let mut arrivals = vec![Arrival::Data(new)];
                self.drain(&mut arrivals);
                arrivals
            }
            _ => {
                self.retransmissions += 1;
                Vec::new()
            }
        }
    }

    /// The capture ends: what still waits is read as it is.
    pub(super) fn finish(&mut self) -> Vec<Arrival<'a>> {
        let mut arrivals = Vec::new();
        while !self.waiting.is_empty() {
            arrivals.extend(self.give_up());
        }
        arrivals
    }

    fn advance(&mut self, length: usize) {
        self.position += length as u64;
        self.next = self.next.map(|next| next.wrapping_add(length as u32));
    }

    /// Reads waiting segments as long as they join on.
    fn drain(&mut self, arrivals: &mut Vec<Arrival<'a>>) {
        while let Some((&position, &data)) = self.waiting.first_key_value() {
            if position > self.position {
                break;
            }
            self.waiting.pop_first();
            let known = usize::try_from(self.position - position).unwrap_or(usize::MAX);
            if let Some(new) = data.get(known..).filter(|new| !new.is_empty()) {
                self.advance(new.len());
                arrivals.push(Arrival::Data(new));
            }
        }
    }

    /// Goes on at the first segment that waits.
    fn give_up(&mut self) -> Vec<Arrival<'a>> {
        let Some((&position, _)) = self.waiting.first_key_value() else { return Vec::new() };
        self.gaps += 1;
        let missing = position.saturating_sub(self.position);
        self.next = self.next.map(|next| next.wrapping_add(missing as u32));
        self.position = position;
        let mut arrivals = vec![Arrival::Gap];
        self.drain(&mut arrivals);
        arrivals
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(arrivals: &[Arrival<'_>]) -> String {
        let words = arrivals.iter().map(|arrival| match arrival {
            Arrival::Data(data) => String::from_utf8_lossy(data).into_owned(),
            Arrival::Gap => "…".to_string(),
        });
        words.collect::<Vec<_>>().join("|")
    }

    #[test]
    fn segments_are_put_in_order_across_the_wrap_of_sequence_numbers() {
        let mut stream = Stream::default();
        let start = u32::MAX - 3;
        stream.push(start.wrapping_sub(1), true, b"");
        assert_eq!(text(&stream.push(start, false, b"ab")), "ab");
        assert_eq!(text(&stream.push(start.wrapping_add(4), false, b"ef")), "");
        assert_eq!(text(&stream.push(start.wrapping_add(2), false, b"cd")), "cd|ef");
        assert_eq!(stream.retransmissions, 0);
    }

    #[test]
    fn retransmissions_bring_only_what_is_new() {
        let mut stream = Stream::default();
        assert_eq!(text(&stream.push(10, false, b"abc")), "abc");
        assert_eq!(text(&stream.push(10, false, b"abc")), "");
        assert_eq!(text(&stream.push(11, false, b"bcde")), "de");
        assert_eq!(stream.retransmissions, 1);
    }

    #[test]
    fn what_never_comes_is_a_gap() {
        let mut stream = Stream::default();
        stream.push(0, false, b"a");
        assert_eq!(text(&stream.push(5, false, b"f")), "");
        assert_eq!(text(&stream.finish()), "…|f");
        assert_eq!(stream.gaps, 1);
    }

    #[test]
    fn only_so_many_segments_wait() {
        let mut stream = Stream::default();
        stream.push(0, false, b"a");
        let read: usize = (1..2000u32).map(|n| stream.push(n * 2, false, b"x").len()).sum();
        assert!(read > 0);
        assert!(stream.waiting.len() <= WAITING_MAX);
    }
}
