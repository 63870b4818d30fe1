//! coturn as a child of a test. Not here: what is asked of it.

use std::fs::File;
use std::net::{IpAddr, SocketAddr, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use crate::{PASSWORD, USER};

/// How often another port is tried if the server does not come up.
const TRIES: u32 = 4;
/// How long a server may take to come up, in steps.
const STEPS: u32 = 200;
/// One step.
const STEP: Duration = Duration::from_millis(50);

/// Each server of this process has files of its own.
static STARTED: AtomicU32 = AtomicU32::new(0);

/// A running coturn. It is killed when this is dropped.
#[derive(Debug)]
pub(crate) struct Coturn {
    child: Child,
    address: SocketAddr,
    files: PathBuf,
}

impl Coturn {
    /// Starts coturn on a free port of `ip`, with one user, relaying to loopback unless `options` say otherwise.
    pub(crate) async fn start(ip: &str, options: &[&str]) -> Coturn {
        let plain = [&["--no-tls", "--no-dtls"], options].concat();
        Coturn::start_secured(ip, &plain).await
    }

    /// The same, speaking TLS, for which `options` name certificate and key.
    pub(crate) async fn start_secured(ip: &str, options: &[&str]) -> Coturn {
        let ip: IpAddr = ip.parse().expect("an address");
        for _ in 0..TRIES {
            let mut server = Coturn::spawn(ip, options);
            if server.comes_up().await {
                return server;
            }
        }
        panic!("coturn does not start on {ip}; its log is in {}", env!("CARGO_TARGET_TMPDIR"));
    }

    fn spawn(ip: IpAddr, options: &[&str]) -> Coturn {
        // Held for both protocols at once, so that neither is somebody else's; given back just before coturn takes it.
        let port = loop {
            let udp = UdpSocket::bind(SocketAddr::new(ip, 0)).expect("a free port");
            let port = udp.local_addr().expect("bound").port();
            if std::net::TcpListener::bind(SocketAddr::new(ip, port)).is_ok() {
                break port;
            }
        };
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let files =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("coturn-{}-{number}", std::process::id()));
        let log = File::create(files.with_extension("log")).expect("a file can be written");
        let child = Command::new("turnserver")
            .args(["-n", "--no-cli", "--no-rfc5780", "--log-file", "stdout", "--relay-threads", "1"])
            .args(["--lt-cred-mech", "--realm", "lab.example", "--user", &format!("{USER}:{PASSWORD}")])
            .args(["--listening-ip", &ip.to_string(), "--listening-port", &port.to_string()])
            .args(["--pidfile".as_ref(), files.with_extension("pid").as_os_str()])
            .args(["--userdb".as_ref(), files.with_extension("db").as_os_str()])
            .args(options)
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| {
                panic!("turnserver: {error}. This test needs it: `tests/run` installs the package coturn")
            });
        Coturn { child, address: SocketAddr::new(ip, port), files }
    }

    /// It listens over TCP last.
    async fn comes_up(&mut self) -> bool {
        for _ in 0..STEPS {
            if self.child.try_wait().expect("a child can be asked").is_some() {
                return false;
            }
            if TcpStream::connect(self.address).is_ok() {
                return true;
            }
            tokio::time::sleep(STEP).await;
        }
        false
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Coturn {
    fn drop(&mut self) {
        // It may have ended by itself; either way it is gone afterwards.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if !std::thread::panicking() {
            for ending in ["log", "pid", "db"] {
                let _ = std::fs::remove_file(self.files.with_extension(ending));
            }
        }
    }
}
