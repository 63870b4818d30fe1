//! The fields of a head: names without regard to case, values, in the order in which they stand (RFC 9110 §5). Not here: their bytes.

use super::HttpError;

/// Fields in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers(Vec<(String, String)>);

impl Headers {
    /// The value of the first field of that name.
    pub fn get(&self, name: &str) -> Option<&str> {
        let same = |(found, _): &&(String, String)| found.eq_ignore_ascii_case(name);
        self.0.iter().find(same).map(|(_, value)| value.as_str())
    }

    /// The values of all fields of that name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let same = move |(found, _): &&(String, String)| found.eq_ignore_ascii_case(name);
        self.0.iter().filter(same).map(|(_, value)| value.as_str())
    }

    /// The members of a list that may be spread over several fields (RFC 9110 §5.6.1); empty ones are left out.
    pub fn list<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.all(name).flat_map(|value| value.split(',')).map(str::trim).filter(|member| !member.is_empty())
    }

    /// Whether a list has this member, without regard to case.
    pub fn has(&self, name: &str, member: &str) -> bool {
        self.list(name).any(|found| found.eq_ignore_ascii_case(member))
    }

    /// Every field, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a field behind the others.
    ///
    /// # Errors
    ///
    /// The name is not a token, or the value has a line break or another control character: it would end the field.
    pub fn add(&mut self, name: impl Into<String>, value: impl Into<String>) -> Result<(), HttpError> {
        let (name, value) = (name.into(), value.into());
        if !is_token(&name) {
            return Err(HttpError::NotAField(name));
        }
        if value.chars().any(|c| c.is_control() && c != '\t') {
            return Err(HttpError::NotAField(value));
        }
        self.push(name, value.trim_matches([' ', '\t']));
        Ok(())
    }

    /// Adds a field whose name and value are known to be fit.
    pub(crate) fn push(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.push((name.into(), value.into()));
    }
}

/// RFC 9110 §5.6.2.
pub(crate) fn is_token(text: &str) -> bool {
    let is_tchar = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(is_tchar)
}
