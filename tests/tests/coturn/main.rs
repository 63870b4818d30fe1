//! Ours and coturn, over this machine's loopback interface: our TURN client against its server, its tools against our servers.
//!
//! | file | what lives there |
//! |---|---|
//! | `turnserver` | coturn as a child of a test, on free ports, gone when the test is |
//! | `relaying` | our client: allocation, permission, indication, channel, refresh, both families |
//! | `refusals` | our client: wrong password, stale nonce, quota, forbidden peer |
//! | `tls` | the same within TLS, both ways |
//! | `agents` | our ICE agent with relays over TCP and TLS |
//! | `tools` | `turnutils_stunclient`, `turnutils_natdiscovery` and `turnutils_uclient` against our servers |

mod agents;
mod refusals;
mod relaying;
mod tls;
mod tools;
mod turnserver;

use std::net::SocketAddr;
use std::time::Duration;

use rtclab_live::{Event, Session, SystemRandomness, Wire};
use rtclab_rtc::stun::Transport;
use rtclab_rtc::turn::{Credentials, TurnClient};
use rtclab_rtc::{Output, Reason};

/// Far more than anything here takes; only a broken test waits for it.
const PATIENCE: Duration = Duration::from_secs(30);
/// The account that every server here has.
const USER: &str = "alice";
/// Its password.
const PASSWORD: &str = "wonderland";

/// Our client for a server, with a fresh socket; it has asked for an allocation already.
fn client(server: SocketAddr, password: &str) -> Session<TurnClient> {
    let mut wire = Wire::new();
    let local = wire.bind_udp(SocketAddr::new(server.ip(), 0)).expect("a free port");
    let credentials = Credentials { username: USER.to_owned(), password: password.to_owned() };
    let randomness = SystemRandomness::boxed().expect("a generator");
    let client = TurnClient::new(local, server, credentials, randomness);
    let client = match server {
        SocketAddr::V4(_) => client,
        SocketAddr::V6(_) => client.with_family(rtclab_rtc::stun::AddressFamily::V6),
    };
    let mut session = Session::new(client, wire);
    session.command(TurnClient::allocate);
    session
}

/// The same over TCP.
async fn client_over_tcp(server: SocketAddr, password: &str) -> Session<TurnClient> {
    let mut wire = Wire::new();
    let stream = wire.connect(None, server);
    let connected = tokio::time::timeout(PATIENCE, wire.next(None)).await.expect("it connects in time");
    let Event::Connected { local, .. } = connected else { panic!("no connection: {connected:?}") };
    let credentials = Credentials { username: USER.to_owned(), password: password.to_owned() };
    let randomness = SystemRandomness::boxed().expect("a generator");
    let client = TurnClient::new(local, server, credentials, randomness).with_transport(Transport::Tcp);
    let mut session = Session::over_stream(client, wire, stream);
    session.command(TurnClient::allocate);
    session
}

/// What a client did on the way to something.
#[derive(Debug, Default)]
struct Way {
    reasons: Vec<Reason>,
    data: Vec<(SocketAddr, Vec<u8>)>,
}

/// Goes on until `done` says so, and returns what happened on the way.
async fn until<T>(
    session: &mut Session<TurnClient>,
    done: impl Fn(&TurnClient, &Way) -> Option<T>,
) -> (T, Way) {
    let mut way = Way::default();
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        if let Some(found) = done(session.protocol(), &way) {
            return (found, way);
        }
        match tokio::time::timeout_at(deadline, session.next()).await {
            Ok(Output::Change { reason, .. }) => way.reasons.extend(reason),
            Ok(Output::Ignored { reason }) => way.reasons.push(reason),
            Ok(Output::Data { from, payload, .. }) => way.data.push((from, payload)),
            Ok(Output::Transmit(_)) => {}
            Err(_) => panic!("it did not happen in time: {way:?}, {:?}", session.protocol().allocation()),
        }
    }
}

/// Goes on until the client has an allocation, and returns its relayed address.
async fn relayed(session: &mut Session<TurnClient>) -> SocketAddr {
    until(session, |client, _| client.relayed_address()).await.0
}
