//! A cursor over text that remembers where it is. Not here: what the text means.

use super::SipError;

/// A text that is read from left to right.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scan<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Scan<'t> {
    pub(super) const fn new(text: &'t str) -> Scan<'t> {
        Scan { text, at: 0 }
    }

    pub(super) fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn is_done(&self) -> bool {
        self.rest().is_empty()
    }

    pub(super) const fn error(&self, what: &'static str, rule: &'static str) -> SipError {
        SipError::new(self.at, what, rule)
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Skips linear white space (RFC 3261 §25.1; lines are unfolded already).
    pub(super) fn space(&mut self) -> &mut Scan<'t> {
        self.take(|c| c == ' ' || c == '\t');
        self
    }

    /// Takes this text, if it is next.
    pub(super) fn eat(&mut self, expected: &str) -> bool {
        let there = self.rest().starts_with(expected);
        if there {
            self.at += expected.len();
        }
        there
    }

    /// The longest run of such characters; may be empty.
    pub(super) fn take(&mut self, such: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let end = rest.find(|c| !such(c)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    /// A token (RFC 3261 §25.1).
    pub(super) fn token(&mut self) -> Result<&'t str, SipError> {
        let token = self.take(is_token_char);
        if token.is_empty() { Err(self.error("a token is expected", "RFC 3261 §25.1")) } else { Ok(token) }
    }

    /// A quoted string, with what it says.
    pub(super) fn quoted(&mut self) -> Result<String, SipError> {
        let unclosed = self.error("a quoted string is not closed", "RFC 3261 §25.1");
        if !self.eat("\"") {
            return Err(self.error("a quotation mark is expected", "RFC 3261 §25.1"));
        }
        let mut said = String::new();
        let mut escaped = false;
        for (offset, c) in self.rest().char_indices() {
            match c {
                _ if escaped => {
                    said.push(c);
                    escaped = false;
                }
                '\\' => escaped = true,
                '"' => {
                    self.at += offset + 1;
                    return Ok(said);
                }
                c => said.push(c),
            }
        }
        Err(unclosed)
    }

    /// Digits as a number.
    pub(super) fn number(&mut self) -> Result<u32, SipError> {
        let error = self.error("a number below 2^32 is expected", "RFC 3261 §25.1");
        self.take(|c| c.is_ascii_digit()).parse().map_err(|_| error)
    }
}

/// RFC 3261 §25.1: `token`.
pub(super) fn is_token_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-.!%*_+`'~".contains(c)
}

/// Writes a text in quotation marks.
pub(super) fn quote(text: &str) -> String {
    let mut quoted = String::from('"');
    for c in text.chars() {
        if c == '"' || c == '\\' {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted.push('"');
    quoted
}

/// The members of a list that is separated by commas, each with its place; commas within quotation marks and angle brackets separate
/// nothing.
pub(super) fn list(value: &str) -> Vec<(usize, &str)> {
    let (mut members, mut start) = (Vec::new(), 0);
    let (mut quoted, mut escaped, mut bracketed) = (false, false, false);
    for (at, c) in value.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '<' if !quoted => bracketed = true,
            '>' if !quoted => bracketed = false,
            ',' if !quoted && !bracketed => {
                members.push((start, &value[start..at]));
                start = at + 1;
            }
            _ => {}
        }
    }
    members.push((start, &value[start..]));
    members
        .into_iter()
        .map(|(at, member)| (at + member.len() - member.trim_start().len(), member.trim()))
        .filter(|(_, member)| !member.is_empty())
        .collect()
}
