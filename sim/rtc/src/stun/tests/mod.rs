//! Tests of the codec as a whole, by concern.

mod binding;
mod credentials;
pub(crate) use binding::Counting;
mod fields;
mod properties;
mod rules;
mod server_discovery;
mod vectors;
