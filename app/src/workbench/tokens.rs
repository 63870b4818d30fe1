//! The design tokens: every colour and size of the window. Nothing else names a colour.

use egui::Color32;

use super::model::topic::Topic;

/// Light or dark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Theme {
    /// Light text on dark surfaces.
    #[default]
    Dark,
    /// Dark text on light surfaces.
    Light,
}

impl Theme {
    /// The other one.
    pub const fn other(self) -> Theme {
        match self {
            Theme::Dark => Theme::Light,
            Theme::Light => Theme::Dark,
        }
    }

    /// Its colours.
    pub(crate) const fn tokens(self) -> &'static Tokens {
        match self {
            Theme::Dark => &DARK,
            Theme::Light => &LIGHT,
        }
    }
}

/// The colours of a theme.
#[derive(Debug)]
pub(crate) struct Tokens {
    /// Behind the panels.
    pub(crate) background: Color32,
    /// A panel.
    pub(crate) surface: Color32,
    /// Something that stands on a panel: a card, a button, a table head.
    pub(crate) raised: Color32,
    /// The same under the pointer.
    pub(crate) hovered: Color32,
    /// Where text is typed, and the ground of the map.
    pub(crate) sunken: Color32,
    /// Lines between things.
    pub(crate) line: Color32,
    /// Borders of things that can be pressed.
    pub(crate) border: Color32,
    /// The wire between two nodes.
    pub(crate) wire: Color32,
    /// Text.
    pub(crate) text: Color32,
    /// Secondary text.
    pub(crate) muted: Color32,
    /// Text that waits: the future in the event list, disabled controls.
    pub(crate) faint: Color32,
    /// What is selected or active.
    pub(crate) accent: Color32,
    /// Ground of what is selected.
    pub(crate) accent_soft: Color32,
    /// Text on `accent`.
    pub(crate) on_accent: Color32,
    /// Success.
    pub(crate) good: Color32,
    /// In progress, or about to run out.
    pub(crate) busy: Color32,
    /// Failure, drops.
    pub(crate) bad: Color32,
    /// Ground of failures.
    pub(crate) bad_soft: Color32,
    /// Ground of bytes that were changed on the way.
    pub(crate) changed_soft: Color32,
    /// Shadow under what floats.
    pub(crate) shadow: Color32,
    /// Dims what is behind a dialog.
    pub(crate) backdrop: Color32,
    topics: [Color32; 10],
}

impl Tokens {
    /// The colour of a topic; its marker has a shape of its own, too.
    pub(crate) const fn topic(&self, topic: Topic) -> Color32 {
        self.topics[topic as usize]
    }
}

const fn hex(rgb: u32) -> Color32 {
    Color32::from_rgb((rgb >> 16) as u8, (rgb >> 8) as u8, rgb as u8)
}

const DARK: Tokens = Tokens {
    background: hex(0x0b0e13),
    surface: hex(0x151a22),
    raised: hex(0x1e2530),
    hovered: hex(0x28313f),
    sunken: hex(0x10141b),
    line: hex(0x262e3b),
    border: hex(0x394455),
    wire: hex(0x4a576b),
    text: hex(0xe4e8ef),
    muted: hex(0x9ca7b8),
    faint: hex(0x6b778a),
    accent: hex(0x5aa2ff),
    accent_soft: hex(0x1b3353),
    on_accent: hex(0x07121f),
    good: hex(0x4cc38a),
    busy: hex(0xe6b450),
    bad: hex(0xff7b72),
    bad_soft: hex(0x3d1d20),
    changed_soft: hex(0x4a3a14),
    shadow: Color32::from_rgba_premultiplied(0, 0, 0, 140),
    backdrop: Color32::from_rgba_premultiplied(3, 4, 6, 170),
    topics: [
        hex(0x5aa2ff),
        hex(0xb794f6),
        hex(0x38c6b4),
        hex(0xe6b450),
        hex(0xf28fb8),
        hex(0x8bc766),
        hex(0xff9e64),
        hex(0xd6cf5c),
        hex(0x9ca7b8),
        hex(0xc9d1de),
    ],
};

const LIGHT: Tokens = Tokens {
    background: hex(0xe9edf2),
    surface: hex(0xffffff),
    raised: hex(0xf3f5f8),
    hovered: hex(0xe7ebf1),
    sunken: hex(0xf8fafc),
    line: hex(0xdfe4eb),
    border: hex(0xc0c9d5),
    wire: hex(0xaab5c4),
    text: hex(0x18202c),
    muted: hex(0x556173),
    faint: hex(0x8792a2),
    accent: hex(0x1565d8),
    accent_soft: hex(0xdbe9fd),
    on_accent: hex(0xffffff),
    good: hex(0x18794e),
    busy: hex(0x946200),
    bad: hex(0xc62f2f),
    bad_soft: hex(0xfde4e3),
    changed_soft: hex(0xfdf0c8),
    shadow: Color32::from_rgba_premultiplied(0, 0, 0, 40),
    backdrop: Color32::from_rgba_premultiplied(10, 14, 20, 90),
    topics: [
        hex(0x1565d8),
        hex(0x7a45c8),
        hex(0x0b7d70),
        hex(0x946200),
        hex(0xb8336f),
        hex(0x3d7a1d),
        hex(0xa8480f),
        hex(0x6b6608),
        hex(0x556173),
        hex(0x3b4656),
    ],
};

/// Sizes, in points.
pub(crate) mod size {
    /// Between things that belong together.
    pub(crate) const TIGHT: f32 = 4.0;
    /// Between things.
    pub(crate) const GAP: f32 = 8.0;
    /// Inside panels.
    pub(crate) const MARGIN: f32 = 12.0;
    /// Corners of panels and cards.
    pub(crate) const RADIUS: u8 = 8;
    /// Corners of buttons, chips and marks.
    pub(crate) const RADIUS_SMALL: u8 = 5;
    /// Captions, column heads, badges.
    pub(crate) const CAPTION: f32 = 11.0;
    /// Running text and rows.
    pub(crate) const BODY: f32 = 12.5;
    /// Heads of panels.
    pub(crate) const TITLE: f32 = 13.0;
    /// The head of the window.
    pub(crate) const HEADLINE: f32 = 15.0;
    /// The head of the welcome page.
    pub(crate) const DISPLAY: f32 = 26.0;
    /// A row of a list.
    pub(crate) const ROW: f32 = 22.0;
    /// A control.
    pub(crate) const CONTROL: f32 = 26.0;
    /// The head of a panel.
    pub(crate) const PANEL_HEAD: f32 = 34.0;
    /// The bar at the top of the window.
    pub(crate) const HEADER: f32 = 44.0;
    /// The bar at the bottom of the window.
    pub(crate) const TIMELINE: f32 = 96.0;
    /// A marker of a packet on the map.
    pub(crate) const MARKER: f32 = 7.0;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// WCAG 2.2, relative luminance.
    fn luminance(color: Color32) -> f64 {
        let [r, g, b] = [color.r(), color.g(), color.b()].map(|channel| {
            let share = f64::from(channel) / 255.0;
            if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }

    fn contrast(a: Color32, b: Color32) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn text_stands_out_from_every_ground_it_is_written_on() {
        for tokens in [&DARK, &LIGHT] {
            for ground in [tokens.surface, tokens.raised, tokens.sunken, tokens.accent_soft] {
                assert!(contrast(tokens.text, ground) >= 7.0, "{ground:?}");
                assert!(contrast(tokens.muted, ground) >= 4.5, "{ground:?}");
            }
            for topic in Topic::ALL {
                assert!(contrast(tokens.topic(topic), tokens.surface) >= 4.5, "{topic:?}");
            }
            for tone in [tokens.good, tokens.busy, tokens.bad, tokens.accent] {
                assert!(contrast(tone, tokens.surface) >= 4.5, "{tone:?}");
            }
            assert!(contrast(tokens.on_accent, tokens.accent) >= 4.5);
            assert!(contrast(tokens.faint, tokens.surface) >= 3.0);
        }
    }
}
