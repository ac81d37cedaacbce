//! A tile of the dashboard: title, state, picture, numbers.

use leptos::prelude::*;

use super::empty::Empty;
use super::face::Face;
use super::frame::Frame;
use super::legend::Legend;
use super::picture;
use super::plot::Plot;
use super::reading::Reading;
use super::readout::Readout;
use crate::components::grid::Place;
use crate::components::icon::{Glyph, Icon};
use crate::model::{ChartType, Timestamp, Widget};
use crate::state::{Live, LocalZone};
use crate::words;

/// What stands beside or below the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Beside {
    Nothing,
    Readout,
    Legend,
}

impl Beside {
    fn of(chart: ChartType, series: usize) -> Self {
        match (chart, series) {
            (ChartType::Gauge | ChartType::Bar, _) | (_, 0) => Self::Nothing,
            (_, 1) => Self::Readout,
            _ => Self::Legend,
        }
    }

    const fn class(self) -> &'static str {
        match self {
            Self::Nothing => "widget__frame widget__frame--plain",
            Self::Readout => "widget__frame widget__frame--single",
            Self::Legend => "widget__frame",
        }
    }
}

/// One widget. Everything in it follows the live data by itself.
#[component]
pub(in crate::components) fn Tile(
    /// What it shows.
    widget: Widget,
    /// Its place on six columns.
    six: Place,
) -> impl IntoView {
    let (live, zone) = (expect_context::<Live>(), expect_context::<LocalZone>());
    let widget = StoredValue::new(widget);
    let (edge, span) = (live.edge(), live.span());
    let reading = Memo::new(move |_| widget.with_value(|w| Reading::of(w, live.tracks(w))));
    let frame = Memo::new(move |_| {
        let span = widget.with_value(|w| span.get().of(w));
        reading.with(|r| Frame::of(r, edge.get(), span))
    });
    let chart = Memo::new(move |_| {
        let (frame, zone) = (frame.get(), picture::zone(zone.offset_minutes(frame.get().end)));
        reading.with(|r| (!r.series.is_empty()).then(|| widget.with_value(|w| picture::chart(w, r, frame, zone))))
    });
    let series = Memo::new(move |_| reading.with(|r| r.series.len()));
    let (id, title, kind, metric, thresholds) =
        widget.with_value(|w| (w.id.clone(), w.title.clone(), w.chart_type, w.metric_name.clone(), w.options));
    let beside = Memo::new(move |_| Beside::of(kind, series.get()));
    let half_known = Signal::derive(move || reading.with(|r| r.half_known));
    let first_sizes = widget.with_value(|w| picture::first_sizes(w, series.get_untracked()));
    let place = widget.with_value(Place::of);
    let heading = format!("widget-{id}");
    let labelled_by = heading.clone();
    let caption = move || {
        (kind != ChartType::Gauge && kind != ChartType::Bar && series.get() > 0).then(|| {
            let asked = widget.with_value(|w| span.get().of(w));
            if frame.get().whole { format!("last {}", words::duration(asked)) } else { "since start".to_owned() }
        })
    };
    view! {
        <section
            class="widget"
            class:widget--bars=kind == ChartType::Bar
            data-widget=id
            aria-labelledby=labelled_by
            style=move || style(place, six, series.get())
        >
            <div class=move || beside.get().class()>
                <div class="widget__head">
                    <h2 class="widget__title" id=heading title=title.clone()>{title.clone()}</h2>
                    <span class="widget__caption">{caption}</span>
                    {move || frame.get().age.since().filter(|_| series.get() > 0).map(|since| view! { <LastSeen since/> })}
                </div>
                <Plot title chart first_sizes>
                    {(kind == ChartType::Gauge).then(|| view! {
                        <Show when=move || { series.get() > 0 }><Face reading frame thresholds/></Show>
                    })}
                    <Show when=move || series.get() == 0>
                        <Empty metric=metric.clone() half_known/>
                    </Show>
                </Plot>
                {move || match beside.get() {
                    Beside::Nothing => ().into_any(),
                    Beside::Readout => view! { <Readout reading frame thresholds/> }.into_any(),
                    Beside::Legend => view! { <Legend reading frame/> }.into_any(),
                }}
            </div>
        </section>
    }
    .into_any()
}

/// Says how old an old value is.
#[component]
fn LastSeen(since: Timestamp) -> impl IntoView {
    let edge = expect_context::<Live>().edge();
    view! {
        <span class="chip">
            <Icon glyph=Glyph::Unknown/>
            <span>"last seen "{move || words::age(edge.get().since(since))}" ago"</span>
        </span>
    }
}

fn style(place: Place, six: Place, series: usize) -> String {
    format!(
        "--x:{};--y:{};--w:{};--h:{};--x6:{};--y6:{};--w6:{};--series:{series}",
        place.x, place.y, place.width, place.height, six.x, six.y, six.width
    )
}
