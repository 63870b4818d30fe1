//! A model of a video encoder: when frames are captured and how large they come out. Not here: pictures.

use std::time::Duration;

use rtclab_rtc::{Randomness, Time};

/// What an encoder is told.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EncoderConfig {
    /// Frames a second.
    pub frames_per_second: u32,
    /// Bits a second, on average.
    pub bitrate_bps: u64,
    /// Frames from one key frame to the next: the group of pictures.
    pub frames_per_group: u32,
    /// How many times larger a key frame is than the frames between.
    pub key_frame_ratio: f64,
    /// How far a frame's size strays from its mean, as a share of it: 0.2 is ±20 %, uniformly.
    pub size_spread: f64,
    /// From capture to the coded frame.
    pub encode_time: Duration,
}

impl Default for EncoderConfig {
    /// The load of our measurements: 2 Mbit/s, 30 frames a second, a key frame every 2 s.
    fn default() -> EncoderConfig {
        EncoderConfig {
            frames_per_second: 30,
            bitrate_bps: 2_000_000,
            frames_per_group: 60,
            key_frame_ratio: 6.0,
            size_spread: 0.2,
            encode_time: Duration::from_millis(5),
        }
    }
}

/// A coded frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// From 0.
    pub number: u32,
    /// Whether it can be shown without the frames before it.
    pub key: bool,
    /// When the camera took it.
    pub captured_at: Time,
    /// When the encoder was done with it.
    pub encoded_at: Time,
    /// Its size in bytes.
    pub bytes: u32,
}

/// Makes one frame after the other.
#[derive(Debug)]
pub struct Encoder {
    config: EncoderConfig,
    start: Time,
    next: u32,
}

impl Encoder {
    /// An encoder whose first frame is captured at `start`. Zeros in the configuration are taken as ones.
    pub fn new(config: EncoderConfig, start: Time) -> Encoder {
        let frames_per_second = config.frames_per_second.max(1);
        let frames_per_group = config.frames_per_group.max(1);
        Encoder { config: EncoderConfig { frames_per_second, frames_per_group, ..config }, start, next: 0 }
    }

    /// When the next frame will be captured.
    pub fn next_capture(&self) -> Time {
        self.start
            + Duration::from_nanos(
                u64::from(self.next) * 1_000_000_000 / u64::from(self.config.frames_per_second),
            )
    }

    /// The next frame.
    pub fn next_frame(&mut self, randomness: &mut dyn Randomness) -> Frame {
        let captured_at = self.next_capture();
        let number = self.next;
        self.next += 1;
        let key = number.is_multiple_of(self.config.frames_per_group);
        // 32 random bits are spread over [-1, 1).
        let stray = f64::from(randomness.u64() as u32) / f64::from(1u32 << 31) - 1.0;
        let bytes = self.mean_bytes(key) * (1.0 + self.config.size_spread * stray);
        let encoded_at = captured_at + self.config.encode_time;
        Frame { number, key, captured_at, encoded_at, bytes: bytes.max(1.0) as u32 }
    }

    /// The mean size of a frame, so that a whole group has the bit rate that was asked for.
    fn mean_bytes(&self, key: bool) -> f64 {
        let group = f64::from(self.config.frames_per_group);
        let group_seconds = group / f64::from(self.config.frames_per_second);
        let group_bytes = self.config.bitrate_bps as f64 / 8.0 * group_seconds;
        let between = group_bytes / (group - 1.0 + self.config.key_frame_ratio);
        if key { between * self.config.key_frame_ratio } else { between }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Steps(u64);

    impl Randomness for Steps {
        fn fill(&mut self, out: &mut [u8]) {
            for byte in out {
                self.0 =
                    self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                *byte = (self.0 >> 56) as u8;
            }
        }
    }

    #[test]
    fn a_minute_of_frames_has_the_bit_rate_that_was_asked_for() {
        let mut encoder = Encoder::new(EncoderConfig::default(), Time::ZERO);
        let mut randomness = Steps(1);
        let bytes: u64 = (0..1800).map(|_| u64::from(encoder.next_frame(&mut randomness).bytes)).sum();
        let rate = bytes as f64 * 8.0 / 60.0;
        assert!((rate / 2_000_000.0 - 1.0).abs() < 0.02, "{rate} bit/s");
    }

    #[test]
    fn frames_are_captured_evenly_and_key_frames_open_a_group() {
        let mut encoder = Encoder::new(EncoderConfig::default(), Time::from_millis(10));
        let mut randomness = Steps(1);
        let frames: Vec<Frame> = (0..61).map(|_| encoder.next_frame(&mut randomness)).collect();
        assert_eq!(frames[0].captured_at, Time::from_millis(10));
        assert_eq!(frames[30].captured_at, Time::from_millis(1010));
        let keys: Vec<u32> = frames.iter().filter(|frame| frame.key).map(|frame| frame.number).collect();
        assert_eq!(keys, [0, 60]);
    }
}
