//! The page's one view of the data: tracks that grow, the server's time, how the connection is.
//!
//! Invariant: only [`Live`] writes what it holds; whoever reads is told of changes metric by metric, once a frame.
//! May not know: how frames arrive (socket), what is drawn of a track.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use leptos::prelude::*;
// Its method; its name is a series here.
use leptos::prelude::Track as _;

use super::buffer::Buffer;
use super::link::Link;
use super::tracks::{Track, Tracks};
use crate::model::{HostFacts, Overview, Span, Timestamp, Widget};

/// A handle on the live data. Made once, above the router; everything it hands out lives as long as the page.
///
/// On the server, and in the browser until [`Live::start`] has run, it says exactly what the first overview said.
#[derive(Clone, Copy)]
pub struct Live {
    facts: StoredValue<Facts>,
    /// When the server answered with the overview.
    pub(super) first: Timestamp,
    pub(super) buffer: StoredValue<Buffer>,
    pub(super) now: RwSignal<Timestamp>,
    /// The time up to which the picture reaches: now, or when it was paused.
    edge: Memo<Edge>,
    pub(super) link: RwSignal<Link>,
    paused: RwSignal<bool>,
    pub(super) span: RwSignal<Span>,
    /// Requests for a longer range that are under way.
    pub(super) awaited: RwSignal<usize>,
    pub(super) trouble: RwSignal<Option<String>>,
    pub(super) problems: RwSignal<Vec<(String, String)>>,
    #[cfg(feature = "hydrate")]
    pub(super) orders: StoredValue<Option<super::socket::Orders>>,
}

struct Facts {
    host: HostFacts,
    widgets: Vec<Widget>,
    /// How often to ask where there is no stream.
    #[cfg_attr(not(feature = "hydrate"), expect(dead_code, reason = "only a browser asks"))]
    poll: Option<Duration>,
    /// One signal a metric, so that a widget hears of its own alone.
    changed: BTreeMap<String, ArcTrigger>,
}

#[derive(Clone, Copy, PartialEq)]
struct Edge {
    paused: bool,
    at: Timestamp,
}

impl Live {
    /// With what the server sent along with the page.
    #[must_use]
    pub fn new(first: Overview) -> Self {
        let names: BTreeSet<&str> = first.widgets.iter().flat_map(Widget::metrics).collect();
        let mut tracks = Tracks::new(names.iter().copied());
        tracks.merge(first.histories);
        let changed = names.into_iter().map(|name| (name.to_owned(), ArcTrigger::new())).collect();
        let (now, paused) = (RwSignal::new(first.now), RwSignal::new(first.paused));
        let edge = Memo::new(move |before: Option<&Edge>| match (paused.get(), before) {
            (true, Some(&edge)) if edge.paused => edge,
            (true, _) => Edge { paused: true, at: now.get_untracked() },
            (false, _) => Edge { paused: false, at: now.get() },
        });
        Self {
            facts: StoredValue::new(Facts {
                host: first.host,
                widgets: first.widgets,
                poll: first.poll_ms.map(|ms| Duration::from_millis(ms.into())),
                changed,
            }),
            first: first.now,
            buffer: StoredValue::new(Buffer::new(tracks)),
            now,
            edge,
            link: RwSignal::new(Link::Opening),
            paused,
            span: RwSignal::new(Span::Own),
            awaited: RwSignal::new(0),
            trouble: RwSignal::new(None),
            problems: RwSignal::new(first.problems),
            #[cfg(feature = "hydrate")]
            orders: StoredValue::new(None),
        }
    }

    /// Connects, stays connected and keeps everything up to date until the current owner goes.
    ///
    /// # Server-side rendering
    /// Does nothing there.
    pub fn start(self) {
        #[cfg(feature = "hydrate")]
        Effect::new(move |_| super::socket::start(self));
    }

    /// How the connection is.
    #[must_use]
    pub fn link(self) -> Signal<Link> {
        self.link.into()
    }

    /// Opens a connection at once where one is waited for, and asks again for what could not be had.
    ///
    /// # Server-side rendering
    /// Does nothing there.
    pub fn retry_now(self) {
        #[cfg(feature = "hydrate")]
        self.order(super::socket::Order::Retry);
    }

    /// The tracks of a widget within its range, with one point before its start so that lines reach the edge.
    /// While paused: the picture of the moment of pausing. Reactive: told of this widget's metrics alone.
    #[must_use]
    pub fn tracks(self, widget: &Widget) -> Vec<Track> {
        self.follow(widget);
        self.paused.track();
        let since = self.edge.get_untracked().at - self.span.get().of(widget);
        self.buffer.with_value(|buffer| buffer.shown(self.paused_at()).select(widget, since))
    }

    /// The time of the newest sample of a widget, paused or not. Reactive like [`Live::tracks`].
    #[must_use]
    pub fn newest(self, widget: &Widget) -> Option<Timestamp> {
        self.follow(widget);
        self.buffer.with_value(|buffer| buffer.newest().newest(widget))
    }

    /// The server's time; in the browser it moves on once a second, together with the data where some comes.
    #[must_use]
    pub fn now(self) -> Signal<Timestamp> {
        self.now.into()
    }

    /// The time at the right edge of the charts: the server's time, or the moment of pausing while paused.
    #[must_use]
    pub fn edge(self) -> Signal<Timestamp> {
        Signal::derive(move || self.edge.get().at)
    }

    /// Whether the picture stands still. Data is taken in all the same.
    #[must_use]
    pub fn paused(self) -> RwSignal<bool> {
        self.paused
    }

    /// How far back the charts reach; it is changed through the address, see [`super::Range`].
    #[must_use]
    pub fn span(self) -> Signal<Span> {
        self.span.into()
    }

    /// Whether older data for a longer range is on its way.
    #[must_use]
    pub fn loading(self) -> Signal<bool> {
        Signal::derive(move || self.awaited.get() > 0)
    }

    /// Why stored data could not be had, if the last attempt failed.
    #[must_use]
    pub fn trouble(self) -> Signal<Option<String>> {
        self.trouble.into()
    }

    /// The machine that is watched.
    #[must_use]
    pub fn host(self) -> HostFacts {
        self.facts.with_value(|facts| facts.host.clone())
    }

    /// Seconds since the machine that is watched was started.
    #[must_use]
    pub fn uptime(self) -> Signal<u64> {
        let at_first = self.facts.with_value(|facts| facts.host.uptime_seconds);
        Signal::derive(move || at_first + self.now.get().since(self.first).as_secs())
    }

    /// The layout.
    #[must_use]
    pub fn widgets(self) -> Vec<Widget> {
        self.facts.with_value(|facts| facts.widgets.clone())
    }

    /// Who has trouble, and which.
    #[must_use]
    pub fn problems(self) -> Signal<Vec<(String, String)>> {
        self.problems.into()
    }

    /// Shows another range, and asks for what it lacks. The first call, before [`Live::start`] has run, says what
    /// range the first overview has.
    pub(super) fn show(self, span: Span) {
        if self.span.get_untracked() != span {
            self.span.set(span);
            #[cfg(feature = "hydrate")]
            self.order(super::socket::Order::Fill);
        }
    }

    /// How often to ask for what is new where there is no stream that tells it.
    #[cfg(feature = "hydrate")]
    pub(super) fn poll(self) -> Option<Duration> {
        self.facts.with_value(|facts| facts.poll)
    }

    /// When the picture was paused, if it is.
    pub(super) fn paused_at(self) -> Option<Timestamp> {
        let edge = self.edge.get_untracked();
        edge.paused.then_some(edge.at)
    }

    fn follow(self, widget: &Widget) {
        self.facts.with_value(|facts| {
            for changed in widget.metrics().filter_map(|name| facts.changed.get(name)) {
                changed.track();
            }
        });
    }

    /// Tells whoever shows these metrics, or all of them, that there is more.
    #[cfg(feature = "hydrate")]
    pub(super) fn tell(self, touched: Option<&BTreeSet<String>>) {
        // Outside of the borrow: whoever is told may read the facts.
        let changed: Vec<ArcTrigger> = self.facts.with_value(|facts| {
            let told = facts.changed.iter().filter(|(name, _)| touched.is_none_or(|names| names.contains(*name)));
            told.map(|(_, changed)| changed.clone()).collect()
        });
        for changed in changed {
            changed.notify();
        }
    }

    #[cfg(feature = "hydrate")]
    fn order(self, order: super::socket::Order) {
        self.orders.with_value(|orders| {
            if let Some(orders) = orders {
                // Fails only where nobody listens any more: the page is going.
                let _ = orders.unbounded_send(order);
            }
        });
    }
}

#[cfg(test)]
#[path = "live_tests.rs"]
mod tests;
