//! Where our reader and another one differ, and why ours does as it does. The list may only shrink.

use super::reading::Other;

/// Who refuses a text that the other one takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Refuses {
    Ours,
    Theirs,
    /// Both take it, and read something else.
    Nobody,
}

/// A difference.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) other: Other,
    pub(crate) refuses: Refuses,
    /// Part of what the one that refuses says.
    pub(crate) what: &'static str,
    #[allow(dead_code, reason = "the argument is for readers, and for the message of a failing test")]
    pub(crate) why: &'static str,
}

const fn listed(other: Other, refuses: Refuses, what: &'static str, why: &'static str) -> Listed {
    Listed { other, refuses, what, why }
}

use Other::{RtcSdp, SdpTypes, WebrtcSdp};
use Refuses::{Nobody, Ours, Theirs};

/// All of them.
pub(crate) const LISTED: &[Listed] = &[
    // Mozilla's reader takes attributes apart, too, and is lenient where browsers have met something.
    listed(
        WebrtcSdp,
        Ours,
        "value of an attribute",
        "it turns what it does not support into warnings, and skips parts of values that the grammars do not allow (RFC 8866 §9)",
    ),
    listed(
        WebrtcSdp,
        Ours,
        "no line",
        "it trims white space around the letter of a line, which RFC 8866 §5 forbids",
    ),
    listed(
        WebrtcSdp,
        Ours,
        "a line out of order",
        "it takes c=, b= and a= of a section in any order; RFC 8866 §5 fixes it",
    ),
    listed(
        WebrtcSdp,
        Ours,
        "= is missing",
        "a line that RFC 8866 §5 demands at its place may stand elsewhere",
    ),
    listed(
        WebrtcSdp,
        Ours,
        "value of c=",
        "it takes connection lines that the grammar of RFC 8866 §9 does not have",
    ),
    listed(
        WebrtcSdp,
        Ours,
        "value of m=",
        "it takes media lines that the grammar of RFC 8866 §9 does not have",
    ),
    listed(
        WebrtcSdp,
        Ours,
        "value of o=",
        "it takes session ids and addresses that the grammar of RFC 8866 §9 does not have",
    ),
    listed(
        WebrtcSdp,
        Theirs,
        "unsupported type",
        "it reads WebRTC alone; z=, r=, u=, e=, p= and k= are lines of RFC 8866 §5",
    ),
    listed(
        WebrtcSdp,
        Theirs,
        "not allowed at",
        "the level of an attribute is no matter of its line: our rules tell of it (`sdp::rules`)",
    ),
    listed(WebrtcSdp, Theirs, "Extmap can't be define", "a rule between lines (RFC 8285 §6): in our rules"),
    listed(
        WebrtcSdp,
        Theirs,
        "rtcp-mux-only media sections",
        "a rule between lines (RFC 8858 §3): in our rules",
    ),
    listed(
        WebrtcSdp,
        Theirs,
        "connection type already exists",
        "RFC 8866 §5.7 allows several c= lines in a media section",
    ),
    listed(
        WebrtcSdp,
        Theirs,
        "Domain name parsing error",
        "every word of letters, digits, dots and hyphens is an FQDN by the grammar of RFC 8866 §9",
    ),
    listed(
        WebrtcSdp,
        Theirs,
        "Integer parsing error",
        "values that are tokens by the grammar, and that it wants to be numbers",
    ),
    listed(
        WebrtcSdp,
        Theirs,
        "fmtp parameter",
        "RFC 8866 §6.15: what follows the format is the format's own matter",
    ),
    listed(
        WebrtcSdp,
        Theirs,
        "candidate transport",
        "RFC 8839 §5.1: the transport may be any token, and such a candidate is ignored",
    ),
    listed(
        WebrtcSdp,
        Theirs,
        "tcptype",
        "RFC 6544 §4.5 is judged by who makes a candidate of the line; unknown extensions are kept",
    ),
    listed(WebrtcSdp, Theirs, "sctpmap", "the draft of sctpmap lets any token name the protocol"),
    // Readers of lines leave the values of attributes to others.
    listed(SdpTypes, Ours, "value of an attribute", "it keeps values of attributes as text"),
    listed(
        SdpTypes,
        Ours,
        "no line",
        "it takes texts with lines that are none, or of an unknown letter (RFC 8866 §5)",
    ),
    listed(
        SdpTypes,
        Ours,
        "= is missing",
        "a line that RFC 8866 §5 demands at its place may stand elsewhere, or be missing",
    ),
    listed(SdpTypes, Ours, "a line out of order", "it takes lines of the session in any order"),
    listed(SdpTypes, Ours, "a second v=", "RFC 8866 §5 has one version line"),
    listed(SdpTypes, Ours, "value of c=", "it keeps the address as text"),
    listed(SdpTypes, Ours, "value of m=", "it keeps media, protocol and formats as text"),
    listed(SdpTypes, Ours, "value of o=", "it keeps session id and address as text"),
    listed(RtcSdp, Ours, "value of an attribute", "it keeps values of attributes as text"),
    listed(RtcSdp, Ours, "no line", "it takes texts with lines that are none (RFC 8866 §5)"),
    listed(
        RtcSdp,
        Ours,
        "= is missing",
        "a line that RFC 8866 §5 demands at its place may stand elsewhere, or be missing",
    ),
    listed(RtcSdp, Ours, "a line out of order", "it takes some lines of a section in any order"),
    listed(RtcSdp, Ours, "value of c=", "it keeps the address as text"),
    listed(RtcSdp, Ours, "value of m=", "it keeps media and formats as text"),
    listed(RtcSdp, Ours, "value of o=", "it keeps the address as text"),
    listed(RtcSdp, Ours, "value of t=", "it takes times that the grammar of RFC 8866 §9 does not have"),
    listed(
        RtcSdp,
        Nobody,
        "white space",
        "it splits at white space and drops what is left over; ours keeps every byte",
    ),
];
