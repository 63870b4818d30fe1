//! Attributes of DTLS: fingerprints, roles, and the name of an association (RFC 8122, RFC 4145, RFC 8842).

use std::fmt;

use super::super::cursor::{Cursor, Read};

/// The hash of a certificate (RFC 8122 §5).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint {
    /// `sha-256`; lower case.
    pub hash: String,
    /// The hash itself.
    pub bytes: Vec<u8>,
}

/// Who sends the ClientHello (RFC 4145 §4, RFC 8842 §5.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Setup {
    /// The writer does.
    Active,
    /// The reader does.
    Passive,
    /// The writer takes either role; the answer decides.
    ActPass,
    /// Nobody, for the time being; not used with DTLS.
    HoldConn,
}

impl Setup {
    /// Its word in SDP.
    pub fn word(self) -> &'static str {
        match self {
            Setup::Active => "active",
            Setup::Passive => "passive",
            Setup::ActPass => "actpass",
            Setup::HoldConn => "holdconn",
        }
    }
}

impl fmt::Display for Setup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.hash)?;
        for (index, byte) in self.bytes.iter().enumerate() {
            write!(f, "{}{byte:02X}", if index == 0 { ' ' } else { ':' })?;
        }
        Ok(())
    }
}

/// Bytes of a hash, for those that the registry of RFC 8122 §5 names.
fn length_of(hash: &str) -> Option<usize> {
    match hash {
        "sha-1" => Some(20),
        "sha-224" => Some(28),
        "sha-256" => Some(32),
        "sha-384" => Some(48),
        "sha-512" => Some(64),
        "md2" | "md5" => Some(16),
        _ => None,
    }
}

pub(super) fn fingerprint(line: &mut Cursor<'_>) -> Read<Fingerprint> {
    let hash = line.token("hash function")?.to_ascii_lowercase();
    line.space("a fingerprint")?;
    let text = line.word("fingerprint")?;
    let bytes: Option<Vec<u8>> = text.split(':').map(hex_pair).collect();
    let Some(bytes) = bytes else {
        return line.wrong(text, "pairs of hexadecimal digits with colons between");
    };
    if length_of(&hash).is_some_and(|length| length != bytes.len()) {
        return line.wrong(text, "as many bytes as the hash function gives");
    }
    line.end()?;
    Ok(Fingerprint { hash, bytes })
}

fn hex_pair(pair: &str) -> Option<u8> {
    // `from_str_radix` would take a plus sign.
    let digits = pair.len() == 2 && pair.bytes().all(|byte| byte.is_ascii_hexdigit());
    digits.then(|| u8::from_str_radix(pair, 16).ok()).flatten()
}

pub(super) fn setup(line: &mut Cursor<'_>) -> Read<Setup> {
    let word = line.word("role")?;
    let roles = [Setup::Active, Setup::Passive, Setup::ActPass, Setup::HoldConn];
    let Some(setup) = roles.into_iter().find(|role| role.word() == word) else {
        return line.wrong(word, "active, passive, actpass or holdconn");
    };
    line.end()?;
    Ok(setup)
}

pub(super) fn tls_id(line: &mut Cursor<'_>) -> Read<String> {
    let letters = |letter: char| letter.is_ascii_alphanumeric() || "+/-_".contains(letter);
    let id = line.run("20 to 255 letters, digits, \"+\", \"/\", \"-\" or \"_\"", letters)?;
    if !(20..=255).contains(&id.len()) {
        return line.wrong(id, "20 to 255 letters, digits, \"+\", \"/\", \"-\" or \"_\"");
    }
    line.end()?;
    Ok(id.to_owned())
}
