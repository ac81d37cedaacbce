//! Where a picture would be if there were anything to draw.

use leptos::prelude::*;

use crate::components::icon::{Glyph, Icon};

/// Why there may be nothing, by what is measured.
fn guess(metric: &str) -> &'static str {
    match metric.split('_').next() {
        Some("disk") => "This machine may have no disks of its own.",
        Some("network") => "This machine may have no network of its own.",
        Some("swap") => "This machine may have no swap space.",
        _ => "Its collector may have only just started, or fails.",
    }
}

/// Says what is missing and why that may be.
#[component]
pub(super) fn Empty(
    /// The metric without samples.
    metric: String,
    /// Whether there is a reading, and a rate comes with the next.
    #[prop(into)]
    half_known: Signal<bool>,
) -> impl IntoView {
    let why = guess(&metric);
    view! {
        <div class="empty">
            <Icon glyph=Glyph::Unknown/>
            <p>
                "No samples yet for "<code>{metric}</code>". "
                {move || if half_known.get() { "The first rate comes with the next reading." } else { why }}
            </p>
        </div>
    }
}

/// Says that there is something to draw but it could not be drawn.
#[component]
pub(super) fn Failed(
    /// Why not.
    #[prop(into)]
    why: Signal<String>,
) -> impl IntoView {
    view! {
        <div class="empty empty--error" role="alert">
            <Icon glyph=Glyph::Critical/>
            <p>"This chart could not be drawn: "{why}</p>
        </div>
    }
}
