//! Reading a session from outside with its key log, as Wireshark does: for the ladder, for captures. Not here: taking part in one.

mod keys12;
mod keys13;

use std::collections::BTreeMap;
use std::ops::Range;

use super::key_log::KeyLogLine;
use super::state::Version;
use super::wire::{ClientHello, ContentType, Record, ServerHello, fragments, handshake_name, records};
use keys12::Keys12;
use keys13::Keys13;

/// Secrets of any number of sessions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyLog(BTreeMap<[u8; 32], BTreeMap<&'static str, Vec<u8>>>);

impl KeyLog {
    /// Remembers a secret.
    pub fn add(&mut self, line: KeyLogLine) {
        self.0.entry(line.client_random).or_default().insert(line.label, line.secret);
    }

    /// Remembers what a key log says; lines of other protocols and comments are passed over.
    pub fn add_text(&mut self, text: &str) {
        text.lines().filter_map(KeyLogLine::read).for_each(|line| self.add(line));
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of it, as a key log is written.
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        for (&client_random, secrets) in &self.0 {
            for (&label, secret) in secrets {
                let line = KeyLogLine { label, client_random, secret: secret.clone() };
                out += &format!("{line}\n");
            }
        }
        out
    }

    fn of(&self, client_random: &[u8; 32]) -> Option<&BTreeMap<&'static str, Vec<u8>>> {
        self.0.get(client_random)
    }
}

/// A record that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// What it carries.
    pub content: ContentType,
    /// Whether it was encrypted.
    pub protected: bool,
    /// Whether the client sent it; told by whose key fits, so only of what was encrypted.
    pub from_client: Option<bool>,
    /// Where the record stands in its datagram.
    pub range: Range<usize>,
    /// What is inside, without protection.
    pub text: Vec<u8>,
}

impl Opened {
    /// What its content is called: the handshake messages that begin in it, or its type.
    pub fn names(&self) -> Vec<&'static str> {
        match self.content {
            ContentType::Handshake => {
                let fragments = fragments(&self.text);
                fragments.iter().filter(|one| one.offset == 0).map(|one| handshake_name(one.kind)).collect()
            }
            other => vec![other.name()],
        }
    }
}

/// The datagrams of one path between two ends, in the order in which they passed; both directions together.
#[derive(Debug, Default)]
pub struct Passing {
    client_random: Option<[u8; 32]>,
    server: Option<ServerHello>,
    /// Made from the secrets when the first encrypted record needs them.
    keys: Option<Keys>,
}

#[derive(Debug)]
enum Keys {
    Of12(Box<Keys12>),
    Of13(Box<Keys13>),
}

impl Passing {
    /// The random of the newest ClientHello that passed, by which a session is known.
    pub fn client_random(&self) -> Option<[u8; 32]> {
        self.client_random
    }

    /// The records of a datagram that can be read: those in the clear, and those whose keys are in the log.
    pub fn read(&mut self, datagram: &[u8], log: &KeyLog) -> Vec<Opened> {
        records(datagram).iter().filter_map(|record| self.read_record(datagram, record, log)).collect()
    }

    fn read_record(&mut self, datagram: &[u8], record: &Record<'_>, log: &KeyLog) -> Option<Opened> {
        if let Record::Full { content, epoch: 0, at, body, .. } = *record {
            self.learn(record);
            let range = at..record.end();
            return Some(Opened { content, protected: false, from_client: None, range, text: body.to_vec() });
        }
        if self.keys.is_none() {
            self.keys = self.make_keys(log);
        }
        let (content, from_client, text, at) = match (self.keys.as_mut()?, *record) {
            (Keys::Of12(keys), Record::Full { content, epoch: 1, sequence, at, body, .. }) => {
                let (from_client, text) = keys.open(content, sequence, body)?;
                (content, from_client, text, at)
            }
            (Keys::Of13(keys), Record::Unified { epoch, at, header, body }) => {
                let header = datagram.get(at..at + header)?;
                let secrets = log.of(&self.client_random?)?;
                let (content, from_client, text) = keys.open(secrets, epoch, header, body)?;
                (content, from_client, text, at)
            }
            _ => return None,
        };
        let range = at..record.end();
        Some(Opened { content, protected: true, from_client: Some(from_client), range, text })
    }

    /// Hellos say which session it is. A new one begins anew.
    fn learn(&mut self, record: &Record<'_>) {
        for fragment in record.handshake().map(fragments).unwrap_or_default() {
            match (fragment.kind, fragment.offset) {
                (1, 0) => {
                    let random = ClientHello::read(fragment.body).map(|hello| hello.random);
                    if random.is_some() && random != self.client_random {
                        *self = Passing { client_random: random, ..Passing::default() };
                    }
                }
                (2, 0) => {
                    let hello = ServerHello::read(fragment.body).filter(|hello| !hello.is_retry);
                    // The first one counts: another belongs to another session, or to nobody.
                    if self.server.is_none() {
                        self.server = hello;
                    }
                }
                _ => {}
            }
        }
    }

    fn make_keys(&self, log: &KeyLog) -> Option<Keys> {
        let (random, server) = (self.client_random?, self.server.as_ref()?);
        let secrets = log.of(&random)?;
        match Version::of(server.version)? {
            Version::Dtls12 => {
                let master = secrets.get("CLIENT_RANDOM")?;
                Keys12::new(server.cipher_suite, master, &random, &server.random)
                    .map(Box::new)
                    .map(Keys::Of12)
            }
            Version::Dtls13 => Keys13::new(server.cipher_suite).map(Box::new).map(Keys::Of13),
        }
    }
}
