//! TCP: listeners that accept, connections that are made, and the bytes of both, with TLS around them or without. Not here: where messages
//! begin and end in them.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf};
use tokio::net::tcp::OwnedReadHalf;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::AbortHandle;

use super::tls::{self, Identity, Secured, Trust};
use super::{Arrival, Event};
use tokio_rustls::TlsStream;

/// How much is read at a time.
const READ_MAX: usize = 16_384;
/// How much is read of a secured connection at a time: its records are kept in memory anyway.
const SECURED_READ_MAX: usize = 4096;
/// Handshakes of one listener at a time; who comes when there are as many waits to be accepted.
const HANDSHAKES_MAX: usize = 64;
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
        identity: Option<Identity>,
        arrived: mpsc::Sender<Arrival>,
    ) -> io::Result<ListenerPort> {
        let socket = socket(address, shared)?;
        socket.bind(address)?;
        let listener = socket.listen(BACKLOG)?;
        let address = listener.local_addr()?;
        let acceptor = match identity {
            Some(identity) => tokio::spawn(accept_secured(listener, identity, arrived)).abort_handle(),
            None => tokio::spawn(accept(listener, arrived)).abort_handle(),
        };
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
                if arrived.send(Arrival::Accepted(Connection::Plain(stream))).await.is_err() {
                    return;
                }
            }
            // Too many sockets, or a connection that was gone before it was accepted.
            Err(_) => tokio::time::sleep(NO_ROOM).await,
        }
    }
}

/// Handshakes run beside each other, so that nobody waits for a client that says nothing. One that fails is over.
async fn accept_secured(listener: TcpListener, identity: Identity, arrived: mpsc::Sender<Arrival>) {
    let places = Arc::new(Semaphore::new(HANDSHAKES_MAX));
    // The semaphore is never closed.
    while let Ok(place) = Arc::clone(&places).acquire_owned().await {
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(NO_ROOM).await;
            continue;
        };
        let (identity, arrived) = (identity.clone(), arrived.clone());
        tokio::spawn(async move {
            let secured = tls::accept(identity, stream).await;
            drop(place);
            if let Ok(secured) = secured {
                // Nobody waits for it any more if this fails.
                let _ = arrived.send(Arrival::Accepted(Connection::Secured(secured))).await;
            }
        });
    }
}

/// A connection that exists.
#[derive(Debug)]
pub(super) enum Connection {
    /// Bytes as they are.
    Plain(TcpStream),
    /// Within TLS.
    Secured(Secured),
}

impl Connection {
    /// Both ends; none if it is gone already.
    pub(super) fn ends(&self) -> Option<(SocketAddr, SocketAddr)> {
        let socket = self.socket();
        let canonical = |address: SocketAddr| SocketAddr::new(address.ip().to_canonical(), address.port());
        Some((canonical(socket.local_addr().ok()?), canonical(socket.peer_addr().ok()?)))
    }

    fn socket(&self) -> &TcpStream {
        match self {
            Connection::Plain(stream) => stream,
            Connection::Secured(stream) => stream.get_ref().0,
        }
    }
}

/// Where a connection is to be made to, from where, and whether within TLS.
#[derive(Debug)]
pub(super) struct Destination {
    pub(super) from: Option<SocketAddr>,
    pub(super) to: SocketAddr,
    /// Whom to trust, and the name that the server has to have.
    pub(super) secured: Option<(Trust, Option<String>)>,
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
        destination: Destination,
        arrived: mpsc::Sender<Arrival>,
    ) -> StreamPort {
        let task = tokio::spawn(async move {
            let connecting = tokio::time::timeout(CONNECT_PATIENCE, connect(destination)).await;
            let closed = |why: String| Arrival::Event(Event::StreamClosed { stream: number, why: Some(why) });
            let arrival = match connecting {
                Ok(Ok(stream)) => Arrival::Connected(number, stream),
                Ok(Err(error)) => closed(error.to_string()),
                Err(_) => closed(format!("no answer within {} s", CONNECT_PATIENCE.as_secs())),
            };
            // Nobody waits for it any more if this fails.
            let _ = arrived.send(arrival).await;
        });
        StreamPort { queue: None, queued: Arc::default(), task: task.abort_handle() }
    }

    /// The attempt to make one that is over before it began.
    pub(super) fn refused(number: u32, why: &str, arrived: mpsc::Sender<Arrival>) -> StreamPort {
        let closed = Event::StreamClosed { stream: number, why: Some(why.to_owned()) };
        let task = tokio::spawn(async move {
            // Nobody waits for it any more if this fails.
            let _ = arrived.send(Arrival::Event(closed)).await;
        });
        StreamPort { queue: None, queued: Arc::default(), task: task.abort_handle() }
    }

    /// A connection that exists: reads from now on.
    pub(super) fn new(number: u32, connection: Connection, arrived: mpsc::Sender<Arrival>) -> StreamPort {
        // Without it, a small message would wait for the acknowledgement of the one before.
        let _ = connection.socket().set_nodelay(true);
        let (queue, to_write) = mpsc::unbounded_channel();
        let queued = Arc::new(AtomicUsize::new(0));
        let task = match connection {
            Connection::Plain(stream) => {
                let (reading, writing) = stream.into_split();
                tokio::spawn(write(writing, to_write, Arc::clone(&queued)));
                tokio::spawn(read(number, reading, arrived)).abort_handle()
            }
            Connection::Secured(stream) => {
                let (reading, writing) = tokio::io::split(*stream);
                tokio::spawn(write(writing, to_write, Arc::clone(&queued)));
                tokio::spawn(read_secured(number, reading, arrived)).abort_handle()
            }
        };
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

async fn connect(destination: Destination) -> io::Result<Connection> {
    let Destination { from, to, secured } = destination;
    let stream = connect_plain(from, to).await?;
    Ok(match secured {
        Some((trust, name)) => Connection::Secured(tls::connect(trust, name, to, stream).await?),
        None => Connection::Plain(stream),
    })
}

async fn connect_plain(from: Option<SocketAddr>, to: SocketAddr) -> io::Result<TcpStream> {
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
    let _ = arrived.send(Arrival::Event(Event::StreamClosed { stream, why: None })).await;
}

async fn read_secured(
    stream: u32,
    mut reading: ReadHalf<TlsStream<TcpStream>>,
    arrived: mpsc::Sender<Arrival>,
) {
    let mut buffer = vec![0; SECURED_READ_MAX];
    while let Ok(length) = reading.read(&mut buffer).await {
        let bytes = buffer.get(..length).unwrap_or_default().to_vec();
        if bytes.is_empty() {
            break;
        }
        if arrived.send(Arrival::Event(Event::StreamData { stream, bytes })).await.is_err() {
            return;
        }
    }
    // Nobody waits for it any more if this fails.
    let _ = arrived.send(Arrival::Event(Event::StreamClosed { stream, why: None })).await;
}

/// The buffer lives on the stack and only here, so that a connection on which nothing arrives costs no memory.
fn receive(reading: &OwnedReadHalf) -> io::Result<Vec<u8>> {
    let mut buffer = [0; READ_MAX];
    let length = reading.try_read(&mut buffer)?;
    Ok(buffer.get(..length).unwrap_or_default().to_vec())
}

/// Ends when the queue does: what is in it is written first.
async fn write(
    mut writing: impl AsyncWrite + Unpin,
    mut queue: mpsc::UnboundedReceiver<Vec<u8>>,
    queued: Arc<AtomicUsize>,
) {
    while let Some(bytes) = queue.recv().await {
        let written = match writing.write_all(&bytes).await {
            Ok(()) => writing.flush().await,
            failed => failed,
        };
        queued.fetch_sub(bytes.len(), Ordering::Relaxed);
        if written.is_err() {
            return;
        }
    }
    // The other side may be gone already.
    let _ = writing.shutdown().await;
}
