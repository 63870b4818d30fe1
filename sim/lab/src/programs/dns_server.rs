//! A name server on a host: answers questions at each of its addresses, at once or after a while. Not here: its zone (`rtclab-rtc`).

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use rtclab_net::{Datagram, Host, Program, SocketId};
use rtclab_rtc::dns::{NameServer, Reply};
use rtclab_trace::{EntryId, SimTime};

use super::sockets::Sockets;
use super::tell;

/// Answers that are held back at most; a question more is lost, as in a server that is overloaded.
const HELD_MAX: usize = 10_000;

/// A name server.
#[derive(Debug)]
pub struct DnsServer {
    port: u16,
    delay: Duration,
    server: NameServer,
    sockets: Sockets,
    held: VecDeque<Held>,
    answered: u64,
}

/// An answer that is held back.
#[derive(Debug)]
struct Held {
    due: SimTime,
    socket: SocketId,
    to: SocketAddr,
    reply: Reply,
    cause: Option<EntryId>,
}

impl DnsServer {
    /// A server on this UDP port that answers after this delay.
    pub fn new(port: u16, delay: Duration, server: NameServer) -> DnsServer {
        DnsServer { port, delay, server, sockets: Sockets::default(), held: VecDeque::new(), answered: 0 }
    }

    fn send_due(&mut self, host: &mut Host<'_>) {
        while let Some(held) = self.held.pop_front_if(|held| held.due <= host.now()) {
            self.answered += 1;
            let reason = Some(held.reply.reason.into());
            // What cannot leave is in the trace, dropped here; who asked will ask again.
            let _ = host.send_udp(held.socket, held.to, &held.reply.payload, reason, held.cause);
        }
        if let Some(next) = self.held.front() {
            host.set_timer(next.due, 0);
        }
    }
}

impl Program for DnsServer {
    fn start(&mut self, host: &mut Host<'_>) {
        self.sockets.bind(host, self.port);
    }

    fn datagram(&mut self, host: &mut Host<'_>, datagram: &Datagram<'_>) {
        match self.server.answer(datagram.payload) {
            Ok(reply) if self.held.len() < HELD_MAX => {
                let (due, cause) = (host.now() + self.delay, host.input());
                let (socket, to) = (datagram.socket, datagram.from);
                self.held.push_back(Held { due, socket, to, reply, cause });
                self.send_due(host);
            }
            Ok(_) => {}
            Err(reason) => {
                let status = format!("ignored a datagram from {}", datagram.from);
                tell(host, "name server", status, Some(reason.into()));
            }
        }
    }

    fn timer(&mut self, host: &mut Host<'_>, _token: u64) {
        self.send_due(host);
    }

    fn addresses_changed(&mut self, host: &mut Host<'_>) {
        self.sockets.bind(host, self.port);
    }
}
