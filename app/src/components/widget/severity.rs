//! How bad a value is: a shape, a word and a colour.

use leptos::prelude::*;

use crate::components::icon::{Glyph, Icon};
use crate::theme::Severity;

const fn look(severity: Severity) -> (Glyph, &'static str, &'static str) {
    match severity {
        Severity::Ok | Severity::Info => (Glyph::Ok, "OK", "severity severity--ok"),
        Severity::Warning => (Glyph::Warning, "Warning", "severity severity--warning"),
        Severity::Critical | Severity::Emergency => (Glyph::Critical, "Critical", "severity severity--critical"),
        Severity::Unknown => (Glyph::Unknown, "Unknown", "severity severity--unknown"),
    }
}

/// Icon and word.
#[component]
pub(super) fn SeverityMark(
    /// How bad.
    #[prop(into)]
    severity: Signal<Severity>,
) -> impl IntoView {
    let glyph = Signal::derive(move || look(severity.get()).0);
    view! {
        <span class=move || look(severity.get()).2>
            <Icon glyph/>
            <span>{move || look(severity.get()).1}</span>
        </span>
    }
}
