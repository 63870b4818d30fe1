//! Every field of a datagram of DTLS with its byte range, for views that show fields beside bytes. Lenient: what is wrong becomes a remark in its place.

use super::handshake::{Fragment, fragments};
use super::hello::{ClientHello, ServerHello};
use super::names::{
    alert_name, cipher_suite_name, extension_name, group_name, handshake_name, srtp_profile_name,
    version_name,
};
use super::record::{ContentType, Record, records};
use crate::stun::Field;

/// The fields of a datagram, in the order of their bytes.
pub fn fields(datagram: &[u8]) -> Vec<Field> {
    let mut out = Vec::new();
    for record in records(datagram) {
        match record {
            Record::Full { content, version, epoch, sequence, at, body } => {
                let end = record.end();
                let inside = if epoch == 0 { "" } else { ", protected" };
                let what = format!("{}{inside}, {} bytes", content.name(), body.len());
                out.push(Field::new(at..end, 0, "DTLS record", what));
                let version = format!("{} ({version:#06x})", version_name(version));
                out.push(Field::new(at + 1..at + 3, 1, "Version", version));
                out.push(Field::new(at + 3..at + 5, 1, "Epoch", epoch.to_string()));
                out.push(Field::new(at + 5..at + 11, 1, "Sequence number", sequence.to_string()));
                out.push(Field::new(at + 11..at + 13, 1, "Length", body.len().to_string()));
                let body_at = at + Record::HEADER;
                match content {
                    _ if epoch > 0 => {
                        out.push(Field::new(body_at..end, 1, "Ciphertext", format!("{} bytes", body.len())));
                    }
                    ContentType::Handshake => handshake(body, body_at, &mut out),
                    ContentType::Alert => alert(body, body_at, &mut out),
                    _ => out.push(Field::new(body_at..end, 1, "Value", format!("{} bytes", body.len()))),
                }
            }
            Record::Unified { epoch, at, header, body } => {
                let what = format!("protected, {} bytes", body.len());
                out.push(Field::new(at..record.end(), 0, "DTLS 1.3 record", what));
                let epoch = match epoch {
                    2 => "2: the handshake",
                    3 => "3: application data",
                    _ => "after an update of keys",
                };
                out.push(Field::new(at..at + 1, 1, "Epoch, lowest two bits", epoch));
                out.push(Field::new(at + 1..at + header, 1, "Sequence number, encrypted; length", ""));
                out.push(Field::new(
                    at + header..record.end(),
                    1,
                    "Ciphertext",
                    format!("{} bytes", body.len()),
                ));
            }
            Record::Malformed { at, body } => {
                let problem = Some("no record begins here, or it is cut off".to_owned());
                out.push(
                    Field::new(at..at + body.len(), 0, "bytes", format!("{} bytes", body.len())).but(problem),
                );
            }
        }
    }
    out
}

fn alert(body: &[u8], at: usize, out: &mut Vec<Field>) {
    let &[level, description] = body else {
        let problem = Some("an alert has two bytes".to_owned());
        out.push(Field::new(at..at + body.len(), 1, "Alert", "").but(problem));
        return;
    };
    out.push(Field::new(at..at + 1, 1, "Level", if level == 1 { "warning" } else { "fatal" }));
    out.push(Field::new(at + 1..at + 2, 1, "Description", alert_name(description)));
}

fn handshake(body: &[u8], at: usize, out: &mut Vec<Field>) {
    let mut end = 0;
    for fragment in fragments(body) {
        let start = at + fragment.at;
        end = fragment.at + Fragment::HEADER + fragment.body.len();
        let name = handshake_name(fragment.kind);
        let what = match fragment.is_whole() {
            true => format!("{} bytes", fragment.length),
            false => format!(
                "bytes {} to {} of {}",
                fragment.offset,
                fragment.offset + fragment.body.len(),
                fragment.length
            ),
        };
        out.push(Field::new(start..at + end, 1, name, what));
        out.push(Field::new(start + 4..start + 6, 2, "Message number", fragment.message.to_string()));
        if fragment.offset == 0 {
            hello(&fragment, start + Fragment::HEADER, out);
        }
    }
    if end < body.len() {
        let problem = Some("the fragment is cut off, or goes beyond its message".to_owned());
        let name = "Handshake message";
        out.push(Field::new(at + end..at + body.len(), 1, name, "").but(problem));
    }
}

fn hello(fragment: &Fragment<'_>, at: usize, out: &mut Vec<Field>) {
    let range = at..at + fragment.body.len();
    let mut tell = |name, value: String| out.push(Field::new(range.clone(), 2, name, value));
    match fragment.kind {
        1 => {
            let Some(hello) = ClientHello::read(fragment.body) else { return };
            tell("Random", hex(&hello.random));
            tell("Versions", list(&hello.versions, version_name));
            if hello.cookie > 0 {
                tell("Cookie", format!("{} bytes", hello.cookie));
            }
            tell("Cipher suites", list(&hello.cipher_suites, cipher_suite_name));
            tell("Groups", list(&hello.groups, group_name));
            tell("Key shares", list(&hello.key_shares, group_name));
            tell("SRTP protection profiles", list(&hello.srtp_profiles, srtp_profile_name));
            tell("Extensions", list(&hello.extensions, extension_name));
        }
        2 => {
            let Some(hello) = ServerHello::read(fragment.body) else { return };
            if hello.is_retry {
                tell("HelloRetryRequest", "another ClientHello is asked for".to_owned());
            }
            tell("Random", hex(&hello.random));
            tell("Version", version_name(hello.version).to_owned());
            tell("Cipher suite", cipher_suite_name(hello.cipher_suite).to_owned());
            if let Some(group) = hello.group {
                tell("Key share", group_name(group).to_owned());
            }
        }
        _ => {}
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn list(numbers: &[u16], name: fn(u16) -> &'static str) -> String {
    let words: Vec<String> = numbers
        .iter()
        .map(|&number| match name(number) {
            unknown if unknown.starts_with("unknown") || unknown.starts_with("another") => {
                format!("{number:#06x}")
            }
            known => known.to_owned(),
        })
        .collect();
    words.join(", ")
}
