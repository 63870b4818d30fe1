//! Which number a header extension gets: one meaning for each number on a connection (RFC 8285 §7, RFC 9143 §12).

use std::collections::BTreeMap;

/// The header extensions that have numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct ExtensionIds {
    uris: BTreeMap<u16, String>,
}

impl ExtensionIds {
    /// Remembers what a description says.
    pub(super) fn learn(&mut self, id: u16, uri: &str) {
        // What was promised under another number gives way to what is said now.
        self.uris.retain(|_, known| known != uri);
        self.uris.insert(id, uri.to_owned());
    }

    /// The number of this extension: the one it has, the one its software prefers, or the next free one of the one-byte form; beyond
    /// it only if both forms may be mixed.
    pub(super) fn assign(&mut self, uri: &str, wish: u16, mixed: bool) -> Option<u16> {
        if let Some((id, _)) = self.uris.iter().find(|(_, known)| *known == uri) {
            return Some(*id);
        }
        let free = |id: &u16| !self.uris.contains_key(id);
        // 15 means the end of one-byte extensions (RFC 8285 §4.2), so nobody gets it.
        let last = if mixed { 255 } else { 14 };
        let wish = Some(wish).filter(|wish| *wish != 0 && free(wish));
        let id = wish.or_else(|| (1..=last).filter(|id| *id != 15).find(free))?;
        self.uris.insert(id, uri.to_owned());
        Some(id)
    }
}
