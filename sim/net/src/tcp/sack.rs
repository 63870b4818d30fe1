//! What SACK blocks say about the flight (RFC 2018 §5), and which of them report a duplicate (RFC 2883 §4).
//! Not here: which blocks a receiver sends (`receive_buffer` knows them, `output` writes them).

use super::flight::{Fate, Flight, Sent};
use super::segment::SackBlocks;
use super::sequence::SequenceSpace;

/// The blocks of an acknowledgment as positions: what arrived behind gaps, and what arrived twice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Report {
    /// Blocks behind gaps.
    pub(crate) blocks: Vec<(i64, i64)>,
    /// A duplicate.
    pub(crate) duplicate: Option<(i64, i64)>,
}

impl Report {
    /// Reads the blocks of a segment that acknowledges up to `ack`. Blocks that cannot be true are left out.
    pub(crate) fn read(sack: &SackBlocks, space: SequenceSpace, ack: i64, sent_up_to: i64) -> Report {
        let positions: Vec<(i64, i64)> = sack
            .as_slice()
            .iter()
            .map(|(start, end)| (space.position(*start, ack), space.position(*end, ack)))
            .filter(|(start, end)| start < end && *start >= 0 && *end <= sent_up_to)
            .collect();
        let mut report = Report::default();
        let mut blocks = positions.iter();
        if let Some(first) = positions.first() {
            // RFC 2883 §4: a first block at or below the acknowledgment, or inside the second block, is a duplicate.
            let inside = positions.get(1).is_some_and(|next| first.0 >= next.0 && first.1 <= next.1);
            if first.1 <= ack || inside {
                report.duplicate = Some(*first);
                blocks.next();
            }
        }
        report.blocks = blocks.filter(|(start, _)| *start >= ack).copied().collect();
        report
    }
}

/// Marks what a block covers; `newly` is called with each record that was not known to have arrived.
pub(crate) fn mark(flight: &mut Flight, (start, end): (i64, i64), newly: &mut Vec<Sent>) {
    let mut index = flight.place_of(start);
    while let Some(sent) = flight.get(index).copied() {
        if sent.start >= end {
            break;
        }
        if sent.start < start {
            flight.split(index, start);
        } else if sent.fate != Fate::Sacked {
            flight.split(index, end);
            if let Some(covered) = flight.get(index).filter(|covered| covered.end <= end) {
                newly.push(*covered);
                flight.set_fate(index, Fate::Sacked);
            }
        }
        index += 1;
    }
}

#[cfg(test)]
mod tests {
    use rtclab_trace::SimTime;

    use super::*;
    use crate::tcp::delivery_rate::Stamp;
    use crate::tcp::sequence::SequenceNumber;

    fn flight() -> Flight {
        let mut flight = Flight::default();
        for i in 0..5 {
            flight.push(Sent {
                start: 1 + 10 * i,
                end: 11 + 10 * i,
                syn: false,
                fin: false,
                probe: false,
                sent_at: SimTime::ZERO,
                order: 0,
                first_sent_at: SimTime::ZERO,
                transmissions: 1,
                fate: Fate::InFlight,
                stamp: Stamp::default(),
            });
        }
        flight
    }

    fn report(blocks: &[(u32, u32)], ack: i64) -> Report {
        let mut sack = SackBlocks::default();
        for (start, end) in blocks {
            sack.push((SequenceNumber(*start), SequenceNumber(*end)));
        }
        Report::read(&sack, SequenceSpace::default(), ack, 100)
    }

    #[test]
    fn blocks_behind_the_acknowledgment_are_what_arrived() {
        assert_eq!(report(&[(20, 30), (40, 50)], 10).blocks, [(20, 30), (40, 50)]);
    }

    #[test]
    fn a_block_below_the_acknowledgment_is_a_duplicate() {
        let report = report(&[(5, 10), (20, 30)], 10);
        assert_eq!(report.duplicate, Some((5, 10)));
        assert_eq!(report.blocks, [(20, 30)]);
    }

    #[test]
    fn a_first_block_inside_the_second_is_a_duplicate() {
        let report = report(&[(22, 25), (20, 30)], 10);
        assert_eq!(report.duplicate, Some((22, 25)));
        assert_eq!(report.blocks, [(20, 30)]);
    }

    #[test]
    fn a_block_of_what_was_never_sent_is_left_out() {
        assert_eq!(report(&[(90, 101), (30, 20)], 10), Report::default());
    }

    #[test]
    fn a_block_marks_each_segment_once() {
        let mut flight = flight();
        let mut newly = Vec::new();
        mark(&mut flight, (11, 31), &mut newly);
        assert_eq!(newly.iter().map(|sent| sent.start).collect::<Vec<_>>(), [11, 21]);
        mark(&mut flight, (11, 41), &mut newly);
        assert_eq!(newly.iter().map(|sent| sent.start).collect::<Vec<_>>(), [11, 21, 31]);
        assert_eq!(flight.sacked(), 30);
    }

    #[test]
    fn a_block_inside_a_segment_marks_only_that_part() {
        let mut flight = flight();
        let mut newly = Vec::new();
        mark(&mut flight, (13, 17), &mut newly);
        assert_eq!(newly.iter().map(|sent| (sent.start, sent.end)).collect::<Vec<_>>(), [(13, 17)]);
        assert_eq!((flight.in_flight(), flight.sacked(), flight.len()), (46, 4, 7));
    }
}
