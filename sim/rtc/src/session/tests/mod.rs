//! Tests of sessions: two of them, signaling between them, and a line that can lose packets.

mod calls;
mod failures;
mod line;
mod random;
mod renegotiation;
mod seams;
