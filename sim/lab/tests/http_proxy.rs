//! Tunnels through an HTTP proxy, and what it refuses.

mod common;

use common::{run, scenario};
use rtclab_lab::document::StreamWord;
use rtclab_lab::run::StreamReport;

/// A client, a proxy with these keys and a server on port 443, each on one network.
fn stream(proxy: &str, source: &str) -> StreamReport {
    let text = format!(
        "until_ms = 200000\n\
         [network.lan]\nlatency_ms = 10\n\
         [node.client]\nnetwork = \"lan\"\nrun.tcp-source = {{ to = \"server\", proxy = \"proxy\", {source} }}\n\
         [node.proxy]\nnetwork = \"lan\"\nrun.http-proxy = {{ {proxy} }}\n\
         [node.server]\nnetwork = \"lan\"\nrun.tcp-echo = {{ port = 443 }}\n\
         [node.mute]\nnetwork = \"lan\"\n"
    );
    run(&scenario(&text)).streams.remove(0)
}

#[test]
fn every_byte_goes_through_the_tunnel_both_ways_and_then_both_sides_close() {
    let report = stream("", "bytes = 300000");
    assert_eq!(report.state, StreamWord::Closed);
    assert_eq!((report.written, report.delivered, report.returned), (300_000, Some(300_000), 300_000));
}

#[test]
fn a_port_that_is_not_for_tunnels_is_refused_unless_the_list_is_empty() {
    let refused = stream("connect_ports = [8443]", "bytes = 5");
    assert_eq!((refused.state, refused.delivered), (StreamWord::Refused, Some(0)));
    assert_eq!(stream("connect_ports = []", "bytes = 5").state, StreamWord::Closed);
}

#[test]
fn a_server_that_refuses_is_told_by_the_proxy() {
    let report = stream("connect_ports = []", "bytes = 5, port = 4");
    assert_eq!((report.state, report.returned), (StreamWord::Refused, 0));
}

#[test]
fn a_client_behind_a_proxy_pays_for_two_handshakes_and_a_request() {
    let report = stream("", "bytes = 5");
    let opened = report.connected_at.expect("opened").as_millis_f64();
    // Each link 10 ms, each way two links: 40 ms to the proxy, 40 ms for the request, 40 ms of the proxy's own.
    assert!((120.0..125.0).contains(&opened), "{opened}");
}
