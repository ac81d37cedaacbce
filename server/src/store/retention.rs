//! How much is kept.

use std::sync::Arc;
use std::time::Duration;

use app::model::Timestamp;

use super::block::{Block, DAY_MS, Tier};

/// Bounds; the tightest one wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Points older than this go when [`super::Store::enforce`] is called.
    pub max_age: Duration,
    /// What minutes came to is kept for so long; it may be longer than points are.
    pub max_minutes_age: Duration,
    /// What hours came to is kept for so long; it may be longer than minutes are.
    pub max_hours_age: Duration,
    /// No series holds more points than this; the oldest go first. The newest one always stays.
    pub max_points: Option<usize>,
    /// Blocks take no more bytes than this, but for those of the current day: see [`super::Store::enforce`].
    pub max_bytes: Option<u64>,
}

impl Limits {
    /// Everything is kept for ever, in points alone.
    pub const NONE: Self = Self {
        max_age: Duration::MAX,
        max_minutes_age: Duration::ZERO,
        max_hours_age: Duration::ZERO,
        max_points: None,
        max_bytes: None,
    };
}

impl Limits {
    /// How old what is kept of a tier may get. Hours outlive the minutes that they are made of.
    pub(super) fn age(&self, tier: Tier) -> Duration {
        match tier {
            Tier::Raw => self.max_age,
            Tier::Minute | Tier::MinuteSpread => self.max_minutes_age,
            Tier::Hour | Tier::HourSpread => self.max_hours_age.max(self.max_minutes_age),
        }
    }
}

impl Default for Limits {
    /// Two hours, in points and in what they come to, and any number of points: at one a second some thirty kilobytes a series, which
    /// memory alone can hold.
    fn default() -> Self {
        let hours = Duration::from_secs(2 * 60 * 60);
        Self { max_age: hours, max_minutes_age: hours, max_hours_age: hours, ..Self::NONE }
    }
}

/// From when on something is kept, of each tier.
#[derive(Debug, Clone, Copy)]
pub(super) struct Floors {
    pub(super) points: Timestamp,
    pub(super) minutes: Timestamp,
    pub(super) hours: Timestamp,
}

impl Default for Floors {
    fn default() -> Self {
        Self { points: Timestamp::MIN, minutes: Timestamp::MIN, hours: Timestamp::MIN }
    }
}

impl Floors {
    pub(super) fn by_age(limits: &Limits, now: Timestamp) -> Self {
        let of = |tier| now - limits.age(tier);
        Self { points: of(Tier::Raw), minutes: of(Tier::Minute), hours: of(Tier::Hour) }
    }

    pub(super) fn of(&self, tier: Tier) -> Timestamp {
        match tier {
            Tier::Raw => self.points,
            Tier::Minute | Tier::MinuteSpread => self.minutes,
            Tier::Hour | Tier::HourSpread => self.hours,
        }
    }

    fn of_mut(&mut self, tier: Tier) -> &mut Timestamp {
        match tier {
            Tier::Raw => &mut self.points,
            Tier::Minute | Tier::MinuteSpread => &mut self.minutes,
            Tier::Hour | Tier::HourSpread => &mut self.hours,
        }
    }

    /// The later one of each.
    pub(super) fn raise(&mut self, other: &Self) {
        for tier in [Tier::Raw, Tier::Minute, Tier::Hour] {
            let floor = self.of_mut(tier);
            *floor = (*floor).max(other.of(tier));
        }
    }

    /// Whether nothing of a block is kept any more: no point, or no window.
    pub(super) fn is_over(&self, block: &Block) -> bool {
        match block.tier() {
            Tier::Raw => block.last() < self.points,
            tier => (block.last_day() + 1) * DAY_MS <= self.of(tier).as_millis(),
        }
    }

    /// Raises one of them, and what has `gone` like that, by a day, where what is left does not fit: that of the tier which takes
    /// most. Whether it did; what is of the current day stays. See [`super::Store::enforce`].
    pub(super) fn fit(&mut self, gone: &mut Self, blocks: &[Arc<Block>], most: u64, now: Timestamp) -> bool {
        let today = now.as_millis().div_euclid(DAY_MS);
        if blocks.iter().map(|block| block.bytes()).sum::<u64>() <= most {
            return false;
        }
        let may_go =
            |tier| blocks.iter().filter(move |block| block.tier().kept_like() == tier && block.last_day() < today);
        let takes = |tier: &Tier| may_go(*tier).map(|block| block.bytes()).sum::<u64>();
        let most_of_all = [Tier::Raw, Tier::Minute, Tier::Hour].into_iter().max_by_key(takes);
        let oldest = most_of_all.and_then(|tier| Some((tier, may_go(tier).map(|block| block.last_day()).min()?)));
        let Some((tier, day)) = oldest else { return false };
        let floor = Timestamp::from_millis((day + 1) * DAY_MS);
        if self.of(tier) >= floor {
            // It goes as soon as its last hour can be summed up.
            return false;
        }
        *gone.of_mut(tier) = floor;
        self.raise(gone);
        true
    }
}
