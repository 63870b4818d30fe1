//! What a document says, as far as its shape does not show it: names that do not exist, things that cannot be, and expectations that
//! nothing could meet. One submodule for each part of a document.

mod actions;
mod addresses;
mod expectations;
mod links;
mod names;
mod nodes;
mod programs;
mod signaling;

use indexmap::IndexSet;

use super::near::{nearest, one_of};
use super::problem::Problem;
use super::report::{Path, Report};
use super::source::Value;
use super::{OneOrMany, Run, Scenario};

/// Checks a document and reports what is wrong.
pub(super) fn check(scenario: &Scenario, root: &Value, report: &mut Report<'_>) {
    let mut checker = Checker { scenario, root, networks: scenario.networks(), report };
    if !checker.names() {
        return;
    }
    checker.nodes();
    checker.links();
    checker.link_tables();
    checker.addresses();
    checker.programs();
    checker.names_and_addresses();
    checker.actions();
    checker.expectations();
}

/// The document under examination.
struct Checker<'a, 'r, 's> {
    scenario: &'a Scenario,
    /// The values, for their places.
    root: &'a Value,
    networks: IndexSet<&'a str>,
    report: &'r mut Report<'s>,
}

/// The path of a table at the top of the document.
fn top(key: &str) -> Path {
    Path::default().key(key)
}

/// The path of a node.
fn node_path(name: &str) -> Path {
    top("node").key(name)
}

/// The entries of one or many values, with the path of each.
fn each<'a, T>(path: &Path, values: Option<&'a OneOrMany<T>>) -> Vec<(Path, &'a T)> {
    let values = values.map_or(&[][..], OneOrMany::as_slice);
    values.iter().enumerate().map(|(index, value)| (path.index(index), value)).collect()
}

impl<'a> Checker<'a, '_, '_> {
    /// Something is wrong with a value.
    fn wrong(&mut self, path: &Path, message: impl Into<String>, expected: impl Into<Option<String>>) {
        let (message, expected) = (message.into(), expected.into());
        self.report.at_value(self.root, path, |problem| Problem { message, expected, ..problem });
    }

    /// Something is wrong with a key being there.
    fn misplaced(&mut self, path: &Path, message: impl Into<String>, expected: impl Into<Option<String>>) {
        let (message, expected) = (message.into(), expected.into());
        self.report.at_key(self.root, path, |problem| Problem { message, expected, ..problem });
    }

    /// A name stands for nothing; `known` are those that would.
    fn unknown<'k>(
        &mut self,
        path: &Path,
        message: impl Into<String>,
        name: &str,
        known: impl IntoIterator<Item = &'k str>,
    ) {
        let known: Vec<&str> = known.into_iter().collect();
        let message = message.into();
        self.report.at_value(self.root, path, |problem| Problem {
            message,
            expected: one_of(known.iter().copied()).or(Some("nothing: there is none".to_string())),
            suggestion: nearest(name, known.iter().copied()),
            ..problem
        });
    }

    /// The programs of a node.
    fn run_of(&self, node: &str) -> Option<&'a Run> {
        self.scenario.node.get(node)?.run.as_ref()
    }

    /// Names of the nodes whose programs are such.
    fn nodes_that_run(&self, such: impl Fn(&Run) -> bool) -> Vec<&'a str> {
        let runs = |node: &super::Node| node.run.as_ref().is_some_and(&such);
        self.scenario.node.iter().filter(|(_, node)| runs(node)).map(|(name, _)| name.as_str()).collect()
    }

    /// Complains unless `name` is a node whose programs are such; `what` is what it should run, with its article.
    fn expect_program(&mut self, path: &Path, name: &str, what: &str, such: impl Fn(&Run) -> bool) -> bool {
        if self.run_of(name).is_some_and(&such) {
            return true;
        }
        // A node that has lost a key may have lost this one.
        if self.report.is_damaged_inside(&node_path(name)) {
            return false;
        }
        let message = if self.scenario.node.contains_key(name) {
            format!("`{name}` does not run {what}")
        } else {
            format!("there is no node `{name}`")
        };
        let known = self.nodes_that_run(&such);
        self.unknown(path, message, name, known);
        false
    }
}
