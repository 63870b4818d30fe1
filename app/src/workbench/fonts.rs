//! The fonts of the window: subsets under the Open Font License, compiled in, so that Korean is there on every machine and pictures are
//! the same everywhere. How the subsets are made: `app/fonts/README.md`.

use egui::{FontData, FontDefinitions, FontFamily};

/// The family of semi-bold text.
pub(crate) const STRONG: &str = "strong";

const TEXT: &[u8] = include_bytes!("../../fonts/NotoSansKR-Regular.subset.ttf");
const SEMI_BOLD: &[u8] = include_bytes!("../../fonts/NotoSansKR-SemiBold.subset.ttf");
const MONO: &[u8] = include_bytes!("../../fonts/RtclabMono-Regular.subset.ttf");

/// Installs them, in place of whatever was there.
pub(crate) fn install(context: &egui::Context) {
    context.set_fonts(definitions());
}

fn definitions() -> FontDefinitions {
    let mut fonts = FontDefinitions::empty();
    for (name, bytes) in [("text", TEXT), ("semi-bold", SEMI_BOLD), ("mono", MONO)] {
        fonts.font_data.insert(name.into(), FontData::from_static(bytes).into());
    }
    // Whatever one face lacks (arrows, syllables outside a subset), the next one may have.
    for (family, faces) in [
        (FontFamily::Proportional, ["text", "mono", "semi-bold"]),
        (FontFamily::Monospace, ["mono", "text", "semi-bold"]),
        (FontFamily::Name(STRONG.into()), ["semi-bold", "text", "mono"]),
    ] {
        fonts.families.insert(family, faces.map(String::from).to_vec());
    }
    fonts
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use egui::epaint::text::{Fonts, TextOptions};
    use egui::{FontFamily, FontId};
    use rtclab_trace::{NetReason, ProgramReason, ReasonText};

    use super::*;
    use crate::workbench::model::shipped::SHIPPED;
    use crate::workbench::words::Word;

    /// Whether every character has a glyph in every family.
    fn assert_covered(text: &str, what: &str) {
        let mut fonts = Fonts::new(TextOptions::default(), definitions());
        let letters: BTreeSet<char> = text.chars().filter(|c| !c.is_control()).collect();
        for family in [FontFamily::Proportional, FontFamily::Monospace, FontFamily::Name(STRONG.into())] {
            let font = FontId::new(12.0, family.clone());
            let missing: Vec<char> =
                letters.iter().copied().filter(|c| !fonts.has_glyph(&font, *c)).collect();
            assert!(missing.is_empty(), "{what}: {family:?} has no {missing:?}; see app/fonts/README.md");
        }
    }

    #[test]
    fn every_string_of_the_window_can_be_written() {
        let text: String = Word::ALL.iter().flat_map(|word| word.text()).collect();
        assert_covered(&text, "the string table");
    }

    #[test]
    fn every_reason_can_be_written() {
        let net = NetReason::ALL.iter().map(|reason| reason.text());
        let program = ProgramReason::ALL.iter().map(|reason| reason.text());
        let rtc = rtclab_rtc::Reason::ALL.iter().map(|reason| reason.text());
        let sentences = |text: ReasonText| [text.section, text.english, text.korean].concat();
        let text: String = net.chain(program).chain(rtc).map(sentences).collect();
        assert_covered(&text, "the reasons");
    }

    #[test]
    fn every_shipped_scenario_can_be_written() {
        let text: String = SHIPPED.iter().map(|shipped| shipped.text).collect();
        assert_covered(&text, "the scenarios");
    }
}
