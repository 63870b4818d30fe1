//! The ladder as its readers see it.

mod common;

use common::{run, shipped};
use rtclab_lab::Language;
use rtclab_lab::ladder::{Style, text};
use rtclab_lab::run::Outcome;

fn outcome(name: &str) -> Outcome {
    run(&shipped(name, &[]))
}

/// The numbers of entries that lines begin with.
fn numbers(text: &str) -> Vec<usize> {
    let first = text.lines().filter_map(|line| line.trim_start().strip_prefix('#'));
    first.filter_map(|rest| rest.split(' ').next()?.parse().ok()).collect()
}

#[test]
fn every_line_is_an_entry_and_lines_are_in_order_of_time() {
    for name in ["hole-punching.toml", "udp-blocked.toml", "nat-rebind.toml"] {
        let outcome = outcome(name);
        let text = text(&outcome, &Style::default());
        let numbers = numbers(&text);
        assert!(numbers.len() > 20, "{name}");
        let times: Vec<_> = numbers
            .iter()
            .map(|number| {
                let id = outcome.trace.id_at(*number).expect("the number of an entry");
                outcome.trace.entry(id).at
            })
            .collect();
        // What repeats is told when something else happens, from its first time on.
        let disorder = times.windows(2).filter(|pair| pair[1] < pair[0]).count();
        assert_eq!(disorder, 0, "{name}\n{text}");
    }
}

#[test]
fn programs_have_the_last_word_on_how_they_stand() {
    let chain = text(&outcome("udp-chain.toml"), &Style::default());
    assert!(chain.contains("UDP sink    10000 datagrams received, 0 missing"), "{chain}");
    assert!(chain.contains("UDP client  10000 datagrams sent"), "{chain}");
    let video = text(&outcome("video-one-way.toml"), &Style::default());
    assert!(video.contains("frames whole, ") && video.contains(" ms median, "), "{video}");
}

#[test]
fn no_line_of_the_ladder_is_wider_than_asked() {
    use unicode_width::UnicodeWidthStr;
    for (width, language) in
        [(80, Language::English), (100, Language::Korean), (140, Language::English), (200, Language::Korean)]
    {
        let text = text(&outcome("hole-punching.toml"), &Style { width, language, ..Style::default() });
        let ladder = text.lines().skip(2).take_while(|line| !line.is_empty());
        for line in ladder {
            assert!(line.width() <= width, "{width}: {line}");
        }
    }
}

#[test]
fn colour_is_used_only_where_it_was_asked_for_and_says_nothing_of_its_own() {
    let outcome = outcome("udp-blocked.toml");
    let plain = text(&outcome, &Style::default());
    let coloured = text(&outcome, &Style { colour: true, ..Style::default() });
    assert!(!plain.contains('\u{1b}') && coloured.contains('\u{1b}'));
    let mut stripped = String::new();
    for (place, part) in coloured.split('\u{1b}').enumerate() {
        stripped.push_str(if place == 0 { part } else { part.split_once('m').expect("a colour").1 });
    }
    let lines = |text: &str| text.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<String>>();
    assert_eq!(lines(&stripped), lines(&plain));
}

#[test]
fn a_reason_is_told_in_a_sentence_once_and_by_its_name_from_then_on() {
    let text = text(&outcome("hole-punching.toml"), &Style { width: 400, ..Style::default() });
    let told = text.lines().filter(|line| line.contains("nat-mapping-created")).collect::<Vec<&str>>();
    assert!(told.len() >= 2);
    assert!(told[0].contains("made the NAT create a mapping (RFC 4787 §4.1)"), "{}", told[0]);
    assert!(told[1..].iter().all(|line| line.ends_with("nat-mapping-created")));
}

#[test]
fn data_and_retransmissions_take_one_line() {
    let text = text(&outcome("ice-restart.toml"), &Style { width: 400, ..Style::default() });
    let data = text.lines().filter(|line| line.contains("data ")).count();
    assert!(data < 40, "{data} lines for a thousand messages");
    assert!(text.contains("more like it until"));
}

#[test]
fn the_korean_ladder_is_korean() {
    let style = Style { language: Language::Korean, ..Style::default() };
    let text = text(&outcome("hole-punching.toml"), &style);
    for word in ["시각", "후보", "패킷", "기대", "끝남"] {
        assert!(text.contains(word), "{word}");
    }
}

#[test]
fn a_connection_reads_flag_by_flag_with_numbers_from_its_own_start() {
    let text = text(&outcome("tcp-handshake.toml"), &Style::default());
    let expected = [
        "TCP SYN seq 0",
        "TCP SYN,ACK seq 0 ack 1",
        "TCP ACK seq 1 ack 1",
        "TCP PSH,ACK seq 1 ack 1, 12 bytes",
        "TCP FIN,ACK seq 13 ack 1",
        "LISTEN",
        ": SYN-SENT",
        "ESTABLISHED → ",
        "FIN-WAIT-2",
        "TIME-WAIT",
        "socket(TCP)",
        "accept() = ",
        "recv() = 12 bytes",
        "close()",
    ];
    for expected in expected {
        assert!(text.contains(expected), "{expected} is missing:\n{text}");
    }
}

#[test]
fn a_segment_that_is_sent_again_says_why() {
    let text = text(&outcome("tcp-loss.toml"), &Style::default());
    assert!(text.contains("tcp-rack-loss") && text.contains("recovery") && text.contains("SACK"), "{text}");
}
