//! A TCP connection of a program, with what its send buffer had no room for. Not here: what is written.

use rtclab_net::tcp::{Config, Nagle};
use rtclab_net::{Host, StreamId};
use rtclab_trace::EntryId;

/// Sockets of signaling: a message that is complete does not wait for the one before it to be acknowledged (`TCP_NODELAY`, as browsers set it).
pub(crate) fn line_config() -> Config {
    Config { nagle: Nagle::Off, ..Config::default() }
}

/// A TCP connection.
#[derive(Debug)]
pub(crate) struct Line {
    stream: StreamId,
    unsent: Vec<u8>,
}

impl Line {
    /// The connection of that stream.
    pub(crate) const fn new(stream: StreamId) -> Line {
        Line { stream, unsent: Vec::new() }
    }

    /// Its stream.
    pub(crate) const fn stream(&self) -> StreamId {
        self.stream
    }

    /// Writes as much as there is room for; the rest waits for more room.
    pub(crate) fn write(&mut self, host: &mut Host<'_>, bytes: &[u8], cause: Option<EntryId>) {
        self.unsent.extend_from_slice(bytes);
        self.flush(host, cause);
    }

    /// There is room again.
    pub(crate) fn flush(&mut self, host: &mut Host<'_>, cause: Option<EntryId>) {
        if self.unsent.is_empty() {
            return;
        }
        // A stream that is closed takes nothing, and says so by its end.
        let written = host.write(self.stream, &self.unsent, cause).unwrap_or(0);
        self.unsent.drain(..written.min(self.unsent.len()));
    }

    /// What has arrived.
    pub(crate) fn read(&self, host: &mut Host<'_>) -> Vec<u8> {
        host.read_all(self.stream)
    }

    /// Is done with it: it ends in good order without us.
    pub(crate) fn close(self, host: &mut Host<'_>) {
        host.close_stream(self.stream);
    }

    /// Ends it at once: nobody answers on it any more.
    pub(crate) fn abort(self, host: &mut Host<'_>) {
        host.abort(self.stream);
    }
}
