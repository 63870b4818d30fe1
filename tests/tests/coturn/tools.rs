//! coturn's own clients against our servers: `turnutils_stunclient`, `turnutils_natdiscovery`, `turnutils_uclient`.

use std::net::{SocketAddr, UdpSocket};
use std::process::{Command, Stdio};

use rtclab_live::serve::{ServeError, Settings, StunService, TurnService};

use crate::{PASSWORD, USER};

/// Seconds after which a tool that hangs is ended.
const TOOL_SECONDS: &str = "60";

/// Runs one of coturn's tools to its end and returns what it printed, both ways out.
async fn tool(program: &'static str, arguments: &[&str]) -> String {
    let mut command = Command::new("timeout");
    command.args([TOOL_SECONDS, program]).args(arguments).stdin(Stdio::null());
    let run = tokio::task::spawn_blocking(move || command.output());
    let output = run.await.expect("the tool has an end").unwrap_or_else(|error| {
        panic!("{program}: {error}. This test needs it: `tests/run` installs the package coturn")
    });
    let page = [output.stdout, output.stderr].concat();
    let page = String::from_utf8_lossy(&page).into_owned();
    assert!(output.status.success(), "{program} {arguments:?}: {}\n{page}", output.status);
    page
}

/// Our TURN server, running until the test ends.
fn our_turn_server(ip: &str) -> SocketAddr {
    let settings = Settings {
        listen: vec![
            SocketAddr::new(ip.parse().expect("an address"), 0).to_string().parse().expect("a place"),
        ],
        user: vec![format!("{USER}:{PASSWORD}").parse().expect("a user")],
        allow_peer: ["127.0.0.0/8", "::1/128"].iter().map(|range| range.parse().expect("a range")).collect(),
        ..Settings::default()
    };
    let service = TurnService::start(&settings).expect("a free port");
    let address = service.listening()[0];
    tokio::spawn(service.run(std::future::pending(), |_| {}));
    address
}

/// Our STUN server on 127.0.0.1 and 127.0.0.2, running until the test ends.
fn our_stun_server() -> SocketAddr {
    let free = || UdpSocket::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a free port");
    loop {
        let (first, other) = (free(), free());
        let settings = Settings {
            listen: vec![first.to_string().parse().expect("a place")],
            other: Some(format!("127.0.0.2:{}", other.port()).parse().expect("a place")),
            ..Settings::default()
        };
        match StunService::start(&settings) {
            // Somebody was quicker: other ports.
            Err(ServeError::PortInUse { .. } | ServeError::Other(_)) => {}
            started => {
                let service = started.expect("loopback has both addresses");
                tokio::spawn(service.run(std::future::pending(), |_| {}));
                return first;
            }
        }
    }
}

#[tokio::test]
async fn turnutils_stunclient_learns_its_address_from_our_server() {
    let server = our_stun_server();
    let page = tool("turnutils_stunclient", &["-p", &server.port().to_string(), "127.0.0.1"]).await;
    assert!(page.contains("UDP reflexive addr: 127.0.0.1:"), "{page}");
}

#[tokio::test]
async fn turnutils_natdiscovery_finds_no_nat_on_loopback() {
    let server = our_stun_server();
    let port = server.port().to_string();
    let page =
        tool("turnutils_natdiscovery", &["-m", "-f", "-p", &port, "-L", "127.0.0.1", "127.0.0.1"]).await;
    assert!(page.contains("No NAT"), "{page}");
    assert!(page.contains("Endpoint Independent Filtering"), "{page}");
}

/// What `turnutils_uclient` says when nothing was lost.
pub(crate) fn assert_nothing_lost(page: &str, messages: u32) {
    let line = format!("tot_send_msgs={messages}, tot_recv_msgs={messages}");
    assert!(page.contains(&line), "{line} expected in:\n{page}");
    assert!(page.contains("Total lost packets 0 (0.000000%)"), "{page}");
}

pub(crate) async fn uclient(server: SocketAddr, arguments: &[&str]) -> String {
    let (ip, port) = (server.ip().to_string(), server.port().to_string());
    let mut all = vec!["-u", USER, "-w", PASSWORD, "-y", "-c", "-n", "20", "-m", "4", "-p", &port];
    all.extend(arguments);
    all.push(&ip);
    tool("turnutils_uclient", &all).await
}

#[tokio::test]
async fn turnutils_uclient_talks_to_itself_through_our_server_by_indication() {
    let page = uclient(our_turn_server("127.0.0.1"), &["-s"]).await;
    assert_nothing_lost(&page, 80);
}

#[tokio::test]
async fn turnutils_uclient_talks_to_itself_through_our_server_over_ipv6() {
    let page = uclient(our_turn_server("::1"), &["-x", "-s"]).await;
    assert_nothing_lost(&page, 80);
}

#[tokio::test]
async fn turnutils_uclient_talks_to_itself_through_our_server_over_tcp() {
    let page = uclient(our_turn_server("127.0.0.1"), &["-t", "-s"]).await;
    assert_nothing_lost(&page, 80);
}
