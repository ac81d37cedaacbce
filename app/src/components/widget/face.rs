//! The middle of a gauge: its value as text.

use leptos::prelude::*;

use super::frame::{Age, Frame};
use super::picture;
use super::reading::Reading;
use super::readout::Value;
use super::severity::SeverityMark;
use crate::chart;
use crate::model::Thresholds;

/// The number, and how bad it is.
#[component]
pub(super) fn Face(
    /// What is shown.
    reading: Memo<Reading>,
    /// Of which time.
    frame: Memo<Frame>,
    /// From where on it is bad.
    thresholds: Thresholds,
) -> impl IntoView {
    let value =
        Memo::new(move |_| reading.with(|r| r.series.first().and_then(|one| picture::current(r, one, frame.get()))));
    let quantity = Signal::derive(move || value.get().map(|v| reading.with(|r| chart::format(v, &r.unit))));
    let old = Signal::derive(move || frame.get().age != Age::Fresh);
    // An old value says nothing of how things are. A memo: what is drawn would miss changes of the second of two
    // sources if the first has brought it up to date.
    let severity = Memo::new(move |_| chart::severity(value.get().filter(|_| !old.get()), &thresholds));
    view! {
        <div class="gauge">
            <p class="gauge__value"><Value quantity old/></p>
            <SeverityMark severity/>
        </div>
    }
}
