//! The fuzz function over the corpus and many mutations of it: no text makes the reader, the rules or the comparison panic, and what is
//! read always prints back.

use proptest::prelude::*;
use rtclab_rtc::sdp::fuzz;

use super::CORPUS;

/// A small generator with fixed constants, so that every run mutates alike.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound.max(1)
    }
}

/// One to four changes: bytes, lines, words.
fn mutate(text: &str, numbers: &mut Numbers) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=numbers.below(4) {
        let at = numbers.below(bytes.len());
        match numbers.below(6) {
            0 => bytes[at] = numbers.below(256) as u8,
            1 => bytes.insert(at, b" :=;/,[]~*\r\n0a"[numbers.below(14)]),
            2 => drop(bytes.remove(at)),
            3 => {
                let line: Vec<u8> = bytes[at..].iter().copied().take_while(|byte| *byte != b'\n').collect();
                bytes.splice(at..at, line);
            }
            4 => drop(bytes.splice(at..(at + numbers.below(40)).min(bytes.len()), [])),
            _ => drop(bytes.splice(at..at, numbers.below(1 << 20).to_string().into_bytes())),
        }
        if bytes.is_empty() {
            bytes.push(b'v');
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn mutations_of_the_corpus_are_read_or_refused_and_never_panic() {
    let mut numbers = Numbers(9429);
    for (_, text) in CORPUS {
        fuzz::any_text(text);
        for _ in 0..150 {
            fuzz::any_text(&mutate(text, &mut numbers));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        fuzz::any_bytes(&bytes);
    }

    #[test]
    fn no_lines_make_the_reader_panic(lines in proptest::collection::vec("[vosticbkamrz]=[ -~]{0,40}", 0..20)) {
        fuzz::any_text(&lines.join("\r\n"));
    }

    #[test]
    fn no_value_of_a_known_attribute_makes_the_reader_panic(
        index in 0..rtclab_rtc::sdp::registry::all().len(),
        value in "[ -~가]{0,60}",
    ) {
        let name = rtclab_rtc::sdp::registry::all()[index].name;
        fuzz::any_text(&format!("a={name}:{value}\r\n"));
    }
}
