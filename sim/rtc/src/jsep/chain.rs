//! The operations chain of the W3C API: asynchronous operations run one after the other, in the order of their calls
//! (webrtc-pc §4.4.1.2). Not here: what the operations do.

use std::collections::VecDeque;

use super::connection::PeerConnection;
use super::description::SessionDescription;
use super::error::JsepError;
use super::offer::OfferOptions;
use super::output::{IceCandidate, Output};
use super::types::OperationId;

/// Most operations that wait.
const WAITING_MAX: usize = 10_000;

/// An operation of the chain.
#[derive(Clone, Debug, PartialEq)]
pub enum Operation {
    /// `createOffer`
    CreateOffer(OfferOptions),
    /// `createAnswer`
    CreateAnswer,
    /// `setLocalDescription`; `None` lets the connection decide what it creates and sets.
    SetLocalDescription(Option<SessionDescription>),
    /// `setRemoteDescription`
    SetRemoteDescription(SessionDescription),
    /// `addIceCandidate`
    AddIceCandidate(IceCandidate),
}

/// Operations that wait for their turn.
#[derive(Debug, Default)]
pub(super) struct Chain {
    waiting: VecDeque<(OperationId, Operation)>,
    next: u32,
}

impl Chain {
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    pub(super) fn clear(&mut self) {
        self.waiting.clear();
    }

    fn push(&mut self, operation: Operation) -> OperationId {
        let id = OperationId(self.next);
        self.next = self.next.wrapping_add(1);
        self.waiting.push_back((id, operation));
        id
    }
}

impl PeerConnection {
    /// Puts an operation at the end of the chain. [`Output::Settled`] tells how it ends. On a closed connection it settles with an error,
    /// which the API would leave pending.
    pub fn enqueue(&mut self, operation: Operation) -> OperationId {
        let full = self.chain.waiting.len() >= WAITING_MAX;
        let id = self.chain.push(operation);
        if self.closed || full {
            self.chain.waiting.pop_back();
            let error = if self.closed {
                JsepError::Closed
            } else {
                JsepError::Operation("too many operations are waiting".to_owned())
            };
            self.outputs.push_back(Output::Settled { operation: id, result: Err(error) });
        }
        id
    }

    /// Runs the operation at the front of the chain; `false` if there is none.
    pub(super) fn run_next_operation(&mut self) -> bool {
        let Some((id, operation)) = self.chain.waiting.front().cloned() else { return false };
        let result = self.run(operation);
        // It leaves the chain when it is done, so that whatever it started still saw it there.
        self.chain.waiting.pop_front();
        self.outputs.push_back(Output::Settled { operation: id, result });
        true
    }

    fn run(&mut self, operation: Operation) -> Result<Option<SessionDescription>, JsepError> {
        self.check_open()?;
        match operation {
            Operation::CreateOffer(options) => self.offer(options).map(Some),
            Operation::CreateAnswer => self.answer().map(Some),
            Operation::SetLocalDescription(description) => self.apply_local(description).map(|()| None),
            Operation::SetRemoteDescription(description) => self.apply_remote(&description).map(|()| None),
            Operation::AddIceCandidate(candidate) => self.apply_candidate(&candidate).map(|()| None),
        }
    }

    /// Runs what waits in the chain and then this operation, at once.
    fn now(&mut self, operation: Operation) -> Result<Option<SessionDescription>, JsepError> {
        while self.run_next_operation() {}
        self.run(operation)
    }

    /// `createOffer`: a description that proposes what the transceivers and data channels want.
    pub fn create_offer(&mut self, options: OfferOptions) -> Result<SessionDescription, JsepError> {
        self.now(Operation::CreateOffer(options)).map(Option::unwrap_or_default)
    }

    /// `createAnswer`: a description that answers the remote offer.
    pub fn create_answer(&mut self) -> Result<SessionDescription, JsepError> {
        self.now(Operation::CreateAnswer).map(Option::unwrap_or_default)
    }

    /// `setLocalDescription`. Without a description, an offer or an answer is created first, as the state asks for.
    pub fn set_local_description(
        &mut self,
        description: Option<SessionDescription>,
    ) -> Result<(), JsepError> {
        self.now(Operation::SetLocalDescription(description)).map(drop)
    }

    /// `setRemoteDescription`. An offer that meets our own pending offer takes that one back first.
    pub fn set_remote_description(&mut self, description: SessionDescription) -> Result<(), JsepError> {
        self.now(Operation::SetRemoteDescription(description)).map(drop)
    }

    /// `addIceCandidate`; an empty candidate is the end of candidates.
    pub fn add_ice_candidate(&mut self, candidate: IceCandidate) -> Result<(), JsepError> {
        self.now(Operation::AddIceCandidate(candidate)).map(drop)
    }
}

impl Default for SessionDescription {
    fn default() -> SessionDescription {
        SessionDescription::rollback()
    }
}
