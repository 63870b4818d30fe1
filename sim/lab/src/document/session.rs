//! What a peer with a whole session does: descriptions, DTLS, data channels. Not here: its ICE, whose keys stand beside it in `program`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::OneOrMany;

/// The session of a peer: one transport that everything shares, whose descriptions are full SDP (RFC 9429).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SessionSpec {
    /// The label of the data channel that the calling side makes; empty for none.
    pub channel: String,
    /// What it says on every data channel, its own or the other side's, once it is open: a message, or several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub says: Option<OneOrMany<String>>,
    /// The media that it wants to send. They are negotiated; no packets of media are sent.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub media: Vec<MediaWord>,
    /// The codecs that it allows, by name: `["VP8"]`. Without it, all that its profile has.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub codecs: Vec<String>,
    /// Which software it is like: its codecs, its way to write SDP, its habits in ICE.
    pub profile: ProfileWord,
    /// Which versions of DTLS it speaks.
    pub dtls: DtlsVersionWord,
    /// Whether its key exchange is X25519MLKEM768 if the other side has it, too. Its ClientHello takes two datagrams then; a server without it asks for another
    /// share. Only DTLS 1.3 has it.
    pub post_quantum: bool,
    /// How it behaves when both sides offer at once.
    pub negotiation: NegotiationWord,
    /// Whether DTLS shows another certificate than the one whose fingerprint stands in its description (RFC 8122), as if somebody were in between.
    pub wrong_certificate: bool,
    /// Whether candidates that come before the description that they belong to are kept until it is there; otherwise they are refused, as
    /// the API does (RFC 9429 §4.1.19).
    pub keep_early_candidates: bool,
    /// Whether it says each of its answers twice. The second one comes in the wrong state.
    pub repeat_answers: bool,
}

impl Default for SessionSpec {
    fn default() -> SessionSpec {
        SessionSpec {
            channel: "data".to_owned(),
            says: None,
            media: Vec::new(),
            codecs: Vec::new(),
            profile: ProfileWord::Rfc,
            dtls: DtlsVersionWord::Auto,
            post_quantum: false,
            negotiation: NegotiationWord::Plain,
            wrong_certificate: false,
            keep_early_candidates: true,
            repeat_answers: false,
        }
    }
}

/// A kind of medium.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MediaWord {
    /// Sound.
    Audio,
    /// Pictures.
    Video,
}

/// Which software a peer is like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ProfileWord {
    /// What RFC 9429 writes, and no habits.
    #[default]
    Rfc,
    /// Chromium.
    Chromium,
    /// Firefox.
    Firefox,
    /// Safari.
    Safari,
}

/// Which versions of DTLS a peer speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum DtlsVersionWord {
    /// Both; the newer one, if the other side speaks it.
    #[default]
    #[serde(rename = "auto")]
    Auto,
    /// DTLS 1.3 alone (RFC 9147).
    #[serde(rename = "1.3")]
    V13,
    /// DTLS 1.2 alone (RFC 6347).
    #[serde(rename = "1.2")]
    V12,
}

/// How a side behaves when both offer at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NegotiationWord {
    /// It applies what comes as it comes.
    #[default]
    Plain,
    /// Perfect negotiation (webrtc-pc §10.7): it takes its own offer back.
    Polite,
    /// Perfect negotiation: it ignores the other side's offer.
    Impolite,
}

/// What became of DTLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DtlsStateWord {
    /// It has not begun.
    New,
    /// Its handshake is under way.
    Connecting,
    /// Both sides are verified.
    Connected,
    /// It is over.
    Closed,
    /// The handshake, or the verification, failed.
    Failed,
}
