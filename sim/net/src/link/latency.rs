//! Drawing the latency of a packet. Not here: whether packets may overtake each other ([`super::order`]).

use std::time::Duration;

use rtclab_trace::Latency;

use crate::randomness::Stream;

/// Numbers of 32 bits that are added up for one normal number.
const SUMMANDS: u64 = 12;

/// Where a link stands in drawing latencies.
#[derive(Debug)]
pub(super) struct LatencyDraw {
    random: Stream,
    /// The next of a list.
    next: usize,
}

impl LatencyDraw {
    pub(super) fn new(random: Stream) -> LatencyDraw {
        LatencyDraw { random, next: 0 }
    }

    /// The latency of the next packet.
    pub(super) fn draw(&mut self, latency: &Latency) -> Duration {
        match latency {
            Latency::Constant(latency) => *latency,
            Latency::Uniform { least, most } => {
                let spread = nanos(most.saturating_sub(*least));
                *least + Duration::from_nanos(self.random.up_to(spread))
            }
            Latency::Normal { mean, deviation } => normal(&mut self.random, *mean, *deviation),
            Latency::List(list) => {
                let at = self.next.checked_rem(list.len());
                self.next = self.next.wrapping_add(1);
                at.map(|at| list[at]).unwrap_or_default()
            }
        }
    }
}

/// A number that is normally distributed, but for its tails: the sum of twelve uniform numbers from 0 to 1 has the variance 1 and lies
/// within six of its mean (Irwin–Hall). Logarithms and sines, which other methods need, differ from machine to machine in the last bit;
/// whole numbers do not.
fn normal(random: &mut Stream, mean: Duration, deviation: Duration) -> Duration {
    let sum: u64 = (0..SUMMANDS).map(|_| random.up_to(u64::from(u32::MAX))).sum();
    // In units of 2^-32 deviations from the mean; the middle of the sum is at half of its greatest value.
    let distance = i128::from(2 * sum) - i128::from(SUMMANDS) * i128::from(u32::MAX);
    let offset = distance * i128::from(nanos(deviation)) / (1 << 33);
    let at = i128::from(nanos(mean)) + offset;
    Duration::from_nanos(u64::try_from(at.max(0)).unwrap_or(u64::MAX))
}

fn nanos(span: Duration) -> u64 {
    u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: fn(u64) -> Duration = Duration::from_millis;

    fn draws(latency: &Latency, count: usize) -> Vec<Duration> {
        let mut draw = LatencyDraw::new(Stream::new(1, "test", "latency"));
        (0..count).map(|_| draw.draw(latency)).collect()
    }

    #[test]
    fn uniform_latencies_fill_their_range() {
        let drawn = draws(&Latency::Uniform { least: MS(10), most: MS(30) }, 10_000);
        assert!(drawn.iter().all(|latency| (MS(10)..=MS(30)).contains(latency)));
        let below = |limit| drawn.iter().filter(|&&latency| latency < limit).count();
        assert!((2_300..2_700).contains(&below(MS(15))), "{}", below(MS(15)));
        assert!((7_300..7_700).contains(&below(MS(25))), "{}", below(MS(25)));
    }

    #[test]
    fn normal_latencies_have_the_spread_of_a_bell() {
        let drawn = draws(&Latency::Normal { mean: MS(100), deviation: MS(10) }, 20_000);
        let within = |deviations: u64| {
            let range = MS(100 - 10 * deviations)..=MS(100 + 10 * deviations);
            drawn.iter().filter(|latency| range.contains(latency)).count() as f64 / drawn.len() as f64
        };
        // The shares of a normal distribution are 68.3, 95.4 and 99.7 %.
        assert!((within(1) - 0.683).abs() < 0.01, "{}", within(1));
        assert!((within(2) - 0.954).abs() < 0.006, "{}", within(2));
        assert!((within(3) - 0.997).abs() < 0.003, "{}", within(3));
        let mean = drawn.iter().sum::<Duration>() / drawn.len() as u32;
        assert!(mean.abs_diff(MS(100)) < Duration::from_micros(300), "{mean:?}");
    }

    #[test]
    fn a_normal_latency_is_never_below_zero() {
        let drawn = draws(&Latency::Normal { mean: MS(1), deviation: MS(10) }, 1_000);
        assert!(drawn.contains(&Duration::ZERO));
        assert!(drawn.iter().max().is_some_and(|&most| most > MS(10)));
    }

    #[test]
    fn a_list_is_gone_through_again_and_again() {
        let list = Latency::List(vec![MS(5), MS(9), MS(7)]);
        assert_eq!(draws(&list, 7), [5, 9, 7, 5, 9, 7, 5].map(MS));
        assert_eq!(draws(&Latency::List(Vec::new()), 2), [Duration::ZERO; 2]);
    }

    #[test]
    fn spans_beyond_all_measure_do_not_overflow() {
        draws(&Latency::Normal { mean: Duration::MAX, deviation: Duration::MAX }, 10);
        draws(&Latency::Uniform { least: Duration::from_secs(1), most: MS(1) }, 10);
    }
}
