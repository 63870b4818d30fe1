//! Our side of a call: the agent over real sockets, and the few lines of SDP that ICE needs. There is no DTLS here: ICE gets connected
//! by checks alone.

use rtclab_live::interfaces::{self, Choice};
use rtclab_live::{Session, SystemRandomness, Wire};
use rtclab_rtc::ice::{
    Agent, AgentConfig, CandidateLine, Change, ConnectionState, Credentials, GatheringState, Role,
};
use rtclab_rtc::stun::Transport;
use rtclab_rtc::{Output, Subject};

/// Our side.
#[derive(Debug)]
pub(crate) struct Ours {
    pub(crate) session: Session<Agent>,
    /// Candidate lines of the running generation, in the order in which they came.
    pub(crate) lines: Vec<String>,
    version: u32,
}

/// What our side tells the test.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum News {
    /// A candidate to signal.
    Candidate(String),
    /// There will be no more.
    EndOfCandidates,
    /// Anything else.
    Other,
}

impl Ours {
    /// An agent on this machine's own addresses, over UDP or over TCP alone.
    pub(crate) fn new(role: Role, transport: Transport) -> Ours {
        let mut wire = Wire::new();
        let found = interfaces::interfaces(Choice::All).expect("the machine has addresses");
        let sockets = match transport {
            Transport::Udp => interfaces::bind(&mut wire, &found),
            // A browser only opens connections, so ours has to listen.
            _ => interfaces::listen(&mut wire, &found),
        };
        let sockets = sockets.expect("they can be bound");
        let config = AgentConfig::new(role, sockets);
        let agent = Agent::new(config, SystemRandomness::boxed().expect("a generator"));
        Ours { session: Session::new(agent, wire), lines: Vec::new(), version: 1 }
    }

    pub(crate) fn state(&self) -> ConnectionState {
        self.session.protocol().state()
    }

    pub(crate) fn is_connected(&self) -> bool {
        matches!(self.state(), ConnectionState::Connected | ConnectionState::Completed)
    }

    pub(crate) fn gather(&mut self) {
        self.session.command(Agent::gather);
    }

    /// Begins a new session of the same call.
    pub(crate) fn restart(&mut self) {
        self.lines.clear();
        self.version += 1;
        self.session.command(Agent::restart);
    }

    /// Goes on until something happens.
    pub(crate) async fn next(&mut self) -> News {
        match self.session.next().await {
            Output::Change { subject: Subject::LocalCandidate(number), .. } => {
                let Some(line) = self.session.protocol().candidate_line(number) else {
                    return News::Other;
                };
                let line = line.to_string();
                self.lines.push(line.clone());
                News::Candidate(line)
            }
            Output::Change { change: Change::Agent(agent), .. }
                if agent.gathering == GatheringState::Complete =>
            {
                News::EndOfCandidates
            }
            _ => News::Other,
        }
    }

    /// Goes on until all candidates are there.
    pub(crate) async fn gathered(&mut self) {
        while self.session.protocol().snapshot().gathering != GatheringState::Complete {
            self.next().await;
        }
    }

    /// A description with what is known by now; `complete` says that no candidate follows.
    pub(crate) fn description(&self, setup: &str, complete: bool) -> String {
        let credentials = self.session.protocol().local_credentials();
        let mut lines = vec![
            "v=0".to_owned(),
            format!("o=rtclab 1 {} IN IP4 127.0.0.1", self.version),
            "s=-".to_owned(),
            "t=0 0".to_owned(),
            "a=group:BUNDLE 0".to_owned(),
            "m=application 9 UDP/DTLS/SCTP webrtc-datachannel".to_owned(),
            "c=IN IP4 0.0.0.0".to_owned(),
            "a=mid:0".to_owned(),
            format!("a=ice-ufrag:{}", credentials.ufrag()),
            format!("a=ice-pwd:{}", credentials.password()),
            format!("a=ice-options:{}ice2", if complete { "" } else { "trickle " }),
            // Nobody's: there is no DTLS behind it.
            format!("a=fingerprint:sha-256 {}", ["AB"; 32].join(":")),
            format!("a=setup:{setup}"),
            "a=sctp-port:5000".to_owned(),
        ];
        if complete {
            lines.extend(self.lines.iter().map(|line| format!("a={line}")));
            lines.push("a=end-of-candidates".to_owned());
        }
        lines.push(String::new());
        lines.join("\r\n")
    }

    /// Takes a description of the page: credentials, and the candidates in it.
    pub(crate) fn take(&mut self, sdp: &str, complete: bool) {
        let value = |name: &str| sdp.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
        let credentials = Credentials::new(value("a=ice-ufrag:"), value("a=ice-pwd:"));
        let credentials = credentials.expect("a browser's credentials follow the grammar");
        self.session.command(|agent, now| agent.set_remote_credentials(credentials, now));
        for line in sdp.lines().filter_map(|line| line.strip_prefix("a=")) {
            if line.starts_with("candidate:") {
                self.take_candidate(line);
            }
        }
        if complete {
            self.take_candidate("");
        }
    }

    /// Takes a candidate of the page; an empty one is the end.
    pub(crate) fn take_candidate(&mut self, line: &str) {
        if line.is_empty() {
            return self.session.command(Agent::end_of_remote_candidates);
        }
        // What cannot be used here (a name, TCP) is left out, as RFC 8839 §5.1 has it.
        if let Ok(line) = line.parse::<CandidateLine>() {
            self.session.command(|agent, now| agent.add_remote_candidate(line, now));
        }
    }

    /// The number of the pair that carries data, which is never used again for another.
    pub(crate) fn selected_pair(&self) -> Option<u32> {
        self.session.protocol().selected().map(|(number, ..)| number)
    }

    /// The ufrag of the running session.
    pub(crate) fn ufrag(&self) -> String {
        self.session.protocol().local_credentials().ufrag().to_owned()
    }
}
