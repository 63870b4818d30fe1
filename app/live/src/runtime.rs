//! The loop that all of this runs in, and the signals that end it.

use std::future::Future;
use std::io;

/// Runs a future to its end, on this thread.
///
/// # Errors
/// The operating system gives no timer or no way to wait for sockets.
pub fn block_on<T>(future: impl Future<Output = T>) -> io::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(runtime.block_on(future))
}

/// Ends when somebody wants the program to end: Ctrl-C, and on Unix SIGTERM. They are caught from this call on, not only once it is
/// awaited: whoever reads that a server listens may end it at once, and it still ends in order. Where they cannot be caught, it never
/// ends, and the operating system's own way stays.
///
/// Call it inside [`block_on`].
#[cfg(unix)]
pub fn stop_signal() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};
    let [interrupt, terminate] = [SignalKind::interrupt(), SignalKind::terminate()].map(|kind| {
        let caught = signal(kind);
        async move {
            match caught {
                Ok(mut signals) => {
                    signals.recv().await;
                }
                Err(_) => std::future::pending().await,
            }
        }
    });
    async move {
        tokio::select! {
            () = interrupt => {}
            () = terminate => {}
        }
    }
}

/// Ends when somebody wants the program to end: Ctrl-C, caught from this call on. Where it cannot be caught, it never ends, and the
/// operating system's own way stays.
///
/// Call it inside [`block_on`].
#[cfg(windows)]
pub fn stop_signal() -> impl Future<Output = ()> {
    let caught = tokio::signal::windows::ctrl_c();
    async move {
        match caught {
            Ok(mut signals) => {
                signals.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    }
}
