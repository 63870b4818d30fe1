//! A responder of multicast DNS: it owns names under `.local`, makes sure that nobody else does, and answers for them (RFC 6762). Not here:
//! who asks; a resolver whose servers are [`MULTICAST_V4`] and [`MULTICAST_V6`] does.

use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use super::{Code, DomainName, Message, Question, Record, RecordKind};
use crate::randomness::Randomness;
use crate::reason::Reason;
use crate::time::Time;

/// Where names under `.local` are asked for (RFC 6762 §3).
pub const MULTICAST_V4: SocketAddr =
    SocketAddr::new(IpAddr::V4(Ipv4Addr::new(224, 0, 0, 251)), MULTICAST_PORT);
/// The same over IPv6.
pub const MULTICAST_V6: SocketAddr =
    SocketAddr::new(IpAddr::V6(Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 0xfb)), MULTICAST_PORT);
/// The port of multicast DNS (RFC 6762 §3).
pub const MULTICAST_PORT: u16 = 5_353;

/// RFC 6762 §10: how long the address of a host may be remembered, in seconds.
const TTL_S: u32 = 120;
/// RFC 6762 §6.7: what is told to who asks as in ordinary DNS may not be remembered for long, in seconds.
const LEGACY_TTL_S: u32 = 10;
/// RFC 6762 §8.1: three questions, this far apart, and the first after a while of chance.
const PROBE_INTERVAL: Duration = Duration::from_millis(250);
const PROBES: u32 = 3;
/// RFC 6762 §8.3: two announcements, this far apart.
const ANNOUNCE_INTERVAL: Duration = Duration::from_secs(1);
const ANNOUNCEMENTS: u32 = 2;
/// Names that are owned at once.
const NAMES_MAX: usize = 256;
/// Question kind 255: any (RFC 1035 §3.2.3).
const ANY: RecordKind = RecordKind::Other(255);

/// Whether somebody else could own a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Uniqueness {
    /// It was chosen by a person: the link is asked first.
    Probed,
    /// It was drawn at random, as those of ICE candidates are: nobody else can have it (RFC 6762 §8.1).
    Random,
}

/// What a responder hands back, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResponderOutput {
    /// Send this to both groups, [`MULTICAST_V4`] and [`MULTICAST_V6`], from the port of multicast DNS.
    Multicast {
        /// The payload.
        payload: Vec<u8>,
        /// Why.
        reason: Reason,
    },
    /// Send this to one who asked.
    Unicast {
        /// Who.
        to: SocketAddr,
        /// The payload.
        payload: Vec<u8>,
        /// Why.
        reason: Reason,
    },
    /// The name is its own from now on.
    Owned {
        /// The name.
        name: DomainName,
    },
    /// Somebody else has the name, so it was given up: choose another.
    Conflict {
        /// The name.
        name: DomainName,
    },
    /// The datagram that is being handled changed nothing.
    Ignored {
        /// Why.
        reason: Reason,
    },
}

/// How far a name has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// So many questions have been sent whether somebody has it.
    Probing(u32),
    /// So many announcements have been sent.
    Announcing(u32),
    /// Everyone knows.
    Settled,
}

/// A name and what it stands for.
#[derive(Debug)]
struct Owned {
    name: DomainName,
    addresses: Vec<IpAddr>,
    stage: Stage,
    due: Time,
}

/// A responder.
///
/// Call [`announce`](Responder::announce), [`handle_datagram`](Responder::handle_datagram) and
/// [`handle_timeout`](Responder::handle_timeout) as things come; after each, drain [`poll_output`](Responder::poll_output) and ask
/// [`poll_timeout`](Responder::poll_timeout).
#[derive(Debug)]
pub struct Responder {
    randomness: Box<dyn Randomness>,
    names: Vec<Owned>,
    outputs: VecDeque<ResponderOutput>,
}

impl Responder {
    /// A responder without names.
    pub fn new(randomness: Box<dyn Randomness>) -> Responder {
        Responder { randomness, names: Vec::new(), outputs: VecDeque::new() }
    }

    /// Lets a name stand for addresses, at once if nobody else can have it.
    pub fn announce(&mut self, name: DomainName, addresses: Vec<IpAddr>, uniqueness: Uniqueness, now: Time) {
        self.names.retain(|owned| owned.name != name);
        if self.names.len() >= NAMES_MAX {
            return;
        }
        let (stage, due) = match uniqueness {
            // RFC 6762 §8.1: hosts that are switched on together do not all ask at once.
            Uniqueness::Probed => {
                let wait = Duration::from_millis(self.randomness.below(250).into());
                (Stage::Probing(0), now + wait)
            }
            Uniqueness::Random => (Stage::Announcing(0), now),
        };
        self.names.push(Owned { name, addresses, stage, due });
        self.handle_timeout(now);
    }

    /// Gives a name up, and says so (RFC 6762 §10.1).
    pub fn withdraw(&mut self, name: &DomainName) {
        let Some(place) = self.names.iter().position(|owned| owned.name == *name) else { return };
        let owned = self.names.remove(place);
        if !matches!(owned.stage, Stage::Probing(_)) {
            let records = records_of(&owned, None, 0);
            self.multicast(response(records), Reason::MdnsGoodbye);
        }
    }

    /// Takes a datagram that came to the port of multicast DNS.
    pub fn handle_datagram(&mut self, from: SocketAddr, payload: &[u8]) {
        let Ok(message) = Message::parse(payload) else {
            return self.ignore(Reason::DnsMalformed);
        };
        match message.is_response {
            true => self.take_response(from, &message),
            false => self.take_question(from, &message),
        }
    }

    /// Serves the timers.
    pub fn handle_timeout(&mut self, now: Time) {
        while let Some(place) = self.names.iter().position(|owned| owned.due <= now) {
            self.advance(place, now);
        }
    }

    /// When to call [`Responder::handle_timeout`].
    pub fn poll_timeout(&self) -> Option<Time> {
        self.names.iter().map(|owned| owned.due).filter(|due| *due != Time::MAX).min()
    }

    /// What to do next, in order.
    pub fn poll_output(&mut self) -> Option<ResponderOutput> {
        self.outputs.pop_front()
    }

    /// The next step of a name whose time has come.
    fn advance(&mut self, place: usize, now: Time) {
        let owned = &mut self.names[place];
        match owned.stage {
            Stage::Probing(sent) if sent < PROBES => {
                owned.stage = Stage::Probing(sent + 1);
                owned.due = now + PROBE_INTERVAL;
                let question = Question { name: owned.name.clone(), kind: ANY, unicast: true };
                let authorities = records_of(owned, None, TTL_S);
                let probe = Message { questions: vec![question], authorities, ..Message::default() };
                self.multicast(probe, Reason::MdnsProbe);
            }
            Stage::Probing(_) => {
                owned.stage = Stage::Announcing(0);
                owned.due = now;
            }
            Stage::Announcing(sent) => {
                let more = sent + 1 < ANNOUNCEMENTS;
                owned.stage = if more { Stage::Announcing(sent + 1) } else { Stage::Settled };
                owned.due = if more { now + ANNOUNCE_INTERVAL } else { Time::MAX };
                let (name, records) = (owned.name.clone(), records_of(owned, None, TTL_S));
                self.multicast(response(records), Reason::MdnsAnnounced);
                if sent == 0 {
                    self.outputs.push_back(ResponderOutput::Owned { name });
                }
            }
            Stage::Settled => owned.due = Time::MAX,
        }
    }

    fn take_question(&mut self, from: SocketAddr, message: &Message) {
        if message.operation != 0 {
            return self.ignore(Reason::DnsNotImplemented);
        }
        // RFC 6762 §6.7: who asks from another port asks as in ordinary DNS, and is answered as there.
        let legacy = from.port() != MULTICAST_PORT;
        let ttl_s = if legacy { LEGACY_TTL_S } else { TTL_S };
        let mut records: Vec<Record> = Vec::new();
        let mut unicast = legacy;
        for question in &message.questions {
            let settled = self
                .names
                .iter()
                .find(|owned| owned.name == question.name && !matches!(owned.stage, Stage::Probing(_)));
            let Some(owned) = settled else { continue };
            unicast |= question.unicast;
            let kind = Some(question.kind).filter(|kind| *kind != ANY);
            records.extend(records_of(owned, kind, ttl_s));
        }
        if records.is_empty() {
            return self.ignore(Reason::MdnsNotMine);
        }
        // RFC 6762 §7.1: what the one who asks knows already is not told again.
        let known = |record: &Record| {
            let same = |known: &&Record| known.name == record.name && known.data == record.data;
            message.answers.iter().find(same).is_some_and(|known| known.ttl_s >= record.ttl_s / 2)
        };
        records.retain(|record| !known(record));
        if records.is_empty() {
            return self.ignore(Reason::MdnsKnownAnswer);
        }
        let mut answer = response(records);
        if legacy {
            // RFC 6762 §6.7: id and question come back, and nothing is said that ordinary DNS does not know.
            answer.id = message.id;
            answer.questions = message.questions.clone();
            answer.answers.iter_mut().for_each(|record| record.flush = false);
        }
        if !unicast {
            return self.multicast(answer, Reason::MdnsAnswered);
        }
        if let Ok(payload) = answer.to_bytes() {
            self.outputs.push_back(ResponderOutput::Unicast {
                to: from,
                payload,
                reason: Reason::MdnsAnswered,
            });
        }
    }

    /// RFC 6762 §8.1, §9: whoever answers for one of our names with something else has it.
    fn take_response(&mut self, from: SocketAddr, message: &Message) {
        // RFC 6762 §6: a response from another port is not one.
        if from.port() != MULTICAST_PORT || message.code != Code::NoError {
            return self.ignore(Reason::MdnsForeign);
        }
        let conflicts = |owned: &Owned| {
            let ours = |record: &&Record| record.name == owned.name && record.ttl_s > 0;
            let other = |record: &Record| {
                record.data.address().is_some_and(|address| !owned.addresses.contains(&address))
            };
            message.answers.iter().filter(ours).any(other)
        };
        match self.names.iter().position(conflicts) {
            Some(place) => {
                let name = self.names.remove(place).name;
                self.outputs.push_back(ResponderOutput::Conflict { name });
            }
            None => self.ignore(Reason::MdnsNotMine),
        }
    }

    fn multicast(&mut self, message: Message, reason: Reason) {
        if let Ok(payload) = message.to_bytes() {
            self.outputs.push_back(ResponderOutput::Multicast { payload, reason });
        }
    }

    fn ignore(&mut self, reason: Reason) {
        self.outputs.push_back(ResponderOutput::Ignored { reason });
    }
}

/// The address records of a name, of one kind or all.
fn records_of(owned: &Owned, kind: Option<RecordKind>, ttl_s: u32) -> Vec<Record> {
    let records = owned.addresses.iter().map(|address| {
        // RFC 6762 §10.2: nobody else has records of this name.
        Record { flush: true, ..Record::new(owned.name.clone(), ttl_s, *address) }
    });
    records.filter(|record| kind.is_none_or(|kind| record.data.kind() == kind)).collect()
}

/// RFC 6762 §18: id zero, authoritative, no question.
fn response(answers: Vec<Record>) -> Message {
    Message { is_response: true, authoritative: true, answers, ..Message::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Zero;

    impl Randomness for Zero {
        fn fill(&mut self, out: &mut [u8]) {
            out.fill(0);
        }
    }

    fn name(text: &str) -> DomainName {
        text.parse().unwrap()
    }

    fn own() -> Vec<IpAddr> {
        vec!["192.168.1.10".parse().unwrap()]
    }

    fn outputs(responder: &mut Responder) -> Vec<ResponderOutput> {
        std::iter::from_fn(|| responder.poll_output()).collect()
    }

    /// What is multicast until nothing is due any more: when and why.
    fn multicasts(responder: &mut Responder) -> Vec<(u64, Reason)> {
        let mut sent = Vec::new();
        let mut now = Time::ZERO;
        loop {
            for output in outputs(responder) {
                if let ResponderOutput::Multicast { reason, .. } = output {
                    sent.push((now.as_nanos() / 1_000_000, reason));
                }
            }
            let Some(next) = responder.poll_timeout() else { return sent };
            now = next;
            responder.handle_timeout(now);
        }
    }

    fn settled() -> Responder {
        let mut responder = Responder::new(Box::new(Zero));
        responder.announce(name("alice.local"), own(), Uniqueness::Random, Time::ZERO);
        multicasts(&mut responder);
        responder
    }

    #[test]
    fn a_name_that_a_person_chose_is_asked_for_three_times_and_told_twice() {
        let mut responder = Responder::new(Box::new(Zero));
        responder.announce(name("alice.local"), own(), Uniqueness::Probed, Time::ZERO);
        let expected = [
            (0, Reason::MdnsProbe),
            (250, Reason::MdnsProbe),
            (500, Reason::MdnsProbe),
            (750, Reason::MdnsAnnounced),
            (1_750, Reason::MdnsAnnounced),
        ];
        assert_eq!(multicasts(&mut responder), expected);
    }

    #[test]
    fn a_random_name_is_told_at_once() {
        let mut responder = Responder::new(Box::new(Zero));
        responder.announce(name("7d2f.local"), own(), Uniqueness::Random, Time::ZERO);
        assert_eq!(multicasts(&mut responder), [(0, Reason::MdnsAnnounced), (1_000, Reason::MdnsAnnounced)]);
    }

    #[test]
    fn who_asks_from_any_port_is_answered_alone_and_who_asks_from_5353_is_answered_to_all() {
        let mut responder = settled();
        let question = Question::new(name("ALICE.local"), RecordKind::A);
        let ask = Message::query(77, question, None).to_bytes().unwrap();
        responder.handle_datagram("192.168.1.11:50000".parse().unwrap(), &ask);
        let answers = outputs(&mut responder);
        let [ResponderOutput::Unicast { payload, reason: Reason::MdnsAnswered, .. }] = &answers[..] else {
            panic!("{answers:?}")
        };
        let answer = Message::parse(payload).unwrap();
        assert_eq!((answer.id, answer.questions.len(), answer.answers[0].ttl_s), (77, 1, 10));
        responder.handle_datagram("192.168.1.11:5353".parse().unwrap(), &ask);
        let answers = outputs(&mut responder);
        let [ResponderOutput::Multicast { payload, .. }] = &answers[..] else { panic!("{answers:?}") };
        let answer = Message::parse(payload).unwrap();
        assert_eq!((answer.id, answer.questions.len(), answer.answers[0].ttl_s), (0, 0, 120));
        assert!(answer.answers[0].flush);
    }

    #[test]
    fn what_is_not_ours_or_known_already_is_not_answered() {
        let mut responder = settled();
        let from: SocketAddr = "192.168.1.11:5353".parse().unwrap();
        let other = Message::query(0, Question::new(name("bob.local"), RecordKind::A), None);
        responder.handle_datagram(from, &other.to_bytes().unwrap());
        assert_eq!(outputs(&mut responder), [ResponderOutput::Ignored { reason: Reason::MdnsNotMine }]);
        let mut known = Message::query(0, Question::new(name("alice.local"), RecordKind::A), None);
        known.answers = vec![Record::new(name("alice.local"), 100, own()[0])];
        responder.handle_datagram(from, &known.to_bytes().unwrap());
        assert_eq!(outputs(&mut responder), [ResponderOutput::Ignored { reason: Reason::MdnsKnownAnswer }]);
        responder.handle_datagram(
            "192.168.1.11:53".parse().unwrap(),
            &response(known.answers).to_bytes().unwrap(),
        );
        assert_eq!(outputs(&mut responder), [ResponderOutput::Ignored { reason: Reason::MdnsForeign }]);
    }

    #[test]
    fn a_name_that_somebody_has_is_given_up() {
        let mut responder = Responder::new(Box::new(Zero));
        responder.announce(name("alice.local"), own(), Uniqueness::Probed, Time::ZERO);
        outputs(&mut responder);
        let theirs: IpAddr = "192.168.1.99".parse().unwrap();
        let answer = response(vec![Record::new(name("alice.local"), 120, theirs)]).to_bytes().unwrap();
        responder.handle_datagram("192.168.1.99:5353".parse().unwrap(), &answer);
        assert_eq!(outputs(&mut responder), [ResponderOutput::Conflict { name: name("alice.local") }]);
        assert_eq!(responder.poll_timeout(), None);
    }

    #[test]
    fn a_name_that_is_given_up_is_taken_back() {
        let mut responder = settled();
        responder.withdraw(&name("alice.local"));
        let said = outputs(&mut responder);
        let [ResponderOutput::Multicast { payload, reason: Reason::MdnsGoodbye }] = &said[..] else {
            panic!("{said:?}")
        };
        assert_eq!(Message::parse(payload).unwrap().answers[0].ttl_s, 0);
    }
}
