//! `rtclab serve`, `probe` and `gather` as their users meet them, on the loopback interface: what is printed, what is answered, how a
//! signal ends a server, and what is said when something is wrong. Not here: the servers and clients as a library (`app/live/tests`).
#![cfg(unix)]
#![expect(
    clippy::disallowed_methods,
    reason = "what a program says is read while it runs, by a thread of its own"
)]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use rtclab_rtc::stun::{Builder, Class, Message, Method, TransactionId};
use serde_json::Value;

/// Far more than anything here takes; only a broken program makes a test wait for it.
const PATIENCE: Duration = Duration::from_secs(60);
const ANY_PORT: &str = "127.0.0.1:0";
const ALICE: &str = "alice:wonderland";

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rtclab"));
    command.args(arguments).stdin(Stdio::null());
    command
}

fn rtclab(arguments: &[&str]) -> Output {
    command(arguments).output().expect("the binary was built for this test")
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("text")
}

/// The one object that `--format json` prints.
fn object(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", out(output)))
}

/// What a refused command says on standard error; it says nothing else, and exits with 2.
fn refusal(arguments: &[&str]) -> String {
    let output = rtclab(arguments);
    let error = String::from_utf8(output.stderr.clone()).expect("text");
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {error}");
    assert_eq!(out(&output), "", "{arguments:?}");
    error
}

/// A file of this test's own, which goes away with the build directory.
fn scratch(name: &str, text: &str) -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).expect("the build directory can be written");
    path.display().to_string()
}

/// A server that runs, and its lines as they come.
struct Running {
    child: Child,
    lines: Receiver<String>,
}

impl Running {
    fn start(arguments: &[&str]) -> Running {
        let mut child = command(arguments).stdout(Stdio::piped()).spawn().expect("the binary was built");
        let out = BufReader::new(child.stdout.take().expect("it is piped"));
        let (told, lines) = channel();
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                if told.send(line).is_err() {
                    return;
                }
            }
        });
        Running { child, lines }
    }

    fn line(&self) -> String {
        self.lines.recv_timeout(PATIENCE).expect("the server says something")
    }

    /// The next line that programs read.
    fn note(&self) -> Value {
        let line = self.line();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))
    }

    /// Where it listens over UDP and TCP, which it says first.
    fn place(&self) -> SocketAddr {
        let [udp, tcp] = [self.note(), self.note()];
        assert_eq!((&udp["event"], &udp["transport"]), (&"listening".into(), &"udp".into()));
        assert_eq!((&tcp["event"], &tcp["transport"]), (&"listening".into(), &"tcp".into()));
        assert_eq!(udp["address"], tcp["address"], "one port for both");
        udp["address"].as_str().and_then(|text| text.parse().ok()).expect("an address")
    }

    fn signal(&self, name: &str) {
        let killed = Command::new("kill").args([name, &self.child.id().to_string()]).status();
        assert!(killed.expect("there is kill").success());
    }

    /// Ends it by a signal; its exit code and what it said until then.
    fn end(mut self, signal: &str) -> (Option<i32>, Vec<String>) {
        self.signal(signal);
        // Its output ends when it does.
        let lines = std::iter::from_fn(|| self.lines.recv_timeout(PATIENCE).ok()).collect();
        (self.child.wait().expect("it is ours").code(), lines)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn stun() -> Running {
    Running::start(&["serve", "stun", "--listen", ANY_PORT, "--format", "json"])
}

/// A server with two addresses, for behavior discovery, on ports that were free a moment ago; if somebody takes one, others are tried.
fn behavior() -> (Running, SocketAddr) {
    for _ in 0..20 {
        let port =
            || UdpSocket::bind(ANY_PORT).and_then(|socket| socket.local_addr()).expect("a port").port();
        let (first, second) = (format!("127.0.0.1:{}", port()), format!("127.0.0.2:{}", port()));
        let server =
            Running::start(&["serve", "stun", "--listen", &first, "--other", &second, "--format", "json"]);
        if let Ok(line) = server.lines.recv_timeout(PATIENCE) {
            assert!(line.contains(&first), "{line}");
            return (server, first.parse().expect("an address"));
        }
    }
    panic!("no port stays free");
}

/// A request that asks for the address of its sender, and the answer to it.
struct Question {
    bytes: Vec<u8>,
}

impl Question {
    fn new() -> Question {
        Question { bytes: Builder::request(Method::BINDING, TransactionId(*b"what am I   ")).finish() }
    }

    fn assert_answer(&self, answer: &[u8], asker: SocketAddr) {
        let answer = Message::parse(answer).expect("a message");
        assert_eq!(answer.class(), Class::Success);
        assert_eq!(answer.transaction_id(), TransactionId(*b"what am I   "));
        assert_eq!(answer.xor_mapped_address(), Some(asker));
    }
}

fn assert_answers_over_udp(server: SocketAddr) {
    let socket = UdpSocket::bind(ANY_PORT).expect("a port");
    socket.set_read_timeout(Some(PATIENCE)).expect("a time that is not zero");
    let question = Question::new();
    socket.send_to(&question.bytes, server).expect("loopback takes it");
    let mut answer = [0; 1500];
    let (length, from) = socket.recv_from(&mut answer).expect("an answer");
    assert_eq!(from, server);
    question.assert_answer(&answer[..length], socket.local_addr().expect("it is bound"));
}

fn assert_answers_over_tcp(server: SocketAddr) {
    let mut stream = TcpStream::connect(server).expect("it listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a time that is not zero");
    let question = Question::new();
    // In two pieces: a stream has no datagrams.
    stream.write_all(&question.bytes[..7]).expect("it reads");
    stream.write_all(&question.bytes[7..]).expect("it reads");
    let mut answer = vec![0; 20];
    stream.read_exact(&mut answer).expect("an answer");
    let length = usize::from(u16::from_be_bytes([answer[2], answer[3]]));
    answer.resize(20 + length, 0);
    stream.read_exact(&mut answer[20..]).expect("the rest of it");
    question.assert_answer(&answer, stream.local_addr().expect("it is connected"));
}

#[test]
fn a_stun_server_says_where_it_listens_and_answers_there_over_udp_and_tcp() {
    let server = stun();
    let place = server.place();
    assert_answers_over_udp(place);
    assert_answers_over_tcp(place);
}

#[test]
fn what_is_no_stun_gets_no_answer_and_does_not_end_the_server() {
    let server = stun();
    let place = server.place();
    let socket = UdpSocket::bind(ANY_PORT).expect("a port");
    for nonsense in [&b""[..], b"GET / HTTP/1.1\r\n\r\n", &[0; 20], &[0xFF; 1400]] {
        socket.send_to(nonsense, place).expect("loopback takes it");
    }
    let mut stream = TcpStream::connect(place).expect("it listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a time that is not zero");
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").expect("it reads");
    // The connection is closed, perhaps with a reset because not all was read.
    assert!(!matches!(stream.read(&mut [0; 16]), Ok(1..)), "nothing is answered");
    assert_answers_over_udp(place);
    socket.set_nonblocking(true).expect("a socket can do that");
    assert!(socket.recv_from(&mut [0; 16]).is_err(), "nothing was answered");
}

#[test]
fn for_people_it_says_the_same_in_words() {
    let server = Running::start(&["serve", "stun", "--listen", ANY_PORT]);
    let (udp, tcp) = (server.line(), server.line());
    assert!(udp.starts_with("STUN server on 127.0.0.1:") && udp.ends_with(" (UDP)"), "{udp}");
    assert!(tcp.starts_with("STUN server on 127.0.0.1:") && tcp.ends_with(" (TCP)"), "{tcp}");
}

#[test]
fn a_signal_ends_every_server_in_order_as_soon_as_it_listens() {
    let turn = ["serve", "turn", "--listen", ANY_PORT, "--user", ALICE];
    let peer = ["serve", "peer", "--listen", ANY_PORT, "--interfaces", "loopback"];
    let servers =
        [(&["serve", "stun", "--listen", ANY_PORT][..], "stopped"), (&turn, "stopped"), (&peer, "stopped")];
    for (arguments, last) in servers {
        for signal in ["-TERM", "-INT"] {
            let server = Running::start(arguments);
            server.line();
            let (code, lines) = server.end(signal);
            assert_eq!(code, Some(0), "{arguments:?} {signal}: {lines:?}");
            assert!(lines.last().is_some_and(|line| line.starts_with(last)), "{lines:?}");
        }
    }
}

#[test]
fn a_second_server_on_a_port_says_that_it_is_in_use_and_what_to_do() {
    let first = stun();
    let place = first.place().to_string();
    let error = refusal(&["serve", "stun", "--listen", &place]);
    assert!(error.contains(&format!("{place} (UDP): the port is in use by another program")), "{error}");
    assert!(error.contains("--listen 127.0.0.1:"), "{error}");
    let error = refusal(&["serve", "turn", "--listen", &place, "--user", ALICE]);
    assert!(error.contains("in use by another program"), "{error}");
    let error = refusal(&["serve", "peer", "--listen", &place, "--interfaces", "loopback"]);
    assert!(error.contains(&format!("{place} (TCP): the port is in use by another program")), "{error}");
}

#[test]
fn a_port_that_only_tcp_has_lost_is_told_as_such() {
    let taken = TcpListener::bind(ANY_PORT).expect("a port");
    let place = taken.local_addr().expect("it is bound").to_string();
    let error = refusal(&["serve", "stun", "--listen", &place]);
    assert!(error.contains(&format!("{place} (TCP): the port is in use")), "{error}");
}

#[test]
fn a_turn_server_without_credentials_does_not_start() {
    let error = refusal(&["serve", "turn", "--listen", ANY_PORT]);
    assert!(error.contains("a TURN server needs credentials"), "{error}");
    assert!(error.contains("RFC 8656") && error.contains("--user NAME:PASSWORD"), "{error}");
    let file = scratch("no-users.toml", "realm = \"lab.example\"\n");
    assert!(
        refusal(&["serve", "turn", "--listen", ANY_PORT, "--config", &file]).contains("needs credentials")
    );
}

#[test]
fn users_and_limits_come_from_a_file() {
    let text = format!(
        "listen = [\"{ANY_PORT}\", \"{ANY_PORT}\"]\nrealm = \"lab.example\"\nrelay_ports = \"30000-39999\"\n\n\
         [[user]]\nname = \"alice\"\npassword = \"wonderland\"\n\n[limits]\nallocations_per_user = 1\n"
    );
    let file = scratch("users.toml", &text);
    let server = Running::start(&["serve", "turn", "--config", &file, "--format", "json"]);
    let (one, other) = (format!("turn:{}", server.place()), format!("turn:{}", server.place()));
    let relaying = server.note();
    assert_eq!((&relaying["first_port"], &relaying["last_port"]), (&30_000.into(), &39_999.into()));
    let arguments =
        ["gather", "--interfaces", "loopback", "--turn", &one, "--turn", &other, "--format", "json"];
    let gathered = rtclab(&[&arguments[..], &["--user", "alice", "--password", "wonderland"]].concat());
    assert_eq!(gathered.status.code(), Some(1), "one of the two is refused");
    let gathered = object(&gathered);
    let relayed: Vec<&Value> = list(&gathered, "candidates").filter(|one| one["type"] == "relay").collect();
    assert_eq!(relayed.len(), 1, "{gathered}");
    let relayed: SocketAddr =
        relayed[0]["address"].as_str().and_then(|text| text.parse().ok()).expect("an address");
    assert!((30_000..=39_999).contains(&relayed.port()), "{relayed}");
    let refused: Vec<&Value> = list(&gathered, "errors").collect();
    assert_eq!(refused.len(), 1, "{gathered}");
    assert_eq!(refused[0]["code"], 486);
    let (code, lines) = server.end("-TERM");
    assert_eq!(code, Some(0));
    let states: Vec<Value> =
        lines.iter().map(|line| serde_json::from_str(line).expect("JSON lines")).collect();
    assert!(states.iter().any(|note| note["state"] == "active" && note["relayed"] == relayed.to_string()));
    assert!(states.iter().any(|note| note["state"] == "released"), "gather gives it back");
    assert_eq!(states.last(), Some(&serde_json::json!({ "event": "stopped", "allocations": 0 })));
}

fn list<'a>(object: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    object[key].as_array().into_iter().flatten()
}

#[test]
fn what_a_server_is_told_wrongly_is_refused_with_what_was_expected() {
    let cases: [(&[&str], &str); 9] = [
        (&["stun", "--listen", "nowhere"], "expected ADDRESS or ADDRESS:PORT"),
        (&["stun", "--listen", "203.0.113.7:3478"], "this machine has no such address"),
        (&["stun", "--listen", "127.0.0.1:4000", "--other", "127.0.0.1:4001"], "differ in address and port"),
        (&["turn", "--user", "alice"], "NAME:PASSWORD"),
        (&["turn", "--user", ALICE, "--relay-ports", "10-5"], "expected FIRST-LAST"),
        (&["turn", "--user", ALICE, "--deny-peer", "10.0.0.0/33"], "expected ADDRESS/PREFIX"),
        (&["turn", "--user", ALICE, "--config", "nowhere.toml"], "nowhere.toml cannot be read"),
        (&["peer", "--turn", "turn:127.0.0.1"], "needs an account"),
        (&["relay"], "unrecognized subcommand"),
    ];
    for (arguments, expected) in cases {
        let error = refusal(&[&["serve"], arguments].concat());
        assert!(error.contains(expected), "{arguments:?}: {error}");
    }
}

#[test]
fn a_mistake_in_a_settings_file_is_shown_where_it_stands() {
    let file = scratch("mistake-of-a-server.toml", "realm = \"a\"\nrelm = \"b\"\n");
    let error = refusal(&["serve", "turn", "--config", &file]);
    assert!(error.contains("mistake-of-a-server.toml") && error.contains("line 2"), "{error}");
    assert!(error.contains("unknown field `relm`"), "{error}");
    let file = scratch("nobody.toml", "[limits]\npermissions = 0\n");
    let error = refusal(&["serve", "turn", "--user", ALICE, "--config", &file]);
    assert!(error.contains("limits.permissions is zero"), "{error}");
}

#[test]
fn a_probe_of_our_server_finds_no_nat_on_loopback() {
    let (_server, place) = behavior();
    let uri = format!("stun:{place}");
    let json = rtclab(&["probe", &uri, "--format", "json"]);
    assert_eq!(json.status.code(), Some(0), "{}", out(&json));
    let found = object(&json);
    let answer = |question: &str| {
        let finding = list(&found, "findings").find(|finding| finding["question"] == question);
        finding.and_then(|finding| finding["answer"].as_str()).map(str::to_owned)
    };
    assert_eq!(answer("connectivity").as_deref(), Some("reached, no NAT"));
    assert_eq!(answer("mapping").as_deref(), Some("untranslated"));
    assert_eq!(answer("filtering").as_deref(), Some("endpoint-independent filtering"));
    assert_eq!(found["mapped"], found["local"]);
    let text = rtclab(&["probe", &uri, "--language", "ko"]);
    assert_eq!(text.status.code(), Some(0));
    assert!(out(&text).contains("connectivity  reached, no NAT"), "{}", out(&text));
    assert!(out(&text).chars().any(|character| ('가'..='힣').contains(&character)), "{}", out(&text));
}

#[test]
fn a_server_with_one_address_tells_connectivity_and_says_why_not_more() {
    let server = stun();
    let found = rtclab(&["probe", &format!("stun:{}", server.place()), "--format", "json"]);
    assert_eq!(found.status.code(), Some(0));
    let found = object(&found);
    let connectivity = list(&found, "findings").find(|finding| finding["question"] == "connectivity");
    assert_eq!(connectivity.map(|finding| &finding["answer"]), Some(&"reached, no NAT".into()));
    let unknown: Vec<&Value> =
        list(&found, "findings").filter(|finding| finding["answer"].is_null()).collect();
    assert!(!unknown.is_empty(), "{found}");
    assert!(
        unknown.iter().all(|finding| finding["why"].as_str().is_some_and(|why| !why.is_empty())),
        "{found}"
    );
}

/// A port on which something is bound that never answers.
fn dead() -> (UdpSocket, String) {
    let socket = UdpSocket::bind(ANY_PORT).expect("a port");
    let place = socket.local_addr().expect("it is bound");
    (socket, format!("stun:{place}"))
}

#[test]
fn a_probe_that_nobody_answers_exits_with_1_and_says_what_that_means() {
    let (_silent, uri) = dead();
    let found = rtclab(&["probe", &uri, "--format", "json"]);
    assert_eq!(found.status.code(), Some(1), "{}", out(&found));
    let found = object(&found);
    assert_eq!(found["findings"][0]["answer"], "blocked");
    assert!(found["meaning"].as_str().is_some_and(|text| text.contains("TURN over TCP or TLS")), "{found}");
    assert!(found["mapped"].is_null());
}

#[test]
fn a_probe_takes_stun_servers_only() {
    assert!(refusal(&["probe", "turn:127.0.0.1"]).contains("stun:HOST or stuns:HOST was expected"));
    assert!(refusal(&["probe", "stun://127.0.0.1"]).contains("no slashes"));
    assert!(refusal(&["probe", "http://127.0.0.1"]).contains("expected `stun:`"));
    assert!(refusal(&["probe"]).contains("<URI>"));
}

#[test]
fn gathering_from_a_dead_server_reports_701_and_what_to_look_at() {
    let (_silent, uri) = dead();
    let arguments = ["gather", "--interfaces", "loopback", "--stun", &uri, "--timeout", "1"];
    let json = rtclab(&[&arguments[..], &["--format", "json"]].concat());
    assert_eq!(json.status.code(), Some(1));
    let gathered = object(&json);
    let host = list(&gathered, "candidates").find(|candidate| candidate["type"] == "host");
    let host = host.unwrap_or_else(|| panic!("{gathered}"));
    assert!(host["candidate"].as_str().is_some_and(|line| line.starts_with("candidate:")), "{host}");
    let error = &gathered["errors"][0];
    assert_eq!((&error["code"], error["server"].as_str()), (&701.into(), uri.strip_prefix("stun:")));
    assert!(error["text"].as_str().is_some_and(|text| text.contains("Is the server running")), "{error}");
    assert!(gathered["ended_at_ms"].as_f64().is_some_and(|ended| ended >= 1000.0), "{gathered}");
    let text = rtclab(&arguments);
    assert_eq!(text.status.code(), Some(1));
    assert!(out(&text).contains("error 701 from 127.0.0.1:"), "{}", out(&text));
}

#[test]
fn gathering_without_servers_lists_this_machine_s_own_addresses() {
    let gathered = rtclab(&["gather", "--interfaces", "loopback"]);
    assert_eq!(gathered.status.code(), Some(0));
    assert!(out(&gathered).contains("host   127.0.0.1:"), "{}", out(&gathered));
    assert!(out(&gathered).trim_end().ends_with("gathering is over"), "{}", out(&gathered));
}

#[test]
fn a_wrong_password_is_401_and_said_in_words() {
    let server =
        Running::start(&["serve", "turn", "--listen", ANY_PORT, "--user", ALICE, "--format", "json"]);
    let uri = format!("turn:{}", server.place());
    let arguments = ["gather", "--interfaces", "loopback", "--turn", &uri, "--format", "json"];
    let gathered = rtclab(&[&arguments[..], &["--user", "alice", "--password", "looking-glass"]].concat());
    assert_eq!(gathered.status.code(), Some(1));
    let error = &object(&gathered)["errors"][0];
    assert_eq!(error["code"], 401);
    assert!(error["text"].as_str().is_some_and(|text| text.contains("name or the password")), "{error}");
}

#[test]
fn gathering_refuses_what_it_cannot_ask() {
    assert!(refusal(&["gather", "--stun", "turn:127.0.0.1"]).contains("stun:HOST was expected"));
    assert!(refusal(&["gather", "--turn", "stun:127.0.0.1"]).contains("turn:HOST was expected"));
    assert!(refusal(&["gather", "--turn", "turn:127.0.0.1"]).contains("--user NAME and --password PASSWORD"));
    assert!(refusal(&["gather", "--stun", "stuns:127.0.0.1"]).contains("no server over"));
    assert!(refusal(&["gather", "--stun", "stun:127.0.0.1:0"]).contains("expected a port"));
    assert!(refusal(&["gather", "--timeout", "0"]).contains("1..=60"));
}

/// Writes requests and reads until the server closes the connection.
fn talk(place: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(place).expect("it listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a time that is not zero");
    stream.write_all(request.as_bytes()).expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer, and then the end");
    answer
}

#[test]
fn a_peer_says_where_its_page_is_and_serves_it_there_only() {
    let server = Running::start(&[
        "serve",
        "peer",
        "--listen",
        ANY_PORT,
        "--interfaces",
        "loopback",
        "--format",
        "json",
    ]);
    let note = server.note();
    assert_eq!(note["event"], "listening");
    let url = note["url"].as_str().expect("a URL").to_owned();
    let place = url.trim_start_matches("http://").trim_end_matches('/').to_owned();
    let get = |target: &str, more: &str| {
        talk(&place, &format!("GET {target} HTTP/1.1\r\nHost: {place}\r\nConnection: close\r\n{more}\r\n"))
    };
    let page = get("/", "");
    assert!(page.starts_with("HTTP/1.1 200 ") && page.contains("text/html"), "{page}");
    assert!(page.contains("RTCPeerConnection"), "{page}");
    assert!(get("/other", "").starts_with("HTTP/1.1 404 "));
    let upgrade =
        "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    let foreign = get("/signaling", &format!("{upgrade}Origin: http://elsewhere.example\r\n"));
    assert!(foreign.starts_with("HTTP/1.1 403 "), "the page of somebody else: {foreign}");
    let (code, lines) = server.end("-TERM");
    assert_eq!(code, Some(0));
    assert_eq!(lines, [r#"{"event":"stopped","calls":0}"#]);
}

#[test]
fn a_client_that_asks_for_pages_without_reading_them_is_let_go() {
    let server = Running::start(&[
        "serve",
        "peer",
        "--listen",
        ANY_PORT,
        "--interfaces",
        "loopback",
        "--format",
        "json",
    ]);
    let url = server.note()["url"].as_str().expect("a URL").to_owned();
    let place = url.trim_start_matches("http://").trim_end_matches('/').to_owned();
    let mut stream = TcpStream::connect(&place).expect("it listens");
    stream.set_write_timeout(Some(PATIENCE)).expect("a time that is not zero");
    let requests = format!("GET / HTTP/1.1\r\nHost: {place}\r\n\r\n").repeat(1000);
    // Far more than the buffers of both kernels hold; the connection ends before all of it is taken.
    let refused = (0..100_000).find_map(|_| stream.write_all(requests.as_bytes()).err());
    let kind = refused.expect("the server does not take requests for ever").kind();
    assert!(matches!(kind, std::io::ErrorKind::ConnectionReset | std::io::ErrorKind::BrokenPipe), "{kind}");
    assert!(
        talk(&place, &format!("GET / HTTP/1.1\r\nHost: {place}\r\nConnection: close\r\n\r\n"))
            .contains(" 200 ")
    );
}

#[test]
fn a_server_goes_on_when_nobody_reads_what_it_says() {
    let mut server =
        Running::start(&["serve", "turn", "--listen", ANY_PORT, "--user", ALICE, "--format", "json"]);
    let uri = format!("turn:{}", server.place());
    // The thread that reads its lines ends with the next one, and the pipe with it.
    server.lines = channel().1;
    let account = ["--turn", &uri, "--user", "alice", "--password", "wonderland"];
    for _ in 0..3 {
        let gathered = rtclab(&[&["gather", "--interfaces", "loopback"], &account[..]].concat());
        assert_eq!(gathered.status.code(), Some(0), "{}", out(&gathered));
    }
    assert_eq!(server.end("-TERM").0, Some(0));
}
