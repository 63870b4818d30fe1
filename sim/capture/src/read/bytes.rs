//! Numbers in either byte order out of a slice, without panics. Not here: any format.

/// The byte order of a file or section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Little,
    Big,
}

impl Order {
    pub(super) fn u16(self, bytes: &[u8], at: usize) -> Option<u16> {
        let field = bytes.get(at..)?.first_chunk()?;
        Some(if self == Order::Little { u16::from_le_bytes(*field) } else { u16::from_be_bytes(*field) })
    }

    pub(super) fn u32(self, bytes: &[u8], at: usize) -> Option<u32> {
        let field = bytes.get(at..)?.first_chunk()?;
        Some(if self == Order::Little { u32::from_le_bytes(*field) } else { u32::from_be_bytes(*field) })
    }

    pub(super) fn u64(self, bytes: &[u8], at: usize) -> Option<u64> {
        let field = bytes.get(at..)?.first_chunk()?;
        Some(if self == Order::Little { u64::from_le_bytes(*field) } else { u64::from_be_bytes(*field) })
    }
}
