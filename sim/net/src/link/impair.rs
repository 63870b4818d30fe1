//! What else a link does to packets: duplicates and flipped bits. Not here: losing them ([`super::loss`]).

use crate::randomness::Stream;

use super::loss::hits;

/// Where a link stands in duplicating packets.
#[derive(Debug)]
pub(super) struct DuplicateDraw {
    random: Stream,
}

impl DuplicateDraw {
    pub(super) fn new(random: Stream) -> DuplicateDraw {
        DuplicateDraw { random }
    }

    /// Whether the next packet arrives twice.
    pub(super) fn draw(&mut self, share: f64) -> bool {
        hits(&mut self.random, share)
    }
}

/// Where a link stands in corrupting packets.
#[derive(Debug)]
pub(super) struct CorruptDraw {
    random: Stream,
}

impl CorruptDraw {
    pub(super) fn new(random: Stream) -> CorruptDraw {
        CorruptDraw { random }
    }

    /// The bit that is flipped in the next packet, counted from its beginning; none if none is.
    pub(super) fn draw(&mut self, share: f64, length: usize) -> Option<u32> {
        let bits = (length as u64).saturating_mul(8);
        // Both numbers are drawn for each packet, so that a corrupted one does not move what is drawn for the others.
        let (hit, bit) = (hits(&mut self.random, share), self.random.up_to(bits.saturating_sub(1)));
        (hit && bits > 0).then(|| u32::try_from(bit).unwrap_or(0))
    }
}

/// Flips a bit.
pub(crate) fn flip(bytes: &mut [u8], bit: u32) {
    if let Some(byte) = bytes.get_mut(bit as usize / 8) {
        *byte ^= 0x80 >> (bit % 8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_of_packets_is_hit_and_every_bit_can_be() {
        let mut draw = CorruptDraw::new(Stream::new(1, "test", "corrupt"));
        let bits: Vec<Option<u32>> = (0..20_000).map(|_| draw.draw(0.1, 2)).collect();
        let hit = bits.iter().flatten().count();
        assert!((1_850..2_150).contains(&hit), "{hit}");
        for bit in 0..16 {
            assert!(bits.contains(&Some(bit)), "{bit}");
        }
        assert_eq!(bits.iter().flatten().max(), Some(&15));
    }

    #[test]
    fn one_bit_is_flipped() {
        let mut bytes = [0u8; 2];
        flip(&mut bytes, 9);
        assert_eq!(bytes, [0, 0x40]);
        flip(&mut bytes, 16);
        assert_eq!(bytes, [0, 0x40]);
    }

    #[test]
    fn an_empty_packet_has_no_bit_to_flip() {
        let mut draw = CorruptDraw::new(Stream::new(1, "test", "corrupt"));
        assert_eq!(draw.draw(1.0, 0), None);
    }
}
