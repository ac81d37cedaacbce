//! The browser's time zone, known only once the page is hydrated: until then times are told in UTC.

use leptos::prelude::*;

use crate::model::Timestamp;

/// A handle on the browser's zone. Made once, above the router.
#[derive(Clone, Copy)]
pub struct LocalZone {
    known: RwSignal<bool>,
}

impl LocalZone {
    /// Unknown at first; known after hydration.
    #[must_use]
    pub fn new() -> Self {
        let known = RwSignal::new(false);
        Effect::new(move |_| known.set(true));
        Self { known }
    }

    /// How many minutes the browser's local time was ahead of UTC at a moment. `None` means UTC. Reactive: read
    /// anew when the zone becomes known.
    ///
    /// # Server-side rendering
    /// Always `None`.
    #[must_use]
    pub fn offset_minutes(self, at: Timestamp) -> Option<i32> {
        self.known.get().then(|| offset(at)).flatten()
    }
}

impl Default for LocalZone {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(feature = "hydrate")]
fn offset(at: Timestamp) -> Option<i32> {
    let date = js_sys::Date::new(&wasm_bindgen::JsValue::from_f64(at.as_secs_f64() * 1000.0));
    // Minutes behind UTC; not a number where the date cannot be told.
    let behind = date.get_timezone_offset();
    #[expect(clippy::cast_possible_truncation, reason = "zones are within a day of UTC")]
    behind.is_finite().then(|| -behind.round() as i32)
}

#[cfg(not(feature = "hydrate"))]
fn offset(_: Timestamp) -> Option<i32> {
    None
}
