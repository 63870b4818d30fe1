//! The workbench: the window in which a trace is stepped through, forwards and backwards, and asked why.
//!
//! `view(&State, &mut Ui) -> Vec<Command>`: views read, commands change. [`State::apply`] is the only place that changes anything, so menu,
//! key, palette and test do the same things the same way. Views read nothing but a [`rtclab_trace::Trace`]; they never ask whether
//! it came from a world or from a capture.
//!
//! | place | what lives there |
//! |---|---|
//! | `state`, `act`, `overlay`, `playback`, `keys`, `command` | what the window knows and what can be done to it |
//! | `model` | what is shown, as plain data, computed from the trace |
//! | `views` | painting, a file a panel |
//! | `paint` | text, icons, markers, controls |
//! | `tokens`, `style`, `fonts`, `words`, `language` | how it looks, and in which language |
//! | `window` | the native frame around it all |

mod act;
mod command;
mod fonts;
mod keys;
mod language;
mod model;
mod overlay;
mod paint;
mod playback;
mod state;
mod style;
mod tokens;
mod views;
#[cfg(not(target_arch = "wasm32"))]
mod window;
mod words;

pub use command::{Action, Command, Split};
pub use language::Language;
pub use model::cursor::Cursor;
pub use model::document::{Document, Origin};
pub use model::filter::{Filter, Shown};
pub use model::load::{LoadError, Source};
pub use model::shipped::{SHIPPED, Shipped};
pub use model::topic::{Topic, Topics};
pub use playback::Speed;
pub use state::{Stage, State};
pub use tokens::Theme;
pub use views::view;
#[cfg(not(target_arch = "wasm32"))]
pub use window::{OpenError, open};

/// Prepares an egui context for the views: fonts.
pub fn set_up(context: &egui::Context) {
    fonts::install(context);
}
