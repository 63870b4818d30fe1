//! Our end of a transfer: a program with a TCP socket of its host.

use std::net::SocketAddr;

use rtclab_net::tcp::{Config, TcpError};
use rtclab_net::{Host, Program, StreamId};

use crate::script::Script;

/// How it begins.
#[derive(Debug)]
pub(crate) enum Begin {
    Connect(SocketAddr),
    Listen(SocketAddr),
}

/// The program.
#[derive(Debug)]
pub(crate) struct Ours {
    pub(crate) begin: Begin,
    pub(crate) config: Config,
    pub(crate) script: Script,
    pub(crate) stream: Option<StreamId>,
    /// What it ended with.
    pub(crate) ended: Option<Option<TcpError>>,
}

impl Ours {
    pub(crate) fn new(begin: Begin, config: Config, script: Script) -> Ours {
        Ours { begin, config, script, stream: None, ended: None }
    }

    fn act(&mut self, host: &mut Host<'_>, stream: StreamId) {
        let script = &mut self.script;
        script.received.extend(host.read_all(stream));
        if !script.to_write.is_empty()
            && let Ok(count) = host.write(stream, script.to_write.make_contiguous(), None)
        {
            script.to_write.drain(..count);
        }
        if script.to_write.is_empty() && !script.closed {
            script.closed = true;
            host.shutdown(stream);
        }
    }
}

impl Program for Ours {
    fn start(&mut self, host: &mut Host<'_>) {
        match self.begin {
            Begin::Connect(to) => {
                self.stream = Some(host.connect_tcp(to, self.config.clone(), None).expect("a route"));
            }
            Begin::Listen(on) => {
                host.listen_tcp(on.ip(), on.port(), 1, self.config.clone()).expect("a free port");
            }
        }
    }

    fn stream_accepted(&mut self, host: &mut Host<'_>, stream: StreamId, _: SocketAddr) {
        assert_eq!(self.stream, None, "one connection");
        self.stream = Some(stream);
        self.act(host, stream);
    }

    fn stream_opened(&mut self, host: &mut Host<'_>, stream: StreamId) {
        self.act(host, stream);
    }

    fn stream_data(&mut self, host: &mut Host<'_>, stream: StreamId) {
        self.act(host, stream);
    }

    fn stream_writable(&mut self, host: &mut Host<'_>, stream: StreamId) {
        self.act(host, stream);
    }

    fn stream_closed(&mut self, host: &mut Host<'_>, stream: StreamId, error: Option<TcpError>) {
        self.script.received.extend(host.read_all(stream));
        self.ended = Some(error);
    }
}
