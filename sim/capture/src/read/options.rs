//! The options of pcapng blocks, read leniently: a bad option is a finding, the others still count.

use super::bytes::Order;
use super::{Interface, Resolution};

/// `opt_comment`, the same for every block.
pub(super) const COMMENT: u16 = 1;
/// `if_name`.
const IF_NAME: u16 = 2;
/// `if_description`.
const IF_DESCRIPTION: u16 = 3;
/// `if_tsresol`.
const IF_TSRESOL: u16 = 9;
/// `if_tsoffset`.
const IF_TSOFFSET: u16 = 14;
/// `epb_flags` and `pack_flags`.
pub(super) const FLAGS: u16 = 2;
/// `isb_ifdrop`: lost for lack of room.
pub(super) const ISB_IFDROP: u16 = 5;
/// `isb_osdrop`: lost by the operating system.
pub(super) const ISB_OSDROP: u16 = 7;

/// Walks over the options in `bytes`: code and value of each. Ends at the end-of-options, at the end, or where an option is cut short.
pub(super) fn walk(order: Order, bytes: &[u8]) -> impl Iterator<Item = Result<(u16, &[u8]), String>> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        // Three bytes or fewer are padding, not an option.
        let (code, length) = (order.u16(rest, 0)?, order.u16(rest, 2)?);
        if code == 0 {
            return None;
        }
        let length = usize::from(length);
        let Some(value) = rest.get(4..4 + length) else {
            let left = rest.len() - 4;
            rest = &[];
            return Some(Err(format!("option {code} says {length} bytes, but only {left} are left")));
        };
        rest = rest.get(4 + length.next_multiple_of(4)..).unwrap_or(&[]);
        Some(Ok((code, value)))
    })
}

/// The text of an option; bytes that are not UTF-8 are replaced. Some writers end it with a zero, which is not part of it.
pub(super) fn text(value: &[u8]) -> String {
    String::from_utf8_lossy(value).trim_end_matches('\0').to_string()
}

/// Takes one option of an Interface Description Block in.
pub(super) fn describe_interface(
    interface: &mut Interface,
    order: Order,
    code: u16,
    value: &[u8],
) -> Result<(), String> {
    let wrong = |name: &str, expected: usize| {
        Err(format!("option {name} has {} bytes, expected {expected}", value.len()))
    };
    match code {
        COMMENT => interface.comments.push(text(value)),
        IF_NAME => interface.name = text(value),
        IF_DESCRIPTION => interface.description = text(value),
        IF_TSRESOL => match value {
            [unit] => interface.resolution = Resolution(*unit),
            _ => return wrong("if_tsresol", 1),
        },
        IF_TSOFFSET => match order.u64(value, 0).filter(|_| value.len() == 8) {
            Some(offset) => interface.offset_s = offset as i64,
            None => return wrong("if_tsoffset", 8),
        },
        // if_MACaddr is what damaged files have most often wrong; nothing here depends on it.
        6 if value.len() != 6 => return wrong("if_MACaddr", 6),
        _ => {}
    }
    Ok(())
}
