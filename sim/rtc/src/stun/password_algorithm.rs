//! PASSWORD-ALGORITHMS, PASSWORD-ALGORITHM (RFC 8489 §14.11, §14.12) and the nonce cookie that protects them (§9.2).

use super::ValueProblem;

/// How a password becomes a key (RFC 8489 §18.5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PasswordAlgorithm {
    /// `MD5(username ":" realm ":" password)`
    Md5,
    /// `SHA-256(username ":" realm ":" password)`
    Sha256,
}

impl PasswordAlgorithm {
    /// The number in the registry.
    pub const fn number(self) -> u16 {
        match self {
            PasswordAlgorithm::Md5 => 1,
            PasswordAlgorithm::Sha256 => 2,
        }
    }

    /// The algorithm behind a number, if it is one of the two.
    pub const fn from_number(number: u16) -> Option<PasswordAlgorithm> {
        match number {
            1 => Some(PasswordAlgorithm::Md5),
            2 => Some(PasswordAlgorithm::Sha256),
            _ => None,
        }
    }
}

/// The value of PASSWORD-ALGORITHMS (a list) or PASSWORD-ALGORITHM (one entry), kept as bytes:
/// a client has to echo the list it got, bit by bit (RFC 8489 §9.2.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordAlgorithmList<'a>(&'a [u8]);

impl PasswordAlgorithmList<'static> {
    /// MD5 alone.
    pub const MD5: PasswordAlgorithmList<'static> = PasswordAlgorithmList(&[0, 1, 0, 0]);
    /// SHA-256 alone.
    pub const SHA256: PasswordAlgorithmList<'static> = PasswordAlgorithmList(&[0, 2, 0, 0]);
    /// SHA-256 preferred, MD5 accepted.
    pub const SHA256_THEN_MD5: PasswordAlgorithmList<'static> =
        PasswordAlgorithmList(&[0, 2, 0, 0, 0, 1, 0, 0]);

    /// The list with this one entry.
    pub const fn one(algorithm: PasswordAlgorithm) -> PasswordAlgorithmList<'static> {
        match algorithm {
            PasswordAlgorithm::Md5 => PasswordAlgorithmList::MD5,
            PasswordAlgorithm::Sha256 => PasswordAlgorithmList::SHA256,
        }
    }
}

impl<'a> PasswordAlgorithmList<'a> {
    /// Checks that `value` is a whole number of entries.
    ///
    /// # Errors
    /// An entry is cut off.
    pub fn from_bytes(value: &'a [u8]) -> Result<PasswordAlgorithmList<'a>, ValueProblem> {
        let mut at = 0;
        let mut rest = value;
        while !rest.is_empty() {
            let (_, _, after) = split_entry(rest).ok_or(ValueProblem::List { at })?;
            at += rest.len() - after.len();
            rest = after;
        }
        Ok(PasswordAlgorithmList(value))
    }

    /// The bytes of the value.
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.0
    }

    /// Number and parameters of each entry, the preferred one first.
    pub fn iter(&self) -> impl Iterator<Item = (u16, &'a [u8])> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let (number, parameters, after) = split_entry(rest)?;
            rest = after;
            Some((number, parameters))
        })
    }

    /// The first entry that is supported here. Neither algorithm has parameters, so an entry with some is another algorithm.
    pub fn first_supported(&self) -> Option<PasswordAlgorithm> {
        self.iter()
            .filter(|(_, parameters)| parameters.is_empty())
            .find_map(|(number, _)| PasswordAlgorithm::from_number(number))
    }
}

/// Number, parameters (padded to four bytes on the wire) and what follows.
fn split_entry(bytes: &[u8]) -> Option<(u16, &[u8], &[u8])> {
    let (&[n0, n1, l0, l1], rest) = bytes.split_first_chunk::<4>()?;
    let length = usize::from(u16::from_be_bytes([l0, l1]));
    let parameters = rest.get(..length)?;
    // The padding of the last entry may be left to the attribute's own padding.
    let after = rest.get(length.next_multiple_of(4)..).unwrap_or(&[]);
    Some((u16::from_be_bytes([n0, n1]), parameters, after))
}

/// What a server says about itself in the first characters of a nonce, where nobody can strip it (RFC 8489 §9.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SecurityFeatures {
    /// Bit 0: PASSWORD-ALGORITHMS comes with it.
    pub password_algorithms: bool,
    /// Bit 1: wants USERHASH instead of USERNAME.
    pub username_anonymity: bool,
}

const NONCE_COOKIE: &str = "obMatJos2";
const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

impl SecurityFeatures {
    /// Reads the 24 bits behind the nonce cookie; none set if there is no cookie.
    pub fn of_nonce(nonce: &str) -> SecurityFeatures {
        let features = nonce.strip_prefix(NONCE_COOKIE).and_then(|rest| rest.as_bytes().first_chunk::<4>());
        // RFC 8489 §18.1 as corrected by erratum 6290: bit 0 is the rightmost of the 24, so both are in the last character.
        let last = features.and_then(|chars| BASE64.iter().position(|c| *c == chars[3])).unwrap_or(0);
        SecurityFeatures { password_algorithms: last & 1 != 0, username_anonymity: last & 2 != 0 }
    }

    /// The 13 characters that begin a nonce.
    pub fn nonce_prefix(self) -> String {
        let last = usize::from(self.password_algorithms) | usize::from(self.username_anonymity) << 1;
        format!("{NONCE_COOKIE}AAA{}", char::from(BASE64[last]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nonce_of_rfc_8489_b1_asks_for_anonymous_usernames() {
        let features = SecurityFeatures::of_nonce("obMatJos2AAACf//499k954d6OL34oL9FSTvy64sA");
        assert_eq!(features, SecurityFeatures { password_algorithms: false, username_anonymity: true });
    }

    #[test]
    fn a_nonce_carries_the_features_it_was_made_with() {
        for (password_algorithms, username_anonymity) in
            [(false, false), (false, true), (true, false), (true, true)]
        {
            let features = SecurityFeatures { password_algorithms, username_anonymity };
            assert_eq!(SecurityFeatures::of_nonce(&(features.nonce_prefix() + "rest")), features);
        }
        assert_eq!(SecurityFeatures::of_nonce("f//499k954d6OL34oL9FSTvy64sA"), SecurityFeatures::default());
    }

    #[test]
    fn a_list_that_is_cut_off_is_refused_with_the_place() {
        assert_eq!(PasswordAlgorithmList::from_bytes(&[0, 2, 0, 0, 0, 1]), Err(ValueProblem::List { at: 4 }));
        assert_eq!(
            PasswordAlgorithmList::from_bytes(&[0, 9, 0, 1, 0]).map(|list| list.iter().count()),
            Ok(1)
        );
    }

    #[test]
    fn an_entry_with_parameters_is_not_one_of_ours() {
        let list = PasswordAlgorithmList::from_bytes(&[0, 2, 0, 4, 1, 2, 3, 4, 0, 1, 0, 0]).unwrap();
        assert_eq!(list.first_supported(), Some(PasswordAlgorithm::Md5));
    }
}
