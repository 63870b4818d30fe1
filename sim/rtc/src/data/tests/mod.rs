//! Tests of data channels, over a line that can lose and delay.

mod closing;
mod dcep;
mod line;
mod opening;
mod refusals;
mod sending;
