//! Which packets a link loses. Not here: what a full queue does not take ([`super::queue`]).

use rtclab_trace::{GilbertElliott, Loss};

use crate::randomness::Stream;

/// Where a link stands in losing packets.
#[derive(Debug)]
pub(super) struct LossDraw {
    random: Stream,
    /// The state of a bursty link.
    bad: bool,
    /// Packets so far, for those that are listed.
    seen: u64,
}

impl LossDraw {
    pub(super) fn new(random: Stream) -> LossDraw {
        LossDraw { random, bad: false, seen: 0 }
    }

    /// Begins anew: lists are counted from the first packet after the change.
    pub(super) fn restart(&mut self) {
        (self.bad, self.seen) = (false, 0);
    }

    /// Whether the next packet is lost.
    pub(super) fn draw(&mut self, loss: &Loss) -> bool {
        self.seen += 1;
        match loss {
            Loss::Independent(share) => hits(&mut self.random, *share),
            Loss::Bursts(bursts) => self.draw_bursty(bursts),
            Loss::Listed(packets) => packets.contains(&self.seen),
        }
    }

    fn draw_bursty(&mut self, bursts: &GilbertElliott) -> bool {
        let change = if self.bad { bursts.to_good } else { bursts.to_bad };
        // Two numbers for each packet, needed or not: so a burst does not move what is drawn for later packets.
        let (changes, lost) = (self.random.unit() < change, self.random.unit());
        self.bad ^= changes;
        lost < if self.bad { bursts.loss_in_bad } else { bursts.loss_in_good }
    }
}

/// Whether a thing happens that happens with this share.
pub(super) fn hits(random: &mut Stream, share: f64) -> bool {
    share > 0.0 && random.unit() < share
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draws(loss: &Loss, count: usize) -> Vec<bool> {
        let mut draw = LossDraw::new(Stream::new(1, "test", "loss"));
        (0..count).map(|_| draw.draw(loss)).collect()
    }

    fn share(lost: &[bool]) -> f64 {
        lost.iter().filter(|&&lost| lost).count() as f64 / lost.len() as f64
    }

    /// The mean number of packets that are lost in a row.
    fn mean_run(lost: &[bool]) -> f64 {
        let runs: Vec<usize> = lost.chunk_by(|a, b| a == b).filter(|run| run[0]).map(<[bool]>::len).collect();
        runs.iter().sum::<usize>() as f64 / runs.len() as f64
    }

    #[test]
    fn independent_loss_is_near_its_share_and_has_no_memory() {
        let lost = draws(&Loss::Independent(0.2), 50_000);
        assert!((share(&lost) - 0.2).abs() < 0.008, "{}", share(&lost));
        // In a row are lost 1 / (1 - 0.2) packets.
        assert!((mean_run(&lost) - 1.25).abs() < 0.03, "{}", mean_run(&lost));
    }

    #[test]
    fn bursty_loss_has_the_share_and_the_length_of_bursts_that_its_parameters_give() {
        let bursts = GilbertElliott { to_bad: 0.01, to_good: 0.2, loss_in_good: 0.0, loss_in_bad: 1.0 };
        let lost = draws(&Loss::Bursts(bursts), 200_000);
        assert!((share(&lost) - bursts.loss()).abs() < 0.004, "{} {}", share(&lost), bursts.loss());
        assert!((mean_run(&lost) - 5.0).abs() < 0.25, "{}", mean_run(&lost));
    }

    #[test]
    fn each_state_has_its_own_loss() {
        let always_good = GilbertElliott { to_bad: 0.0, to_good: 0.5, loss_in_good: 0.1, loss_in_bad: 1.0 };
        assert!((share(&draws(&Loss::Bursts(always_good), 20_000)) - 0.1).abs() < 0.01);
        let always_bad = GilbertElliott { to_bad: 1.0, to_good: 0.0, loss_in_good: 1.0, loss_in_bad: 0.4 };
        assert!((share(&draws(&Loss::Bursts(always_bad), 20_000)) - 0.4).abs() < 0.015);
    }

    #[test]
    fn the_listed_packets_are_lost_and_no_others() {
        let lost = draws(&Loss::Listed(vec![4, 2]), 6);
        assert_eq!(lost, [false, true, false, true, false, false]);
    }
}
