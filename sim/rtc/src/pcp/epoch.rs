//! The epoch of a server (RFC 6887 §8.5): how a client notices that the server has lost its mappings. Not here: what it does then.

use crate::time::Time;

/// What a client has last heard of a server's clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Epoch {
    /// When, by the client's clock, and what the server's said.
    last: Option<(Time, u32)>,
}

impl Epoch {
    /// Takes a server's epoch. Whether it goes with the one before: if not, the server has begun anew.
    pub fn takes(&mut self, now: Time, epoch: u32) -> bool {
        let before = self.last.replace((now, epoch));
        let Some((then, before)) = before else { return true };
        // Answers may overtake each other by a second.
        if epoch.saturating_add(1) < before {
            return false;
        }
        let client = u32::try_from(now.since(then).as_secs()).unwrap_or(u32::MAX);
        let server = epoch.saturating_sub(before);
        // The clocks may differ by a sixteenth and two seconds.
        client.saturating_add(2) >= server - server / 16 && server.saturating_add(2) >= client - client / 16
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Time {
        Time::from_millis(seconds * 1000)
    }

    #[test]
    fn a_clock_that_goes_on_goes_with_itself_and_one_that_begins_anew_does_not() {
        let mut epoch = Epoch::default();
        assert!(epoch.takes(at(0), 1000));
        assert!(epoch.takes(at(100), 1100));
        assert!(epoch.takes(at(100), 1099), "overtaken by a second");
        assert!(!epoch.takes(at(101), 3), "begun anew");
    }

    #[test]
    fn clocks_may_differ_by_a_sixteenth_and_two_seconds() {
        let takes = |server: u32| {
            let mut epoch = Epoch::default();
            epoch.takes(at(0), 0);
            epoch.takes(at(1600), server)
        };
        assert!(takes(1600) && takes(1498) && takes(1700));
        assert!(!takes(1497), "1497 + 2 is less than 1600 - 100");
        assert!(!takes(1710), "1600 + 2 is less than 1710 - 106");
    }
}
