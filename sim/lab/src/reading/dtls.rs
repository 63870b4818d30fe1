//! What a datagram of DTLS says: its records and handshake messages by name, and with a key log what is inside of them: chunks of SCTP, messages of data
//! channels. Not here: keys ([`rtclab_rtc::dtls::Passing`] has them).

use std::fmt;

use rtclab_rtc::data::dcep::DcepMessage;
use rtclab_rtc::dtls::wire::{
    ClientHello, ContentType, Record, ServerHello, alert_name, fragments, group_name, records,
};
use rtclab_rtc::dtls::{KeyLog, Opened, Passing};
use rtclab_rtc::sctp::wire::{Chunk, Packet};

/// How many sessions are kept apart.
const SESSIONS_MAX: usize = 64;
/// How much of a text is shown.
const PREVIEW_MAX: usize = 40;

/// What a datagram of DTLS says, without keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DtlsReading {
    /// Its records: what each is, as far as can be seen.
    pub records: Vec<String>,
    /// Its length in bytes.
    pub length: usize,
}

impl DtlsReading {
    /// Reads a datagram; none if it does not begin with a record.
    pub fn of(payload: &[u8]) -> Option<DtlsReading> {
        let found = records(payload);
        if found.is_empty() || matches!(found[0], Record::Malformed { .. }) {
            return None;
        }
        Some(DtlsReading { records: found.iter().flat_map(names).collect(), length: payload.len() })
    }
}

/// Same words in a row become one, with their number.
pub(super) fn joined(words: &[String]) -> String {
    let mut out: Vec<(String, usize)> = Vec::new();
    for word in words {
        match out.last_mut() {
            Some((last, count)) if last == word => *count += 1,
            _ => out.push((word.clone(), 1)),
        }
    }
    let words =
        out.into_iter().map(|(word, count)| if count == 1 { word } else { format!("{count} × {word}") });
    words.collect::<Vec<String>>().join(", ")
}

impl fmt::Display for DtlsReading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DTLS: {}, {} bytes", joined(&self.records), self.length)
    }
}

fn names(record: &Record<'_>) -> Vec<String> {
    match record {
        Record::Full { content: ContentType::Handshake, epoch: 0, body, .. } => {
            fragments(body).iter().map(message).collect()
        }
        Record::Full { content: ContentType::Alert, epoch: 0, body: [_, description], .. } => {
            vec![format!("alert {}", alert_name(*description))]
        }
        Record::Full { content, epoch: 0, .. } => vec![content.name().to_owned()],
        Record::Full { content: ContentType::Handshake, .. } => {
            vec!["encrypted handshake message".to_owned()]
        }
        Record::Full { content: ContentType::ApplicationData, .. } => vec!["encrypted data".to_owned()],
        Record::Full { content, .. } => vec![format!("encrypted {}", content.name())],
        Record::Unified { epoch: 2, .. } => vec!["encrypted handshake record".to_owned()],
        Record::Unified { .. } => vec!["encrypted record".to_owned()],
        Record::Malformed { .. } => vec!["malformed".to_owned()],
    }
}

/// Exchanges with ML-KEM (draft-ietf-tls-ecdhe-mlkem §4), which are worth a word because their shares are as long as a datagram.
fn is_post_quantum(group: &u16) -> bool {
    matches!(group, 0x11eb..=0x11ed)
}

fn message(fragment: &rtclab_rtc::dtls::wire::Fragment<'_>) -> String {
    let hello = |name: &str, is_13: bool, group: Option<u16>| match (is_13, group.filter(is_post_quantum)) {
        (true, Some(group)) => format!("{name} (1.3, {})", group_name(group)),
        (true, None) => format!("{name} (1.3)"),
        (false, _) => name.to_owned(),
    };
    let part = match fragment.is_whole() {
        true => String::new(),
        false => format!(" (bytes {} to {})", fragment.offset, fragment.offset + fragment.body.len()),
    };
    let name = match (fragment.kind, fragment.offset) {
        (1, 0) => {
            let offer = ClientHello::read(fragment.body).unwrap_or_default();
            hello("ClientHello", offer.versions.contains(&0xfefc), offer.key_shares.first().copied())
        }
        (2, 0) => match ServerHello::read(fragment.body) {
            Some(ServerHello { is_retry: true, group: Some(group), .. }) => {
                format!("HelloRetryRequest (for {})", group_name(group))
            }
            Some(answer) if answer.is_retry => "HelloRetryRequest".to_owned(),
            answer => {
                let answer = answer.unwrap_or_default();
                hello("ServerHello", answer.version == 0xfefc, answer.group)
            }
        },
        (kind, _) => rtclab_rtc::dtls::wire::handshake_name(kind).to_owned(),
    };
    name + &part
}

/// Reads the datagrams of all sessions with their key log, in the order in which they were sent.
#[derive(Debug, Default)]
pub struct Sessions {
    log: KeyLog,
    passing: Vec<Passing>,
}

impl Sessions {
    /// With these secrets.
    pub fn new(log: KeyLog) -> Sessions {
        Sessions { log, passing: Vec::new() }
    }

    /// What is in a datagram, in words; none if nothing of it could be opened.
    pub fn read(&mut self, payload: &[u8]) -> Option<String> {
        if self.log.is_empty() {
            return None;
        }
        let opened = match client_random(payload) {
            Some(random) => {
                let known = self.passing.iter().position(|one| one.client_random() == Some(random));
                let at = known.unwrap_or_else(|| {
                    self.passing.truncate(SESSIONS_MAX - 1);
                    self.passing.push(Passing::default());
                    self.passing.len() - 1
                });
                self.passing[at].read(payload, &self.log)
            }
            None => self.read_any(payload),
        };
        let words: Vec<String> = opened.iter().flat_map(inside).collect();
        if words.is_empty() { None } else { Some(format!("{}, {} bytes", joined(&words), payload.len())) }
    }

    /// A datagram belongs to the session whose keys open it; what is in the clear is for all that wait for it.
    fn read_any(&mut self, payload: &[u8]) -> Vec<Opened> {
        let mut best = Vec::new();
        for passing in self.passing.iter_mut().rev() {
            let opened = passing.read(payload, &self.log);
            if opened.iter().any(|one| one.protected) {
                return opened;
            }
            if best.is_empty() {
                best = opened;
            }
        }
        best
    }
}

/// The random of a ClientHello that begins in this datagram.
fn client_random(payload: &[u8]) -> Option<[u8; 32]> {
    let messages = records(payload).into_iter().filter_map(|record| record.handshake()).flat_map(fragments);
    messages
        .filter(|message| (message.kind, message.offset) == (1, 0))
        .find_map(|message| ClientHello::read(message.body).map(|hello| hello.random))
}

fn inside(opened: &Opened) -> Vec<String> {
    match opened.content {
        ContentType::ApplicationData => sctp(&opened.text),
        ContentType::Alert => match opened.text.as_slice() {
            &[_, description] => vec![format!("DTLS: alert {}", alert_name(description))],
            _ => vec!["DTLS: alert".to_owned()],
        },
        ContentType::Handshake if !opened.protected => {
            fragments(&opened.text).iter().map(|fragment| format!("DTLS: {}", message(fragment))).collect()
        }
        _ => opened.names().into_iter().map(|name| format!("DTLS: {name}")).collect(),
    }
}

fn sctp(bytes: &[u8]) -> Vec<String> {
    match Packet::parse(bytes) {
        Ok(packet) => packet.chunks.iter().map(chunk).collect(),
        Err(_) => vec![format!("{} bytes of application data", bytes.len())],
    }
}

fn chunk(chunk: &Chunk) -> String {
    let Chunk::Data(data) = chunk else { return format!("SCTP: {}", chunk.name()) };
    let what = match data.protocol {
        50 => match DcepMessage::parse(&data.payload) {
            Ok(DcepMessage::Open(open)) => format!("DATA_CHANNEL_OPEN {:?}", open.label),
            Ok(DcepMessage::Ack) => "DATA_CHANNEL_ACK".to_owned(),
            Err(_) => "DCEP".to_owned(),
        },
        51 => {
            let text = String::from_utf8_lossy(&data.payload);
            let shown: String = text.chars().filter(|c| !c.is_control()).take(PREVIEW_MAX).collect();
            format!("text {shown:?}")
        }
        53 => format!("{} bytes", data.payload.len()),
        _ => format!("{} bytes, protocol {}", data.payload.len(), data.protocol),
    };
    format!("SCTP: DATA on stream {}: {what}", data.stream)
}
