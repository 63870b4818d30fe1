//! The command line and the workbench, as libraries: `main` only calls them, and tests drive the same code.

#[cfg(not(target_arch = "wasm32"))]
pub mod cli;
pub mod time;
pub mod workbench;
