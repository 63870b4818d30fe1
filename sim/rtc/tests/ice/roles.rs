//! Both controlling, both controlled, in every order of tie-breakers.

use rtclab_rtc::ice::{AgentConfig, Change, PairState, Role};
use rtclab_rtc::stun::TransactionState;
use rtclab_rtc::{Randomness, Reason, Subject, Time};

use crate::duo::{Duo, Seeded, Side, Told, hosts, wire};

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
    for (side, mut config) in configs.into_iter().enumerate() {
        // Unlike preferences, so that the priority of the pair depends on the role.
        config.sockets[0].preference -= side as u16;
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

/// The role in which the agent was when it told of this reason, once.
fn role_told_for(told: &Told, reason: Reason) -> Role {
    let changes = told.changes_for(reason);
    let [(Subject::Agent, Change::Agent(agent))] = &changes[..] else { panic!("{changes:?}") };
    agent.role
}

/// What a new role leads to: other priorities, and another check in place of the one that claimed the old role.
fn assert_began_anew(told: &Told) {
    let priorities = told.changes_for(Reason::PriorityByRole);
    assert!(
        matches!(priorities[..], [(Subject::Pair(0), Change::Pair(_)), (Subject::CheckList(0), _)]),
        "{priorities:?}"
    );
    let again = told.changes_for(Reason::CheckAgainInNewRole).into_iter();
    let waits = |change: &Change| matches!(change, Change::Pair(pair) if pair.state == PairState::Waiting);
    assert_eq!(again.filter(|(_, change)| waits(change)).count(), 1);
}

#[test]
fn a_check_from_the_larger_tie_breaker_makes_the_other_side_switch() {
    let mut duo = duo([Role::Controlling, Role::Controlling], [2, 1], 1);
    duo.start();
    duo.run_until(Time::from_millis(50));
    let told = &duo.sides[1].told;
    assert_eq!(role_told_for(told, Reason::RoleSwitchedByRequest), Role::Controlled);
    assert_began_anew(told);
    let kept: Vec<_> = duo.sent.iter().filter(|(.., sent)| sent.reason == Some(Reason::RoleKept)).collect();
    assert_eq!(kept.len(), 1, "the other side's check was refused");
    assert_eq!(kept[0].1, 0);
}

#[test]
fn a_side_that_is_refused_with_487_switches_and_checks_again() {
    let mut duo = duo([Role::Controlling, Role::Controlling], [2, 1], 1);
    // The first check of the side that keeps its role is lost, so that the other one learns of the conflict by the refusal.
    let mut lost = 0;
    let mut open = wire(50);
    duo.path = Box::new(move |now, transmit| {
        let loses = lost == 0 && transmit.from.to_string().starts_with("10.1.");
        lost += u32::from(loses);
        if loses { None } else { open(now, transmit) }
    });
    duo.start();
    let before = duo.sides[1].agent.snapshot().tie_breaker;
    duo.run_until(Time::from_millis(100));
    let told = &duo.sides[1].told;
    let refused = told.changes_for(Reason::RoleConflict);
    let [(_, Change::Transaction(check))] = &refused[..] else { panic!("{refused:?}") };
    assert_eq!(check.state, TransactionState::Refused(487));
    assert_eq!(role_told_for(told, Reason::RoleSwitchedBy487), Role::Controlled);
    assert_ne!(duo.sides[1].agent.snapshot().tie_breaker, before, "RFC 8445 §7.2.5.1");
    assert_began_anew(told);
    assert!(duo.drive(Time::from_millis(3000)));
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
