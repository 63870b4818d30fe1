//! What goes into DTLS and what comes out of it: datagrams for ICE to carry, packets for SCTP, states for the connection.

use super::call::Session;
use super::output::{Layer, Output};
use super::transport::WAITING_MAX;
use crate::dtls;
use crate::jsep::{DtlsTransportState, TransportId};
use crate::reason::Reason;
use crate::time::Time;

impl Session {
    /// A datagram of DTLS has come. It waits until the association is drained next, or until it is known who the peer is (RFC 8842 §5.1).
    pub(super) fn keep_for_dtls(&mut self, id: TransportId, payload: Vec<u8>) {
        let Some(transport) = self.transports.get_mut(&id) else { return };
        transport.carried.packets_received += 1;
        transport.carried.bytes_received += payload.len() as u64;
        let is_early = transport.dtls.is_none();
        if is_early && transport.early.len() >= WAITING_MAX {
            return self.ignore(Reason::SessionTooEarly);
        }
        transport.early.push(payload);
        if is_early {
            self.ignore(Reason::SessionEarlyDtls);
        }
    }

    /// Lets DTLS of a transport take in what has come, and takes in what it says. Datagrams with application data go out for `wanted`.
    pub(super) fn drain_dtls(&mut self, id: TransportId, wanted: Option<Reason>, now: Time) -> bool {
        let mut moved = self.send_waiting(id, now);
        let Some(transport) = self.transports.get_mut(&id) else { return moved };
        if let Some(dtls) = &mut transport.dtls {
            for datagram in std::mem::take(&mut transport.early) {
                dtls.handle_datagram(&datagram, now);
            }
        }
        loop {
            let dtls = self.transports.get_mut(&id).and_then(|transport| transport.dtls.as_mut());
            let Some(output) = dtls.and_then(dtls::Dtls::poll_output) else { break };
            self.take_from_dtls(id, output, wanted, now);
            moved = true;
        }
        moved
    }

    fn take_from_dtls(&mut self, id: TransportId, output: dtls::Output, wanted: Option<Reason>, now: Time) {
        match output {
            dtls::Output::Transmit { payload, reason } => {
                let (reason, layer) = match wanted.filter(|_| reason == Reason::DtlsApplicationData) {
                    Some(wanted) => (wanted, Layer::Sctp),
                    None => (reason, Layer::Dtls),
                };
                self.send_datagram(id, payload, reason, layer, now);
            }
            dtls::Output::Data(packet) => self.take_packet(id, &packet, now),
            dtls::Output::Change { state, reason } => {
                let phase = state.phase;
                self.outputs.push_back(Output::Dtls { transport: id, state, reason });
                self.connection.handle_dtls_state(id, phase);
                match phase {
                    DtlsTransportState::Connected => self.begin_sctp(id, now),
                    DtlsTransportState::Closed | DtlsTransportState::Failed => self.lose_dtls(id, now),
                    DtlsTransportState::New | DtlsTransportState::Connecting => {}
                }
            }
            dtls::Output::Secret(line) => {
                self.outputs.push_back(Output::Secret { transport: id, line });
            }
            dtls::Output::SrtpKeys(keys) => {
                self.outputs.push_back(Output::SrtpKeys { transport: id, keys });
            }
            dtls::Output::Ignored(reason) => self.ignore(reason),
        }
    }

    /// What runs above DTLS ends with it.
    fn lose_dtls(&mut self, id: TransportId, now: Time) {
        if self.data.transport() == Some(id) {
            self.data.end_association(now);
        }
    }

    /// Sends over the path that ICE has found. Without one, a flight at most waits for it; DTLS repeats what is lost.
    fn send_datagram(&mut self, id: TransportId, payload: Vec<u8>, reason: Reason, layer: Layer, now: Time) {
        let Some(transport) = self.transports.get_mut(&id) else { return };
        if transport.agent.send(&payload, now).is_ok() {
            transport.carried.packets_sent += 1;
            transport.carried.bytes_sent += payload.len() as u64;
            self.drain_agent(id, Some((reason, layer)));
        } else if !transport.has_path() && transport.unsent.len() < WAITING_MAX && layer == Layer::Dtls {
            transport.unsent.push((payload, reason, layer));
        } else {
            self.ignore(Reason::SessionNoPath);
        }
    }

    fn send_waiting(&mut self, id: TransportId, now: Time) -> bool {
        let Some(transport) = self.transports.get_mut(&id) else { return false };
        if transport.unsent.is_empty() || !transport.has_path() {
            return false;
        }
        for (payload, reason, layer) in std::mem::take(&mut transport.unsent) {
            self.send_datagram(id, payload, reason, layer, now);
        }
        true
    }
}
