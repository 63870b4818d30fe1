//! Everything a reader can do. Views return commands, `State::apply` obeys them; menu, key, palette and test all go this way.

use std::time::Duration;

use egui::{Key, KeyboardShortcut, Modifiers, Vec2};
use rtclab_trace::{Entity, EntryId, NodeId, SimTime};

use super::model::filter::Filter;
use super::model::load::Source;
use super::words::Word;

/// Something that a reader does.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// A command of the registry.
    Do(Action),
    /// Wall time went by while playing.
    Advance(Duration),
    /// Show a moment.
    SeekTime(SimTime),
    /// Show the moment right after an entry, and what the entry is about.
    SeekEntry(EntryId),
    /// Show a packet as an entry saw it, and why, without moving in time.
    ShowPacket(EntryId),
    /// Ask why an entry happened, without moving in time.
    Ask(EntryId),
    /// Show a node's state, and stay with it.
    SelectNode(NodeId),
    /// Draw a way along a link, by its place in the list.
    SelectLink(usize),
    /// Keep a line of a description explained; none lets go.
    SelectLine(Option<usize>),
    /// Draw a TCP socket.
    SelectSocket(Entity),
    /// Point at a field or byte of the packet; none points at nothing.
    HoverField(Option<usize>),
    /// Keep a field of the packet highlighted; none lets go.
    SelectField(Option<usize>),
    /// Fold or unfold what is inside a field.
    ToggleField(usize),
    /// Fold or unfold a section of the node panel.
    ToggleSection(usize),
    /// Replace the filter.
    SetFilter(Filter),
    /// Move a splitter to a share of its space.
    SetSplit(Split, f32),
    /// Drag the map.
    PanMap(Vec2),
    /// Zoom the map by a factor, around a point given from its middle.
    ZoomMap(f32, Vec2),
    /// Open a scenario or a capture.
    Open(Source),
    /// Type into the dialog.
    Type(String),
    /// Go up or down in the dialog's list.
    Choose(i32),
    /// Do what the dialog is about.
    Submit,
    /// Close the message about a file that could not be opened.
    DismissNotice,
}

/// A splitter between panels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    /// Between the two columns.
    Columns,
    /// Between map and events.
    Left,
    /// Between packet and node.
    RightUpper,
    /// Between node and why.
    RightLower,
    /// Between layers and bytes.
    Packet,
}

/// A command without an argument: in the registry, with an id, a name, and a key where one suits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// Play or pause.
    Play,
    /// Step to the next event of the list.
    Next,
    /// Step to the event before.
    Previous,
    /// Step to the next change of a state.
    NextState,
    /// Step to the change of a state before.
    PreviousState,
    /// Before the first event.
    Start,
    /// After the last event.
    End,
    /// Play faster.
    Faster,
    /// Play slower.
    Slower,
    /// Ask for a time to go to.
    GoToTime,
    /// Ask for a file to open.
    OpenDialog,
    /// Back to the list of scenarios.
    Welcome,
    /// Put the text cursor into the filter.
    FocusFilter,
    /// Let everything through the filter.
    ClearFilter,
    /// Read about what is open: what a scenario teaches, what a capture holds.
    Notes,
    /// List the keys.
    Keys,
    /// Open the command palette.
    Palette,
    /// Switch the language.
    Language,
    /// Switch the theme.
    Theme,
    /// Show the topology.
    ShowMap,
    /// Show the sequence.
    ShowLadder,
    /// Show a TCP socket.
    ShowTcp,
    /// Show the links.
    ShowLinks,
    /// Show the session.
    ShowSession,
    /// Undo zoom and drag of the map.
    FitMap,
    /// Let the node panel follow state changes, or stop it.
    Follow,
    /// Close the dialog.
    Close,
}

impl Action {
    /// Every one, in the order of the key list and the palette.
    pub const ALL: &'static [Action] = &[
        Action::Play,
        Action::Next,
        Action::Previous,
        Action::NextState,
        Action::PreviousState,
        Action::Start,
        Action::End,
        Action::Faster,
        Action::Slower,
        Action::GoToTime,
        Action::FocusFilter,
        Action::ClearFilter,
        Action::ShowMap,
        Action::ShowLadder,
        Action::ShowTcp,
        Action::ShowLinks,
        Action::ShowSession,
        Action::FitMap,
        Action::Follow,
        Action::OpenDialog,
        Action::Welcome,
        Action::Notes,
        Action::Palette,
        Action::Language,
        Action::Theme,
        Action::Keys,
        Action::Close,
    ];

    /// A stable name for programs and links: `step.next`.
    pub const fn id(self) -> &'static str {
        match self {
            Action::Play => "time.play",
            Action::Next => "step.next",
            Action::Previous => "step.previous",
            Action::NextState => "step.next-state",
            Action::PreviousState => "step.previous-state",
            Action::Start => "time.start",
            Action::End => "time.end",
            Action::Faster => "time.faster",
            Action::Slower => "time.slower",
            Action::GoToTime => "time.go-to",
            Action::OpenDialog => "file.open",
            Action::Welcome => "file.welcome",
            Action::FocusFilter => "filter.focus",
            Action::ClearFilter => "filter.clear",
            Action::Notes => "file.notes",
            Action::Keys => "help.keys",
            Action::Palette => "help.palette",
            Action::Language => "view.language",
            Action::Theme => "view.theme",
            Action::ShowMap => "view.map",
            Action::ShowLadder => "view.ladder",
            Action::ShowTcp => "view.tcp",
            Action::ShowLinks => "view.links",
            Action::ShowSession => "view.session",
            Action::FitMap => "view.fit",
            Action::Follow => "view.follow",
            Action::Close => "dialog.close",
        }
    }

    /// Its name in the string table.
    pub(crate) const fn word(self) -> Word {
        match self {
            Action::Play => Word::CommandPlay,
            Action::Next => Word::CommandNext,
            Action::Previous => Word::CommandPrevious,
            Action::NextState => Word::CommandNextState,
            Action::PreviousState => Word::CommandPreviousState,
            Action::Start => Word::CommandStart,
            Action::End => Word::CommandEnd,
            Action::Faster => Word::CommandFaster,
            Action::Slower => Word::CommandSlower,
            Action::GoToTime => Word::CommandGoToTime,
            Action::OpenDialog => Word::CommandOpen,
            Action::Welcome => Word::CommandWelcome,
            Action::FocusFilter => Word::CommandFilter,
            Action::ClearFilter => Word::CommandClearFilter,
            Action::Notes => Word::CommandNotes,
            Action::Keys => Word::CommandKeys,
            Action::Palette => Word::CommandPalette,
            Action::Language => Word::CommandLanguage,
            Action::Theme => Word::CommandTheme,
            Action::ShowMap => Word::CommandMap,
            Action::ShowLadder => Word::CommandLadder,
            Action::ShowTcp => Word::CommandTcp,
            Action::ShowLinks => Word::CommandLinks,
            Action::ShowSession => Word::CommandSession,
            Action::FitMap => Word::CommandFit,
            Action::Follow => Word::CommandFollow,
            Action::Close => Word::CommandClose,
        }
    }

    /// Its key.
    pub const fn key(self) -> Option<KeyboardShortcut> {
        let (modifiers, key) = match self {
            Action::Play => (Modifiers::NONE, Key::Space),
            Action::Next => (Modifiers::NONE, Key::ArrowRight),
            Action::Previous => (Modifiers::NONE, Key::ArrowLeft),
            Action::NextState => (Modifiers::SHIFT, Key::ArrowRight),
            Action::PreviousState => (Modifiers::SHIFT, Key::ArrowLeft),
            Action::Start => (Modifiers::NONE, Key::Home),
            Action::End => (Modifiers::NONE, Key::End),
            Action::Faster => (Modifiers::NONE, Key::Period),
            Action::Slower => (Modifiers::NONE, Key::Comma),
            Action::GoToTime => (Modifiers::NONE, Key::G),
            Action::FocusFilter => (Modifiers::NONE, Key::F),
            Action::ClearFilter => (Modifiers::SHIFT, Key::F),
            Action::ShowMap => (Modifiers::NONE, Key::T),
            Action::ShowLadder => (Modifiers::NONE, Key::S),
            Action::ShowTcp => (Modifiers::NONE, Key::C),
            Action::ShowLinks => (Modifiers::NONE, Key::Q),
            Action::ShowSession => (Modifiers::NONE, Key::J),
            Action::FitMap => (Modifiers::NONE, Key::Num0),
            Action::Follow => (Modifiers::NONE, Key::N),
            Action::OpenDialog => (Modifiers::COMMAND, Key::O),
            Action::Notes => (Modifiers::NONE, Key::I),
            Action::Palette => (Modifiers::COMMAND, Key::K),
            Action::Language => (Modifiers::NONE, Key::L),
            Action::Theme => (Modifiers::NONE, Key::D),
            Action::Keys => (Modifiers::NONE, Key::Questionmark),
            Action::Close => (Modifiers::NONE, Key::Escape),
            Action::Welcome => return None,
        };
        Some(KeyboardShortcut::new(modifiers, key))
    }

    /// Whether it makes sense without a trace.
    pub(crate) const fn needs_document(self) -> bool {
        !matches!(
            self,
            Action::OpenDialog
                | Action::Keys
                | Action::Palette
                | Action::Language
                | Action::Theme
                | Action::Close
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_keys_are_unique() {
        for (index, action) in Action::ALL.iter().enumerate() {
            for other in &Action::ALL[index + 1..] {
                assert_ne!(action.id(), other.id());
                assert!(action.key().is_none() || action.key() != other.key(), "{action:?} and {other:?}");
            }
        }
    }
}
