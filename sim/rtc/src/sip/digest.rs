//! Digest authentication (RFC 7616, for SIP RFC 8760 and RFC 3261 §22): challenge, answer, judgement; SHA-256 and MD5, quality of protection
//! `auth`. Not here: who is challenged (`proxy`), and where the answer is sent (`agent`).

use std::fmt;

use md5::Md5;
use sha2::{Digest as _, Sha256};

use super::SipError;
use super::scan::{Scan, quote};
use super::uri::{Params, is_value_char};

/// The hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// Still widely used, and broken for other purposes.
    Md5,
    /// What is to be used (RFC 8760 §2.1).
    Sha256,
}

impl Algorithm {
    const fn word(self) -> &'static str {
        match self {
            Algorithm::Md5 => "MD5",
            Algorithm::Sha256 => "SHA-256",
        }
    }

    fn hash(self, text: &str) -> String {
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        match self {
            Algorithm::Md5 => hex(&Md5::digest(text.as_bytes())),
            Algorithm::Sha256 => hex(&Sha256::digest(text.as_bytes())),
        }
    }
}

/// What a server asks with: the value of WWW-Authenticate or Proxy-Authenticate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// For whom the password is.
    pub realm: String,
    /// What makes the answer fresh.
    pub nonce: String,
    /// The hash.
    pub algorithm: Algorithm,
    /// Whether only the nonce is old, and the password was right.
    pub stale: bool,
}

/// The answer: the value of Authorization or Proxy-Authorization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorization {
    /// The user.
    pub username: String,
    /// As in the challenge.
    pub realm: String,
    /// As in the challenge.
    pub nonce: String,
    /// The URI of the request.
    pub uri: String,
    /// The hash over all of it.
    pub response: String,
    /// The hash that is used.
    pub algorithm: Algorithm,
    /// What makes the answer the client's own.
    pub cnonce: String,
    /// How often the nonce has been used, in hexadecimal.
    pub count: String,
}

const RULE: &str = "RFC 7616 §3.4";

/// `Digest` and its parameters, which commas separate.
fn parameters(text: &str) -> Result<Params, SipError> {
    let mut scan = Scan::new(text);
    if !scan.space().token()?.eq_ignore_ascii_case("Digest") {
        return Err(scan.error("only `Digest` is known here", "RFC 3261 §22.4"));
    }
    let mut params = Params::default();
    loop {
        let name = scan.space().token()?.to_owned();
        if !scan.space().eat("=") {
            return Err(scan.error("`=` is expected", RULE));
        }
        let quoted = scan.space().peek() == Some('"');
        let value =
            if quoted { scan.quoted()? } else { scan.take(|c| is_value_char(c) || c == '/').to_owned() };
        params.set(&name, Some(&value));
        if scan.space().is_done() {
            return Ok(params);
        }
        if !scan.eat(",") {
            return Err(scan.error("`,` is expected", RULE));
        }
    }
}

fn algorithm(params: &Params) -> Result<Algorithm, SipError> {
    let unknown = SipError::new(0, "the algorithm is neither SHA-256 nor MD5", "RFC 8760 §2.1");
    match params.get("algorithm") {
        None => Ok(Algorithm::Md5),
        Some(word) => [Algorithm::Sha256, Algorithm::Md5]
            .into_iter()
            .find(|algorithm| algorithm.word().eq_ignore_ascii_case(word))
            .ok_or(unknown),
    }
}

fn required(params: &Params, name: &str) -> Result<String, SipError> {
    params.get(name).map(str::to_owned).ok_or(SipError::new(0, "a parameter of the digest is missing", RULE))
}

impl Challenge {
    /// Reads a challenge.
    ///
    /// # Errors
    ///
    /// It is none, or one with an algorithm or a quality of protection that is not known here.
    pub fn parse(text: &str) -> Result<Challenge, SipError> {
        let params = parameters(text)?;
        let qop = params.get("qop").unwrap_or_default();
        if !qop.split(',').any(|word| word.trim() == "auth") {
            return Err(SipError::new(0, "the quality of protection `auth` is not offered", RULE));
        }
        Ok(Challenge {
            realm: required(&params, "realm")?,
            nonce: required(&params, "nonce")?,
            algorithm: algorithm(&params)?,
            stale: params.get("stale").is_some_and(|stale| stale.eq_ignore_ascii_case("true")),
        })
    }

    /// The answer of a user for a request.
    pub fn answer(&self, who: &Account, method: &str, uri: &str, cnonce: &str) -> Authorization {
        let mut answer = Authorization {
            username: who.username.clone(),
            realm: self.realm.clone(),
            nonce: self.nonce.clone(),
            uri: uri.to_owned(),
            response: String::new(),
            algorithm: self.algorithm,
            cnonce: cnonce.to_owned(),
            count: "00000001".to_owned(),
        };
        answer.response = answer.expected(&who.password, method);
        answer
    }
}

impl fmt::Display for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest realm={}, qop=\"auth\", ", quote(&self.realm))?;
        write!(f, "nonce={}, algorithm={}", quote(&self.nonce), self.algorithm.word())?;
        if self.stale { f.write_str(", stale=true") } else { Ok(()) }
    }
}

/// A user and the password.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// The user.
    pub username: String,
    /// The password.
    pub password: String,
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").field("username", &self.username).finish_non_exhaustive()
    }
}

impl Authorization {
    /// Reads an answer.
    ///
    /// # Errors
    ///
    /// It is none.
    pub fn parse(text: &str) -> Result<Authorization, SipError> {
        let params = parameters(text)?;
        if params.get("qop") != Some("auth") {
            return Err(SipError::new(0, "the quality of protection is `auth`", RULE));
        }
        Ok(Authorization {
            username: required(&params, "username")?,
            realm: required(&params, "realm")?,
            nonce: required(&params, "nonce")?,
            uri: required(&params, "uri")?,
            response: required(&params, "response")?,
            algorithm: algorithm(&params)?,
            cnonce: required(&params, "cnonce")?,
            count: required(&params, "nc")?,
        })
    }

    /// Whether it was made with this password.
    pub fn is_of(&self, password: &str, method: &str) -> bool {
        let expected = self.expected(password, method);
        // Equal in time, so that nobody can guess it piece by piece.
        let differences = expected.bytes().zip(self.response.bytes()).fold(0, |sum, (a, b)| sum | (a ^ b));
        differences == 0 && expected.len() == self.response.len()
    }

    /// RFC 7616 §3.4.1 to §3.4.3.
    fn expected(&self, password: &str, method: &str) -> String {
        let hash = |text: &str| self.algorithm.hash(text);
        let who = hash(&format!("{}:{}:{password}", self.username, self.realm));
        let what = hash(&format!("{method}:{}", self.uri));
        hash(&format!("{who}:{}:{}:{}:auth:{what}", self.nonce, self.count, self.cnonce))
    }
}

impl fmt::Display for Authorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest username={}, realm={}, ", quote(&self.username), quote(&self.realm))?;
        write!(f, "nonce={}, uri={}, ", quote(&self.nonce), quote(&self.uri))?;
        write!(f, "response=\"{}\", algorithm={}, ", self.response, self.algorithm.word())?;
        write!(f, "cnonce={}, qop=auth, nc={}", quote(&self.cnonce), self.count)
    }
}
