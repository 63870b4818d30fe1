//! The object that `rtclab run --format json` prints. Other programs rely on its keys: they are only ever added to.

use rtclab_rtc::ice::Candidate;
use serde_json::{Map, Value, json};

use super::network;
use super::outcome::{CallReport, Outcome, outcome_word, path_word};

impl Outcome {
    /// The object. `trace_hash` is null in summary mode; so is `met` of an expectation that only a full trace can answer.
    pub fn to_json(&self) -> Value {
        let counters = self.counters();
        let network = self.network();
        let expectations: Vec<Value> = self
            .expectations
            .iter()
            .map(|judgement| json!({ "text": judgement.text, "met": judgement.met, "instead": judgement.instead }))
            .collect();
        json!({
            "scenario": self.scenario,
            "seed": self.seed,
            "trace_hash": self.trace_hash().map(|hash| hash.to_string()),
            "ended_at_ms": self.ended_at.as_millis_f64(),
            "calls": self.calls.iter().map(|call| call_json(self, call)).collect::<Vec<Value>>(),
            "streams": self.streams.iter().map(super::streams::json).collect::<Vec<Value>>(),
            "packets": {
                "sent": counters.packets_sent,
                "delivered": counters.packets_delivered,
                "dropped": counters.packets_dropped,
                "hops": counters.hops,
            },
            "links": network::links_json(&network),
            "firewalls": network::firewalls_json(&network),
            "nats": network::nats_json(&network),
            "neighbors": network::neighbors_json(&network),
            "switches": network::switches_json(&network),
            "expectations": expectations,
        })
    }
}

fn call_json(outcome: &Outcome, call: &CallReport) -> Value {
    let mut connected = Map::new();
    let mut selected = Map::new();
    let mut ice = Map::new();
    for (side, name) in call.peers.iter().enumerate() {
        let at = call.connected_at[side].map(|at| at.as_millis_f64());
        connected.insert(name.clone(), at.into());
        ice.insert(name.clone(), outcome.ice(call.nodes[side]).to_json());
        let pair = call.state.sides[side].selected.as_ref();
        let pair = pair.map(
            |(local, remote)| json!({ "local": candidate_json(local), "remote": candidate_json(remote) }),
        );
        selected.insert(name.clone(), pair.into());
    }
    json!({
        "peers": call.peers,
        "state": outcome_word(call.state.outcome),
        "path": call.state.path.map(path_word),
        "transport": call.transport().map(|transport| transport.word()),
        "connected_at_ms": connected,
        "selected": selected,
        "ice": ice,
        "diagnosis": { "code": call.diagnosis.code.text().code, "text": call.diagnosis.english },
        "session": call.session.as_ref().map(|session| session.to_json(&call.peers)),
    })
}

fn candidate_json(candidate: &Candidate) -> Value {
    json!({ "type": candidate.kind.word(), "address": candidate.address.to_string() })
}
