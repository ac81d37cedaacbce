//! Small pictures in the colour of their text, all on a square of sixteen.

use leptos::prelude::*;

/// What there is a picture of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Glyph {
    /// The mark of Telltale: a thread in the wind.
    Mark,
    /// A tick in a circle.
    Ok,
    /// An exclamation mark in a triangle.
    Warning,
    /// A cross in an octagon.
    Critical,
    /// A question mark in a dashed circle.
    Unknown,
    /// A filled dot.
    Live,
    /// A circle, half of it filled.
    Delayed,
    /// An empty circle.
    Waiting,
    /// Two bars.
    Pause,
    /// A triangle to the right.
    Play,
    /// A screen.
    System,
    /// A sun.
    Light,
    /// A moon.
    Dark,
}

impl Glyph {
    /// Its strokes and, where it has any, its filled parts.
    const fn paths(self) -> (&'static str, &'static str) {
        match self {
            Self::Mark => {
                ("M3.5 1.5v13M3.5 4.5c2-1.6 3.7-1.6 5.5 0s3.5 1.6 5.5 0M3.5 9c1.6-1.3 3-1.3 4.5 0s2.9 1.3 4.5 0", "")
            }
            Self::Ok => ("M8 1.75a6.25 6.25 0 1 0 0 12.5a6.25 6.25 0 1 0 0-12.5M5.2 8.3l2 2l3.7-4.3", ""),
            Self::Warning => ("M8 2L14.75 13.75H1.25ZM8 6.25v3.5", "M7.1 11.7a.9 .9 0 1 0 1.8 0a.9 .9 0 1 0-1.8 0"),
            Self::Critical => {
                ("M5.4 1.75h5.2l3.65 3.65v5.2l-3.65 3.65H5.4L1.75 10.6V5.4ZM5.7 5.7l4.6 4.6M10.3 5.7l-4.6 4.6", "")
            }
            Self::Unknown => (
                "M6.2 6.4c.2-1.2 1-1.7 1.9-1.7c1.1 0 1.9 .7 1.9 1.7c0 1.4-1.9 1.5-1.9 2.9M5 2.5a6.2 6.2 0 0 1 2-.65M10 2.1a6.2 6.2 0 0 1 2.5 1.6M13.8 5.8a6.2 6.2 0 0 1 .35 3.2M13 11.7a6.2 6.2 0 0 1-2.2 1.9M8.7 14.2a6.2 6.2 0 0 1-3.1-.5M3.5 12.3a6.2 6.2 0 0 1-1.5-2.7M1.9 6.9a6.2 6.2 0 0 1 1.1-2.6",
                "M7.25 11.4a.85 .85 0 1 0 1.7 0a.85 .85 0 1 0-1.7 0",
            ),
            Self::Live => ("", "M8 4a4 4 0 1 0 0 8a4 4 0 1 0 0-8"),
            Self::Delayed => ("M8 3a5 5 0 1 0 0 10a5 5 0 1 0 0-10", "M8 3a5 5 0 0 0 0 10Z"),
            Self::Waiting => ("M8 3.5a4.5 4.5 0 1 0 0 9a4.5 4.5 0 1 0 0-9", ""),
            Self::Pause => ("", "M4.5 3h2.5v10H4.5ZM9 3h2.5v10H9Z"),
            Self::Play => ("", "M5 3l8 5l-8 5Z"),
            Self::System => ("M2 3h12v8H2ZM5.5 13.75h5M8 11v2.75", ""),
            Self::Light => (
                "M8 5.25a2.75 2.75 0 1 0 0 5.5a2.75 2.75 0 1 0 0-5.5M8 1.25v1.5M8 13.25v1.5M1.25 8h1.5M13.25 8h1.5M3.25 3.25l1 1M11.75 11.75l1 1M3.25 12.75l1-1M11.75 4.25l1-1",
                "",
            ),
            Self::Dark => ("M13.5 9.7A6 6 0 1 1 6.3 2.5a4.8 4.8 0 0 0 7.2 7.2Z", ""),
        }
    }
}

/// A picture that says nothing by itself: a word stands beside it, seen or read aloud.
#[component]
pub fn Icon(
    /// Which one.
    #[prop(into)]
    glyph: Signal<Glyph>,
) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
            <path class="icon__stroke" d=move || glyph.get().paths().0></path>
            <path class="icon__fill" d=move || glyph.get().paths().1></path>
        </svg>
    }
}
