//! Connections of the clients of a STUN or TURN server: listeners, and which stream of the host the server calls by which number. Not here: what
//! is said in them.

use std::collections::BTreeMap;

use rtclab_net::{Host, StreamId};
use rtclab_trace::EntryId;

use super::carrier::{Line, line_config};

/// How many connections may wait to be taken.
const BACKLOG: usize = 64;

/// The connections of clients.
#[derive(Debug, Default)]
pub(super) struct Streams {
    lines: BTreeMap<u32, Line>,
    numbers: BTreeMap<StreamId, u32>,
    next: u32,
}

impl Streams {
    /// Listens at each address of the host.
    pub(super) fn listen(&mut self, host: &mut Host<'_>, port: u16) {
        for held in host.addresses() {
            // A port that another program has leaves the server with UDP; the document says so before it comes to that.
            let _ = host.listen_tcp(held.address, port, BACKLOG, line_config());
        }
    }

    /// A client has connected.
    pub(super) fn add(&mut self, stream: StreamId) -> u32 {
        let number = self.next;
        self.next = self.next.wrapping_add(1);
        self.lines.insert(number, Line::new(stream));
        self.numbers.insert(stream, number);
        number
    }

    /// What the server calls a stream.
    pub(super) fn number(&self, stream: StreamId) -> Option<u32> {
        self.numbers.get(&stream).copied()
    }

    /// Forgets a stream that is over.
    pub(super) fn remove(&mut self, stream: StreamId) -> Option<u32> {
        let number = self.numbers.remove(&stream)?;
        self.lines.remove(&number);
        Some(number)
    }

    pub(super) fn write(&mut self, host: &mut Host<'_>, number: u32, bytes: &[u8], cause: Option<EntryId>) {
        if let Some(line) = self.lines.get_mut(&number) {
            line.write(host, bytes, cause);
        }
    }

    /// There is room again.
    pub(super) fn flush(&mut self, host: &mut Host<'_>, stream: StreamId) {
        if let Some(line) = self.number(stream).and_then(|number| self.lines.get_mut(&number)) {
            line.flush(host, None);
        }
    }

    /// The server has no more to say.
    pub(super) fn close(&mut self, host: &mut Host<'_>, number: u32) {
        if let Some(line) = self.lines.remove(&number) {
            self.numbers.remove(&line.stream());
            line.close(host);
        }
    }
}
