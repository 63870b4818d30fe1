//! The page's server: it serves the page, hands it commands by long polling, and takes what it says. Not here: what they mean.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, mpsc};
use tokio::task::AbortHandle;

/// The page.
const PAGE: &str = include_str!("page.html");
/// How long a poll stays open.
const POLL: Duration = Duration::from_secs(20);
/// The longest request that is read.
const REQUEST_MAX: usize = 256 * 1024;

/// What a page is told and what it says.
#[derive(Debug)]
pub(crate) struct Signaling {
    address: SocketAddr,
    commands: mpsc::UnboundedSender<Value>,
    said: mpsc::UnboundedReceiver<Value>,
    server: AbortHandle,
}

/// What each request may need.
struct Shared {
    commands: Mutex<mpsc::UnboundedReceiver<Value>>,
    said: mpsc::UnboundedSender<Value>,
}

impl Signaling {
    /// A server on a free port of loopback.
    pub(crate) async fn start() -> Signaling {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("bound");
        let (commands, to_page) = mpsc::unbounded_channel();
        let (from_page, said) = mpsc::unbounded_channel();
        let shared = Arc::new(Shared { commands: Mutex::new(to_page), said: from_page });
        let server = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let shared = Arc::clone(&shared);
                // A request that breaks off is the browser's to repeat.
                tokio::spawn(async move { serve(stream, &shared).await });
            }
        });
        Signaling { address, commands, said, server: server.abort_handle() }
    }

    /// Where the page is.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Tells the page to do something.
    pub(crate) fn tell(&self, command: Value) {
        self.commands.send(command).expect("the server runs");
    }

    /// What the page says next.
    pub(crate) async fn said(&mut self) -> Value {
        self.said.recv().await.expect("the server runs")
    }
}

impl Drop for Signaling {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn serve(mut stream: TcpStream, shared: &Shared) -> std::io::Result<()> {
    let (head, body) = read(&mut stream).await?;
    let mut words = head.split_whitespace();
    let (status, kind, content) = match (words.next(), words.next()) {
        (Some("GET"), Some("/")) => ("200 OK", "text/html", PAGE.to_owned()),
        (Some("GET"), Some("/next")) => {
            let mut commands = shared.commands.lock().await;
            match tokio::time::timeout(POLL, commands.recv()).await {
                Ok(Some(command)) => ("200 OK", "application/json", command.to_string()),
                _ => ("204 No Content", "text/plain", String::new()),
            }
        }
        (Some("POST"), Some("/say")) => {
            if let Ok(message) = serde_json::from_slice(&body) {
                // The test may be over already.
                let _ = shared.said.send(message);
            }
            ("204 No Content", "text/plain", String::new())
        }
        _ => ("404 Not Found", "text/plain", String::new()),
    };
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n",
        content.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(content.as_bytes()).await?;
    stream.shutdown().await
}

/// A request: its head as text, and its body.
async fn read(stream: &mut TcpStream) -> std::io::Result<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
            });
            let total = end + 4 + length.unwrap_or(0);
            if bytes.len() >= total {
                return Ok((head, bytes[end + 4..total].to_vec()));
            }
        }
        if bytes.len() > REQUEST_MAX || stream.read_buf(&mut bytes).await? == 0 {
            return Err(std::io::ErrorKind::InvalidData.into());
        }
    }
}
