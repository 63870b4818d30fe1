//! Counting what a program received, in total and in the windows of time that expectations ask about.

use rtclab_trace::SimTime;

/// A window of time: from `from` (included) to `to` (excluded).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The first moment that belongs to it.
    pub from: SimTime,
    /// The first moment after it.
    pub to: SimTime,
}

impl Window {
    /// All of time.
    pub const ALWAYS: Window = Window { from: SimTime::ZERO, to: SimTime::MAX };

    /// Whether a moment belongs to it.
    pub fn contains(&self, at: SimTime) -> bool {
        self.from <= at && at < self.to
    }
}

/// What came: how many in all and in each window. Memory does not grow with the number of datagrams.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    received: u64,
    highest: Option<u32>,
    windows: Vec<(Window, u64)>,
}

impl Tally {
    /// A count that will be asked about these windows.
    pub fn new(windows: impl IntoIterator<Item = Window>) -> Tally {
        Tally { windows: windows.into_iter().map(|window| (window, 0)).collect(), ..Tally::default() }
    }

    /// Something came, with its number if it has one.
    pub fn count(&mut self, at: SimTime, number: Option<u32>) {
        self.received += 1;
        self.highest = self.highest.max(number);
        for (_, count) in self.windows.iter_mut().filter(|(window, _)| window.contains(at)) {
            *count += 1;
        }
    }

    /// How many came in all.
    pub fn received(&self) -> u64 {
        self.received
    }

    /// How many numbers below the highest did not come, as far as the numbers themselves can tell.
    pub fn missing(&self) -> u64 {
        let expected = self.highest.map_or(0, |highest| u64::from(highest) + 1);
        expected.saturating_sub(self.received)
    }

    /// How many came in a window; none if this count was not asked to watch it.
    pub fn received_in(&self, window: Window) -> Option<u64> {
        if window == Window::ALWAYS {
            return Some(self.received);
        }
        self.windows.iter().find(|(watched, _)| *watched == window).map(|(_, count)| *count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_count_what_falls_into_them() {
        let window = Window { from: SimTime::from_millis(10), to: SimTime::from_millis(20) };
        let mut tally = Tally::new([window]);
        for (number, millis) in [(0, 9), (1, 10), (3, 19), (4, 20)] {
            tally.count(SimTime::from_millis(millis), Some(number));
        }
        assert_eq!(tally.received_in(window), Some(2));
        assert_eq!((tally.received(), tally.missing()), (4, 1));
        assert_eq!(tally.received_in(Window { to: SimTime::MAX, ..window }), None);
    }
}
