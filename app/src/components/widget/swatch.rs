//! How a series is drawn, in small: its colour, its dash, the dot at its end.

use leptos::prelude::*;

use crate::chart;
use crate::theme::SERIES;

/// The last piece of the line.
#[component]
pub(super) fn Swatch(
    /// Which colour and dash: the series' slot.
    nth: usize,
) -> impl IntoView {
    let own = nth % usize::from(SERIES);
    let dashes = chart::dash_of(nth).map(|dash| format!("{} {}", dash.on, dash.off));
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
            <path class="swatch__line" d="M0 6h19" stroke-dasharray=dashes></path>
            <circle class="swatch__newest" cx="19" cy="6" r="3"></circle>
        </svg>
    }
}
