//! The eleven states, and which may follow which (RFC 9293 §3.3.2, figure 5). Not here: what makes a connection change.

pub use rtclab_trace::TcpConnectionState as State;

use State::{
    CloseWait, Closed, Closing, Established, FinWait1, FinWait2, LastAck, Listen, SynReceived, SynSent,
    TimeWait,
};

/// Whether a connection may go from one state to another. Every state may end in CLOSED: by a RST, an abort or a timeout.
pub fn may_follow(from: State, to: State) -> bool {
    matches!(
        (from, to),
        (_, Closed)
            | (Closed, Listen | SynSent | SynReceived)
            | (Listen, SynSent | SynReceived)
            | (SynSent, SynReceived | Established)
            | (SynReceived, Established | FinWait1 | Listen)
            | (Established, FinWait1 | CloseWait)
            | (FinWait1, FinWait2 | Closing | TimeWait)
            | (FinWait2 | Closing, TimeWait)
            | (CloseWait, LastAck)
    )
}

/// Whether both ends have synchronized their sequence numbers (RFC 9293 §3.5.2, group 3).
pub fn is_synchronized(state: State) -> bool {
    !matches!(state, Closed | Listen | SynSent | SynReceived)
}

/// Whether the program may still write.
pub fn may_write(state: State) -> bool {
    matches!(state, SynSent | SynReceived | Established | CloseWait)
}

/// Whether data of the peer may still arrive.
pub fn may_receive(state: State) -> bool {
    matches!(state, SynReceived | Established | FinWait1 | FinWait2)
}

/// Whether there may be data or a FIN of ours that still has to go out or be acknowledged.
pub fn may_transmit(state: State) -> bool {
    matches!(state, Established | FinWait1 | CloseWait | Closing | LastAck)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_but_the_first_has_a_way_in_and_a_way_out() {
        for state in State::ALL {
            assert!(State::ALL.into_iter().any(|from| from != state && may_follow(from, state)), "{state}");
            assert!(may_follow(state, Closed), "{state}");
        }
    }

    #[test]
    fn nothing_goes_back_to_the_handshake() {
        for from in State::ALL.into_iter().filter(|state| is_synchronized(*state)) {
            for to in [Listen, SynSent, SynReceived, Established] {
                assert!(!may_follow(from, to), "{from} to {to}");
            }
        }
    }

    #[test]
    fn time_wait_is_reached_only_by_the_end_that_closed() {
        let ways = State::ALL.into_iter().filter(|from| may_follow(*from, TimeWait));
        assert_eq!(ways.collect::<Vec<_>>(), [FinWait1, FinWait2, Closing]);
    }
}
