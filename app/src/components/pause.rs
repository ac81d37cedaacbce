//! Holds the picture still, and lets it go on.

use leptos::prelude::*;

use super::icon::{Glyph, Icon};
use crate::state::Live;

/// A button that says what it will do.
#[component]
pub(super) fn Pause() -> impl IntoView {
    let paused = expect_context::<Live>().paused();
    let glyph = Signal::derive(move || if paused.get() { Glyph::Play } else { Glyph::Pause });
    view! {
        <button class="button pause needs-script" type="button" on:click=move |_| paused.update(|p| *p = !*p)>
            <Icon glyph/>
            <span class="pause__word">{move || if paused.get() { "Resume" } else { "Pause" }}</span>
        </button>
    }
}
