//! The window, driven without a screen: the real views, the real scenarios, real clicks and keys.

mod filtering;
mod ice;
mod language;
mod links;
mod opening;
mod packet;
mod picture;
mod session;
mod stepping;
mod tcp;

use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use rtclab::workbench::{self, Command, Source, State};

/// A window of the size that the default layout is made for.
pub(crate) fn harness(state: State) -> Harness<'static, State> {
    let mut harness = Harness::builder()
        .with_size([1280.0, 800.0])
        .with_context_setup(workbench::set_up)
        .wgpu()
        .build_ui_state(
            |ui, state: &mut State| {
                for command in workbench::view(state, ui) {
                    state.apply(command);
                    ui.ctx().request_repaint();
                }
            },
            state,
        );
    harness.run();
    harness
}

/// A window with a shipped scenario.
pub(crate) fn opened(file: &'static str) -> Harness<'static, State> {
    let mut state = State::new();
    state.apply(Command::Open(Source::Shipped(file)));
    assert!(state.notice().is_none(), "{:?}", state.notice());
    harness(state)
}

/// The labels of everything that is in the accessibility tree, in its order.
pub(crate) fn labels(harness: &Harness<'_, State>) -> Vec<String> {
    harness.root().children_recursive().filter_map(|node| node.accesskit_node().label()).collect()
}

/// Whether something with a label that contains these words is there.
pub(crate) fn shows(harness: &Harness<'_, State>, words: &str) -> bool {
    harness.query_all_by_label_contains(words).next().is_some()
}
