//! Writing pcapng: what a trace knows of packets, as other tools read it. Not here: how comments are worded (`comment`).
//!
//! A hop is seen twice, as two captures would see it: leaving the sending end when its first bit leaves (behind the queue), and reaching
//! the far end. A packet that the link loses is only seen leaving.

mod comment;
mod secrets;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::io::Write;
use std::time::Duration;

use pcap_file::pcapng::blocks::enhanced_packet::{EnhancedPacketBlock, EnhancedPacketOption};
use pcap_file::pcapng::blocks::interface_description::{
    InterfaceDescriptionBlock, InterfaceDescriptionOption, InterfaceTsResolution,
};
use pcap_file::pcapng::blocks::opt_common::CommonOption;
use pcap_file::pcapng::blocks::section_header::{SectionHeaderBlock, SectionHeaderOption};
use pcap_file::pcapng::{PcapNgWriteError, PcapNgWriter};
use pcap_file::{DataLink, Endianness};
use rtclab_trace::{Change, EntryId, LinkEnd, LinkId, SimTime, Trace};

use crate::link_type::LinkType;

/// Why a trace could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The file or stream failed, or refused what it was given.
    #[error("the capture could not be written: {0}")]
    Output(#[from] PcapNgWriteError),
    /// A time stamp that pcapng cannot hold.
    #[error("nanoseconds are no time unit that pcapng has")]
    Resolution,
}

/// What a file says about itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct About<'a> {
    /// The comment of the section: title, seed, hash of the trace.
    pub comment: &'a str,
    /// The moment, since 1970, at which the trace begins.
    pub start: Duration,
}

/// A packet at an end of a link.
#[derive(Clone, Copy, Debug)]
struct Sighting {
    at: SimTime,
    entry: EntryId,
    end: LinkEnd,
    direction: u32,
}

/// The two low bits of `epb_flags` (draft-ietf-opsawg-pcapng §4.3.1).
mod direction {
    pub(super) const UNKNOWN: u32 = 0;
    pub(super) const INBOUND: u32 = 1;
    pub(super) const OUTBOUND: u32 = 2;
}

/// Writes the packets of a trace as pcapng: one interface for each end of a link, named `node.interface`.
///
/// Secrets of DTLS sessions stand before the packets, where the trace has them, so that other tools can decrypt. Time stamps are in
/// nanoseconds, blocks in order of time. Each packet has a comment: why it was dropped, or what made it go.
///
/// # Errors
/// The writer fails.
pub fn write_pcapng(trace: &Trace, out: &mut dyn Write, about: About<'_>) -> Result<(), WriteError> {
    let mut writer = PcapNgWriter::with_section_header(out, section(about))?;
    let resolution = InterfaceTsResolution::new(false, 9).map_err(|_| WriteError::Resolution)?;
    for (id, link) in trace.topology().links() {
        for end in [0, 1] {
            let name = trace.topology().end_name(LinkEnd { link: id, end });
            writer.write_pcapng_block(InterfaceDescriptionBlock {
                linktype: DataLink::from(u32::from(LinkType::of(link.encapsulation).0)),
                snaplen: 0,
                options: vec![
                    InterfaceDescriptionOption::IfName(name.into()),
                    InterfaceDescriptionOption::IfTsResol(resolution),
                ],
            })?;
        }
    }
    if let Some(secrets) = secrets::block(trace) {
        writer.write_pcapng_block(secrets)?;
    }
    for sighting in sightings(trace) {
        writer.write_pcapng_block(block(trace, &sighting, about))?;
    }
    Ok(())
}

fn section(about: About<'_>) -> SectionHeaderBlock<'_> {
    let mut options = vec![SectionHeaderOption::UserApplication("rtclab".into())];
    if !about.comment.is_empty() {
        options.push(SectionHeaderOption::Common(CommonOption::Comment(about.comment.into())));
    }
    // One byte order on every machine: the file is the same to the byte.
    SectionHeaderBlock { endianness: Endianness::Little, options, ..SectionHeaderBlock::default() }
}

/// Interfaces are written link by link, the first end before the second.
const fn interface_number(end: LinkEnd) -> u32 {
    end.link.0 * 2 + end.end as u32
}

/// Every packet at every end where it was seen, in order of time; what happens at one moment stays in the order of the log.
fn sightings(trace: &Trace) -> Vec<Sighting> {
    let mut sightings = Vec::new();
    let end_of = |link: LinkId, end: usize| LinkEnd { link, end: end as u8 };
    for (entry, record) in trace.entries() {
        match record.change {
            Change::Hop { link, direction: way, lost, queued_us, transit, .. } => {
                let leaves = record.at + Duration::from_micros(u64::from(queued_us));
                let from = end_of(link, way.from_end());
                sightings.push(Sighting { at: leaves, entry, end: from, direction: direction::OUTBOUND });
                let arrives = transit.after(record.at);
                // What is still under way when the trace ends has not been seen at the far end.
                if !lost && arrives <= trace.end() {
                    let to = end_of(link, way.to_end());
                    sightings.push(Sighting { at: arrives, entry, end: to, direction: direction::INBOUND });
                }
            }
            Change::Captured { end } => {
                sightings.push(Sighting { at: record.at, entry, end, direction: direction::UNKNOWN });
            }
            _ => {}
        }
    }
    sightings.sort_by_key(|sighting| sighting.at);
    sightings
}

fn block<'t>(trace: &'t Trace, sighting: &Sighting, about: About<'_>) -> EnhancedPacketBlock<'t> {
    let data = trace.wire_at(sighting.entry).map(|(_, bytes)| bytes).unwrap_or_default();
    let length = comment::original_length(trace, sighting.entry).unwrap_or_default();
    let mut options = Vec::with_capacity(2);
    if sighting.direction != direction::UNKNOWN {
        options.push(EnhancedPacketOption::Flags(sighting.direction));
    }
    let arriving = sighting.direction == direction::INBOUND;
    if let Some(text) = comment::of(trace, sighting.entry, arriving) {
        options.push(EnhancedPacketOption::Common(CommonOption::Comment(Cow::Owned(text))));
    }
    EnhancedPacketBlock {
        interface_id: interface_number(sighting.end),
        timestamp: about.start + Duration::from_nanos(sighting.at.as_nanos()),
        original_len: length.max(data.len() as u32),
        data,
        options,
    }
}
