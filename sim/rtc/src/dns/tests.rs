//! The resolver against name servers that answer, fail, are silent, and lie.

use std::net::{IpAddr, SocketAddr};

use super::*;
use crate::randomness::Randomness;
use crate::reason::Reason;
use crate::time::Time;

/// A sequence that does not repeat soon; enough for ids and choices.
#[derive(Debug)]
struct Steps(u64);

impl Randomness for Steps {
    fn fill(&mut self, out: &mut [u8]) {
        for byte in out {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = (self.0 >> 33) as u8;
        }
    }
}

fn name(text: &str) -> DomainName {
    text.parse().unwrap()
}

fn server(last: u8) -> SocketAddr {
    format!("192.0.2.{last}:53").parse().unwrap()
}

fn ms(at: u64) -> Time {
    Time::from_millis(at)
}

fn zone() -> NameServer {
    let mut zone = Zone::new(60);
    let mut add = |owner: &str, data: RecordData| zone.add(Record::new(name(owner), 300, data));
    let address = |text: &str| RecordData::from(text.parse::<IpAddr>().unwrap());
    add("www.test", RecordData::Cname(name("host.test")));
    add("host.test", address("198.51.100.1"));
    add("both.test", address("198.51.100.2"));
    add("both.test", address("2001:db8::2"));
    let srv =
        |priority, port, target: &str| RecordData::Srv { priority, weight: 1, port, target: name(target) };
    add("_stun._udp.test", srv(20, 3479, "host.test"));
    add("_stun._udp.test", srv(10, 3478, "both.test"));
    add("_stun._udp.test", srv(20, 3480, "host.test"));
    zone.fail(name("broken.test"));
    NameServer::new(zone)
}

/// A resolver, and what it has said.
struct Bench {
    resolver: Resolver,
    asked: Vec<(u64, u32, SocketAddr, Vec<u8>)>,
    reasons: Vec<Reason>,
    finished: Vec<Result<Found, Failure>>,
    phases: Vec<QueryPhase>,
    now: Time,
}

impl Bench {
    fn new(servers: &[u8]) -> Bench {
        let config = ResolverConfig::new(servers.iter().map(|last| server(*last)).collect());
        let resolver = Resolver::new(config, Box::new(Steps(1)));
        let (asked, reasons, finished, phases) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Bench { resolver, asked, reasons, finished, phases, now: Time::ZERO }
    }

    fn drain(&mut self) {
        while let Some(output) = self.resolver.poll_output() {
            match output {
                ResolverOutput::Transmit { query, to, payload, .. } => {
                    self.asked.push((self.now.as_nanos() / 1_000_000, query, to, payload));
                }
                ResolverOutput::Change { snapshot, reason, .. } => {
                    self.reasons.push(reason);
                    self.phases.push(snapshot.phase);
                }
                ResolverOutput::Finished { result, .. } => self.finished.push(result),
                ResolverOutput::Ignored { reason } => self.reasons.push(reason),
            }
        }
    }

    fn look_up(&mut self, owner: &str, want: Want) {
        self.resolver.look_up(&name(owner), want, self.now);
        self.drain();
    }

    /// Lets the zone answer everything that was asked and not answered.
    fn answer_all(&mut self) {
        while !self.asked.is_empty() {
            for (_, query, to, payload) in std::mem::take(&mut self.asked) {
                let reply = zone().answer(&payload).unwrap();
                self.resolver.handle_datagram(query, to, &reply.payload, self.now);
                self.drain();
            }
        }
    }

    /// Nobody answers until then.
    fn wait_until(&mut self, end: Time) {
        while let Some(at) = self.resolver.poll_timeout().filter(|at| *at <= end) {
            self.now = at;
            self.resolver.handle_timeout(at);
            self.drain();
        }
        self.now = end;
    }

    fn sent(&self) -> Vec<(u64, u8)> {
        let last = |to: &SocketAddr| match to.ip() {
            IpAddr::V4(v4) => v4.octets()[3],
            IpAddr::V6(_) => 0,
        };
        self.asked.iter().map(|(at, _, to, _)| (*at, last(to))).collect()
    }

    fn endpoints(&self, place: usize) -> Vec<String> {
        let found = self.finished[place].as_ref().unwrap();
        found.endpoints.iter().map(SocketAddr::to_string).collect()
    }
}

const A: Want = Want::Records(RecordKind::A);
const BOTH: FamiliesWanted = FamiliesWanted { v4: true, v6: true };

#[test]
fn a_lost_question_is_asked_again_with_twice_the_patience_and_three_times_at_most() {
    let mut bench = Bench::new(&[1]);
    bench.look_up("host.test", A);
    bench.wait_until(ms(60_000));
    assert_eq!(bench.sent(), [(0, 1), (1_000, 1), (3_000, 1)]);
    assert_eq!(bench.reasons, [Reason::DnsAsked, Reason::DnsRetry, Reason::DnsRetry, Reason::DnsTimedOut]);
    assert_eq!(bench.finished, [Err(Failure::TimedOut)]);
}

#[test]
fn every_server_is_asked_once_before_any_is_asked_again() {
    let mut bench = Bench::new(&[1, 2]);
    bench.look_up("host.test", A);
    bench.wait_until(ms(60_000));
    assert_eq!(bench.sent(), [(0, 1), (1_000, 2), (2_000, 1), (4_000, 2), (6_000, 1), (10_000, 2)]);
    assert_eq!(bench.reasons[1], Reason::DnsNextServer);
}

#[test]
fn the_answer_to_an_earlier_transmission_counts() {
    let mut bench = Bench::new(&[1, 2]);
    bench.look_up("host.test", A);
    bench.wait_until(ms(1_500));
    bench.asked.truncate(1);
    bench.answer_all();
    assert!(matches!(&bench.finished[..], [Ok(found)] if found.records.len() == 1));
    assert_eq!(bench.resolver.poll_timeout(), None);
}

#[test]
fn an_alias_comes_with_what_it_stands_for() {
    let mut bench = Bench::new(&[1]);
    bench.look_up("www.test", A);
    bench.answer_all();
    let records = &bench.finished[0].as_ref().unwrap().records;
    let said: Vec<String> = records.iter().map(|record| record.data.to_string()).collect();
    assert_eq!(said, ["host.test", "198.51.100.1"]);
    assert_eq!(bench.reasons, [Reason::DnsAsked, Reason::DnsAnswered]);
}

#[test]
fn a_server_that_cannot_answer_makes_room_for_the_next_at_once() {
    let mut bench = Bench::new(&[1, 2]);
    bench.look_up("broken.test", A);
    bench.answer_all();
    assert_eq!(bench.reasons, [Reason::DnsAsked, Reason::DnsNextServer, Reason::DnsServerFailure]);
    assert_eq!(bench.finished, [Err(Failure::ServerFailure)]);
}

#[test]
fn an_unreachable_server_is_not_waited_for() {
    let mut bench = Bench::new(&[1]);
    bench.look_up("host.test", A);
    bench.resolver.handle_unreachable(0, server(1), ms(5));
    bench.drain();
    assert_eq!(bench.finished, [Err(Failure::Unreachable)]);
    assert_eq!(bench.reasons.last(), Some(&Reason::DnsUnreachable));
}

#[test]
fn an_answer_is_remembered_for_its_ttl_and_ages() {
    let mut bench = Bench::new(&[1]);
    bench.look_up("host.test", A);
    bench.answer_all();
    bench.now = ms(100_000);
    bench.look_up("HOST.test", A);
    assert_eq!(bench.reasons.last(), Some(&Reason::DnsFromCache));
    assert_eq!(bench.finished[1].as_ref().unwrap().records[0].ttl_s, 200);
    bench.now = ms(300_000);
    bench.look_up("host.test", A);
    assert_eq!((bench.finished.len(), bench.asked.len()), (2, 1), "it is asked for again");
}

#[test]
fn what_is_not_there_is_remembered_as_its_zone_says() {
    let mut bench = Bench::new(&[1]);
    bench.look_up("nobody.test", A);
    bench.answer_all();
    bench.now = ms(59_000);
    bench.look_up("nobody.test", A);
    assert_eq!(bench.finished, [Err(Failure::NoSuchName), Err(Failure::NoSuchName)]);
    assert_eq!(bench.reasons, [Reason::DnsAsked, Reason::DnsNoSuchName, Reason::DnsFromCache]);
    bench.now = ms(60_000);
    bench.look_up("nobody.test", A);
    assert_eq!(bench.asked.len(), 1);
}

#[test]
fn a_failure_is_remembered_for_five_seconds_and_then_for_ten() {
    let mut bench = Bench::new(&[1]);
    let silent_until = |bench: &mut Bench| {
        bench.look_up("host.test", A);
        bench.wait_until(bench.now + std::time::Duration::from_secs(7));
        bench.asked.clear();
    };
    silent_until(&mut bench);
    bench.wait_until(ms(11_900));
    bench.look_up("host.test", A);
    assert_eq!((bench.reasons.last(), bench.asked.len()), (Some(&Reason::DnsFailureFromCache), 0));
    bench.wait_until(ms(12_000));
    silent_until(&mut bench);
    bench.wait_until(ms(28_900));
    bench.look_up("host.test", A);
    assert_eq!(bench.asked.len(), 0, "given up at 19 s, remembered until 29 s");
    bench.wait_until(ms(29_000));
    bench.look_up("host.test", A);
    assert_eq!(bench.asked.len(), 1);
}

#[test]
fn an_answer_that_was_cut_off_is_not_used() {
    let mut bench = Bench::new(&[1]);
    bench.look_up("host.test", A);
    let (_, query, to, payload) = bench.asked.remove(0);
    let mut answer = Message::response(&Message::parse(&payload).unwrap(), Code::NoError);
    answer.truncated = true;
    bench.resolver.handle_datagram(query, to, &answer.to_bytes().unwrap(), ms(5));
    bench.drain();
    assert_eq!(bench.finished, [Err(Failure::Truncated)]);
    assert_eq!(bench.reasons.last(), Some(&Reason::DnsTruncated));
}

#[test]
fn answers_with_another_id_question_or_sender_are_not_taken() {
    let mut bench = Bench::new(&[1]);
    bench.look_up("host.test", A);
    let (_, query, to, payload) = bench.asked.remove(0);
    let right = Message::parse(&zone().answer(&payload).unwrap().payload).unwrap();
    let mut other_id = right.clone();
    other_id.id ^= 1;
    let mut other_question = right.clone();
    other_question.questions = vec![Question::new(name("both.test"), RecordKind::A)];
    let mut question = right.clone();
    question.is_response = false;
    let lies = [(to, other_id), (to, other_question), (to, question), (server(9), right.clone())];
    for (from, lie) in lies {
        bench.resolver.handle_datagram(query, from, &lie.to_bytes().unwrap(), ms(5));
        bench.drain();
        assert_eq!(bench.reasons.last(), Some(&Reason::DnsUnexpected), "{lie:?}");
    }
    bench.resolver.handle_datagram(query, to, b"nonsense", ms(5));
    bench.drain();
    assert_eq!(bench.reasons.last(), Some(&Reason::DnsMalformed));
    assert!(bench.finished.is_empty());
    bench.resolver.handle_datagram(query, to, &right.to_bytes().unwrap(), ms(6));
    bench.drain();
    assert!(matches!(&bench.finished[..], [Ok(_)]));
}

#[test]
fn both_families_are_asked_for_and_ipv6_goes_first() {
    let mut bench = Bench::new(&[1]);
    bench.look_up("both.test", Want::Addresses(BOTH));
    assert_eq!(bench.asked.len(), 2, "at once");
    bench.answer_all();
    assert_eq!(bench.endpoints(0), ["[2001:db8::2]:0", "198.51.100.2:0"]);
    bench.look_up("host.test", Want::Addresses(BOTH));
    bench.answer_all();
    assert_eq!(bench.endpoints(1), ["198.51.100.1:0"]);
    assert!(bench.reasons.contains(&Reason::DnsNoData), "a name without IPv6");
    bench.look_up("host.test", Want::Addresses(FamiliesWanted { v4: false, v6: true }));
    assert_eq!(bench.finished[2], Err(Failure::NoData));
}

#[test]
fn a_service_is_found_by_srv_in_order_of_priority() {
    let mut bench = Bench::new(&[1]);
    let service = Want::Service { label: "_stun._udp", port: 3478, families: BOTH };
    bench.look_up("test", service);
    bench.answer_all();
    let endpoints = bench.endpoints(0);
    assert_eq!(endpoints[..2], ["[2001:db8::2]:3478", "198.51.100.2:3478"]);
    let mut rest = endpoints[2..].to_vec();
    rest.sort();
    assert_eq!(rest, ["198.51.100.1:3479", "198.51.100.1:3480"], "equals by chance");
}

#[test]
fn a_name_without_srv_has_the_service_at_its_usual_port() {
    let mut bench = Bench::new(&[1]);
    let service = Want::Service { label: "_stun._udp", port: 3478, families: BOTH };
    bench.look_up("host.test", service);
    bench.answer_all();
    assert_eq!(bench.endpoints(0), ["198.51.100.1:3478"]);
}

#[test]
fn one_question_serves_all_who_ask_it() {
    let mut bench = Bench::new(&[1]);
    bench.look_up("host.test", A);
    bench.look_up("host.test", Want::Addresses(FamiliesWanted { v4: true, v6: false }));
    assert_eq!(bench.asked.len(), 1);
    bench.answer_all();
    assert_eq!(bench.finished.len(), 2);
}

#[test]
fn random_answers_never_panic() {
    let mut random = Steps(7);
    for _ in 0..2_000 {
        let mut bench = Bench::new(&[1]);
        bench.look_up("www.test", Want::Addresses(BOTH));
        let (_, query, to, payload) = bench.asked.remove(0);
        let mut bytes = zone().answer(&payload).unwrap().payload;
        for _ in 0..1 + random.below(4) {
            let place = random.below(bytes.len() as u32) as usize;
            bytes[place] = random.u64() as u8;
        }
        let _ = zone().answer(&bytes);
        bench.resolver.handle_datagram(query, to, &bytes, ms(1));
        bench.drain();
    }
}

#[test]
fn a_local_name_is_asked_for_on_the_link_and_anyone_may_answer() {
    let mut bench = Bench::new(&[1]);
    bench.look_up("alice.local", A);
    let (_, query, to, payload) = bench.asked.remove(0);
    assert_eq!(to, MULTICAST_V4);
    let mut responder = Responder::new(Box::new(Steps(3)));
    let address: IpAddr = "192.168.1.10".parse().unwrap();
    responder.announce(name("alice.local"), vec![address], Uniqueness::Random, Time::ZERO);
    while responder.poll_output().is_some() {}
    responder.handle_datagram("192.168.1.11:50000".parse().unwrap(), &payload);
    let Some(ResponderOutput::Unicast { payload, .. }) = responder.poll_output() else { panic!("no answer") };
    bench.resolver.handle_datagram(query, "192.168.1.10:5353".parse().unwrap(), &payload, ms(1));
    bench.drain();
    assert_eq!(bench.reasons, [Reason::MdnsAsked, Reason::MdnsFound]);
    assert_eq!(bench.finished[0].as_ref().unwrap().records[0].data.address(), Some(address));
}

#[test]
fn a_local_name_that_nobody_has_stays_without_answer() {
    let mut bench = Bench::new(&[1]);
    bench.look_up("nobody.local", A);
    bench.wait_until(ms(60_000));
    assert_eq!(bench.finished, [Err(Failure::TimedOut)]);
    assert_eq!((bench.reasons[1], bench.reasons.last()), (Reason::MdnsRetry, Some(&Reason::MdnsTimedOut)));
}
