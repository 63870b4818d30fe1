//! What transports report from below. Descriptions do not change it, so a rollback does not, either.

use super::types::{DtlsTransportState, IceGatheringState, IceTransportState};
use crate::sdp::Candidate;

/// Most candidates that are kept of one transport: far more than a call needs.
pub(super) const CANDIDATES_MAX: usize = 100;

/// What is known about a transport.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Facts {
    pub(super) gathering: IceGatheringState,
    pub(super) ice: IceTransportState,
    pub(super) dtls: DtlsTransportState,
    /// Candidates of the newest generation.
    pub(super) candidates: Vec<Candidate>,
}

impl Default for Facts {
    fn default() -> Facts {
        Facts {
            gathering: IceGatheringState::New,
            ice: IceTransportState::New,
            dtls: DtlsTransportState::New,
            candidates: Vec::new(),
        }
    }
}
