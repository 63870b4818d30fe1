//! The end of smoltcp: a program with an interface, a device and a socket of smoltcp, between the packets of its host and the script.

use std::cell::Cell;
use std::collections::VecDeque;
use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use rtclab_net::wire::ip;
use rtclab_net::{Host, Program, Stream};
use rtclab_rtc::Randomness;
use rtclab_trace::{PacketId, SimTime};
use smoltcp::iface::{Config as InterfaceConfig, Interface, PollResult, SocketHandle, SocketSet};
use smoltcp::phy::{Device, DeviceCapabilities, Medium, RxToken, TxToken};
use smoltcp::socket::tcp::{CongestionControl, Socket, SocketBuffer, State};
use smoltcp::time::Instant;
use smoltcp::wire::{HardwareAddress, IpAddress, IpCidr};

use crate::script::Script;

/// Largest packet of the device.
const MTU: usize = 1500;

thread_local! {
    /// The clock of smoltcp's timestamps, which it asks for through a function without arguments.
    static CLOCK_MS: Cell<u32> = const { Cell::new(0) };
}

/// What can be set on a socket of smoltcp.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    pub(crate) receive_buffer: usize,
    pub(crate) send_buffer: usize,
    pub(crate) control: CongestionControl,
    pub(crate) timestamps: bool,
    pub(crate) nagle: bool,
    pub(crate) delays_acks: bool,
}

/// The program. It also doubles packets, which goes for what it sends as for what it gets.
pub(crate) struct Guest {
    interface: Interface,
    sockets: SocketSet<'static>,
    handle: SocketHandle,
    device: Queues,
    pub(crate) script: Script,
    /// In a thousand.
    duplication: u32,
    chance: Stream,
}

impl fmt::Debug for Guest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "smoltcp: {}, closed {}", self.state(), self.script.closed)
    }
}

impl Guest {
    pub(crate) fn new(
        settings: Settings,
        [local, remote]: [SocketAddr; 2],
        connects: bool,
        script: Script,
        (duplication, mut chance): (u32, Stream),
    ) -> Guest {
        let mut device = Queues::default();
        let mut config = InterfaceConfig::new(HardwareAddress::Ip);
        config.random_seed = chance.u64();
        let mut interface = Interface::new(config, &mut device, Instant::ZERO);
        let prefix = if local.is_ipv4() { 24 } else { 64 };
        interface.update_ip_addrs(|addresses| {
            addresses.push(IpCidr::new(IpAddress::from(local.ip()), prefix)).expect("there is room for one");
        });
        let buffer = |length: usize| SocketBuffer::new(vec![0; length]);
        let mut socket = Socket::new(buffer(settings.receive_buffer), buffer(settings.send_buffer));
        socket.set_congestion_control(settings.control);
        socket.set_nagle_enabled(settings.nagle);
        if !settings.delays_acks {
            socket.set_ack_delay(None);
        }
        if settings.timestamps {
            socket.set_tsval_generator(Some(|| CLOCK_MS.get()));
        }
        if connects {
            socket.connect(interface.context(), remote, local.port()).expect("a fresh socket can connect");
        } else {
            socket.listen(local.port()).expect("a fresh socket can listen");
        }
        let mut sockets = SocketSet::new(Vec::new());
        let handle = sockets.add(socket);
        Guest { interface, sockets, handle, device, script, duplication, chance }
    }

    pub(crate) fn state(&self) -> State {
        self.sockets.get::<Socket<'_>>(self.handle).state()
    }

    pub(crate) fn is_closed_in_peace(&self) -> bool {
        self.state() == State::Closed && self.script.closed
    }

    fn copies(&mut self) -> usize {
        1 + usize::from(self.duplication > 0 && self.chance.below(1000) < self.duplication)
    }

    /// Does everything that is to be done now.
    fn act(&mut self, host: &mut Host<'_>) {
        let now = host.now();
        loop {
            let changed = self.interface.poll(their_time(now), &mut self.device, &mut self.sockets)
                == PollResult::SocketStateChanged;
            let acted = self.run_script();
            let sent = std::mem::take(&mut self.device.sent);
            for packet in &sent {
                for _ in 0..self.copies() {
                    host.send_raw(packet, None, None).expect("the peer is a neighbor");
                }
            }
            if !(changed || acted || !sent.is_empty()) {
                break;
            }
        }
        if let Some(at) = self.interface.poll_at(their_time(now), &self.sockets) {
            // Its clock counts microseconds: what lies within this one is due in the next.
            let at = SimTime::from_nanos(at.total_micros().max(0) as u64 * 1_000);
            host.set_timer(at.max(now + Duration::from_micros(1)), 0);
        } else {
            host.cancel_timer(0);
        }
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
        let is_open = matches!(socket.state(), State::Established | State::CloseWait);
        if script.to_write.is_empty() && !script.closed && is_open {
            script.closed = true;
            socket.close();
            acted = true;
        }
        acted
    }
}

impl Program for Guest {
    fn start(&mut self, host: &mut Host<'_>) {
        host.take_protocol(ip::TCP);
        self.act(host);
    }

    fn packet(&mut self, host: &mut Host<'_>, _: PacketId, bytes: &[u8]) {
        for _ in 0..self.copies() {
            self.device.arrived.push_back(bytes.to_vec());
        }
        self.act(host);
    }

    fn timer(&mut self, host: &mut Host<'_>, _: u64) {
        self.act(host);
    }
}

fn their_time(now: SimTime) -> Instant {
    CLOCK_MS.set((now.as_nanos() / 1_000_000) as u32);
    Instant::from_micros((now.as_nanos() / 1_000) as i64)
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
