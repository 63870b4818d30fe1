//! What the comment of a packet says: why it was dropped, or which entry made it go.

use rtclab_trace::{Change, Entity, EntryId, Reason, Trace};

/// Characters of a comment that are written. An option of pcapng has at most 65,535 bytes; what is longer is not read anyway.
const LENGTH_MAX: usize = 1_000;

/// The length that a packet had on the wire.
pub(super) fn original_length(trace: &Trace, entry: EntryId) -> Option<u32> {
    match trace.entry(entry).entity {
        Entity::Packet(packet) => Some(trace.packets().info(packet).original_length),
        _ => None,
    }
}

/// The comment of a packet where it leaves (or was captured), or where it arrives.
///
/// Where the packet ends next, that is said at the place that saw it last: at the sending end if the link lost it, else at the far end.
pub(super) fn of(trace: &Trace, entry: EntryId, arriving: bool) -> Option<String> {
    let mut text = words(trace, entry, arriving)?;
    if let Some((end, _)) = text.char_indices().nth(LENGTH_MAX) {
        text.truncate(end);
        text.push('…');
    }
    Some(text)
}

fn words(trace: &Trace, entry: EntryId, arriving: bool) -> Option<String> {
    let lost = matches!(trace.entry(entry).change, Change::Hop { lost: true, .. });
    if let Some(end) = next_of_packet(trace, entry).filter(|_| arriving || lost)
        && let Change::Dropped(dropped) = &trace.entry(end).change
    {
        let place = trace.topology().place_name(dropped.place);
        let why = trace.entry(end).reason.map_or_else(String::new, reason);
        let rule = if dropped.rule.is_empty() { String::new() } else { format!(" ({})", dropped.rule) };
        return Some(format!("Dropped at {place}{rule}. {why}").trim_end().to_string());
    }
    if arriving { None } else { cause(trace, entry) }
}

/// The next entry about the packet of this one.
fn next_of_packet(trace: &Trace, entry: EntryId) -> Option<EntryId> {
    let ids = trace.entries_of(trace.entry(entry).entity);
    ids.get(ids.partition_point(|id| *id <= entry)).copied()
}

/// `The port is closed. [port-closed, RFC 1122 §4.1.3.1]`
fn reason(reason: Reason) -> String {
    let text = reason.text();
    let section = if text.section.is_empty() { String::new() } else { format!(", {}", text.section) };
    format!("{} [{}{section}]", text.english, text.code)
}

/// `Because of entry 12, alice pair 3: in-progress. …`, or `Forwarded by nat-a; it came with entry 12.`
fn cause(trace: &Trace, entry: EntryId) -> Option<String> {
    let record = trace.entry(entry);
    let why = record.reason.map(reason);
    let because =
        record.cause.map(|cause| match (&record.change, trace.entry(cause).entity == record.entity) {
            (Change::Hop { link, direction, .. }, true) => {
                let (node, _) = trace.topology().hop(*link, *direction);
                format!(
                    "Forwarded by {}; it came with entry {}.",
                    trace.topology().node(node).name,
                    cause.index()
                )
            }
            _ => {
                let entity = trace.topology().entity_name(trace.entry(cause).entity);
                format!("Because of entry {}, {entity}: {}.", cause.index(), trace.describe(cause))
            }
        });
    match (because, why) {
        (Some(because), Some(why)) => Some(format!("{because} {why}")),
        (because, why) => because.or(why),
    }
}
