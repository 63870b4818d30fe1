//! Sizes of pictures: `imageattr` (RFC 6236).

use std::fmt;

use super::super::cursor::{Cursor, Read};
use super::codec::payload_type_or_all;

/// Which sizes of pictures are sent or received (RFC 6236 §3.1).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ImageAttr {
    /// The payload type; `None` is `*`, all of them.
    pub payload_type: Option<u8>,
    /// What the writer sends; `None` if nothing is said.
    pub send: Option<ImageSizes>,
    /// What the writer receives.
    pub recv: Option<ImageSizes>,
}

/// Sizes in one direction.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ImageSizes {
    /// Any: `*`.
    Any,
    /// One of these sets; each is a list of names and values such as `x` and `[480:16:800]`.
    Sets(Vec<Vec<(String, String)>>),
}

impl fmt::Display for ImageSizes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ImageSizes::Sets(sets) = self else { return f.write_str("*") };
        for (index, set) in sets.iter().enumerate() {
            let pairs: Vec<String> = set.iter().map(|(name, value)| format!("{name}={value}")).collect();
            write!(f, "{}[{}]", if index == 0 { "" } else { " " }, pairs.join(","))?;
        }
        Ok(())
    }
}

impl fmt::Display for ImageAttr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.payload_type {
            Some(payload_type) => write!(f, "{payload_type}")?,
            None => f.write_str("*")?,
        }
        self.send.iter().try_for_each(|sizes| write!(f, " send {sizes}"))?;
        self.recv.iter().try_for_each(|sizes| write!(f, " recv {sizes}"))
    }
}

pub(super) fn imageattr(line: &mut Cursor<'_>) -> Read<ImageAttr> {
    let payload_type = payload_type_or_all(line)?;
    let mut attribute = ImageAttr { payload_type, send: None, recv: None };
    line.space("send or recv")?;
    loop {
        let word = line.token("direction")?;
        let slot = match word {
            "send" => &mut attribute.send,
            "recv" => &mut attribute.recv,
            _ => return line.wrong(word, "send or recv"),
        };
        if slot.is_some() {
            return line.wrong(word, "each direction once");
        }
        line.space("sizes")?;
        let (sizes, more) = sizes(line)?;
        *slot = Some(sizes);
        if !more {
            line.end()?;
            return Ok(attribute);
        }
    }
}

/// Sets until the other direction or the end; whether the other direction follows.
fn sizes(line: &mut Cursor<'_>) -> Read<(ImageSizes, bool)> {
    if line.take("*") {
        return Ok((ImageSizes::Any, line.more()));
    }
    let mut sets = Vec::new();
    loop {
        sets.push(set(line)?);
        if !line.more() {
            return Ok((ImageSizes::Sets(sets), false));
        }
        if !line.left().starts_with('[') {
            return Ok((ImageSizes::Sets(sets), true));
        }
    }
}

fn set(line: &mut Cursor<'_>) -> Read<Vec<(String, String)>> {
    line.expect("[", "a bracket")?;
    let mut pairs = Vec::new();
    loop {
        let name = line.run("name", |letter| letter.is_ascii_alphabetic())?.to_owned();
        line.expect("=", "an equals sign")?;
        let value = if line.left().starts_with('[') {
            let length = line.left().find(']').map_or(0, |at| at + 1);
            let inner = line.left().get(..length).unwrap_or_default().to_owned();
            if !line.take(&inner) || inner.is_empty() {
                return line.fail("a closing bracket");
            }
            inner
        } else {
            line.run("value", |letter| letter.is_ascii_digit() || ".-".contains(letter))?.to_owned()
        };
        pairs.push((name, value));
        if line.take("]") {
            return Ok(pairs);
        }
        line.expect(",", "a comma or a closing bracket")?;
    }
}
