//! The header fields of a message, by name, in their order; and the values that every endpoint has to understand. Not here: their bytes
//! in a message (`parse`).

use super::scan::{Scan, list};
use super::{Method, NameAddr, SipError, Via};

/// A header field.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) value: String,
    /// Where its value stands in the message that it was read from.
    pub(super) at: usize,
}

/// Where it stood does not make a difference.
impl PartialEq for Field {
    fn eq(&self, other: &Field) -> bool {
        (&self.name, &self.value) == (&other.name, &other.value)
    }
}

impl Eq for Field {}

/// Header fields in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers(pub(super) Vec<Field>);

/// Short names (RFC 3261 §7.3.3, RFC 3265 and later).
const COMPACT: [(&str, &str); 13] = [
    ("i", "Call-ID"),
    ("m", "Contact"),
    ("e", "Content-Encoding"),
    ("l", "Content-Length"),
    ("c", "Content-Type"),
    ("f", "From"),
    ("s", "Subject"),
    ("k", "Supported"),
    ("t", "To"),
    ("v", "Via"),
    ("o", "Event"),
    ("u", "Allow-Events"),
    ("r", "Refer-To"),
];

/// The long form of a name.
pub(super) fn long_name(name: &str) -> &str {
    COMPACT.iter().find(|(short, _)| short.eq_ignore_ascii_case(name)).map_or(name, |(_, long)| long)
}

impl Headers {
    /// The value of the first field of that name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.field(name).map(|field| field.value.as_str())
    }

    /// Every field, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|field| (field.name.as_str(), field.value.as_str()))
    }

    /// Adds a field behind the others. Line breaks, which would end it, become spaces.
    pub fn add(&mut self, name: &str, value: impl ToString) {
        self.0.push(field(name, &value.to_string()));
    }

    /// Adds a field before the others of its name, or at the front.
    pub fn add_first(&mut self, name: &str, value: impl ToString) {
        let same = |field: &Field| field.name.eq_ignore_ascii_case(name);
        let at = self.0.iter().position(same).unwrap_or(0);
        self.0.insert(at, field(name, &value.to_string()));
    }

    /// Sets a field, in place of all that have the name.
    pub fn set(&mut self, name: &str, value: impl ToString) {
        let same = |field: &Field| field.name.eq_ignore_ascii_case(name);
        let at = self.0.iter().position(same).unwrap_or(self.0.len());
        self.remove(name);
        self.0.insert(at.min(self.0.len()), field(name, &value.to_string()));
    }

    /// Removes every field of that name.
    pub fn remove(&mut self, name: &str) {
        self.0.retain(|field| !field.name.eq_ignore_ascii_case(name));
    }

    /// The members of a list over all fields of that name, as text.
    pub fn list(&self, name: &str) -> Vec<&str> {
        self.members(name).into_iter().map(|(_, member)| member).collect()
    }

    /// Whether a list has this member, without regard to case.
    pub fn has(&self, name: &str, member: &str) -> bool {
        self.members(name).into_iter().any(|(_, found)| found.eq_ignore_ascii_case(member))
    }

    /// The members of a list as addresses: Contact, Route, Record-Route.
    ///
    /// # Errors
    ///
    /// One of them is none.
    pub fn addresses(&self, name: &str) -> Result<Vec<NameAddr>, SipError> {
        let parse = |(at, text): (usize, &str)| NameAddr::parse(text).map_err(|error| error.behind(at));
        self.members(name).into_iter().map(parse).collect()
    }

    /// Every Via, the newest first.
    ///
    /// # Errors
    ///
    /// One of them is none.
    pub fn vias(&self) -> Result<Vec<Via>, SipError> {
        self.members("Via")
            .into_iter()
            .map(|(at, text)| Via::parse(text).map_err(|error| error.behind(at)))
            .collect()
    }

    /// Puts these in place of all Via fields, one a line.
    pub fn set_vias(&mut self, vias: &[Via]) {
        self.set_all("Via", vias);
    }

    /// Puts these in place of all fields of that name, one a line.
    pub fn set_all<V: ToString>(&mut self, name: &str, values: &[V]) {
        let same = |field: &Field| field.name.eq_ignore_ascii_case(name);
        let at = self.0.iter().position(same).unwrap_or(0);
        self.remove(name);
        let at = at.min(self.0.len());
        self.0.splice(at..at, values.iter().map(|value| field(name, &value.to_string())));
    }

    /// From.
    ///
    /// # Errors
    ///
    /// It is missing, or its value is none.
    pub fn from(&self) -> Result<NameAddr, SipError> {
        self.address("From")
    }

    /// To.
    ///
    /// # Errors
    ///
    /// It is missing, or its value is none.
    pub fn to(&self) -> Result<NameAddr, SipError> {
        self.address("To")
    }

    /// Call-ID.
    ///
    /// # Errors
    ///
    /// It is missing or empty.
    pub fn call_id(&self) -> Result<&str, SipError> {
        let missing = SipError::new(0, "Call-ID is missing", "RFC 3261 §8.1.1.4");
        let found = self.get("Call-ID").ok_or(missing)?;
        if found.is_empty() || found.contains(char::is_whitespace) { Err(missing) } else { Ok(found) }
    }

    /// CSeq: a number and a method.
    ///
    /// # Errors
    ///
    /// It is missing, or its value is none.
    pub fn cseq(&self) -> Result<(u32, Method), SipError> {
        let missing = SipError::new(0, "CSeq is missing", "RFC 3261 §8.1.1.5");
        let field = self.field("CSeq").ok_or(missing)?;
        let read = || {
            let mut scan = Scan::new(&field.value);
            let number = scan.number()?;
            if number > i32::MAX as u32 {
                return Err(scan.error("the number is below 2^31", "RFC 3261 §8.1.1.5"));
            }
            let method = Method::of(scan.space().token()?);
            if scan.space().is_done() {
                Ok((number, method))
            } else {
                Err(scan.error("one method", "RFC 3261 §20.16"))
            }
        };
        read().map_err(|error| error.behind(field.at))
    }

    /// A field that is one number: Max-Forwards, Expires, RSeq, Content-Length.
    ///
    /// # Errors
    ///
    /// Its value is no number.
    pub fn number(&self, name: &str) -> Result<Option<u32>, SipError> {
        let Some(field) = self.field(name) else { return Ok(None) };
        let mut scan = Scan::new(&field.value);
        let number = scan.number().map_err(|error| error.behind(field.at))?;
        if scan.space().is_done() {
            return Ok(Some(number));
        }
        Err(scan.error("the value is one number", "RFC 3261 §25.1").behind(field.at))
    }

    fn address(&self, name: &'static str) -> Result<NameAddr, SipError> {
        let missing = SipError::new(0, "From or To is missing", "RFC 3261 §8.1.1");
        let field = self.field(name).ok_or(missing)?;
        NameAddr::parse(&field.value).map_err(|error| error.behind(field.at))
    }

    fn field(&self, name: &str) -> Option<&Field> {
        self.0.iter().find(|field| field.name.eq_ignore_ascii_case(name))
    }

    pub(super) fn count(&self, name: &str) -> usize {
        self.0.iter().filter(|field| field.name.eq_ignore_ascii_case(name)).count()
    }

    fn members(&self, name: &str) -> Vec<(usize, &str)> {
        let same = |field: &&Field| field.name.eq_ignore_ascii_case(name);
        let fields = self.0.iter().filter(same);
        fields
            .flat_map(|field| list(&field.value).into_iter().map(|(at, text)| (field.at + at, text)))
            .collect()
    }
}

fn field(name: &str, value: &str) -> Field {
    let value = value.replace(['\r', '\n'], " ");
    Field { name: name.to_owned(), value: value.trim().to_owned(), at: 0 }
}
