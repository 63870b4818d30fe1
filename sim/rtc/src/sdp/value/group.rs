//! What ties media together: groups, streams, SCTP associations (RFC 5888, RFC 9143, RFC 8830, RFC 8841).

use std::fmt;

use super::super::cursor::{Cursor, Read};

/// Media that belong together (RFC 5888 §5).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Group {
    /// `BUNDLE`: one transport (RFC 9143); `LS`: played in step; `FID`, `SRF`, …
    pub semantics: String,
    /// The mids; the first one of a bundle is its tag.
    pub mids: Vec<String>,
}

impl Group {
    /// The semantics of one transport for several media.
    pub const BUNDLE: &'static str = "BUNDLE";
    /// The semantics of lip synchronization.
    pub const LIP_SYNC: &'static str = "LS";

    /// Whether it is a bundle.
    pub fn is_bundle(&self) -> bool {
        self.semantics == Group::BUNDLE
    }
}

/// The stream of a track (RFC 8830 §2).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Msid {
    /// The stream; `-` is none.
    pub stream: String,
    /// The track, in what older endpoints send.
    pub track: Option<String>,
}

/// Which streams of WebRTC there are (drafts of RFC 8830): `WMS` and the streams, or `*`. Of no use any more, but browsers write it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MsidSemantic {
    /// `WMS`.
    pub semantic: String,
    /// The streams.
    pub streams: Vec<String>,
}

/// The SCTP association, as drafts of RFC 8841 wrote it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SctpMap {
    /// The port of SCTP.
    pub port: u16,
    /// `webrtc-datachannel`.
    pub application: String,
    /// How many streams.
    pub streams: Option<u16>,
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.semantics)?;
        self.mids.iter().try_for_each(|mid| write!(f, " {mid}"))
    }
}

impl fmt::Display for Msid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.stream)?;
        self.track.iter().try_for_each(|track| write!(f, " {track}"))
    }
}

impl fmt::Display for MsidSemantic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, " {}", self.semantic)?;
        self.streams.iter().try_for_each(|stream| write!(f, " {stream}"))
    }
}

impl fmt::Display for SctpMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.port, self.application)?;
        self.streams.iter().try_for_each(|streams| write!(f, " {streams}"))
    }
}

pub(super) fn group(line: &mut Cursor<'_>) -> Read<Group> {
    let semantics = line.token("semantics")?.to_owned();
    let mut mids = Vec::new();
    while line.more() {
        mids.push(line.token("mid")?.to_owned());
    }
    line.end()?;
    Ok(Group { semantics, mids })
}

pub(super) fn msid(line: &mut Cursor<'_>) -> Read<Msid> {
    let stream = line.word("stream")?.to_owned();
    let track = if line.more() { Some(line.word("track")?.to_owned()) } else { None };
    line.end()?;
    Ok(Msid { stream, track })
}

/// A space stands in front of the semantic in what browsers write.
pub(super) fn msid_semantic(line: &mut Cursor<'_>) -> Read<MsidSemantic> {
    let _ = line.more();
    let semantic = line.token("semantic")?.to_owned();
    let mut streams = Vec::new();
    while line.more() {
        streams.push(line.word("stream")?.to_owned());
    }
    Ok(MsidSemantic { semantic, streams })
}

pub(super) fn sctpmap(line: &mut Cursor<'_>) -> Read<SctpMap> {
    let port = line.number("SCTP port", 0, 65_535)? as u16;
    line.space("an application")?;
    let application = line.token("application")?.to_owned();
    let streams = if line.more() { Some(line.number("streams", 0, 65_535)? as u16) } else { None };
    line.end()?;
    Ok(SctpMap { port, application, streams })
}
