//! Our TCP against the kernel's: a world in real time, whose one end is a TUN device in a network namespace that the test makes for itself. Handshake,
//! bulk both ways, half-close and RST, as client and as server; delay and loss are those of the world's own links.
//!
//! It needs `/dev/net/tun`, and the right to make a network namespace (root, or user namespaces).
#![cfg(target_os = "linux")]
#![expect(
    clippy::disallowed_methods,
    reason = "the kernel at the other end runs beside us, on the clock of the wall"
)]

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rtclab_net::tcp::{Algorithm, Config, TcpError};
use rtclab_net::{Attachment, Host, LinkProperties, Plan, Program, ProgramId, StreamId, World, wire};
use rtclab_tests::output_of;
use rtclab_trace::{NodeId, Observe, PacketId, SimTime};
use smoltcp::phy::{Device, Medium, RxToken, TunTapInterface, TxToken};

/// Says to a test that it runs in its namespace.
const INSIDE: &str = "RTCLAB_IN_A_NAMESPACE";
const DEVICE: &str = "rtclab0";
const OURS: Ipv4Addr = Ipv4Addr::new(10, 77, 0, 2);
const KERNELS: Ipv4Addr = Ipv4Addr::new(10, 77, 0, 1);
const PORT: u16 = 5001;
const BULK: usize = 1_000_000;

// ---- the namespace ----

/// Runs a case in a network namespace of its own: this program again, with the one test.
fn in_namespace(test: &str, case: impl FnOnce(TunTapInterface)) {
    if std::env::var_os(INSIDE).is_some() {
        for line in [
            format!("tuntap add mode tun name {DEVICE}"),
            format!("address add {KERNELS}/24 dev {DEVICE}"),
            format!("link set {DEVICE} up"),
        ] {
            output_of("ip", &line.split(' ').collect::<Vec<_>>());
        }
        return case(TunTapInterface::new(DEVICE, Medium::Ip).expect("a TUN device"));
    }
    let own = std::env::current_exe().expect("a test knows its own file");
    let mut command = Command::new("unshare");
    command.args(["--map-root-user", "--net"]).arg(own).args(["--exact", test, "--nocapture"]);
    let output = command.env(INSIDE, "1").output().unwrap_or_else(|error| panic!("unshare: {error}"));
    let [out, errors] =
        [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    assert!(output.status.success() && out.contains("1 passed"), "in the namespace:\n{out}\n{errors}");
}

// ---- our side: a world in real time ----

/// The end of the world that is the kernel: what comes here goes into the device.
#[derive(Debug, Default)]
struct Wire {
    arrived: Vec<Vec<u8>>,
}

impl Program for Wire {
    fn start(&mut self, host: &mut Host<'_>) {
        host.take_protocol(wire::ip::TCP);
    }

    fn packet(&mut self, _: &mut Host<'_>, _: PacketId, bytes: &[u8]) {
        self.arrived.push(bytes.to_vec());
    }
}

/// What our program does with its connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    /// Writes everything, closes its side, and reads until the other side has closed.
    WritesAndCloses,
    /// Closes its side only when the other side has.
    ClosesLast,
    /// Aborts when something has arrived.
    Aborts,
}

/// Our program.
#[derive(Debug)]
struct Ours {
    connects_to: Option<u16>,
    manner: Manner,
    config: Config,
    to_write: Vec<u8>,
    received: Vec<u8>,
    opened: bool,
    ended: Option<Option<TcpError>>,
}

impl Ours {
    fn new(connects_to: Option<u16>, manner: Manner, to_write: Vec<u8>, algorithm: Algorithm) -> Ours {
        let config = Config { algorithm, time_wait: Duration::from_millis(200), ..Config::default() };
        Ours { connects_to, manner, config, to_write, received: Vec::new(), opened: false, ended: None }
    }

    fn act(&mut self, host: &mut Host<'_>, stream: StreamId) {
        self.received.extend(host.read_all(stream));
        if self.manner == Manner::Aborts && !self.received.is_empty() {
            host.abort(stream);
            self.ended = Some(Some(TcpError::Aborted));
            return;
        }
        if let Ok(count) = host.write(stream, &self.to_write, None) {
            self.to_write.drain(..count);
        }
        if self.to_write.is_empty() && self.manner == Manner::WritesAndCloses {
            host.shutdown(stream);
        }
    }
}

impl Program for Ours {
    fn start(&mut self, host: &mut Host<'_>) {
        match self.connects_to {
            Some(port) => {
                let to = SocketAddr::new(KERNELS.into(), port);
                host.connect_tcp(to, self.config.clone(), None).expect("a route");
            }
            None => {
                host.listen_tcp(OURS.into(), PORT, 4, self.config.clone()).expect("a free port");
            }
        }
    }

    fn stream_accepted(&mut self, host: &mut Host<'_>, stream: StreamId, _: SocketAddr) {
        self.stream_opened(host, stream);
    }

    fn stream_opened(&mut self, host: &mut Host<'_>, stream: StreamId) {
        self.opened = true;
        self.act(host, stream);
    }

    fn stream_data(&mut self, host: &mut Host<'_>, stream: StreamId) {
        self.act(host, stream);
    }

    fn stream_writable(&mut self, host: &mut Host<'_>, stream: StreamId) {
        self.act(host, stream);
    }

    fn stream_ended(&mut self, host: &mut Host<'_>, stream: StreamId) {
        self.received.extend(host.read_all(stream));
        if self.manner == Manner::ClosesLast {
            host.shutdown(stream);
        }
    }

    fn stream_closed(&mut self, host: &mut Host<'_>, stream: StreamId, error: Option<TcpError>) {
        self.received.extend(host.read_all(stream));
        self.ended = Some(error);
    }
}

struct Bridge {
    world: World,
    us: NodeId,
    kernel: NodeId,
    device: TunTapInterface,
}

impl Bridge {
    /// Our host and the kernel's on one network, each with such a link to it.
    fn new(device: TunTapInterface, link: LinkProperties, ours: Ours) -> Bridge {
        let mut plan = Plan::default();
        let network = plan.add_network("net", &[], link).expect("a new name");
        let [us, kernel] = [("us", OURS), ("kernel", KERNELS)].map(|(name, address)| {
            let node = plan.add_host(name).expect("a new name");
            plan.attach(node, network, Attachment::new().address(address.into(), 24)).expect("attached");
            node
        });
        let mut world = World::new(plan, 7, Observe::Full).expect("a plan without faults");
        world.install(kernel, Box::new(Wire::default())).expect("a host");
        world.install(us, Box::new(ours)).expect("a host");
        Bridge { world, us, kernel, device }
    }

    fn ours(&self) -> &Ours {
        self.world.program(self.us, ProgramId(0)).expect("it was installed")
    }

    /// Moves packets between the world and the device, in real time, until both sides are done.
    fn run<R>(&mut self, kernel: JoinHandle<R>) -> R {
        let started = Instant::now();
        while !(kernel.is_finished() && self.ours().ended.is_some()) {
            let elapsed = started.elapsed();
            assert!(elapsed < Duration::from_secs(120), "both sides end: {:?}", self.ours());
            self.world.run_until(SimTime::ZERO + elapsed);
            let wire: &mut Wire =
                self.world.program_mut(self.kernel, ProgramId(0)).expect("it was installed");
            for bytes in std::mem::take(&mut wire.arrived) {
                let token = self.device.transmit(smoltcp::time::Instant::ZERO).expect("always ready");
                token.consume(bytes.len(), |buffer| buffer.copy_from_slice(&bytes));
            }
            let mut idle = true;
            while let Some((token, _)) = self.device.receive(smoltcp::time::Instant::ZERO) {
                let bytes = token.consume(<[u8]>::to_vec);
                idle = false;
                let is_tcp = wire::ip::Header::parse(&bytes).is_ok_and(|it| it.protocol == wire::ip::TCP);
                if is_tcp {
                    let send = |_: &mut Wire, host: &mut Host<'_>| host.send_raw(&bytes, None, None);
                    let sent = self.world.with_program(self.kernel, ProgramId(0), None, send);
                    sent.expect("it was installed").expect("a neighbor");
                }
            }
            if idle {
                std::thread::sleep(Duration::from_micros(200));
            }
        }
        kernel.join().expect("the kernel's side has no complaints")
    }
}

// ---- the kernel's side ----

fn pattern(length: usize, factor: usize) -> Vec<u8> {
    (0..length).map(|at| (at * factor / 7) as u8).collect()
}

fn kernel_address(port: u16) -> SocketAddr {
    SocketAddr::new(KERNELS.into(), port)
}

fn millis(latency: u64) -> LinkProperties {
    LinkProperties::latency(Duration::from_millis(latency))
}

/// The kernel connects: the world may still be on its way to listen.
fn connect_to_us() -> TcpStream {
    for _ in 0..200 {
        match TcpStream::connect((OURS, PORT)) {
            Ok(stream) => return stream,
            Err(_) => std::thread::sleep(Duration::from_millis(50)),
        }
    }
    panic!("nobody listens");
}

/// Writes and reads at once, so that neither side waits for the other; returns what was read.
fn exchange(stream: TcpStream, data: Vec<u8>) -> Vec<u8> {
    let mut writer = stream.try_clone().expect("a second handle");
    let writing = std::thread::spawn(move || {
        writer.write_all(&data).expect("written");
        writer.shutdown(Shutdown::Write).expect("shut down");
    });
    let mut received = Vec::new();
    { stream }.read_to_end(&mut received).expect("read to the end");
    writing.join().expect("written");
    received
}

fn bulk_as_client(device: TunTapInterface, link: LinkProperties, algorithm: Algorithm) {
    let listener = TcpListener::bind(kernel_address(PORT)).expect("a free port");
    let kernel = std::thread::spawn(move || {
        let (stream, _) = listener.accept().expect("accepted");
        exchange(stream, pattern(BULK, 5))
    });
    let ours = Ours::new(Some(PORT), Manner::WritesAndCloses, pattern(BULK, 3), algorithm);
    let mut bridge = Bridge::new(device, link, ours);
    assert!(bridge.run(kernel) == pattern(BULK, 3), "what reached the kernel is what we sent");
    assert!(bridge.ours().received == pattern(BULK, 5), "what reached us is what the kernel sent");
    assert_eq!(bridge.ours().ended, Some(None));
}

fn bulk_as_server(device: TunTapInterface, link: LinkProperties, algorithm: Algorithm) {
    let kernel = std::thread::spawn(|| exchange(connect_to_us(), pattern(BULK, 5)));
    let ours = Ours::new(None, Manner::WritesAndCloses, pattern(BULK, 3), algorithm);
    let mut bridge = Bridge::new(device, link, ours);
    assert!(bridge.run(kernel) == pattern(BULK, 3), "what reached the kernel is what we sent");
    assert!(bridge.ours().received == pattern(BULK, 5), "what reached us is what the kernel sent");
    assert_eq!(bridge.ours().ended, Some(None));
}

// ---- the cases ----

#[test]
fn bulk_goes_both_ways_as_client() {
    in_namespace("bulk_goes_both_ways_as_client", |device| {
        bulk_as_client(device, millis(1), Algorithm::Cubic)
    });
}

#[test]
fn bulk_goes_both_ways_as_server() {
    in_namespace("bulk_goes_both_ways_as_server", |device| {
        bulk_as_server(device, millis(1), Algorithm::Cubic)
    });
}

#[test]
fn delay_and_loss_are_repaired_as_client() {
    in_namespace("delay_and_loss_are_repaired_as_client", |device| {
        bulk_as_client(device, millis(5).with_loss(0.01), Algorithm::Bbr);
    });
}

#[test]
fn delay_and_loss_are_repaired_as_server() {
    in_namespace("delay_and_loss_are_repaired_as_server", |device| {
        bulk_as_server(device, millis(5).with_loss(0.01), Algorithm::Cubic);
    });
}

#[test]
fn the_kernel_closes_its_half_first_and_still_reads_ours() {
    in_namespace("the_kernel_closes_its_half_first_and_still_reads_ours", |device| {
        let kernel = std::thread::spawn(|| {
            let mut stream = connect_to_us();
            stream.write_all(b"that is all").expect("written");
            stream.shutdown(Shutdown::Write).expect("shut down");
            let mut received = Vec::new();
            stream.read_to_end(&mut received).expect("read to the end");
            received
        });
        let ours = Ours::new(None, Manner::ClosesLast, pattern(200_000, 3), Algorithm::Cubic);
        let mut bridge = Bridge::new(device, millis(5), ours);
        assert!(bridge.run(kernel) == pattern(200_000, 3));
        assert_eq!(bridge.ours().received, b"that is all");
        assert_eq!(bridge.ours().ended, Some(None));
    });
}

#[test]
fn the_kernel_resets_what_it_did_not_read() {
    in_namespace("the_kernel_resets_what_it_did_not_read", |device| {
        let listener = TcpListener::bind(kernel_address(PORT)).expect("a free port");
        let kernel = std::thread::spawn(move || {
            let (stream, _) = listener.accept().expect("accepted");
            // Looked at and left where it is: closing over unread data is a RST.
            let mut byte = [0];
            assert_eq!(stream.peek(&mut byte).expect("something came"), 1);
        });
        let ours = Ours::new(Some(PORT), Manner::ClosesLast, pattern(1000, 3), Algorithm::Cubic);
        let mut bridge = Bridge::new(device, millis(1), ours);
        bridge.run(kernel);
        assert_eq!(bridge.ours().ended, Some(Some(TcpError::Reset)));
    });
}

#[test]
fn our_abort_resets_the_kernels_connection() {
    in_namespace("our_abort_resets_the_kernels_connection", |device| {
        let kernel = std::thread::spawn(|| {
            let mut stream = connect_to_us();
            stream.write_all(b"x").expect("written");
            stream.read(&mut [0]).expect_err("reset").kind()
        });
        let ours = Ours::new(None, Manner::Aborts, Vec::new(), Algorithm::Cubic);
        let mut bridge = Bridge::new(device, millis(1), ours);
        assert_eq!(bridge.run(kernel), ErrorKind::ConnectionReset);
    });
}

#[test]
fn closed_ports_refuse_on_both_sides() {
    in_namespace("closed_ports_refuse_on_both_sides", |device| {
        let kernel = std::thread::spawn(|| {
            let refused = TcpStream::connect((OURS, PORT)).expect_err("nobody listens");
            refused.kind()
        });
        let ours = Ours::new(Some(PORT + 1), Manner::ClosesLast, Vec::new(), Algorithm::Cubic);
        let mut bridge = Bridge::new(device, millis(1), ours);
        assert_eq!(bridge.run(kernel), ErrorKind::ConnectionRefused);
        assert_eq!((bridge.ours().opened, bridge.ours().ended), (false, Some(Some(TcpError::Refused))));
    });
}
