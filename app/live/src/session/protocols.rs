//! What each endpoint of `rtclab-rtc` looks like to a [`Session`](super::Session). Nothing is decided here.

use std::net::{IpAddr, SocketAddr};

use rtclab_rtc::behavior::{self, BehaviorClient};
use rtclab_rtc::ice::{ConnectionId, ConnectionUse, HostRequest};
use rtclab_rtc::stun::{BindingClient, TransactionSnapshot};
use rtclab_rtc::turn::{self, TurnClient};
use rtclab_rtc::{Output, Time, ice};

use super::{Protocol, Request, Secured};

impl Protocol for BindingClient {
    type Change = TransactionSnapshot;

    fn handle_datagram(&mut self, _to: SocketAddr, from: SocketAddr, payload: &[u8], now: Time) {
        BindingClient::handle_datagram(self, from, payload, now);
    }

    fn handle_unreachable(&mut self, _local: SocketAddr, _remote: SocketAddr, _now: Time) {}

    fn handle_timeout(&mut self, now: Time) {
        BindingClient::handle_timeout(self, now);
    }

    fn poll_output(&mut self) -> Option<Output<TransactionSnapshot>> {
        BindingClient::poll_output(self)
    }

    fn poll_timeout(&self) -> Option<Time> {
        BindingClient::poll_timeout(self)
    }
}

impl Protocol for BehaviorClient {
    type Change = behavior::Change;

    fn handle_datagram(&mut self, to: SocketAddr, from: SocketAddr, payload: &[u8], now: Time) {
        BehaviorClient::handle_datagram(self, to, from, payload, now);
    }

    fn handle_unreachable(&mut self, _local: SocketAddr, _remote: SocketAddr, _now: Time) {}

    fn handle_timeout(&mut self, now: Time) {
        BehaviorClient::handle_timeout(self, now);
    }

    fn poll_output(&mut self) -> Option<Output<behavior::Change>> {
        BehaviorClient::poll_output(self)
    }

    fn poll_timeout(&self) -> Option<Time> {
        BehaviorClient::poll_timeout(self)
    }
}

impl Protocol for TurnClient {
    type Change = turn::Change;

    fn handle_datagram(&mut self, _to: SocketAddr, from: SocketAddr, payload: &[u8], now: Time) {
        TurnClient::handle_datagram(self, from, payload, now);
    }

    fn handle_unreachable(&mut self, _local: SocketAddr, remote: SocketAddr, _now: Time) {
        if remote == self.server_address() {
            TurnClient::handle_unreachable(self);
        }
    }

    fn handle_stream(&mut self, _connection: u32, bytes: &[u8], now: Time) -> bool {
        TurnClient::handle_stream(self, bytes, now).is_ok()
    }

    fn handle_stream_closed(&mut self, _connection: u32, _now: Time) {
        TurnClient::handle_stream_closed(self);
    }

    fn handle_timeout(&mut self, now: Time) {
        TurnClient::handle_timeout(self, now);
    }

    fn poll_output(&mut self) -> Option<Output<turn::Change>> {
        TurnClient::poll_output(self)
    }

    fn poll_timeout(&self) -> Option<Time> {
        TurnClient::poll_timeout(self)
    }
}

impl Protocol for ice::Agent {
    type Change = ice::Change;

    fn handle_datagram(&mut self, to: SocketAddr, from: SocketAddr, payload: &[u8], now: Time) {
        ice::Agent::handle_datagram(self, to, from, payload, now);
    }

    fn handle_unreachable(&mut self, local: SocketAddr, remote: SocketAddr, now: Time) {
        ice::Agent::handle_unreachable(self, local, remote, now);
    }

    fn handle_timeout(&mut self, now: Time) {
        ice::Agent::handle_timeout(self, now);
    }

    fn poll_output(&mut self) -> Option<Output<ice::Change>> {
        ice::Agent::poll_output(self)
    }

    fn poll_timeout(&self) -> Option<Time> {
        ice::Agent::poll_timeout(self)
    }

    fn poll_request(&mut self) -> Option<Request> {
        // Agents over real sockets are built with port mapping off: nobody here knows the gateway (RFC 6887 §8.1).
        let request = std::iter::from_fn(|| ice::Agent::poll_request(self))
            .find(|request| !matches!(request, HostRequest::MapPort { .. }))?;
        Some(match request {
            HostRequest::MapPort { .. } => return None,
            HostRequest::Resolve { name } => Request::Resolve { name: name.to_string() },
            HostRequest::Connect { connection, mut from, to, purpose, .. } => {
                // RFC 6544 §4.5: port 9 stands for any, because nobody connects to an active candidate.
                if from.port() == 9 {
                    from.set_port(0);
                }
                let secured = match purpose {
                    ConnectionUse::TurnServer { tls: true, name } => {
                        Some(Secured { name: name.map(|name| name.to_string()) })
                    }
                    ConnectionUse::TurnServer { tls: false, .. }
                    | ConnectionUse::StunServer
                    | ConnectionUse::Pair => None,
                };
                Request::Connect { connection: connection.0, from, to, secured }
            }
            HostRequest::Write { connection, bytes, .. } => {
                Request::Write { connection: connection.0, bytes }
            }
            HostRequest::Close { connection } => Request::Close { connection: connection.0 },
        })
    }

    fn handle_accepted(&mut self, local: SocketAddr, remote: SocketAddr) -> Option<u32> {
        ice::Agent::handle_accepted(self, local, remote).map(|connection| connection.0)
    }

    fn handle_connected(&mut self, connection: u32, now: Time) {
        ice::Agent::handle_connected(self, ConnectionId(connection), now);
    }

    fn handle_stream(&mut self, connection: u32, bytes: &[u8], now: Time) -> bool {
        ice::Agent::handle_stream(self, ConnectionId(connection), bytes, now);
        true
    }

    fn handle_stream_closed(&mut self, connection: u32, now: Time) {
        ice::Agent::handle_disconnected(self, ConnectionId(connection), now);
    }

    fn handle_resolved(&mut self, name: &str, address: Option<IpAddr>, now: Time) {
        ice::Agent::handle_resolved(self, name, address, now);
    }
}
