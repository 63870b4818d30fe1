//! Every attribute that a reader of WebRTC's session descriptions meets: where it may stand, what it means, and who says so.
//! Not here: the grammars of their values (`value`); the lines other than attributes are explained at the end.

use super::line::LineType;

/// Where an attribute may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Before the first medium only.
    Session,
    /// In a medium only.
    Media,
    /// In both.
    Both,
}

/// Whether an attribute has a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Never.
    Flag,
    /// Always.
    Value,
}

/// What becomes of an attribute when media are bundled (RFC 8859 §4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Category {
    /// Each medium keeps its own.
    Normal,
    /// It must be the same in all media of a bundle, and is written once.
    Identical,
    /// It belongs to the transport, and is written once.
    Transport,
    /// It belongs to a payload type, which means the same in all media of a bundle.
    IdenticalPerPayloadType,
    /// It depends on another attribute.
    Special,
    /// Not to be bundled, or not said.
    Caution,
}

/// An attribute for people and programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct About {
    /// Its name.
    pub name: &'static str,
    /// Where it may stand.
    pub level: Level,
    /// Whether it has a value.
    pub shape: Shape,
    /// What bundling does to it.
    pub category: Category,
    /// Who defines it.
    pub section: &'static str,
    /// What it says, in English.
    pub english: &'static str,
    /// The same in Korean.
    pub korean: &'static str,
}

/// What is known about the attribute with this name.
pub fn about(name: &str) -> Option<&'static About> {
    super::attributes::ALL.iter().find(|about| about.name == name)
}

/// All that are known.
pub fn all() -> &'static [About] {
    super::attributes::ALL
}

/// What a line that is no attribute says, in English and Korean.
pub fn line(kind: LineType) -> (&'static str, &'static str) {
    match kind {
        LineType::Version => ("The version of SDP; there is only 0.", "SDP 버전이며 0뿐입니다."),
        LineType::Origin => (
            "Who made the description: a session id that stays and a version that grows with each change.",
            "설명을 만든 쪽: 변하지 않는 세션 ID와 바뀔 때마다 커지는 버전입니다.",
        ),
        LineType::SessionName => {
            ("The session's name; a dash in WebRTC.", "세션 이름이며 WebRTC에서는 대시를 씁니다.")
        }
        LineType::Information => ("A title for people.", "사람이 읽는 제목입니다."),
        LineType::Uri => (
            "A page about the session; of no use in WebRTC.",
            "세션 안내 페이지이며 WebRTC에서는 쓰지 않습니다.",
        ),
        LineType::Email => {
            ("An address for mail; of no use in WebRTC.", "메일 주소이며 WebRTC에서는 쓰지 않습니다.")
        }
        LineType::Phone => {
            ("A telephone number; of no use in WebRTC.", "전화번호이며 WebRTC에서는 쓰지 않습니다.")
        }
        LineType::Connection => (
            "The address of the default candidate; 0.0.0.0 while there is none.",
            "기본 후보의 주소이며 후보가 없는 동안은 0.0.0.0입니다.",
        ),
        LineType::Bandwidth => {
            ("A limit for the bandwidth of what follows.", "뒤따르는 내용의 대역폭 한도입니다.")
        }
        LineType::Time => {
            ("When the session is active; 0 0 is always.", "세션이 유효한 시간이며 0 0은 항상을 뜻합니다.")
        }
        LineType::Repeat => (
            "When the session repeats; of no use in WebRTC.",
            "세션 반복 시각이며 WebRTC에서는 쓰지 않습니다.",
        ),
        LineType::Zone => {
            ("Changes of the time zone; of no use in WebRTC.", "시간대 변경이며 WebRTC에서는 쓰지 않습니다.")
        }
        LineType::Key => {
            ("A key in clear text; obsolete and insecure.", "평문 키이며 안전하지 않아 폐지되었습니다.")
        }
        LineType::Attribute => ("An attribute.", "속성입니다."),
        LineType::Media => (
            "A medium begins: its kind, the port of the default candidate, its protocols, and its formats in order of preference.",
            "미디어 섹션의 시작: 종류, 기본 후보의 포트, 프로토콜, 선호 순서대로 나열한 형식입니다.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_attribute_is_explained_once_in_both_languages() {
        let mut names: Vec<&str> = all().iter().map(|about| about.name).collect();
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count, "an attribute is listed twice");
        for about in all() {
            assert!(about.english.ends_with('.') && about.korean.ends_with('.'), "{}", about.name);
            assert!(about.korean.chars().any(|letter| ('가'..='힣').contains(&letter)), "{}", about.name);
            assert!(
                about.section.starts_with("RFC ") || about.section.starts_with("draft-"),
                "{}",
                about.name
            );
        }
        for kind in LineType::ALL {
            assert!(
                !line(kind).0.is_empty()
                    && line(kind).1.chars().any(|letter| ('가'..='힣').contains(&letter))
            );
        }
    }
}
