//! A username and a password, and the form in which both sides hash them: the OpaqueString profile (RFC 8265 §4.2).

use std::borrow::Cow;
use std::fmt;

use precis_profiles::OpaqueString;
use precis_profiles::precis_core::profile::Profile;

use crate::stun::attribute::USERNAME_MAX;

/// A username and its password, prepared: see [`Credentials::prepared`].
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// Who.
    pub username: String,
    /// The secret.
    pub password: String,
}

/// Why text is no username or password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PrepareError {
    /// RFC 8265 §4.2.2: nothing is left.
    #[error("a username or password must not be empty")]
    Empty,
    /// A control character, an unassigned one, or one of another kind that RFC 8265 §4.2.1 leaves out.
    #[error("the text has a character that RFC 8265 does not allow in usernames and passwords")]
    Character,
    /// RFC 8489 §14.3: fewer than 509 bytes.
    #[error("the username has {0} bytes, 508 are allowed")]
    Long(usize),
}

impl Credentials {
    /// Username and password as people type them, prepared with OpaqueString, so that the same secret makes the same key on both
    /// sides whatever the keyboard (RFC 8489 §9.1.1, §14.3).
    ///
    /// # Errors
    /// Text that the profile does not allow.
    pub fn prepared(username: &str, password: &str) -> Result<Credentials, PrepareError> {
        let username = opaque_string(username)?.into_owned();
        if username.len() > USERNAME_MAX {
            return Err(PrepareError::Long(username.len()));
        }
        Ok(Credentials { username, password: opaque_string(password)?.into_owned() })
    }
}

/// The password is not printed.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("username", &self.username).finish_non_exhaustive()
    }
}

/// Text in the form of the OpaqueString profile (RFC 8265 §4.2): spaces of any kind become U+0020, and what looks the same is the same
/// (normalization form C). Case and width stay as they are.
///
/// # Errors
/// Empty text, and characters that the profile does not allow.
pub fn opaque_string(text: &str) -> Result<Cow<'_, str>, PrepareError> {
    if text.is_empty() {
        return Err(PrepareError::Empty);
    }
    // Printable ASCII is its own form; nearly every credential is.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Ok(Cow::Borrowed(text));
    }
    OpaqueString::new().enforce(text).map_err(|_| PrepareError::Character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_the_same_is_the_same() {
        // The composed and the decomposed é, and an ideographic space.
        assert_eq!(opaque_string("cafe\u{301}").unwrap(), "caf\u{e9}");
        assert_eq!(opaque_string("a\u{3000}b").unwrap(), "a b");
        assert_eq!(opaque_string("Ω\u{ff21}").unwrap(), "Ω\u{ff21}", "case and width stay");
    }

    #[test]
    fn the_user_of_rfc_5769_is_prepared_as_it_stands_there() {
        // RFC 5769 §2.4 has the SASLprep form of "The<U+00AD>M<U+00AA>tr<U+2168>"; OpaqueString keeps what SASLprep folded away, and
        // the username in katakana.
        let username = "\u{30DE}\u{30C8}\u{30EA}\u{30C3}\u{30AF}\u{30B9}";
        assert_eq!(opaque_string(username).unwrap(), username);
    }

    #[test]
    fn control_characters_and_nothing_are_refused() {
        assert_eq!(opaque_string(""), Err(PrepareError::Empty));
        for text in ["a\u{0}b", "tab\t", "line\n", "\u{7f}"] {
            assert_eq!(opaque_string(text), Err(PrepareError::Character), "{text:?}");
        }
        let long = "x".repeat(509);
        assert_eq!(Credentials::prepared(&long, "secret"), Err(PrepareError::Long(509)));
    }

    #[test]
    fn a_password_is_not_printed() {
        let credentials = Credentials::prepared("alice", "hunter2").unwrap();
        assert!(!format!("{credentials:?}").contains("hunter2"));
    }
}
