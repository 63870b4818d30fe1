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
    windows: Vec<Watched>,
}

/// What came in one window.
#[derive(Clone, Copy, Debug)]
struct Watched {
    window: Window,
    received: u64,
    /// The lowest and the highest number.
    numbers: Option<(u32, u32)>,
}

impl Tally {
    /// A count that will be asked about these windows.
    pub fn new(windows: impl IntoIterator<Item = Window>) -> Tally {
        let watch = |window| Watched { window, received: 0, numbers: None };
        Tally { windows: windows.into_iter().map(watch).collect(), ..Tally::default() }
    }

    /// Something came, with its number if it has one.
    pub fn count(&mut self, at: SimTime, number: Option<u32>) {
        self.received += 1;
        self.highest = self.highest.max(number);
        for watched in self.windows.iter_mut().filter(|watched| watched.window.contains(at)) {
            watched.received += 1;
            let Some(number) = number else { continue };
            let (lowest, highest) = watched.numbers.unwrap_or((number, number));
            watched.numbers = Some((lowest.min(number), highest.max(number)));
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
        self.watched(window).map(|watched| watched.received)
    }

    /// How many numbers lie between the lowest and the highest that came in a window, both included; none if this count was not asked to
    /// watch it, or if nothing with a number came. What was still under way when the window ended is not among them.
    pub fn numbers_in(&self, window: Window) -> Option<u64> {
        let (lowest, highest) = self.watched(window)?.numbers?;
        Some(u64::from(highest - lowest) + 1)
    }

    fn watched(&self, window: Window) -> Option<&Watched> {
        self.windows.iter().find(|watched| watched.window == window)
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
        assert_eq!(tally.numbers_in(window), Some(3), "from 1 to 3, of which 2 is missing");
        assert_eq!(tally.received_in(Window { to: SimTime::MAX, ..window }), None);
    }
}
