//! What is expected of a TCP connection.

use rtclab_trace::Observe;

use super::Clauses;
use crate::document::{Expect, StreamWord};
use crate::run::StreamReport;

pub(super) fn judge(expect: &Expect, streams: &[StreamReport], observe: Observe) -> Clauses {
    let [from, to] = expect.stream.clone().unwrap_or_default();
    let mut clauses = Clauses::about(format!("{from} → {to} over TCP"));
    let Some(stream) = streams.iter().find(|stream| stream.ends == [from.clone(), to.clone()]) else {
        clauses.expect("is a connection", false, || format!("{from} does not connect to {to}"));
        return clauses;
    };
    if let Some(wanted) = expect.stream_state {
        clauses.expect(wanted.word(), stream.state == wanted, || what_happened(stream));
    }
    if let Some(within) = expect.within_ms {
        let met = stream.connected_at.is_some_and(|at| at.as_millis_f64() <= within);
        clauses.expect(format!("connected within {within} ms"), met, || match stream.connected_at {
            Some(at) => format!("it took until {at}"),
            None => what_happened(stream),
        });
    }
    if let Some(wanted) = expect.delivered_bytes {
        let found = stream.delivered.unwrap_or(0);
        clauses.expect(format!("delivers {wanted} bytes"), found == wanted, || {
            format!("{found} bytes were delivered; {}", what_happened(stream))
        });
    }
    if let Some(wanted) = expect.returned_bytes {
        let found = stream.returned;
        clauses.expect(format!("{wanted} bytes come back"), found == wanted, || {
            format!("{found} bytes came back; {}", what_happened(stream))
        });
    }
    retransmissions(expect, stream, observe, &mut clauses);
    clauses
}

fn retransmissions(expect: &Expect, stream: &StreamReport, observe: Observe, clauses: &mut Clauses) {
    let bounds = [(expect.retransmissions_at_least, "at least"), (expect.retransmissions_at_most, "at most")];
    for (bound, words) in bounds {
        let Some(bound) = bound else { continue };
        let said = format!("with {words} {bound} retransmissions");
        let Some(found) = stream.retransmissions else {
            // Without a connection there are none; without a trace nobody has counted them.
            clauses.unknown |= observe == Observe::Summary;
            let met = observe == Observe::Summary || words == "at most";
            clauses.expect(said, met, || what_happened(stream));
            continue;
        };
        let met = if words == "at least" { found >= bound } else { found <= bound };
        clauses.expect(said, met, || format!("{found} segments were sent again"));
    }
}

/// What became of a connection.
fn what_happened(stream: &StreamReport) -> String {
    let words = match stream.state {
        StreamWord::Connecting => "its handshake is not over",
        StreamWord::Connected => "it is open",
        StreamWord::Closed => "both sides have closed it",
        StreamWord::Refused => "it was refused: a RST answered the SYN",
        StreamWord::Reset => "it was reset",
        StreamWord::TimedOut => "it timed out: nobody answered",
        StreamWord::Unreachable => "the other side cannot be reached",
    };
    let at = stream.ended_at.map_or(String::new(), |at| format!(", at {at}"));
    format!("{words}{at}")
}
