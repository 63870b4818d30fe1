//! The two languages of the window, and how a sentence gets its values. The strings themselves are in `words`.

use super::words::Word;

/// A language of the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Korean.
    Korean,
}

impl Language {
    /// The other one.
    pub const fn other(self) -> Language {
        match self {
            Language::English => Language::Korean,
            Language::Korean => Language::English,
        }
    }

    /// A string of the table.
    pub const fn say(self, word: Word) -> &'static str {
        let [english, korean] = word.text();
        match self {
            Language::English => english,
            Language::Korean => korean,
        }
    }

    /// A string of the table with `{0}`, `{1}`, … replaced by values.
    pub fn fill(self, word: Word, values: &[&str]) -> String {
        let mut filled = String::new();
        let mut rest = self.say(word);
        while let Some(start) = rest.find('{') {
            filled.push_str(&rest[..start]);
            let (number, after) = rest[start + 1..].split_once('}').unwrap_or(("", ""));
            filled.push_str(number.parse::<usize>().ok().and_then(|n| values.get(n)).unwrap_or(&""));
            rest = after;
        }
        filled + rest
    }

    /// The sentence of a reason.
    pub const fn sentence(self, text: rtclab_trace::ReasonText) -> &'static str {
        match self {
            Language::English => text.english,
            Language::Korean => text.korean,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_go_where_their_numbers_are() {
        assert_eq!(Language::English.fill(Word::EventOf, &["3", "17"]), "Event 3 of 17");
        assert_eq!(Language::Korean.fill(Word::EventOf, &["3", "17"]), "이벤트 3 / 17");
    }

    #[test]
    fn a_missing_value_leaves_a_gap_instead_of_a_panic() {
        assert_eq!(Language::English.fill(Word::EventOf, &["3"]), "Event 3 of ");
    }
}
