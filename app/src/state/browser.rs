//! What needs a browser and nothing else: its clock, and listeners that clean up after themselves.
//!
//! Server-side rendering: does not exist there.

use leptos::reactive::owner::on_cleanup;
use send_wrapper::SendWrapper;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Event, EventTarget};

use crate::model::Timestamp;

/// The browser's clock, right or wrong.
pub(crate) fn clock() -> Timestamp {
    Timestamp::from_secs_f64(js_sys::Date::now() / 1000.0)
}

/// Time that only goes forward, from a beginning of its own.
pub(crate) fn monotonic() -> Timestamp {
    let ms = web_sys::window().and_then(|window| window.performance()).map(|performance| performance.now());
    ms.map_or_else(clock, |ms| Timestamp::from_secs_f64(ms / 1000.0))
}

/// Whether the page is looked at.
pub(crate) fn is_visible() -> bool {
    let state = web_sys::window().and_then(|window| window.document()).map(|page| page.visibility_state());
    state != Some(web_sys::VisibilityState::Hidden)
}

/// Calls a function at each event until it is dropped.
pub(crate) struct Listener {
    target: EventTarget,
    event: &'static str,
    run: Closure<dyn FnMut(Event)>,
}

impl Listener {
    /// Listens from now on; `None` where the browser does not let us.
    pub(crate) fn new(target: &EventTarget, event: &'static str, run: impl FnMut(Event) + 'static) -> Option<Self> {
        let run = Closure::<dyn FnMut(Event)>::new(run);
        target.add_event_listener_with_callback(event, run.as_ref().unchecked_ref()).ok()?;
        Some(Self { target: target.clone(), event, run })
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let run = self.run.as_ref().unchecked_ref();
        // Fails only where there is no such listener, which is what is wanted.
        let _ = self.target.remove_event_listener_with_callback(self.event, run);
    }
}

/// Keeps something of the browser's until the current effect runs again or its owner goes, then drops it.
pub(crate) fn keep_until_cleanup<T: 'static>(kept: T) {
    let kept = SendWrapper::new(kept);
    on_cleanup(move || drop(kept));
}
