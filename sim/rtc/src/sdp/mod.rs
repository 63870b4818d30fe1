//! Session descriptions: a parser and a tree in which every line, field and value knows its place ([`Sdp`]), a builder ([`Builder`]), the
//! meaning of every attribute ([`registry`]), the rules that hold between lines and between offer and answer ([`rules`]), and what
//! changed from one description to another ([`difference`]).
//!
//! [`Sdp::parse`] refuses a text at the first line that its grammar does not allow, with line, column and the section of the RFC;
//! [`Sdp::parse_tolerant`] reads on, for views. What is read prints back byte for byte. Attributes that are not known are kept.
//!
//! | document | what | done |
//! |---|---|---|
//! | RFC 8866, RFC 4566 | lines, their order, origin, connection, bandwidth, timing, media, general attributes | yes; `i u e p r z k` only as texts |
//! | RFC 3264 | offer and answer | `rules` |
//! | RFC 8839 | candidate, remote-candidates, ice-ufrag, ice-pwd, ice-options, ice-lite, ice-pacing, ice-mismatch | yes |
//! | RFC 8840 | end-of-candidates, trickle | yes |
//! | RFC 8841 and drafts | sctp-port, max-message-size, sctpmap | yes |
//! | RFC 8842, RFC 8122, RFC 4145 | fingerprint, setup, tls-id | yes |
//! | RFC 9143 (RFC 8843), RFC 5888 | group, mid, bundle-only | yes |
//! | RFC 8851, RFC 8853 and drafts | rid, simulcast | yes |
//! | RFC 8830 | msid, msid-semantic | yes |
//! | RFC 4585, RFC 5761, RFC 5506, RFC 8858, RFC 3605 | rtcp-fb, rtcp-mux, rtcp-rsize, rtcp-mux-only, rtcp | yes |
//! | RFC 8285 | extmap, extmap-allow-mixed | yes |
//! | RFC 5576 | ssrc, ssrc-group | yes |
//! | RFC 6236 | imageattr | yes; ranges are kept as text |
//! | RFC 4568, RFC 4567, RFC 5939 | SDES, key-mgmt, capability negotiation | only recognized |

mod area;
mod attributes;
mod builder;
mod cursor;
mod difference;
mod error;
mod explain;
pub mod fuzz;
mod line;
mod order;
mod place;
pub mod registry;
pub mod rules;
mod section;
mod split;
mod tree;
mod value;

pub use area::Area;
pub use builder::Builder;
pub use difference::{Change, ChangedLine, difference};
pub use error::{SdpError, SdpProblem, TEXT_BYTES_MAX};
pub use explain::{ExplainedLine, Problem, explain, is_description};
pub use line::{Content, Line, LineType};
pub use place::{Field, Place};
pub use section::Section;
pub use tree::Sdp;
pub use value::{
    Attribute, Bandwidth, Candidate, Connection, Direction, Extmap, Fingerprint, Fmtp, Group, ImageAttr,
    ImageSizes, MediaLine, Msid, MsidSemantic, Origin, RemoteCandidate, Rid, RidDirection, Rtcp,
    RtcpFeedback, RtpMap, SctpMap, Setup, Simulcast, SimulcastEncoding, SimulcastStream, SsrcAttribute,
    SsrcGroup, Timing,
};
