//! Client and server with each other, and each with what a stranger might say.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use super::*;
use crate::randomness::Randomness;
use crate::reason::Reason;
use crate::time::Time;

const CLIENT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 168, 1, 10)), 40_000);
const GATEWAY: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 168, 1, 1)), SERVER_PORT);
const OUTSIDE: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 1);

#[derive(Debug, Default)]
struct Counting(u8);

impl Randomness for Counting {
    fn fill(&mut self, out: &mut [u8]) {
        for byte in out {
            self.0 = self.0.wrapping_add(1);
            *byte = self.0;
        }
    }
}

/// Maps to the wish, and remembers.
#[derive(Debug, Default)]
struct Remembering {
    mapped: Vec<Ask>,
    ended: Vec<(Transport, SocketAddr)>,
    taken: Option<u16>,
}

impl Gateway for Remembering {
    fn external_address(&self, _: IpAddr) -> Option<Ipv4Addr> {
        Some(OUTSIDE)
    }

    fn map(&mut self, ask: &Ask) -> Result<SocketAddr, ResultCode> {
        self.mapped.push(*ask);
        let port = ask.port.unwrap_or(5000);
        match self.taken {
            Some(taken) if taken == port && ask.exact => Err(ResultCode::CannotProvideExternal),
            Some(taken) if taken == port => Ok((OUTSIDE, 6000).into()),
            _ => Ok((OUTSIDE, port).into()),
        }
    }

    fn unmap(&mut self, transport: Transport, internal: SocketAddr) {
        self.ended.push((transport, internal));
    }
}

struct Pair {
    client: Client,
    server: Server,
    gateway: Remembering,
    now: Time,
    /// Reasons of what the client sent and of what changed.
    told: Vec<Reason>,
    answered: Vec<Reason>,
}

impl Pair {
    fn new(dialect: Dialect) -> Pair {
        let config = ServerConfig { dialect, ..ServerConfig::default() };
        Pair {
            client: Client::new(ClientConfig::new(CLIENT.ip(), GATEWAY), Box::new(Counting::default())),
            server: Server::new(config, Time::ZERO),
            gateway: Remembering::default(),
            now: Time::from_millis(10_000),
            told: Vec::new(),
            answered: Vec::new(),
        }
    }

    /// Lets both talk until neither has anything to say.
    fn talk(&mut self) {
        while let Some(output) = self.client.poll_output() {
            match output {
                ClientOutput::Transmit { payload, reason } => {
                    self.told.push(reason);
                    let answer = self.server.handle_datagram(CLIENT, &payload, self.now, &mut self.gateway);
                    let answer = answer.expect("a request is answered");
                    self.answered.push(answer.reason);
                    self.client.handle_datagram(GATEWAY, &answer.payload, self.now);
                }
                ClientOutput::Changed { reason, .. } | ClientOutput::Ignored { reason } => {
                    self.told.push(reason)
                }
            }
        }
    }

    fn state(&self) -> MapState {
        self.client.mappings().next().expect("one was asked for").state
    }

    /// On to the client's next timeout, at which nobody answers.
    fn wait(&mut self) {
        self.now = self.client.poll_timeout().expect("something to do");
        self.client.handle_timeout(self.now);
    }
}

fn request(body: RequestBody, lifetime: u32, options: &[OptionCode]) -> Vec<u8> {
    Request { lifetime, client: CLIENT.ip(), body, options: options.to_vec() }.to_bytes()
}

fn map(nonce: u8, protocol: u8, internal_port: u16, wish: u16) -> RequestBody {
    let external = SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), wish);
    RequestBody::Map(MapData { nonce: [nonce; 12], protocol, internal_port, external })
}

/// What a fresh server, or one that has been asked before, says to a request.
fn result(pair: &mut Pair, bytes: &[u8]) -> ResultCode {
    let answer = pair.server.handle_datagram(CLIENT, bytes, pair.now, &mut pair.gateway).expect("an answer");
    Response::parse(&answer.payload).expect("a response").result
}

#[test]
fn a_client_that_asks_has_a_mapping_after_one_round_trip() {
    let mut pair = Pair::new(Dialect::Pcp);
    pair.client.map(Transport::Udp, 40_001, pair.now);
    pair.talk();
    let expires_at = pair.now + Duration::from_secs(7200);
    assert_eq!(pair.state(), MapState::Mapped { external: (OUTSIDE, 40_001).into(), expires_at });
    assert_eq!(pair.told, [Reason::PcpAsks, Reason::PcpMapped]);
    assert_eq!(pair.answered, [Reason::PcpGrants]);
}

#[test]
fn a_gateway_that_knows_only_nat_pmp_is_asked_in_that() {
    let mut pair = Pair::new(Dialect::NatPmp);
    pair.client.map(Transport::Udp, 40_001, pair.now);
    pair.talk();
    assert!(
        matches!(pair.state(), MapState::Mapped { external, .. } if external == (OUTSIDE, 40_001).into())
    );
    let falls_back = [Reason::PcpAsks, Reason::PcpFallsBack, Reason::PcpFallsBack, Reason::PcpMapped];
    assert_eq!(pair.told, falls_back);
    assert_eq!(pair.answered, [Reason::PcpRefuses, Reason::PcpTellsAddress, Reason::PcpGrants]);
}

#[test]
fn a_request_that_is_not_answered_is_sent_again_after_twice_the_time_and_given_up() {
    let mut pair = Pair::new(Dialect::Pcp);
    pair.client.map(Transport::Udp, 40_001, pair.now);
    let begin = pair.now;
    let mut times = Vec::new();
    while let Some(output) = pair.client.poll_output() {
        match output {
            ClientOutput::Transmit { reason, .. } => {
                times.push((pair.now.since(begin).as_secs_f64(), reason));
                pair.wait();
            }
            ClientOutput::Changed { mapping, reason } => {
                assert_eq!((mapping.state, reason), (MapState::Absent, Reason::PcpNoService));
            }
            ClientOutput::Ignored { reason } => panic!("{reason:?}"),
        }
    }
    let [(_, Reason::PcpAsks), (second, Reason::PcpAsksAgain), (third, Reason::PcpAsksAgain)] = times[..]
    else {
        panic!("{times:?}")
    };
    assert!((2.7..=3.3).contains(&second) && (7.5..=9.9).contains(&third), "{times:?}");
    assert_eq!(pair.now.since(begin), Duration::from_secs(10));
    assert_eq!(pair.client.poll_timeout(), None);
}

#[test]
fn a_gateway_where_nothing_listens_ends_the_asking_at_once() {
    let mut pair = Pair::new(Dialect::Pcp);
    pair.client.map(Transport::Tcp, 40_001, pair.now);
    pair.client.handle_unreachable();
    assert_eq!(pair.state(), MapState::Absent);
    assert_eq!(pair.client.poll_timeout(), None);
}

#[test]
fn a_mapping_is_renewed_between_half_and_five_eighths_of_its_lifetime() {
    let mut pair = Pair::new(Dialect::Pcp);
    pair.client.map(Transport::Udp, 40_001, pair.now);
    pair.talk();
    let granted = pair.now;
    pair.wait();
    assert!((3600..=4500).contains(&pair.now.since(granted).as_secs()), "{}", pair.now);
    pair.talk();
    assert_eq!(pair.told[2..], [Reason::PcpRenews, Reason::PcpMapped]);
    let expires_at = pair.now + Duration::from_secs(7200);
    assert_eq!(pair.state(), MapState::Mapped { external: (OUTSIDE, 40_001).into(), expires_at });
}

#[test]
fn a_mapping_whose_renewals_nobody_answers_is_asked_for_like_a_new_one_when_it_is_over() {
    let mut pair = Pair::new(Dialect::Pcp);
    pair.client.map(Transport::Udp, 40_001, pair.now);
    pair.talk();
    for _ in 0..64 {
        pair.wait();
        while pair.client.poll_output().is_some() {}
        if pair.state() == MapState::Asking {
            assert_eq!(pair.now.since(Time::from_millis(10_000)).as_secs(), 7200);
            return;
        }
    }
    panic!("{:?}", pair.state());
}

#[test]
fn a_server_that_has_begun_anew_is_noticed_and_asked_again() {
    let mut pair = Pair::new(Dialect::Pcp);
    pair.now = Time::from_millis(1_000_000);
    pair.client.map(Transport::Udp, 40_001, pair.now);
    pair.talk();
    pair.now += Duration::from_secs(60);
    pair.server.restart(pair.now);
    let announcement = pair.server.announcement(pair.now);
    assert_eq!(announcement.reason, Reason::PcpAnnounces);
    pair.client.handle_datagram(GATEWAY, &announcement.payload, pair.now);
    let heard = pair.now;
    pair.wait();
    assert!(pair.now.since(heard) <= Duration::from_secs(5));
    pair.talk();
    assert_eq!(pair.told[2..], [Reason::PcpStateLost, Reason::PcpMapped]);
}

#[test]
fn a_released_mapping_ends_at_the_server_too() {
    let mut pair = Pair::new(Dialect::Pcp);
    pair.client.map(Transport::Udp, 40_001, pair.now);
    pair.talk();
    pair.client.release(Transport::Udp, 40_001);
    pair.talk();
    assert_eq!(pair.gateway.ended, [(Transport::Udp, SocketAddr::new(CLIENT.ip(), 40_001))]);
    assert_eq!(pair.told[2], Reason::PcpReleases);
    assert_eq!(pair.answered[1], Reason::PcpDeletes);
    assert_eq!(pair.server.mappings(pair.now), 0);
}

#[test]
fn nobody_changes_a_mapping_without_its_nonce() {
    let mut pair = Pair::new(Dialect::Pcp);
    assert_eq!(result(&mut pair, &request(map(1, 17, 5000, 0), 600, &[])), ResultCode::Success);
    for lifetime in [600, 0] {
        let stranger = request(map(2, 17, 5000, 0), lifetime, &[]);
        assert_eq!(result(&mut pair, &stranger), ResultCode::NotAuthorized);
    }
    assert!(pair.gateway.ended.is_empty());
    assert_eq!(result(&mut pair, &request(map(1, 17, 5000, 0), 0, &[])), ResultCode::Success);
    assert_eq!(pair.gateway.ended.len(), 1);
}

#[test]
fn all_mappings_of_a_client_end_at_once_but_those_of_others_stay() {
    let mut pair = Pair::new(Dialect::Pcp);
    for (protocol, port) in [(17, 5000), (17, 5001), (6, 5000)] {
        assert_eq!(result(&mut pair, &request(map(1, protocol, port, 0), 600, &[])), ResultCode::Success);
    }
    assert_eq!(result(&mut pair, &request(map(9, 17, 5002, 0), 600, &[])), ResultCode::Success);
    assert_eq!(result(&mut pair, &request(map(1, 17, 0, 0), 0, &[])), ResultCode::Success);
    assert_eq!(pair.gateway.ended.len(), 2, "UDP with that nonce");
    assert_eq!(result(&mut pair, &request(map(1, 0, 0, 0), 0, &[])), ResultCode::Success);
    assert_eq!(pair.gateway.ended.len(), 3, "and TCP");
    assert_eq!(pair.server.mappings(pair.now), 1);
}

#[test]
fn a_nat_on_the_way_to_the_server_shows_as_an_address_that_does_not_match() {
    let mut pair = Pair::new(Dialect::Pcp);
    let from = SocketAddr::from(([100, 64, 0, 9], 1234));
    let bytes = request(map(1, 17, 5000, 0), 600, &[]);
    let answer = pair.server.handle_datagram(from, &bytes, pair.now, &mut pair.gateway).expect("an answer");
    let response = Response::parse(&answer.payload).expect("a response");
    assert_eq!(response.result, ResultCode::AddressMismatch);
    assert_eq!(answer.reason, Reason::PcpRefuses);
}

#[test]
fn what_cannot_be_met_is_refused_with_the_code_that_says_why() {
    let mut pair = Pair::new(Dialect::Pcp);
    pair.gateway.taken = Some(7000);
    let mut version_3 = request(RequestBody::Announce, 0, &[]);
    version_3[0] = 3;
    let mut cut_option = request(map(1, 17, 1, 0), 60, &[OptionCode(200)]);
    let length = cut_option.len();
    cut_option[length - 1] = 9;
    let cases = [
        (request(RequestBody::Other(77), 0, &[]), ResultCode::UnsupportedOpcode),
        (request(map(1, 17, 1, 0), 60, &[OptionCode::THIRD_PARTY]), ResultCode::UnsupportedOption),
        (request(map(1, 17, 1, 0), 60, &[OptionCode(200)]), ResultCode::Success),
        (request(map(1, 132, 1, 0), 60, &[]), ResultCode::UnsupportedProtocol),
        (request(map(1, 0, 0, 0), 60, &[]), ResultCode::UnsupportedProtocol),
        (request(map(1, 0, 9, 0), 60, &[]), ResultCode::MalformedRequest),
        (request(map(1, 0, 9, 0), 0, &[]), ResultCode::MalformedRequest),
        (request(map(1, 17, 2, 7000), 60, &[OptionCode::PREFER_FAILURE]), ResultCode::CannotProvideExternal),
        (request(map(1, 17, 2, 7000), 60, &[]), ResultCode::Success),
        (version_3, ResultCode::UnsupportedVersion),
        (cut_option, ResultCode::MalformedOption),
        (vec![2, 1, 0, 0], ResultCode::MalformedRequest),
        ([&[2, 1][..], &[0; 1102]].concat(), ResultCode::MalformedRequest),
    ];
    for (bytes, expected) in cases {
        assert_eq!(result(&mut pair, &bytes), expected, "{bytes:?}");
    }
}

#[test]
fn responses_and_scraps_are_not_answered() {
    let mut pair = Pair::new(Dialect::Pcp);
    let response = pair.server.announcement(pair.now).payload;
    for bytes in [&response[..], &[2], &[]] {
        let answer = pair.server.handle_datagram(CLIENT, bytes, pair.now, &mut pair.gateway);
        assert_eq!(answer, Err(Reason::PcpMalformed));
    }
}

#[test]
fn lifetimes_are_kept_within_what_the_server_grants_and_a_client_within_its_quota() {
    let mut pair = Pair::new(Dialect::Pcp);
    for (asked, granted) in [(1, 120), (600, 600), (u32::MAX, 86_400)] {
        let bytes = request(map(1, 17, 5000, 0), asked, &[]);
        let answer =
            pair.server.handle_datagram(CLIENT, &bytes, pair.now, &mut pair.gateway).expect("an answer");
        assert_eq!(Response::parse(&answer.payload).expect("a response").lifetime, granted);
    }
    for port in 1..64 {
        assert_eq!(result(&mut pair, &request(map(1, 17, port, 0), 600, &[])), ResultCode::Success);
    }
    assert_eq!(result(&mut pair, &request(map(1, 17, 6000, 0), 600, &[])), ResultCode::UserExceedsQuota);
    pair.now += Duration::from_secs(86_401);
    assert_eq!(result(&mut pair, &request(map(1, 17, 6000, 0), 600, &[])), ResultCode::Success);
}

#[test]
fn peer_is_granted_towards_its_remote_endpoint() {
    let mut pair = Pair::new(Dialect::Pcp);
    let remote = SocketAddr::from(([198, 51, 100, 7], 443));
    let RequestBody::Map(data) = map(1, 6, 5000, 0) else { panic!("a MAP request") };
    let body = RequestBody::Peer(PeerData { map: data, remote });
    assert_eq!(result(&mut pair, &request(body, 600, &[])), ResultCode::Success);
    assert_eq!(pair.gateway.mapped[0].remote, Some(remote));
}

#[test]
fn an_error_counts_for_its_lifetime_and_then_the_client_asks_again() {
    let mut pair = Pair::new(Dialect::Pcp);
    for port in 1..=64 {
        let code = result(&mut pair, &request(map(1, 17, port, 0), 600, &[]));
        assert_eq!(code, ResultCode::Success);
    }
    pair.client.map(Transport::Udp, 40_001, pair.now);
    pair.talk();
    assert_eq!(pair.state(), MapState::Refused(ResultCode::UserExceedsQuota));
    assert_eq!(pair.told, [Reason::PcpAsks, Reason::PcpRefused]);
    let refused = pair.now;
    pair.wait();
    assert_eq!(pair.now.since(refused), Duration::from_secs(30));
}

#[test]
fn a_client_is_not_moved_by_answers_of_others_or_to_others() {
    let mut pair = Pair::new(Dialect::Pcp);
    pair.client.map(Transport::Udp, 40_001, pair.now);
    let Some(ClientOutput::Transmit { payload, .. }) = pair.client.poll_output() else { panic!("a request") };
    let answer =
        pair.server.handle_datagram(CLIENT, &payload, pair.now, &mut pair.gateway).expect("an answer");
    let mut other = answer.payload.clone();
    other[24] ^= 1;
    let elsewhere = SocketAddr::from(([192, 168, 1, 66], SERVER_PORT));
    for (from, bytes) in [(elsewhere, &answer.payload), (GATEWAY, &other)] {
        pair.client.handle_datagram(from, bytes, pair.now);
        assert_eq!(pair.client.poll_output(), Some(ClientOutput::Ignored { reason: Reason::PcpNotOurs }));
        assert_eq!(pair.state(), MapState::Asking);
    }
}

#[test]
fn nat_pmp_deletes_what_nat_pmp_made() {
    let mut pair = Pair::new(Dialect::Pcp);
    let ask = |lifetime| {
        let (transport, internal_port, external_port) = (Transport::Tcp, 5000, 0);
        PmpRequest::Map { transport, internal_port, external_port, lifetime }.to_bytes()
    };
    for (lifetime, reason) in [(600, Reason::PcpGrants), (0, Reason::PcpDeletes)] {
        let answer = pair.server.handle_datagram(CLIENT, &ask(lifetime), pair.now, &mut pair.gateway);
        assert_eq!(answer.expect("an answer").reason, reason);
    }
    assert_eq!(pair.gateway.ended, [(Transport::Tcp, SocketAddr::new(CLIENT.ip(), 5000))]);
}

#[test]
fn any_bytes_hold_what_the_fuzzer_asks() {
    let mut random = Counting(77);
    let mut seeds = vec![
        request(map(1, 17, 5000, 0), 600, &[OptionCode::PREFER_FAILURE]),
        request(RequestBody::Announce, 0, &[]),
        PmpRequest::Address.to_bytes(),
        PmpResponse::Refusal { opcode: 1, result: PmpResult::UnsupportedVersion, epoch: 4 }.to_bytes(),
        Server::new(ServerConfig::default(), Time::ZERO).announcement(Time::ZERO).payload,
    ];
    seeds.push(vec![0; 12]);
    for seed in &seeds {
        for cut in 0..=seed.len() {
            fuzz::any_datagram(&seed[..cut]);
        }
        for at in 0..seed.len() {
            for bit in 0..8 {
                let mut bytes = seed.clone();
                bytes[at] ^= 1 << bit;
                fuzz::any_datagram(&bytes);
            }
        }
        for _ in 0..200 {
            let mut bytes = seed.clone();
            let place = random.below(bytes.len() as u32) as usize;
            bytes[place] = random.u64() as u8;
            fuzz::any_datagram(&bytes);
        }
    }
}
