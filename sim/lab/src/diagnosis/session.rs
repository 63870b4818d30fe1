//! What a session above ICE has to do with a call that did not come about: DTLS that failed, descriptions that were refused. Not here: ICE.

use rtclab_rtc::Reason as Rtc;
use rtclab_rtc::jsep::DtlsTransportState;
use rtclab_trace::{Change, DtlsState, Entity, EntryId, PeerConnectionState, Reason};

use super::{Code, Diagnosis, Evidence};

/// What decided it, if that was above ICE.
pub(super) fn decided(evidence: &Evidence<'_>) -> Option<Diagnosis> {
    // Whoever gave up first knows why; the other side was only told.
    let failed =
        [0, 1].into_iter().filter_map(|side| dtls_failure(evidence, side)).min_by_key(|(id, ..)| *id);
    if let Some((entry, side, state)) = failed {
        return Some(dtls(evidence, entry, side, state));
    }
    [0, 1].into_iter().find_map(|side| negotiation(evidence, side))
}

fn dtls_failure<'e>(evidence: &Evidence<'e>, side: usize) -> Option<(EntryId, usize, &'e DtlsState)> {
    let trace = evidence.trace;
    let associations =
        trace.entities_on(evidence.nodes[side]).filter(|entity| matches!(entity, Entity::Dtls(..)));
    associations
        .filter_map(|entity| {
            let last = *trace.entries_of(entity).last()?;
            match &trace.entry(last).change {
                Change::Dtls(state) if state.state == DtlsTransportState::Failed => {
                    Some((last, side, state.as_ref()))
                }
                _ => None,
            }
        })
        .next()
}

fn dtls(evidence: &Evidence<'_>, entry: EntryId, side: usize, state: &DtlsState) -> Diagnosis {
    let (peer, other) = (evidence.peers[side], evidence.peers[1 - side]);
    let reason = evidence.trace.entry(entry).reason;
    if reason == Some(Reason::Rtc(Rtc::DtlsWrongFingerprint)) {
        let shown = state.peer_fingerprint.clone().unwrap_or_default();
        return Diagnosis::with(
            Code::WrongFingerprint,
            format!(
                "{other} showed {peer} the certificate {shown}, which its description does not announce."
            ),
            format!("{other}이(가) {peer}에게 보인 인증서 {shown}은(는) 기술(description)에 없는 것입니다."),
            [entry],
        );
    }
    let text = reason.map(|reason| reason.text());
    Diagnosis::with(
        Code::DtlsFailed,
        format!("DTLS failed at {peer}: {}", text.map_or("no reason is known.", |text| text.english)),
        format!("{peer}에서 DTLS가 실패했습니다. {}", text.map_or("이유를 모릅니다.", |text| text.korean)),
        [entry],
    )
}

/// A call of the API that was refused, or media that were all rejected.
fn negotiation(evidence: &Evidence<'_>, side: usize) -> Option<Diagnosis> {
    let trace = evidence.trace;
    let peer = evidence.peers[side];
    let entries = trace.entries_of(Entity::PeerConnection(evidence.nodes[side]));
    let state = |id: EntryId| -> Option<&PeerConnectionState> {
        match &trace.entry(id).change {
            Change::PeerConnection(state) => Some(state),
            _ => None,
        }
    };
    let refused = entries.iter().copied().find(|&id| state(id).is_some_and(|state| state.refused.is_some()));
    if let Some(id) = refused {
        let words = state(id)?.refused.clone().unwrap_or_default();
        return Some(Diagnosis::with(
            Code::NegotiationFailed,
            format!("{peer} refused what it was told: {words}."),
            format!("{peer}이(가) 받은 것을 거부했습니다: {words}."),
            [id],
        ));
    }
    let rejected = Some(Reason::Rtc(Rtc::JsepNoCommonCodec));
    let id = entries.iter().copied().find(|&id| trace.entry(id).reason == rejected)?;
    Some(Diagnosis::with(
        Code::NothingInCommon,
        format!("{peer} supports none of the offered codecs, and nothing else was offered."),
        format!("{peer}이(가) 제안된 코덱을 하나도 지원하지 않고 다른 제안도 없었습니다."),
        [id],
    ))
}
