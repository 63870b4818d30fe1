//! The tree that dissection gives: fields with their bytes, their value in words, and what is wrong with them.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::Range;

use crate::finding::Finding;

/// A layer, a field of a layer, or a part of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// What its specification calls it.
    pub name: Cow<'static, str>,
    /// Its bytes, counted from the start of the packet. Parts of one byte share it.
    pub range: Range<usize>,
    /// Its value in words.
    pub value: String,
    /// What is wrong with it, or worth knowing.
    pub finding: Option<Finding>,
    /// Its parts.
    pub children: Vec<Field>,
}

impl Field {
    pub(crate) fn new(
        name: impl Into<Cow<'static, str>>,
        range: Range<usize>,
        value: impl Into<String>,
    ) -> Field {
        Field { name: name.into(), range, value: value.into(), finding: None, children: Vec::new() }
    }

    /// The part of that name, at any depth; the first one in the order of the tree.
    pub fn find(&self, name: &str) -> Option<&Field> {
        if self.name == name {
            return Some(self);
        }
        self.children.iter().find_map(|child| child.find(name))
    }

    fn collect_findings<'f>(&'f self, into: &mut Vec<&'f Finding>) {
        into.extend(&self.finding);
        self.children.iter().for_each(|child| child.collect_findings(into));
    }

    fn write(&self, depth: usize, out: &mut String) {
        let indent = depth * 4;
        let (start, end) = (self.range.start, self.range.end);
        // Writing to a string does not fail.
        let _ = write!(out, "{:indent$}{}", "", self.name);
        if !self.value.is_empty() {
            let _ = write!(out, ": {}", self.value);
        }
        let _ = write!(out, "  [{start}..{end}]");
        if let Some(finding) = &self.finding {
            let _ = write!(out, "  ({}: {})", finding.kind.severity().word(), finding.text);
        }
        out.push('\n');
        self.children.iter().for_each(|child| child.write(depth + 1, out));
    }
}

/// A packet, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dissection {
    /// Its layers, outermost first.
    pub layers: Vec<Field>,
    pub(super) summary: String,
}

impl Dissection {
    /// One line, as people write it: `UDP 192.168.1.2:50000 → 203.0.113.1:3478  STUN Binding request`.
    pub fn summary(&self) -> &str {
        &self.summary
    }

    /// The first field of that name, at any depth.
    pub fn find(&self, name: &str) -> Option<&Field> {
        self.layers.iter().find_map(|layer| layer.find(name))
    }

    /// Everything that was found, in the order of the tree.
    pub fn findings(&self) -> Vec<&Finding> {
        let mut found = Vec::new();
        self.layers.iter().for_each(|layer| layer.collect_findings(&mut found));
        found
    }

    /// The whole tree as text, a line a field.
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        self.layers.iter().for_each(|layer| layer.write(0, &mut out));
        out
    }
}
