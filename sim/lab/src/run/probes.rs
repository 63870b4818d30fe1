//! Ping and traceroute as a document describes them, with addresses for the nodes that it names.

use std::net::IpAddr;

use rtclab_trace::NodeId;

use super::stage::Setting;
use crate::build::{BuildError, millis, sim_time};
use crate::document;
use crate::programs::{Ping, PingConfig, Traceroute, TracerouteConfig, Window};

impl Setting<'_> {
    pub(super) fn install_ping(
        &mut self,
        node: NodeId,
        name: &str,
        ping: &document::Ping,
        windows: Vec<Window>,
    ) -> Result<(), BuildError> {
        let config = self.ping(ping, node, windows)?;
        let actor = self.put(node, name, Ping::new(config))?;
        self.cast.pings.push(actor);
        Ok(())
    }

    pub(super) fn install_traceroute(
        &mut self,
        node: NodeId,
        name: &str,
        traceroute: &document::Traceroute,
    ) -> Result<(), BuildError> {
        let config = self.traceroute(traceroute, node)?;
        let actor = self.put(node, name, Traceroute::new(config))?;
        self.cast.traceroutes.push(actor);
        Ok(())
    }

    fn ping(
        &self,
        ping: &document::Ping,
        node: NodeId,
        windows: Vec<Window>,
    ) -> Result<PingConfig, BuildError> {
        Ok(PingConfig {
            to: self.target(node, &ping.to)?,
            interval: millis(ping.interval_ms),
            size: ping.size as usize,
            count: ping.count,
            start_at: sim_time(ping.start_ms),
            windows,
        })
    }

    fn traceroute(
        &self,
        traceroute: &document::Traceroute,
        node: NodeId,
    ) -> Result<TracerouteConfig, BuildError> {
        Ok(TracerouteConfig {
            to: self.target(node, &traceroute.to)?,
            hops_max: traceroute.hops_max,
            timeout: millis(traceroute.timeout_ms),
            start_at: sim_time(traceroute.start_ms),
        })
    }

    /// A node's address in a family that the asking node has too, IPv4 first; or an address as it is.
    fn target(&self, node: NodeId, text: &str) -> Result<IpAddr, BuildError> {
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(address);
        }
        let unknown = || BuildError::UnknownName(text.to_owned());
        let target = *self.names.get(text).ok_or_else(unknown)?;
        let own = self.world.addresses(node);
        let of = |v4: bool| {
            let has = own.iter().any(|held| held.address.is_ipv4() == v4);
            let held = self.world.addresses(target).into_iter().find(|held| held.address.is_ipv4() == v4);
            held.filter(|_| has)
        };
        of(true).or_else(|| of(false)).map(|held| held.address).ok_or_else(unknown)
    }
}
