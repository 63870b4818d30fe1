//! What a program may do with TCP: listen, accept, connect, write, read, shut down, close. Not here: what happens to segments (`world`).
//!
//! It is the classroom's order of calls. A server calls [`Host::listen_tcp`], is told by [`Program::stream_waiting`](crate::Program::stream_waiting) that
//! somebody has connected, and calls [`Host::accept`]. A client calls [`Host::connect_tcp`] and is told by
//! [`Program::stream_opened`](crate::Program::stream_opened). Both [`Host::write`] and [`Host::read`]; whoever has no more to say calls
//! [`Host::shutdown`], and whoever is done calls [`Host::close_stream`].

use std::net::{IpAddr, SocketAddr};

use rtclab_trace::{EntryId, TcpState};

use super::Host;
use super::streams::{ListenerId, Owner, StreamId};
use crate::error::{BindError, ConnectError};
use crate::tcp::{Config, WriteError};

impl Host<'_> {
    /// Listens on an address of the host, or on any of the family (the unspecified address); port 0 means any ephemeral port. At most
    /// `backlog` connections wait for [`Host::accept`], and as many for the end of their handshake.
    pub fn listen_tcp(
        &mut self,
        address: IpAddr,
        port: u16,
        backlog: usize,
        config: Config,
    ) -> Result<ListenerId, BindError> {
        if !address.is_unspecified() && !self.net.node(self.node).has_address(address) {
            return Err(BindError::AddressNotAvailable(address));
        }
        self.net.listen_tcp(self.node, self.program, (address, port), backlog, config, self.input)
    }

    /// Where a listener of this program listens.
    pub fn listener_address(&self, listener: ListenerId) -> Option<SocketAddr> {
        let listening = self.net.node(self.node).streams.listener(listener)?;
        (listening.program == self.program).then(|| listening.listener.local())
    }

    /// Takes the connection that has waited longest, and says who is at its other end.
    pub fn accept(&mut self, listener: ListenerId) -> Option<(StreamId, SocketAddr)> {
        let own = self.net.node(self.node).streams.listener(listener)?;
        if own.program != self.program {
            return None;
        }
        self.net.accept_tcp(self.node, listener, self.input)
    }

    /// Stops listening. Connections that wait are reset; those that were taken go on.
    pub fn close_listener(&mut self, listener: ListenerId) {
        if self.listener_address(listener).is_some() {
            self.net.close_listener(self.node, listener, self.input);
        }
    }

    /// Opens a connection, from the address that the routes suggest and any ephemeral port. [`crate::Program::stream_opened`] or
    /// [`crate::Program::stream_closed`] tells what comes of it; what is written before that waits. Without a cause, it is caused by
    /// [`Host::input`].
    pub fn connect_tcp(
        &mut self,
        to: SocketAddr,
        config: Config,
        cause: Option<EntryId>,
    ) -> Result<StreamId, ConnectError> {
        let source = self.source_towards(to.ip()).ok_or(ConnectError::NoRoute)?;
        self.connect_tcp_from(SocketAddr::new(source, 0), to, config, cause)
    }

    /// The same from an address and port of the host; port 0 means any ephemeral port. A port that listens may be used as well, which is
    /// how two hosts behind NATs open to each other at the same time.
    pub fn connect_tcp_from(
        &mut self,
        from: SocketAddr,
        to: SocketAddr,
        config: Config,
        cause: Option<EntryId>,
    ) -> Result<StreamId, ConnectError> {
        if from.is_ipv4() != to.is_ipv4() {
            return Err(ConnectError::WrongFamily);
        }
        if !self.net.node(self.node).has_address(from.ip()) {
            return Err(BindError::AddressNotAvailable(from.ip()).into());
        }
        self.net.connect_tcp(self.node, self.program, from, to, config, cause.or(self.input))
    }

    /// Writes as much as the send buffer takes, and says how much; [`crate::Program::stream_writable`] tells when there is room for the rest.
    /// Without a cause, what is sent at once is caused by [`Host::input`].
    pub fn write(
        &mut self,
        stream: StreamId,
        data: &[u8],
        cause: Option<EntryId>,
    ) -> Result<usize, WriteError> {
        let connection = self.own_stream(stream).ok_or(WriteError::Closed)?;
        let written = connection.write(data)?;
        self.net.pump(self.node, stream, cause.or(self.input));
        Ok(written)
    }

    /// Reads what has arrived into `out`, and says how much.
    pub fn read(&mut self, stream: StreamId, out: &mut [u8]) -> usize {
        let Some(connection) = self.own_stream(stream) else { return 0 };
        let count = connection.read(out);
        if count > 0 {
            self.net.pump(self.node, stream, self.input);
        }
        count
    }

    /// Reads all that has arrived.
    pub fn read_all(&mut self, stream: StreamId) -> Vec<u8> {
        let mut out = vec![0; self.readable(stream)];
        let count = self.read(stream, &mut out);
        out.truncate(count);
        out
    }

    /// Bytes that can be read.
    pub fn readable(&mut self, stream: StreamId) -> usize {
        self.own_stream(stream).map_or(0, |connection| connection.readable())
    }

    /// Bytes that can be written.
    pub fn writable(&mut self, stream: StreamId) -> usize {
        self.own_stream(stream).map_or(0, |connection| connection.writable())
    }

    /// Bytes that were written and are not acknowledged.
    pub fn unacknowledged(&mut self, stream: StreamId) -> u64 {
        self.own_stream(stream).map_or(0, |connection| connection.unacknowledged())
    }

    /// The whole state of a stream of this program.
    pub fn stream_state(&mut self, stream: StreamId) -> Option<TcpState> {
        self.own_stream(stream).map(|connection| connection.snapshot())
    }

    /// Says that no more will be written: what was written is sent, then a FIN. The other side can still be read.
    pub fn shutdown(&mut self, stream: StreamId) {
        if let Some(connection) = self.own_stream(stream) {
            connection.shutdown();
            self.net.pump(self.node, stream, self.input);
        }
    }

    /// Is done with a stream: it ends in good order without the program, which hears no more of it. If something is left unread, the other
    /// side is told by a RST.
    pub fn close_stream(&mut self, stream: StreamId) {
        if let Some(connection) = self.own_stream(stream) {
            connection.close();
            self.disown(stream);
        }
    }

    /// Ends a stream at once, with a RST.
    pub fn abort(&mut self, stream: StreamId) {
        if let Some(connection) = self.own_stream(stream) {
            connection.abort();
            self.disown(stream);
        }
    }

    fn disown(&mut self, stream: StreamId) {
        if let Some(open) = self.net.node_mut(self.node).streams.get_mut(stream) {
            open.owner = Owner::Nobody;
        }
        self.net.pump(self.node, stream, self.input);
    }

    /// Whether a stream is this program's, and it has not closed it.
    pub(crate) fn has_stream(&self, stream: StreamId) -> bool {
        let open = self.net.node(self.node).streams.get(stream);
        open.is_some_and(|open| open.program == self.program && open.owner == Owner::Program)
    }

    fn own_stream(&mut self, stream: StreamId) -> Option<&mut crate::tcp::Connection> {
        let program = self.program;
        let open = self.net.node_mut(self.node).streams.get_mut(stream)?;
        (open.program == program && open.owner == Owner::Program).then_some(&mut *open.connection)
    }
}
