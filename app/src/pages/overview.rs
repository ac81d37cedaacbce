//! `/`: the machine at a glance.

use leptos::prelude::*;

use crate::components::{Dashboard, Facts, Problems};

/// Facts, what fails, the widgets.
#[component]
pub fn Overview() -> impl IntoView {
    view! {
        <Facts/>
        <Problems/>
        <Dashboard/>
    }
}
