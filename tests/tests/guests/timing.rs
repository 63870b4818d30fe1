//! How long it takes until both sides have a nominated pair, in virtual time: median and 95th percentile over seeds.

use std::fmt::Write as _;
use std::time::Duration;

use super::guest::{Stack, Uses};
use super::table::{Setting, call};

/// How many calls a number is made of.
const SEEDS: u64 = 200;

/// What stands between two peers, and how soon a call can be known to both without loss. One way is d = 50 ms, and so is Ta.
///
/// - Hosts: check and answer, nomination and answer (RFC 8445 §8.1.1): 4 d. The best pair is checked first, so more of them, and a second
///   family, cost nothing.
/// - Behind two symmetric NATs: Allocate, challenge, Allocate, answer are 4 d. Then the pair of reflexive addresses, which ranks before
///   the relayed one, takes a slot of Ta, and check, answer, nomination and answer go through a relay, which is 2 d each: 13 d in all,
///   for whoever does not wait whether a direct path comes about.
/// - Relayed candidates only: 4 d, a permission is 2 d, and what follows is 8 d: 14 d.
const SHAPES: [(&str, u128); 5] =
    [("1 x 1", 200), ("3 x 3", 200), ("dual stack", 200), ("relayed", 650), ("relay only", 700)];

/// One way is 50 ms: 25 to the middle of a network, 25 from there.
fn setting(shape: &str, loss_percent: u32) -> Setting {
    // Two links are on the way, so each loses half.
    let loss = 100.0 * (1.0 - (1.0 - f64::from(loss_percent) / 100.0).sqrt());
    let family = if shape == "dual stack" { "ip = \"dual\"\n" } else { "" };
    let link = format!("latency_ms = 25\nloss_percent = {loss:.4}\n{family}");
    let relayed = shape.starts_with("relay");
    let symmetric: &[&str] = if relayed { &["symmetric"] } else { &[] };
    Setting {
        nats: [symmetric, symmetric],
        networks: if shape == "3 x 3" { 3 } else { 1 },
        link,
        turn: relayed,
        uses: if shape == "relay only" { Uses::Relayed } else { Uses::All },
        ..Setting::default()
    }
}

/// Median and 95th percentile; what never connected counts as the end of the run.
fn measure(shape: &str, loss_percent: u32, stacks: [Stack; 2]) -> (u128, u128, usize) {
    let until = Duration::from_secs(60);
    let setting = setting(shape, loss_percent);
    let mut times = Vec::new();
    let mut failed = 0;
    let seeds = if loss_percent == 0 { 10 } else { SEEDS };
    for seed in 0..seeds {
        let result = call(&setting, stacks, seed, until);
        failed += usize::from(result.after.is_none());
        times.push(result.after.unwrap_or(until).as_millis());
    }
    times.sort_unstable();
    let at = |part: usize| times[(times.len() * part / 100).min(times.len() - 1)];
    (at(50), at(95), failed)
}

/// What ours has to keep to: the minimum without loss, unless it waits for a direct path, and 2 s at 30 % between hosts.
fn is_slow(shape: &str, loss: u32, minimum: u128, late: u128) -> bool {
    match (shape, loss) {
        ("relayed", _) => false,
        (_, 0) => late != minimum,
        ("relay only", _) => false,
        (_, 30) => late >= 2000,
        _ => false,
    }
}

#[test]
fn time_to_nomination() {
    let mut table = format!("{:12}{:8}{:>8}", "shape", "loss %", "minimum");
    let stacks = [Stack::Ours, Stack::Is, Stack::RtcIce, Stack::Rice];
    for stack in stacks {
        let _ = write!(table, "{:>26}", stack.name());
    }
    let mut slow = Vec::new();
    for (shape, minimum) in SHAPES {
        for loss in [0, 10, 30] {
            let _ = write!(table, "\n{shape:12}{loss:<8}{minimum:>8}");
            for stack in stacks {
                // It has relayed candidates of its own TURN client only.
                if stack == Stack::Rice && shape.starts_with("relay") {
                    let _ = write!(table, "{:>26}", "-");
                    continue;
                }
                let (median, late, failed) = measure(shape, loss, [stack; 2]);
                let lost = if failed == 0 { String::new() } else { format!(" ({failed} failed)") };
                let _ = write!(table, "{:>26}", format!("{median} / {late}{lost}"));
                if stack == Stack::Ours && is_slow(shape, loss, minimum, late) {
                    slow.push(format!("{shape} at {loss} %: {late}"));
                }
            }
        }
    }
    let table: Vec<&str> = table.lines().map(str::trim_end).collect();
    println!("{}", table.join("\n"));
    assert!(slow.is_empty(), "{slow:?}\n{}", table.join("\n"));
}
