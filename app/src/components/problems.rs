//! What the monitor itself cannot do: collectors that fail, with the reason.

use leptos::prelude::*;

use super::icon::{Glyph, Icon};
use crate::state::Live;

/// A line for each collector that fails; nothing where none does.
#[component]
pub fn Problems() -> impl IntoView {
    let failing = expect_context::<Live>().failing();
    view! {
        <ul class="problems" aria-live="polite" aria-label="Failing collectors">
            <For
                each=move || failing.get()
                key=Clone::clone
                children=|(collector, error)| view! {
                    <li class="problems__one">
                        <Icon glyph=Glyph::Warning/>
                        <span><strong>"Collector "{collector}" fails: "</strong>{error}</span>
                    </li>
                }
            />
        </ul>
    }
}
