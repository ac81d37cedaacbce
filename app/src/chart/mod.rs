//! Charts as geometry: data and a size in, marks out; a second step draws the marks on any surface.
//!
//! Invariant: [`Chart::picture`] is pure; whatever the numbers, every mark is finite and within the picture.
//! Invariant: nothing is drawn over a hole.
//! May not know: the page, the browser, what time it is, where data comes from.
//! Start reading at [`TimeChart`]; [`draw`] puts a [`Picture`] on a canvas, [`svg`] writes it as text.

mod axis;
mod bars;
mod bounds;
mod columns;
mod describe;
mod draw;
mod gauge;
mod holes;
mod icon;
mod label;
mod line;
mod picture;
mod rate;
mod rows;
mod slot;
mod strokes;
mod svg;
mod text;
mod thin;
mod threshold;
mod time;
mod time_ticks;
mod units;
mod value_ticks;

pub use bars::{Bar, BarChart};
pub use draw::{Grain, draw};
pub use gauge::Gauge;
pub use holes::with_holes;
pub use label::labels;
pub use picture::{Anchor, Dash, Ink, Mark, Picture, Size, Spot};
pub use rate::rate;
pub use slot::{dash_of, slot_of, slots};
pub use svg::svg;
pub use thin::thin;
pub use threshold::severity;
pub use time::{TimeChart, Trace};
pub use time_ticks::Zone;
pub use units::{Quantity, format, per_second};

/// What a widget draws.
#[derive(Debug, Clone, PartialEq)]
pub enum Chart {
    /// Values over time.
    Time(TimeChart),
    /// Newest values side by side.
    Bars(BarChart),
    /// One newest value between a least and a most.
    Gauge(Gauge),
}

impl Chart {
    /// What there is to draw at this size. Empty where the size leaves no room.
    #[must_use]
    pub fn picture(&self, size: Size) -> Picture {
        let mut picture = Picture { size, marks: Vec::new() };
        if size.has_room() {
            match self {
                Self::Time(chart) => chart.mark(&mut picture),
                Self::Bars(chart) => chart.mark(&mut picture),
                Self::Gauge(gauge) => gauge.mark(&mut picture),
            }
        }
        picture
    }

    /// The picture in a sentence, for who cannot see it.
    #[must_use]
    pub fn describe(&self, title: &str) -> String {
        match self {
            Self::Time(chart) => describe::time(title, chart),
            Self::Bars(chart) => describe::bars(title, chart),
            Self::Gauge(gauge) => describe::gauge(title, gauge),
        }
    }
}

#[cfg(test)]
#[path = "properties.rs"]
mod properties;
