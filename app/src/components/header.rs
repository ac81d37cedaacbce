//! The bar at the top of every page: what this is, how it is looked at, how it hangs on the server.

use leptos::prelude::*;
use leptos_router::components::A;
use leptos_router::hooks::use_location;

use super::banner::Banner;
use super::connection::Connection;
use super::icon::{Glyph, Icon};
use super::pause::Pause;
use super::range_control::RangeControl;
use super::theme_switch::ThemeSwitch;
use crate::state::Live;

/// Word mark, time control, pause, connection, theme.
#[component]
pub fn Header() -> impl IntoView {
    let loading = expect_context::<Live>().loading();
    let path = use_location().pathname;
    view! {
        <header class="header">
            <div class="header__bar">
                <div class="header__brand">
                    <A href="/" attr:class="wordmark">
                        <Icon glyph=Glyph::Mark/>
                        <span>"Telltale"</span>
                    </A>
                </div>
                <div class="header__tools">
                    // Elsewhere there is nothing to look at over a time.
                    <Show when=move || path.get() == "/">
                        <RangeControl/>
                        <Pause/>
                    </Show>
                </div>
                <div class="header__state">
                    <Connection/>
                    <ThemeSwitch/>
                </div>
            </div>
            <div class="header__progress" hidden=move || !loading.get()></div>
            <Banner/>
        </header>
    }
}
