//! Explicit Congestion Notification (RFC 3168 §6.1): the agreement, the echo of marks, and the reaction to an echo, once in a round trip.
//! Not here: how far the window is reduced.

use super::config::Ecn as Setting;
use super::segment::Flags;

pub use crate::wire::ip::Ecn as Codepoint;

/// The state of a connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ecn {
    setting: Setting,
    agreed: bool,
    /// A mark is echoed until the sender says that it has reduced its window.
    echoing: bool,
    /// The next new data says that the window was reduced.
    reduced: bool,
    /// One reduction in a round trip: the next one when more than that is acknowledged, so that the peer has seen the CWR.
    /// It begins after the SYN, where the flag means something else.
    reaction_point: i64,
}

impl Ecn {
    pub(crate) fn new(setting: Setting) -> Ecn {
        Ecn { setting, agreed: false, echoing: false, reduced: false, reaction_point: 1 }
    }

    /// The flags of a SYN (RFC 3168 §6.1.1). One that was lost is repeated without them, in case that is why it was lost.
    pub(crate) fn syn_flags(&self, is_repeated: bool) -> Flags {
        Flags::NONE.with(Flags::ECE | Flags::CWR, self.setting == Setting::Request && !is_repeated)
    }

    /// The flags of a SYN-ACK.
    pub(crate) fn syn_ack_flags(&self) -> Flags {
        Flags::NONE.with(Flags::ECE, self.agreed)
    }

    /// The peer's SYN.
    pub(crate) fn on_syn(&mut self, flags: Flags) {
        self.agreed = self.setting != Setting::Off && flags.has(Flags::ECE | Flags::CWR);
    }

    /// The peer's SYN-ACK.
    pub(crate) fn on_syn_ack(&mut self, flags: Flags) {
        self.agreed = self.setting == Setting::Request && flags.has(Flags::ECE) && !flags.has(Flags::CWR);
    }

    /// The field for new data. Acknowledgments, retransmissions and probes are never marked (RFC 3168 §6.1.4 to §6.1.6).
    pub(crate) fn codepoint(&self, is_new_data: bool) -> Codepoint {
        if self.agreed && is_new_data { Codepoint::Ect0 } else { Codepoint::NotEct }
    }

    /// The flags of a segment; with new data it may say that the window was reduced.
    pub(crate) fn flags(&mut self, is_new_data: bool) -> Flags {
        let reduced = is_new_data && std::mem::take(&mut self.reduced);
        Flags::NONE.with(Flags::ECE, self.agreed && self.echoing).with(Flags::CWR, self.agreed && reduced)
    }

    /// Data arrived. Says whether a mark is to be echoed at once.
    pub(crate) fn on_data(&mut self, codepoint: Codepoint, flags: Flags) -> bool {
        if !self.agreed {
            return false;
        }
        // RFC 3168 §6.1.3.
        if flags.has(Flags::CWR) {
            self.echoing = false;
        }
        let is_marked = codepoint == Codepoint::CongestionExperienced;
        self.echoing |= is_marked;
        is_marked
    }

    /// An acknowledgment arrived. Says whether the window is to be reduced for it.
    pub(crate) fn on_ack(&mut self, flags: Flags, una: i64) -> bool {
        self.agreed && flags.has(Flags::ECE) && una > self.reaction_point
    }

    /// The window was reduced, for whatever reason; what is in flight until `next` cannot ask for another reduction.
    pub(crate) fn on_reduction(&mut self, next: i64) {
        self.reduced = self.agreed;
        self.reaction_point = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agreed() -> Ecn {
        let mut ecn = Ecn::new(Setting::Accept);
        ecn.on_syn(Flags::SYN | Flags::ECE | Flags::CWR);
        ecn
    }

    #[test]
    fn the_agreement_takes_both_sides() {
        let mut client = Ecn::new(Setting::Request);
        let mut server = agreed();
        assert_eq!(client.syn_flags(false), Flags::ECE | Flags::CWR);
        client.on_syn_ack(Flags::SYN | Flags::ACK | server.syn_ack_flags());
        assert_eq!(client.codepoint(true), Codepoint::Ect0);
        server.on_syn(Flags::SYN);
        assert_eq!(server.codepoint(true), Codepoint::NotEct);
    }

    #[test]
    fn a_repeated_syn_does_not_ask() {
        assert_eq!(Ecn::new(Setting::Request).syn_flags(true), Flags::NONE);
        assert_eq!(Ecn::new(Setting::Accept).syn_flags(false), Flags::NONE);
    }

    #[test]
    fn a_mark_is_echoed_until_the_window_was_reduced() {
        let mut ecn = agreed();
        assert!(ecn.on_data(Codepoint::CongestionExperienced, Flags::ACK));
        assert_eq!(ecn.flags(false), Flags::ECE);
        assert!(!ecn.on_data(Codepoint::Ect0, Flags::ACK));
        assert_eq!(ecn.flags(false), Flags::ECE);
        ecn.on_data(Codepoint::Ect0, Flags::ACK | Flags::CWR);
        assert_eq!(ecn.flags(false), Flags::NONE);
    }

    #[test]
    fn an_echo_reduces_the_window_once_in_a_round_trip() {
        let mut ecn = agreed();
        assert!(ecn.on_ack(Flags::ACK | Flags::ECE, 10));
        ecn.on_reduction(100);
        assert!(!ecn.on_ack(Flags::ACK | Flags::ECE, 50));
        assert_eq!(ecn.flags(false), Flags::NONE, "only new data tells");
        assert_eq!(ecn.flags(true), Flags::CWR);
        assert_eq!(ecn.flags(true), Flags::NONE, "once");
        assert!(!ecn.on_ack(Flags::ACK | Flags::ECE, 100));
        assert!(ecn.on_ack(Flags::ACK | Flags::ECE, 101));
    }

    #[test]
    fn only_new_data_can_be_marked() {
        assert_eq!(agreed().codepoint(false), Codepoint::NotEct);
    }

    #[test]
    fn bits_and_codepoints_are_the_same_thing() {
        for bits in 0..4 {
            assert_eq!(Codepoint::from_bits(bits).bits(), bits);
        }
    }
}
