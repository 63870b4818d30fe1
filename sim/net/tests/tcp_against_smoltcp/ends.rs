//! The two ends of a transfer behind one face: our connection, and smoltcp's socket with its interface and device.
//! Not here: the channel between them (`transfer`).

use std::cell::Cell;
use std::collections::VecDeque;
use std::net::SocketAddr;

use rtclab_net::tcp::{
    Admission, Codepoint, Config, Connection, InitialSequences, Listener, Segment, State, reset_for,
};
use rtclab_net::wire::ip;
use rtclab_rtc::Randomness;
use rtclab_trace::SimTime;
use smoltcp::iface::{Config as InterfaceConfig, Interface, PollResult, SocketHandle, SocketSet};
use smoltcp::phy::{Device, DeviceCapabilities, Medium, RxToken, TxToken};
use smoltcp::socket::tcp::{CongestionControl, Socket, SocketBuffer, State as TheirState};
use smoltcp::time::Instant;
use smoltcp::wire::{HardwareAddress, IpAddress, IpCidr};

/// Largest packet of the device of smoltcp.
const MTU: usize = 1500;

/// What the channel needs of an end.
pub(crate) trait End {
    /// A packet arrives.
    fn arrives(&mut self, now: SimTime, packet: &[u8]);
    /// Everything that is to be done now is done, and packets to be sent are taken.
    fn act(&mut self, now: SimTime, sent: &mut Vec<Vec<u8>>);
    /// When to act again.
    fn next_at(&mut self, now: SimTime) -> Option<SimTime>;
    /// What has arrived so far.
    fn received(&self) -> &[u8];
    /// How it stands, and whether it has closed in peace.
    fn status(&self) -> (String, bool);
}

/// A program that writes some bytes, closes, and reads until the other side has closed too.
#[derive(Debug)]
pub(crate) struct Script {
    pub(crate) to_write: VecDeque<u8>,
    pub(crate) received: Vec<u8>,
    pub(crate) closed: bool,
}

impl Script {
    pub(crate) fn new(data: &[u8]) -> Script {
        Script { to_write: data.iter().copied().collect(), received: Vec::new(), closed: false }
    }
}

// ---- ours ----

/// Our end.
#[derive(Debug)]
pub(crate) struct Ours {
    local: SocketAddr,
    remote: SocketAddr,
    sequences: InitialSequences,
    listener: Option<Listener>,
    connection: Option<Connection>,
    answers: Vec<Vec<u8>>,
    script: Script,
}

impl Ours {
    pub(crate) fn new(
        config: Config,
        [local, remote]: [SocketAddr; 2],
        connects: bool,
        script: Script,
        randomness: &mut dyn Randomness,
    ) -> Ours {
        let sequences = InitialSequences::new(randomness);
        let identity = sequences.identity(SimTime::ZERO, local, remote);
        let (listener, connection) = if connects {
            (None, Some(Connection::connect(config, local, remote, identity)))
        } else {
            (Some(Listener::new(local, config, 1)), None)
        };
        Ours { local, remote, sequences, listener, connection, answers: Vec::new(), script }
    }

    fn run_script(&mut self) -> bool {
        let Some(connection) = &mut self.connection else { return false };
        let script = &mut self.script;
        let mut acted = false;
        let waiting = script.to_write.make_contiguous();
        if !waiting.is_empty()
            && let Ok(count) = connection.write(waiting)
        {
            script.to_write.drain(..count);
            acted |= count > 0;
        }
        let mut out = vec![0; connection.readable()];
        let count = connection.read(&mut out);
        script.received.extend(&out[..count]);
        if script.to_write.is_empty() && !script.closed && connection.state() != State::SynSent {
            script.closed = true;
            connection.shutdown();
            acted = true;
        }
        acted || count > 0
    }
}

impl End for Ours {
    fn arrives(&mut self, now: SimTime, packet: &[u8]) {
        let header = ip::Header::parse(packet).expect("smoltcp sends whole packets");
        let bytes = &packet[header.payload..header.end];
        let segment = Segment::parse(bytes, header.source, header.destination).expect("and whole segments");
        if let Some(connection) = self.connection.as_mut().filter(|connection| !connection.is_finished()) {
            connection.handle_segment(now, Codepoint::NotEct, &segment);
            return;
        }
        let identity = self.sequences.identity(now, self.local, self.remote);
        let admission = self.listener.as_mut().filter(|_| self.connection.is_none());
        let admission =
            admission.map(|listener| listener.admit(now, self.local, self.remote, &segment, identity));
        let reset = match admission {
            Some(Admission::Open(connection)) => {
                self.connection = Some(*connection);
                None
            }
            Some(Admission::Refused(reset)) => Some(reset),
            Some(Admission::Dropped(_)) => None,
            None => reset_for(&segment),
        };
        if let Some(reset) = reset {
            let bytes = reset.emit(self.local.ip(), self.remote.ip());
            self.answers.push(packet_of(self.local, self.remote, &bytes));
        }
    }

    fn act(&mut self, now: SimTime, sent: &mut Vec<Vec<u8>>) {
        sent.append(&mut self.answers);
        if let Some(connection) = &mut self.connection {
            connection.handle_timeout(now);
        }
        loop {
            // The program reads first, so that a window that was closed only for an instant is not told: smoltcp 0.14 takes windows from segments in
            // the order of their arrival, and never sends again what it has sent into one that such a segment closed.
            let mut acted = self.run_script();
            if let Some(connection) = &mut self.connection {
                while let Some(out) = connection.poll_transmit(now) {
                    let bytes = out.emit(self.local.ip(), self.remote.ip());
                    sent.push(packet_of(self.local, self.remote, &bytes));
                    acted = true;
                }
            }
            if !acted {
                return;
            }
        }
    }

    fn next_at(&mut self, _now: SimTime) -> Option<SimTime> {
        self.connection.as_ref()?.poll_timeout()
    }

    fn received(&self) -> &[u8] {
        &self.script.received
    }

    fn status(&self) -> (String, bool) {
        let Some(connection) = &self.connection else { return ("no connection".into(), false) };
        let in_peace = connection.is_finished() && connection.error().is_none();
        (format!("ours: {:?} {:?}", connection.snapshot(), connection.error()), in_peace)
    }
}

fn packet_of(from: SocketAddr, to: SocketAddr, segment: &[u8]) -> Vec<u8> {
    let mut packet = Vec::with_capacity(ip::IPV6_HEADER + segment.len());
    ip::build(&mut packet, from.ip(), to.ip(), ip::TCP, ip::DEFAULT_TTL, segment.len());
    packet.extend_from_slice(segment);
    packet
}

// ---- smoltcp's ----

thread_local! {
    /// The clock of smoltcp's timestamps, which it asks for through a function without arguments.
    static CLOCK_MS: Cell<u32> = const { Cell::new(0) };
}

/// What can be set on a socket of smoltcp.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TheirConfig {
    pub(crate) receive_buffer: usize,
    pub(crate) send_buffer: usize,
    pub(crate) control: CongestionControl,
    pub(crate) timestamps: bool,
    pub(crate) nagle: bool,
    pub(crate) delays_acks: bool,
}

/// The end of smoltcp.
pub(crate) struct Theirs {
    interface: Interface,
    sockets: SocketSet<'static>,
    handle: SocketHandle,
    device: Queues,
    script: Script,
}

impl Theirs {
    pub(crate) fn new(
        config: TheirConfig,
        [local, remote]: [SocketAddr; 2],
        connects: bool,
        script: Script,
        randomness: &mut dyn Randomness,
    ) -> Theirs {
        let mut device = Queues::default();
        let mut settings = InterfaceConfig::new(HardwareAddress::Ip);
        settings.random_seed = randomness.u64();
        let mut interface = Interface::new(settings, &mut device, Instant::ZERO);
        let prefix = if local.is_ipv4() { 24 } else { 64 };
        interface.update_ip_addrs(|addresses| {
            addresses.push(IpCidr::new(IpAddress::from(local.ip()), prefix)).expect("there is room for one");
        });
        let buffer = |length: usize| SocketBuffer::new(vec![0; length]);
        let mut socket = Socket::new(buffer(config.receive_buffer), buffer(config.send_buffer));
        socket.set_congestion_control(config.control);
        socket.set_nagle_enabled(config.nagle);
        if !config.delays_acks {
            socket.set_ack_delay(None);
        }
        if config.timestamps {
            socket.set_tsval_generator(Some(|| CLOCK_MS.get()));
        }
        if connects {
            socket.connect(interface.context(), remote, local.port()).expect("a fresh socket can connect");
        } else {
            socket.listen(local.port()).expect("a fresh socket can listen");
        }
        let mut sockets = SocketSet::new(Vec::new());
        let handle = sockets.add(socket);
        Theirs { interface, sockets, handle, device, script }
    }

    fn run_script(&mut self) -> bool {
        let socket = self.sockets.get_mut::<Socket<'_>>(self.handle);
        let script = &mut self.script;
        let mut acted = false;
        if socket.can_send() && !script.to_write.is_empty() {
            let count = socket.send_slice(script.to_write.make_contiguous()).expect("it can send");
            script.to_write.drain(..count);
            acted |= count > 0;
        }
        while socket.can_recv() {
            let taken = socket.recv(|bytes| (bytes.len(), bytes.to_vec())).expect("it can receive");
            script.received.extend(taken);
            acted = true;
        }
        let is_open = matches!(socket.state(), TheirState::Established | TheirState::CloseWait);
        if script.to_write.is_empty() && !script.closed && is_open {
            script.closed = true;
            socket.close();
            acted = true;
        }
        acted
    }
}

fn their_time(now: SimTime) -> Instant {
    CLOCK_MS.set((now.as_nanos() / 1_000_000) as u32);
    Instant::from_micros((now.as_nanos() / 1_000) as i64)
}

impl End for Theirs {
    fn arrives(&mut self, _now: SimTime, packet: &[u8]) {
        self.device.arrived.push_back(packet.to_vec());
    }

    fn act(&mut self, now: SimTime, sent: &mut Vec<Vec<u8>>) {
        loop {
            let changed = self.interface.poll(their_time(now), &mut self.device, &mut self.sockets)
                == PollResult::SocketStateChanged;
            let acted = self.run_script();
            let sends = !self.device.sent.is_empty();
            sent.append(&mut self.device.sent);
            if !(changed || acted || sends) {
                return;
            }
        }
    }

    fn next_at(&mut self, now: SimTime) -> Option<SimTime> {
        let at = self.interface.poll_at(their_time(now), &self.sockets)?;
        // Its clock counts microseconds: what lies within this one is due in the next.
        let at = SimTime::from_nanos(at.total_micros().max(0) as u64 * 1_000);
        Some(at.max(now + std::time::Duration::from_micros(1)))
    }

    fn received(&self) -> &[u8] {
        &self.script.received
    }

    fn status(&self) -> (String, bool) {
        let state = self.sockets.get::<Socket<'_>>(self.handle).state();
        (
            format!("smoltcp: {state}, closed {}", self.script.closed),
            state == TheirState::Closed && self.script.closed,
        )
    }
}

/// A device that is two queues.
#[derive(Default)]
struct Queues {
    arrived: VecDeque<Vec<u8>>,
    sent: Vec<Vec<u8>>,
}

struct Arrived(Vec<u8>);

impl RxToken for Arrived {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, read: F) -> R {
        read(&self.0)
    }
}

struct Sending<'a>(&'a mut Vec<Vec<u8>>);

impl TxToken for Sending<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, length: usize, write: F) -> R {
        let mut packet = vec![0; length];
        let result = write(&mut packet);
        self.0.push(packet);
        result
    }
}

impl Device for Queues {
    type RxToken<'a> = Arrived;
    type TxToken<'a> = Sending<'a>;

    fn receive(&mut self, _: Instant) -> Option<(Arrived, Sending<'_>)> {
        Some((Arrived(self.arrived.pop_front()?), Sending(&mut self.sent)))
    }

    fn transmit(&mut self, _: Instant) -> Option<Sending<'_>> {
        Some(Sending(&mut self.sent))
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.medium = Medium::Ip;
        capabilities.max_transmission_unit = MTU;
        capabilities
    }
}
