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

/// Ends when somebody wants the program to end: Ctrl-C, and on Unix SIGTERM. Where signals cannot be caught, it never does, and the
/// operating system's own way stays.
pub async fn stop_signal() {
    let interrupt = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
}
