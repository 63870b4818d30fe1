//! INIT and INIT ACK (RFC 9260 §3.3.2, §3.3.3): tags, windows, streams, and what the sender can do.

use super::{Reader, write_parameter};

const STATE_COOKIE: u16 = 7;
const UNRECOGNIZED: u16 = 8;
const SUPPORTED_EXTENSIONS: u16 = 0x8008;
const FORWARD_TSN_SUPPORTED: u16 = 0xc000;
/// Parameters that are known and say nothing to an association with one path: addresses, cookie preservative, host name, address types,
/// ECN, random, chunk list, HMAC algorithms, adaptation layer.
const PASSED_OVER: [u16; 10] = [5, 6, 9, 11, 12, 0x8000, 0x8002, 0x8003, 0x8004, 0xc006];

/// What an INIT or INIT ACK says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Init {
    /// The tag that every packet to its sender must carry.
    pub initiate_tag: u32,
    /// Bytes that the sender has room for.
    pub window: u32,
    /// Streams that the sender wants to send on.
    pub outbound_streams: u16,
    /// Streams that the sender allows the peer.
    pub inbound_streams: u16,
    /// The TSN of its first DATA chunk.
    pub initial_tsn: u32,
    /// The state cookie; only in INIT ACK.
    pub cookie: Option<Vec<u8>>,
    /// It understands FORWARD TSN (RFC 3758 §3.1).
    pub forward_tsn: bool,
    /// Types of chunks that it understands beyond those of RFC 9260 (RFC 5061 §4.2.7).
    pub extensions: Vec<u8>,
    /// Parameters that were not recognized and are to be reported, whole.
    pub to_report: Vec<Vec<u8>>,
    /// What the peer reports as not recognized, whole.
    pub reported: Vec<Vec<u8>>,
}

impl Init {
    pub(super) fn parse(value: &[u8]) -> Option<Init> {
        let mut reader = Reader(value);
        let mut init = Init {
            initiate_tag: reader.u32()?,
            window: reader.u32()?,
            outbound_streams: reader.u16()?,
            inbound_streams: reader.u16()?,
            initial_tsn: reader.u32()?,
            ..Init::default()
        };
        while !reader.0.is_empty() {
            let before = reader.0;
            let (kind, value) = reader.parameter()?;
            let whole = &before[..(value.len() + 4).min(before.len())];
            if !init.parameter(kind, value, whole) {
                break;
            }
        }
        Some(init)
    }

    /// Takes a parameter in; says whether to read on (RFC 9260 §3.2.1: the two upper bits say what to do with what is not recognized).
    fn parameter(&mut self, kind: u16, value: &[u8], whole: &[u8]) -> bool {
        match kind {
            STATE_COOKIE => self.cookie = Some(value.to_vec()),
            UNRECOGNIZED => self.reported.push(value.to_vec()),
            FORWARD_TSN_SUPPORTED => self.forward_tsn = true,
            SUPPORTED_EXTENSIONS => self.extensions = value.to_vec(),
            kind if PASSED_OVER.contains(&kind) => {}
            unknown => {
                if unknown & 0x4000 != 0 {
                    self.to_report.push(whole.to_vec());
                }
                return unknown & 0x8000 != 0;
            }
        }
        true
    }

    pub(super) fn write_value(&self, out: &mut Vec<u8>) {
        out.extend(self.initiate_tag.to_be_bytes());
        out.extend(self.window.to_be_bytes());
        out.extend(self.outbound_streams.to_be_bytes());
        out.extend(self.inbound_streams.to_be_bytes());
        out.extend(self.initial_tsn.to_be_bytes());
        let mut parameters = Vec::new();
        if let Some(cookie) = &self.cookie {
            write_parameter(&mut parameters, STATE_COOKIE, cookie);
        }
        if self.forward_tsn {
            write_parameter(&mut parameters, FORWARD_TSN_SUPPORTED, &[]);
        }
        if !self.extensions.is_empty() {
            write_parameter(&mut parameters, SUPPORTED_EXTENSIONS, &self.extensions);
        }
        for reported in &self.reported {
            write_parameter(&mut parameters, UNRECOGNIZED, reported);
        }
        out.extend(parameters);
    }
}
