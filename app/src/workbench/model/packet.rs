//! A packet as layers and fields over its bytes: the adapter between the dissector and the views.

use std::collections::BTreeSet;
use std::ops::Range;

use rtclab_trace::{Entity, EntryId, PacketId, Trace};

use super::wire;

/// A line of the layer tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    /// 0 for a layer, more for what is inside.
    pub(crate) depth: usize,
    /// Its name in the words of its specification.
    pub(crate) name: String,
    /// What it says, in words.
    pub(crate) value: String,
    /// Which bytes it is.
    pub(crate) range: Range<usize>,
    /// What is wrong with it, if something is.
    pub(crate) finding: Option<String>,
    /// Whether lines with a greater depth follow that belong to it.
    pub(crate) has_children: bool,
}

/// The packet of an entry, as it was there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PacketView {
    /// The entry.
    pub(crate) entry: EntryId,
    /// Which packet.
    pub(crate) packet: PacketId,
    /// The line that says it all.
    pub(crate) line: wire::Line,
    /// Its bytes there.
    pub(crate) bytes: Vec<u8>,
    /// Its length on the wire, where a capture cut it short.
    pub(crate) original_length: usize,
    /// Layers and fields, each before what is inside it.
    pub(crate) fields: Vec<Field>,
    /// Bytes that differ from what the origin sent: a NAT's rewriting, a router's TTL.
    pub(crate) rewritten: Vec<Range<usize>>,
}

impl PacketView {
    /// The packet of an entry; none if the entry is not about a packet, or its bytes were not kept.
    pub(crate) fn of(trace: &Trace, entry: EntryId) -> Option<PacketView> {
        let Entity::Packet(packet) = trace.entry(entry).entity else { return None };
        let bytes = trace.bytes_at(entry)?.into_owned();
        let info = trace.packets().info(packet);
        let line = wire::line(info.encapsulation, &bytes);
        // On an Ethernet link there is a frame around it, which belongs to the link and not to the packet.
        let (encapsulation, bytes) = trace.wire_at(entry)?;
        let original = trace.packets().bytes(packet, 0, 0);
        let frame = trace.frame(entry).map(|frame| frame.header());
        let original = [frame.as_ref().map_or(&[][..], |header| header), &original].concat();
        let bytes = bytes.into_owned();
        Some(PacketView {
            entry,
            packet,
            line,
            fields: wire::fields(encapsulation, &bytes),
            rewritten: differing(&original, &bytes),
            original_length: (info.original_length as usize).max(bytes.len()),
            bytes,
        })
    }

    /// The innermost field that holds a byte.
    pub(crate) fn field_at(&self, offset: usize) -> Option<usize> {
        self.fields
            .iter()
            .enumerate()
            .filter(|(_, field)| field.range.contains(&offset))
            .max_by_key(|(index, field)| (field.depth, *index))
            .map(|(index, _)| index)
    }

    /// What is folded when the packet is first shown: every layer but the innermost, and what is inside of its fields.
    pub(crate) fn folded_at_first(&self) -> BTreeSet<usize> {
        let innermost = self.fields.iter().rposition(|field| field.depth == 0).unwrap_or(0);
        let with_children = self.fields.iter().enumerate().filter(|(_, field)| field.has_children);
        with_children.filter(|(index, _)| *index != innermost).map(|(index, _)| index).collect()
    }

    /// Whether a byte differs from what the origin sent.
    pub(crate) fn is_rewritten(&self, offset: usize) -> bool {
        self.rewritten.iter().any(|range| range.contains(&offset))
    }

    /// The line whose inside a field belongs to.
    pub(crate) fn parent(&self, index: usize) -> Option<usize> {
        let depth = self.fields.get(index)?.depth;
        self.fields[..index].iter().rposition(|field| field.depth < depth)
    }
}

/// Every packet's digest, in the order of their ids, from the bytes that its origin sent.
pub(crate) fn digests(trace: &Trace) -> Vec<wire::Digest> {
    (0..trace.packets().len())
        .map(|number| PacketId(number as u32))
        .map(|packet| {
            let encapsulation = trace.packets().info(packet).encapsulation;
            wire::digest(encapsulation, &trace.packets().bytes(packet, 0, 0))
        })
        .collect()
}

fn differing(before: &[u8], after: &[u8]) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for offset in (0..after.len()).filter(|&offset| before.get(offset) != after.get(offset)) {
        match runs.last_mut() {
            Some(run) if run.end == offset => run.end = offset + 1,
            _ => runs.push(offset..offset + 1),
        }
    }
    runs
}
