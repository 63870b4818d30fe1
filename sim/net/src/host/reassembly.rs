//! Fragments that wait at their destination for the rest of their datagram: RFC 791 §3.2, RFC 1122 §3.3.2, RFC 8200 §4.5, RFC 5722. Not here: what
//! the trace hears of them (`world::reassemble`), and the bytes (`wire::fragment`).

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use rtclab_trace::SimTime;

use crate::packet::Packet;
use crate::wire::fragment::{self, Fragment};
use crate::wire::ip::{self, Ecn, Header};

/// How long fragments wait for the others, from the first that came (RFC 1122 §3.3.2: from 60 to 120 seconds; RFC 8200 §4.5: 60).
const TIMEOUT: Duration = Duration::from_secs(60);
/// What the fragments of a node may cost before the oldest have to go.
const COST_MAX: usize = 4 << 20;
/// What holding a fragment costs besides its bytes.
const COST_OF_ONE: usize = 256;
/// Longest payload of a packet.
const PAYLOAD_MAX: usize = 65_535;

/// What fragments of one datagram have in common (RFC 791 §3.2; IPv6 leaves the protocol out, RFC 8200 §4.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    source: IpAddr,
    destination: IpAddr,
    protocol: Option<u8>,
    identification: u32,
}

/// A fragment that is there.
#[derive(Debug)]
struct Piece {
    start: usize,
    end: usize,
    header: Header,
    packet: Box<Packet>,
}

/// A datagram of which something is there.
#[derive(Debug, Default)]
struct Partial {
    number: u32,
    /// In the order in which they came.
    pieces: Vec<Piece>,
    /// The runs of bytes that are there: start and end, in order, none touching another.
    covered: BTreeMap<usize, usize>,
    /// Where the datagram ends, once its last fragment is there.
    total: Option<usize>,
    /// Given up because fragments overlapped: what follows is discarded too.
    discarded: bool,
    expires_at: SimTime,
}

/// What is to be done with a fragment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Judgement {
    /// It waits for the others, or completes them.
    Fits,
    /// It is there already.
    Duplicate,
    /// It overlaps others: all of them go.
    Overlaps,
    /// Its datagram was given up.
    Discarded,
    /// It cannot be a part of a datagram.
    Invalid,
}

/// A datagram that is complete.
#[derive(Debug)]
pub(crate) struct Complete {
    /// Its fragments, in the order in which they came.
    #[expect(clippy::vec_box, reason = "packets travel in their boxes, and go on in them")]
    pub(crate) fragments: Vec<Box<Packet>>,
    /// Its bytes, or why it has none.
    pub(crate) bytes: Result<Vec<u8>, Unjoined>,
}

/// Why complete fragments do not become a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unjoined {
    /// The packet would be too long.
    TooLong,
    /// Some were marked by ECN, others do not know it (RFC 3168 §5.3).
    EcnMixed,
}

/// The datagrams of which something is there.
#[derive(Debug, Default)]
pub(crate) struct Reassembly {
    partial: BTreeMap<Key, Partial>,
    /// Oldest first.
    keys: BTreeMap<u32, Key>,
    next: u32,
    cost: usize,
    /// Whether an event looks after the oldest.
    pub(crate) looked_after: bool,
}

fn key(header: &Header, fragment: Fragment) -> Key {
    Key {
        source: header.source,
        destination: header.destination,
        protocol: header.is_ipv4().then_some(header.protocol),
        identification: fragment.identification,
    }
}

fn range(header: &Header, fragment: Fragment) -> (usize, usize) {
    (fragment.offset, fragment.offset + (header.end - header.payload))
}

impl Reassembly {
    /// Whether something of the same packet is here already.
    pub(crate) fn knows(&self, header: &Header, fragment: Fragment) -> bool {
        self.partial.contains_key(&key(header, fragment))
    }

    /// What is to be done with a fragment.
    pub(crate) fn judge(&self, header: &Header, fragment: Fragment) -> Judgement {
        let (start, end) = range(header, fragment);
        // RFC 791 §3.2, RFC 8200 §4.5: all but the last are multiples of eight bytes long, and none reaches beyond a packet's end.
        if start == end || end > PAYLOAD_MAX || (fragment.more && !(end - start).is_multiple_of(8)) {
            return Judgement::Invalid;
        }
        let Some(partial) = self.partial.get(&key(header, fragment)) else { return Judgement::Fits };
        if partial.discarded {
            return Judgement::Discarded;
        }
        if !header.is_ipv4() {
            // RFC 8200 §4.5: exact duplicates are made by networks and may be ignored; RFC 5722 §4: any other overlap is an attack.
            let same = |piece: &Piece| {
                let own = piece.header.fragment.is_some_and(|own| own.more == fragment.more);
                own && (piece.start, piece.end) == (start, end)
            };
            if partial.pieces.iter().any(same) {
                return Judgement::Duplicate;
            }
            let before = partial.covered.range(..end).next_back();
            if before.is_some_and(|(_, &covered_to)| covered_to > start) {
                return Judgement::Overlaps;
            }
        }
        let reached = partial.covered.last_key_value().map_or(0, |(_, &end)| end);
        let fits = match (partial.total, fragment.more) {
            (Some(total), true) => end <= total,
            (Some(total), false) => end == total,
            (None, true) => true,
            (None, false) => end >= reached,
        };
        if fits { Judgement::Fits } else { Judgement::Invalid }
    }

    /// Takes a fragment that fits. Returns the datagram if it is complete now.
    pub(crate) fn insert(
        &mut self,
        packet: Box<Packet>,
        header: &Header,
        fragment: Fragment,
        now: SimTime,
    ) -> Option<Complete> {
        let key = key(header, fragment);
        let (start, end) = range(header, fragment);
        self.cost += cost(&packet);
        let (next, keys) = (&mut self.next, &mut self.keys);
        let partial = self.partial.entry(key).or_insert_with(|| {
            let number = *next;
            *next += 1;
            keys.insert(number, key);
            Partial { number, expires_at: now + TIMEOUT, ..Partial::default() }
        });
        if !fragment.more {
            partial.total = Some(end);
        }
        partial.pieces.push(Piece { start, end, header: *header, packet });
        cover(&mut partial.covered, start, end);
        let complete = partial.total.is_some_and(|total| partial.covered.get(&0) == Some(&total));
        if !complete {
            return None;
        }
        let partial = self.partial.remove(&key)?;
        self.keys.remove(&partial.number);
        self.cost -= partial.pieces.iter().map(|piece| cost(&piece.packet)).sum::<usize>();
        let bytes = join(&partial.pieces);
        Some(Complete { fragments: partial.pieces.into_iter().map(|piece| piece.packet).collect(), bytes })
    }

    /// Gives up the datagram of a fragment, and all that follows of it.
    #[expect(clippy::vec_box, reason = "packets travel in their boxes, and go on in them")]
    pub(crate) fn discard(&mut self, header: &Header, fragment: Fragment) -> Vec<Box<Packet>> {
        let Some(partial) = self.partial.get_mut(&key(header, fragment)) else { return Vec::new() };
        partial.discarded = true;
        partial.covered.clear();
        let packets: Vec<Box<Packet>> =
            std::mem::take(&mut partial.pieces).into_iter().map(|piece| piece.packet).collect();
        self.cost -= packets.iter().map(|packet| cost(packet)).sum::<usize>();
        packets
    }

    /// The fragments of the oldest datagram, if there is more than there is room for.
    #[expect(clippy::vec_box, reason = "packets travel in their boxes, and go on in them")]
    pub(crate) fn make_room(&mut self) -> Option<Vec<Box<Packet>>> {
        if self.cost <= COST_MAX {
            return None;
        }
        Some(self.take_oldest()?.into_iter().map(|piece| piece.packet).collect())
    }

    /// The fragments of the oldest datagram, if its time is up; each with its header.
    pub(crate) fn take_overdue(&mut self, now: SimTime) -> Option<Vec<(Box<Packet>, Header)>> {
        if self.next_timeout()? > now {
            return None;
        }
        Some(self.take_oldest()?.into_iter().map(|piece| (piece.packet, piece.header)).collect())
    }

    /// When the oldest datagram is overdue.
    pub(crate) fn next_timeout(&self) -> Option<SimTime> {
        let (_, key) = self.keys.first_key_value()?;
        self.partial.get(key).map(|partial| partial.expires_at)
    }

    fn take_oldest(&mut self) -> Option<Vec<Piece>> {
        let (_, key) = self.keys.pop_first()?;
        let partial = self.partial.remove(&key)?;
        self.cost -= partial.pieces.iter().map(|piece| cost(&piece.packet)).sum::<usize>();
        Some(partial.pieces)
    }
}

fn cost(packet: &Packet) -> usize {
    packet.bytes.len() + COST_OF_ONE
}

/// Adds a run to those that are there, and joins what touches.
fn cover(covered: &mut BTreeMap<usize, usize>, mut start: usize, mut end: usize) {
    while let Some((&other_start, &other_end)) = covered.range(..=end).next_back() {
        if other_end < start {
            break;
        }
        covered.remove(&other_start);
        (start, end) = (start.min(other_start), end.max(other_end));
    }
    covered.insert(start, end);
}

fn join(pieces: &[Piece]) -> Result<Vec<u8>, Unjoined> {
    let total = pieces.iter().map(|piece| piece.end).max().unwrap_or(0);
    let mut payload = vec![0; total];
    // RFC 791 §3.2: where fragments of IPv4 overlap, the more recent one counts.
    for piece in pieces {
        let own = &piece.packet.bytes[piece.header.payload..piece.header.end];
        payload[piece.start..piece.end].copy_from_slice(own);
    }
    let first = pieces.iter().rfind(|piece| piece.start == 0).ok_or(Unjoined::TooLong)?;
    let mut bytes = fragment::join(&first.packet.bytes, &payload).ok_or(Unjoined::TooLong)?;
    let seen = |codepoint: Ecn| pieces.iter().any(|piece| ip::ecn(&piece.packet.bytes) == codepoint);
    if seen(Ecn::CongestionExperienced) {
        // RFC 3168 §5.3: a mark on one of them is a mark on all, unless some cannot carry it.
        if seen(Ecn::NotEct) {
            return Err(Unjoined::EcnMixed);
        }
        ip::set_ecn(&mut bytes, Ecn::CongestionExperienced);
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rtclab_trace::{LinkId, PacketId};

    use super::*;
    use crate::wire::udp;

    const PAIRS: [(&str, &str); 2] = [("10.0.0.1:1", "10.0.0.2:2"), ("[2001:db8::1]:1", "[2001:db8::2]:2")];

    /// A datagram of so many bytes, and its fragments.
    fn split(family: usize, length: usize, mtu: usize) -> (Vec<u8>, Vec<Vec<u8>>) {
        let (from, to) = PAIRS[family];
        let mut bytes = Vec::new();
        let payload: Vec<u8> = (0..length).map(|index| (index % 251) as u8).collect();
        udp::build(&mut bytes, from.parse().unwrap(), to.parse().unwrap(), 64, &payload);
        fragment::allow(&mut bytes, 9);
        let parts = fragment::split(&bytes, mtu, 9).unwrap();
        fragment::allow(&mut bytes, 9);
        (bytes, parts)
    }

    fn packet(bytes: &[u8]) -> Box<Packet> {
        Box::new(Packet {
            bytes: bytes.to_vec(),
            id: PacketId(0),
            last: None,
            to: LinkId(0),
            version: 0,
            frame: None,
        })
    }

    fn offer(reassembly: &mut Reassembly, bytes: &[u8]) -> Result<Option<Complete>, Judgement> {
        let header = Header::parse(bytes).unwrap();
        let fragment = header.fragment.expect("a fragment");
        match reassembly.judge(&header, fragment) {
            Judgement::Fits => Ok(reassembly.insert(packet(bytes), &header, fragment, SimTime::ZERO)),
            other => Err(other),
        }
    }

    proptest! {
        #[test]
        fn fragments_make_their_datagram_in_whichever_order_they_come_and_not_before_the_last(
            family in 0usize..2, length in 300usize..3_000, mtu in 100usize..250, seed in any::<u64>()
        ) {
            let (whole, mut parts) = split(family, length, mtu);
            let mut random = crate::randomness::Stream::new(seed, "test", "order");
            for at in (1..parts.len()).rev() {
                parts.swap(at, random.up_to(at as u64) as usize);
            }
            let mut reassembly = Reassembly::default();
            let (last, others) = parts.split_last().unwrap();
            for part in others {
                prop_assert!(offer(&mut reassembly, part).unwrap().is_none());
            }
            let complete = offer(&mut reassembly, last).unwrap().expect("complete");
            prop_assert_eq!(complete.fragments.len(), parts.len());
            prop_assert_eq!(complete.bytes, Ok(whole));
            prop_assert_eq!((reassembly.cost, reassembly.keys.len(), reassembly.partial.len()), (0, 0, 0));
        }

        #[test]
        fn covered_runs_are_the_union_of_what_was_added(runs in prop::collection::vec((0usize..60, 1usize..20), 1..20)) {
            let mut covered = BTreeMap::new();
            let mut model = [false; 80];
            for (start, length) in runs {
                cover(&mut covered, start, start + length);
                model[start..start + length].fill(true);
            }
            let mut shown = [false; 80];
            let mut last_end = None;
            for (&start, &end) in &covered {
                prop_assert!(last_end.is_none_or(|last| last < start), "runs that touch are one");
                last_end = Some(end);
                shown[start..end].fill(true);
            }
            prop_assert_eq!(shown, model);
        }
    }

    #[test]
    fn fragments_of_two_datagrams_are_told_apart() {
        let (_, first) = split(0, 400, 250);
        let mut reassembly = Reassembly::default();
        assert!(offer(&mut reassembly, &first[0]).unwrap().is_none());
        let mut other = first[1].clone();
        fragment::allow(&mut other, 10);
        assert!(offer(&mut reassembly, &other).unwrap().is_none(), "another identification");
        assert!(offer(&mut reassembly, &first[1]).unwrap().is_some());
    }

    #[test]
    fn an_ipv6_fragment_that_overlaps_takes_its_whole_datagram_with_it() {
        let (_, parts) = split(1, 600, 250);
        let mut reassembly = Reassembly::default();
        offer(&mut reassembly, &parts[0]).unwrap();
        let mut overlapping = parts[1].clone();
        overlapping[43] -= 8;
        assert_eq!(offer(&mut reassembly, &overlapping).err(), Some(Judgement::Overlaps));
        let header = Header::parse(&overlapping).unwrap();
        assert_eq!(reassembly.discard(&header, header.fragment.unwrap()).len(), 1);
        for part in &parts[1..] {
            assert_eq!(offer(&mut reassembly, part).err(), Some(Judgement::Discarded));
        }
        assert_eq!(reassembly.cost, 0);
    }

    #[test]
    fn an_ipv6_fragment_that_comes_twice_does_no_harm() {
        let (whole, parts) = split(1, 400, 300);
        let mut reassembly = Reassembly::default();
        offer(&mut reassembly, &parts[0]).unwrap();
        assert_eq!(offer(&mut reassembly, &parts[0]).err(), Some(Judgement::Duplicate));
        assert_eq!(
            offer(&mut reassembly, &parts[1]).unwrap().map(|complete| complete.bytes),
            Some(Ok(whole))
        );
    }

    #[test]
    fn where_ipv4_fragments_overlap_the_later_one_counts() {
        let (whole, parts) = split(0, 400, 250);
        let mut reassembly = Reassembly::default();
        let mut older = parts[0].clone();
        older[100] ^= 0xff;
        offer(&mut reassembly, &older).unwrap();
        offer(&mut reassembly, &parts[0]).unwrap();
        assert_eq!(
            offer(&mut reassembly, &parts[1]).unwrap().map(|complete| complete.bytes),
            Some(Ok(whole))
        );
    }

    #[test]
    fn a_mark_on_one_fragment_is_a_mark_on_the_datagram_if_all_can_carry_it() {
        let joined = |codepoints: [Ecn; 2]| {
            let (_, mut parts) = split(0, 400, 250);
            let mut reassembly = Reassembly::default();
            let mut last = None;
            for (part, codepoint) in parts.iter_mut().zip(codepoints) {
                ip::set_ecn(part, codepoint);
                last = offer(&mut reassembly, part).unwrap();
            }
            last.expect("complete").bytes.map(|bytes| ip::ecn(&bytes))
        };
        assert_eq!(joined([Ecn::Ect0, Ecn::CongestionExperienced]), Ok(Ecn::CongestionExperienced));
        assert_eq!(joined([Ecn::Ect0, Ecn::Ect0]), Ok(Ecn::Ect0));
        assert_eq!(joined([Ecn::NotEct, Ecn::CongestionExperienced]), Err(Unjoined::EcnMixed));
    }

    #[test]
    fn impossible_fragments_are_refused() {
        let (_, parts) = split(0, 600, 250);
        let mut odd = parts[0].clone();
        odd.pop();
        let total = odd.len() as u16;
        odd[2..4].copy_from_slice(&total.to_be_bytes());
        let header = Header::parse_quoted(&odd).unwrap();
        assert_eq!(Reassembly::default().judge(&header, header.fragment.unwrap()), Judgement::Invalid);
        let mut reassembly = Reassembly::default();
        offer(&mut reassembly, parts.last().unwrap()).unwrap();
        let beyond = Fragment { identification: 9, offset: 60_000, more: true };
        let header = Header::parse(&parts[0]).unwrap();
        assert_eq!(reassembly.judge(&header, beyond), Judgement::Invalid);
    }

    #[test]
    fn the_oldest_datagram_makes_room_and_is_the_first_whose_time_is_up() {
        let mut reassembly = Reassembly::default();
        let (_, parts) = split(0, 2_000, 1_400);
        for identification in 0..4_000 {
            let mut part = parts[0].clone();
            fragment::allow(&mut part, identification);
            offer(&mut reassembly, &part).unwrap();
            while let Some(gone) = reassembly.make_room() {
                assert_eq!(gone.len(), 1);
            }
            assert!(reassembly.cost <= COST_MAX);
        }
        assert!(reassembly.partial.len() < 3_000);
        assert!(reassembly.take_overdue(SimTime::from_millis(59_999)).is_none());
        assert_eq!(
            reassembly.take_overdue(SimTime::from_millis(60_000)).map(|fragments| fragments.len()),
            Some(1)
        );
    }
}
