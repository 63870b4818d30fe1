//! The pcapng of a session, as tshark sees it: with the secrets that stand in the file it reads what is encrypted. DTLS 1.2 it decrypts; DTLS 1.3
//! is beyond the installed one (4.0), which names its hellos and leaves the rest alone, so there the hellos are all that is asked for.

use std::fs::File;
use std::io::BufWriter;

use rtclab_capture::{About, write_pcapng};
use rtclab_lab::document::Scenario;
use rtclab_lab::run::{Options, run};
use rtclab_tests::{output_of, root, scratch, text_of};

/// Writes the session of two peers who both speak this version.
fn capture(version: &str) -> String {
    let text = text_of(&root().join("scenarios/two-homes.toml"));
    let overrides = ["alice", "bob"].map(|peer| format!("node.{peer}.run.peer.session.dtls={version:?}"));
    let scenario =
        Scenario::parse("two-homes.toml", &text, &overrides).unwrap_or_else(|problems| panic!("{problems}"));
    let outcome = run(&scenario, Options::default()).expect("it runs");
    assert!(outcome.is_as_expected(), "{:?}", outcome.expectations);
    let path = scratch(&format!("session-{version}.pcapng"));
    let mut out = BufWriter::new(File::create(&path).expect("a file can be written"));
    write_pcapng(&outcome.trace, &mut out, About::default()).expect("a trace can be written");
    drop(out);
    path.to_string_lossy().into_owned()
}

/// Packets that pass the filter. The ports are said to be DTLS's: tshark 4.0 does not know a datagram by itself in which records of DTLS 1.3,
/// with their short headers, follow a hello.
fn count(file: &str, filter: &str) -> usize {
    let ports = output_of("tshark", &["-r", file, "-Y", "dtls", "-T", "fields", "-e", "udp.srcport"]);
    let ports = ports.lines().map(|port| format!("udp.port=={port},dtls"));
    let ports: std::collections::BTreeSet<String> = ports.collect();
    let mut arguments = vec!["-r", file, "-Y", filter, "-T", "fields", "-e", "frame.number"];
    arguments.extend(ports.iter().flat_map(|port| ["-d", port.as_str()]));
    output_of("tshark", &arguments).lines().count()
}

#[test]
fn tshark_decrypts_a_session_of_dtls_1_2() {
    let file = capture("1.2");
    assert!(count(&file, "dtls.handshake.type == 1") > 0, "the ClientHello is seen");
    // Finished is the first message that is encrypted.
    assert!(count(&file, "dtls.handshake.type == 20") > 0, "Finished is decrypted");
    let data = output_of("tshark", &["-r", &file, "-x", "-Y", "dtls.record.content_type == 23"]);
    assert!(data.contains("Decrypted DTLS"), "application data is decrypted");
}

#[test]
fn tshark_names_the_hellos_of_dtls_1_3() {
    let file = capture("1.3");
    assert!(count(&file, "dtls.handshake.type == 1") > 0, "the ClientHello is seen");
    assert!(count(&file, "dtls.handshake.type == 2") > 0, "the ServerHello is seen");
}
