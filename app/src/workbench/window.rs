//! The native frame: opens the window, feeds it, and turns a machine without a screen into an error instead of a panic.

use rtclab_trace::SimTime;

use super::model::load::{self, LoadError, Source};
use super::state::State;
use super::tokens::Theme;

/// Why there is no window.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is no screen to open it on.
    #[error("no window can be opened here: {0}")]
    NoDisplay(String),
    /// The screen is there, but drawing on it failed.
    #[error("the window could not be drawn: {0}")]
    NoGraphics(String),
    /// What should be shown could not be opened.
    #[error(transparent)]
    Load(#[from] LoadError),
}

/// The size that the default layout is made for.
const SIZE: [f32; 2] = [1280.0, 800.0];
/// Below this nothing fits.
const SIZE_MIN: [f32; 2] = [900.0, 600.0];

/// Opens the window and returns when it is closed. `at` is the time to show first.
///
/// # Errors
///
/// If the source cannot be opened, or there is no screen; then nothing was shown.
pub fn open(source: Source, at: Option<SimTime>) -> Result<(), OpenError> {
    let mut state = State::new();
    if let Some(document) = load::load(&source)? {
        state.show(document, at);
    }
    display()?;
    let title =
        state.document().map_or_else(|| "rtclab".into(), |document| format!("{} – rtclab", document.name));
    let options = eframe::NativeOptions {
        viewport: egui::ViewportBuilder::default()
            .with_title(title)
            .with_app_id("rtclab")
            .with_inner_size(SIZE)
            .with_min_inner_size(SIZE_MIN),
        ..eframe::NativeOptions::default()
    };
    let run =
        eframe::run_native("rtclab", options, Box::new(|context| Ok(Box::new(Window::new(context, state)))));
    run.map_err(|error| match error {
        eframe::Error::Winit(error) => OpenError::NoDisplay(error.to_string()),
        eframe::Error::WinitEventLoop(error) => OpenError::NoDisplay(error.to_string()),
        error => OpenError::NoGraphics(error.to_string()),
    })
}

/// Asks for a display by name before anything tries to use it: what follows reports its absence in many ways, some of them panics.
fn display() -> Result<(), OpenError> {
    let is_unix_desktop = cfg!(all(unix, not(target_os = "macos")));
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if is_unix_desktop && !is_set("DISPLAY") && !is_set("WAYLAND_DISPLAY") {
        let hint = "neither DISPLAY nor WAYLAND_DISPLAY is set";
        return Err(OpenError::NoDisplay(hint.into()));
    }
    Ok(())
}

/// The state in its frame.
struct Window {
    state: State,
}

impl Window {
    fn new(context: &eframe::CreationContext<'_>, mut state: State) -> Window {
        super::set_up(&context.egui_ctx);
        if context.egui_ctx.system_theme() == Some(egui::Theme::Light) {
            state.theme = Theme::Light;
        }
        Window { state }
    }
}

impl eframe::App for Window {
    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        for command in super::view(&self.state, ui) {
            self.state.apply(command);
            ui.ctx().request_repaint();
        }
    }
}
