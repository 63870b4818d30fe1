//! What the cryptography beneath a handshake may use while it runs: the endpoint's own randomness, the hashes that its peer announced, a place
//! for secrets. Lent for the length of one call, because the library beneath takes its providers as statics. Not here: the providers.

use std::cell::RefCell;
use std::mem;

use super::certificate::{Verdict, sha256_fingerprint, verify};
use super::key_log::KeyLogLine;
use crate::randomness::Randomness;
use crate::sdp::Fingerprint;

/// What is lent.
#[derive(Debug)]
pub(super) struct Lent {
    /// The only source of randomness of the endpoint.
    pub(super) randomness: Box<dyn Randomness>,
    /// What the peer's certificate has to match; none before there is a peer, while the library tries its provider out.
    pub(super) announced: Option<Vec<Fingerprint>>,
    /// The certificate that the peer showed, and what came of it.
    pub(super) shown: Option<(Fingerprint, Verdict)>,
    /// The random of the ClientHello, by which readers of key logs find a session.
    pub(super) client_random: [u8; 32],
    /// Whether groups have other numbers inside of the library than outside.
    pub(super) renames: bool,
    /// The share of X25519MLKEM768 in the newest ClientHello of the peer.
    pub(super) peer_share: Option<Vec<u8>>,
    /// Secrets since somebody took them.
    pub(super) secrets: Vec<KeyLogLine>,
}

impl Lent {
    /// Before there is a peer.
    pub(super) fn new(randomness: Box<dyn Randomness>, renames: bool) -> Lent {
        Lent {
            randomness,
            announced: None,
            shown: None,
            client_random: [0; 32],
            renames,
            peer_share: None,
            secrets: Vec::new(),
        }
    }
}

thread_local! {
    static LENT: RefCell<Option<Lent>> = const { RefCell::new(None) };
}

/// Takes back what was lent, even if the call in between panics.
struct Return<'a>(&'a mut Option<Lent>);

impl Drop for Return<'_> {
    fn drop(&mut self) {
        *self.0 = LENT.with(|lent| lent.borrow_mut().take());
    }
}

/// Runs `call` with this lent.
pub(super) fn lend<T>(lent: &mut Option<Lent>, call: impl FnOnce() -> T) -> T {
    let outer = LENT.with(|place| mem::replace(&mut *place.borrow_mut(), lent.take()));
    debug_assert!(outer.is_none(), "one endpoint does not call another");
    let _return = Return(lent);
    call()
}

/// Whether somebody lends something now.
fn with<T>(use_it: impl FnOnce(&mut Lent) -> T) -> Option<T> {
    LENT.with(|lent| lent.borrow_mut().as_mut().map(use_it))
}

/// Random bytes from whoever lends now. False if nobody does: there is no other source.
pub(super) fn fill(out: &mut [u8]) -> bool {
    with(|lent| lent.randomness.fill(out)).is_some()
}

/// A key for an exchange, from whoever lends now.
pub(super) fn secret_key() -> Option<p256::SecretKey> {
    with(|lent| super::certificate::secret_key(&mut *lent.randomness))
}

/// Whether the certificate is one that was announced; remembered for whoever lends.
pub(super) fn check(certificate: &[u8]) -> Verdict {
    with(|lent| {
        let Some(announced) = &lent.announced else { return Verdict::Matches };
        let verdict = verify(certificate, announced);
        lent.shown = Some((sha256_fingerprint(certificate), verdict));
        verdict
    })
    .unwrap_or(Verdict::Unknown)
}

/// Remembers a secret, once.
pub(super) fn remember(label: &'static str, secret: &[u8], client_random: Option<[u8; 32]>) {
    with(|lent| {
        let client_random = client_random.unwrap_or(lent.client_random);
        let line = KeyLogLine { label, client_random, secret: secret.to_vec() };
        if !lent.secrets.contains(&line) {
            lent.secrets.push(line);
        }
    });
}

/// Whether there is no peer yet: the library tries its provider out.
pub(super) fn is_trial() -> bool {
    with(|lent| lent.announced.is_none()).unwrap_or(true)
}

/// Whether groups have other numbers inside than outside.
pub(super) fn renames() -> bool {
    with(|lent| lent.renames).unwrap_or(false)
}

/// The peer's share of X25519MLKEM768.
pub(super) fn peer_share() -> Option<Vec<u8>> {
    with(|lent| lent.peer_share.clone()).flatten()
}
