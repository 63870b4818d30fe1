//! What is read prints back, and every line and field knows its place.

use rtclab_rtc::sdp::{Content, Sdp};

use super::{CORPUS, corpus};

#[test]
fn what_others_wrote_is_read_and_prints_back_byte_for_byte() {
    for (name, text) in CORPUS {
        let sdp = Sdp::parse(text).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(sdp.to_string(), text, "{name}");
    }
}

#[test]
fn line_ends_are_kept_as_they_are_even_when_they_are_mixed() {
    let text = "v=0\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\nt=0 0\r\n\r\n\n";
    let sdp = Sdp::parse(text).expect("line feeds alone are taken");
    assert_eq!(sdp.to_string(), text);
    assert_eq!(sdp.lines().last().map(|line| &line.content), Some(&Content::Blank));
}

#[test]
fn the_last_line_may_lack_its_end() {
    let sdp = Sdp::parse("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0").expect("a description");
    assert_eq!(sdp.lines().len(), 4);
}

#[test]
fn fields_know_their_line_and_column_and_bytes() {
    let text = corpus("chromium-156-media-offer");
    let sdp = Sdp::parse(text).expect("a description");
    let media = sdp.medium(0).expect("audio");
    let line = &media.lines()[0];
    let port = line.fields.iter().find(|field| field.name == "port").expect("a port");
    assert_eq!(sdp.text_at(port.place), "50835");
    assert_eq!((port.place.line, port.place.column), (8, 9));
    assert_eq!(&text[port.place.range()], "50835");

    let candidate = media.lines().iter().find(|line| sdp.text_at(line.place).starts_with("a=candidate"));
    let fields: Vec<_> = candidate
        .expect("a candidate")
        .fields
        .iter()
        .map(|field| (field.name, sdp.text_at(field.place)))
        .collect();
    assert!(fields.contains(&("priority from 1 to 4294967295", "2122260223")), "{fields:?}");
    assert!(fields.contains(&("connection address", "192.168.10.2")), "{fields:?}");
    assert!(fields.contains(&("candidate type", "host")), "{fields:?}");
}

#[test]
fn columns_count_characters_not_bytes() {
    let text = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=통화\r\nt=0 0\r\na=x:가나 다\r\n";
    let sdp = Sdp::parse(text).expect("a description");
    let value = sdp.lines()[4].fields.iter().find(|field| field.name == "value").expect("a value");
    assert_eq!((value.place.line, value.place.column), (5, 5));
    assert_eq!(sdp.text_at(value.place), "가나 다");
}
