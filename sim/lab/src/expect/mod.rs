//! Judging what a scenario expects: a sentence for each, and for an unmet one what happened instead and why.

/// How an expectation was met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// What is expected, as a sentence.
    pub text: String,
    /// Whether it came so; none where only a full trace could tell.
    pub met: Option<bool>,
    /// What happened instead and why, if it did not come so; why it cannot be told, if nobody can.
    pub instead: Option<String>,
}
