//! The dialogs: keys, palette, open, go to time. What they hold and what happens when they are confirmed; painting is in `views`.

use std::path::PathBuf;

use super::command::{Action, Command};
use super::language::Language;
use super::model::load::Source;
use super::model::shipped::SHIPPED;
use super::state::State;
use super::words::Word;
use crate::time::parse_time;

/// A dialog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Overlay {
    /// What there is to read about what is open.
    Notes,
    /// The list of keys.
    Keys,
    /// The command palette.
    Palette {
        /// What was typed.
        query: String,
        /// The entry that Return would run.
        chosen: usize,
    },
    /// A path to open.
    Open {
        /// What was typed.
        path: String,
    },
    /// A time to go to.
    GoToTime {
        /// What was typed.
        text: String,
        /// Whether it was confirmed and is not a time.
        is_bad: bool,
    },
}

impl Overlay {
    pub(super) fn palette() -> Overlay {
        Overlay::Palette { query: String::new(), chosen: 0 }
    }

    pub(super) fn open() -> Overlay {
        Overlay::Open { path: String::new() }
    }

    pub(super) fn go_to_time() -> Overlay {
        Overlay::GoToTime { text: String::new(), is_bad: false }
    }
}

/// An entry of the palette.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Choice {
    /// What it says.
    pub(crate) label: String,
    /// Its key, if it has one.
    pub(crate) key: Option<egui::KeyboardShortcut>,
    /// What it does.
    pub(crate) command: Command,
}

impl State {
    /// What the palette offers for what was typed: commands, nodes, shipped scenarios.
    pub(crate) fn choices(&self, query: &str) -> Vec<Choice> {
        let words: Vec<String> = query.split_whitespace().map(str::to_lowercase).collect();
        let mut choices = self.all_choices();
        choices.retain(|choice| {
            let label = choice.label.to_lowercase();
            words.iter().all(|word| label.contains(word))
        });
        choices
    }

    fn all_choices(&self) -> Vec<Choice> {
        let language = self.language();
        let mut choices: Vec<Choice> = Action::ALL
            .iter()
            .filter(|action| !matches!(action, Action::Close | Action::Palette))
            .filter(|action| self.document().is_some() || !action.needs_document())
            .map(|&action| Choice {
                label: language.say(action.word()).into(),
                key: action.key(),
                command: Command::Do(action),
            })
            .collect();
        if let Some(document) = self.document() {
            choices.extend(document.trace.topology().nodes().map(|(id, node)| Choice {
                label: language.fill(Word::PaletteNode, &[&node.name]),
                key: None,
                command: Command::SelectNode(id),
            }));
        }
        choices.extend(SHIPPED.iter().map(|shipped| Choice {
            label: language.fill(Word::PaletteScenario, &[shipped.title()]),
            key: None,
            command: Command::Open(Source::Shipped(shipped.file)),
        }));
        choices
    }

    pub(super) fn type_text(&mut self, typed: String) {
        match &mut self.overlay {
            Some(Overlay::Palette { query, chosen }) => {
                *query = typed;
                *chosen = 0;
            }
            Some(Overlay::Open { path }) => *path = typed,
            Some(Overlay::GoToTime { text, is_bad }) => {
                *text = typed;
                *is_bad = false;
            }
            Some(Overlay::Keys | Overlay::Notes) | None => {}
        }
    }

    pub(super) fn choose(&mut self, by: i32) {
        let Some(Overlay::Palette { query, chosen }) = &self.overlay else { return };
        let count = self.choices(query).len().max(1) as i32;
        let next = (*chosen as i32 + by).rem_euclid(count) as usize;
        if let Some(Overlay::Palette { chosen, .. }) = &mut self.overlay {
            *chosen = next;
        }
    }

    pub(super) fn submit(&mut self) {
        match self.overlay.take() {
            Some(Overlay::Palette { query, chosen }) => {
                let mut choices = self.choices(&query);
                if chosen < choices.len() {
                    self.apply(choices.swap_remove(chosen).command);
                }
            }
            Some(Overlay::Open { path }) if !path.trim().is_empty() => {
                self.open(&Source::Path(PathBuf::from(path.trim())));
            }
            Some(Overlay::GoToTime { text, .. }) => match parse_time(&text) {
                Ok(time) => self.apply(Command::SeekTime(time)),
                Err(_) => self.overlay = Some(Overlay::GoToTime { text, is_bad: true }),
            },
            other => self.overlay = other.filter(|overlay| matches!(overlay, Overlay::Open { .. })),
        }
    }
}

impl Overlay {
    /// Its title.
    pub(crate) fn title(&self, language: Language) -> &'static str {
        language.say(match self {
            Overlay::Notes => Word::CommandNotes,
            Overlay::Keys => Word::KeysTitle,
            Overlay::Palette { .. } => Word::PaletteTitle,
            Overlay::Open { .. } => Word::OpenTitle,
            Overlay::GoToTime { .. } => Word::GoToTitle,
        })
    }
}
