//! Our TCP beside Linux under the load of a two-hop relay: without loss within a fifth, the same cells bounded and the same growing without end, and
//! with loss within what Linux itself shows from run to run. The table is in the README of this crate, which is held to it.

mod linux;
mod load;

use std::fmt::Write as _;

use linux::{FLOOR_IDLE_MS, MEASURED, Measured};
use load::{Cell, Delays, middle, run};

/// Draws of the losses for each cell.
const SEEDS: u64 = 7;
/// A delay that is beyond a second in the last fifth of half a minute, and larger than on the whole, grows without end.
const DIVERGED_MS: f64 = 1000.0;
/// How far from Linux a median without loss may be.
const TOLERANCE: f64 = 0.2;

struct Compared {
    linux: Measured,
    medians: Vec<f64>,
    diverged: usize,
}

impl Compared {
    fn of(linux: Measured) -> Compared {
        let Measured { algorithm, rtt_ms, loss_percent, .. } = linux;
        let cell = Cell { algorithm, rtt_ms, loss_percent };
        // Without loss every run is alike.
        let seeds = if loss_percent == 0 { 1 } else { SEEDS };
        let runs: Vec<Delays> = (1..=seeds).map(|seed| run(cell, seed)).collect();
        let grows = |run: &&Delays| run.median_at_the_end() > run.median().max(DIVERGED_MS);
        let diverged = runs.iter().filter(grows).count();
        Compared { linux, medians: runs.iter().map(Delays::median).collect(), diverged }
    }

    fn least(&self) -> f64 {
        self.medians.iter().copied().fold(f64::INFINITY, f64::min)
    }

    fn most(&self) -> f64 {
        self.medians.iter().copied().fold(0.0, f64::max)
    }

    fn diverges(&self) -> bool {
        self.diverged * 2 > self.medians.len()
    }

    /// `CUBIC, 20 ms, 1 %`
    fn name(&self) -> String {
        let Measured { algorithm, rtt_ms, loss_percent, .. } = self.linux;
        format!("{}, {rtt_ms} ms, {loss_percent} %", algorithm.word())
    }

    /// A row of the table: medians in milliseconds, that of Linux without its pipeline.
    fn row(&self) -> String {
        let kind = |diverges: bool| if diverges { ", grows" } else { "" };
        let grows = kind(self.linux.diverges);
        let list = |medians: &[f64]| {
            let medians: Vec<String> = medians.iter().map(|median| format!("{median:.0}")).collect();
            if medians.is_empty() { "not run".to_owned() } else { medians.join(", ") + grows }
        };
        let (ffmpeg, same) = (list(&self.linux.with_ffmpeg_ms()), list(self.linux.same_load));
        let (least, most) = (self.least(), self.most());
        let spread =
            if self.medians.len() > 1 { format!(" ({least:.0} to {most:.0})") } else { String::new() };
        let ours = format!("{:.0}{spread}{}", middle(&self.medians), kind(self.diverges()));
        format!("| {} | {ffmpeg} | {same} | {ours} |", self.name())
    }

    /// What is outside of what Linux shows, in words; none if nothing is.
    fn outside(&self) -> Option<String> {
        if self.diverges() != self.linux.diverges {
            return Some(format!(
                "{}: grows for {} of {} seeds",
                self.name(),
                self.diverged,
                self.medians.len()
            ));
        }
        let linux = self.linux.network_ms();
        if self.linux.diverges || linux.is_empty() {
            // A median that depends on how long one waits is no number to compare.
            return None;
        }
        // The delay as a viewer sees it, with the pipeline, which is what the fifth is of.
        let seen = |network: f64| network + FLOOR_IDLE_MS;
        let low = linux.iter().copied().map(seen).fold(f64::INFINITY, f64::min) * (1.0 - TOLERANCE);
        let high = linux.iter().copied().map(seen).fold(0.0, f64::max) * (1.0 + TOLERANCE);
        let is_near = if self.linux.loss_percent == 0 || linux.len() > 1 {
            (low..=high).contains(&seen(middle(&self.medians)))
        } else {
            // One draw of Linux lies somewhere in a spread of its own; ours has to reach it.
            seen(self.least()) <= high && seen(self.most()) >= low
        };
        let ours = seen(middle(&self.medians));
        (!is_near).then(|| format!("{}: {ours:.0} ms, Linux {low:.0} to {high:.0} ms", self.name()))
    }
}

#[test]
fn the_relay_behaves_as_on_linux_and_the_readme_says_how() {
    let compared: Vec<Compared> = MEASURED.iter().copied().map(Compared::of).collect();
    let mut table = String::new();
    compared.iter().for_each(|cell| writeln!(table, "{}", cell.row()).expect("a string takes everything"));
    let outside: Vec<String> = compared.iter().filter_map(Compared::outside).collect();
    assert!(outside.is_empty(), "outside of what Linux shows:\n{}\n\n{table}", outside.join("\n"));
    let readme = include_str!("../../README.md");
    assert!(readme.contains(&table), "the README has another table than this one:\n{table}");
}
