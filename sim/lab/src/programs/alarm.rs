//! One timer of a program, set again only when its time has changed.

use rtclab_net::Host;
use rtclab_trace::SimTime;

/// A timer that follows what its owner has to do next.
#[derive(Debug)]
pub(crate) struct Alarm {
    token: u64,
    set_for: Option<SimTime>,
}

impl Alarm {
    /// A timer that is told apart from others of the program by its token.
    pub(crate) const fn new(token: u64) -> Alarm {
        Alarm { token, set_for: None }
    }

    /// Fires at `at`, and not at a time asked for before; never, if there is nothing to do.
    pub(crate) fn set(&mut self, host: &mut Host<'_>, at: Option<SimTime>) {
        let at = at.filter(|at| *at != SimTime::MAX);
        if at == self.set_for {
            return;
        }
        match at {
            Some(at) => host.set_timer(at, self.token),
            None => host.cancel_timer(self.token),
        }
        self.set_for = at;
    }

    /// The timer has fired: it is not set any more.
    pub(crate) fn fired(&mut self) {
        self.set_for = None;
    }
}
