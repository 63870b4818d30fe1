//! The gaps between panels, which can be dragged, or moved with the keyboard once they have it.

use egui::accesskit::Role;
use egui::{CursorIcon, Key, Rect, Sense, Stroke, Ui, WidgetInfo, pos2};

use crate::workbench::command::{Command, Split};
use crate::workbench::state::State;
use crate::workbench::tokens::size;
use crate::workbench::words::Word;

/// What a splitter divides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Along {
    /// Left from right.
    Columns,
    /// Upper from lower.
    Rows,
}

/// How far a key press moves it.
const KEY_STEP: f32 = 0.02;

/// A splitter in the gap of `area` at `share`.
pub(super) fn splitter(
    state: &State,
    ui: &mut Ui,
    area: Rect,
    along: Along,
    split: Split,
    share: f32,
) -> Option<Command> {
    let half = size::GAP / 2.0;
    let (gap, cursor, word) = match along {
        Along::Columns => {
            let x = (area.left() + area.width() * share).round();
            let gap = Rect::from_min_max(pos2(x - half, area.top()), pos2(x + half, area.bottom()));
            (gap, CursorIcon::ResizeHorizontal, Word::SplitHorizontal)
        }
        Along::Rows => {
            let y = (area.top() + area.height() * share).round();
            let gap = Rect::from_min_max(pos2(area.left(), y - half), pos2(area.right(), y + half));
            (gap, CursorIcon::ResizeVertical, Word::SplitVertical)
        }
    };
    let id = ui.scope_id().with(("splitter", split as u8));
    let response = ui.interact(gap, id, Sense::click_and_drag()).on_hover_and_drag_cursor(cursor);
    let name = state.language().say(word);
    response.widget_info(|| WidgetInfo::slider(true, f64::from(share), name));
    ui.ctx().accesskit_node_builder(id, |node| node.set_role(Role::Splitter));
    if response.hovered() || response.dragged() || response.has_focus() {
        let stroke = Stroke::new(2.0, state.tokens().accent);
        match along {
            Along::Columns => ui.painter().vline(gap.center().x, gap.y_range(), stroke),
            Along::Rows => ui.painter().hline(gap.x_range(), gap.center().y, stroke),
        };
    }
    if response.dragged()
        && let Some(pointer) = response.interact_pointer_pos()
    {
        let share = match along {
            Along::Columns => (pointer.x - area.left()) / area.width(),
            Along::Rows => (pointer.y - area.top()) / area.height(),
        };
        return Some(Command::SetSplit(split, share));
    }
    if response.has_focus() {
        let step = ui.input(|input| {
            let (less, more) = match along {
                Along::Columns => (Key::ArrowLeft, Key::ArrowRight),
                Along::Rows => (Key::ArrowUp, Key::ArrowDown),
            };
            f32::from(i8::from(input.key_pressed(more)) - i8::from(input.key_pressed(less))) * KEY_STEP
        });
        if step != 0.0 {
            return Some(Command::SetSplit(split, share + step));
        }
    }
    None
}
