//! A video sink: puts frames together, and tells how many came whole and how long they took.

use std::time::Duration;

use rtclab_media::{FrameAssembler, LatencySummary};
use rtclab_net::{Datagram, Host, Program};

use super::sockets::Sockets;
use super::{Tally, Window, tell};

/// How long after a frame the trace knows of it at the latest.
const TOLD_WITHIN: Duration = Duration::from_millis(100);

/// A video sink.
#[derive(Debug)]
pub struct VideoSink {
    port: u16,
    sockets: Sockets,
    frames: FrameAssembler,
    latency: LatencySummary,
    tally: Tally,
    /// A timer will tell what has come since the last time.
    will_tell: bool,
}

impl VideoSink {
    /// A sink on this UDP port, which counts the frames that arrive whole in these windows.
    pub fn new(port: u16, windows: impl IntoIterator<Item = Window>) -> VideoSink {
        VideoSink {
            port,
            sockets: Sockets::default(),
            frames: FrameAssembler::default(),
            latency: LatencySummary::default(),
            tally: Tally::new(windows),
            will_tell: false,
        }
    }

    /// The frames that arrived whole.
    pub fn received(&self) -> &Tally {
        &self.tally
    }

    /// How long they took, from capture to the last packet.
    pub fn latency(&self) -> &LatencySummary {
        &self.latency
    }

    fn status(&self) -> String {
        let millis =
            |percent| self.latency.percentile(percent).map_or(0.0, |latency| latency.as_secs_f64() * 1e3);
        let (frames, missing) = (self.latency.frames(), self.latency.missing());
        let (median, slow) = (millis(50), millis(95));
        format!(
            "{frames} frames whole, {missing} missing; latency {median:.3} ms median, {slow:.3} ms at 95 %"
        )
    }
}

impl Program for VideoSink {
    fn start(&mut self, host: &mut Host<'_>) {
        self.sockets.bind(host, self.port);
    }

    fn datagram(&mut self, host: &mut Host<'_>, datagram: &Datagram<'_>) {
        match self.frames.handle_packet(datagram.payload, host.now()) {
            Ok(Some(frame)) => {
                self.latency.add(&frame);
                self.tally.count(host.now(), Some(frame.number));
            }
            Ok(None) => {}
            Err(error) => {
                tell(host, "video sink", error.to_string(), None);
            }
        }
        if !self.will_tell {
            self.will_tell = true;
            host.set_timer(host.now() + TOLD_WITHIN, 0);
        }
    }

    fn timer(&mut self, host: &mut Host<'_>, _token: u64) {
        self.will_tell = false;
        tell(host, "video sink", self.status(), None);
    }

    fn addresses_changed(&mut self, host: &mut Host<'_>) {
        self.sockets.bind(host, self.port);
    }
}
