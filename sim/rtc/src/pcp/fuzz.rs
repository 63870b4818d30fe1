//! What a fuzzer, or a bounded test in its place, calls with any bytes: everything that must hold for every input is asserted here.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::{
    Ask, Client, ClientConfig, ClientOutput, Gateway, MESSAGE_BYTES_MAX, PmpRequest, PmpResponse, Request,
    Response, ResultCode, Server, ServerConfig, Transport,
};
use crate::randomness::Randomness;
use crate::time::Time;

/// Draws the same bytes always.
#[derive(Debug, Default)]
struct Counting(u8);

impl Randomness for Counting {
    fn fill(&mut self, out: &mut [u8]) {
        for byte in out {
            self.0 = self.0.wrapping_add(1);
            *byte = self.0;
        }
    }
}

/// Maps each port to itself.
#[derive(Debug)]
struct Same;

impl Gateway for Same {
    fn external_address(&self, _: IpAddr) -> Option<Ipv4Addr> {
        Some(Ipv4Addr::new(203, 0, 113, 1))
    }

    fn map(&mut self, ask: &Ask) -> Result<SocketAddr, ResultCode> {
        Ok(SocketAddr::new(Ipv4Addr::new(203, 0, 113, 1).into(), ask.internal.port()))
    }

    fn unmap(&mut self, _: Transport, _: SocketAddr) {}
}

/// Messages come back from what they are written as; a server answers with something that a client can read and that is no request, so
/// that no two servers can be made to talk to each other; a client is not moved by it to send.
///
/// # Panics
/// If that does not hold; that is what a fuzzer looks for.
pub fn any_datagram(bytes: &[u8]) {
    if let Ok(request) = Request::parse(bytes) {
        assert_eq!(Request::parse(&request.to_bytes()), Ok(request));
    }
    if let Ok(response) = Response::parse(bytes) {
        assert_eq!(Response::parse(&response.to_bytes()), Ok(response));
    }
    if let Some(request) = PmpRequest::parse(bytes) {
        assert_eq!(PmpRequest::parse(&request.to_bytes()), Some(request));
    }
    if let Some(response) = PmpResponse::parse(bytes) {
        assert_eq!(PmpResponse::parse(&response.to_bytes()), Some(response));
    }
    let (now, client) = (Time::from_millis(5), SocketAddr::from(([192, 168, 1, 10], 40_000)));
    let gateway = SocketAddr::from(([192, 168, 1, 1], super::SERVER_PORT));
    let mut server = Server::new(ServerConfig::default(), Time::ZERO);
    if let Ok(answer) = server.handle_datagram(client, bytes, now, &mut Same) {
        assert!(answer.payload.len() <= MESSAGE_BYTES_MAX);
        assert!(
            server.handle_datagram(client, &answer.payload, now, &mut Same).is_err(),
            "an answer to an answer"
        );
    }
    assert!(server.mappings(now) <= 1);
    let mut asker = Client::new(ClientConfig::new(client.ip(), gateway), Box::new(Counting::default()));
    asker.map(Transport::Udp, 40_000, Time::ZERO);
    while asker.poll_output().is_some() {}
    asker.handle_datagram(gateway, bytes, now);
    let mut sent = 0;
    while let Some(output) = asker.poll_output() {
        sent += usize::from(matches!(output, ClientOutput::Transmit { .. }));
    }
    // Falling back to NAT-PMP asks two things.
    assert!(sent <= 2, "{sent} datagrams for one");
    assert!(asker.mappings().count() == 1);
}
