//! A picture: marks with the tokens of their colours, in CSS pixels from the upper left corner.
//!
//! May not know: what the marks mean, what draws them.

use crate::theme::Token;

/// Width and height in CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Size {
    /// Left to right.
    pub width: f64,
    /// Top to bottom.
    pub height: f64,
}

impl Size {
    /// Below 80 × 48 px an axis and its labels leave nothing for the data; beyond 16,384 px no canvas goes.
    pub(super) fn has_room(self) -> bool {
        (80.0..=16_384.0).contains(&self.width) && (48.0..=16_384.0).contains(&self.height)
    }
}

/// A place in the picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spot {
    /// From the left edge.
    pub x: f64,
    /// From the upper edge.
    pub y: f64,
}

impl Spot {
    /// From its coordinates.
    #[must_use]
    pub const fn new(x: f64, y: f64) -> Self {
        Self { x, y }
    }
}

/// A colour by its purpose, and how much of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ink {
    /// Which colour.
    pub token: Token,
    /// From 0 to 1, opaque.
    pub alpha: f64,
}

impl Ink {
    /// A colour, not opaque.
    #[must_use]
    pub const fn faint(token: Token, alpha: f64) -> Self {
        Self { token, alpha }
    }
}

impl From<Token> for Ink {
    fn from(token: Token) -> Self {
        Self { token, alpha: 1.0 }
    }
}

/// Pixels of line, pixels of nothing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dash {
    /// Drawn.
    pub on: f64,
    /// Left out.
    pub off: f64,
}

/// Which end of a text its place is. Up and down it is always the middle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// The text begins there.
    Start,
    /// Half of it is on either side.
    Middle,
    /// The text ends there.
    End,
}

/// One thing to draw. Later marks lie over earlier ones.
#[derive(Debug, Clone, PartialEq)]
pub enum Mark {
    /// A line through two or more places.
    Line {
        /// The places.
        points: Vec<Spot>,
        /// Its width.
        width: f64,
        /// Its pattern, if it has one.
        dash: Option<Dash>,
        /// Its colour.
        ink: Ink,
    },
    /// A filled polygon; what is under a line, an arc, an icon.
    Area {
        /// The corners, the last one joined to the first.
        points: Vec<Spot>,
        /// Its colour.
        ink: Ink,
    },
    /// A filled rectangle with level edges: bars and the lines of a grid, which it keeps crisp.
    Rect {
        /// Upper left corner.
        from: Spot,
        /// Lower right corner.
        to: Spot,
        /// Its colour.
        ink: Ink,
    },
    /// A rectangle of slanted lines: nothing is known here.
    Hatch {
        /// Upper left corner.
        from: Spot,
        /// Lower right corner.
        to: Spot,
        /// The colour of its lines.
        ink: Ink,
    },
    /// A disc, or a ring where it is hollow.
    Dot {
        /// Its centre.
        at: Spot,
        /// Its radius.
        radius: f64,
        /// Whether the surface shows in its middle.
        hollow: bool,
        /// Its colour.
        ink: Ink,
    },
    /// A line of text in the size of axis labels.
    Text {
        /// The place that `anchor` speaks of.
        at: Spot,
        /// What it says.
        text: String,
        /// Where it lies from there.
        anchor: Anchor,
        /// Its colour.
        ink: Ink,
    },
}

/// Marks on a surface of a size.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    /// All marks are within.
    pub size: Size,
    /// In the order in which they are drawn.
    pub marks: Vec<Mark>,
}

/// The names for what charts draw most.
impl Picture {
    pub(super) fn line(&mut self, points: Vec<Spot>, width: f64, dash: Option<Dash>, ink: impl Into<Ink>) {
        self.marks.push(Mark::Line { points, width, dash, ink: ink.into() });
    }

    pub(super) fn area(&mut self, points: Vec<Spot>, ink: impl Into<Ink>) {
        self.marks.push(Mark::Area { points, ink: ink.into() });
    }

    pub(super) fn rect(&mut self, from: Spot, to: Spot, ink: impl Into<Ink>) {
        self.marks.push(Mark::Rect { from, to, ink: ink.into() });
    }

    pub(super) fn hatch(&mut self, from: Spot, to: Spot, ink: impl Into<Ink>) {
        self.marks.push(Mark::Hatch { from, to, ink: ink.into() });
    }

    pub(super) fn dot(&mut self, at: Spot, radius: f64, hollow: bool, ink: impl Into<Ink>) {
        self.marks.push(Mark::Dot { at, radius, hollow, ink: ink.into() });
    }

    pub(super) fn text(&mut self, at: Spot, text: impl Into<String>, anchor: Anchor, ink: impl Into<Ink>) {
        self.marks.push(Mark::Text { at, text: text.into(), anchor, ink: ink.into() });
    }
}
