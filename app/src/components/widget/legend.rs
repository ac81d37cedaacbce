//! Several series in numbers, and which line is whose.

use leptos::prelude::*;

use super::frame::{Age, Frame};
use super::reading::{Reading, Summary};
use super::swatch::Swatch;
use crate::chart;

/// More entries than this may not all be seen at once: then the list can be scrolled, by keys too.
const SEEN_AT_ONCE: usize = 4;

/// One entry a series, in their order.
#[component]
pub(super) fn Legend(
    /// What is shown.
    reading: Memo<Reading>,
    /// Of which time.
    frame: Memo<Frame>,
) -> impl IntoView {
    let entries = Memo::new(move |_| {
        let entry = |one: &super::reading::Series| (one.identity.clone(), one.label.clone(), one.slot);
        reading.with(|r| r.series.iter().map(entry).collect::<Vec<_>>())
    });
    let left_out = Memo::new(move |_| reading.with(|r| r.left_out));
    let scrolls = move || (entries.with(Vec::len) > SEEN_AT_ONCE).then_some("0");
    view! {
        <ul class="legend" aria-label="Series" tabindex=scrolls>
            <For
                each=move || entries.get()
                key=Clone::clone
                children=move |(identity, label, slot)| view! { <Entry reading frame identity label nth=slot/> }
            />
            <Show when=move || left_out.get() != 0>
                <li class="legend__more">{move || format!("and {} smaller ones", left_out.get())}</li>
            </Show>
        </ul>
    }
}

#[component]
fn Entry(reading: Memo<Reading>, frame: Memo<Frame>, identity: String, label: String, nth: usize) -> impl IntoView {
    let summary = Memo::new(move |_| {
        let start = frame.get().start;
        reading.with(|r| r.find(&identity).and_then(|one| one.summary(start)))
    });
    let told = move |of: fn(&Summary) -> f64| {
        move || {
            let value = summary.get().map(|s| reading.with(|r| chart::format(of(&s), &r.unit)));
            value.map_or_else(|| "—".to_owned(), |value| value.to_string())
        }
    };
    let last = told(|s| s.last);
    let gone = move || matches!(frame.get().age, Age::Gone { .. });
    view! {
        <li class="legend__one">
            <Swatch nth/>
            <span class="legend__name" title=label.clone()>{label.clone()}</span>
            <span class="legend__last">{move || if gone() { "—".to_owned() } else { last() }}</span>
            <span class="legend__meanwhile">
                <span class="legend__least">"min "{told(|s| s.least)}</span>
                <span>"avg "{told(|s| s.mean)}</span>
                <span>"max "{told(|s| s.most)}</span>
            </span>
        </li>
    }
}
