//! The page from its root: what every part of it shares, and which page an address means.

use leptos::prelude::*;
use leptos_router::StaticSegment;
use leptos_router::components::{Route, Router, Routes};
use leptos_router::hooks::use_location;

use crate::components::Header;
use crate::model;
use crate::pages::{self, NotFound, Overview, Unavailable};
use crate::state::{Live, LocalZone, Range, Theme};

/// What the server read for this page, by context. The browser gets it along with the page.
#[derive(Debug, Clone, PartialEq)]
pub struct First(pub model::Overview);

/// Everything within `<body>`.
#[component]
pub fn App() -> impl IntoView {
    let first = SharedValue::new(|| use_context::<First>().map(|First(overview)| overview)).into_inner();
    let Some(first) = first else { return view! { <Unavailable/> }.into_any() };
    let live = Live::new(first);
    live.start();
    provide_context(live);
    provide_context(Theme::new());
    provide_context(LocalZone::new());
    view! { <Router><Frame/></Router> }.into_any()
}

/// What all pages have around them.
#[component]
fn Frame() -> impl IntoView {
    let live = expect_context::<Live>();
    provide_context(Range::new(live));
    let (main, path) = (NodeRef::<leptos::html::Main>::new(), use_location().pathname);
    let host = live.host().name;
    Effect::new(move |before: Option<String>| {
        let path = path.get();
        if before.as_ref().is_some_and(|before| *before != path) {
            document().set_title(&pages::title(&path, &host));
            // Whoever reads with their ears or keys starts at the new page, not where the old one was left.
            if let Some(main) = main.get_untracked() {
                let _ = main.focus();
            }
        }
        path
    });
    view! {
        // External to the router, which would scroll there but leave the focus behind.
        <a class="skip" href="#content" rel="external">"Skip to content"</a>
        <Header/>
        <main class="page" id="content" tabindex="-1" node_ref=main>
            <Routes fallback=|| view! { <NotFound/> }.into_any()>
                <Route path=StaticSegment("") view=|| view! { <Overview/> }.into_any()/>
            </Routes>
        </main>
    }
}
