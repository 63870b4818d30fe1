//! Chunks (RFC 9260 §3.2, §3.3): their types, flags and values.

use super::data::Data;
use super::init::Init;
use super::reconfiguration::{self, Parameter};
use super::{Reader, padded};

/// A chunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chunk {
    /// 0: user data.
    Data(Data),
    /// 1: asks for an association.
    Init(Init),
    /// 2: answers INIT, with a cookie that carries all that there is to know.
    InitAck(Init),
    /// 3: acknowledges DATA.
    Sack(Sack),
    /// 4: asks whether the path works; the bytes come back.
    Heartbeat(Vec<u8>),
    /// 5: answers a heartbeat.
    HeartbeatAck(Vec<u8>),
    /// 6: ends the association at once, with error causes.
    Abort {
        /// The tag is the one of the receiver, reflected (the T bit, §8.5.1).
        reflected: bool,
        /// Error causes.
        causes: Vec<u8>,
    },
    /// 7: nothing more will be sent; with the cumulative TSN.
    Shutdown(u32),
    /// 8: answers SHUTDOWN.
    ShutdownAck,
    /// 9: something was wrong, with error causes.
    Error(Vec<u8>),
    /// 10: brings the cookie back.
    CookieEcho(Vec<u8>),
    /// 11: the association is up.
    CookieAck,
    /// 14: the end.
    ShutdownComplete {
        /// The tag is the one of the receiver, reflected (the T bit).
        reflected: bool,
    },
    /// 130: the reset of streams (RFC 6525).
    Reconfig(Reconfig),
    /// 192: what is given up (RFC 3758).
    ForwardTsn(ForwardTsn),
    /// Another type.
    Unknown {
        /// The number.
        kind: u8,
        /// Flags and value, as they came.
        flags: u8,
        /// The value.
        value: Vec<u8>,
    },
}

/// The parameters of a RE-CONFIG chunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reconfig(pub(crate) Vec<Parameter>);

/// A selective acknowledgment (RFC 9260 §3.3.4).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sack {
    /// Everything up to this TSN has arrived.
    pub cumulative_tsn: u32,
    /// Bytes that the receiver has room for.
    pub window: u32,
    /// What has arrived behind it: first and last, as offsets from the cumulative TSN.
    pub gaps: Vec<(u16, u16)>,
    /// TSNs that arrived more than once.
    pub duplicates: Vec<u32>,
}

/// The new cumulative TSN, because what is before it is given up (RFC 3758 §3.2).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ForwardTsn {
    /// Act as if everything up to this had arrived.
    pub cumulative_tsn: u32,
    /// The last ordered message that is given up, by stream: stream and SSN.
    pub streams: Vec<(u16, u16)>,
}

impl Chunk {
    /// Its name.
    pub fn name(&self) -> &'static str {
        name(self.kind())
    }

    fn kind(&self) -> u8 {
        match self {
            Chunk::Data(_) => 0,
            Chunk::Init(_) => 1,
            Chunk::InitAck(_) => 2,
            Chunk::Sack(_) => 3,
            Chunk::Heartbeat(_) => 4,
            Chunk::HeartbeatAck(_) => 5,
            Chunk::Abort { .. } => 6,
            Chunk::Shutdown(_) => 7,
            Chunk::ShutdownAck => 8,
            Chunk::Error(_) => 9,
            Chunk::CookieEcho(_) => 10,
            Chunk::CookieAck => 11,
            Chunk::ShutdownComplete { .. } => 14,
            Chunk::Reconfig(_) => 130,
            Chunk::ForwardTsn(_) => 192,
            Chunk::Unknown { kind, .. } => *kind,
        }
    }

    fn flags(&self) -> u8 {
        match self {
            Chunk::Data(data) => data.flags(),
            Chunk::Abort { reflected, .. } | Chunk::ShutdownComplete { reflected } => u8::from(*reflected),
            Chunk::Unknown { flags, .. } => *flags,
            _ => 0,
        }
    }

    /// Reads a chunk; an error is the name of its type.
    pub(super) fn parse(kind: u8, flags: u8, value: &[u8]) -> Result<Chunk, &'static str> {
        let chunk = match kind {
            0 => Data::parse(flags, value).map(Chunk::Data),
            1 => Init::parse(value).map(Chunk::Init),
            2 => Init::parse(value).filter(|init| init.cookie.is_some()).map(Chunk::InitAck),
            3 => Sack::parse(value).map(Chunk::Sack),
            4 => Some(Chunk::Heartbeat(value.to_vec())),
            5 => Some(Chunk::HeartbeatAck(value.to_vec())),
            6 => Some(Chunk::Abort { reflected: flags & 1 != 0, causes: value.to_vec() }),
            7 => Reader(value).u32().map(Chunk::Shutdown),
            8 => Some(Chunk::ShutdownAck),
            9 => Some(Chunk::Error(value.to_vec())),
            10 => Some(Chunk::CookieEcho(value.to_vec())),
            11 => Some(Chunk::CookieAck),
            14 => Some(Chunk::ShutdownComplete { reflected: flags & 1 != 0 }),
            130 => reconfiguration::parse(value).map(|parameters| Chunk::Reconfig(Reconfig(parameters))),
            192 => ForwardTsn::parse(value).map(Chunk::ForwardTsn),
            _ => Some(Chunk::Unknown { kind, flags, value: value.to_vec() }),
        };
        chunk.ok_or(name(kind))
    }

    /// Appends its bytes, with padding.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        let start = out.len();
        out.extend([self.kind(), self.flags(), 0, 0]);
        match self {
            Chunk::Data(data) => data.write_value(out),
            Chunk::Init(init) | Chunk::InitAck(init) => init.write_value(out),
            Chunk::Sack(sack) => sack.write_value(out),
            Chunk::Abort { causes: value, .. }
            | Chunk::Heartbeat(value)
            | Chunk::HeartbeatAck(value)
            | Chunk::Error(value)
            | Chunk::CookieEcho(value)
            | Chunk::Unknown { value, .. } => out.extend(value),
            Chunk::Shutdown(tsn) => out.extend(tsn.to_be_bytes()),
            Chunk::ShutdownAck | Chunk::CookieAck | Chunk::ShutdownComplete { .. } => {}
            Chunk::Reconfig(Reconfig(parameters)) => reconfiguration::write(parameters, out),
            Chunk::ForwardTsn(forward) => forward.write_value(out),
        }
        let length = out.len() - start;
        out[start + 2..start + 4].copy_from_slice(&u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes());
        out.resize(start + padded(length), 0);
    }

    /// How many bytes it takes in a packet.
    pub(crate) fn wire_length(&self) -> usize {
        match self {
            Chunk::Data(data) => padded(super::data::DATA_HEADER + data.payload.len()),
            other => {
                let mut out = Vec::new();
                other.write(&mut out);
                out.len()
            }
        }
    }
}

impl Sack {
    fn parse(value: &[u8]) -> Option<Sack> {
        let mut reader = Reader(value);
        let (cumulative_tsn, window) = (reader.u32()?, reader.u32()?);
        let (gap_count, duplicate_count) = (reader.u16()?, reader.u16()?);
        let mut sack = Sack { cumulative_tsn, window, ..Sack::default() };
        for _ in 0..gap_count {
            sack.gaps.push((reader.u16()?, reader.u16()?));
        }
        for _ in 0..duplicate_count {
            sack.duplicates.push(reader.u32()?);
        }
        Some(sack)
    }

    fn write_value(&self, out: &mut Vec<u8>) {
        out.extend(self.cumulative_tsn.to_be_bytes());
        out.extend(self.window.to_be_bytes());
        out.extend((self.gaps.len() as u16).to_be_bytes());
        out.extend((self.duplicates.len() as u16).to_be_bytes());
        for (first, last) in &self.gaps {
            out.extend(first.to_be_bytes());
            out.extend(last.to_be_bytes());
        }
        for tsn in &self.duplicates {
            out.extend(tsn.to_be_bytes());
        }
    }
}

impl ForwardTsn {
    fn parse(value: &[u8]) -> Option<ForwardTsn> {
        let mut reader = Reader(value);
        let mut forward = ForwardTsn { cumulative_tsn: reader.u32()?, streams: Vec::new() };
        while !reader.0.is_empty() {
            forward.streams.push((reader.u16()?, reader.u16()?));
        }
        Some(forward)
    }

    fn write_value(&self, out: &mut Vec<u8>) {
        out.extend(self.cumulative_tsn.to_be_bytes());
        for (stream, sequence) in &self.streams {
            out.extend(stream.to_be_bytes());
            out.extend(sequence.to_be_bytes());
        }
    }
}

/// The name of a type of chunk, as its RFC spells it.
pub(super) const fn name(kind: u8) -> &'static str {
    match kind {
        0 => "DATA",
        1 => "INIT",
        2 => "INIT ACK",
        3 => "SACK",
        4 => "HEARTBEAT",
        5 => "HEARTBEAT ACK",
        6 => "ABORT",
        7 => "SHUTDOWN",
        8 => "SHUTDOWN ACK",
        9 => "ERROR",
        10 => "COOKIE ECHO",
        11 => "COOKIE ACK",
        14 => "SHUTDOWN COMPLETE",
        64 => "I-DATA",
        130 => "RE-CONFIG",
        192 => "FORWARD TSN",
        _ => "unknown chunk",
    }
}

/// The name of the first error cause in an ABORT or ERROR chunk (RFC 9260 §3.3.10).
pub fn error_name(causes: &[u8]) -> Option<&'static str> {
    Some(match Reader(causes).u16()? {
        1 => "invalid stream identifier",
        2 => "missing mandatory parameter",
        3 => "stale cookie",
        4 => "out of resource",
        5 => "unresolvable address",
        6 => "unrecognized chunk type",
        7 => "invalid mandatory parameter",
        8 => "unrecognized parameters",
        9 => "no user data",
        10 => "cookie received while shutting down",
        11 => "restart of an association with new addresses",
        12 => "user-initiated abort",
        13 => "protocol violation",
        _ => "unknown cause",
    })
}
