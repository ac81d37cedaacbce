//! The way through the points of one series, and what they come to in each window.

use app::model::{Aggregation, Point, Timestamp};

use super::reduce::Spread;
use super::windows::Windows;
use super::{Plan, alone};
use crate::store::columns::Columns;
use crate::store::summary::Summary;
use crate::store::tier;

/// What one window comes to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Window {
    index: i64,
    count: u64,
    sum: f64,
    min: f64,
    max: f64,
    /// Reckoned only where it is asked for.
    spread: Spread,
    pub(super) last: Timestamp,
}

/// Windows that have points, ascending.
pub(super) type Found = Vec<Window>;

/// Whether it is taken of each series by itself, and then added up.
fn is_of_each(aggregation: Aggregation) -> bool {
    matches!(aggregation, Aggregation::Rate | Aggregation::Increase | Aggregation::Last)
}

/// The way through the points of one series.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    plan: &'a Plan,
    windows: Windows,
    found: Found,
    /// Of what is taken of each series by itself: the window under way, and the last point before it.
    under_way: Option<(i64, Summary)>,
    pub(super) before: Option<Point>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(plan: &'a Plan) -> Self {
        Self { plan, windows: Windows::new(plan.step), found: Found::new(), under_way: None, before: None }
    }

    pub(super) fn over(&mut self, columns: &Columns) {
        let (start, end) = (self.plan.start.as_millis(), self.plan.end.as_millis());
        let from = columns.times.partition_point(|&time| time < start);
        let to = columns.times.partition_point(|&time| time <= end);
        let of_each = is_of_each(self.plan.aggregation);
        // Nothing has come yet that counts: what comes last before it is what the first one grows from.
        if of_each && self.under_way.is_none() && from > 0 {
            self.before = columns.get(from - 1);
        }
        let mut at = from;
        while let Some(&time) = columns.times.get(at).filter(|_| at < to) {
            let index = self.windows.index(Timestamp::from_millis(time));
            let stop = self.windows.end(index).map_or(to, |stop| {
                // Points lie at about the same distance: the end is searched near by.
                let rest = columns.times.get(at..to).unwrap_or_default();
                at + rest.iter().position(|&time| time >= stop).unwrap_or(rest.len())
            });
            if of_each {
                self.follow(index, columns, at..stop);
            } else {
                self.add(index, columns, at..stop);
            }
            at = stop;
        }
    }

    /// As [`Walk::over`], for what points came to.
    pub(super) fn over_windows(&mut self, windows: &[tier::Window]) {
        let of_each = is_of_each(self.plan.aggregation);
        for (start, of) in windows {
            let index = self.windows.index(Timestamp::from_millis(*start));
            match &mut self.under_way {
                _ if *start < self.plan.start.as_millis() => self.before = Some(of.last),
                Some((under_way, summary)) if *under_way == index => summary.join(of),
                _ if of_each => {
                    self.end_window();
                    self.under_way = Some((index, *of));
                }
                _ => {
                    let (count, last, spread) = (of.count, of.last.time, Spread::default());
                    self.push(Window { index, count, sum: of.sum, min: of.min, max: of.max, spread, last });
                }
            }
        }
    }

    fn add(&mut self, index: i64, columns: &Columns, range: std::ops::Range<usize>) {
        let values = columns.values.get(range.clone()).unwrap_or_default();
        let last = columns.times.get(range.end.saturating_sub(1)).copied().unwrap_or_default();
        let mut window = Window {
            index,
            count: values.len() as u64,
            sum: 0.0,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
            spread: Spread::default(),
            last: Timestamp::from_millis(last),
        };
        if self.plan.aggregation == Aggregation::Stddev {
            values.iter().for_each(|&value| window.spread.add(value));
            return self.push(window);
        }
        for &value in values {
            window.sum += value;
            window.min = window.min.min(value);
            window.max = window.max.max(value);
        }
        self.push(window);
    }

    fn follow(&mut self, index: i64, columns: &Columns, range: std::ops::Range<usize>) {
        for point in range.filter_map(|at| columns.get(at)) {
            match &mut self.under_way {
                Some((under_way, summary)) if *under_way == index => summary.add(point),
                _ => {
                    self.end_window();
                    self.under_way = Some((index, Summary::of(point)));
                }
            }
        }
    }

    /// A window is over: what it comes to is the sum of one value.
    fn end_window(&mut self) {
        let Some((index, summary)) = self.under_way.take() else { return };
        if let Some(value) = alone::value(&summary, self.before, self.plan.aggregation) {
            let (spread, last) = (Spread::default(), summary.last.time);
            self.push(Window { index, count: 1, sum: value, min: value, max: value, spread, last });
        }
        self.before = Some(summary.last);
    }

    fn push(&mut self, window: Window) {
        match self.found.last_mut() {
            Some(last) if last.index == window.index => last.join(&window),
            _ => self.found.push(window),
        }
    }

    pub(super) fn finish(mut self) -> Found {
        self.end_window();
        self.found
    }
}

impl Window {
    fn join(&mut self, other: &Self) {
        self.count += other.count;
        self.sum += other.sum;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        self.spread.join(&other.spread);
        self.last = self.last.max(other.last);
    }

    #[expect(clippy::cast_precision_loss, reason = "nobody has 2^53 points")]
    pub(super) fn value(&self, aggregation: Aggregation) -> f64 {
        match aggregation {
            Aggregation::Avg => self.sum / self.count as f64,
            Aggregation::Min => self.min,
            Aggregation::Max => self.max,
            Aggregation::Count => self.count as f64,
            Aggregation::Stddev => self.spread.deviation(),
            _ => self.sum,
        }
    }
}

/// Adds windows to those of the same group.
pub(super) fn join(all: &mut Found, more: Found) {
    if all.is_empty() {
        *all = more;
        return;
    }
    let mut at = 0;
    let mut missing = Found::new();
    for window in more {
        at += all.get(at..).unwrap_or_default().iter().take_while(|known| known.index < window.index).count();
        match all.get_mut(at) {
            Some(known) if known.index == window.index => known.join(&window),
            _ => missing.push(window),
        }
    }
    if !missing.is_empty() {
        all.append(&mut missing);
        // Two ascending runs, which is what this sort is good at.
        all.sort_by_key(|window| window.index);
    }
}
