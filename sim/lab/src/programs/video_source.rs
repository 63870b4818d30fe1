//! A video source: frames as an encoder makes them, in RTP packets, one way and without repair.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use rtclab_media::{Encoder, EncoderConfig, Packetizer};
use rtclab_net::{Host, Program, SocketId};
use rtclab_rtc::Randomness;
use rtclab_trace::{ProgramReason, SimTime};

/// UDP payloads stay below this, so that a tunnel or two still fit into an MTU of 1500, as browsers have it.
const DATAGRAM_BYTES_MAX: usize = 1200;

/// What a source is told at its start.
#[derive(Clone, Copy, Debug)]
pub struct VideoSourceConfig {
    /// Where it sends.
    pub to: SocketAddr,
    /// What its encoder makes.
    pub encoder: EncoderConfig,
    /// How many frames; without it, as long as the run goes on.
    pub frames: Option<u64>,
    /// When the first frame is captured.
    pub start_at: SimTime,
}

/// A source under way: it has a socket, an encoder and a stream.
#[derive(Debug)]
struct Stream {
    socket: SocketId,
    encoder: Encoder,
    packetizer: Packetizer,
    randomness: Box<dyn Randomness>,
    /// Packets of the frame that the encoder is working on; they leave when it is done.
    coded: Vec<Vec<u8>>,
}

/// A video source.
#[derive(Debug)]
pub struct VideoSource {
    config: VideoSourceConfig,
    stream: Option<Stream>,
    sent: u64,
}

impl VideoSource {
    /// A source that begins at the time that its configuration says.
    pub fn new(config: VideoSourceConfig) -> VideoSource {
        VideoSource { config, stream: None, sent: 0 }
    }

    /// How many frames it has sent.
    pub fn sent(&self) -> u64 {
        self.sent
    }

    /// Takes the next frame from the encoder, and wakes up when it is coded.
    fn encode(&mut self, host: &mut Host<'_>) {
        let Some(stream) = &mut self.stream else { return };
        let frame = stream.encoder.next_frame(&mut *stream.randomness);
        stream.coded = stream.packetizer.packets(&frame);
        host.set_timer(frame.encoded_at, 0);
    }
}

impl Program for VideoSource {
    fn start(&mut self, host: &mut Host<'_>) {
        let any: IpAddr = match self.config.to {
            SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
            SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
        };
        let Ok(socket) = host.bind_udp(any, 0) else { return };
        let mut randomness = host.randomness();
        // RFC 3550 §5.1: SSRC and first sequence number are random.
        let random = randomness.u64();
        let packetizer = Packetizer::new((random >> 32) as u32, random as u16, DATAGRAM_BYTES_MAX);
        let encoder = Encoder::new(self.config.encoder, self.config.start_at.max(host.now()));
        self.stream = Some(Stream { socket, encoder, packetizer, randomness, coded: Vec::new() });
        self.encode(host);
    }

    fn timer(&mut self, host: &mut Host<'_>, _token: u64) {
        if self.config.frames.is_some_and(|frames| self.sent >= frames) {
            return;
        }
        let Some(stream) = &mut self.stream else { return };
        for packet in std::mem::take(&mut stream.coded) {
            let reason = Some(ProgramReason::VideoFrame.into());
            // What cannot leave is in the trace, dropped here.
            let _ = host.send_udp(stream.socket, self.config.to, &packet, reason, None);
        }
        self.sent += 1;
        self.encode(host);
    }
}
