//! Curves over time in the colours of the window: zoomed with the wheel, dragged, and a click goes to the moment. Not here: what is drawn.

use egui::{Color32, Id, Rect, Ui, Vec2b};
use egui_plot::{
    CoordinatesFormatter, Corner, GridMark, HoverPosition, Legend, Line, MarkerShape, Plot, Points, VLine,
};
use rtclab_trace::SimTime;

use crate::workbench::command::Command;
use crate::workbench::paint::controls::inside;
use crate::workbench::state::State;

/// A line of a chart: `(milliseconds, value)`, each value held until the next.
pub(super) struct Curve {
    /// What it shows, as the legend says it.
    pub(super) name: &'static str,
    /// Its colour.
    pub(super) color: Color32,
    /// Its points.
    pub(super) points: Vec<[f64; 2]>,
    /// Points without a line: single events.
    pub(super) is_marks: bool,
}

impl Curve {
    /// Values that hold until the next: a corner at each change.
    pub(super) fn steps(
        name: &'static str,
        color: Color32,
        values: impl Iterator<Item = (f64, f64)>,
    ) -> Curve {
        let mut points: Vec<[f64; 2]> = Vec::new();
        for (at, value) in values {
            match points.last() {
                Some(&[_, before]) if before == value => {}
                Some(&[_, before]) => points.extend([[at, before], [at, value]]),
                None => points.push([at, value]),
            }
        }
        Curve { name, color, points, is_marks: false }
    }

    /// Values with straight lines between them: for many that change at every step.
    pub(super) fn line(
        name: &'static str,
        color: Color32,
        values: impl Iterator<Item = (f64, f64)>,
    ) -> Curve {
        Curve { name, color, points: values.map(|(at, value)| [at, value]).collect(), is_marks: false }
    }

    /// Single events.
    pub(super) fn marks(
        name: &'static str,
        color: Color32,
        values: impl Iterator<Item = (f64, f64)>,
    ) -> Curve {
        let points = values.map(|(at, value)| [at, value]).collect();
        Curve { name, color, points, is_marks: true }
    }

    /// The last value until a time: otherwise a curve ends where it last changed.
    pub(super) fn until(mut self, end_ms: f64) -> Curve {
        if let Some(&[at, value]) = self.points.last().filter(|_| !self.is_marks)
            && at < end_ms
        {
            self.points.push([end_ms, value]);
        }
        self
    }
}

/// A chart with the time of the cursor in it. Charts of the same `group` move together.
pub(super) struct Chart<'a> {
    /// Its name: for the tree of accessible things, and for what it remembers.
    pub(super) name: &'a str,
    /// Which charts share their time axis.
    pub(super) group: &'a str,
    /// What the values are: `bytes`.
    pub(super) unit: &'static str,
}

impl Chart<'_> {
    /// Paints it; a click goes to that time.
    pub(super) fn show(&self, state: &State, ui: &mut Ui, rect: Rect, curves: Vec<Curve>) -> Option<Command> {
        let tokens = state.tokens();
        let cursor_ms = state.cursor().time.as_nanos() as f64 / 1e6;
        let unit = self.unit;
        let group = Id::unique(("chart group", self.group));
        let plot = Plot::new(("chart", self.name))
            .legend(Legend::default().position(Corner::LeftTop).background_alpha(0.6))
            .link_axis(group, Vec2b::new(true, false))
            .link_cursor(group, Vec2b::new(true, false))
            .include_y(0.0)
            .include_x(0.0)
            .allow_boxed_zoom(false)
            .allow_scroll(false)
            .show_background(false)
            .grid_color(tokens.border)
            .cursor_color(tokens.muted)
            .y_axis_min_width(46.0)
            .x_axis_formatter(|mark: GridMark, _| milliseconds(mark.value))
            .y_axis_formatter(|mark: GridMark, _| short(mark.value))
            .coordinates_formatter(
                Corner::RightTop,
                CoordinatesFormatter::new(move |point, _| {
                    format!("{}  {} {unit}", milliseconds(point.x), short(point.y))
                }),
            )
            .label_formatter(move |position: &HoverPosition<'_>| match position {
                HoverPosition::NearDataPoint { plot_name, position, .. } => {
                    Some(format!("{plot_name}\n{} {unit}\n{}", position.y.round(), milliseconds(position.x)))
                }
                HoverPosition::Elsewhere { .. } => None,
            });
        let accent = tokens.accent;
        inside(ui, rect, self.name, |ui| {
            let shown = plot.show(ui, move |plot| {
                for curve in curves {
                    if curve.is_marks {
                        let marks = Points::new(curve.name, curve.points).shape(MarkerShape::Cross);
                        plot.points(marks.radius(4.0).color(curve.color));
                    } else {
                        plot.line(Line::new(curve.name, curve.points).color(curve.color).width(1.6));
                    }
                }
                plot.vline(VLine::new("", cursor_ms).color(accent).width(1.2).allow_hover(false));
            });
            let response = shown.response;
            response
                .widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::Figure, true, self.name));
            let pointer = response.interact_pointer_pos().filter(|_| response.clicked())?;
            let at_ms = shown.transform.value_from_position(pointer).x;
            (at_ms >= 0.0).then(|| Command::SeekTime(SimTime::from_nanos((at_ms * 1e6) as u64)))
        })
    }
}

/// `412 ms`, `1.2 s`.
fn milliseconds(value: f64) -> String {
    if value.abs() >= 1000.0 {
        format!("{} s", trimmed(value / 1000.0))
    } else {
        format!("{} ms", trimmed(value))
    }
}

/// `14.5 k`, `2 M`.
fn short(value: f64) -> String {
    match value.abs() {
        size if size >= 1e6 => format!("{} M", trimmed(value / 1e6)),
        size if size >= 1e3 => format!("{} k", trimmed(value / 1e3)),
        _ => trimmed(value),
    }
}

/// At most two digits behind the point, and none that says nothing.
fn trimmed(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_exact_where_they_can_be() {
        assert_eq!(milliseconds(412.5), "412.5 ms");
        assert_eq!(milliseconds(1200.0), "1.2 s");
        assert_eq!(short(14_500.0), "14.5 k");
        assert_eq!(short(2_000_000.0), "2 M");
        assert_eq!(short(0.0), "0");
    }

    #[test]
    fn a_value_holds_until_the_next_one() {
        let values = [(0.0, 1.0), (1.0, 1.0), (2.0, 3.0)];
        let curve = Curve::steps("window", Color32::WHITE, values.into_iter()).until(5.0);
        assert_eq!(curve.points, [[0.0, 1.0], [2.0, 1.0], [2.0, 3.0], [5.0, 3.0]]);
    }
}
