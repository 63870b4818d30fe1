//! What Linux made of the same load: an encoder of 2 Mbit/s and 30 frames a second, nginx-rtmp, a decoder; two links of 20 Mbit/s with this round-trip
//! time and loss each; medians in milliseconds from the capture of a frame to its decoding. Measured on Linux between network namespaces.
//!
//! That load is ffmpeg's and nginx's: frames as the encoder makes them, in chunks of RTMP. So the kernel was measured once more under the load of this test
//! itself: the same frames, written by a program of a few lines in the place of each of the three, between network namespaces with TUN
//! devices and the same links; Linux 6.18, real-time priority. These runs have no pipeline to take off.
//!
//! Runs marked `idle` were made one at a time on an idle machine; the others under load, which shows in their medians by some 20 ms.

use rtclab_net::tcp::Algorithm;

/// What the pipeline itself takes: the median without delay or loss, on an idle machine and under load.
pub(crate) const FLOOR_IDLE_MS: f64 = 43.0;
pub(crate) const FLOOR_LOADED_MS: f64 = 46.0;

/// The runs of a cell.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measured {
    pub(crate) algorithm: Algorithm,
    pub(crate) rtt_ms: u64,
    pub(crate) loss_percent: u32,
    /// Medians of the runs on an idle machine.
    pub(crate) idle: &'static [f64],
    /// Medians of the runs under load.
    pub(crate) loaded: &'static [f64],
    /// Medians of the runs under the load of this test.
    pub(crate) same_load: &'static [f64],
    /// Whether the delay grew until the end.
    pub(crate) diverges: bool,
}

impl Measured {
    /// The medians with ffmpeg and nginx, without what their pipeline takes.
    pub(crate) fn with_ffmpeg_ms(&self) -> Vec<f64> {
        let idle = self.idle.iter().map(|median| median - FLOOR_IDLE_MS);
        idle.chain(self.loaded.iter().map(|median| median - FLOOR_LOADED_MS)).collect()
    }

    /// All medians without what a pipeline takes.
    pub(crate) fn network_ms(&self) -> Vec<f64> {
        let mut all = self.with_ffmpeg_ms();
        all.extend(self.same_load);
        all
    }
}

const fn cell(
    algorithm: Algorithm,
    (rtt_ms, loss_percent): (u64, u32),
    idle: &'static [f64],
    loaded: &'static [f64],
    same_load: &'static [f64],
    diverges: bool,
) -> Measured {
    Measured { algorithm, rtt_ms, loss_percent, idle, loaded, same_load, diverges }
}

/// Every cell; Reno was not run without loss, where algorithms do not differ.
pub(crate) const MEASURED: [Measured; 18] = [
    cell(Algorithm::Cubic, (20, 0), &[76.0], &[99.2, 113.2], &[27.0], false),
    cell(Algorithm::Cubic, (20, 1), &[97.0, 97.0, 97.0], &[132.5, 132.1], &[33.3, 44.8, 34.2], false),
    cell(Algorithm::Cubic, (20, 3), &[338.0, 367.0, 172.0], &[399.2, 177.3], &[226.0, 265.4, 256.3], false),
    cell(Algorithm::Cubic, (100, 0), &[199.0], &[234.8, 194.7], &[156.9], false),
    cell(Algorithm::Cubic, (100, 1), &[], &[7692.3], &[6677.8], true),
    cell(Algorithm::Cubic, (100, 3), &[], &[46_643.5], &[], true),
    cell(Algorithm::NewReno, (20, 0), &[], &[], &[], false),
    cell(Algorithm::NewReno, (20, 1), &[], &[122.9], &[30.0, 34.2, 34.8], false),
    cell(Algorithm::NewReno, (20, 3), &[], &[326.7], &[97.0, 97.0, 108.3], false),
    cell(Algorithm::NewReno, (100, 0), &[], &[], &[], false),
    cell(Algorithm::NewReno, (100, 1), &[], &[12_803.2], &[], true),
    cell(Algorithm::NewReno, (100, 3), &[], &[35_421.4], &[], true),
    cell(Algorithm::Bbr, (20, 0), &[], &[113.9], &[], false),
    cell(Algorithm::Bbr, (20, 1), &[], &[122.9], &[47.9], false),
    cell(Algorithm::Bbr, (20, 3), &[], &[135.7], &[69.4], false),
    cell(Algorithm::Bbr, (100, 0), &[], &[203.9], &[], false),
    cell(Algorithm::Bbr, (100, 1), &[], &[257.7], &[], false),
    cell(Algorithm::Bbr, (100, 3), &[], &[303.3], &[], false),
];
