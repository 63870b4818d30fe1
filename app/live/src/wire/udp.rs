//! A UDP socket: a task that reads it, and sending.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use super::{Arrival, Event};

/// More than any UDP datagram has.
const DATAGRAM_MAX: usize = 65_536;

/// A bound socket. Its reader ends when it is dropped.
#[derive(Debug)]
pub(super) struct UdpPort {
    address: SocketAddr,
    socket: Arc<UdpSocket>,
    reader: AbortHandle,
}

impl UdpPort {
    /// Binds, and reads from now on.
    pub(super) fn bind(address: SocketAddr, arrived: mpsc::Sender<Arrival>) -> io::Result<UdpPort> {
        let socket = std::net::UdpSocket::bind(address)?;
        socket.set_nonblocking(true)?;
        let socket = Arc::new(UdpSocket::from_std(socket)?);
        let address = socket.local_addr()?;
        let reader = tokio::spawn(read(address, Arc::clone(&socket), arrived)).abort_handle();
        Ok(UdpPort { address, socket, reader })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) async fn send(&self, to: SocketAddr, payload: &[u8]) -> io::Result<usize> {
        self.socket.send_to(payload, to).await
    }
}

impl Drop for UdpPort {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

async fn read(to: SocketAddr, socket: Arc<UdpSocket>, arrived: mpsc::Sender<Arrival>) {
    loop {
        if socket.readable().await.is_err() {
            return;
        }
        match receive(&socket) {
            Ok((from, payload)) => {
                if arrived.send(Arrival::Event(Event::Datagram { to, from, payload })).await.is_err() {
                    return;
                }
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            // An ICMP error for something that was sent (on some systems): it says nothing about what will arrive.
            Err(_) => tokio::task::yield_now().await,
        }
    }
}

/// The buffer lives on the stack and only here, so that a socket on which nothing arrives costs no memory.
fn receive(socket: &UdpSocket) -> io::Result<(SocketAddr, Vec<u8>)> {
    let mut buffer = [0; DATAGRAM_MAX];
    let (length, from) = socket.try_recv_from(&mut buffer)?;
    let payload = buffer.get(..length).unwrap_or_default().to_vec();
    Ok((canonical(from), payload))
}

/// RFC 8445 §5.1.1.1: an IPv4 address stays one.
fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}
