//! The bytes of packets, stored once. What a NAT rewrites is kept as a patch; what a router does to TTL and header checksum is
//! computed back from the one number that a hop records.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::topology::Encapsulation;
use crate::{NodeId, PacketId, SimTime};

/// Bytes come in chunks of this size, so that growing never copies what is there.
const CHUNK_BYTES: usize = 1 << 20;

/// A packet, apart from its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PacketInfo {
    /// The node that made it.
    pub origin: NodeId,
    /// How its bytes begin.
    pub encapsulation: Encapsulation,
    /// Its length in bytes.
    pub length: u32,
    /// The length it had on the wire, where a capture cut it short.
    pub original_length: u32,
}

#[derive(Clone, Copy, Debug)]
struct Record {
    chunk: u32,
    offset: u32,
    length: u32,
    original_length: u32,
    origin: NodeId,
    encapsulation: Encapsulation,
}

/// One run of bytes that a version has and the version before it has not. It may reach beyond the end, which makes the packet longer; one without
/// bytes is where the packet ends, which makes it shorter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patch {
    /// From where.
    pub offset: u32,
    /// The new bytes.
    pub bytes: Box<[u8]>,
}

/// Every packet of a trace.
#[derive(Debug, Default)]
pub struct PacketStore {
    chunks: Vec<Vec<u8>>,
    records: Vec<Record>,
    /// The patches that lead to a version from the one before it; version 0 is what the origin sent.
    versions: BTreeMap<(PacketId, u8), Vec<Patch>>,
}

impl PacketStore {
    /// Stores a packet's bytes, as its origin sent them.
    pub fn add(
        &mut self,
        origin: NodeId,
        encapsulation: Encapsulation,
        bytes: &[u8],
        original_length: u32,
    ) -> PacketId {
        let id = PacketId(u32::try_from(self.records.len()).expect("a trace holds fewer than 2^32 packets"));
        if self.chunks.last().is_none_or(|chunk| chunk.capacity() - chunk.len() < bytes.len()) {
            self.chunks.push(Vec::with_capacity(CHUNK_BYTES.max(bytes.len())));
        }
        let chunk = self.chunks.len() - 1;
        let store = &mut self.chunks[chunk];
        let offset = store.len() as u32;
        store.extend_from_slice(bytes);
        let (chunk, length) = (chunk as u32, bytes.len() as u32);
        self.records.push(Record { chunk, offset, length, original_length, origin, encapsulation });
        id
    }

    /// Stores the next version of a packet: what differs in `bytes` from version `version`. Returns its number.
    ///
    /// Where IPv6 becomes IPv4 or the other way round, its length changes.
    pub fn add_version(&mut self, packet: PacketId, version: u8, bytes: &[u8]) -> u8 {
        // A packet whose TTL is corrupted upwards again and again could be rewritten without end: then only its last form is kept.
        let (before, next) = match version.checked_add(1) {
            Some(next) => (version, next),
            None => (version - 1, version),
        };
        let patches = differences(&self.bytes(packet, before, 0), bytes);
        self.versions.insert((packet, next), patches);
        next
    }

    /// How many packets there are.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// A packet, apart from its bytes.
    pub fn info(&self, packet: PacketId) -> PacketInfo {
        let record = self.records[packet.0 as usize];
        PacketInfo {
            origin: record.origin,
            encapsulation: record.encapsulation,
            length: record.length,
            original_length: record.original_length,
        }
    }

    /// The bytes of a version of a packet, with the TTL (or hop limit) that a hop recorded; 0 leaves it as the version has it.
    pub fn bytes(&self, packet: PacketId, version: u8, ttl: u8) -> Cow<'_, [u8]> {
        let record = self.records[packet.0 as usize];
        let start = record.offset as usize;
        let stored = &self.chunks[record.chunk as usize][start..start + record.length as usize];
        if version == 0 && (ttl == 0 || ttl_of(stored) == Some(ttl)) {
            return Cow::Borrowed(stored);
        }
        let mut bytes = stored.to_vec();
        for number in 1..=version {
            for patch in self.versions.get(&(packet, number)).into_iter().flatten() {
                patch.apply(&mut bytes);
            }
        }
        if ttl != 0 {
            set_ttl(&mut bytes, ttl);
        }
        Cow::Owned(bytes)
    }

    /// What a version changed in the one before it.
    pub fn patches(&self, packet: PacketId, version: u8) -> &[Patch] {
        self.versions.get(&(packet, version)).map_or(&[], Vec::as_slice)
    }

    /// Bytes of memory held, for benchmarks.
    pub fn memory_bytes(&self) -> usize {
        let patches: usize =
            self.versions.values().flatten().map(|patch| patch.bytes.len() + size_of::<Patch>()).sum();
        self.chunks.iter().map(Vec::len).sum::<usize>() + self.records.len() * size_of::<Record>() + patches
    }
}

impl Patch {
    fn apply(&self, bytes: &mut Vec<u8>) {
        let start = self.offset as usize;
        if self.bytes.is_empty() {
            return bytes.truncate(start);
        }
        let end = start + self.bytes.len();
        bytes.resize(bytes.len().max(end), 0);
        bytes[start..end].copy_from_slice(&self.bytes);
    }
}

/// The runs in which two buffers differ, and where the second one ends if it is shorter.
fn differences(before: &[u8], after: &[u8]) -> Vec<Patch> {
    let common = before.len().min(after.len());
    let mut patches = differences_of_equal_length(&before[..common], &after[..common]);
    if before.len() != after.len() {
        patches.push(Patch { offset: common as u32, bytes: after[common..].into() });
    }
    patches
}

/// The runs in which two buffers of one length differ; runs closer than four bytes are joined.
fn differences_of_equal_length(before: &[u8], after: &[u8]) -> Vec<Patch> {
    /// Most of a packet is payload, which nobody touches: it is stepped over in blocks.
    const BLOCK: usize = 32;
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for (block, (old, new)) in before.chunks(BLOCK).zip(after.chunks(BLOCK)).enumerate() {
        if old == new {
            continue;
        }
        for offset in (0..new.len()).filter(|&offset| old[offset] != new[offset]) {
            let index = block * BLOCK + offset;
            match runs.last_mut() {
                Some((_, end)) if index < *end + 4 => *end = index + 1,
                _ => runs.push((index, index + 1)),
            }
        }
    }
    runs.into_iter()
        .map(|(start, end)| Patch { offset: start as u32, bytes: after[start..end].into() })
        .collect()
}

/// TTL (IPv4) or hop limit (IPv6) of an IP packet.
pub fn ttl_of(packet: &[u8]) -> Option<u8> {
    match packet.first()? >> 4 {
        4 => packet.get(8).copied(),
        6 => packet.get(7).copied(),
        _ => None,
    }
}

/// Sets TTL or hop limit, and updates the IPv4 header checksum by the difference (RFC 1624 §3), so that a wrong checksum stays wrong.
pub fn set_ttl(packet: &mut [u8], ttl: u8) {
    match packet.first().map(|first| first >> 4) {
        Some(4) if packet.len() >= 20 => {
            let old = u16::from_be_bytes([packet[8], packet[9]]);
            packet[8] = ttl;
            let new = u16::from_be_bytes([packet[8], packet[9]]);
            let sum = u16::from_be_bytes([packet[10], packet[11]]);
            packet[10..12].copy_from_slice(&update_checksum(sum, old, new).to_be_bytes());
        }
        Some(6) if packet.len() >= 8 => packet[7] = ttl,
        _ => {}
    }
}

/// RFC 1624 §3, equation 3: HC' = ~(~HC + ~m + m').
pub const fn update_checksum(sum: u16, old: u16, new: u16) -> u16 {
    let mut total = !sum as u32 + !old as u32 + new as u32;
    total = (total & 0xffff) + (total >> 16);
    total = (total & 0xffff) + (total >> 16);
    !(total as u16)
}

/// When a packet is somewhere: the question a view asks about a link at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InFlight {
    /// Which packet.
    pub packet: PacketId,
    /// When it entered the link's queue.
    pub sent_at: SimTime,
    /// When it reaches the far end, or would.
    pub arrives_at: SimTime,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet() -> Vec<u8> {
        let mut bytes = vec![0u8; 40];
        bytes[0] = 0x45;
        bytes[8] = 64;
        let sum: u32 =
            bytes.chunks(2).take(10).map(|pair| u32::from(u16::from_be_bytes([pair[0], pair[1]]))).sum();
        bytes[10..12].copy_from_slice(&(!(sum as u16)).to_be_bytes());
        bytes
    }

    fn header_sum(bytes: &[u8]) -> u16 {
        let sum: u32 =
            bytes[..20].chunks(2).map(|pair| u32::from(u16::from_be_bytes([pair[0], pair[1]]))).sum();
        ((sum & 0xffff) + (sum >> 16)) as u16
    }

    #[test]
    fn bytes_come_back_with_the_ttl_of_the_hop_and_a_right_checksum() {
        let mut store = PacketStore::default();
        let id = store.add(NodeId(0), Encapsulation::Ip, &packet(), 40);
        let bytes = store.bytes(id, 0, 61);
        assert_eq!(bytes[8], 61);
        assert_eq!(header_sum(&bytes), 0xffff);
    }

    #[test]
    fn a_version_is_the_sum_of_its_patches() {
        let mut store = PacketStore::default();
        let original = packet();
        let id = store.add(NodeId(0), Encapsulation::Ip, &original, 40);
        let mut first = original.clone();
        first[12..16].copy_from_slice(&[203, 0, 113, 9]);
        assert_eq!(store.add_version(id, 0, &first), 1);
        let mut second = first.clone();
        second[30] = 7;
        assert_eq!(store.add_version(id, 1, &second), 2);
        assert_eq!(store.bytes(id, 0, 0).as_ref(), original);
        assert_eq!(store.bytes(id, 1, 0).as_ref(), first);
        assert_eq!(store.bytes(id, 2, 0).as_ref(), second);
        assert_eq!(store.patches(id, 2).len(), 1);
    }

    #[test]
    fn a_packet_that_is_rewritten_without_end_keeps_its_last_form() {
        let mut store = PacketStore::default();
        let mut bytes = packet();
        let id = store.add(NodeId(0), Encapsulation::Ip, &bytes, 40);
        let mut version = 0;
        for number in 0..600u32 {
            bytes[36..40].copy_from_slice(&number.to_be_bytes());
            version = store.add_version(id, version, &bytes);
        }
        assert_eq!(store.bytes(id, version, 0).as_ref(), bytes);
    }

    #[test]
    fn a_version_may_be_longer_or_shorter() {
        let mut store = PacketStore::default();
        let first = packet();
        let id = store.add(NodeId(0), Encapsulation::Ip, &first, 40);
        let longer: Vec<u8> = first.iter().copied().chain([7; 20]).collect();
        let shorter = first[..30].to_vec();
        let mut version = 0;
        for bytes in [&longer, &shorter, &first] {
            version = store.add_version(id, version, bytes);
            assert_eq!(store.bytes(id, version, 0).as_ref(), bytes.as_slice());
        }
        assert_eq!(store.bytes(id, 1, 0).as_ref(), longer);
    }

    #[test]
    fn packets_larger_than_a_chunk_are_kept_whole() {
        let mut store = PacketStore::default();
        let small = store.add(NodeId(0), Encapsulation::Ip, &[1], 1);
        let large = store.add(NodeId(0), Encapsulation::Ip, &vec![2; CHUNK_BYTES + 1], 0);
        assert_eq!(store.bytes(small, 0, 0).len(), 1);
        assert_eq!(store.bytes(large, 0, 0).len(), CHUNK_BYTES + 1);
    }
}
