//! What time brings to a client: retransmissions, refreshes, the end of what was not refreshed; and ICMP errors, which end a wait.

use super::requests::Operation;
use super::responses::Failure;
use super::{ALLOCATION, TurnClient};
use crate::output::{Because, Output};
use crate::reason::Reason;
use crate::stun::{TimeoutAction, TransactionState};
use crate::time::Time;
use crate::turn::AllocationState;

impl TurnClient {
    /// When to call [`TurnClient::handle_timeout`].
    pub fn poll_timeout(&self) -> Option<Time> {
        let requests = self.requests.iter().filter_map(|request| request.transaction.deadline());
        let held = self.holding.as_ref().and_then(|holding| holding.deadline());
        requests.chain(held).min()
    }

    /// Serves whatever is due.
    pub fn handle_timeout(&mut self, now: Time) {
        self.serve_requests(now);
        let Some(holding) = &mut self.holding else { return };
        let due = |moment: Option<Time>| moment.is_some_and(|moment| moment <= now);
        if due(holding.expires_at) {
            return self.end_allocation(AllocationState::Expired, Reason::TurnExpired, Because::Input);
        }
        if due(holding.refresh_at) {
            self.refresh(now);
        }
        self.serve_permissions(now);
        self.serve_channels(now);
    }

    /// RFC 8489 §6.2.1.
    fn serve_requests(&mut self, now: Time) {
        let mut index = 0;
        while let Some(request) = self.requests.get_mut(index) {
            match request.transaction.handle_timeout(now) {
                TimeoutAction::Wait => index += 1,
                TimeoutAction::Resend => {
                    let transaction = request.transaction.clone();
                    self.tell_transaction(&transaction, Because::Input);
                    self.output.push_back(Output::Transmit(transaction.transmit()));
                    index += 1;
                }
                TimeoutAction::GiveUp => {
                    let mut request = self.requests.remove(index);
                    // RFC 8489 §9.2.5: answers came, but none that could be trusted.
                    let reason = if request.distrusted {
                        Reason::StunIntegrityViolated
                    } else {
                        Reason::TransactionTimeout
                    };
                    request.transaction.end(TransactionState::TimedOut, Some(reason));
                    self.tell_transaction(&request.transaction, Because::Input);
                    self.fail(&request, Failure { code: None, reason });
                }
            }
        }
    }

    /// An ICMP error says that the server cannot be reached: requests on their way have failed (RFC 8489 §6.2.1). What is held stays
    /// until its time is over. Says whether anything was on its way.
    pub fn handle_unreachable(&mut self) -> bool {
        let requests = std::mem::take(&mut self.requests);
        let waited = !requests.is_empty();
        for mut request in requests {
            request.transaction.end(TransactionState::Unreachable, Some(Reason::Unreachable));
            self.tell_transaction(&request.transaction, Because::Input);
            self.fail(&request, Failure { code: None, reason: Reason::Unreachable });
        }
        waited
    }

    fn serve_permissions(&mut self, now: Time) {
        let Some(holding) = &mut self.holding else { return };
        let before = holding.permissions.len();
        holding.permissions.retain(|_, permission| permission.expires_at.is_none_or(|end| end > now));
        let expired = holding.permissions.len() < before;
        let mut due = Vec::new();
        for (peer, permission) in &mut holding.permissions {
            if permission.refresh_at.take_if(|moment| *moment <= now).is_some() {
                due.push(Operation::CreatePermission(*peer));
            }
        }
        if expired {
            self.tell_allocation(Some(Reason::TurnPermissionExpired), Because::Input);
        }
        for operation in due {
            self.start(operation, Some(Reason::TurnPermissionDue), Because::Change(ALLOCATION), now);
        }
    }

    fn serve_channels(&mut self, now: Time) {
        let Some(holding) = &mut self.holding else { return };
        let before = holding.channels.len();
        holding.channels.retain(|_, channel| channel.expires_at.is_none_or(|end| end > now));
        let expired = holding.channels.len() < before;
        let mut due = Vec::new();
        for (number, channel) in &mut holding.channels {
            if channel.refresh_at.take_if(|moment| *moment <= now).is_some() {
                due.push(Operation::ChannelBind { channel: *number, peer: channel.peer });
            }
        }
        if expired {
            self.tell_allocation(Some(Reason::TurnChannelExpired), Because::Input);
        }
        for operation in due {
            self.start(operation, Some(Reason::TurnChannelDue), Because::Change(ALLOCATION), now);
        }
    }
}
