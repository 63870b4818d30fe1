//! A table for two guests in a world that a document describes: signaling is instant and never loses anything. A call between two ICE agents.

use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use rtclab_lab::build::{ProgramSpec, build};
use rtclab_lab::document::Scenario;
use rtclab_lab::programs::{TurnServer, TurnServerConfig};
use rtclab_net::{ProgramId, World};
use rtclab_rtc::Time;
use rtclab_rtc::turn::Credentials;
use rtclab_trace::{NodeId, Observe};

use super::guest::{Guest, Stack, Uses};
use super::seat::{PASSWORD, Seat, USER};

/// What stands around two peers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Setting {
    /// NATs of each side, from the inside out.
    pub(crate) nats: [&'static [&'static str]; 2],
    /// How many networks both hosts are on, besides.
    pub(crate) networks: usize,
    /// Lines of the document for each network.
    pub(crate) link: String,
    /// Whether there is a TURN server.
    pub(crate) turn: bool,
    /// Which candidates there are.
    pub(crate) uses: Uses,
    /// The role that both begin with, if it is the same: controlling, or not.
    pub(crate) conflict: Option<bool>,
    /// How long the call goes on once both have selected a pair.
    pub(crate) afterwards: Duration,
}

/// What a call came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CallResult {
    pub(crate) class: &'static str,
    /// When both sides had selected a pair.
    pub(crate) after: Option<Duration>,
    pub(crate) panicked: bool,
    /// Whether both mean the same pair of addresses, where there is no NAT.
    pub(crate) agreed: bool,
}

/// The document of a setting: `alice`, `bob`, and what is between them.
fn document(setting: &Setting) -> String {
    let Setting { nats, networks, link, turn, .. } = setting;
    let mut text = String::from("title = \"guests\"\n");
    let mut attached: [Vec<String>; 2] = [Vec::new(), Vec::new()];
    let _ = write!(text, "[network.internet]\n{link}\n");
    for (side, name) in ["a", "b"].into_iter().enumerate() {
        let mut outside = "internet".to_owned();
        for (depth, nat) in nats[side].iter().enumerate().rev() {
            let inside = format!("{name}-lan-{depth}");
            let _ = write!(
                text,
                "[network.{inside}]\nlatency_ms = 0\n[node.{name}-nat-{depth}]\nnat = \"{nat}\"\ninside = \"{inside}\"\noutside = \"{outside}\"\n"
            );
            outside = inside;
        }
        attached[side].push(outside);
    }
    for number in 1..*networks {
        let _ = write!(text, "[network.net-{number}]\n{link}\n");
        for side in &mut attached {
            side.push(format!("net-{number}"));
        }
    }
    if *turn {
        text.push_str("[node.turn]\nnetwork = \"internet\"\nrun = { turn-server = {} }\n");
    }
    for (name, networks) in ["alice", "bob"].into_iter().zip(attached) {
        let _ = write!(text, "[node.{name}]\nnetwork = {networks:?}\n");
    }
    text
}

/// Calls: the first guest is controlling.
pub(crate) fn call(setting: &Setting, stacks: [Stack; 2], seed: u64, until: Duration) -> CallResult {
    let roles = setting.conflict.map_or([true, false], |role| [role, role]);
    let agents = [stacks[0].agent(roles[0], 2 * seed + 1), stacks[1].agent(roles[1], 2 * seed + 2)];
    let (table, mut world) = Table::lay(setting, agents, seed);
    table.run(&mut world, Time::ZERO + until, setting.afterwards, |seat| seat.selected_at.is_some());
    table.result(&world)
}

/// Where the two sit.
pub(crate) struct Table {
    nodes: [NodeId; 2],
    programs: [ProgramId; 2],
    /// Where relayed candidates are.
    server: Option<SocketAddr>,
}

impl Table {
    /// A world as the setting has it, with a guest on each side.
    pub(crate) fn lay(setting: &Setting, guests: [Box<dyn Guest>; 2], seed: u64) -> (Table, World) {
        let text = document(setting);
        let scenario = Scenario::parse("guests.toml", &text, &[])
            .unwrap_or_else(|problems| panic!("{problems}\n{text}"));
        let build = build(&scenario).expect("a checked scenario");
        let nodes: [NodeId; 2] = ["alice", "bob"].map(|name| build.names[name]);
        let mut world = World::new(build.plan, seed, Observe::Summary).expect("a checked scenario");
        let mut server = None;
        for (node, program) in &build.programs {
            if let ProgramSpec::TurnServer(turn) = program {
                server = world.addresses(*node).first().map(|held| SocketAddr::new(held.address, turn.port));
                let config = TurnServerConfig {
                    port: turn.port,
                    tcp_port: turn.tcp_port.unwrap_or(turn.port),
                    realm: turn.realm.clone(),
                    users: vec![Credentials { username: USER.into(), password: PASSWORD.into() }],
                    lifetime_max: Duration::from_secs(3600),
                };
                world.install(*node, Box::new(TurnServer::new(config))).expect("a node");
            }
        }
        let mut programs = Vec::new();
        for (node, guest) in nodes.into_iter().zip(guests) {
            let seat = Seat::new(guest, server, setting.uses);
            programs.push(world.install(node, Box::new(seat)).expect("a node"));
        }
        (Table { nodes, programs: [programs[0], programs[1]], server }, world)
    }

    pub(crate) fn seat<'w>(&self, world: &'w World, side: usize) -> &'w Seat {
        world.program(self.nodes[side], self.programs[side]).expect("a seat")
    }

    /// Goes on until it is `done` on both sides, and some time afterwards.
    pub(crate) fn run(
        &self,
        world: &mut World,
        mut until: Time,
        afterwards: Duration,
        is_done: impl Fn(&Seat) -> bool,
    ) {
        let mut introduced = false;
        let mut done = false;
        while world.next_event_at().is_some_and(|at| at <= until) {
            world.step();
            if !introduced {
                // Both have begun once the first moment is over.
                introduced = world.next_event_at().is_none_or(|at| at > Time::ZERO);
                if !introduced {
                    continue;
                }
                let own = [0, 1].map(|side| self.seat(world, side).credentials());
                for side in [0, 1] {
                    let (ufrag, password) = &own[1 - side];
                    let act = |seat: &mut Seat, host: &mut rtclab_net::Host<'_>| {
                        seat.connect(host, ufrag, password)
                    };
                    world.with_program(self.nodes[side], self.programs[side], None, act).expect("a seat");
                }
            }
            self.signal(world);
            if !done && [0, 1].into_iter().all(|side| is_done(self.seat(world, side))) {
                done = true;
                until = until.min(world.now() + afterwards);
            }
        }
    }

    /// Whether a pair that was selected goes through the relay.
    pub(crate) fn is_relayed(&self, world: &World) -> bool {
        let server: Option<IpAddr> = self.server.map(|server| server.ip());
        let selected = [0, 1].into_iter().filter_map(|side| self.seat(world, side).selected);
        selected
            .into_iter()
            .any(|(local, remote)| [local.ip(), remote.ip()].into_iter().any(|ip| Some(ip) == server))
    }

    /// Hands every new line to the other side.
    fn signal(&self, world: &mut World) {
        for side in [0, 1] {
            let seat: &mut Seat = world.program_mut(self.nodes[side], self.programs[side]).expect("a seat");
            let lines = seat.take_lines();
            if lines.is_empty() {
                continue;
            }
            let act = |seat: &mut Seat, host: &mut rtclab_net::Host<'_>| seat.hear(host, &lines);
            world.with_program(self.nodes[1 - side], self.programs[1 - side], None, act).expect("a seat");
        }
    }

    fn result(&self, world: &World) -> CallResult {
        let seats = [0, 1].map(|side| self.seat(world, side));
        let after = seats[0].selected_at.and_then(|first| Some(first.max(seats[1].selected_at?)));
        let relayed = self.is_relayed(world);
        let class = match (after, relayed) {
            (None, _) => "failed",
            (Some(_), true) => "relayed",
            (Some(_), false) => "direct",
        };
        let turned = |(local, remote)| (remote, local);
        let agreed = seats[0].selected.is_some() && seats[0].selected == seats[1].selected.map(turned);
        CallResult { class, after, panicked: seats.iter().any(|seat| seat.panicked), agreed }
    }
}
