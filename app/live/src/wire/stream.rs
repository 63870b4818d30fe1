//! TCP: listeners that accept, connections that are made, and the bytes of both. Not here: where messages begin and end in them.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use super::{Arrival, Event};

/// How much is read at a time.
const READ_MAX: usize = 16_384;
/// Connections that wait to be accepted.
const BACKLOG: u32 = 128;
/// How long to wait when the operating system has no room for another connection.
const NO_ROOM: Duration = Duration::from_millis(100);
/// How long a connection may take to be made (RFC 6062 §5.2 leaves 30 s for it).
const CONNECT_PATIENCE: Duration = Duration::from_secs(30);

/// A listening socket. It stops listening when it is dropped.
#[derive(Debug)]
pub(super) struct ListenerPort {
    address: SocketAddr,
    acceptor: AbortHandle,
}

impl ListenerPort {
    /// Listens. A `shared` port may be connected from, too (simultaneous open, RFC 6544 §7).
    pub(super) fn bind(
        address: SocketAddr,
        shared: bool,
        arrived: mpsc::Sender<Arrival>,
    ) -> io::Result<ListenerPort> {
        let socket = socket(address, shared)?;
        socket.bind(address)?;
        let listener = socket.listen(BACKLOG)?;
        let address = listener.local_addr()?;
        let acceptor = tokio::spawn(accept(listener, arrived)).abort_handle();
        Ok(ListenerPort { address, acceptor })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for ListenerPort {
    fn drop(&mut self) {
        self.acceptor.abort();
    }
}

fn socket(address: SocketAddr, shared: bool) -> io::Result<TcpSocket> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // On Windows this would let another program take the port away; there, a closed one is free at once anyway.
    #[cfg(not(windows))]
    socket.set_reuseaddr(true)?;
    #[cfg(unix)]
    if shared {
        socket.set_reuseport(true)?;
    }
    #[cfg(not(unix))]
    let _ = shared;
    Ok(socket)
}

async fn accept(listener: TcpListener, arrived: mpsc::Sender<Arrival>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                if arrived.send(Arrival::Accepted(stream)).await.is_err() {
                    return;
                }
            }
            // Too many sockets, or a connection that was gone before it was accepted.
            Err(_) => tokio::time::sleep(NO_ROOM).await,
        }
    }
}

/// A connection, or the attempt to make one. It is closed when this is dropped, once what was written has been sent.
#[derive(Debug)]
pub(super) struct StreamPort {
    queue: Option<mpsc::UnboundedSender<Vec<u8>>>,
    queued: Arc<AtomicUsize>,
    task: AbortHandle,
}

impl StreamPort {
    /// Makes a connection. It becomes one of [`StreamPort::new`] when it is there.
    pub(super) fn connect(
        number: u32,
        from: Option<SocketAddr>,
        to: SocketAddr,
        arrived: mpsc::Sender<Arrival>,
    ) -> StreamPort {
        let task = tokio::spawn(async move {
            let connecting = tokio::time::timeout(CONNECT_PATIENCE, connect(from, to)).await;
            let arrival = match connecting {
                Ok(Ok(stream)) => Arrival::Connected(number, stream),
                Ok(Err(_)) | Err(_) => Arrival::Event(Event::StreamClosed { stream: number }),
            };
            // Nobody waits for it any more if this fails.
            let _ = arrived.send(arrival).await;
        });
        StreamPort { queue: None, queued: Arc::default(), task: task.abort_handle() }
    }

    /// A connection that exists: reads from now on.
    pub(super) fn new(number: u32, stream: TcpStream, arrived: mpsc::Sender<Arrival>) -> StreamPort {
        // Without it, a small message would wait for the acknowledgement of the one before.
        let _ = stream.set_nodelay(true);
        let (reading, writing) = stream.into_split();
        let (queue, to_write) = mpsc::unbounded_channel();
        let queued = Arc::new(AtomicUsize::new(0));
        tokio::spawn(write(writing, to_write, Arc::clone(&queued)));
        let task = tokio::spawn(read(number, reading, arrived)).abort_handle();
        StreamPort { queue: Some(queue), queued, task }
    }

    /// Queues bytes. One that is still being made, or is broken, loses them; its end is told.
    pub(super) fn write(&self, bytes: Vec<u8>) {
        let Some(queue) = &self.queue else { return };
        let length = bytes.len();
        self.queued.fetch_add(length, Ordering::Relaxed);
        if queue.send(bytes).is_err() {
            self.queued.fetch_sub(length, Ordering::Relaxed);
        }
    }

    /// Bytes that the other side has not made room for yet.
    pub(super) fn queued(&self) -> usize {
        self.queued.load(Ordering::Relaxed)
    }
}

impl Drop for StreamPort {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn connect(from: Option<SocketAddr>, to: SocketAddr) -> io::Result<TcpStream> {
    let Some(from) = from else { return TcpStream::connect(to).await };
    // Any port: only the address is given. A port of its own: it may be one that listens, too.
    let socket = socket(from, from.port() != 0)?;
    socket.bind(from)?;
    socket.connect(to).await
}

async fn read(stream: u32, reading: OwnedReadHalf, arrived: mpsc::Sender<Arrival>) {
    while reading.readable().await.is_ok() {
        match receive(&reading) {
            Ok(bytes) if bytes.is_empty() => break,
            Ok(bytes) => {
                if arrived.send(Arrival::Event(Event::StreamData { stream, bytes })).await.is_err() {
                    return;
                }
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(_) => break,
        }
    }
    // Nobody waits for it any more if this fails.
    let _ = arrived.send(Arrival::Event(Event::StreamClosed { stream })).await;
}

/// The buffer lives on the stack and only here, so that a connection on which nothing arrives costs no memory.
fn receive(reading: &OwnedReadHalf) -> io::Result<Vec<u8>> {
    let mut buffer = [0; READ_MAX];
    let length = reading.try_read(&mut buffer)?;
    Ok(buffer.get(..length).unwrap_or_default().to_vec())
}

/// Ends when the queue does: what is in it is written first.
async fn write(
    mut writing: OwnedWriteHalf,
    mut queue: mpsc::UnboundedReceiver<Vec<u8>>,
    queued: Arc<AtomicUsize>,
) {
    while let Some(bytes) = queue.recv().await {
        let written = writing.write_all(&bytes).await;
        queued.fetch_sub(bytes.len(), Ordering::Relaxed);
        if written.is_err() {
            return;
        }
    }
    // The other side may be gone already.
    let _ = writing.shutdown().await;
}
