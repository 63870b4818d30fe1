//! Tests of the codec as a whole, by concern.

mod properties;
mod rules;
mod vectors;
