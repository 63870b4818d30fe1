//! What tables of link properties say that cannot be. Not here: between which nodes links are (`nodes`).

use super::super::{
    IpFamily, LatencySpec, LatencySpread, LinkOwner, LinkSettings, LinkTable, TimedChange, WaySettings,
};
use super::Checker;
use crate::build::properties;
use crate::document::report::Path;

/// The smallest MTU that IPv6 allows (RFC 8200 §5).
const IPV6_MTU_MIN: u32 = 1280;

/// The most changes of all links.
const CHANGES_MAX: usize = 10_000;

impl Checker<'_, '_, '_> {
    /// Every table that says what a link does.
    pub(super) fn link_tables(&mut self) {
        let scenario = self.scenario;
        let tables = scenario.link_tables();
        let changes: usize = tables.iter().map(|table| table.settings.changes.len()).sum();
        if changes > CHANGES_MAX {
            let expected = format!("at most {CHANGES_MAX}");
            self.wrong(&Path::default(), format!("{changes} changes of links"), expected);
        }
        for table in &tables {
            self.link_settings(&table.settings, &table.path);
            self.complete_link(table);
            for (index, change) in table.settings.changes.iter().enumerate() {
                self.timed_change(change, &table.path.key("changes").index(index));
            }
        }
    }

    /// The properties that an action sets, or that a table gives.
    pub(super) fn link_settings(&mut self, settings: &LinkSettings, path: &Path) {
        let ways = settings.both_ways();
        self.way(&ways.way, path);
        self.way(&ways.up, &path.key("up"));
        self.way(&ways.down, &path.key("down"));
        self.upload(settings.upload_mbps, &ways.up, path);
    }

    /// A list of changes where there is only one moment.
    pub(super) fn no_changes(&mut self, settings: &LinkSettings, path: &Path) {
        if !settings.changes.is_empty() {
            let expected = "an `[[action]]` for each, or `changes` with the link itself".to_string();
            self.misplaced(&path.key("changes"), "an action happens once", expected);
        }
    }

    fn timed_change(&mut self, change: &TimedChange, path: &Path) {
        let ways = change.both_ways();
        if self.scenario.until_ms.is_some_and(|until_ms| change.at_ms > until_ms) {
            let expected = "a time before `until_ms`".to_string();
            self.wrong(&path.key("at_ms"), "the run has ended by then", expected);
        }
        if ways == super::super::BothWays::default() {
            let expected = "a property, such as `loss_percent = 30`".to_string();
            self.wrong(path, "nothing changes", expected);
        }
        self.way(&ways.way, path);
        self.way(&ways.up, &path.key("up"));
        self.way(&ways.down, &path.key("down"));
        self.upload(change.upload_mbps, &ways.up, path);
    }

    fn upload(&mut self, upload_mbps: Option<f64>, up: &WaySettings, path: &Path) {
        if upload_mbps.is_some() && up.rate_mbps.is_some() {
            let message = "`upload_mbps` beside `up.rate_mbps`";
            self.misplaced(&path.key("upload_mbps"), message, "one of them".to_string());
        }
    }

    /// Keys of one table that do not go together.
    fn way(&mut self, way: &WaySettings, path: &Path) {
        let pairs = [
            ("lost_packets", way.lost_packets.is_some(), "loss_percent", way.loss_percent.is_some()),
            ("queue_bytes", way.queue_bytes.is_some(), "queue_packets", way.queue_packets.is_some()),
        ];
        for (key, has, other, has_other) in pairs {
            if has && has_other {
                let message = format!("`{key}` beside `{other}`");
                self.misplaced(&path.key(key), message, "one of them".to_string());
            }
        }
        match &way.latency_ms {
            Some(LatencySpec::Spread(spread)) => self.spread(spread, &path.key("latency_ms")),
            Some(LatencySpec::Constant(_)) | None => {}
            Some(LatencySpec::List(list)) => {
                if list.is_empty() {
                    self.wrong(&path.key("latency_ms"), "the list is empty", "a number".to_string());
                }
            }
        }
        let varies = matches!(way.latency_ms, Some(LatencySpec::Spread(_) | LatencySpec::List(_)));
        if varies && way.jitter_ms.is_some() {
            let expected = "`jitter_ms` with a `latency_ms` that is a number".to_string();
            self.misplaced(&path.key("jitter_ms"), "this latency varies by itself", expected);
        }
        if let Some(super::super::CodelSpec::Parameters(codel)) = &way.codel
            && codel.target_ms >= codel.interval_ms
        {
            let expected = "a `target_ms` below `interval_ms`, about a twentieth of it".to_string();
            self.wrong(&path.key("codel"), "no wait could be above the target for an interval", expected);
        }
    }

    fn spread(&mut self, spread: &LatencySpread, path: &Path) {
        let expected = || "`{ from = 20, to = 40 }` or `{ mean = 30, deviation = 5 }`".to_string();
        let even = (spread.from, spread.to);
        let bell = (spread.mean, spread.deviation);
        match (even, bell) {
            ((Some(from), Some(to)), (None, None)) => {
                if from.0 > to.0 {
                    let message = format!("{} is more than {}", from.0, to.0);
                    self.wrong(&path.key("from"), message, "the lesser one first".to_string());
                }
            }
            ((None, None), (Some(_), Some(_))) => {}
            _ => self.wrong(path, "a latency that is neither evenly spread nor around a mean", expected()),
        }
    }

    /// What a table and those that it inherits from come to together.
    fn complete_link(&mut self, table: &LinkTable<'_>) {
        let settings = &table.settings;
        let network = match table.owner {
            LinkOwner::Attachment { network, .. } => Some(network),
            LinkOwner::Network(_) | LinkOwner::PointToPoint(_) => None,
        };
        let link = match network {
            Some(network) => properties(&[&self.scenario.network_settings(network), settings]),
            None => properties(&[settings]),
        };
        let ways = settings.both_ways();
        let has_ipv6 = self.has_ipv6(table.owner);
        for (own, key, way) in [(&ways.up, "up", &link.forward), (&ways.down, "down", &link.backward)] {
            // The key that says it, or else the table.
            let place = |own_says: bool, both_say: bool, what: &str| match (own_says, both_say) {
                (true, _) => Some(table.path.key(key).key(what)),
                (false, true) => Some(table.path.key(what)),
                (false, false) => None,
            };
            if way.codel.is_some()
                && way.rate_bps.is_none()
                && let Some(path) = place(own.codel.is_some(), ways.way.codel.is_some(), "codel")
            {
                let expected = "a `rate_mbps` too: nothing waits where there is no limit".to_string();
                self.misplaced(&path, "a link without a rate has no queue", expected);
            }
            if has_ipv6
                && way.mtu < IPV6_MTU_MIN
                && let Some(path) = place(own.mtu.is_some(), ways.way.mtu.is_some(), "mtu")
            {
                let expected = format!("at least {IPV6_MTU_MIN} (RFC 8200 §5)");
                self.wrong(&path, "too small for IPv6", expected);
            }
        }
    }

    fn has_ipv6(&self, owner: LinkOwner<'_>) -> bool {
        let (family, prefix) = match owner {
            LinkOwner::Network(network) | LinkOwner::Attachment { network, .. } => {
                let network = self.scenario.network.get(network);
                (network.and_then(|network| network.ip), network.and_then(|network| network.prefix.as_ref()))
            }
            LinkOwner::PointToPoint(index) => {
                let link = self.scenario.link.get(index);
                (link.and_then(|link| link.ip), link.and_then(|link| link.prefix.as_ref()))
            }
        };
        match prefix {
            Some(prefix) => prefix.as_slice().iter().any(|prefix| prefix.contains(':')),
            None => matches!(family, Some(IpFamily::V6 | IpFamily::Dual)),
        }
    }
}
