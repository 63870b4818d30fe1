//! Where in a document one is, and the problems found so far. Not here: how a problem looks (`problem`).

use std::fmt;

use super::problem::{Problem, Problems};
use super::source::{Data, Place, Sources, Value};

/// A step from a value to one inside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Key(String),
    Index(usize),
}

/// The way from the root to a value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Path(Vec<Step>);

impl Path {
    pub(super) fn push(&mut self, step: Step) {
        self.0.push(step);
    }

    pub(super) fn pop(&mut self) {
        self.0.pop();
    }

    pub(super) fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// This path and one more key.
    pub(super) fn key(&self, key: &str) -> Path {
        self.with(Step::Key(key.to_string()))
    }

    /// This path and one more index.
    pub(super) fn index(&self, index: usize) -> Path {
        self.with(Step::Index(index))
    }

    fn with(&self, step: Step) -> Path {
        let mut path = self.clone();
        path.0.push(step);
        path
    }

    pub(super) fn starts_with(&self, other: &Path) -> bool {
        self.0.starts_with(&other.0)
    }

    /// As messages name it.
    pub(super) fn name(&self) -> String {
        if self.is_root() { "a scenario".to_string() } else { format!("`{self}`") }
    }

    /// The value at its end, or the deepest one on the way there, and the place of its key.
    fn find<'a>(&self, root: &'a Value) -> (&'a Value, Option<Place>) {
        let (mut value, mut key_place) = (root, None);
        for step in &self.0 {
            let next = match (step, &value.data) {
                (Step::Key(key), Data::Table(table)) => {
                    table.get(key).map(|entry| (&entry.value, Some(entry.key)))
                }
                (Step::Index(index), Data::List(list)) => list.get(*index).map(|item| (item, None)),
                // One of something may stand without the brackets of a list.
                (Step::Index(0), _) => Some((value, key_place)),
                _ => None,
            };
            match next {
                Some(found) => (value, key_place) = found,
                None => break,
            }
        }
        (value, key_place)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(".")?;
            }
            match step {
                Step::Key(key) => f.write_str(key)?,
                Step::Index(number) => write!(f, "{number}")?,
            }
        }
        Ok(())
    }
}

/// Problems from here on are counted, not kept: each costs a look for the right word.
const KEPT_MAX: usize = 4 * Problems::MAX;

/// The problems found so far.
#[derive(Debug)]
pub(super) struct Report<'a> {
    sources: &'a Sources,
    problems: Vec<(Place, Problem)>,
    /// How many more there were than are kept.
    more: usize,
    /// Tables that have lost something: what is said about them further may only follow from that.
    damaged: Vec<Path>,
}

impl<'a> Report<'a> {
    pub(super) fn new(sources: &'a Sources, problems: Vec<(Place, Problem)>) -> Report<'a> {
        Report { sources, problems, more: 0, damaged: Vec::new() }
    }

    /// Adds a problem of shape at a place.
    pub(super) fn add(&mut self, place: Place, finish: impl FnOnce(Problem) -> Problem) {
        if self.problems.len() < KEPT_MAX {
            self.problems.push((place, finish(self.sources.problem(place, String::new()))));
        } else {
            self.more += 1;
        }
    }

    /// Notes that something has been taken out of this table.
    pub(super) fn damage(&mut self, table: Path) {
        self.damaged.push(table);
    }

    /// Adds a problem of meaning at the value of a path.
    pub(super) fn at_value(&mut self, root: &Value, path: &Path, finish: impl FnOnce(Problem) -> Problem) {
        let (value, _) = path.find(root);
        self.add_meaning(value.place, path, finish);
    }

    /// Adds a problem of meaning at the key of a path.
    pub(super) fn at_key(&mut self, root: &Value, path: &Path, finish: impl FnOnce(Problem) -> Problem) {
        let (value, key) = path.find(root);
        self.add_meaning(key.unwrap_or(value.place), path, finish);
    }

    fn add_meaning(&mut self, place: Place, path: &Path, finish: impl FnOnce(Problem) -> Problem) {
        if !self.is_damaged(path) {
            self.add(place, finish);
        }
    }

    /// Whether something is missing from a table that this path is in.
    pub(super) fn is_damaged(&self, path: &Path) -> bool {
        self.damaged.iter().any(|damaged| path.starts_with(damaged))
    }

    /// Whether something is missing from this path or from anything inside it.
    pub(super) fn is_damaged_inside(&self, path: &Path) -> bool {
        self.damaged.iter().any(|damaged| damaged.starts_with(path) || path.starts_with(damaged))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.problems.is_empty()
    }

    /// All of them as they were found.
    pub(super) fn into_list(self) -> Vec<(Place, Problem)> {
        self.problems
    }

    /// All of them in the order of the text.
    pub(super) fn into_problems(mut self) -> Problems {
        self.problems.sort_by_key(|(place, _)| *place);
        self.problems.dedup();
        let more = self.more + self.problems.len().saturating_sub(Problems::MAX);
        let list = self.problems.into_iter().take(Problems::MAX).map(|(_, problem)| problem).collect();
        Problems { list, more }
    }
}
