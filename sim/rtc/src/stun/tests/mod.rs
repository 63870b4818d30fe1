//! Tests of the codec as a whole, by concern.

mod binding;
mod fields;
mod properties;
mod rules;
mod vectors;
