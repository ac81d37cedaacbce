//! Says that what is seen is old, once for the whole page.

use std::time::Duration;

use leptos::prelude::*;

use super::connection::newest_of_all;
use super::icon::{Glyph, Icon};
use crate::state::{Link, Live, LocalZone};
use crate::words;

/// An interruption that is over sooner is not worth a sentence.
const WORTH_A_SENTENCE: Duration = Duration::from_secs(4);

/// From when the data is and what is being done about it; nothing while the connection holds.
#[component]
pub(super) fn Banner() -> impl IntoView {
    let (live, zone) = (expect_context::<Live>(), expect_context::<LocalZone>());
    let (link, newest) = (live.link(), newest_of_all(live));
    let host = StoredValue::new(live.host().name);
    let age = newest.age_at(live.now());
    // Without any sample there is no age; then it takes a connection that was refused.
    let needed = Memo::new(move |_| match (link.get(), age.get()) {
        (Link::Live, _) | (Link::Opening, None) => false,
        (Link::Waiting { .. }, None) => true,
        (Link::Opening | Link::Waiting { .. }, Some(age)) => age >= WORTH_A_SENTENCE,
    });
    let says = move || match newest.get() {
        Some(at) => {
            let time = words::time_of_day(at, zone.offset_minutes(at));
            // The banner may lie over the name of the machine.
            host.with_value(|host| format!("Showing data from {time} of {host}; reconnecting…"))
        }
        None => "The server cannot be reached; reconnecting…".to_owned(),
    };
    view! {
        <Show when=move || needed.get()>
            <div class="banner">
                <Icon glyph=Glyph::Warning/>
                <p>{says}</p>
                <button class="button" type="button" on:click=move |_| live.retry_now()>"Retry now"</button>
            </div>
        </Show>
    }
    .into_any()
}
