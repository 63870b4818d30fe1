//! What a fuzzer, or a bounded test in its place, calls with any bytes: everything that must hold for every input is asserted here.
//! Not here: where the bytes come from.

use super::{Certificate, Config, Dtls, Output, Versions, wire};
use crate::jsep::{DtlsRole, DtlsTransportState};
use crate::randomness::Randomness;
use crate::time::Time;

#[derive(Debug)]
struct Counting(u64);

impl Randomness for Counting {
    fn fill(&mut self, out: &mut [u8]) {
        out.fill_with(|| {
            self.0 = self.0.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(0x1405_7B7E_F767_814F);
            (self.0 >> 56) as u8
        });
    }
}

/// Reads the bytes as a datagram. Panics are findings.
pub fn any_bytes(bytes: &[u8]) {
    for field in wire::fields(bytes) {
        assert!(field.range.start <= field.range.end && field.range.end <= bytes.len(), "{field:?}");
    }
    let ends: usize = wire::records(bytes).iter().map(|record| record.end()).max().unwrap_or(0);
    assert_eq!(ends, bytes.len(), "records cover the whole datagram");
}

/// Gives the bytes to endpoints of both roles: the first one says how the others are cut into datagrams. Panics are findings, and so is a
/// session with a stranger. Makes keys, so it takes milliseconds.
pub fn any_talk(bytes: &[u8]) {
    let Some((&how, talk)) = bytes.split_first() else { return };
    let versions = [Versions::Auto, Versions::Only13, Versions::Only12][usize::from(how) % 3];
    for role in [DtlsRole::Client, DtlsRole::Server] {
        let certificate = Certificate::generate(&mut Counting(1));
        let announced = vec![Certificate::generate(&mut Counting(2)).fingerprint()];
        let mut config = Config::new(role, certificate, announced);
        config.versions = versions;
        let mut endpoint = Dtls::new(config, Box::new(Counting(3)), Time::ZERO);
        let mut now = Time::ZERO;
        for datagram in talk.chunks(usize::from(how / 3).max(1) * 16) {
            endpoint.handle_datagram(datagram, now);
            now += std::time::Duration::from_millis(u64::from(how) * 10);
            endpoint.handle_timeout(now);
            while let Some(output) = endpoint.poll_output() {
                assert!(!matches!(output, Output::Data(_)), "nobody here has keys");
            }
        }
        assert_ne!(endpoint.state().phase, DtlsTransportState::Connected, "nobody here has the certificate");
    }
}

/// Inputs worth mutating: a ClientHello and a server's flight, alone and behind a byte that says how they are cut.
pub fn seeds() -> Vec<Vec<u8>> {
    let certificate = Certificate::generate(&mut Counting(2));
    let mut seeds = Vec::new();
    for versions in [Versions::Only13, Versions::Only12, Versions::Auto] {
        let end = |role| {
            let announced = vec![certificate.fingerprint()];
            let mut config = Config::new(role, certificate.clone(), announced);
            config.versions = versions;
            Dtls::new(config, Box::new(Counting(4)), Time::ZERO)
        };
        let (mut client, mut server) = (end(DtlsRole::Client), end(DtlsRole::Server));
        for _ in 0..3 {
            for _ in 0..2 {
                while let Some(output) = client.poll_output() {
                    let Output::Transmit { payload, .. } = output else { continue };
                    server.handle_datagram(&payload, Time::ZERO);
                    seeds.push([&[255], &payload[..]].concat());
                    seeds.push(payload);
                }
                std::mem::swap(&mut client, &mut server);
            }
        }
    }
    seeds
}
