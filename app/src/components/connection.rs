//! How the page hangs on the server, in a word, a shape and a colour.

use std::time::Duration;

use leptos::prelude::*;

use super::icon::{Glyph, Icon};
use crate::model::Timestamp;
use crate::state::{Link, Live, LocalZone};
use crate::words;

/// What the pill says.
#[derive(Debug, Clone, Copy, PartialEq)]
enum State {
    Opening,
    Live,
    Delayed,
    Waiting { attempt: u32 },
    Paused { since: Timestamp },
}

impl State {
    const fn look(self) -> (Glyph, &'static str) {
        match self {
            Self::Opening => (Glyph::Waiting, "pill"),
            Self::Live => (Glyph::Live, "pill pill--live"),
            Self::Delayed => (Glyph::Delayed, "pill pill--delayed"),
            Self::Waiting { .. } => (Glyph::Waiting, "pill pill--waiting"),
            Self::Paused { .. } => (Glyph::Pause, "pill pill--paused"),
        }
    }

    fn says(self, zone: LocalZone) -> String {
        match self {
            Self::Opening => "Connecting".to_owned(),
            Self::Live => "Live".to_owned(),
            Self::Delayed => "Delayed".to_owned(),
            Self::Waiting { attempt } => format!("Reconnecting ({attempt})"),
            Self::Paused { since } => {
                format!("Paused since {}", words::time_of_day(since, zone.offset_minutes(since)))
            }
        }
    }
}

/// The pill. Its word is announced when it changes; the age that ticks in it is not.
#[component]
pub(super) fn Connection() -> impl IntoView {
    let (live, zone) = (expect_context::<Live>(), expect_context::<LocalZone>());
    let (link, paused, now, edge) = (live.link(), live.paused(), live.now(), live.edge());
    let late = interval(live).saturating_mul(3);
    let age = newest_of_all(live).age_at(now);
    let state = Memo::new(move |_| match link.get() {
        Link::Waiting { attempt, .. } => State::Waiting { attempt },
        _ if paused.get() => State::Paused { since: edge.get() },
        Link::Opening => State::Opening,
        Link::Live if age.get().is_some_and(|age| age > late) => State::Delayed,
        Link::Live => State::Live,
    });
    let glyph = Signal::derive(move || state.get().look().0);
    let ticking = move || matches!(state.get(), State::Live | State::Delayed);
    let link_name = move || match link.get() {
        Link::Live => "live",
        Link::Opening => "opening",
        Link::Waiting { .. } => "waiting",
    };
    view! {
        <div class="connection">
            <p class="without-script">"Live updates need JavaScript"</p>
            <div class=move || format!("{} needs-script", state.get().look().1) data-link=link_name>
                <Icon glyph/>
                <span role="status">{move || state.get().says(zone)}</span>
                <span class="pill__age" aria-hidden="true" hidden=move || !ticking()>
                    {move || age.get().map(words::age)}
                </span>
            </div>
        </div>
    }
    .into_any()
}

/// The time of the newest sample of all.
#[derive(Clone, Copy)]
pub(super) struct Newest(Memo<Option<Timestamp>>);

impl Newest {
    /// Which it is.
    pub(super) fn get(self) -> Option<Timestamp> {
        self.0.get()
    }

    /// How old it is.
    pub(super) fn age_at(self, now: Signal<Timestamp>) -> Memo<Option<Duration>> {
        Memo::new(move |_| self.0.get().map(|newest| Duration::from_secs(now.get().since(newest).as_secs())))
    }
}

/// Follows every widget.
pub(super) fn newest_of_all(live: Live) -> Newest {
    let widgets = live.widgets();
    Newest(Memo::new(move |_| widgets.iter().filter_map(|widget| live.newest(widget)).max()))
}

/// The time from one frame to the next: that of the quickest collector.
fn interval(live: Live) -> Duration {
    let widgets = live.widgets();
    let shortest = untrack(|| widgets.iter().flat_map(|w| live.tracks(w)).map(|track| track.interval_ms).min());
    Duration::from_millis(shortest.unwrap_or(1000).into())
}
