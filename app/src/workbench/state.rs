//! The state of the window, and the only place that changes it: `apply`. Views read it through getters. Nothing here paints.

use std::collections::BTreeSet;
use std::time::Duration;

use egui::Vec2;
use rtclab_trace::{Entity, EntryId, NodeId, SimTime};

use super::command::{Command, Split};
use super::language::Language;
use super::model::cursor::Cursor;
use super::model::document::Document;
use super::model::filter::{self, Filter};
use super::model::links::Lane;
use super::model::load::{self, LoadError, Source};
use super::model::packet::PacketView;
use super::model::tcp::Track;
use super::overlay::Overlay;
use super::playback::Speed;
use super::tokens::{Theme, Tokens};

/// Which picture of the run takes the big panel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stage {
    /// The topology with its packets.
    #[default]
    Map,
    /// A row for each packet.
    Ladder,
    /// TCP: the state diagram, sequence numbers and windows of a socket.
    Tcp,
    /// The links on which packets met a queue or a loss.
    Links,
    /// The session: states over time, and what signaling says, line by line.
    Session,
}

impl Stage {
    /// Whether there is anything to see in it.
    pub(super) fn has_something_of(self, document: &Document) -> bool {
        match self {
            Stage::Map | Stage::Ladder => true,
            Stage::Tcp => !document.tracks().is_empty(),
            Stage::Links => !document.lanes().is_empty(),
            Stage::Session => !document.session().is_empty(),
        }
    }
}

/// What is selected.
#[derive(Clone, Debug, Default)]
pub(crate) struct Selection {
    /// Whose state is shown.
    pub(crate) node: Option<NodeId>,
    /// The entry whose causes are shown.
    pub(crate) asked: Option<EntryId>,
    /// The TCP socket that is drawn.
    pub(crate) socket: Option<Entity>,
    /// The way along a link that is drawn, by its place in the list.
    pub(crate) lane: usize,
    /// The line of the description that stays explained.
    pub(crate) line: Option<usize>,
    /// The packet whose bytes are shown.
    pub(crate) packet: Option<PacketView>,
    /// The field that stays highlighted.
    pub(crate) field: Option<usize>,
    /// The field under the pointer.
    pub(crate) hovered: Option<usize>,
    /// Fields that are folded.
    pub(crate) folded: BTreeSet<usize>,
}

/// How the space is shared out, and how the map is moved.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layout {
    pub(crate) columns: f32,
    pub(crate) left: f32,
    pub(crate) right_upper: f32,
    pub(crate) right_lower: f32,
    pub(crate) packet: f32,
    pub(crate) zoom: f32,
    pub(crate) pan: Vec2,
}

impl Default for Layout {
    fn default() -> Layout {
        Layout {
            columns: 0.52,
            left: 0.54,
            right_upper: 0.36,
            right_lower: 0.60,
            packet: 0.53,
            zoom: 1.0,
            pan: Vec2::ZERO,
        }
    }
}

/// The state of the window.
#[derive(Debug, Default)]
pub struct State {
    pub(super) document: Option<Document>,
    pub(super) notice: Option<LoadError>,
    pub(super) cursor: Cursor,
    pub(super) is_playing: bool,
    pub(super) speed: Speed,
    pub(super) language: Language,
    pub(super) theme: Theme,
    pub(super) follows: bool,
    pub(super) selection: Selection,
    pub(super) filter: Filter,
    pub(super) shown: Vec<u32>,
    pub(super) stage: Stage,
    pub(super) layout: Layout,
    pub(super) overlay: Option<Overlay>,
    pub(super) wants_filter_focus: bool,
    pub(super) folded_sections: BTreeSet<usize>,
}

impl State {
    /// The welcome page.
    pub fn new() -> State {
        State { follows: true, ..State::default() }
    }

    /// Obeys a command.
    pub fn apply(&mut self, command: Command) {
        self.wants_filter_focus = false;
        match command {
            Command::Do(action) => self.act(action),
            Command::Advance(wall) => self.advance(wall),
            Command::SeekTime(time) => self.seek_time(time),
            Command::SeekEntry(entry) => self.seek_entry(entry),
            Command::ShowPacket(entry) => self.show_packet(entry),
            Command::Ask(entry) => self.selection.asked = Some(entry),
            Command::SelectNode(node) => {
                self.selection.node = Some(node);
                self.follows = false;
                self.folded_sections.clear();
            }
            Command::SelectSocket(socket) => {
                self.selection.socket = Some(socket);
                self.selection.node = socket.node().or(self.selection.node);
                self.follows = false;
            }
            Command::SelectLink(lane) => self.selection.lane = lane,
            Command::SelectLine(line) => self.selection.line = line,
            Command::HoverField(field) => self.selection.hovered = field,
            Command::SelectField(field) => self.select_field(field),
            Command::ToggleField(field) => toggle(&mut self.selection.folded, field),
            Command::ToggleSection(section) => toggle(&mut self.folded_sections, section),
            Command::SetFilter(filter) => self.set_filter(filter),
            Command::SetSplit(split, share) => self.set_split(split, share),
            Command::PanMap(by) => self.layout.pan += by,
            Command::ZoomMap(factor, around) => self.zoom(factor, around),
            Command::Open(source) => self.open(&source),
            Command::Type(text) => self.type_text(text),
            Command::Choose(by) => self.choose(by),
            Command::Submit => self.submit(),
            Command::DismissNotice => self.notice = None,
        }
    }

    /// Opens a scenario or a capture. What goes wrong is shown in the window.
    pub fn open(&mut self, source: &Source) {
        match load::load(source) {
            Ok(Some(document)) => self.show(document, None),
            Ok(None) => self.document = None,
            Err(error) => self.notice = Some(error),
        }
        self.overlay = None;
    }

    /// Shows a document, from its start or at a time.
    pub fn show(&mut self, document: Document, at: Option<SimTime>) {
        self.selection = Selection { node: document.first_node(), ..Selection::default() };
        self.filter = Filter::default();
        self.cursor = Cursor::start();
        self.follows = true;
        self.is_playing = false;
        self.notice = None;
        self.layout.zoom = 1.0;
        self.layout.pan = Vec2::ZERO;
        if !self.stage.has_something_of(&document) {
            self.stage = Stage::Map;
        }
        self.document = Some(document);
        self.refilter();
        if let Some(time) = at {
            self.seek_time(time);
        }
    }

    // ---- for views ----

    /// What is open.
    pub fn document(&self) -> Option<&Document> {
        self.document.as_ref()
    }

    /// Why the last file could not be opened.
    pub fn notice(&self) -> Option<&LoadError> {
        self.notice.as_ref()
    }

    /// Where the reader stands.
    pub fn cursor(&self) -> Cursor {
        self.cursor
    }

    /// Whether time goes on by itself.
    pub fn is_playing(&self) -> bool {
        self.is_playing
    }

    /// How fast.
    pub fn speed(&self) -> Speed {
        self.speed
    }

    /// The language of the window.
    pub fn language(&self) -> Language {
        self.language
    }

    /// The theme of the window.
    pub fn theme(&self) -> Theme {
        self.theme
    }

    /// What is listed and stepped through.
    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    /// Places in the log of the entries that pass the filter.
    pub fn shown(&self) -> &[u32] {
        &self.shown
    }

    /// Whose state is shown.
    pub fn selected_node(&self) -> Option<NodeId> {
        self.selection.node
    }

    /// The entry whose causes are shown.
    pub fn asked(&self) -> Option<EntryId> {
        self.selection.asked
    }

    /// The field of the packet that is highlighted, by pointer or by click.
    pub fn highlighted_field(&self) -> Option<usize> {
        self.selection.hovered.or(self.selection.field)
    }

    /// Which picture takes the big panel.
    pub fn stage(&self) -> Stage {
        self.stage
    }

    /// The TCP socket that is drawn: the chosen one, else one of the selected node, else the first.
    pub(crate) fn track(&self) -> Option<&Track> {
        let tracks = self.document.as_ref()?.tracks();
        let chosen = |track: &&Track| self.selection.socket == Some(track.entity);
        let here = |track: &&Track| track.is_connection && self.selection.node == Some(track.node);
        tracks.iter().find(chosen).or_else(|| tracks.iter().find(here)).or_else(|| tracks.first())
    }

    /// The way along a link that is drawn.
    pub(crate) fn lane(&self) -> Option<&Lane> {
        let lanes = self.document.as_ref()?.lanes();
        lanes.get(self.selection.lane).or_else(|| lanes.first())
    }

    /// The node whose session is drawn: the selected one if it has one, else the first that has.
    pub(crate) fn session_node(&self) -> Option<NodeId> {
        let nodes = self.document.as_ref()?.session().nodes();
        self.selection.node.filter(|node| nodes.contains(node)).or_else(|| nodes.first().copied())
    }

    pub(crate) fn selection(&self) -> &Selection {
        &self.selection
    }

    pub(crate) fn follows(&self) -> bool {
        self.follows
    }

    pub(crate) fn layout(&self) -> &Layout {
        &self.layout
    }

    pub(crate) fn overlay(&self) -> Option<&Overlay> {
        self.overlay.as_ref()
    }

    pub(crate) fn wants_filter_focus(&self) -> bool {
        self.wants_filter_focus
    }

    pub(crate) fn is_section_folded(&self, section: usize) -> bool {
        self.folded_sections.contains(&section)
    }

    pub(crate) fn tokens(&self) -> &'static Tokens {
        self.theme.tokens()
    }

    // ---- moving in time ----

    fn advance(&mut self, wall: Duration) {
        let Some(document) = &self.document else { return };
        if !self.is_playing {
            return;
        }
        let before = self.cursor.count;
        self.cursor = self.speed.advance(&document.trace, self.cursor, wall);
        // Packets come too fast to read while time runs; changes of state are what the eye can follow.
        let newest = (before..self.cursor.count)
            .rev()
            .filter_map(|index| document.trace.id_at(index))
            .find(|&id| filter::is_state_change(&document.trace, id));
        if let Some(id) = newest {
            self.selection.asked = Some(id);
            self.follow(id);
        }
        if self.document.as_ref().is_some_and(|document| self.cursor.count == document.trace.len()) {
            self.is_playing = false;
        }
    }

    fn seek_time(&mut self, time: SimTime) {
        let Some(document) = &self.document else { return };
        self.cursor = Cursor::at(&document.trace, time);
        if let Some(id) = self.cursor.last_index().and_then(|index| document.trace.id_at(index)) {
            self.focus(id);
        }
    }

    /// Shows the moment right after an entry.
    pub(super) fn seek_entry(&mut self, entry: EntryId) {
        let Some(document) = &self.document else { return };
        self.cursor = Cursor::after(&document.trace, entry.index());
        self.is_playing = false;
        self.focus(entry);
    }

    /// Makes an entry the one that packet, node and why are about. The packet is its own, or the one that led to it.
    fn focus(&mut self, entry: EntryId) {
        let Some(document) = &self.document else { return };
        let trace = &document.trace;
        let packet = std::iter::once(entry)
            .chain(trace.causes_of(entry))
            .find(|&id| matches!(trace.entry(id).entity, Entity::Packet(_)));
        match packet {
            Some(packet) => self.show_packet(packet),
            None => self.selection.packet = None,
        }
        self.selection.asked = Some(entry);
        self.follow(entry);
    }

    fn show_packet(&mut self, entry: EntryId) {
        let Some(document) = &self.document else { return };
        let Some(view) = PacketView::of(&document.trace, entry) else { return };
        let is_same = self
            .selection
            .packet
            .as_ref()
            .is_some_and(|old| old.fields.len() == view.fields.len() && old.packet == view.packet);
        if !is_same {
            self.selection.field = None;
            self.selection.folded = view.folded_at_first();
        }
        self.selection.hovered = None;
        self.selection.asked = Some(entry);
        self.selection.packet = Some(view);
    }

    /// Moves the node panel along, if it follows and the entry changes the state of a node.
    fn follow(&mut self, entry: EntryId) {
        let Some(document) = &self.document else { return };
        let node = document.trace.entry(entry).entity.node();
        if self.follows && node.is_some() && filter::is_state_change(&document.trace, entry) {
            self.selection.node = node;
        }
    }

    // ---- the rest ----

    fn select_field(&mut self, field: Option<usize>) {
        self.selection.field = field;
        // What is highlighted has to be visible: unfold whatever it is inside of.
        let Some(packet) = &self.selection.packet else { return };
        let mut inside = field;
        while let Some(parent) = inside.and_then(|index| packet.parent(index)) {
            self.selection.folded.remove(&parent);
            inside = Some(parent);
        }
    }

    pub(super) fn set_filter(&mut self, filter: Filter) {
        self.filter = filter;
        self.refilter();
    }

    pub(super) fn refilter(&mut self) {
        self.shown = match &self.document {
            Some(document) => self.filter.apply(document, self.language),
            None => Vec::new(),
        };
    }

    fn set_split(&mut self, split: Split, share: f32) {
        let share = share.clamp(0.15, 0.85);
        match split {
            Split::Columns => self.layout.columns = share,
            Split::Left => self.layout.left = share,
            Split::RightUpper => self.layout.right_upper = share,
            Split::RightLower => self.layout.right_lower = share,
            Split::Packet => self.layout.packet = share,
        }
    }

    fn zoom(&mut self, factor: f32, around: Vec2) {
        let before = self.layout.zoom;
        self.layout.zoom = (before * factor).clamp(0.5, 4.0);
        let ratio = self.layout.zoom / before;
        self.layout.pan = around + (self.layout.pan - around) * ratio;
    }
}

fn toggle(set: &mut BTreeSet<usize>, item: usize) {
    if !set.remove(&item) {
        set.insert(item);
    }
}
