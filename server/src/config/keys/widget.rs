//! `dashboard.widgets[]`: one tile of the layout.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use app::model::{Aggregation, Tags, Thresholds};

use super::aggregation::OfPoints;
use super::{DAY, shown};
use crate::config::problem::quoted;
use crate::config::read::{Free, Kind, ListOf, MapOf, Name, Number, OneOf, Record, Seconds, Section, Whole, choice};
use crate::secret::Text;

/// Columns of the grid.
const COLUMNS: u8 = 12;

/// One tile.
#[derive(Debug)]
pub struct Widget {
    /// Unique on the page.
    pub id: String,
    /// What it says above its chart.
    pub title: Text,
    /// How it draws.
    pub chart_type: ChartType,
    /// What it shows.
    pub metric_name: String,
    /// How often it redraws at most; none: as often as the page.
    pub refresh_interval: Option<Duration>,
    /// Columns.
    pub width: u8,
    /// Rows.
    pub height: u8,
    /// First column, from 0.
    pub position_x: u8,
    /// First row, from 0.
    pub position_y: u16,
    /// Scale and thresholds.
    pub options: Thresholds,
    /// Only series with all of these.
    pub filters: Tags,
    /// How points become what is drawn.
    pub aggregation: Aggregation,
    /// How far back from now.
    pub time_range: Duration,
}

/// How a widget draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChartType {
    /// A line a series over time.
    Line,
    /// A filled line a series over time.
    Area,
    /// A bar a series.
    Bar,
    /// Shares of a whole.
    Pie,
    /// One arc.
    Gauge,
    /// Rows and columns.
    Table,
    /// A dot a reading.
    Scatter,
    /// How often which values occur.
    Histogram,
    /// Colours over time.
    Heatmap,
}

choice!(ChartType {
    "line" => Line, "area" => Area, "bar" => Bar, "pie" => Pie, "gauge" => Gauge, "table" => Table,
    "scatter" => Scatter, "histogram" => Histogram, "heatmap" => Heatmap,
});

impl ChartType {
    /// How the page draws it; none where it cannot yet.
    #[must_use]
    pub const fn drawn(self) -> Option<app::model::ChartType> {
        match self {
            Self::Line => Some(app::model::ChartType::Line),
            Self::Area => Some(app::model::ChartType::Area),
            Self::Bar => Some(app::model::ChartType::Bar),
            Self::Gauge => Some(app::model::ChartType::Gauge),
            Self::Pie | Self::Table | Self::Scatter | Self::Histogram | Self::Heatmap => None,
        }
    }
}

impl Widget {
    /// The widget in the page's words; none where the page cannot draw it yet.
    #[must_use]
    pub fn drawn(&self) -> Option<app::model::Widget> {
        Some(app::model::Widget {
            id: self.id.clone(),
            title: self.title.to_string(),
            chart_type: self.chart_type.drawn()?,
            metric_name: self.metric_name.clone(),
            more_metrics: Vec::new(),
            width: self.width,
            height: self.height,
            position_x: self.position_x,
            position_y: self.position_y,
            options: self.options,
            filters: self.filters.clone(),
            aggregation: self.aggregation,
            time_range: u32::try_from(self.time_range.as_secs()).unwrap_or(u32::MAX),
        })
    }

    fn read(s: &mut Section<'_>) -> Option<Self> {
        let id = s.required("id", &Name::ANY, "cpu", "Unique on the page.");
        let title = s.maybe("title", &Free, "Processors", "What it says above its chart; the id, unless set.");
        if let Some(title) = &title {
            shown(s, "title", title);
        }
        let chart_type = s.required("chart_type", &OneOf::<ChartType>::NEW, "line", "How it draws.");
        let metric_name = s.required("metric_name", &Name::METRIC, "cpu_usage_percent", "What it shows.");
        let refresh_interval = s.maybe(
            "refresh_interval",
            &Seconds(0.1..=DAY),
            5,
            "Seconds between two redraws at the least; as often as the page, unless set.",
        );
        let width = s.or("width", &Whole(1..=COLUMNS), 6, "Columns.");
        let position_x = s.or("position_x", &Whole(0..=COLUMNS - 1), 0, "First column, from 0.");
        if width + position_x > COLUMNS {
            let found = format!("a widget from column {position_x} to {}", position_x + width);
            s.at().refuse(found, format!("position_x and width that make {COLUMNS} at the most"));
        }
        let aggregation = s.or("aggregation", &OfPoints, Aggregation::Raw, "How points become what is drawn.");
        let gauge = metric_name.as_ref().filter(|name| !name.ends_with("_total"));
        if let Some(gauge) = gauge.filter(|_| aggregation.is_growth()) {
            let found = format!("\"{aggregation}\" of {gauge}, which rises and falls");
            let allowed = format!("the {aggregation} of a counter; the name of each ends in _total");
            s.at_key("aggregation").refuse(found, allowed);
        }
        Some(Self {
            title: title.unwrap_or_else(|| Text::open(id.clone().unwrap_or_default())),
            refresh_interval,
            width,
            height: s.or("height", &Whole(1..=100), 4, "Rows."),
            position_x,
            position_y: s.or("position_y", &Whole(0..=10_000), 0, "First row, from 0."),
            options: s.section("options", "Scale and thresholds.", read_options),
            filters: Tags::new(s.or(
                "filters",
                &MapOf(Name::ANY),
                BTreeMap::new(),
                "Only series with all of these tags, such as \"state\": \"ESTABLISHED\".",
            )),
            aggregation,
            time_range: s.or(
                "time_range",
                &Seconds(1.0..=366.0 * DAY),
                Duration::from_secs(900),
                "Seconds back from now.",
            ),
            id: id?,
            chart_type: chart_type?,
            metric_name: metric_name?,
        })
    }
}

fn read_options(s: &mut Section<'_>) -> Thresholds {
    let options = Thresholds {
        min: s.maybe("min_value", &Number::ANY, 0, "Where the scale begins."),
        max: s.maybe("max_value", &Number::ANY, 100, "Where it ends."),
        warning: s.maybe("warning_threshold", &Number::ANY, 70, "From here on it is a warning."),
        critical: s.maybe("critical_threshold", &Number::ANY, 90, "From here on it is critical."),
    };
    if let (Some(min), Some(max)) = (options.min, options.max)
        && min >= max
    {
        s.at_key("max_value").refuse(max.to_string(), format!("more than min_value, which is {min}"));
    }
    if let (Some(warning), Some(critical)) = (options.warning, options.critical)
        && warning > critical
    {
        let allowed = format!("warning_threshold, which is {warning}, or more");
        s.at_key("critical_threshold").refuse(critical.to_string(), allowed);
    }
    options
}

pub(super) fn read_widgets() -> impl Kind<Out = Vec<Widget>> {
    ListOf(Record(Widget::read))
}

/// Notes ids that stand twice, and warns of tiles that hide another one: an older file may have given them no places.
pub(super) fn beside_each_other(s: &Section<'_>, widgets: Vec<Widget>) -> Vec<Widget> {
    let mut seen = BTreeSet::new();
    for widget in &widgets {
        if !seen.insert(&widget.id) {
            s.at_key("widgets").refuse(format!("the id {} twice", quoted(&widget.id)), "each id once");
        }
    }
    let free = widgets.iter().map(|w| w.position_y + u16::from(w.height)).max().unwrap_or_default();
    let mut taken: BTreeMap<(u16, u8), &Widget> = BTreeMap::new();
    for widget in &widgets {
        match cells(widget).find_map(|cell| taken.get(&cell)) {
            Some(other) => s.at_key("widgets").warn(format!(
                "{} lies where {} is, in {}, and one hides the other; \"position_y\": {free} would be free",
                quoted(&widget.id),
                quoted(&other.id),
                place(other)
            )),
            None => taken.extend(cells(widget).map(|cell| (cell, widget))),
        }
    }
    widgets
}

/// Row and column of all that it covers.
fn cells(widget: &Widget) -> impl Iterator<Item = (u16, u8)> {
    let (x, width) = (widget.position_x, widget.width);
    let rows = widget.position_y..widget.position_y + u16::from(widget.height);
    rows.flat_map(move |row| (x..(x + width).min(COLUMNS)).map(move |column| (row, column)))
}

fn place(widget: &Widget) -> String {
    let Widget { position_x, position_y, width, height, .. } = widget;
    let last = |first: u16, count: u8| first + u16::from(count) - 1;
    let columns = last(u16::from(*position_x), *width);
    format!("columns {position_x} to {columns}, rows {position_y} to {}", last(*position_y, *height))
}
