//! One series in numbers: the newest large, what it was meanwhile small.

use leptos::prelude::*;

use super::frame::{Age, Frame};
use super::reading::Reading;
use super::severity::SeverityMark;
use crate::chart::{self, Quantity};
use crate::model::Thresholds;
use crate::theme::Severity;

/// A number and its unit; a dash where there is none.
#[component]
pub(super) fn Value(
    /// What it is.
    #[prop(into)]
    quantity: Signal<Option<Quantity>>,
    /// Whether it is not of now.
    #[prop(into)]
    old: Signal<bool>,
) -> impl IntoView {
    let number = move || quantity.with(|q| q.as_ref().map_or_else(|| "—".to_owned(), |q| q.number.clone()));
    let unit = move || quantity.with(|q| q.as_ref().map(|q| q.unit.clone()).unwrap_or_default());
    view! {
        <span class="value" class:value--old=old>
            <span>{number}</span>
            <span class="value__unit">{unit}</span>
        </span>
    }
}

/// The readout of a widget's only series.
#[component]
pub(super) fn Readout(
    /// What is shown.
    reading: Memo<Reading>,
    /// Of which time.
    frame: Memo<Frame>,
    /// From where on a value is bad.
    thresholds: Thresholds,
) -> impl IntoView {
    let summary = Memo::new(move |_| {
        let start = frame.get().start;
        reading.with(|r| r.series.first().and_then(|one| one.summary(start)))
    });
    let told = move |value: f64| reading.with(|r| chart::format(value, &r.unit));
    let last =
        Memo::new(move |_| summary.get().filter(|_| !matches!(frame.get().age, Age::Gone { .. })).map(|s| s.last));
    let quantity = Signal::derive(move || last.get().map(told));
    let old = Signal::derive(move || frame.get().age != Age::Fresh);
    // An old value says nothing of how things are. A memo: what is drawn would miss changes of the second of two
    // sources if the first has brought it up to date.
    let severity = Memo::new(move |_| chart::severity(last.get().filter(|_| !old.get()), &thresholds));
    let calm = move || matches!(severity.get(), Severity::Ok | Severity::Unknown);
    let limited = thresholds.warning.is_some() || thresholds.critical.is_some();
    let meanwhile = move |of: fn(&super::reading::Summary) -> f64| {
        move || summary.get().map_or_else(|| "—".to_owned(), |s| told(of(&s)).to_string())
    };
    view! {
        <div class="readout">
            <p class="readout__value"><Value quantity old/></p>
            {limited.then(|| view! {
                <div class="readout__severity" class:readout__severity--calm=calm>
                    <SeverityMark severity/>
                </div>
            })}
            <dl class="readout__meanwhile">
                <dt>"max"</dt><dd>{meanwhile(|s| s.most)}</dd>
                <dt>"avg"</dt><dd>{meanwhile(|s| s.mean)}</dd>
                <dt>"min"</dt><dd>{meanwhile(|s| s.least)}</dd>
            </dl>
        </div>
    }
}
