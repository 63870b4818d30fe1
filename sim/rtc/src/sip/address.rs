//! Values of headers that name somebody, or a step of the way: From, To, Contact, Route, Record-Route (RFC 3261 §20.10), and Via (§20.42).
//! Not here: which headers there are.

use std::fmt;

use super::scan::{Scan, quote};
use super::uri::{Params, host, is_value_char, port};
use super::{SipError, Transport, Uri};

/// A URI with a name beside it and parameters behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameAddr {
    /// The name.
    pub display: Option<String>,
    /// Who, or where.
    pub uri: Uri,
    /// Parameters of the header: `tag`, `expires`.
    pub params: Params,
}

impl NameAddr {
    /// Without a name and parameters.
    pub fn new(uri: Uri) -> NameAddr {
        NameAddr { display: None, uri, params: Params::default() }
    }

    /// The tag of From or To (RFC 3261 §19.3).
    pub fn tag(&self) -> Option<&str> {
        self.params.get("tag").filter(|tag| !tag.is_empty())
    }

    /// The same with a tag.
    pub fn with_tag(mut self, tag: &str) -> NameAddr {
        self.params.set("tag", Some(tag));
        self
    }

    /// Reads one that is all of the text.
    ///
    /// # Errors
    ///
    /// The text is none.
    pub fn parse(text: &str) -> Result<NameAddr, SipError> {
        let mut scan = Scan::new(text);
        let display = match scan.space().peek() {
            Some('"') => Some(scan.quoted()?),
            _ => display_without_quotes(&mut scan),
        };
        let bracketed = scan.space().eat("<");
        if display.is_some() && !bracketed {
            return Err(scan.error("`<` is expected behind a name", "RFC 3261 §20.10"));
        }
        let uri = Uri::scan(&mut scan, bracketed)?;
        if bracketed && !scan.eat(">") {
            return Err(scan.error("`>` is expected", "RFC 3261 §20.10"));
        }
        let params = Params::scan(&mut scan, is_value_char)?;
        if !scan.space().is_done() {
            return Err(scan.error("the value should end here", "RFC 3261 §25.1"));
        }
        Ok(NameAddr { display, uri, params })
    }
}

/// Words before an angle bracket.
fn display_without_quotes(scan: &mut Scan<'_>) -> Option<String> {
    let mut ahead = *scan;
    let words = ahead.take(|c| super::scan::is_token_char(c) || c == ' ').trim().to_owned();
    (ahead.peek() == Some('<') && !words.is_empty()).then(|| {
        *scan = ahead;
        words
    })
}

impl fmt::Display for NameAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(display) = &self.display {
            write!(f, "{} ", quote(display))?;
        }
        write!(f, "<{}>{}", self.uri, self.params)
    }
}

/// A step of the way that a request took, and its responses take back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Via {
    /// What carried it.
    pub transport: Transport,
    /// Whoever sent it.
    pub host: String,
    /// Their port, if it is not that of the transport.
    pub port: Option<u16>,
    /// `branch`, `received`, `rport`.
    pub params: Params,
}

/// Branches begin so, to tell that they are unique (RFC 3261 §8.1.1.7).
pub(super) const MAGIC: &str = "z9hG4bK";

impl Via {
    /// Of a sender, with a branch that is made of `random`.
    pub fn new(transport: Transport, host: &str, port: Option<u16>, random: &str) -> Via {
        let mut params = Params::default();
        params.set("branch", Some(&format!("{MAGIC}{random}")));
        if transport == Transport::Udp {
            // RFC 3581 §3: tell us where this came from, and answer there.
            params.set("rport", None);
        }
        Via { transport, host: host.to_owned(), port, params }
    }

    /// What names the transaction.
    pub fn branch(&self) -> Option<&str> {
        self.params.get("branch").filter(|branch| branch.starts_with(MAGIC))
    }

    /// Reads one that is all of the text.
    ///
    /// # Errors
    ///
    /// The text is none.
    pub fn parse(text: &str) -> Result<Via, SipError> {
        const RULE: &str = "RFC 3261 §20.42";
        let mut scan = Scan::new(text);
        let (name, version) = (scan.space().token()?, scan.space().eat("/"));
        let is_sip = name.eq_ignore_ascii_case("SIP") && version && scan.space().eat("2.0");
        if !is_sip || !scan.space().eat("/") {
            return Err(scan.error("`SIP/2.0/` is expected", RULE));
        }
        let error = scan.error("a transport that is known here is expected", RULE);
        let transport = Transport::of(scan.space().token()?).ok_or(error)?;
        let host = host(scan.space())?;
        let port = if scan.space().eat(":") { Some(port(scan.space())?) } else { None };
        let params = Params::scan(&mut scan, is_value_char)?;
        if !scan.space().is_done() {
            return Err(scan.error("the value should end here", RULE));
        }
        Ok(Via { transport, host, port, params })
    }
}

impl fmt::Display for Via {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SIP/2.0/{} {}", self.transport.word(), self.host)?;
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        write!(f, "{}", self.params)
    }
}
