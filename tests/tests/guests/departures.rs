//! Where a guest departs from the RFC, and what ours does about it. A guest's own failure is a finding, not a reason to loosen ours.

use std::time::Duration;

use super::guest::Stack;
use super::table::{CallResult, Setting, call};

const UNTIL: Duration = Duration::from_secs(40);

fn setting(networks: usize, loss_percent: u32) -> Setting {
    let link = format!("latency_ms = 25\nloss_percent = {}", f64::from(loss_percent) / 2.0);
    Setting { networks, link, ..Setting::default() }
}

fn calls(setting: &Setting, stacks: [Stack; 2], seeds: u64) -> Vec<CallResult> {
    (0..seeds).map(|seed| call(setting, stacks, seed, UNTIL)).collect()
}

fn connected(results: &[CallResult]) -> usize {
    results.iter().filter(|result| result.after.is_some()).count()
}

/// RFC 8445 §7.1.2: only the controlling agent sends USE-CANDIDATE. `rice-proto` 0.4.3 sends it when it is controlled, too, and selects
/// its pair only once that check is answered. Ours answers it as the check that it is, and takes no nomination from it; `is` and `rtc-ice`
/// drop it, and rice never learns that the call stands.
#[test]
fn use_candidate_of_a_controlled_peer_is_answered_and_means_nothing() {
    assert_eq!(connected(&calls(&setting(1, 0), [Stack::Ours, Stack::Rice], 30)), 30);
    assert_eq!(connected(&calls(&setting(3, 0), [Stack::Ours, Stack::Rice], 30)), 30);
    for other in [Stack::Is, Stack::RtcIce] {
        assert_eq!(connected(&calls(&setting(1, 0), [other, Stack::Rice], 10)), 0, "{}", other.name());
    }
}

/// RFC 8445 §7.3.1.1: the larger tie-breaker stays controlling, and 487 goes to the other one. `rtc-ice` 0.21 sends 487 and a success
/// for the same request, and ignores the 487 that it gets; `is` 0.12 has one rule for both roles. Ours takes the first answer to a
/// transaction and no second one (RFC 8489 §6.3.1), and repeats its check in the role that it ends up with.
#[test]
fn whoever_shares_our_role_at_first_is_connected_to() {
    for other in [Stack::Is, Stack::RtcIce] {
        for role in [true, false] {
            let setting = Setting { conflict: Some(role), ..setting(1, 0) };
            for stacks in [[Stack::Ours, other], [other, Stack::Ours]] {
                assert_eq!(connected(&calls(&setting, stacks, 20)), 20, "{} {role}", other.name());
            }
        }
    }
}

/// RFC 8445 §8.1.1: once a pair is nominated there is no other without a restart. `is` 0.12 nominates the first pair that works, and
/// goes over to a better one when that works, too. As the controlled side, ours follows to the pair with the highest priority, which
/// RFC 5245 §8.1.1.2 has for agents that nominate more than once; so both sides end up on the same one.
#[test]
fn whoever_nominates_more_than_once_ends_up_on_our_pair() {
    let setting = Setting { afterwards: Duration::from_secs(10), ..setting(3, 0) };
    for result in calls(&setting, [Stack::Is, Stack::Ours], 20) {
        assert!(result.after.is_some() && result.agreed, "{result:?}");
    }
}

/// RFC 8445 §14.2: one new transaction in Ta. `rtc-ice` 0.21 sends a check on every pair at once, and again every 200 ms. Answers
/// are not paced (§7.3.1.2), so ours is found as fast as the peer asks.
#[test]
fn whoever_does_not_pace_its_checks_is_answered_at_once() {
    for result in calls(&setting(3, 0), [Stack::RtcIce, Stack::Ours], 20) {
        let after = result.after.expect("connected");
        assert!(after < Duration::from_millis(301), "{after:?}");
    }
}
