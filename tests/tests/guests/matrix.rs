//! The class of the path for each pair of stacks behind each pair of NATs.

use std::fmt::Write as _;
use std::time::Duration;

use super::guest::Stack;
use super::table::{Setting, call};

/// What stands between a peer and the internet.
const SIDES: [(&str, &[&str]); 4] = [
    ("none", &[]),
    ("full-cone", &["full-cone"]),
    ("port-restricted", &["port-restricted"]),
    ("symmetric", &["symmetric"]),
];

const STACKS: [[Stack; 2]; 10] = [
    [Stack::Ours, Stack::Ours],
    [Stack::Ours, Stack::Is],
    [Stack::Is, Stack::Ours],
    [Stack::Ours, Stack::RtcIce],
    [Stack::RtcIce, Stack::Ours],
    [Stack::Is, Stack::Is],
    [Stack::RtcIce, Stack::RtcIce],
    [Stack::Ours, Stack::Rice],
    [Stack::Rice, Stack::Ours],
    [Stack::Rice, Stack::Rice],
];

/// The rule of the design: a direct path needs a side that can learn where the other one's packets come from.
fn expected(a: &str, b: &str) -> &'static str {
    let symmetric = |nat: &str| nat == "symmetric";
    let filtered = |nat: &str| matches!(nat, "symmetric" | "port-restricted");
    if symmetric(a) && filtered(b) || symmetric(b) && filtered(a) { "relayed" } else { "direct" }
}

#[test]
fn who_connects_to_whom_through_which_nats() {
    let mut table = String::new();
    let mut ours_wrong = Vec::new();
    for stacks in STACKS {
        let [controlling, controlled] = stacks.map(Stack::name);
        let _ = writeln!(table, "{controlling} controlling, {controlled} controlled");
        for (name_a, a) in SIDES {
            let mut row = format!("  {name_a:17}");
            for (name_b, b) in SIDES {
                let link = "latency_ms = 10".to_owned();
                let setting = Setting { nats: [a, b], networks: 1, link, turn: true, ..Setting::default() };
                let result = call(&setting, stacks, 7, Duration::from_secs(40));
                let mark = if result.panicked { "!" } else { "" };
                let _ = write!(row, "{:12}", format!("{}{mark}", result.class));
                if stacks == [Stack::Ours; 2] && result.class != expected(name_a, name_b) {
                    ours_wrong.push(format!("{name_a} / {name_b}: {}", result.class));
                }
            }
            let _ = writeln!(table, "{}", row.trim_end());
        }
    }
    assert!(ours_wrong.is_empty(), "{ours_wrong:?}\n{table}");
    insta::assert_snapshot!(table);
}
