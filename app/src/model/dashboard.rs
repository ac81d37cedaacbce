//! A dashboard's widgets: what is shown, how, and where.

use serde::{Deserialize, Serialize};

use super::{Aggregation, Tags};

/// How a widget draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChartType {
    /// A line a series over time.
    Line,
    /// A filled line a series over time, zero in sight.
    Area,
    /// A bar a series: its newest value.
    Bar,
    /// One arc: the newest value between a least and a most.
    Gauge,
}

/// Bounds of the scale and the values from which a reading is worth a second look.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Thresholds {
    /// The scale starts here; else where the data does.
    #[serde(rename = "min_value", default, skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// The scale ends here; else where the data does.
    #[serde(rename = "max_value", default, skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
    /// From here on it is a warning.
    #[serde(rename = "warning_threshold", default, skip_serializing_if = "Option::is_none")]
    pub warning: Option<f64>,
    /// From here on it is critical.
    #[serde(rename = "critical_threshold", default, skip_serializing_if = "Option::is_none")]
    pub critical: Option<f64>,
}

/// One tile of a dashboard, on a grid of twelve columns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Widget {
    /// Unique on its dashboard.
    pub id: String,
    /// What the tile says above its chart.
    pub title: String,
    /// How it draws.
    pub chart_type: ChartType,
    /// The metric, all series of it that pass `filters`.
    pub metric_name: String,
    /// Further metrics in the same picture; they share the first one's unit.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub more_metrics: Vec<String>,
    /// Columns, 1 to 12.
    pub width: u8,
    /// Rows.
    pub height: u8,
    /// First column, from 0.
    pub position_x: u8,
    /// First row, from 0.
    pub position_y: u16,
    /// Scale and thresholds.
    #[serde(default)]
    pub options: Thresholds,
    /// Only series with all of these.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub filters: Tags,
    /// How a series' points become what is drawn; `raw` and `rate` here.
    #[serde(default)]
    pub aggregation: Aggregation,
    /// Seconds back from now.
    pub time_range: u32,
}

impl Widget {
    /// The names of all metrics it shows.
    pub fn metrics(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.metric_name).chain(&self.more_metrics).map(String::as_str)
    }
}

/// What is shown until somebody lays out something else: the machine at a glance.
#[must_use]
pub fn shipped_widgets() -> Vec<Widget> {
    let widget = |id: &str, title: &str, chart_type, metrics: &[&str], (x, y, w, h): (u8, u16, u8, u8)| Widget {
        id: id.to_owned(),
        title: title.to_owned(),
        chart_type,
        metric_name: metrics.first().copied().unwrap_or_default().to_owned(),
        more_metrics: metrics.iter().skip(1).map(|m| (*m).to_owned()).collect(),
        width: w,
        height: h,
        position_x: x,
        position_y: y,
        options: Thresholds::default(),
        filters: Tags::default(),
        aggregation: Aggregation::Raw,
        time_range: 900,
    };
    let percent = |warning, critical| Thresholds {
        min: Some(0.0),
        max: Some(100.0),
        warning: Some(warning),
        critical: Some(critical),
    };
    vec![
        Widget {
            options: percent(70.0, 90.0),
            ..widget("cpu_usage", "CPU usage", ChartType::Line, &["cpu_usage_percent"], (0, 0, 6, 5))
        },
        Widget {
            options: percent(80.0, 95.0),
            ..widget("memory_usage", "Memory", ChartType::Gauge, &["memory_usage_percent"], (6, 0, 3, 5))
        },
        Widget {
            options: percent(80.0, 90.0),
            ..widget("disk_usage", "Disk usage", ChartType::Bar, &["disk_usage_percent"], (9, 0, 3, 5))
        },
        Widget {
            aggregation: Aggregation::Rate,
            ..widget(
                "network_traffic",
                "Network traffic",
                ChartType::Area,
                &["network_bytes_recv_total", "network_bytes_sent_total"],
                (0, 5, 6, 5),
            )
        },
        Widget {
            aggregation: Aggregation::Rate,
            ..widget(
                "disk_io",
                "Disk I/O",
                ChartType::Line,
                &["disk_read_bytes_total", "disk_write_bytes_total"],
                (6, 5, 6, 5),
            )
        },
        Widget {
            options: Thresholds { min: Some(0.0), ..Thresholds::default() },
            ..widget("load_average", "Load average", ChartType::Line, &["load_average"], (0, 10, 6, 5))
        },
        Widget {
            options: percent(70.0, 90.0),
            ..widget("cpu_per_core", "CPU per core", ChartType::Bar, &["cpu_usage_percent_per_core"], (6, 10, 6, 5))
        },
    ]
}
