//! Dissection: a packet as a tree of layers and fields, each with its bytes. Not here: what the headers mean for several packets
//! together (`infer`); the fast way to only know who talks to whom (`outline`).

mod dns;
mod field;
mod ip;
mod link;
mod media;
mod payload;
mod records;
mod scribe;
mod summary;
#[cfg(test)]
mod tests;
mod transport;

use rtclab_trace::Encapsulation;

use crate::finding::{Finding, FindingKind};
use crate::outline::{self, Outline, ether_type, outline};

pub use field::{Dissection, Field};
pub(crate) use link::arp_addresses;
pub use summary::{summary, summary_of};

/// Packets in ICMP errors in packets in …: deeper than any network quotes.
const QUOTES_MAX: usize = 3;

/// Takes a packet apart.
pub fn dissect(encapsulation: Encapsulation, bytes: &[u8]) -> Dissection {
    let outline = outline(encapsulation, bytes);
    let summary = summary_of(&outline);
    let mut layers = link::layers(bytes, &outline.link);
    layers.extend(behind_link(&outline, 0));
    layers.extend(trailer(&outline));
    Dissection { layers, summary }
}

/// The network layer and everything in it.
fn behind_link(outline: &Outline<'_>, quotes: usize) -> Vec<Field> {
    let bytes = outline.bytes;
    let Some(network) = &outline.network else { return without_ip(outline) };
    let mut layers = ip::layers(bytes, network);
    let Some(mut transport) = transport::layer(outline) else {
        layers.extend(not_understood(outline, network));
        return layers;
    };
    if outline::is_icmp_quote(outline) {
        // What it quotes is part of the ICMP message.
        transport.range.end = outline.payload.end.max(transport.range.end);
        if let Some(quoted) = outline.quoted().filter(|_| quotes < QUOTES_MAX) {
            let mut whole = Field::new("Quoted packet", outline.payload.clone(), summary_of(&quoted));
            whole.children = behind_link(&quoted, quotes + 1);
            transport.children.push(whole);
        } else {
            transport.children.extend(payload::data(bytes, outline.payload.clone()));
        }
        layers.push(transport);
        return layers;
    }
    let end = transport.range.end;
    layers.push(transport);
    if end < outline.payload.end && outline.payload.start < outline.payload.end {
        layers.extend(payload::layers(bytes, outline.payload.clone(), &outline.application, 0));
    }
    layers
}

/// The payload of IP that is no transport header: the middle of a datagram, another protocol, or too few bytes.
fn not_understood(outline: &Outline<'_>, network: &outline::Network) -> Option<Field> {
    let mut field = payload::data(outline.bytes, network.payload.clone())?;
    match network.fragment {
        Some(fragment) if fragment.offset > 0 => {
            field.name = "Fragment".into();
            field.value = format!("{}, from byte {} of the datagram on", field.value, fragment.offset);
        }
        _ if matches!(network.protocol, 1 | 6 | 17 | 58) => {
            let text = format!("{} has more bytes in its header", outline::protocol::name(network.protocol));
            field.finding = Some(Finding::new(FindingKind::CutShort, text).at(network.payload.clone()));
        }
        _ => field.name = outline::protocol::name(network.protocol),
    }
    Some(field)
}

/// What stands behind the link header where there is no IP (or none that can be read).
fn without_ip(outline: &Outline<'_>) -> Vec<Field> {
    if outline.link.ether_type == Some(ether_type::ARP) {
        return vec![link::arp(outline.bytes, outline.payload.clone())];
    }
    let mut data = payload::data(outline.bytes, outline.payload.clone());
    if let Some(field) = data.as_mut().filter(|_| outline.link.carries_ip()) {
        let text = "the IP header is cut off, or its length is less than it must have";
        field.finding = Some(Finding::new(FindingKind::Malformed, text).at(outline.payload.clone()));
    }
    data.into_iter().collect()
}

/// Bytes behind the IP packet: padding to the shortest Ethernet frame, or a check sequence.
fn trailer(outline: &Outline<'_>) -> Option<Field> {
    let end = outline.network.as_ref()?.payload.end;
    let mut field = payload::data(outline.bytes, end..outline.bytes.len())?;
    field.name = "Trailer".into();
    Some(field)
}
