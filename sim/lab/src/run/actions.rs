//! Performing what happens at a given time. Not here: what the document says (`build`).

use rtclab_net::{Attachment, World};
use rtclab_trace::{Change as Told, Entity, EntryId, NodeId};

use super::cast::Cast;
use crate::build::{Change, LinkTarget, TimedAction};
use crate::programs::{Peer, SignalingServer};

/// Performs an action now; everything that follows from it has its entry as cause.
pub(super) fn perform(action: &TimedAction, world: &mut World, cast: &Cast) {
    let cause = world.record(Entity::World, Told::action(action.text.clone()), None, None);
    for change in &action.changes {
        apply(change, world, cast, cause);
    }
}

/// Each change was checked against the plan, so it can be done; what cannot be, because an override took a node's role away, leaves
/// the world as it is.
fn apply(change: &Change, world: &mut World, cast: &Cast, cause: Option<EntryId>) {
    match change {
        Change::Rebind(node) => {
            let _ = world.rebind_nat(*node, cause);
        }
        Change::RestartNat { nat, address } => {
            let _ = world.readdress_nat(*nat, *address, cause);
        }
        Change::LinkUp { link, up } => {
            if let Some(link) = find(*link, world) {
                let _ = world.set_link_up(link, *up, cause);
            }
        }
        Change::Link { link, change } => {
            if let Some(link) = find(*link, world)
                && let Some(before) = world.link(link)
            {
                let _ = world.set_link(link, change.apply(&before), cause);
            }
        }
        Change::Move { node, network, attachment } => {
            let _ = world.move_node(*node, *network, Attachment::clone(attachment), cause);
        }
        Change::RestartIce(node) => restart(*node, world, cast, cause),
        Change::StopSignaling(node) => stop_signaling(*node, world, cast, cause),
    }
}

fn find(link: LinkTarget, world: &World) -> Option<rtclab_trace::LinkId> {
    link.find(world.trace().topology())
}

fn restart(node: NodeId, world: &mut World, cast: &Cast, cause: Option<EntryId>) {
    for actor in cast.peers.iter().filter(|actor| actor.node == node) {
        let restart = |peer: &mut Peer, host: &mut rtclab_net::Host<'_>| peer.restart_ice(host);
        let _ = world.with_program(node, actor.program, cause, restart);
    }
}

fn stop_signaling(node: NodeId, world: &mut World, cast: &Cast, cause: Option<EntryId>) {
    for actor in cast.signaling_servers.iter().filter(|actor| actor.node == node) {
        let stop = |server: &mut SignalingServer, host: &mut rtclab_net::Host<'_>| server.stop(host);
        let _ = world.with_program(node, actor.program, cause, stop);
    }
}
