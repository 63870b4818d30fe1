//! Reads an attribute: its name decides whose grammar the value follows. Not here: those grammars.

use super::super::cursor::{Cursor, Read, is_token_char};
use super::super::error::SdpProblem;
use super::super::registry::{Shape, about};
use super::rtp::token_line;
use super::{Attribute, Direction, codec, dtls, group, ice, image, rtp, simulcast};

/// The line from the name on.
pub(in crate::sdp) fn attribute(line: &mut Cursor<'_>) -> Read<Attribute> {
    line.under("RFC 8866 §5.13");
    let name = line.run("attribute name", is_token_char)?;
    let known = about(name);
    if let Some(known) = known {
        line.under(known.section);
    }
    let has_value = line.take(":");
    match known.map(|known| known.shape) {
        Some(Shape::Flag) if has_value => {
            return line.fail_with(SdpProblem::NotAFlag { name: name.to_owned() });
        }
        Some(Shape::Value) if !has_value || line.is_at_end() => {
            return line.fail_with(SdpProblem::NeedsValue { name: name.to_owned() });
        }
        _ => {}
    }
    if !has_value {
        line.end()?;
        return Ok(flag(name));
    }
    value(name, line)
}

fn flag(name: &str) -> Attribute {
    if let Some(direction) = Direction::from_word(name) {
        return Attribute::Direction(direction);
    }
    match name {
        "ice-lite" => Attribute::IceLite,
        "ice-mismatch" => Attribute::IceMismatch,
        "end-of-candidates" => Attribute::EndOfCandidates,
        "bundle-only" => Attribute::BundleOnly,
        "rtcp-mux" => Attribute::RtcpMux,
        "rtcp-mux-only" => Attribute::RtcpMuxOnly,
        "rtcp-rsize" => Attribute::RtcpRsize,
        "extmap-allow-mixed" => Attribute::ExtmapAllowMixed,
        _ => Attribute::other(name, None),
    }
}

fn value(name: &str, line: &mut Cursor<'_>) -> Read<Attribute> {
    Ok(match name {
        "candidate" => Attribute::Candidate(ice::candidate(line)?),
        "remote-candidates" => Attribute::RemoteCandidates(ice::remote_candidates(line)?),
        "ice-ufrag" => Attribute::IceUfrag(ice::ufrag(line)?),
        "ice-pwd" => Attribute::IcePwd(ice::password(line)?),
        "ice-options" => Attribute::IceOptions(ice::options(line)?),
        "ice-pacing" => Attribute::IcePacing(number(line, "pacing in milliseconds", 9_999_999_999)?),
        "fingerprint" => Attribute::Fingerprint(dtls::fingerprint(line)?),
        "setup" => Attribute::Setup(dtls::setup(line)?),
        "tls-id" => Attribute::TlsId(dtls::tls_id(line)?),
        "sctp-port" => Attribute::SctpPort(number(line, "SCTP port", 65_535)? as u16),
        "max-message-size" => Attribute::MaxMessageSize(number(line, "number of bytes", u64::MAX)?),
        "sctpmap" => Attribute::SctpMap(group::sctpmap(line)?),
        "group" => Attribute::Group(group::group(line)?),
        "mid" => Attribute::Mid(token_line(line, "mid")?),
        "msid" => Attribute::Msid(group::msid(line)?),
        "msid-semantic" => Attribute::MsidSemantic(group::msid_semantic(line)?),
        "rtpmap" => Attribute::RtpMap(codec::rtpmap(line)?),
        "fmtp" => Attribute::Fmtp(codec::fmtp(line)?),
        "rtcp-fb" => Attribute::RtcpFeedback(codec::feedback(line)?),
        "rtcp" => Attribute::Rtcp(rtp::rtcp(line)?),
        "extmap" => Attribute::Extmap(rtp::extmap(line)?),
        "ssrc" => Attribute::Ssrc(rtp::ssrc(line)?),
        "ssrc-group" => Attribute::SsrcGroup(rtp::ssrc_group(line)?),
        "rid" => Attribute::Rid(simulcast::rid(line)?),
        "simulcast" => Attribute::Simulcast(simulcast::simulcast(line)?),
        "imageattr" => Attribute::ImageAttr(image::imageattr(line)?),
        "ptime" => Attribute::Ptime(rtp::milliseconds(line)?),
        "maxptime" => Attribute::MaxPtime(rtp::milliseconds(line)?),
        _ => Attribute::other(name, Some(line.rest("value"))),
    })
}

fn number(line: &mut Cursor<'_>, name: &'static str, most: u64) -> Read<u64> {
    let number = line.number(name, 0, most)?;
    line.end()?;
    Ok(number)
}
