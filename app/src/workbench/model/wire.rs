//! What a packet's bytes say: in a line, in two words, as fields. The adapter between those who read bytes and the views.

use rtclab_capture::outline::{Application, Outline, Transport, outline};
use rtclab_capture::{Field as Part, dissect, summary};
use rtclab_lab::programs::signaling::Datagram;
use rtclab_lab::reading::{Content, Reading};
use rtclab_rtc::stun::{Class, Method};
use rtclab_trace::Encapsulation;

use super::packet::Field;
use super::topic::Topic;

/// What a packet is, for markers and lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Digest {
    /// What it is about.
    pub(crate) topic: Topic,
    /// Two or three words: `Binding request`.
    pub(crate) title: String,
    /// Its line, as its origin sent it.
    pub(crate) line: Line,
}

/// A packet in two parts of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// What it says: `Binding request`.
    pub(crate) what: String,
    /// From where to where; empty where it has no addresses.
    pub(crate) ends: String,
}

/// One line, as people write it.
pub(crate) fn line(encapsulation: Encapsulation, bytes: &[u8]) -> Line {
    match reading(encapsulation, bytes) {
        Some(reading) => line_of(&reading),
        None => split(summary(encapsulation, bytes)),
    }
}

fn line_of(reading: &Reading) -> Line {
    let ends = format!("{} → {}", reading.source, reading.destination);
    Line { what: reading.content.to_string(), ends }
}

/// A summary has two spaces between addresses and what it says.
fn split(summary: String) -> Line {
    match summary.split_once("  ") {
        Some((ends, what)) => Line { what: what.into(), ends: ends.into() },
        None => Line { what: summary, ends: String::new() },
    }
}

/// What a packet is, from the bytes that its origin sent.
pub(crate) fn digest(encapsulation: Encapsulation, bytes: &[u8]) -> Digest {
    if let Some(reading) = reading(encapsulation, bytes) {
        let (topic, title) = (topic(&reading.content), title(&reading.content));
        return Digest { topic, title, line: line_of(&reading) };
    }
    let outline = outline(encapsulation, bytes);
    let line = split(rtclab_capture::dissect::summary_of(&outline));
    // Behind a comma or colon stands what else it says.
    let title = line.what.split([',', ':']).next().unwrap_or_default().trim();
    let title = title.strip_prefix("STUN ").unwrap_or(title).to_string();
    Digest { topic: outline_topic(&outline), title, line }
}

/// Layers and fields, each before what is inside it.
pub(crate) fn fields(encapsulation: Encapsulation, bytes: &[u8]) -> Vec<Field> {
    let mut layers = dissect(encapsulation, bytes).layers;
    let is_signaling =
        reading(encapsulation, bytes).is_some_and(|reading| matches!(reading.content, Content::Signaling(_)));
    if is_signaling && let Some(payload) = layers.pop() {
        layers.push(signaling(bytes, payload));
    }
    let mut fields = Vec::new();
    for layer in layers {
        flatten(layer, 0, &mut fields);
    }
    fields
}

fn flatten(part: Part, depth: usize, fields: &mut Vec<Field>) {
    fields.push(Field {
        depth,
        name: part.name.into_owned(),
        value: part.value,
        range: part.range,
        finding: part.finding.map(|finding| finding.text),
        has_children: !part.children.is_empty(),
    });
    for child in part.children {
        flatten(child, depth + 1, fields);
    }
}

/// Signaling is the lab's own, and text: a field for each line.
fn signaling(bytes: &[u8], payload: Part) -> Part {
    let mut children = Vec::new();
    let mut start = payload.range.start;
    for line in bytes.get(payload.range.clone()).unwrap_or(&[]).split_inclusive(|byte| *byte == b'\n') {
        let text = String::from_utf8_lossy(line);
        let (name, value) = text.trim_end().split_once([':', '=']).unwrap_or((text.trim_end(), ""));
        let range = start..start + line.len();
        start = range.end;
        if !name.is_empty() {
            let (name, value) = (name.to_string().into(), value.trim().to_string());
            children.push(Part { name, range, value, finding: None, children: Vec::new() });
        }
    }
    let value = format!("{} lines", children.len());
    Part { name: "Signaling".into(), range: payload.range, value, finding: payload.finding, children }
}

/// Packets of a world are read by the room that wrote their programs: it knows its own signaling, and a check from a request.
fn reading(encapsulation: Encapsulation, bytes: &[u8]) -> Option<Reading> {
    (encapsulation == Encapsulation::Ip).then(|| Reading::of(bytes)).flatten().filter(|reading| {
        !matches!(reading.content, Content::Other { .. } | Content::Data { .. } | Content::Dtls(_))
    })
}

fn topic(content: &Content) -> Topic {
    match content {
        Content::Signaling(_) | Content::Sip(_) => Topic::Signaling,
        Content::Stun(reading) if reading.method == Method::BINDING => Topic::Stun,
        Content::Stun(_) | Content::Relayed { .. } => Topic::Turn,
        Content::Numbered { .. } | Content::Data { .. } | Content::Dtls(_) | Content::Tcp(_) => Topic::Data,
        Content::Dns { .. } | Content::PortMapping(_) | Content::Echo { .. } => Topic::Network,
        Content::Neighbor(_) => Topic::Network,
        Content::IcmpError { .. } | Content::Fragment { .. } | Content::Other { .. } => Topic::Network,
    }
}

fn title(content: &Content) -> String {
    match content {
        Content::Signaling(datagram) => match &**datagram {
            Datagram::Hello { .. } => "signaling hello".into(),
            Datagram::Welcome { .. } => "signaling welcome".into(),
            Datagram::Message(message) => message.kind.word().into(),
            Datagram::Received { .. } => "signaling receipt".into(),
        },
        Content::Stun(reading) => match reading.class {
            Class::Request if reading.is_check && reading.use_candidate => "check, USE-CANDIDATE".into(),
            Class::Request if reading.is_check => "check".into(),
            class => format!("{} {}", reading.method.name(), class.word()),
        },
        Content::Relayed { inner, .. } => format!("{}, relayed", title(inner)),
        Content::Numbered { number, .. } => format!("data {number}"),
        other => other.to_string(),
    }
}

fn outline_topic(outline: &Outline<'_>) -> Topic {
    match &outline.application {
        Application::Stun(header) | Application::FramedStun(header) if header.method == Method::BINDING => {
            Topic::Stun
        }
        Application::ClassicStun { .. } => Topic::Stun,
        Application::Stun(_) | Application::FramedStun(_) | Application::ChannelData { .. } => Topic::Turn,
        Application::Http => Topic::Signaling,
        Application::Dtls(_)
        | Application::Rtp(_)
        | Application::Rtcp { .. }
        | Application::Tls { .. }
        | Application::Data
            if !matches!(outline.transport, Some(Transport::Tcp(_))) =>
        {
            Topic::Data
        }
        Application::Tls { .. } => Topic::Data,
        Application::Dns => Topic::Dns,
        _ if matches!(outline.transport, Some(Transport::Tcp(_))) => Topic::Tcp,
        _ => Topic::Network,
    }
}
