//! Chromium as a child of a test: headless, with a profile of its own, without any way to the outside.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use rtclab_live::interfaces::{Choice, interfaces};

/// Each browser of this process has a profile of its own.
static STARTED: AtomicU32 = AtomicU32::new(0);

/// Whether pages get to know the machine's addresses, or only mDNS names for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Addresses {
    /// As they are.
    Shown,
    /// All of them, and TCP, too, as for a page that may use the microphone (a fake one). Other pages learn one address of each family only.
    Permitted,
    /// As names that end in `.local`, as browsers have it without a camera's permission.
    Hidden,
}

/// A running browser. It and its processes are killed when this is dropped.
#[derive(Debug)]
pub(crate) struct Browser {
    child: Child,
    profile: PathBuf,
}

impl Browser {
    /// Opens a page.
    pub(crate) fn open(url: &str, addresses: Addresses) -> Browser {
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let profile =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("chromium-{}-{number}", std::process::id()));
        let mut disabled = vec!["OptimizationHints", "MediaRouter", "Translate"];
        if addresses != Addresses::Hidden {
            disabled.push("WebRtcHideLocalIpsWithMdns");
        }
        // Whoever may use a microphone without being asked learns addresses, too: only where that is wanted.
        let permission: &[&str] = match addresses {
            Addresses::Permitted => &["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"],
            Addresses::Shown | Addresses::Hidden => &[],
        };
        // The rules hold for addresses, too, and for ICE over TCP.
        let own = interfaces(Choice::All).expect("the machine has addresses");
        let mut rules = vec!["MAP * ~NOTFOUND".to_owned(), "EXCLUDE 127.0.0.1".to_owned()];
        rules.extend(own.iter().map(|interface| format!("EXCLUDE {}", interface.address)));
        // `timeout` runs it in a process group of its own, and ends the whole group, whatever becomes of the test.
        let child = Command::new("timeout")
            .args(["--kill-after=2", "180", "chromium"])
            .args([
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
            ])
            .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
            .args([
                "--disable-default-apps",
                "--disable-domain-reliability",
                "--disable-breakpad",
                "--mute-audio",
            ])
            .args(permission)
            .arg(format!("--host-resolver-rules={}", rules.join(", ")))
            .arg(format!("--disable-features={}", disabled.join(",")))
            // DTLS of WebRTC offers X25519MLKEM768, too.
            .arg("--force-fieldtrials=WebRTC-EnableDtlsPqc/Enabled/")
            .arg(format!("--user-data-dir={}", profile.display()))
            .arg(url)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("timeout: {error}. This test needs it, and the package chromium"));
        Browser { child, profile }
    }

    /// Whether it has ended by itself: it is not installed, or it has crashed.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().expect("a child can be asked").is_some()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // `timeout` passes the signal on to its group; it may have ended by itself.
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.profile);
    }
}
