//! Writes the fields of one layer while walking over its bytes. A layer that ends too early gets a finding where it ends.

use std::ops::Range;

use super::Field;
use crate::finding::{Finding, FindingKind};

/// A layer in the making.
pub(super) struct Scribe<'a> {
    bytes: &'a [u8],
    at: usize,
    end: usize,
    layer: Field,
}

impl<'a> Scribe<'a> {
    /// Begins a layer in `range` of the packet (shortened to what is there).
    pub(super) fn new(name: &'static str, bytes: &'a [u8], range: Range<usize>) -> Scribe<'a> {
        let end = range.end.min(bytes.len());
        let at = range.start.min(end);
        Scribe { bytes, at, end, layer: Field::new(name, at..at, "") }
    }

    /// Where the next field begins.
    pub(super) const fn at(&self) -> usize {
        self.at
    }

    /// Bytes that are left.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..self.end).unwrap_or(&[])
    }

    /// Takes `length` bytes as a field. None (and a finding) if they are not there.
    pub(super) fn take(
        &mut self,
        name: &'static str,
        length: usize,
        words: impl FnOnce(&[u8]) -> String,
    ) -> Option<&'a [u8]> {
        let Some(taken) = self.rest().get(..length) else {
            let left = self.rest().len();
            let text = format!("{name} has {length} bytes, but only {left} are left");
            let mut field = Field::new(name, self.at..self.end, "cut off");
            field.finding = Some(Finding::new(FindingKind::CutShort, text).at(self.at..self.end));
            self.layer.children.push(field);
            self.at = self.end;
            return None;
        };
        let range = self.at..self.at + length;
        self.layer.children.push(Field::new(name, range, words(taken)));
        self.at += length;
        Some(taken)
    }

    pub(super) fn u8(&mut self, name: &'static str, words: impl FnOnce(u8) -> String) -> Option<u8> {
        let number = *self.rest().first().unwrap_or(&0);
        self.take(name, 1, |_| words(number)).map(|_| number)
    }

    pub(super) fn u16(&mut self, name: &'static str, words: impl FnOnce(u16) -> String) -> Option<u16> {
        let number = self.rest().first_chunk().map_or(0, |field| u16::from_be_bytes(*field));
        self.take(name, 2, |_| words(number)).map(|_| number)
    }

    pub(super) fn u32(&mut self, name: &'static str, words: impl FnOnce(u32) -> String) -> Option<u32> {
        let number = self.rest().first_chunk().map_or(0, |field| u32::from_be_bytes(*field));
        self.take(name, 4, |_| words(number)).map(|_| number)
    }

    /// A part of the field that was taken last.
    pub(super) fn part(&mut self, name: &'static str, value: impl Into<String>) {
        if let Some(last) = self.layer.children.last_mut() {
            last.children.push(Field::new(name, last.range.clone(), value));
        }
    }

    /// A field made elsewhere.
    pub(super) fn push(&mut self, field: Field) {
        self.layer.children.push(field);
    }

    /// Goes on to `at`.
    pub(super) fn skip_to(&mut self, at: usize) {
        self.at = at.clamp(self.at, self.end);
    }

    /// Something is wrong with the field that was taken last.
    pub(super) fn finding(&mut self, kind: FindingKind, text: impl Into<String>) {
        if let Some(last) = self.layer.children.last_mut() {
            last.finding = Some(Finding::new(kind, text).at(last.range.clone()));
        }
    }

    /// The layer, with its value in words, up to where it was read.
    pub(super) fn finish(mut self, value: impl Into<String>) -> Field {
        self.layer.range.end = self.at;
        self.layer.value = value.into();
        self.layer
    }
}

/// A number in decimal.
pub(super) fn decimal(number: impl std::fmt::Display) -> String {
    number.to_string()
}

/// `0x1a2b`.
pub(super) fn hex16(number: u16) -> String {
    format!("{number:#06x}")
}
