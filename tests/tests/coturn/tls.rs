//! The same within TLS: our client against coturn, coturn's client against our server.

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;

use rtclab_live::serve::{Settings, StunService, TlsSettings, TurnService};
use rtclab_live::{Event, Session, SystemRandomness, Trust, Wire};
use rtclab_rtc::stun::{Builder, Message, Method, TransactionId, Transport};
use rtclab_rtc::turn::{Credentials, TurnClient};
use rtclab_tests::output_of;

use crate::relaying::{LOOPBACK_PEERS, relays};
use crate::tools::{assert_nothing_lost, uclient};
use crate::turnserver::Coturn;
use crate::{PASSWORD, PATIENCE, USER};

/// A certificate for localhost that is its own root, and its key, made for this test.
pub(crate) struct Certificate {
    certificate: PathBuf,
    key: PathBuf,
}

impl Certificate {
    pub(crate) fn new(test: &str) -> Certificate {
        let path = |ending: &str| PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{test}.{ending}"));
        let (certificate, key) = (path("crt"), path("key"));
        let words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
                     -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -addext basicConstraints=critical,CA:FALSE";
        let mut arguments: Vec<&str> = words.split_whitespace().collect();
        let (certificate_text, key_text) = (certificate.to_string_lossy(), key.to_string_lossy());
        arguments.extend(["-out", &certificate_text, "-keyout", &key_text]);
        output_of("openssl", &arguments);
        let (certificate, key) = (certificate.clone(), key.clone());
        Certificate { certificate, key }
    }

    pub(crate) fn trust(&self) -> Trust {
        Trust::only(&std::fs::read(&self.certificate).expect("it was just made")).expect("a root")
    }

    pub(crate) fn settings(&self) -> Settings {
        let anywhere = "127.0.0.1:0".parse().expect("a place");
        let (certificate, key) = (self.certificate.clone(), self.key.clone());
        Settings {
            listen: vec![anywhere],
            user: vec![format!("{USER}:{PASSWORD}").parse().expect("a user")],
            allow_peer: vec!["127.0.0.0/8".parse().expect("a range")],
            tls: Some(TlsSettings { certificate, key, listen: vec![anywhere] }),
            ..Settings::default()
        }
    }
}

impl Drop for Certificate {
    fn drop(&mut self) {
        for file in [&self.certificate, &self.key] {
            let _ = std::fs::remove_file(file);
        }
    }
}

async fn event(wire: &mut Wire) -> Event {
    tokio::time::timeout(PATIENCE, wire.next(None)).await.expect("something happens in time")
}

pub(crate) async fn secured_coturn(certificate: &Certificate) -> Coturn {
    // Every port of coturn takes both; the one for TLS alone must not be another test's.
    let free = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a free port");
    let port = free.port().to_string();
    let files = [&certificate.certificate, &certificate.key].map(|file| file.to_string_lossy().into_owned());
    let options = [LOOPBACK_PEERS, "--tls-listening-port", &port, "--cert", &files[0], "--pkey", &files[1]];
    Coturn::start_secured("127.0.0.1", &options).await
}

#[tokio::test]
async fn data_goes_through_coturn_within_tls() {
    let certificate = Certificate::new("coturn-tls");
    let coturn = secured_coturn(&certificate).await;
    let mut wire = Wire::new();
    let stream =
        wire.connect_secured(None, coturn.address(), Some("localhost".to_owned()), certificate.trust());
    let connected = event(&mut wire).await;
    let Event::Connected { local, .. } = connected else { panic!("no connection: {connected:?}") };
    let credentials = Credentials { username: USER.to_owned(), password: PASSWORD.to_owned() };
    let randomness = SystemRandomness::boxed().expect("a generator");
    let client =
        TurnClient::new(local, coturn.address(), credentials, randomness).with_transport(Transport::Tls);
    let mut session = Session::over_stream(client, wire, stream);
    session.command(TurnClient::allocate);
    relays("127.0.0.1", &coturn, session).await;
}

#[tokio::test]
async fn a_server_that_is_not_trusted_or_is_somebody_else_is_not_spoken_to() {
    let certificate = Certificate::new("coturn-trusted");
    let other = Certificate::new("coturn-other");
    let coturn = secured_coturn(&certificate).await;
    let mut wire = Wire::new();
    for (name, trust) in [("localhost", other.trust()), ("example.org", certificate.trust())] {
        let stream = wire.connect_secured(None, coturn.address(), Some(name.to_owned()), trust);
        let closed = event(&mut wire).await;
        assert!(
            matches!(closed, Event::StreamClosed { stream: of, why: Some(_) } if of == stream),
            "{closed:?}"
        );
    }
}

#[tokio::test]
async fn turnutils_uclient_talks_to_itself_through_our_server_within_tls() {
    let certificate = Certificate::new("ours-tls");
    let service = TurnService::start(&certificate.settings()).expect("free ports");
    let secured = service.secured()[0];
    tokio::spawn(service.run(std::future::pending(), |_| {}));
    let page = uclient(secured, &["-t", "-S", "-s"]).await;
    assert_nothing_lost(&page, 80);
}

#[tokio::test]
async fn our_stun_server_answers_within_tls() {
    let certificate = Certificate::new("ours-stun-tls");
    let service = StunService::start(&certificate.settings()).expect("free ports");
    let secured: SocketAddr = service.secured()[0];
    tokio::spawn(service.run(std::future::pending(), |_| {}));
    let mut wire = Wire::new();
    // By its address: the certificate names that, too.
    let stream = wire.connect_secured(None, secured, None, certificate.trust());
    let connected = event(&mut wire).await;
    let Event::Connected { local, .. } = connected else { panic!("no connection: {connected:?}") };
    let mut randomness = SystemRandomness::open().expect("a generator");
    let request = Builder::request(Method::BINDING, TransactionId::random(&mut randomness)).finish();
    wire.write(stream, request);
    let answered = event(&mut wire).await;
    let Event::StreamData { bytes, .. } = answered else { panic!("no answer: {answered:?}") };
    let answer = Message::parse(&bytes).expect("one message");
    assert_eq!(answer.xor_mapped_address(), Some(local));
}
