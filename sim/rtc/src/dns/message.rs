//! DNS messages, as bytes and as what they say (RFC 1035 §4.1, RFC 6891). Not here: what is answered and asked.

use std::fmt;

use hickory_proto::op::{self, Edns, MessageType, OpCode, ResponseCode as WireCode};

use super::{DomainName, Record, RecordKind};

/// The size of a message over UDP that everyone takes (RFC 1035 §4.2.1).
pub const PLAIN_SIZE: u16 = 512;
/// The size that is announced with EDNS: no path of the internet has to fragment it (RFC 9715 §3.1).
pub const EDNS_SIZE: u16 = 1_232;

/// What came of a request (RFC 1035 §4.1.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// NOERROR: the records that there are, or none of this kind.
    #[default]
    NoError,
    /// FORMERR: the server cannot read the request.
    FormatError,
    /// SERVFAIL: the server cannot answer.
    ServerFailure,
    /// NXDOMAIN: the name does not exist.
    NoSuchName,
    /// NOTIMP: the server does not do that.
    NotImplemented,
    /// REFUSED: the server does not answer this to this client.
    Refused,
    /// Another one.
    Other(u16),
}

impl Code {
    fn from_wire(code: WireCode) -> Code {
        match code {
            WireCode::NoError => Code::NoError,
            WireCode::FormErr => Code::FormatError,
            WireCode::ServFail => Code::ServerFailure,
            WireCode::NXDomain => Code::NoSuchName,
            WireCode::NotImp => Code::NotImplemented,
            WireCode::Refused => Code::Refused,
            other => Code::Other(other.into()),
        }
    }

    fn to_wire(self) -> WireCode {
        match self {
            Code::NoError => WireCode::NoError,
            Code::FormatError => WireCode::FormErr,
            Code::ServerFailure => WireCode::ServFail,
            Code::NoSuchName => WireCode::NXDomain,
            Code::NotImplemented => WireCode::NotImp,
            Code::Refused => WireCode::Refused,
            Code::Other(number) => WireCode::from((number >> 4) as u8, (number & 15) as u8),
        }
    }
}

/// As tools print it: `NOERROR`, `NXDOMAIN`.
impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Code::NoError => f.write_str("NOERROR"),
            Code::FormatError => f.write_str("FORMERR"),
            Code::ServerFailure => f.write_str("SERVFAIL"),
            Code::NoSuchName => f.write_str("NXDOMAIN"),
            Code::NotImplemented => f.write_str("NOTIMP"),
            Code::Refused => f.write_str("REFUSED"),
            Code::Other(number) => write!(f, "RCODE{number}"),
        }
    }
}

/// A question.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Question {
    /// Of what name.
    pub name: DomainName,
    /// Which records.
    pub kind: RecordKind,
    /// In multicast DNS: the answer is wanted by unicast (RFC 6762 §5.4).
    pub unicast: bool,
}

impl Question {
    /// A question of ordinary DNS.
    pub fn new(name: DomainName, kind: RecordKind) -> Question {
        Question { name, kind, unicast: false }
    }
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.name)
    }
}

/// A message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// Ties the answer to the question.
    pub id: u16,
    /// Whether it is an answer.
    pub is_response: bool,
    /// What is to be done, by its number: 0 is a query (RFC 1035 §4.1.1).
    pub operation: u8,
    /// The server speaks for the zone.
    pub authoritative: bool,
    /// Records are missing: they did not fit.
    pub truncated: bool,
    /// The client wants the server to find out.
    pub recursion_desired: bool,
    /// The server can find out.
    pub recursion_available: bool,
    /// What came of it.
    pub code: Code,
    /// What is asked.
    pub questions: Vec<Question>,
    /// Records that answer.
    pub answers: Vec<Record>,
    /// Records about the zone.
    pub authorities: Vec<Record>,
    /// Records that will be asked for next.
    pub additionals: Vec<Record>,
    /// The longest message that the sender takes, if it speaks EDNS (RFC 6891 §6.2.3).
    pub edns_size: Option<u16>,
}

/// Why bytes are not a message, or a message cannot become bytes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// Not a well-formed message (RFC 1035 §4.1).
    #[error("not a DNS message: {0}")]
    Malformed(String),
    /// It does not fit the format.
    #[error("cannot be written as a DNS message: {0}")]
    Unwritable(String),
}

impl Message {
    /// A question to a resolving server.
    pub fn query(id: u16, question: Question, edns_size: Option<u16>) -> Message {
        let questions = vec![question];
        Message { id, recursion_desired: true, questions, edns_size, ..Message::default() }
    }

    /// An empty answer to a request, by a server that both speaks for its zone and finds out for others.
    pub fn response(request: &Message, code: Code) -> Message {
        Message {
            id: request.id,
            is_response: true,
            operation: request.operation,
            authoritative: true,
            recursion_desired: request.recursion_desired,
            recursion_available: true,
            code,
            questions: request.questions.clone(),
            edns_size: request.edns_size.map(|_| EDNS_SIZE),
            ..Message::default()
        }
    }

    /// Reads a message.
    pub fn parse(bytes: &[u8]) -> Result<Message, MessageError> {
        let wire =
            op::Message::from_vec(bytes).map_err(|error| MessageError::Malformed(error.to_string()))?;
        let records = |records: &[hickory_proto::rr::Record]| records.iter().map(Record::from_wire).collect();
        let questions = wire.queries.iter().map(|question| Question {
            name: DomainName::from_wire(&question.name),
            kind: RecordKind::from_wire(question.query_type),
            unicast: question.mdns_unicast_response,
        });
        Ok(Message {
            id: wire.metadata.id,
            is_response: wire.metadata.message_type == MessageType::Response,
            operation: wire.metadata.op_code.into(),
            authoritative: wire.metadata.authoritative,
            truncated: wire.metadata.truncation,
            recursion_desired: wire.metadata.recursion_desired,
            recursion_available: wire.metadata.recursion_available,
            code: Code::from_wire(wire.metadata.response_code),
            questions: questions.collect(),
            answers: records(&wire.answers),
            authorities: records(&wire.authorities),
            additionals: records(&wire.additionals),
            edns_size: wire.edns.as_ref().map(Edns::max_payload),
        })
    }

    /// Its bytes.
    pub fn to_bytes(&self) -> Result<Vec<u8>, MessageError> {
        let kind = if self.is_response { MessageType::Response } else { MessageType::Query };
        let mut wire = op::Message::new(self.id, kind, OpCode::from_u8(self.operation));
        wire.metadata.authoritative = self.authoritative;
        wire.metadata.truncation = self.truncated;
        wire.metadata.recursion_desired = self.recursion_desired;
        wire.metadata.recursion_available = self.recursion_available;
        wire.metadata.response_code = self.code.to_wire();
        for question in &self.questions {
            let mut query = op::Query::query(question.name.to_wire(), question.kind.to_wire());
            query.set_mdns_unicast_response(question.unicast);
            wire.add_query(query);
        }
        wire.add_answers(self.answers.iter().filter_map(Record::to_wire));
        wire.add_authorities(self.authorities.iter().filter_map(Record::to_wire));
        wire.add_additionals(self.additionals.iter().filter_map(Record::to_wire));
        if let Some(size) = self.edns_size {
            let mut edns = Edns::new();
            edns.set_max_payload(size).set_version(0);
            wire.set_edns(edns);
        }
        wire.to_vec().map_err(|error| MessageError::Unwritable(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::RecordData;

    fn name(text: &str) -> DomainName {
        text.parse().unwrap()
    }

    #[test]
    fn a_question_is_the_bytes_that_rfc_1035_draws() {
        let query = Message::query(0x1234, Question::new(name("a.test"), RecordKind::A), None);
        let bytes = query.to_bytes().unwrap();
        let expected = b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x01a\x04test\x00\x00\x01\x00\x01";
        assert_eq!(bytes, expected);
        assert_eq!(Message::parse(&bytes), Ok(query));
    }

    #[test]
    fn every_kind_of_record_comes_back_as_it_went() {
        let query = Message::query(7, Question::new(name("x.test"), RecordKind::Srv), Some(EDNS_SIZE));
        let mut answer = Message::response(&query, Code::NoError);
        let target = name("y.test");
        let soa = RecordData::Soa { server: target.clone(), minimum_s: 60 };
        let srv = RecordData::Srv { priority: 1, weight: 2, port: 3478, target: target.clone() };
        for data in [srv, RecordData::Cname(target.clone()), RecordData::Ptr(target.clone()), soa] {
            answer.answers.push(Record::new(name("x.test"), 60, data));
        }
        for address in ["192.0.2.1", "2001:db8::1"] {
            let address: std::net::IpAddr = address.parse().unwrap();
            answer.additionals.push(Record { flush: true, ..Record::new(target.clone(), 60, address) });
        }
        assert_eq!(Message::parse(&answer.to_bytes().unwrap()), Ok(answer));
    }

    #[test]
    fn cut_and_random_bytes_are_errors_and_never_panics() {
        let query = Message::query(7, Question::new(name("x.test"), RecordKind::Srv), Some(EDNS_SIZE));
        let bytes = query.to_bytes().unwrap();
        for end in 0..bytes.len() {
            assert!(Message::parse(&bytes[..end]).is_err(), "{end} bytes");
        }
        // A pointer that points at itself.
        let mut looped = bytes[..12].to_vec();
        looped.extend_from_slice(&[0xc0, 12, 0, 1, 0, 1]);
        assert!(Message::parse(&looped).is_err());
    }
}
