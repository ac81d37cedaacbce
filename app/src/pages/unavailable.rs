//! Instead of a page whose data could not be read.

use leptos::prelude::*;

/// Says so, and offers to try again. Works without a script.
#[component]
pub fn Unavailable() -> impl IntoView {
    view! {
        <main class="page">
            <div class="not-found">
                <h1>"The data cannot be read now"</h1>
                <p>"Telltale runs, but what it has collected could not be read. It goes on trying by itself."</p>
                <a href="">"Try again"</a>
            </div>
        </main>
    }
}
