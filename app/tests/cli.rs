//! The command line as its users meet it: output, exit codes, and what is said when something is wrong.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("app lies below the top").to_path_buf()
}

fn rtclab(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rtclab"));
    command.args(arguments).current_dir(top()).env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY");
    command.output().expect("the binary was built for this test")
}

fn code(output: &Output) -> Option<i32> {
    output.status.code()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("text")
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("text")
}

/// A file of this test's own, which goes away with the build directory.
fn scratch(name: &str, text: &str) -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).expect("the build directory can be written");
    path.display().to_string()
}

#[test]
fn run_prints_a_ladder_and_exits_with_0() {
    let output = rtclab(&["run", "scenarios/hole-punching.toml"]);
    let text = out(&output);
    assert_eq!(code(&output), Some(0), "{}", err(&output));
    assert!(text.starts_with("Hole punching: two homes and ICE alone"), "{text}");
    assert!(text.contains("alice ⇄ bob: connected, direct"), "{text}");
    assert!(!text.contains('\u{1b}'), "no colour where nobody sees it");
    assert_eq!(err(&output), "");
}

#[test]
fn run_as_json_is_one_object_with_the_keys_that_programs_rely_on() {
    let output = rtclab(&["run", "scenarios/hole-punching.toml", "--format", "json"]);
    let object: serde_json::Value = serde_json::from_slice(&output.stdout).expect("one object");
    for key in ["scenario", "seed", "trace_hash", "ended_at_ms", "calls", "packets", "expectations"] {
        assert!(!object[key].is_null(), "{key}");
    }
    assert_eq!(object["calls"][0]["peers"], serde_json::json!(["alice", "bob"]));
    assert_eq!(object["calls"][0]["state"], "connected");
    assert_eq!(object["calls"][0]["diagnosis"]["code"], "direct-through-nat");
}

#[test]
fn an_unmet_expectation_says_what_happened_instead_and_exits_with_1() {
    let output = rtclab(&["run", "scenarios/hole-punching.toml", "--set", "node.nat-a.nat=symmetric"]);
    assert_eq!(code(&output), Some(1));
    assert!(
        out(&output).contains("it is connected, relayed (relayed-nat-mapping): nat-a gave"),
        "{}",
        out(&output)
    );
}

#[test]
fn a_mistake_in_a_scenario_is_shown_where_it_stands_and_exits_with_2() {
    let path = scratch("mistake.toml", "[node.alice]\nnetwrok = \"lan\"\n");
    let output = rtclab(&["run", &path]);
    assert_eq!(code(&output), Some(2));
    assert!(err(&output).contains("mistake.toml:2:1"), "{}", err(&output));
    assert!(err(&output).contains("did you mean `network`?"), "{}", err(&output));
    assert_eq!(out(&output), "");
}

#[test]
fn wrong_usage_exits_with_2_and_help_with_0() {
    assert_eq!(code(&rtclab(&["walk"])), Some(2));
    assert_eq!(code(&rtclab(&["run"])), Some(2));
    assert_eq!(code(&rtclab(&["run", "scenarios/hole-punching.toml", "--until", "soon"])), Some(2));
    assert_eq!(code(&rtclab(&["run", "nowhere.toml"])), Some(2));
    for arguments in [&["--help"][..], &["--version"], &["run", "--help"], &["check", "--help"]] {
        assert_eq!(code(&rtclab(arguments)), Some(0), "{arguments:?}");
    }
}

#[test]
fn every_command_has_an_example_in_its_help() {
    let commands = ["open", "run", "check", "inspect", "schema", "completions", "man"];
    for command in commands {
        let help = out(&rtclab(&[command, "--help"]));
        assert!(help.contains(&format!("Example: rtclab {command}")), "{help}");
    }
}

#[test]
fn check_judges_a_folder_and_one_unmet_expectation_makes_it_red() {
    let green = rtclab(&["check", "scenarios"]);
    assert_eq!(code(&green), Some(0), "{}", out(&green));
    let text = std::fs::read_to_string(top().join("scenarios/hole-punching.toml")).expect("it is shipped");
    let path = scratch("red.toml", &text.replace("path = \"direct\"", "path = \"relayed\""));
    let red = rtclab(&["check", &path]);
    assert_eq!(code(&red), Some(1));
    assert!(out(&red).contains("it is connected, direct (direct-through-nat)"), "{}", out(&red));
}

#[test]
fn the_written_trace_has_the_hash_that_the_run_prints() {
    use sha2::Digest as _;
    let path = scratch("trace.jsonl", "");
    let output = rtclab(&["run", "scenarios/two-hosts-lan.toml", "--format", "json", "--trace", &path]);
    let object: serde_json::Value = serde_json::from_slice(&output.stdout).expect("one object");
    let digest = sha2::Sha256::digest(std::fs::read(&path).expect("written"));
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(object["trace_hash"], digest);
}

#[test]
fn a_written_capture_is_inspected_with_its_call() {
    let path = scratch("call.pcapng", "");
    assert_eq!(code(&rtclab(&["run", "scenarios/two-hosts-lan.toml", "--pcapng", &path])), Some(0));
    let output = rtclab(&["inspect", &path, "--format", "json"]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("one object");
    assert_eq!(code(&output), Some(0));
    assert_eq!(report["calls"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_summary_has_no_hash_and_refuses_files_that_need_the_trace() {
    let output = rtclab(&["run", "scenarios/hole-punching.toml", "--observe", "summary", "--format", "json"]);
    let object: serde_json::Value = serde_json::from_slice(&output.stdout).expect("one object");
    assert!(object["trace_hash"].is_null());
    assert_eq!(object["calls"][0]["path"], "direct");
    let refused =
        rtclab(&["run", "scenarios/hole-punching.toml", "--observe", "summary", "--trace", "x.jsonl"]);
    assert_eq!(code(&refused), Some(2));
    assert!(err(&refused).contains("--trace needs the full trace"), "{}", err(&refused));
}

#[test]
fn a_reader_that_leaves_early_is_no_error() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_rtclab"))
        .args(["run", "scenarios/nat-rebind.toml"])
        .current_dir(top())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary was built for this test");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(code(&output), Some(0), "{}", err(&output));
    assert_eq!(err(&output), "");
}

#[test]
fn the_wrong_kind_of_file_gets_the_right_command() {
    let scenario = rtclab(&["inspect", "scenarios/hole-punching.toml"]);
    assert_eq!(code(&scenario), Some(2));
    assert!(
        err(&scenario).contains("did you mean `rtclab run scenarios/hole-punching.toml`?"),
        "{}",
        err(&scenario)
    );
}

#[test]
fn schema_completions_and_man_page_are_printed() {
    let schema: serde_json::Value = serde_json::from_slice(&rtclab(&["schema"]).stdout).expect("JSON");
    assert!(schema["properties"]["node"].is_object());
    assert!(out(&rtclab(&["completions", "bash"])).contains("rtclab"));
    assert!(out(&rtclab(&["man"])).contains(".TH rtclab 1"));
}

#[test]
fn a_machine_without_a_screen_gets_a_sentence_and_2() {
    for arguments in [&[][..], &["open", "scenarios/hole-punching.toml", "--at", "412ms"]] {
        let output = rtclab(arguments);
        assert_eq!(code(&output), Some(2), "{arguments:?}");
        assert!(err(&output).starts_with("error: no window can be opened here: "), "{}", err(&output));
        assert!(err(&output).contains("`rtclab run SCENARIO`"), "{}", err(&output));
        assert!(!err(&output).contains("panicked"), "{}", err(&output));
    }
}

#[test]
fn a_mistake_in_what_should_be_opened_is_told_before_any_window() {
    let path = scratch("mistake-to-open.toml", "[node.alice]\nnetwrok = \"lan\"\n");
    let output = rtclab(&["open", &path]);
    assert_eq!(code(&output), Some(2));
    assert!(err(&output).contains("did you mean `network`?"), "{}", err(&output));
}

const OFFER: &str = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n\
    m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\na=ice-ufrag:8hhY\r\n\
    a=ice-pwd:asd88fgpdd777uzjYhagZg\r\na=fingerprint:sha-256 AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99\r\n\
    a=setup:actpass\r\na=mid:0\r\na=sctp-port:5000\r\n";

#[test]
fn sdp_explains_each_line_once() {
    let output = rtclab(&["sdp", &scratch("offer.sdp", OFFER)]);
    let text = out(&output);
    assert_eq!(code(&output), Some(0), "{text}{}", err(&output));
    assert!(text.contains("offer, 13 lines, 0 problems"), "{text}");
    assert!(
        text.contains("network  a=ice-ufrag:8hhY") && text.contains("keys     a=setup:actpass"),
        "{text}"
    );
    assert!(text.contains("RFC 8839 §5.4"), "{text}");
}

#[test]
fn sdp_holds_an_answer_against_its_offer_and_names_the_rule_it_breaks() {
    let offer = scratch("offer-of-answer.sdp", OFFER);
    let answer = OFFER.replace("setup:actpass", "setup:active").replace("a=mid:0", "a=mid:7");
    let answer = serde_json::json!({ "type": "answer", "sdp": answer }).to_string();
    let output = rtclab(&["sdp", &scratch("answer.json", &answer), "--offer", &offer, "--language", "ko"]);
    let text = out(&output);
    assert_eq!(code(&output), Some(1), "{text}{}", err(&output));
    assert!(text.contains("~ keys     a=setup:active"), "{text}");
    assert!(text.contains("  ! ") && text.contains("a=mid:7"), "{text}");
}

#[test]
fn sdp_says_what_a_file_is_if_it_holds_none() {
    let output = rtclab(&["sdp", "scenarios/hole-punching.toml"]);
    assert_eq!((code(&output), out(&output).as_str()), (Some(2), ""));
    assert!(err(&output).contains("holds no session description: it begins with"), "{}", err(&output));
    assert_eq!(code(&rtclab(&["sdp", "no-such.sdp"])), Some(2));
}
