//! The time control: how far back the charts reach.

use std::time::Duration;

use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use crate::model::Span;
use crate::state::Range;
use crate::words;

/// One button a range, the chosen one pressed. A form, so that it works before and without a script.
#[component]
pub(super) fn RangeControl() -> impl IntoView {
    let range = expect_context::<Range>();
    let chosen = range.span();
    let choices = Span::OFFERED.map(Span::Last).into_iter().chain([Span::Own]).map(|span| {
        let written = Range::write(span);
        let title = match span {
            Span::Last(secs) => format!("Last {}", words::duration(Duration::from_secs(secs.into()))),
            Span::Own => "Each widget as it is laid out".to_owned(),
        };
        view! {
            <button
                class="button"
                type="submit"
                name=written.map(|_| "range")
                value=written
                title=title
                aria-pressed=move || if chosen.get() == span { "true" } else { "false" }
                on:click=move |_| range.set(span)
            >
                {written.unwrap_or("Default")}
            </button>
        }
    });
    view! {
        <form class="range" action="/" method="get" on:submit=|event: SubmitEvent| event.prevent_default()>
            <div class="group" role="group" aria-label="Time range">{choices.collect_view()}</div>
        </form>
    }
    .into_any()
}
