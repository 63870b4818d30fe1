//! What each command of the registry does to the state.

use super::command::Action;
use super::model::cursor::Cursor;
use super::model::filter::{self, Filter};
use super::overlay::Overlay;
use super::state::{Layout, Stage, State};

impl State {
    pub(super) fn act(&mut self, action: Action) {
        match action {
            Action::Play => self.play(),
            Action::Next => self.step(|_, _| true, true),
            Action::Previous => self.step(|_, _| true, false),
            Action::NextState => self.step(State::changes_state, true),
            Action::PreviousState => self.step(State::changes_state, false),
            Action::Start => {
                self.cursor = Cursor::start();
                self.is_playing = false;
                self.selection.asked = None;
                self.selection.packet = None;
            }
            Action::End => self.go_to_end(),
            Action::Faster => self.speed = self.speed.faster(),
            Action::Slower => self.speed = self.speed.slower(),
            Action::GoToTime => self.overlay = Some(Overlay::go_to_time()),
            Action::OpenDialog => self.overlay = Some(Overlay::open()),
            Action::Welcome => {
                self.document = None;
                self.is_playing = false;
            }
            Action::FocusFilter => self.wants_filter_focus = true,
            Action::ClearFilter => self.set_filter(Filter::default()),
            Action::Keys => {
                let is_open = matches!(self.overlay, Some(Overlay::Keys));
                self.overlay = (!is_open).then_some(Overlay::Keys);
            }
            Action::Notes => {
                let has_notes = self.document.as_ref().is_some_and(|document| !document.notes.is_empty());
                self.overlay = has_notes.then_some(Overlay::Notes);
            }
            Action::Palette => self.overlay = Some(Overlay::palette()),
            Action::Language => {
                self.language = self.language.other();
                // The text filter looks at lines of the language that is shown.
                self.refilter();
            }
            Action::Theme => self.theme = self.theme.other(),
            Action::ShowMap => self.show_stage(Stage::Map),
            Action::ShowLadder => self.show_stage(Stage::Ladder),
            Action::ShowTcp => self.show_stage(Stage::Tcp),
            Action::ShowLinks => self.show_stage(Stage::Links),
            Action::ShowSession => self.show_stage(Stage::Session),
            Action::FitMap => {
                let Layout { zoom, pan, .. } = Layout::default();
                self.layout.zoom = zoom;
                self.layout.pan = pan;
            }
            Action::Follow => self.follows = !self.follows,
            Action::Close => {
                if self.overlay.take().is_none() {
                    self.notice = None;
                }
            }
        }
    }

    /// Shows a picture, if there is something to see in it.
    fn show_stage(&mut self, stage: Stage) {
        if self.document.as_ref().is_some_and(|document| stage.has_something_of(document)) {
            self.stage = stage;
        }
    }

    fn play(&mut self) {
        let Some(document) = &self.document else { return };
        if !self.is_playing && self.cursor.count == document.trace.len() {
            self.cursor = Cursor::start();
        }
        self.is_playing = !self.is_playing;
        if !self.is_playing
            && let Some(id) = self.cursor.last_index().and_then(|index| document.trace.id_at(index))
        {
            self.selection.asked = Some(id);
        }
    }

    /// To the nearest entry that passes the filter and that `wanted` wants.
    fn step(&mut self, wanted: fn(&State, usize) -> bool, forward: bool) {
        let found = if forward {
            self.cursor.next_in(&self.shown, |index| wanted(self, index))
        } else {
            self.cursor.previous_in(&self.shown, |index| wanted(self, index))
        };
        self.is_playing = false;
        let entry = found.and_then(|index| self.document.as_ref()?.trace.id_at(index));
        match entry {
            Some(entry) => self.seek_entry(entry),
            None if !forward => self.act(Action::Start),
            None => {}
        }
    }

    fn changes_state(&self, index: usize) -> bool {
        let Some(document) = &self.document else { return false };
        document.trace.id_at(index).is_some_and(|id| filter::is_state_change(&document.trace, id))
    }

    fn go_to_end(&mut self) {
        let Some(document) = &self.document else { return };
        if let Some(last) = document.trace.len().checked_sub(1).and_then(|last| document.trace.id_at(last)) {
            self.seek_entry(last);
        }
    }
}
