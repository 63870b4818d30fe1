//! Links by the names people use, each with the source of its values. Where a source gives a round trip, a way has half of it.
//!
//! Forward is from the node into the network: upload. Values are typical ones, not promises; a plan may change any of them.

use std::time::Duration;

use rtclab_trace::{GilbertElliott, Latency, LinkWay, Loss, QueueLimit};

use super::LinkProperties;

const MEGABIT: u64 = 1_000_000;

fn ms(millis: f64) -> Duration {
    Duration::from_nanos((millis * 1e6) as u64)
}

/// From a latency that is met at least, and what may come on top of it.
fn spread(least_ms: f64, most_ms: f64) -> Latency {
    Latency::Uniform { least: ms(least_ms), most: ms(most_ms) }
}

/// What a buffer holds that takes so long to leave at the rate. Access equipment sizes its buffers by time.
fn buffer(rate_bps: u64, millis: u64) -> QueueLimit {
    QueueLimit::Bytes(rate_bps / 8 * millis / 1_000)
}

/// Both ways alike but for their rates, with buffers of so many milliseconds.
fn access(way: LinkWay, up_bps: u64, down_bps: u64, buffer_ms: u64) -> LinkProperties {
    let with =
        |rate_bps| LinkWay { rate_bps: Some(rate_bps), queue: buffer(rate_bps, buffer_ms), ..way.clone() };
    LinkProperties { forward: with(up_bps), backward: with(down_bps) }
}

impl LinkProperties {
    /// No delay worth naming, no loss, no limit.
    pub fn plain() -> LinkProperties {
        LinkProperties::latency(ms(0.1))
    }

    /// Gigabit Ethernet (IEEE 802.3: 1500 bytes, 1 Gbit/s): a switch and some metres of cable cost well under a millisecond.
    pub fn lan() -> LinkProperties {
        LinkProperties::plain().with_rate(1_000 * MEGABIT, 1_000)
    }

    /// A wireless LAN (IEEE 802.11). Sui et al., "Characterizing and Improving WiFi Latency in Large-Scale Operational Networks", MobiSys
    /// 2016: a round trip over the wireless hop is 3 ms in the median and 20 ms at the 90th percentile. What is lost on the air is
    /// repeated there and shows up as latency; little loss remains.
    pub fn wifi() -> LinkProperties {
        let way = LinkWay { latency: spread(1.0, 6.0), loss: Loss::from(0.001), ..LinkWay::default() };
        access(way, 100 * MEGABIT, 100 * MEGABIT, 100)
    }

    /// ADSL2+ with PPPoE. ITU-T G.992.5: up to 24 Mbit/s down and about 1 up at short distances, of which lines have a part. RFC 2516 §7:
    /// PPPoE leaves 1492 bytes. Interleaving, against impulse noise, makes the first hop some 25 ms there and back.
    pub fn dsl() -> LinkProperties {
        let way = LinkWay { latency: ms(12.0).into(), mtu: 1_492, ..LinkWay::default() };
        access(way, MEGABIT, 16 * MEGABIT, 200)
    }

    /// Cable (DOCSIS 3.1). White, Sundaresan and Briscoe, "Low Latency DOCSIS: Technology Overview", 2019: about 10 ms there and back on
    /// the access link when it is idle, most of it upstream, where a modem asks for each turn to send. RFC 8034 §1: the
    /// modem's upstream buffer is where delay builds up.
    pub fn cable() -> LinkProperties {
        let mut link = access(LinkWay::default(), 20 * MEGABIT, 300 * MEGABIT, 250);
        link.forward.latency = spread(4.0, 8.0);
        link.backward.latency = spread(2.0, 3.0);
        link
    }

    /// Fibre to the home (ITU-T G.984, GPON): an upstream turn comes within about a millisecond.
    pub fn fiber() -> LinkProperties {
        let way = LinkWay { latency: spread(1.0, 2.0), ..LinkWay::default() };
        access(way, 500 * MEGABIT, 500 * MEGABIT, 50)
    }

    /// Fourth-generation mobile. Huang et al., "A Close Examination of Performance and Power Characteristics of 4G LTE Networks", MobiSys
    /// 2012: medians of about 13 Mbit/s down, 6 Mbit/s up and 70 ms of round trip to a server. Base stations buffer
    /// deeply and repeat on the air, so that there is little loss. A GTP tunnel takes room: operators hand out MTUs around 1428.
    pub fn lte() -> LinkProperties {
        let way = LinkWay {
            latency: spread(22.0, 42.0),
            loss: Loss::from(0.002),
            mtu: 1_428,
            ..LinkWay::default()
        };
        access(way, 6 * MEGABIT, 13 * MEGABIT, 1_000)
    }

    /// Fifth-generation mobile. ITU-R M.2410-0 §4.3: 100 Mbit/s down and 50 up for a user in a dense city; §4.7.1: 4 ms one way on the
    /// radio, to which the core network and its distance add as much again.
    pub fn fifth_generation() -> LinkProperties {
        let way =
            LinkWay { latency: spread(8.0, 14.0), loss: Loss::from(0.001), mtu: 1_428, ..LinkWay::default() };
        access(way, 50 * MEGABIT, 100 * MEGABIT, 300)
    }

    /// A geostationary satellite. RFC 2488 §2: 240 to 280 ms one way from the distance alone. Ookla, third quarter of 2021: medians of 629 and
    /// 744 ms of round trip, 19 Mbit/s down and 3 up at two such operators.
    pub fn geostationary_satellite() -> LinkProperties {
        let way = LinkWay { latency: spread(300.0, 340.0), loss: Loss::from(0.005), ..LinkWay::default() };
        access(way, 3 * MEGABIT, 19 * MEGABIT, 500)
    }

    /// Satellites in low orbit. Michel et al., "A First Look at Starlink Performance", IMC 2022: round trips from 20 ms, in the middle half of
    /// cases 40 to 60 ms to servers on the same continent. Ookla, third quarter of 2021: medians of 87 Mbit/s down and 14 up.
    /// Kassem et al., "A Browser-side View of Starlink Connectivity", IMC 2022: losses come in bursts, with handovers.
    pub fn low_orbit_satellite() -> LinkProperties {
        let bursts = GilbertElliott { to_bad: 0.0005, to_good: 0.1, loss_in_good: 0.0005, loss_in_bad: 0.5 };
        let way = LinkWay { latency: spread(12.0, 32.0), loss: Loss::Bursts(bursts), ..LinkWay::default() };
        access(way, 14 * MEGABIT, 87 * MEGABIT, 200)
    }

    /// The middle of the Internet, within a continent: some 2000 km of fibre, at two thirds of the speed of light, and the detours of real paths.
    pub fn internet() -> LinkProperties {
        LinkProperties::latency(ms(20.0))
    }

    /// Across an ocean: some 6000 km of fibre are 30 ms, and real paths are about twice as long.
    pub fn transatlantic() -> LinkProperties {
        LinkProperties::latency(ms(70.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_makes_sense_and_differs_from_the_others() {
        let all = [
            LinkProperties::plain(),
            LinkProperties::lan(),
            LinkProperties::wifi(),
            LinkProperties::dsl(),
            LinkProperties::cable(),
            LinkProperties::fiber(),
            LinkProperties::lte(),
            LinkProperties::fifth_generation(),
            LinkProperties::geostationary_satellite(),
            LinkProperties::low_orbit_satellite(),
            LinkProperties::internet(),
            LinkProperties::transatlantic(),
        ];
        for (index, link) in all.iter().enumerate() {
            assert_eq!(link.problem(), None, "{link:?}");
            assert!(!all[..index].contains(link), "{link:?}");
        }
    }

    #[test]
    fn a_buffer_holds_what_leaves_in_its_time() {
        assert_eq!(LinkProperties::dsl().forward.queue, QueueLimit::Bytes(25_000));
    }
}
