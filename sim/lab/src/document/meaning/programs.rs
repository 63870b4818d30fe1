//! What programs refer to, and which of them belong together.

use rtclab_rtc::jsep::MediaKind;
use rtclab_rtc::stun::Scheme;

use super::super::{OneOrMany, Peer, Run, TcpSource};
use super::{Checker, each, node_path};
use crate::document::report::Path;

impl Checker<'_, '_, '_> {
    pub(super) fn programs(&mut self) {
        let scenario = self.scenario;
        for (name, node) in &scenario.node {
            let Some(run) = &node.run else { continue };
            let path = node_path(name).key("run");
            if let Some(peer) = &run.peer {
                self.peer(name, peer, &path.key("peer"));
            }
            if run.mdns.is_some() && run.peer.as_ref().is_some_and(|peer| peer.mdns) {
                let message = "a peer with `mdns = true` answers on the port of multicast DNS itself";
                let expected = "the one or the other: no `mdns` program beside it".to_string();
                self.misplaced(&path.key("mdns"), message.to_string(), expected);
            }
            if let Some(probe) = &run.nat_probe {
                let inner = path.key("nat-probe").key("server");
                self.expect_program(&inner, &probe.server, "a `stun-server`", |run| {
                    run.stun_server.is_some()
                });
            }
            if let Some(source) = &run.udp_source {
                let to = path.key("udp-source").key("to");
                self.expect_program(&to, &source.to, "a `udp-sink` or `udp-echo`", |run| {
                    run.udp_sink.is_some() || run.udp_echo.is_some()
                });
            }
            if let Some(ping) = &run.ping {
                self.target(&ping.to, &path.key("ping").key("to"));
            }
            if let Some(traceroute) = &run.traceroute {
                self.target(&traceroute.to, &path.key("traceroute").key("to"));
            }
            if let Some(source) = &run.video_source {
                let to = path.key("video-source").key("to");
                self.expect_program(&to, &source.to, "a `video-sink`", |run| run.video_sink.is_some());
            }
            if let Some(source) = &run.tcp_source {
                self.tcp_source(source, &path.key("tcp-source"));
            }
            if let Some(turn) = &run.turn_server {
                let inner = path.key("turn-server").key("users");
                for (user, password) in &turn.users {
                    if user.is_empty() || user.len() > 508 || user.contains(':') {
                        // The key is made of `username:realm:password` (RFC 8489 §9.2.2); §14.3 bounds its length.
                        let expected = "up to 508 bytes without a colon".to_string();
                        self.misplaced(&inner.key(user), format!("`{user}` cannot be a user name"), expected);
                    }
                    if password.is_empty() {
                        let expected = "a password".to_string();
                        self.wrong(&inner.key(user), format!("the password of `{user}` is empty"), expected);
                    }
                }
            }
            if let Some(server) = &run.signaling_server {
                self.signaling_faults(server, &path.key("signaling-server").key("faults"));
            }
            self.ports(run, &path);
        }
    }

    /// Whoever connects has a port to connect to.
    fn tcp_source(&mut self, source: &TcpSource, path: &Path) {
        let to = path.key("to");
        if source.port.is_none() {
            self.expect_program(&to, &source.to, "a `tcp-echo` or `tcp-sink`", |run| {
                run.tcp_echo.is_some() || run.tcp_sink.is_some()
            });
        } else if !self.scenario.node.contains_key(&source.to) {
            let message = format!("there is no node `{}`", source.to);
            let known: Vec<&str> = self.scenario.node.keys().map(String::as_str).collect();
            self.unknown(&to, message, &source.to, known);
        }
        if let Some(proxy) = &source.proxy {
            let inner = path.key("proxy");
            self.expect_program(&inner, proxy, "an `http-proxy`", |run| run.http_proxy.is_some());
        }
        if source.every_ms > 0.0 && source.write_bytes.is_none() {
            let message = "`every_ms` without `write_bytes`";
            self.misplaced(&path.key("every_ms"), message.to_string(), "`write_bytes` beside it".to_string());
        }
    }

    fn peer(&mut self, name: &str, peer: &Peer, path: &Path) {
        for (inner, server) in each(&path.key("stun"), peer.stun.as_ref()) {
            if self.server_uri(name, Scheme::Stun, server, &inner) {
                continue;
            }
            self.expect_program(&inner, server, "a `stun-server` or `turn-server`", |run| {
                run.stun_server.is_some() || run.turn_server.is_some()
            });
        }
        for (inner, turn) in each(&path.key("turn"), peer.turn.as_ref()) {
            let inner = match turn {
                super::super::TurnUse::Node(_) => inner,
                super::super::TurnUse::Credentials(_) => inner.key("server"),
            };
            if self.server_uri(name, Scheme::Turn, turn.parts().0, &inner) {
                continue;
            }
            self.expect_program(&inner, turn.parts().0, "a `turn-server`", |run| run.turn_server.is_some());
        }
        if let Some(proxy) = &peer.proxy {
            let inner = path.key("proxy");
            self.expect_program(&inner, proxy, "an `http-proxy`", |run| run.http_proxy.is_some());
            let mut servers = peer.turn.iter().flat_map(OneOrMany::as_slice);
            if !servers.any(|server| server.transport().is_stream()) {
                let message = "`proxy` without a TURN server over TCP: a proxy carries no datagrams";
                let expected = "a `turn` with `transport = \"tcp\"` beside it".to_string();
                self.misplaced(&inner, message.to_string(), expected);
            }
        }
        self.signaling(peer, path);
        if peer.lite && (peer.stun.is_some() || peer.turn.is_some()) {
            let message = "a lite agent has host candidates only, so it asks no servers (RFC 8445 §5.2)";
            self.misplaced(
                &path.key("lite"),
                message.to_string(),
                "no `stun` and no `turn` beside it".to_string(),
            );
        }
        let several = peer.streams > 1 || peer.components > 1;
        if several && (peer.session.is_some() || peer.tcp.is_any()) {
            let key = if peer.streams > 1 { "streams" } else { "components" };
            let beside = if peer.tcp.is_any() { "tcp" } else { "session" };
            let expected =
                "one of the two: several streams and components are for UDP and ICE alone".to_string();
            self.misplaced(&path.key(key), format!("`{key}` beside `{beside}`"), expected);
        }
        let carrier = peer.signaling.carrier();
        if peer.streams > 1 && (carrier.is_sip() || carrier.is_whip()) {
            let message = "`streams` beside a carrier that says one medium only".to_string();
            self.misplaced(
                &path.key("streams"),
                message,
                "signaling by `datagram` or `websocket`".to_string(),
            );
        }
        self.session(peer, path);
        if let Some(other) = &peer.offers_to {
            self.offer(name, peer, other, &path.key("offers_to"));
        }
    }

    /// What goes with a session, and which codecs there are.
    fn session(&mut self, peer: &Peer, path: &Path) {
        let Some(session) = &peer.session else { return };
        let beside = [
            ("tcp", peer.tcp.is_any()),
            ("port_mapping", peer.port_mapping),
            ("sends", peer.sends.is_some()),
        ];
        for (key, _) in beside.into_iter().filter(|(_, is)| *is) {
            let expected =
                "one of the two: a peer with a session sends by its data channels, over UDP".to_string();
            self.misplaced(&path.key(key), format!("`{key}` beside `session`"), expected);
        }
        let profile = crate::run::profile(session.profile);
        let known: Vec<String> = [MediaKind::Audio, MediaKind::Video]
            .into_iter()
            .flat_map(|kind| profile.codecs(kind).iter().map(|codec| codec.name.clone()))
            .collect();
        for (index, codec) in session.codecs.iter().enumerate() {
            if !known.iter().any(|name| name.eq_ignore_ascii_case(codec)) {
                let inner = path.key("session").key("codecs").index(index);
                let message = format!("the profile has no codec `{codec}`");
                self.unknown(&inner, message, codec, known.iter().map(String::as_str));
            }
        }
    }

    /// An offer goes to another peer, who has no other call and can be reached the same way.
    fn offer(&mut self, name: &str, peer: &Peer, other: &str, path: &Path) {
        if other == name {
            self.wrong(path, format!("`{name}` offers to itself"), "another peer".to_string());
            return;
        }
        if !self.expect_program(path, other, "a `peer`", |run| run.peer.is_some()) {
            return;
        }
        let Some(callee) = self.run_of(other).and_then(|run| run.peer.as_ref()) else { return };
        if let Some(third) = &callee.offers_to {
            let expected = "one side that offers and one that waits".to_string();
            if third != name {
                let message = format!("`{other}` answers `{name}`, but offers to `{third}`");
                self.wrong(path, message, expected);
            } else if peer.session.is_none()
                && self.scenario.node.get_index_of(other) < self.scenario.node.get_index_of(name)
            {
                self.wrong(path, format!("`{other}` and `{name}` offer to each other"), expected);
            }
        }
        let before = self.scenario.node.iter().take_while(|(earlier, _)| *earlier != name);
        let offers =
            |run: &Run| run.peer.as_ref().is_some_and(|peer| peer.offers_to.as_deref() == Some(other));
        let rival =
            before.filter(|(_, node)| node.run.as_ref().is_some_and(offers)).map(|(name, _)| name).next();
        if let Some(rival) = rival {
            let message = format!("`{rival}` offers to `{other}` already");
            self.wrong(path, message, "a peer that nobody else calls".to_string());
        }
        if callee.session.is_some() != peer.session.is_some() {
            let message = format!("only one of `{name}` and `{other}` has a `session`");
            self.wrong(path, message, "a `session` on both sides, or on neither".to_string());
        }
        self.same_signaling(name, peer, other, callee, path);
    }

    /// Two programs of a host cannot have the same port.
    fn ports(&mut self, run: &Run, path: &Path) {
        let over_tcp = [
            ("tcp-sink", run.tcp_sink.map(|sink| sink.port)),
            ("tcp-echo", run.tcp_echo.map(|echo| echo.port)),
            ("http-proxy", run.http_proxy.as_ref().map(|proxy| proxy.port)),
            ("stun-server", run.stun_server.map(|server| server.port)),
            ("turn-server", run.turn_server.as_ref().map(|server| server.tcp_port.unwrap_or(server.port))),
        ];
        self.distinct_ports(&over_tcp, path);
        let over_udp = [
            ("stun-server", run.stun_server.map(|server| server.port)),
            ("turn-server", run.turn_server.as_ref().map(|server| server.port)),
            ("dns-server", run.dns_server.as_ref().map(|server| server.port)),
            ("sip-proxy", run.sip_proxy.map(|proxy| proxy.port)),
            ("signaling-server", run.signaling_server.as_ref().map(|server| server.port)),
            ("udp-sink", run.udp_sink.map(|sink| sink.port)),
            ("udp-echo", run.udp_echo.map(|echo| echo.port)),
            ("video-sink", run.video_sink.map(|sink| sink.port)),
        ];
        self.distinct_ports(&over_udp, path);
    }

    fn distinct_ports(&mut self, servers: &[(&str, Option<u16>)], path: &Path) {
        for (index, (name, port)) in servers.iter().enumerate() {
            let same = |(_, other): &&(&str, Option<u16>)| other == port;
            let Some((first, _)) = port.and_then(|_| servers[..index].iter().find(same)) else { continue };
            let expected = match (*first, *name) {
                ("stun-server", "turn-server") => "the `turn-server` alone: it answers Binding requests too",
                _ => "another `port` for one of them",
            };
            let message = format!("`{first}` and `{name}` are on the same port");
            self.misplaced(&path.key(name), message, expected.to_string());
        }
    }
}
