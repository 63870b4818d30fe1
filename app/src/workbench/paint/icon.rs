//! The icons of the window, drawn as lines in a unit square: no icon font, the same on every machine.

use egui::{Color32, Painter, Rect};

use super::pen::Pen;

/// An icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Icon {
    Play,
    Pause,
    Next,
    Previous,
    NextState,
    PreviousState,
    Start,
    End,
    Search,
    Close,
    Keys,
    Notes,
    Sun,
    Moon,
    Fit,
    Pin,
}

impl Icon {
    /// Paints it into a square.
    pub(crate) fn paint(self, painter: &Painter, square: Rect, color: Color32) {
        let pen = Pen::new(painter, square, color);
        match self {
            Icon::Play => pen.fill(&[(0.28, 0.16), (0.84, 0.5), (0.28, 0.84)]),
            Icon::Pause => {
                pen.bar(0.26, 0.18, 0.42, 0.82);
                pen.bar(0.58, 0.18, 0.74, 0.82);
            }
            Icon::Next => pen.fill(&[(0.34, 0.22), (0.72, 0.5), (0.34, 0.78)]),
            Icon::Previous => pen.fill(&[(0.66, 0.22), (0.28, 0.5), (0.66, 0.78)]),
            Icon::NextState => {
                pen.fill(&[(0.16, 0.24), (0.5, 0.5), (0.16, 0.76)]);
                pen.diamond(0.73, 0.5, 0.2);
            }
            Icon::PreviousState => {
                pen.fill(&[(0.84, 0.24), (0.5, 0.5), (0.84, 0.76)]);
                pen.diamond(0.27, 0.5, 0.2);
            }
            Icon::Start => {
                pen.bar(0.2, 0.22, 0.3, 0.78);
                pen.fill(&[(0.8, 0.22), (0.38, 0.5), (0.8, 0.78)]);
            }
            Icon::End => {
                pen.bar(0.7, 0.22, 0.8, 0.78);
                pen.fill(&[(0.2, 0.22), (0.62, 0.5), (0.2, 0.78)]);
            }
            Icon::Search => {
                pen.circle(0.43, 0.43, 0.26);
                pen.line(&[(0.62, 0.62), (0.86, 0.86)]);
            }
            Icon::Close => {
                pen.line(&[(0.24, 0.24), (0.76, 0.76)]);
                pen.line(&[(0.76, 0.24), (0.24, 0.76)]);
            }
            Icon::Keys => pen.keyboard(),
            Icon::Notes => {
                pen.circle(0.5, 0.5, 0.4);
                pen.line(&[(0.5, 0.46), (0.5, 0.72)]);
                pen.dot(0.5, 0.3);
            }
            Icon::Sun => pen.sun(),
            Icon::Moon => pen.moon(),
            Icon::Fit => pen.corners(),
            Icon::Pin => {
                pen.circle(0.5, 0.5, 0.22);
                pen.line(&[(0.5, 0.06), (0.5, 0.28)]);
                pen.line(&[(0.5, 0.72), (0.5, 0.94)]);
                pen.line(&[(0.06, 0.5), (0.28, 0.5)]);
                pen.line(&[(0.72, 0.5), (0.94, 0.5)]);
            }
        }
    }
}
