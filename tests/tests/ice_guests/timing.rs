//! How long it takes until both sides have a nominated pair, in virtual time: median and 95th percentile over seeds.

use std::fmt::Write as _;
use std::time::Duration;

use super::guest::Stack;
use super::table::{Setting, call};

/// How many calls a number is made of.
const SEEDS: u64 = 200;

/// One way is 50 ms: 25 to the middle of a network, 25 from there.
fn setting(shape: &str, loss_percent: u32) -> Setting {
    // Two links are on the way, so each loses half.
    let loss = 100.0 * (1.0 - (1.0 - f64::from(loss_percent) / 100.0).sqrt());
    let family = if shape == "dual stack" { "ip = \"dual\"\n" } else { "" };
    let link = format!("latency_ms = 25\nloss_percent = {loss:.4}\n{family}");
    let symmetric: &[&str] = if shape == "relayed" { &["symmetric"] } else { &[] };
    Setting {
        nats: [symmetric, symmetric],
        networks: if shape == "3 x 3" { 3 } else { 1 },
        link,
        turn: shape == "relayed",
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

#[test]
fn time_to_nomination() {
    let mut table = format!("{:12}{:8}", "shape", "loss %");
    let stacks = [Stack::Ours, Stack::Is, Stack::RtcIce];
    for stack in stacks {
        let _ = write!(table, "{:>24}", stack.name());
    }
    let mut slow = Vec::new();
    for shape in ["1 x 1", "3 x 3", "dual stack", "relayed"] {
        for loss in [0, 10, 30] {
            let _ = write!(table, "\n{shape:12}{loss:<8}");
            for stack in stacks {
                let (median, late, failed) = measure(shape, loss, [stack; 2]);
                let lost = if failed == 0 { String::new() } else { format!(" ({failed} failed)") };
                let _ = write!(table, "{:>24}", format!("{median} / {late}{lost}"));
                // The aim at 30 % is 2 s, and is not reached: what was measured stands in the README. This only keeps it from growing.
                let bound = if loss == 30 { 10_000 } else { u128::MAX };
                if stack == Stack::Ours && shape != "relayed" && late >= bound {
                    slow.push(format!("{shape} at {loss} %: {late}"));
                }
            }
        }
    }
    let table: Vec<&str> = table.lines().map(str::trim_end).collect();
    println!("{}", table.join("\n"));
    assert!(slow.is_empty(), "{slow:?}\n{}", table.join("\n"));
}
