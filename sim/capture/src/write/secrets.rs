//! The secrets of a trace's DTLS sessions as a Decryption Secrets Block (draft-ietf-opsawg-pcapng §4.7), so that other tools can read what is
//! encrypted. Not here: where the secrets come from (`rtclab-rtc`).

use std::borrow::Cow;

use pcap_file::pcapng::blocks::unknown::UnknownBlock;
use rtclab_rtc::dtls::KeyLog;
use rtclab_trace::{Change, Entity, Trace};

const BLOCK_TYPE: u32 = 0x0000_000a;
/// `TLSK`: a key log (RFC 9850).
const TLS_KEY_LOG: u32 = 0x544c_534b;

/// The block; none if there are no secrets. It stands before the packets that need it.
pub(super) fn block(trace: &Trace) -> Option<UnknownBlock<'static>> {
    let mut log = KeyLog::default();
    let sessions = trace.entities().filter(|entity| matches!(entity, Entity::Dtls(..)));
    // A state is whole, so the newest one has all the secrets; a second session on the same path begins a list of its own.
    for entry in sessions.flat_map(|entity| trace.entries_of(entity)) {
        if let Change::Dtls(state) = &trace.entry(*entry).change {
            state.key_log.iter().cloned().for_each(|line| log.add(line));
        }
    }
    if log.is_empty() {
        return None;
    }
    let text = log.to_text().into_bytes();
    let mut value = TLS_KEY_LOG.to_le_bytes().to_vec();
    value.extend(u32::try_from(text.len()).ok()?.to_le_bytes());
    value.extend(text);
    value.resize(value.len().next_multiple_of(4), 0);
    let length = u32::try_from(value.len()).ok()?;
    Some(UnknownBlock { type_: BLOCK_TYPE, length: length + 12, value: Cow::Owned(value) })
}
