//! Two user agents and a proxy between them, over each transport: registrations, calls, what is lost, what is refused.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::time::Duration;

use rtclab_rtc::Time;
use rtclab_rtc::sip::{
    Account, Agent, AgentConfig, AgentEvent, Flow, Message, Method, Proxy, ProxyConfig, Transmit, Transport,
    Uri,
};

use super::websocket_oracle::Counter;

const NAMES: [&str; 2] = ["alice", "bob"];
const LATENCY: Duration = Duration::from_millis(10);

/// From one agent to the proxy, or back.
#[derive(Clone, Debug)]
struct Packet {
    at: Time,
    agent: usize,
    to_proxy: bool,
    bytes: Vec<u8>,
}

/// Who lets which messages be lost: by what they say, so many times.
type Loss = (&'static str, u32);

struct Lab {
    transport: Transport,
    agents: [Agent; 2],
    proxy: Proxy,
    wire: VecDeque<Packet>,
    losses: Vec<Loss>,
    now: Time,
    events: [Vec<AgentEvent>; 2],
    /// What was said, in order: by whom, and the message in words.
    said: Vec<String>,
}

fn address(agent: usize) -> SocketAddr {
    SocketAddr::from(([203, 0, 113, 11 + agent as u8], 5060))
}

fn flow(transport: Transport, agent: usize) -> Flow {
    match transport {
        Transport::Udp => Flow::Datagram(address(agent)),
        other => Flow::Stream(other, agent as u64),
    }
}

impl Lab {
    fn new(transport: Transport, password: &str, challenges_calls: bool) -> Lab {
        let accounts = NAMES.map(|name| (name.to_owned(), "secret".to_owned()));
        let config = ProxyConfig {
            host: "example.test".into(),
            accounts: BTreeMap::from(accounts),
            challenges_calls,
            expires_s_max: 600,
        };
        let agent = |number: usize| {
            let account = Account { username: NAMES[number].into(), password: password.into() };
            let config = AgentConfig {
                who: Uri::new(NAMES[number], "example.test").expect("a URI"),
                account: Some(account),
                host: address(number).ip().to_string(),
                port: Some(5060),
                flow: flow(transport, 9),
                expires_s: 600,
            };
            Agent::new(config, Box::new(Counter(100 + number as u64)))
        };
        Lab {
            transport,
            agents: [agent(0), agent(1)],
            proxy: Proxy::new(config, Box::new(Counter(7))),
            wire: VecDeque::new(),
            losses: Vec::new(),
            now: Time::ZERO,
            events: [Vec::new(), Vec::new()],
            said: Vec::new(),
        }
    }

    /// Both agents are registered.
    fn registered(transport: Transport) -> Lab {
        let mut lab = Lab::new(transport, "secret", false);
        lab.agents.iter_mut().for_each(|agent| agent.register(Time::ZERO));
        lab.run(Duration::from_secs(1));
        assert_eq!(lab.proxy.users().collect::<Vec<_>>(), NAMES);
        lab.said.clear();
        lab.events = [Vec::new(), Vec::new()];
        lab
    }

    fn post(&mut self, agent: usize, to_proxy: bool, transmit: Transmit) {
        let message = Message::parse(&transmit.bytes).expect("what is sent can be read");
        let by = if to_proxy { NAMES[agent] } else { "proxy" };
        self.said.push(format!("{by}: {}", words(&message)));
        let text = String::from_utf8_lossy(&transmit.bytes).into_owned();
        let lost = self.losses.iter_mut().find(|(what, left)| *left > 0 && text.starts_with(what));
        if let Some((_, left)) = lost {
            *left -= 1;
            return;
        }
        self.wire.push_back(Packet { at: self.now + LATENCY, agent, to_proxy, bytes: transmit.bytes });
    }

    fn drain(&mut self) {
        for agent in 0..2 {
            while let Some(transmit) = self.agents[agent].poll_transmit() {
                self.post(agent, true, transmit);
            }
            while let Some(event) = self.agents[agent].poll_event() {
                self.events[agent].push(event);
            }
        }
        while let Some(transmit) = self.proxy.poll_transmit() {
            let agent =
                (0..2).find(|&agent| flow(self.transport, agent) == transmit.flow).expect("a neighbor");
            self.post(agent, false, transmit);
        }
        while self.proxy.poll_event().is_some() {}
    }

    fn deliver(&mut self, packet: Packet) {
        let Packet { agent, to_proxy, bytes, .. } = packet;
        let (from, now) = (flow(self.transport, agent), self.now);
        let taken = match (to_proxy, self.transport) {
            (true, Transport::Tcp) => self.proxy.handle_stream(agent as u64, &bytes, now),
            (true, _) => self.proxy.handle_message(from, &bytes, now),
            (false, Transport::Tcp) => self.agents[agent].handle_stream(&bytes, now),
            (false, _) => self.agents[agent].handle_message(&bytes, now),
        };
        taken.expect("what is sent can be read");
    }

    /// Lets time go by.
    fn run(&mut self, span: Duration) {
        let end = self.now + span;
        loop {
            self.drain();
            let timers = self.agents.iter().filter_map(Agent::poll_timeout).chain(self.proxy.poll_timeout());
            let next = timers.chain(self.wire.iter().map(|packet| packet.at)).min();
            let Some(next) = next.filter(|next| *next <= end) else { break };
            self.now = self.now.max(next);
            while self.wire.front().is_some_and(|packet| packet.at <= self.now) {
                let packet = self.wire.pop_front().expect("it is there");
                self.deliver(packet);
                self.drain();
            }
            let now = self.now;
            self.agents.iter_mut().for_each(|agent| agent.handle_timeout(now));
            self.proxy.handle_timeout(now);
        }
        self.now = end;
    }

    fn call(&mut self) -> u32 {
        let bob = Uri::new("bob", "example.test").expect("a URI");
        self.agents[0].call(&bob, "offer\r\n", Some("1"), self.now).expect("there is room")
    }

    /// Bob answers whatever he is offered.
    fn answer(&mut self) {
        let offered = self.events[1].iter().rev().find_map(|event| match event {
            AgentEvent::Offered { call, .. } => Some(*call),
            _ => None,
        });
        self.agents[1].answer(offered.expect("he is called"), "answer\r\n", Some("2"), self.now);
    }

    fn established(transport: Transport) -> (Lab, u32) {
        let mut lab = Lab::registered(transport);
        let call = lab.call();
        lab.run(Duration::from_millis(100));
        lab.answer();
        lab.run(Duration::from_secs(1));
        assert!(lab.events[0].contains(&AgentEvent::Confirmed { call }), "{:?}", lab.events);
        (lab, call)
    }
}

fn words(message: &Message) -> String {
    let (_, method) = message.headers().cseq().expect("a CSeq");
    match message {
        Message::Request(request) => request.method.name().to_owned(),
        Message::Response(response) => format!("{} {}", response.status, method.name()),
    }
}

#[test]
fn a_registration_is_challenged_once_and_kept_up() {
    for transport in [Transport::Udp, Transport::Tcp, Transport::Ws] {
        let mut lab = Lab::new(transport, "secret", false);
        lab.agents[0].register(Time::ZERO);
        lab.run(Duration::from_secs(1));
        assert_eq!(
            lab.said,
            ["alice: REGISTER", "proxy: 401 REGISTER", "alice: REGISTER", "proxy: 200 REGISTER"]
        );
        assert_eq!(lab.events[0], [AgentEvent::Registered]);
        lab.run(Duration::from_secs(700));
        assert_eq!(lab.proxy.users().collect::<Vec<_>>(), ["alice"], "it is told again before it expires");
    }
}

#[test]
fn a_wrong_password_is_tried_once() {
    let mut lab = Lab::new(Transport::Tcp, "guess", false);
    lab.agents[0].register(Time::ZERO);
    lab.run(Duration::from_secs(1));
    assert_eq!(lab.events[0], [AgentEvent::NotRegistered(401)]);
    assert_eq!(lab.said.len(), 4);
    assert_eq!(lab.proxy.users().count(), 0);
}

#[test]
fn a_call_rings_is_answered_reliably_and_stands() {
    for transport in [Transport::Udp, Transport::Tcp, Transport::Ws] {
        let mut lab = Lab::registered(transport);
        let call = lab.call();
        lab.run(Duration::from_millis(100));
        lab.answer();
        lab.run(Duration::from_secs(1));
        let expected = [
            "alice: INVITE",
            "proxy: 100 INVITE",
            "proxy: INVITE",
            "bob: 180 INVITE",
            "proxy: 180 INVITE",
            "bob: 183 INVITE",
            "proxy: 183 INVITE",
            "alice: PRACK",
            "proxy: PRACK",
            "bob: 200 PRACK",
            "bob: 200 INVITE",
            "proxy: 200 PRACK",
            "proxy: 200 INVITE",
            "alice: ACK",
            "proxy: ACK",
        ];
        assert_eq!(lab.said, expected, "{transport:?}");
        let answered = AgentEvent::Answered { call, sdp: "answer\r\n".into(), note: Some("2".into()) };
        assert_eq!(lab.events[0], [AgentEvent::Ringing { call }, answered, AgentEvent::Confirmed { call }]);
        lab.run(Duration::from_secs(60));
        assert_eq!(lab.said.len(), expected.len(), "nothing is repeated that has arrived: {:?}", lab.said);
    }
}

#[test]
fn whatever_is_lost_once_or_twice_over_udp_is_repeated() {
    for lost in ["INVITE", "SIP/2.0 183", "PRACK", "SIP/2.0 200", "ACK", "SIP/2.0 180", "SIP/2.0 100"] {
        let mut lab = Lab::registered(Transport::Udp);
        lab.losses = vec![(lost, 2)];
        let call = lab.call();
        lab.run(Duration::from_secs(4));
        lab.answer();
        lab.run(Duration::from_secs(20));
        assert!(lab.events[0].contains(&AgentEvent::Confirmed { call }), "{lost}: {:?}", lab.events);
        assert!(
            matches!(lab.events[1].last(), Some(AgentEvent::Confirmed { .. })),
            "{lost}: {:?}",
            lab.events
        );
    }
}

#[test]
fn candidates_follow_the_reliable_answer_one_after_the_other_and_both_ways() {
    let mut lab = Lab::registered(Transport::Udp);
    let call = lab.call();
    for number in 0..3 {
        assert!(lab.agents[0].trickle(call, &format!("a=candidate:{number}\r\n"), Some("5"), lab.now));
    }
    lab.losses = vec![("INFO", 1)];
    lab.run(Duration::from_millis(100));
    assert!(!lab.said.iter().any(|said| said.ends_with("INFO")), "not before the answer");
    lab.answer();
    lab.run(Duration::from_secs(3));
    let fragments: Vec<&str> = lab.events[1]
        .iter()
        .filter_map(|event| match event {
            AgentEvent::Trickled { fragment, .. } => Some(fragment.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(fragments, ["a=candidate:0\r\n", "a=candidate:1\r\n", "a=candidate:2\r\n"]);
    let bobs = lab.events[1].iter().find_map(|event| match event {
        AgentEvent::Offered { call, .. } => Some(*call),
        _ => None,
    });
    lab.agents[1].trickle(bobs.expect("his call"), "a=end-of-candidates\r\n", None, lab.now);
    lab.run(Duration::from_secs(1));
    assert!(matches!(lab.events[0].last(), Some(AgentEvent::Trickled { .. })), "{:?}", lab.events[0]);
}

#[test]
fn a_call_that_stands_is_offered_anew_and_ended() {
    let (mut lab, call) = Lab::established(Transport::Ws);
    assert!(lab.agents[0].reoffer(call, "again\r\n", Some("3"), lab.now));
    assert!(!lab.agents[0].reoffer(call, "too soon\r\n", None, lab.now), "one at a time");
    lab.run(Duration::from_millis(100));
    lab.answer();
    lab.run(Duration::from_secs(1));
    let answers = lab.events[0].iter().filter(|event| matches!(event, AgentEvent::Answered { .. })).count();
    assert_eq!(answers, 2);
    lab.agents[1].hang_up(0, lab.now);
    lab.run(Duration::from_secs(1));
    assert_eq!(lab.events[0].last(), Some(&AgentEvent::Ended { call, status: None }));
}

#[test]
fn offers_that_cross_in_a_call_are_both_refused() {
    let (mut lab, call) = Lab::established(Transport::Tcp);
    assert!(lab.agents[0].reoffer(call, "mine\r\n", None, lab.now));
    assert!(lab.agents[1].reoffer(0, "no, mine\r\n", None, lab.now));
    lab.run(Duration::from_secs(1));
    for (agent, call) in [(0, call), (1, 0)] {
        let refused = AgentEvent::Refused { call, method: Method::Invite, status: 491 };
        assert!(lab.events[agent].contains(&refused), "{:?}", lab.events[agent]);
    }
}

#[test]
fn a_call_that_is_taken_back_ends_on_both_sides() {
    for transport in [Transport::Udp, Transport::Ws] {
        let mut lab = Lab::registered(transport);
        let call = lab.call();
        lab.run(Duration::from_millis(100));
        lab.agents[0].hang_up(call, lab.now);
        lab.run(Duration::from_secs(60));
        assert_eq!(
            lab.events[0].last(),
            Some(&AgentEvent::Ended { call, status: Some(487) }),
            "{:?}",
            lab.said
        );
        assert_eq!(lab.events[1].last(), Some(&AgentEvent::Ended { call: 0, status: Some(487) }));
        assert!(
            lab.said.contains(&"alice: CANCEL".to_owned())
                && lab.said.contains(&"bob: 487 INVITE".to_owned())
        );
    }
}

#[test]
fn nobody_of_that_name_is_not_found_and_nobody_at_all_is_a_timeout() {
    let mut lab = Lab::registered(Transport::Udp);
    let carol = Uri::new("carol", "example.test").expect("a URI");
    let call = lab.agents[0].call(&carol, "offer\r\n", None, lab.now).expect("there is room");
    lab.run(Duration::from_secs(1));
    assert_eq!(lab.events[0].last(), Some(&AgentEvent::Ended { call, status: Some(404) }));
    lab.losses = vec![("INVITE", 100)];
    let call = lab.call();
    lab.run(Duration::from_secs(40));
    assert_eq!(lab.events[0].last(), Some(&AgentEvent::Ended { call, status: Some(408) }));
    assert_eq!(
        lab.said.iter().filter(|said| *said == "alice: INVITE").count(),
        1 + 7,
        "timer A until timer B"
    );
}

#[test]
fn a_proxy_may_ask_a_caller_for_a_password_too() {
    let mut lab = Lab::new(Transport::Tcp, "secret", true);
    lab.agents.iter_mut().for_each(|agent| agent.register(Time::ZERO));
    lab.run(Duration::from_secs(1));
    lab.said.clear();
    let call = lab.call();
    lab.run(Duration::from_millis(100));
    assert_eq!(lab.said[..4], ["alice: INVITE", "proxy: 407 INVITE", "alice: ACK", "alice: INVITE"]);
    lab.answer();
    lab.run(Duration::from_secs(1));
    assert!(lab.events[0].contains(&AgentEvent::Confirmed { call }), "{:?}", lab.events[0]);
}

#[test]
fn whoever_has_lost_the_stream_is_not_reached_any_more() {
    let mut lab = Lab::registered(Transport::Ws);
    lab.proxy.stream_closed(flow(Transport::Ws, 1));
    let call = lab.call();
    lab.run(Duration::from_secs(1));
    assert_eq!(lab.events[0].last(), Some(&AgentEvent::Ended { call, status: Some(404) }));
}
