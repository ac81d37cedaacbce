//! Questions to the browser's window that widgets ask: how large, how dense, in sight, looked at.
//!
//! Each answers on both sides with the same type; what it says without a browser stands in its documentation.

use leptos::html::ElementType;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::Element;

/// The most device pixels a CSS pixel is drawn with: more is not seen, but costs.
const DENSEST: f64 = 2.0;

/// The size of an element's content in CSS pixels, whenever it changes.
///
/// # Server-side rendering
/// `None`, as in the browser until the element is laid out.
#[must_use]
pub fn size_of<E>(node: NodeRef<E>) -> Signal<Option<(f64, f64)>>
where
    E: ElementType + 'static,
    E::Output: JsCast + Clone + AsRef<Element> + 'static,
{
    let size = RwSignal::new(None);
    Effect::new(move |_| {
        if let Some(element) = node.get() {
            watch::size(element.as_ref(), size);
        }
    });
    size.into()
}

/// Whether an element is in sight or at most 200 CSS pixels away from it.
///
/// # Server-side rendering
/// True, as in the browser until it has told.
#[must_use]
pub fn in_view<E>(node: NodeRef<E>) -> Signal<bool>
where
    E: ElementType + 'static,
    E::Output: JsCast + Clone + AsRef<Element> + 'static,
{
    let seen = RwSignal::new(true);
    Effect::new(move |_| {
        if let Some(element) = node.get() {
            watch::sight(element.as_ref(), seen);
        }
    });
    seen.into()
}

/// Device pixels a CSS pixel, at most two; changes when the window moves to another screen or is zoomed.
///
/// # Server-side rendering
/// One, as in the browser until hydration.
#[must_use]
pub fn pixel_ratio() -> Signal<f64> {
    let ratio = RwSignal::new(1.0);
    // The browser tells only that a ratio is no longer the case: each change asks for the next one.
    Effect::new(move |_| watch::ratio(ratio));
    Signal::derive(move || ratio.get().clamp(0.5, DENSEST))
}

/// Whether the page is looked at: false in a hidden tab or a minimised window.
///
/// # Server-side rendering
/// True, as in the browser until hydration.
#[must_use]
pub fn page_visible() -> Signal<bool> {
    let visible = RwSignal::new(true);
    Effect::new(move |_| watch::visibility(visible));
    visible.into()
}

#[cfg(feature = "hydrate")]
mod watch {
    //! The observers and listeners behind the questions; each lasts until its effect runs again or goes.

    use js_sys::Array;
    use leptos::prelude::*;
    use wasm_bindgen::JsCast;
    use wasm_bindgen::closure::Closure;
    use web_sys::{
        Element, IntersectionObserver, IntersectionObserverEntry, IntersectionObserverInit, ResizeObserver,
        ResizeObserverEntry,
    };

    use crate::state::browser::{Listener, is_visible, keep_until_cleanup};

    /// An observer with its callback; observes no more once dropped.
    struct Observing {
        stop: Box<dyn Fn()>,
        _told: Closure<dyn FnMut(Array)>,
    }

    impl Drop for Observing {
        fn drop(&mut self) {
            (self.stop)();
        }
    }

    pub(super) fn size(element: &Element, size: RwSignal<Option<(f64, f64)>>) {
        let told = Closure::<dyn FnMut(Array)>::new(move |entries: Array| {
            if let Ok(entry) = entries.at(-1).dyn_into::<ResizeObserverEntry>() {
                let content = entry.content_rect();
                let new = Some((content.width(), content.height()));
                if size.try_get_untracked().is_some_and(|old| old != new) {
                    size.set(new);
                }
            }
        });
        let Ok(observer) = ResizeObserver::new(told.as_ref().unchecked_ref()) else { return };
        observer.observe(element);
        keep_until_cleanup(Observing { stop: Box::new(move || observer.disconnect()), _told: told });
    }

    pub(super) fn sight(element: &Element, seen: RwSignal<bool>) {
        let told = Closure::<dyn FnMut(Array)>::new(move |entries: Array| {
            if let Ok(entry) = entries.at(-1).dyn_into::<IntersectionObserverEntry>() {
                let new = entry.is_intersecting();
                if seen.try_get_untracked().is_some_and(|old| old != new) {
                    seen.set(new);
                }
            }
        });
        let near = IntersectionObserverInit::new();
        near.set_root_margin("200px");
        let observer = IntersectionObserver::new_with_options(told.as_ref().unchecked_ref(), &near);
        let Ok(observer) = observer else { return };
        observer.observe(element);
        keep_until_cleanup(Observing { stop: Box::new(move || observer.disconnect()), _told: told });
    }

    pub(super) fn ratio(ratio: RwSignal<f64>) {
        let Some(window) = web_sys::window() else { return };
        let known = window.device_pixel_ratio();
        if (ratio.get() - known).abs() > f64::EPSILON {
            // The effect runs again with it and listens then.
            ratio.set(known);
            return;
        }
        if let Ok(Some(still)) = window.match_media(&format!("(resolution: {known}dppx)")) {
            let changed = move |_| ratio.set(window.device_pixel_ratio());
            keep_until_cleanup(Listener::new(&still, "change", changed));
        }
    }

    pub(super) fn visibility(visible: RwSignal<bool>) {
        visible.set(is_visible());
        let Some(document) = web_sys::window().and_then(|window| window.document()) else { return };
        keep_until_cleanup(Listener::new(&document, "visibilitychange", move |_| visible.set(is_visible())));
    }
}

#[cfg(not(feature = "hydrate"))]
mod watch {
    //! Effects do not run without a browser, so none of these is ever called.

    use leptos::prelude::*;
    use leptos::web_sys::Element;

    pub(super) fn size(_: &Element, _: RwSignal<Option<(f64, f64)>>) {}
    pub(super) fn sight(_: &Element, _: RwSignal<bool>) {}
    pub(super) fn ratio(_: RwSignal<f64>) {}
    pub(super) fn visibility(_: RwSignal<bool>) {}
}
