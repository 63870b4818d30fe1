//! Nonces that the server need not remember: when they end, and a MAC that binds them to this server and this client.

use std::fmt;
use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::randomness::Randomness;
use crate::stun::{SecurityFeatures, equal_in_constant_time};
use crate::time::Time;

/// Bytes of the MAC in a nonce: nobody guesses 80 bits within its lifetime.
const MAC_LENGTH: usize = 10;

/// Makes and checks nonces. None is given to two clients (RFC 8489 §9.2.4), because the client's address goes into the MAC.
pub(super) struct Nonces {
    mac: Hmac<Sha256>,
    prefix: String,
    lifetime: Duration,
}

impl Nonces {
    pub(super) fn new(
        features: SecurityFeatures,
        lifetime: Duration,
        randomness: &mut dyn Randomness,
    ) -> Nonces {
        let mut secret = [0; 32];
        randomness.fill(&mut secret);
        let mac = Hmac::new_from_slice(&secret).expect("an HMAC takes a key of any length");
        let prefix =
            if features == SecurityFeatures::default() { String::new() } else { features.nonce_prefix() };
        Nonces { mac, prefix, lifetime }
    }

    /// A nonce for a client, good from now on.
    pub(super) fn issue(&self, client: SocketAddr, now: Time) -> String {
        self.write(client, now + self.lifetime)
    }

    fn write(&self, client: SocketAddr, end: Time) -> String {
        let mut mac = self.mac.clone();
        mac.update(&end.as_nanos().to_be_bytes());
        match client.ip().to_canonical() {
            IpAddr::V4(ip) => mac.update(&ip.octets()),
            IpAddr::V6(ip) => mac.update(&ip.octets()),
        }
        mac.update(&client.port().to_be_bytes());
        let mut nonce = self.prefix.clone();
        let tag = mac.finalize().into_bytes();
        for byte in end.as_nanos().to_be_bytes().iter().chain(tag.iter().take(MAC_LENGTH)) {
            // Writing to a string does not fail.
            let _ = write!(nonce, "{byte:02x}");
        }
        nonce
    }

    /// Whether this server gave this nonce to this client, and its time is not over.
    pub(super) fn is_good(&self, nonce: &str, client: SocketAddr, now: Time) -> bool {
        let digits = nonce.strip_prefix(&self.prefix).and_then(|rest| rest.get(..16));
        let Some(end) = digits.and_then(|digits| u64::from_str_radix(digits, 16).ok()) else { return false };
        let end = Time::from_nanos(end);
        let ours = self.write(client, end);
        now < end && ours.len() == nonce.len() && equal_in_constant_time(ours.as_bytes(), nonce.as_bytes())
    }
}

/// The secret is not printed.
impl fmt::Debug for Nonces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Nonces").field("lifetime", &self.lifetime).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stun::tests::Counting;

    #[test]
    fn a_nonce_is_good_for_its_client_until_its_end() {
        let nonces =
            Nonces::new(SecurityFeatures::default(), Duration::from_secs(60), &mut Counting::default());
        let (client, other) = ("192.0.2.1:5000".parse().unwrap(), "192.0.2.1:5001".parse().unwrap());
        let nonce = nonces.issue(client, Time::ZERO);
        assert!(nonces.is_good(&nonce, client, Time::from_millis(59_999)));
        assert!(!nonces.is_good(&nonce, client, Time::from_millis(60_000)));
        assert!(!nonces.is_good(&nonce, other, Time::ZERO));
        assert!(!nonces.is_good(&nonce[..nonce.len() - 1], client, Time::ZERO));
        assert!(!nonces.is_good(&format!("{nonce}0"), client, Time::ZERO));
        let later = nonce.replacen('0', "1", 1);
        assert!(!nonces.is_good(&later, client, Time::ZERO), "its end cannot be moved");
        for junk in ["", "é", "zzzzzzzzzzzzzzzzzz", "ffffffffffffffff"] {
            assert!(!nonces.is_good(junk, client, Time::ZERO), "{junk}");
        }
    }
}
