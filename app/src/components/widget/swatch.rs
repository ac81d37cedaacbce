//! How a series is drawn, in small: its colour, dash and marker.

use leptos::prelude::*;

use crate::chart;
use crate::theme::SERIES;

/// Ten shapes on a square of eight around the middle, the first four filled. The order is the palette's.
const MARKERS: [&str; 10] = [
    "M14 6a3 3 0 1 1-6 0a3 3 0 1 1 6 0",
    "M8.25 3.25h5.5v5.5h-5.5Z",
    "M11 2.5L14.5 8.75h-7Z",
    "M11 2.25L14.75 6L11 9.75L7.25 6Z",
    "M11 9.5L7.5 3.25h7Z",
    "M13.5 6a2.5 2.5 0 1 1-5 0a2.5 2.5 0 1 1 5 0",
    "M8.75 3.75h4.5v4.5h-4.5Z",
    "M11 3L14 8.25H8Z",
    "M11 2.75L14.25 6L11 9.25L7.75 6Z",
    "M8.5 3.5l5 5M13.5 3.5l-5 5",
];
const FILLED: usize = 5;

/// A piece of the line.
#[component]
pub(super) fn Swatch(
    /// Which colour and dash: the series' slot.
    nth: usize,
) -> impl IntoView {
    let own = nth % usize::from(SERIES);
    let dashes = chart::dash_of(nth).map(|dash| format!("{} {}", dash.on, dash.off));
    let marker = MARKERS.get(own).copied().unwrap_or_default();
    view! {
        <svg
            class="swatch"
            viewBox="0 0 22 12"
            width="22"
            height="12"
            aria-hidden="true"
            focusable="false"
            style=format!("--series: var(--series-{})", own + 1)
        >
            <path class="swatch__line" d="M0 6h22" stroke-dasharray=dashes></path>
            <path class=if own < FILLED { "swatch__marker swatch__marker--filled" } else { "swatch__marker" } d=marker></path>
        </svg>
    }
}
