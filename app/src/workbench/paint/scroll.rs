//! Lists of rows of one height: only rows in sight are made, and the one that matters is brought into sight when it changes.

use egui::{IdSalt, ScrollArea, Ui, util::id_type_map::SerializableAny};

/// A list of rows.
pub(crate) struct Rows<'a> {
    /// Its name among the lists of the same place.
    pub(crate) name: &'a str,
    /// How high a row is.
    pub(crate) height: f32,
    /// How many there are.
    pub(crate) count: usize,
}

impl Rows<'_> {
    /// Shows the rows in sight. Whenever `mark` differs from the last time, `wanted` is brought into sight first.
    pub(crate) fn show<M>(
        &self,
        ui: &mut Ui,
        mark: M,
        wanted: Option<usize>,
        mut row: impl FnMut(&mut Ui, usize),
    ) where
        M: SerializableAny + PartialEq,
    {
        ui.spacing_mut().item_spacing.y = 0.0;
        let mut area = ScrollArea::vertical().id_salt(self.name).auto_shrink(false);
        if let Some(offset) = self.reveal(ui, mark, wanted) {
            area = area.vertical_scroll_offset(offset);
        }
        area.show_rows(ui, self.height, self.count, |ui, range| range.for_each(|index| row(ui, index)));
    }

    /// Where to scroll to, if what matters changed and is out of sight.
    fn reveal<M>(&self, ui: &Ui, mark: M, wanted: Option<usize>) -> Option<f32>
    where
        M: SerializableAny + PartialEq,
    {
        let key = ui.scope_id().with((self.name, "revealed"));
        let before: Option<M> = ui.data(|data| data.get_temp(key));
        if before.as_ref() == Some(&mark) {
            return None;
        }
        ui.data_mut(|data| data.insert_temp(key, mark));
        let top = wanted? as f32 * self.height;
        let id = ui.make_persistent_id(IdSalt::new(self.name));
        let state = egui::scroll_area::State::load(ui.ctx(), id);
        let offset = state.map_or(0.0, |state| state.clamped_offset().y);
        let height = ui.max_rect().height();
        let is_visible = top >= offset && top + self.height * 1.5 <= offset + height;
        // Whole rows only: a list does not begin in the middle of one.
        let above = (height * 0.4 / self.height).floor() * self.height;
        let last = (self.count as f32 * self.height - height).max(0.0);
        (!is_visible).then(|| (top - above).clamp(0.0, last))
    }
}
