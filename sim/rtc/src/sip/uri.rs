//! SIP URIs (RFC 3261 §19.1) and the parameters behind them and behind the values of headers. Not here: names beside them (`address`).

use std::fmt;

use super::SipError;
use super::scan::{Scan, is_token_char, quote};

const RULE: &str = "RFC 3261 §19.1.1";

/// Parameters in their order: `;name` or `;name=value`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Params(Vec<(String, Option<String>)>);

impl Params {
    /// The value of a parameter; an empty one for a parameter without.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(found, _)| found.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_deref().unwrap_or_default())
    }

    /// Whether it is there.
    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Sets a parameter, in its place if it is there.
    pub fn set(&mut self, name: &str, value: Option<&str>) {
        let value = value.map(str::to_owned);
        match self.0.iter_mut().find(|(found, _)| found.eq_ignore_ascii_case(name)) {
            Some((_, old)) => *old = value,
            None => self.0.push((name.to_owned(), value)),
        }
    }

    /// Reads parameters; what is allowed in a bare value is said by `allowed`.
    pub(super) fn scan(scan: &mut Scan<'_>, allowed: fn(char) -> bool) -> Result<Params, SipError> {
        let mut params = Params::default();
        while scan.space().eat(";") {
            let name = scan.space().token()?.to_owned();
            let mut value = None;
            if scan.space().eat("=") {
                value = Some(if scan.space().peek() == Some('"') {
                    scan.quoted()?
                } else {
                    let found = scan.take(allowed);
                    if found.is_empty() {
                        return Err(scan.error("the value of a parameter is expected", "RFC 3261 §25.1"));
                    }
                    found.to_owned()
                });
            }
            if params.has(&name) {
                return Err(scan.error("a parameter stands twice", RULE));
            }
            params.0.push((name, value));
        }
        Ok(params)
    }
}

/// `gen-value`: a token, or a host with colons and brackets.
pub(super) fn is_value_char(c: char) -> bool {
    is_token_char(c) || "[]:".contains(c)
}

/// `paramchar` of a URI.
fn is_uri_param_char(c: char) -> bool {
    is_token_char(c) || "[]/:&+$()".contains(c)
}

impl fmt::Display for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in &self.0 {
            match value {
                None => write!(f, ";{name}")?,
                Some(value) if !value.is_empty() && value.chars().all(is_uri_param_char) => {
                    write!(f, ";{name}={value}")?;
                }
                Some(value) => write!(f, ";{name}={}", quote(value))?,
            }
        }
        Ok(())
    }
}

/// A SIP URI: `sip:alice@example.test:5060;transport=tcp`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uri {
    /// Whether it is `sips`.
    pub secure: bool,
    /// The user, with what follows a colon, as it stands.
    pub user: Option<String>,
    /// A name or an address; IPv6 in brackets.
    pub host: String,
    /// The port, if it is not that of the transport.
    pub port: Option<u16>,
    /// The parameters.
    pub params: Params,
    /// What follows a question mark.
    pub headers: Option<String>,
}

impl Uri {
    /// `sip:user@host`.
    ///
    /// # Errors
    ///
    /// User or host have characters that cannot stand there.
    pub fn new(user: &str, host: &str) -> Result<Uri, SipError> {
        Uri::parse(&format!("sip:{user}@{host}"))
    }

    /// Reads a URI that is all of the text.
    ///
    /// # Errors
    ///
    /// The text is none.
    pub fn parse(text: &str) -> Result<Uri, SipError> {
        let mut scan = Scan::new(text);
        let uri = Uri::scan(&mut scan, true)?;
        if scan.is_done() { Ok(uri) } else { Err(scan.error("the URI should end here", RULE)) }
    }

    /// Reads a URI. Without angle brackets around it, semicolons belong to the header (RFC 3261 §20.10), so `whole` is false.
    pub(super) fn scan(scan: &mut Scan<'_>, whole: bool) -> Result<Uri, SipError> {
        let scheme = scan.take(|c| c.is_ascii_alphabetic());
        let secure = scheme.eq_ignore_ascii_case("sips");
        if (!secure && !scheme.eq_ignore_ascii_case("sip")) || !scan.eat(":") {
            return Err(scan.error("`sip:` or `sips:` is expected", RULE));
        }
        let mut ahead = *scan;
        let before_at = ahead.take(is_user_char);
        let user = (ahead.peek() == Some('@')).then(|| before_at.to_owned());
        if let Some(user) = &user {
            if user.is_empty() {
                return Err(scan.error("a user is expected before `@`", RULE));
            }
            *scan = ahead;
            scan.eat("@");
        }
        let host = host(scan)?;
        let port = if scan.eat(":") { Some(port(scan)?) } else { None };
        let mut uri = Uri { secure, user, host, port, params: Params::default(), headers: None };
        if whole {
            uri.params = Params::scan(scan, is_uri_param_char)?;
            if scan.eat("?") {
                uri.headers = Some(scan.take(|c| c.is_ascii_graphic() && !"<>\"".contains(c)).to_owned());
            }
        }
        Ok(uri)
    }

    /// Whether both stand for the same user at the same place: the comparison of RFC 3261 §19.1.4 without parameters, as a registrar
    /// compares addresses of record (§10.3).
    pub fn is_same_place(&self, other: &Uri) -> bool {
        self.user == other.user && self.host.eq_ignore_ascii_case(&other.host) && self.port == other.port
    }
}

/// RFC 3261 §19.1.1: what a user and a password may have; `%` stands before two hexadecimal digits.
fn is_user_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-_.!~*'()%&=+$,;?/:".contains(c)
}

/// A name, an address of IPv4, or one of IPv6 in brackets.
pub(super) fn host(scan: &mut Scan<'_>) -> Result<String, SipError> {
    let error = scan.error("a host is expected", RULE);
    if scan.peek() == Some('[') {
        let text = scan.take(|c| c.is_ascii_hexdigit() || "[:.".contains(c));
        let address = text.strip_prefix('[').and_then(|text| text.parse::<std::net::Ipv6Addr>().ok());
        return match address {
            Some(_) if scan.eat("]") => Ok(format!("{text}]")),
            _ => Err(error),
        };
    }
    let text = scan.take(|c| c.is_ascii_alphanumeric() || c == '-' || c == '.' || c == '_');
    if text.is_empty() { Err(error) } else { Ok(text.to_owned()) }
}

pub(super) fn port(scan: &mut Scan<'_>) -> Result<u16, SipError> {
    let error = scan.error("a port from 1 to 65535 is expected", RULE);
    let port = scan.take(|c| c.is_ascii_digit()).parse::<u16>();
    port.ok().filter(|port| *port > 0).ok_or(error)
}

impl fmt::Display for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.secure { "sips:" } else { "sip:" })?;
        if let Some(user) = &self.user {
            write!(f, "{user}@")?;
        }
        f.write_str(&self.host)?;
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        write!(f, "{}", self.params)?;
        self.headers.as_ref().map_or(Ok(()), |headers| write!(f, "?{headers}"))
    }
}
