//! Light, dark, or as the system has it.

use leptos::prelude::*;

use super::icon::{Glyph, Icon};
use crate::state::{Choice, Theme};

const CHOICES: [(Choice, &str, Glyph); 3] = [
    (Choice::System, "System", Glyph::System),
    (Choice::Light, "Light", Glyph::Light),
    (Choice::Dark, "Dark", Glyph::Dark),
];

/// Three buttons in a row; on a narrow page one that opens them. Which of the two is the style sheet's to say.
#[component]
pub(super) fn ThemeSwitch() -> impl IntoView {
    let theme = expect_context::<Theme>();
    let chosen = theme.choice();
    let glyph = Signal::derive(move || {
        CHOICES.into_iter().find(|(choice, ..)| *choice == chosen.get()).map_or(Glyph::System, |(.., glyph)| glyph)
    });
    let choices = CHOICES.map(|(choice, name, glyph)| {
        view! {
            <button
                class="button"
                type="button"
                title=name
                aria-pressed=move || if chosen.get() == choice { "true" } else { "false" }
                on:click=move |_| theme.set(choice)
            >
                <Icon glyph/>
                <span>{name}</span>
            </button>
        }
    });
    view! {
        <div class="theme needs-script">
            <button class="button theme__open" type="button" popovertarget="theme-choices">
                <Icon glyph/>
                <span class="seen-by-nobody">"Theme"</span>
            </button>
            <div class="group theme__choices" id="theme-choices" popover="auto" role="group" aria-label="Theme">
                {choices.collect_view()}
            </div>
        </div>
    }
    .into_any()
}
