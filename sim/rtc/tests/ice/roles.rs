//! Both controlling, both controlled, in every order of tie-breakers.

use rtclab_rtc::ice::{AgentConfig, Role};
use rtclab_rtc::{Randomness, Time};

use crate::duo::{Duo, Seeded, Side, hosts, wire};

/// A generator whose first 64-bit number, the tie-breaker, is chosen.
#[derive(Debug)]
struct Rigged {
    tie_breaker: Option<u64>,
    rest: Seeded,
}

impl Randomness for Rigged {
    fn fill(&mut self, out: &mut [u8]) {
        self.rest.fill(out);
    }

    fn u64(&mut self) -> u64 {
        self.tie_breaker.take().unwrap_or_else(|| self.rest.next())
    }
}

fn duo(roles: [Role; 2], tie_breakers: [u64; 2], seed: u64) -> Duo {
    let mut duo = Duo::new(hosts(1), wire(50));
    let configs = hosts(1);
    for (side, config) in configs.into_iter().enumerate() {
        let config = AgentConfig { role: roles[side], ..config };
        let rest = Seeded(seed * 2 + side as u64);
        let randomness = Rigged { tie_breaker: Some(tie_breakers[side]), rest };
        duo.sides[side] = Side::with_randomness(config, Box::new(randomness));
    }
    duo
}

const ORDERS: [[u64; 2]; 5] = [[1, 2], [2, 1], [5, 5], [0, u64::MAX], [u64::MAX, 0]];

#[test]
fn two_agents_of_one_role_end_up_with_opposite_roles_on_the_same_pair() {
    for role in [Role::Controlling, Role::Controlled] {
        for tie_breakers in ORDERS {
            for seed in 0..5 {
                let mut duo = duo([role, role], tie_breakers, seed);
                duo.start();
                let case = format!("both {role:?}, {tie_breakers:?}, seed {seed}");
                assert!(duo.drive(Time::from_millis(3000)), "{case}");
                assert_ne!(duo.sides[0].agent.role(), duo.sides[1].agent.role(), "{case}");
                assert!(duo.agrees(), "{case}");
            }
        }
    }
}

#[test]
fn the_larger_tie_breaker_ends_up_controlling() {
    for role in [Role::Controlling, Role::Controlled] {
        for tie_breakers in [[1, 2], [2, 1]] {
            let mut duo = duo([role, role], tie_breakers, 1);
            duo.start();
            assert!(duo.drive(Time::from_millis(3000)));
            let winner = usize::from(tie_breakers[1] > tie_breakers[0]);
            assert_eq!(duo.sides[winner].agent.role(), Role::Controlling, "both {role:?}, {tie_breakers:?}");
        }
    }
}

#[test]
fn opposite_roles_stay_whatever_the_tie_breakers_are() {
    for tie_breakers in ORDERS {
        let mut duo = duo([Role::Controlling, Role::Controlled], tie_breakers, 1);
        duo.start();
        assert!(duo.drive(Time::from_millis(1000)));
        assert_eq!(duo.sides[0].agent.role(), Role::Controlling);
    }
}

#[test]
fn roles_are_settled_under_loss_as_well() {
    for seed in 0..100 {
        for role in [Role::Controlling, Role::Controlled] {
            let mut duo = duo([role, role], [seed % 3, seed % 2], seed);
            duo.path = crate::losses::lossy(30, 50, seed);
            duo.start();
            assert!(duo.drive(Time::from_millis(300_000)), "both {role:?}, seed {seed}");
            assert_ne!(duo.sides[0].agent.role(), duo.sides[1].agent.role(), "seed {seed}");
        }
    }
}
