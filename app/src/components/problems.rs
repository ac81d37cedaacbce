//! What the monitor itself cannot do, with the reason.

use leptos::prelude::*;

use super::icon::{Glyph, Icon};
use crate::state::Live;

/// A line for each part that has trouble, and one where stored data could not be had; nothing where all is well.
#[component]
pub fn Problems() -> impl IntoView {
    let live = expect_context::<Live>();
    let (problems, trouble) = (live.problems(), live.trouble());
    view! {
        <ul class="problems" aria-live="polite" aria-label="Problems">
            <For
                each=move || problems.get()
                key=Clone::clone
                children=|(who, error)| view! {
                    <li class="problems__one">
                        <Icon glyph=Glyph::Warning/>
                        <span><strong>{who}": "</strong>{error}</span>
                    </li>
                }
            />
            <Show when=move || trouble.with(Option::is_some)>
                <li class="problems__one">
                    <Icon glyph=Glyph::Warning/>
                    <span><strong>"Stored data could not be read: "</strong>{move || trouble.get()}</span>
                    <button class="button" type="button" on:click=move |_| live.retry_now()>"Try again"</button>
                </li>
            </Show>
        </ul>
    }
}
