//! Tests of the codec as a whole, by concern.

mod binding;
pub(crate) use binding::Counting;
mod fields;
mod properties;
mod rules;
mod vectors;
