//! A name server: answers questions from its zone, over UDP. It keeps no state. Not here: the zone.

use super::dns64::{Dns64, IPV4_ONLY, IPV4_ONLY_ADDRESSES};
use super::message::{EDNS_SIZE, PLAIN_SIZE};
use super::{Code, Message, Record, RecordData, RecordKind, Zone};
use crate::reason::Reason;

/// An answer to be sent back to where the question came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The payload of the UDP datagram.
    pub payload: Vec<u8>,
    /// Why it says what it says.
    pub reason: Reason,
}

/// A name server that knows all that there is to know.
#[derive(Clone, Debug)]
pub struct NameServer {
    zone: Zone,
    dns64: Option<Dns64>,
    size_max: u16,
}

impl NameServer {
    /// A server with this zone.
    pub fn new(zone: Zone) -> NameServer {
        NameServer { zone, dns64: None, size_max: EDNS_SIZE }
    }

    /// Makes IPv6 addresses for names that have none (RFC 6147).
    #[must_use]
    pub fn with_dns64(mut self, dns64: Dns64) -> NameServer {
        if let Ok(name) = IPV4_ONLY.parse()
            && !self.zone.has(&name, RecordKind::A)
        {
            for address in IPV4_ONLY_ADDRESSES {
                // RFC 7050 §8.2: a day.
                self.zone.add(Record::new(name.clone(), 86_400, RecordData::A(address)));
            }
        }
        self.dns64 = Some(dns64);
        self
    }

    /// The longest answer that it gives to clients that take as much; 1,232 bytes unless set.
    #[must_use]
    pub fn with_size_max(mut self, size_max: u16) -> NameServer {
        self.size_max = size_max.max(PLAIN_SIZE);
        self
    }

    /// The answer to a datagram; or why there is none.
    pub fn answer(&self, payload: &[u8]) -> Result<Reply, Reason> {
        let request = Message::parse(payload).map_err(|_| Reason::DnsMalformed)?;
        if request.is_response {
            // Two servers that answered each other would never stop.
            return Err(Reason::DnsUnexpected);
        }
        let (response, reason) = self.respond(&request);
        let bytes = response.to_bytes().map_err(|_| Reason::DnsMalformed)?;
        // RFC 6891 §6.2.3: sizes below 512 mean 512.
        let taken = request.edns_size.map_or(PLAIN_SIZE, |size| size.max(PLAIN_SIZE).min(self.size_max));
        if bytes.len() <= usize::from(taken) {
            return Ok(Reply { payload: bytes, reason });
        }
        let payload = shortened(response, taken).ok_or(Reason::DnsMalformed)?;
        Ok(payload)
    }

    fn respond(&self, request: &Message) -> (Message, Reason) {
        let [question] = request.questions.as_slice() else {
            return (Message::response(request, Code::FormatError), Reason::DnsNotImplemented);
        };
        if request.operation != 0 {
            return (Message::response(request, Code::NotImplemented), Reason::DnsNotImplemented);
        }
        let (looked, made) = match &self.dns64 {
            Some(dns64) => dns64.look_up(&self.zone, question),
            None => (self.zone.look_up(question), false),
        };
        let mut response = Message::response(request, looked.code);
        response.answers = looked.answers;
        response.authorities = looked.authorities;
        response.additionals = looked.additionals;
        let reason = match looked.code {
            Code::ServerFailure => Reason::DnsServedFailure,
            _ if made => Reason::DnsSynthesized,
            _ => Reason::DnsServed,
        };
        (response, reason)
    }
}

/// RFC 2181 §9: additional records may be left out without a word. If that is not enough, all are, and the client is told.
fn shortened(mut response: Message, taken: u16) -> Option<Reply> {
    response.additionals.clear();
    let payload = response.to_bytes().ok()?;
    if payload.len() <= usize::from(taken) {
        return Some(Reply { payload, reason: Reason::DnsServed });
    }
    response.answers.clear();
    response.authorities.clear();
    response.truncated = true;
    Some(Reply { payload: response.to_bytes().ok()?, reason: Reason::DnsServedTruncated })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::{DomainName, Question};

    fn name(text: &str) -> DomainName {
        text.parse().unwrap()
    }

    /// A server where `many.test` has that many addresses and `broken.test` fails.
    fn server(addresses: u8) -> NameServer {
        let mut zone = Zone::new(60);
        for last in 1..=addresses {
            let address = RecordData::A(std::net::Ipv4Addr::new(192, 0, 2, last));
            zone.add(Record::new(name("many.test"), 300, address));
        }
        zone.fail(name("broken.test"));
        NameServer::new(zone)
    }

    fn ask(server: &NameServer, text: &str, edns: Option<u16>) -> (Message, Reason, usize) {
        let query = Message::query(1, Question::new(name(text), RecordKind::A), edns);
        let reply = server.answer(&query.to_bytes().unwrap()).unwrap();
        (Message::parse(&reply.payload).unwrap(), reply.reason, reply.payload.len())
    }

    #[test]
    fn an_answer_that_fits_says_everything() {
        let (answer, reason, _) = ask(&server(20), "many.test", None);
        assert_eq!((answer.answers.len(), answer.truncated, reason), (20, false, Reason::DnsServed));
    }

    #[test]
    fn without_edns_512_bytes_are_all_and_with_it_1232() {
        let (plain, reason, length) = ask(&server(40), "many.test", None);
        assert!(plain.truncated && length <= 512, "{length}");
        assert_eq!((plain.answers.len(), reason), (0, Reason::DnsServedTruncated));
        let (more, _, length) = ask(&server(40), "many.test", Some(4096));
        assert!(!more.truncated && length > 512);
        let (most, _, length) = ask(&server(100), "many.test", Some(4096));
        assert!(most.truncated && length <= 1232, "1,232 bytes are the server's own limit");
    }

    #[test]
    fn what_fails_says_servfail() {
        let (answer, reason, _) = ask(&server(1), "broken.test", None);
        assert_eq!((answer.code, reason), (Code::ServerFailure, Reason::DnsServedFailure));
    }

    #[test]
    fn other_requests_and_responses_are_not_served() {
        let mut update = Message::query(1, Question::new(name("many.test"), RecordKind::A), None);
        update.operation = 5;
        let reply = server(1).answer(&update.to_bytes().unwrap()).unwrap();
        assert_eq!(reply.reason, Reason::DnsNotImplemented);
        assert_eq!(Message::parse(&reply.payload).unwrap().code, Code::NotImplemented);
        let response = Message::response(&update, Code::NoError).to_bytes().unwrap();
        assert_eq!(server(1).answer(&response), Err(Reason::DnsUnexpected));
        assert_eq!(server(1).answer(b"hello"), Err(Reason::DnsMalformed));
    }

    #[test]
    fn a_host_behind_dns64_can_find_out_the_prefix() {
        let server = server(1).with_dns64(Dns64::default());
        let question = Question::new(name("ipv4only.arpa"), RecordKind::Aaaa);
        let query = Message::query(1, question, None).to_bytes().unwrap();
        let reply = server.answer(&query).unwrap();
        assert_eq!(reply.reason, Reason::DnsSynthesized);
        let answer = Message::parse(&reply.payload).unwrap();
        let addresses: Vec<String> = answer.answers.iter().map(|record| record.data.to_string()).collect();
        assert_eq!(addresses, ["64:ff9b::c000:aa", "64:ff9b::c000:ab"]);
    }
}
