//! Messages of ARP for IPv4 over Ethernet (RFC 826), as whole frames. Not here: what nodes do with them.

use std::net::Ipv4Addr;

use rtclab_trace::{FRAME_HEADER, Frame, MacAddress};

/// Bytes of a frame with a message.
pub const LENGTH: usize = FRAME_HEADER + 28;
/// What every message for IPv4 over Ethernet begins with: hardware type 1, protocol type 0x0800, and the lengths of both addresses.
const KIND: [u8; 6] = [0, 1, 8, 0, 6, 4];

/// What a message does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// It asks who has the target address.
    Request,
    /// It answers.
    Reply,
}

/// A message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arp {
    /// What it does.
    pub operation: Operation,
    /// Who sends it.
    pub sender: (MacAddress, Ipv4Addr),
    /// Who it is for; in a request without the hardware address, which is what it asks for.
    pub target: (MacAddress, Ipv4Addr),
}

impl Arp {
    /// A question for whoever has an address. With the own address it asks nobody, and announces (RFC 5227 §3).
    pub fn request(sender: (MacAddress, Ipv4Addr), target: Ipv4Addr) -> Arp {
        Arp { operation: Operation::Request, sender, target: (MacAddress([0; 6]), target) }
    }

    /// The answer of whoever is asked for, which is at this hardware address.
    pub fn answer(&self, mac: MacAddress) -> Arp {
        Arp { operation: Operation::Reply, sender: (mac, self.target.1), target: self.sender }
    }

    /// Whether it announces its sender's own address instead of asking for another.
    pub fn is_announcement(&self) -> bool {
        self.operation == Operation::Request && self.sender.1 == self.target.1
    }

    /// Writes a whole frame to a station, or to everybody. Returns its header.
    pub fn build(&self, out: &mut Vec<u8>, to: MacAddress) -> Frame {
        let frame = Frame { to, from: self.sender.0, ether_type: Frame::ARP };
        out.extend_from_slice(&frame.header());
        out.extend_from_slice(&KIND);
        out.extend_from_slice(match self.operation {
            Operation::Request => &[0, 1],
            Operation::Reply => &[0, 2],
        });
        for (mac, address) in [self.sender, self.target] {
            out.extend_from_slice(&mac.0);
            out.extend_from_slice(&address.octets());
        }
        frame
    }

    /// Reads a whole frame; nothing if it carries no message for IPv4 over Ethernet.
    pub fn parse(frame: &[u8]) -> Option<Arp> {
        let (header, message) = frame.split_first_chunk::<FRAME_HEADER>()?;
        let message: &[u8; LENGTH - FRAME_HEADER] = message.first_chunk()?;
        if header[12..] != Frame::ARP.to_be_bytes() || message[..6] != KIND {
            return None;
        }
        let operation = match message[6..8] {
            [0, 1] => Operation::Request,
            [0, 2] => Operation::Reply,
            _ => return None,
        };
        let party = |at: usize| {
            let mac: [u8; 6] = message[at..at + 6].try_into().ok()?;
            let address: [u8; 4] = message[at + 6..at + 10].try_into().ok()?;
            Some((MacAddress(mac), Ipv4Addr::from(address)))
        };
        Some(Arp { operation, sender: party(8)?, target: party(18)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALICE: (MacAddress, Ipv4Addr) = (MacAddress([2, 0, 0, 0, 0, 1]), Ipv4Addr::new(10, 0, 0, 1));

    #[test]
    fn a_question_and_its_answer_read_back_as_themselves() {
        let bob = MacAddress([2, 0, 0, 0, 0, 2]);
        let question = Arp::request(ALICE, Ipv4Addr::new(10, 0, 0, 2));
        let answer = question.answer(bob);
        for (message, to) in [(question, MacAddress::BROADCAST), (answer, ALICE.0)] {
            let mut bytes = Vec::new();
            let frame = message.build(&mut bytes, to);
            assert_eq!((bytes.len(), frame.to), (LENGTH, to));
            assert_eq!(Arp::parse(&bytes), Some(message));
        }
        assert_eq!(answer.target, ALICE);
        assert!(Arp::request(ALICE, ALICE.1).is_announcement() && !question.is_announcement());
    }

    #[test]
    fn what_is_no_message_for_ipv4_over_ethernet_is_not_read() {
        let mut bytes = Vec::new();
        Arp::request(ALICE, ALICE.1).build(&mut bytes, MacAddress::BROADCAST);
        for (at, length) in [(12, LENGTH), (15, LENGTH), (21, LENGTH), (0, LENGTH - 1), (0, 3)] {
            let mut other = bytes[..length].to_vec();
            other[at] ^= if length == LENGTH { 8 } else { 0 };
            assert_eq!(Arp::parse(&other), None, "{at}, {length}");
        }
    }
}
