//! A link at work, each way on its own. Not here: who puts packets on it and who takes them off (`world::transmit`).
//!
//! | file | what lives there |
//! |---|---|
//! | `properties`, `presets` | what a link is set to do |
//! | `latency`, `order` | how long a packet travels, and whether it may overtake another |
//! | `loss` | independent, in bursts, listed |
//! | `impair` | duplicates and flipped bits |
//! | `queue` | what waits for the rate: drop-tail, CoDel |
//!
//! Each axis draws from a stream of its own: setting one changes no draw of another.

mod impair;
mod latency;
mod loss;
mod order;
mod presets;
mod properties;
mod queue;

use rtclab_trace::{Direction, Encapsulation, Latency, LinkState, LinkWay, Loss, Nanos, SimTime};

use crate::packet::Packet;
use crate::randomness::Stream;

use impair::{CorruptDraw, DuplicateDraw};
use latency::LatencyDraw;
use loss::LossDraw;
use order::Order;
use queue::{DropTail, Managed, serialization_ns};

pub(crate) use impair::flip;
pub use properties::LinkProperties;
pub(crate) use properties::SMALLEST_MTU;
pub(crate) use queue::Lost;

/// What becomes of a packet that is put on a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Carried {
    /// It leaves, now or when those before it have left.
    Travels(Travel),
    /// It has to wait, and may be dropped before it leaves: the caller hands it over with [`Way::hold`].
    Waits,
    /// Too much waits already.
    QueueFull,
    /// It is longer than the MTU.
    TooBig,
}

/// A packet on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Travel {
    /// When it reaches the far end, or would.
    pub(crate) at: SimTime,
    /// How many nanoseconds it waits before its first bit leaves.
    pub(crate) queued_ns: u64,
    /// Whether it is lost on the way.
    pub(crate) lost: bool,
    /// The bit that is flipped on the way.
    pub(crate) flipped: Option<u32>,
    /// When a copy of it arrives too.
    pub(crate) copy_at: Option<SimTime>,
}

/// The draws of a way that does more than take time: one stream for each axis.
#[derive(Debug)]
struct Draws {
    latency: LatencyDraw,
    loss: LossDraw,
    duplicate: DuplicateDraw,
    corrupt: CorruptDraw,
    /// Of copies.
    copy_latency: LatencyDraw,
}

impl Draws {
    fn new(random: &Stream) -> Draws {
        Draws {
            latency: LatencyDraw::new(random.branch(0)),
            loss: LossDraw::new(random.branch(1)),
            duplicate: DuplicateDraw::new(random.branch(2)),
            corrupt: CorruptDraw::new(random.branch(3)),
            copy_latency: LatencyDraw::new(random.branch(4)),
        }
    }
}

/// All that a packet has to know of a way that only takes time.
#[derive(Clone, Copy, Debug)]
struct Plain {
    latency_ns: u64,
    mtu: u32,
    reorder: bool,
}

impl Plain {
    /// None if the way has a rate, or does anything else to packets.
    fn of(properties: &LinkWay) -> Option<Plain> {
        let latency_ns = plain_ns(properties).filter(|_| properties.rate_bps.is_none())?;
        Some(Plain { latency_ns, mtu: properties.mtu, reorder: properties.reorder })
    }
}

/// One direction of a link at work. Times are kept in nanoseconds where every packet adds them up.
#[derive(Debug)]
// What every packet reads lies side by side, at the beginning.
#[repr(C)]
pub(crate) struct Way {
    /// The short way through, for packets that fit.
    plain: Option<Plain>,
    order: Order,
    properties: LinkWay,
    /// The latency in nanoseconds, if that is all that the way does to packets besides its rate: the fast path.
    plain_ns: Option<u64>,
    random: Stream,
    /// Made when they are first needed.
    draws: Option<Box<Draws>>,
    /// When the last bit of the last packet has left.
    busy_until: SimTime,
    /// Whether every packet is wrapped in a frame, which takes time too.
    framed: bool,
    drop_tail: DropTail,
    /// Made when CoDel is first needed. What waits in it leaves by it, even after CoDel was switched off.
    managed: Option<Box<Managed>>,
}

impl Way {
    fn new(properties: LinkWay, random: Stream) -> Way {
        Way {
            plain: Plain::of(&properties),
            order: Order::default(),
            plain_ns: plain_ns(&properties),
            properties,
            random,
            draws: None,
            busy_until: SimTime::ZERO,
            framed: false,
            drop_tail: DropTail::default(),
            managed: None,
        }
    }

    fn set_properties(&mut self, properties: LinkWay) {
        if let Some(draws) = &mut self.draws
            && properties.loss != self.properties.loss
        {
            draws.loss.restart();
        }
        self.plain_ns = plain_ns(&properties);
        // What waits where CoDel looked after it leaves first.
        let waits = self.managed.as_ref().is_some_and(|managed| !managed.is_empty());
        self.plain = Plain::of(&properties).filter(|_| !waits);
        self.properties = properties;
    }

    #[inline]
    pub(crate) fn properties(&self) -> &LinkWay {
        &self.properties
    }

    /// Puts a packet on a link that only takes time. Returns when it arrives; none if there is more to be decided, which [`Way::carry`] does.
    #[inline]
    pub(crate) fn pass(&mut self, now: SimTime, length: usize) -> Option<SimTime> {
        let plain = self.plain.filter(|plain| length <= plain.mtu as usize)?;
        Some(self.order.place(later(now, plain.latency_ns), plain.reorder))
    }

    /// Puts a packet of `length` bytes on the link at `now`.
    #[inline]
    pub(crate) fn carry(&mut self, now: SimTime, length: usize) -> Carried {
        if length > self.properties.mtu as usize {
            return Carried::TooBig;
        }
        if self.is_managed() {
            return self.carry_managed(now, length);
        }
        let Some(rate_bps) = self.properties.rate_bps else {
            return Carried::Travels(self.travel(now, 0, length));
        };
        let starts = self.busy_until.max(now);
        if !self.drop_tail.enter(now, starts, length, self.properties.queue) {
            return Carried::QueueFull;
        }
        self.busy_until = later(starts, serialization_ns(self.on_wire(length), rate_bps));
        Carried::Travels(self.travel(self.busy_until, starts.as_nanos() - now.as_nanos(), length))
    }

    /// Whether packets wait where CoDel looks after them.
    #[inline]
    fn is_managed(&self) -> bool {
        (self.properties.codel.is_some() && self.properties.rate_bps.is_some())
            || self.managed.as_ref().is_some_and(|managed| !managed.is_empty())
    }

    fn carry_managed(&mut self, now: SimTime, length: usize) -> Carried {
        let managed = self.managed.get_or_insert_default();
        if managed.is_empty() && self.busy_until <= now {
            managed.passed_by();
            return Carried::Travels(self.depart(now, length));
        }
        if managed.fits(length, self.properties.queue) { Carried::Waits } else { Carried::QueueFull }
    }

    /// Takes a packet that has to wait. Returns when somebody has to look after the queue ([`Way::leave`]), if nobody does.
    pub(crate) fn hold(&mut self, packet: Box<Packet>, now: SimTime, cuts: u32) -> Option<SimTime> {
        let managed = self.managed.get_or_insert_default();
        managed.hold(packet, now, cuts);
        (!std::mem::replace(&mut managed.looked_after, true)).then_some(self.busy_until)
    }

    /// The link is free for a packet that waits. Those that end in the queue go to `lost`.
    pub(crate) fn leave(
        &mut self,
        now: SimTime,
        cuts: u32,
        lost: &mut Vec<Lost>,
    ) -> Option<(Box<Packet>, bool, Travel)> {
        let managed = self.managed.as_mut()?;
        managed.looked_after = false;
        let (packet, marked) = managed.leave(now, cuts, self.properties.codel, self.properties.mtu, lost)?;
        let travel = self.depart(now, packet.bytes.len());
        Some((packet, marked, travel))
    }

    /// When somebody has to look after those that still wait; none if nobody waits.
    pub(crate) fn look_after_at(&mut self) -> Option<SimTime> {
        let managed = self.managed.as_mut().filter(|managed| !managed.is_empty())?;
        (!std::mem::replace(&mut managed.looked_after, true)).then_some(self.busy_until)
    }

    /// How many bytes leave for a packet: with header and check sequence, and in the smallest frame that there is (IEEE 802.3 §3.2.7).
    fn on_wire(&self, length: usize) -> usize {
        const HEADER_AND_CHECK: usize = 18;
        const SMALLEST: usize = 64;
        if self.framed { (length + HEADER_AND_CHECK).max(SMALLEST) } else { length }
    }

    /// A packet begins to leave now.
    fn depart(&mut self, now: SimTime, length: usize) -> Travel {
        let on_wire = self.on_wire(length);
        let takes_ns = self.properties.rate_bps.map_or(0, |rate| serialization_ns(on_wire, rate));
        self.busy_until = later(now, takes_ns);
        self.travel(self.busy_until, 0, length)
    }

    /// The last bit of a packet leaves at `departs`.
    #[inline]
    fn travel(&mut self, departs: SimTime, queued_ns: u64, length: usize) -> Travel {
        match self.plain_ns {
            Some(latency_ns) => {
                let at = self.order.place(later(departs, latency_ns), self.properties.reorder);
                Travel { at, queued_ns, lost: false, flipped: None, copy_at: None }
            }
            None => self.travel_impaired(departs, queued_ns, length),
        }
    }

    fn travel_impaired(&mut self, departs: SimTime, queued_ns: u64, length: usize) -> Travel {
        let LinkWay { latency, reorder, loss, duplicate, corrupt, .. } = &self.properties;
        let draws = self.draws.get_or_insert_with(|| Box::new(Draws::new(&self.random)));
        let at = self.order.place(departs + draws.latency.draw(latency), *reorder);
        let lost = draws.loss.draw(loss);
        // Drawn for lost packets too, so that loss does not move what is drawn for the others.
        let flipped = draws.corrupt.draw(*corrupt, length).filter(|_| !lost);
        let copied = draws.duplicate.draw(*duplicate) && !lost;
        let copy_at = copied.then(|| match reorder {
            true => departs + draws.copy_latency.draw(latency),
            // Right behind the original: where order is kept, a copy that comes later would hold up all others.
            false => at,
        });
        Travel { at, queued_ns, lost, flipped, copy_at }
    }
}

/// The moment that lies so many nanoseconds after another.
#[inline]
fn later(moment: SimTime, nanos: u64) -> SimTime {
    SimTime::from_nanos(moment.as_nanos().saturating_add(nanos))
}

/// The latency of a way that does nothing but take that time, in nanoseconds.
fn plain_ns(properties: &LinkWay) -> Option<u64> {
    match properties.latency {
        Latency::Constant(latency)
            if properties.loss == Loss::NONE && properties.duplicate <= 0.0 && properties.corrupt <= 0.0 =>
        {
            Some(Nanos::from(latency).0)
        }
        _ => None,
    }
}

/// A link at work.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) up: bool,
    /// Counts how often it was cut: what was on it at that moment does not arrive.
    pub(crate) cuts: u32,
    /// Forward, then backward.
    pub(crate) ways: [Way; 2],
}

impl Link {
    /// A link that is up. `name` names its streams of randomness.
    pub(crate) fn new(properties: LinkProperties, seed: u64, name: &str) -> Link {
        let way = |properties, kind| Way::new(properties, Stream::new(seed, kind, name));
        Link {
            up: true,
            cuts: 0,
            ways: [way(properties.forward, "link forward"), way(properties.backward, "link backward")],
        }
    }

    /// The same, for packets that begin like this.
    pub(crate) fn carrying(mut self, encapsulation: Encapsulation) -> Link {
        self.ways.iter_mut().for_each(|way| way.framed = encapsulation == Encapsulation::Ethernet);
        self
    }

    pub(crate) fn way(&self, direction: Direction) -> &Way {
        &self.ways[direction.from_end()]
    }

    pub(crate) fn way_mut(&mut self, direction: Direction) -> &mut Way {
        &mut self.ways[direction.from_end()]
    }

    /// Gives it other properties, for packets that leave from now on.
    pub(crate) fn set_properties(&mut self, properties: LinkProperties) {
        let [forward, backward] = &mut self.ways;
        forward.set_properties(properties.forward);
        backward.set_properties(properties.backward);
    }

    /// As the trace shows it.
    pub(crate) fn state(&self) -> LinkState {
        LinkState { up: self.up, ways: [&self.ways[0], &self.ways[1]].map(|way| way.properties.clone()) }
    }
}

#[cfg(test)]
mod tests;
