//! Text in columns: widths as terminals count them (Korean letters are two wide), and long text continued under its own column.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// How many columns a text takes.
pub(crate) fn width_of(text: &str) -> usize {
    text.width()
}

/// The text and spaces up to `width` columns.
pub(crate) fn pad(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(width_of(text))))
}

/// Spaces up to `width` columns and the text.
pub(crate) fn pad_left(text: &str, width: usize) -> String {
    format!("{}{text}", " ".repeat(width.saturating_sub(width_of(text))))
}

/// The text in lines of at most `width` columns, broken at spaces; a word that is longer is broken inside. At least one line.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in text.split(' ') {
        let wide = width_of(word);
        if used > 0 && used + 1 + wide > width {
            lines.push(String::new());
            used = 0;
        }
        if used > 0 {
            push(&mut lines, " ");
            used += 1;
        }
        if wide <= width {
            push(&mut lines, word);
            used += wide;
            continue;
        }
        for letter in word.chars() {
            let wide = letter.width().unwrap_or(0);
            if used + wide > width && used > 0 {
                lines.push(String::new());
                used = 0;
            }
            push(&mut lines, letter.encode_utf8(&mut [0; 4]));
            used += wide;
        }
    }
    lines
}

fn push(lines: &mut [String], text: &str) {
    if let Some(line) = lines.last_mut() {
        line.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn korean_letters_count_as_two_columns() {
        assert_eq!(width_of("연결"), 4);
        assert_eq!(pad("연결", 6), "연결  ");
        assert_eq!(pad_left("연결", 6), "  연결");
    }

    #[test]
    fn long_text_is_broken_at_spaces_and_a_long_word_inside() {
        assert_eq!(wrap("no response in time", 11), ["no response", "in time"]);
        assert_eq!(wrap("[2001:db8::1]:40000", 8), ["[2001:db", "8::1]:40", "000"]);
        assert_eq!(wrap("", 8), [""]);
    }

    #[test]
    fn no_line_is_wider_than_asked() {
        for width in 1..40 {
            let text =
                "The NAT has a mapping for this port. NAT에 이 포트의 매핑은 있지만 허용하지 않습니다.";
            assert!(wrap(text, width).iter().all(|line| width_of(line) <= width.max(2)), "{width}");
        }
    }
}
