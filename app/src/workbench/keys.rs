//! Keys to commands. Keys rest while text is being typed; dialogs read their own.

use egui::{Context, Key, Modifiers};

use super::command::{Action, Command};
use super::state::State;

/// The commands of the keys that were pressed.
pub(crate) fn pressed(state: &State, context: &Context) -> Vec<Command> {
    let is_typing = context.text_edit_focused();
    let mut commands = Vec::new();
    context.input_mut(|input| {
        for &action in Action::ALL {
            let Some(shortcut) = action.key() else { continue };
            if !is_allowed(state, action, is_typing) {
                continue;
            }
            // A question mark is Shift and another key on most keyboards; which one differs.
            let is_pressed = if shortcut.logical_key == Key::Questionmark {
                input.consume_key(Modifiers::SHIFT, shortcut.logical_key)
                    || input.consume_key(Modifiers::NONE, shortcut.logical_key)
            } else {
                consume_exact(input, shortcut.modifiers, shortcut.logical_key)
            };
            if is_pressed {
                commands.push(Command::Do(action));
            }
        }
    });
    commands
}

fn is_allowed(state: &State, action: Action, is_typing: bool) -> bool {
    let works_while_typing = matches!(action, Action::Close | Action::Palette | Action::OpenDialog);
    if state.overlay().is_some() && !matches!(action, Action::Close | Action::Keys) {
        return false;
    }
    (works_while_typing || !is_typing) && (state.document().is_some() || !action.needs_document())
}

/// egui lets `←` match `Shift+←`; here they are two commands.
fn consume_exact(input: &mut egui::InputState, modifiers: Modifiers, key: Key) -> bool {
    let before = input.events.len();
    input.events.retain(|event| match event {
        egui::Event::Key { key: pressed, pressed: true, modifiers: held, .. } => {
            !(*pressed == key && held.matches_exact(modifiers))
        }
        _ => true,
    });
    input.events.len() < before
}
