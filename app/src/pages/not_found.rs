//! Every address that is none of ours.

use leptos::prelude::*;
use leptos_router::components::A;

/// Says so, and shows the way back.
#[component]
pub fn NotFound() -> impl IntoView {
    view! {
        <div class="not-found">
            <h1>"There is no page at this address"</h1>
            <p>"The link may be old, or a letter is missing. Everything there is to see starts at the overview."</p>
            <A href="/">"Go to the overview"</A>
        </div>
    }
}
