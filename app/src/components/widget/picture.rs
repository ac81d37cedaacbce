//! A reading within its frame as a chart.

use super::frame::Frame;
use super::reading::{Reading, Series};
use crate::chart::{Bar, BarChart, Chart, Gauge, Size, TimeChart, Trace, Zone};
use crate::model::{ChartType, Widget};

/// What a widget draws.
pub(super) fn chart(widget: &Widget, reading: &Reading, frame: Frame, zone: Zone) -> Chart {
    let (unit, thresholds) = (reading.unit.clone(), widget.options);
    match widget.chart_type {
        ChartType::Line | ChartType::Area => Chart::Time(TimeChart {
            traces: reading.series.iter().map(trace).collect(),
            filled: widget.chart_type == ChartType::Area,
            start: frame.start,
            end: frame.end,
            unit,
            thresholds,
            zone,
            stale_since: frame.age.since(),
        }),
        ChartType::Bar => {
            let bars = reading.series.iter().map(|one| bar(one, current(reading, one, frame))).collect();
            Chart::Bars(BarChart { bars, unit, thresholds })
        }
        ChartType::Gauge => {
            let value = reading.series.first().and_then(|one| current(reading, one, frame));
            Chart::Gauge(Gauge { value, unit, thresholds })
        }
    }
}

/// A series' value of now, if it has one that is not too old.
pub(super) fn current(reading: &Reading, one: &Series, frame: Frame) -> Option<f64> {
    let (at, value) = one.newest()?;
    let overdue = frame.end.since(at);
    (overdue <= reading.interval.saturating_mul(super::frame::GONE)).then_some(value)
}

fn trace(one: &Series) -> Trace {
    Trace { label: one.label.clone(), slot: one.slot, points: one.points.clone() }
}

fn bar(one: &Series, value: Option<f64>) -> Bar {
    Bar { label: one.label.clone(), value, slot: one.slot }
}

/// The time zone that the page tells times in: `minutes` ahead of UTC, or UTC where that is not known yet.
pub(super) fn zone(minutes: Option<i32>) -> Zone {
    minutes.map_or(Zone::Utc, |minutes| Zone::Offset { minutes })
}

/// The size of the picture in the first page, by the widget's place: in a wide box, in a narrow one.
///
/// The style sheet has the same numbers. Where a box is a little larger or smaller the picture is scaled to it.
pub(super) fn first_sizes(widget: &Widget, series: usize) -> (Size, Size) {
    const PHONE: f64 = 312.0;
    const COLUMN: f64 = 92.0;
    const GAP: f64 = 12.0;
    const SIDE: f64 = 216.0;
    const ROW: f64 = 56.0;
    let times = matches!(widget.chart_type, ChartType::Line | ChartType::Area);
    let columns = f64::from(widget.width.clamp(1, 12));
    let inner = columns.mul_add(COLUMN + GAP, -GAP) - 24.0;
    let height = f64::from(widget.height.max(1)).mul_add(52.0, -GAP) - 24.0 - 32.0;
    let wide = Size { width: if times { (inner - SIDE).max(240.0) } else { inner.max(454.0) }, height };
    let rows = if times && series > 1 { series.div_ceil(2).min(3) } else { 0 };
    let legend = if rows > 0 { 8.0 + 24.0 * f64::from(u8::try_from(rows).unwrap_or(3)) } else { 0.0 };
    // Alone in its row a tile of bars is no higher than they are.
    let bars = if widget.chart_type == ChartType::Bar {
        ROW * f64::from(u16::try_from(series).unwrap_or(u16::MAX))
    } else {
        height
    };
    // What has nothing beside it is narrow on a large page, too.
    let narrow =
        Size { width: if times { PHONE } else { inner.min(PHONE) }, height: (height.min(bars) - legend).max(ROW) };
    (wide, narrow)
}
