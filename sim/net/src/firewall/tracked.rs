//! A TCP connection as a firewall follows it: its handshake and its end, and whether its first bytes look as they have to. Not here: how long it is
//! remembered (`flows`).

use rtclab_trace::TcpFlowPhase;

use super::{Inspection, Way};
use crate::flow::control;
use crate::tcp;
use crate::wire::ip::{self, Header};

/// A segment, as far as a firewall reads it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment<'a> {
    flags: u8,
    sequence: u32,
    payload: &'a [u8],
}

impl<'a> Segment<'a> {
    /// The segment in a packet, if there is a whole one, or the first fragment of one.
    pub(super) fn of(bytes: &'a [u8], header: &Header) -> Option<Segment<'a>> {
        if header.protocol != ip::TCP || header.later_fragment {
            return None;
        }
        let segment = tcp::Segment::parse_unchecked(bytes.get(header.payload..header.end)?).ok()?;
        let flags = segment.header.flags.0;
        Some(Segment { flags, sequence: segment.header.sequence.0, payload: segment.payload })
    }

    /// Whether it may begin a connection.
    pub(super) fn begins(&self) -> bool {
        self.flags & (control::SYN | control::ACK | control::RST) == control::SYN
    }
}

/// A connection.
#[derive(Debug)]
pub(super) struct Tracked {
    phase: TcpFlowPhase,
    opened_by: Way,
    /// The other side has sent a SYN too.
    answered: bool,
    /// Who has sent a FIN: outbound, inbound.
    fins: [bool; 2],
    /// What looks into it, and for which rule.
    look: Option<(usize, Look)>,
}

impl Tracked {
    /// A connection that this segment opens, by the leave of a rule.
    pub(super) fn opened(
        way: Way,
        segment: &Segment<'_>,
        rule: usize,
        inspection: Option<Inspection>,
    ) -> Tracked {
        let look = inspection.map(|Inspection::Tls| (rule, Look::new(segment.sequence.wrapping_add(1))));
        Tracked { phase: TcpFlowPhase::Opening, opened_by: way, answered: false, fins: [false; 2], look }
    }

    pub(super) fn phase(&self) -> TcpFlowPhase {
        self.phase
    }

    /// Whether nothing more is to come of it, but what is still under way.
    pub(super) fn is_over(&self) -> bool {
        matches!(self.phase, TcpFlowPhase::Closing | TcpFlowPhase::Reset)
    }

    /// The rule whose inspection it does not pass.
    pub(super) fn failed(&self) -> Option<usize> {
        self.look.as_ref().filter(|(_, look)| look.verdict == Some(false)).map(|(rule, _)| *rule)
    }

    /// A segment crosses.
    pub(super) fn see(&mut self, way: Way, segment: &Segment<'_>) {
        if way == self.opened_by
            && let Some((_, look)) = &mut self.look
        {
            look.see(segment);
        }
        let has = |flag| segment.flags & flag != 0;
        if has(control::RST) {
            self.phase = TcpFlowPhase::Reset;
            return;
        }
        // RFC 9293 §3.5: the answer to a SYN is a SYN, with an ACK or, where both open at once, without.
        self.answered |= has(control::SYN) && way != self.opened_by;
        if self.phase == TcpFlowPhase::Opening && self.answered && has(control::ACK) && !has(control::SYN) {
            self.phase = TcpFlowPhase::Established;
        }
        self.fins[usize::from(way == Way::Inbound)] |= has(control::FIN);
        if self.fins == [true, true] {
            self.phase = TcpFlowPhase::Closing;
        }
    }
}

/// Whether the first bytes that the opener sends are those of TLS. Bytes are looked at in the order of the stream, and each as soon as it is
/// there; one that comes too early passes, for its receiver has to wait for those before it, and they will be looked at.
#[derive(Debug)]
struct Look {
    /// The sequence number of the first byte.
    first: u32,
    /// How many have been looked at.
    seen: u32,
    verdict: Option<bool>,
}

/// Bytes that decide: of the record its type, version and length (RFC 8446 §5.1), of the handshake message its type (§4).
const DECIDING: u32 = 6;

impl Look {
    fn new(first: u32) -> Look {
        Look { first, seen: 0, verdict: None }
    }

    fn see(&mut self, segment: &Segment<'_>) {
        for (index, &byte) in segment.payload.iter().enumerate() {
            if self.verdict.is_some() {
                return;
            }
            let position = segment.sequence.wrapping_add(index as u32).wrapping_sub(self.first);
            if position != self.seen {
                continue;
            }
            self.seen += 1;
            if !looks_like_tls(position, byte) {
                self.verdict = Some(false);
            } else if self.seen == DECIDING {
                self.verdict = Some(true);
            }
        }
    }
}

fn looks_like_tls(position: u32, byte: u8) -> bool {
    const HANDSHAKE: u8 = 22;
    const CLIENT_HELLO: u8 = 1;
    match position {
        0 => byte == HANDSHAKE,
        // From SSL 3.0 to TLS 1.3, whose records claim to be older.
        1 => byte == 3,
        2 => byte <= 4,
        5 => byte == CLIENT_HELLO,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(sequence: u32, payload: &[u8]) -> Segment<'_> {
        Segment { flags: control::ACK, sequence, payload }
    }

    fn verdict(pieces: &[(u32, &[u8])]) -> Option<bool> {
        let mut look = Look::new(u32::MAX);
        pieces.iter().for_each(|(at, bytes)| look.see(&segment(u32::MAX.wrapping_add(*at), bytes)));
        look.verdict
    }

    #[test]
    fn a_client_hello_is_tls_however_it_is_cut() {
        assert_eq!(verdict(&[(0, &[22, 3, 1, 2, 0, 1, 0])]), Some(true));
        assert_eq!(verdict(&[(0, &[22]), (1, &[3, 3, 0]), (4, &[9, 1])]), Some(true));
        assert_eq!(verdict(&[(3, &[2, 0, 1]), (0, &[22, 3, 1]), (0, &[22, 3, 1, 2, 0, 1])]), Some(true));
    }

    #[test]
    fn other_bytes_are_not_and_the_first_wrong_one_tells() {
        assert_eq!(verdict(&[(0, b"GET /")]), Some(false));
        assert_eq!(verdict(&[(0, &[22, 3, 1, 2, 0, 2])]), Some(false), "a ServerHello from the client");
        assert_eq!(verdict(&[(0, &[22, 3]), (2, &[9])]), Some(false));
        // RFC 4571: a length, and then STUN.
        assert_eq!(verdict(&[(0, &[0, 20, 0, 1])]), Some(false));
    }

    #[test]
    fn nothing_is_decided_before_all_of_it_is_there() {
        assert_eq!(verdict(&[(0, &[22, 3, 1, 2, 0])]), None);
        assert_eq!(verdict(&[(3, b"anything")]), None);
    }
}
