//! The two hellos, as far as they tell what is offered and what is chosen (RFC 8446 §4.1, RFC 9147 §5.3, §5.4). Not here: whether the choice is right.

use super::Reader;

/// What a client offers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientHello {
    /// Its random.
    pub random: [u8; 32],
    /// The length of the cookie that it brings back.
    pub cookie: usize,
    /// Cipher suites, the preferred one first.
    pub cipher_suites: Vec<u16>,
    /// Versions: from the extension, or the one in the header if there is none.
    pub versions: Vec<u16>,
    /// Groups, the preferred one first.
    pub groups: Vec<u16>,
    /// Groups with a key share already in this message.
    pub key_shares: Vec<u16>,
    /// SRTP protection profiles (RFC 5764 §4.1.1).
    pub srtp_profiles: Vec<u16>,
    /// The types of its extensions.
    pub extensions: Vec<u16>,
}

impl ClientHello {
    /// Reads the body of the message. A first fragment is enough for what stands in it: reading stops where the bytes do.
    pub fn read(body: &[u8]) -> Option<ClientHello> {
        let mut reader = Reader(body);
        let version = reader.u16()?;
        let random = *reader.bytes(32)?.first_chunk()?;
        let mut hello = ClientHello { random, versions: vec![version], ..ClientHello::default() };
        hello.read_on(&mut reader);
        Some(hello)
    }

    fn read_on(&mut self, reader: &mut Reader<'_>) -> Option<()> {
        let _session = reader.vector(1)?;
        self.cookie = reader.vector(1)?.len();
        self.cipher_suites = numbers(reader.vector(2)?);
        let _compression = reader.vector(1)?;
        let _length = reader.u16()?;
        while let Some((kind, value)) = extension(reader) {
            self.extensions.push(kind);
            let mut value = Reader(value);
            match kind {
                10 => self.groups = numbers(value.vector(2)?),
                14 => self.srtp_profiles = numbers(value.vector(2)?),
                43 => self.versions = numbers(value.vector(1)?),
                44 => self.cookie = value.vector(2)?.len(),
                51 => {
                    let _length = value.u16()?;
                    self.key_shares = shares(value);
                }
                _ => {}
            }
        }
        Some(())
    }
}

/// What a server chooses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerHello {
    /// Its random.
    pub random: [u8; 32],
    /// The cipher suite.
    pub cipher_suite: u16,
    /// The version: from the extension, or the one in the header.
    pub version: u16,
    /// The group of its key share, or the one that it asks for.
    pub group: Option<u16>,
    /// Whether it asks for another ClientHello.
    pub is_retry: bool,
}

/// DTLS 1.3 in `supported_versions`.
const DTLS_13: u16 = 0xfefc;

/// The random of a HelloRetryRequest: the SHA-256 of that word (RFC 8446 §4.1.3).
const RETRY: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2,
    0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];

impl ServerHello {
    /// Reads the body of the message; a first fragment is enough for what stands in it.
    pub fn read(body: &[u8]) -> Option<ServerHello> {
        let mut reader = Reader(body);
        let version = reader.u16()?;
        let random: [u8; 32] = *reader.bytes(32)?.first_chunk()?;
        let _session = reader.vector(1)?;
        let cipher_suite = reader.u16()?;
        let _compression = reader.u8()?;
        let is_retry = random == RETRY;
        let mut hello = ServerHello { random, cipher_suite, version, group: None, is_retry };
        let (_length, mut chosen) = (reader.u16(), None);
        while let Some((kind, value)) = extension(&mut reader) {
            match kind {
                43 => chosen = Reader(value).u16(),
                51 => hello.group = Reader(value).u16(),
                _ => {}
            }
        }
        // Only DTLS 1.3 has key shares in hellos, so one with a share says which version it is even where the rest is in another fragment.
        hello.version = chosen.or(hello.group.map(|_| DTLS_13)).unwrap_or(version);
        Some(hello)
    }
}

/// The next extension; of one that goes on in another fragment, what is here.
fn extension<'a>(reader: &mut Reader<'a>) -> Option<(u16, &'a [u8])> {
    let (kind, length) = (reader.u16()?, reader.u16()?);
    let here = reader.0.len().min(usize::from(length));
    Some((kind, reader.bytes(here)?))
}

fn numbers(bytes: &[u8]) -> Vec<u16> {
    bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect()
}

fn shares(mut reader: Reader<'_>) -> Vec<u16> {
    let mut groups = Vec::new();
    while let Some((group, _)) = extension(&mut reader) {
        groups.push(group);
    }
    groups
}
