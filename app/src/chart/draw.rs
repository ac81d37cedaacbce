//! A picture onto any surface that plotters can draw on.
//!
//! Coordinates there are whole numbers, so everything is multiplied first: by the ratio of device pixels to CSS pixels,
//! and, where the surface takes them, by a number of steps within a pixel, so that slants and arcs are smooth. What is
//! level or upright lies on whole pixels all the same, where it is crisp.

use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, DrawingAreaErrorKind};
use plotters::element::{Circle, PathElement, Polygon, Rectangle};
use plotters::prelude::DrawingBackend;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontDesc, FontFamily, FontStyle, RGBAColor, RGBColor, ShapeStyle, TextStyle};

use super::picture::{Anchor, Ink, Mark, Picture, Spot};
use super::strokes;
use crate::theme::{AXIS_TEXT, FONT, Palette, Rgb, Token};

/// How fine a surface is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Grain {
    /// Device pixels a CSS pixel.
    pub ratio: f64,
    /// Steps of a coordinate within a device pixel.
    pub steps: i32,
}

/// Draws every mark, in the colours of `palette`, for a surface of such a grain.
///
/// # Errors
/// Where the surface refuses a mark.
pub fn draw<DB: DrawingBackend>(
    picture: &Picture,
    palette: &Palette,
    grain: Grain,
    area: &DrawingArea<DB, Shift>,
) -> Result<(), DrawingAreaErrorKind<DB::ErrorType>> {
    let pen = Pen { palette, grain, area };
    picture.marks.iter().try_for_each(|mark| pen.mark(mark))
}

struct Pen<'a, DB: DrawingBackend> {
    palette: &'a Palette,
    grain: Grain,
    area: &'a DrawingArea<DB, Shift>,
}

type Drawn<DB> = Result<(), DrawingAreaErrorKind<<DB as DrawingBackend>::ErrorType>>;

impl<DB: DrawingBackend> Pen<'_, DB> {
    fn mark(&self, mark: &Mark) -> Drawn<DB> {
        match mark {
            Mark::Line { points, width, dash: None, ink } => self.line(points, *width, *ink),
            Mark::Line { points, width, dash: Some(dash), ink } => {
                strokes::dashes(points, *dash).iter().try_for_each(|piece| self.line(piece, *width, *ink))
            }
            Mark::Area { points, ink } => {
                let corners: Vec<_> = points.iter().map(|&spot| self.place(spot)).collect();
                self.area.draw(&Polygon::new(corners, self.colour(*ink)))
            }
            Mark::Rect { from, to, ink } => {
                let (left, top) = self.crisp(*from);
                let (right, bottom) = self.crisp(*to);
                // However thin, it must be seen.
                let least = self.grain.steps;
                let corners = [(left, top), (right.max(left + least), bottom.max(top + least))];
                self.area.draw(&Rectangle::new(corners, self.colour(*ink).filled()))
            }
            Mark::Hatch { from, to, ink } => {
                strokes::hatch(*from, *to).iter().try_for_each(|line| self.line(line, 1.0, *ink))
            }
            Mark::Dot { at, radius, hollow: false, ink } => self.disc(*at, *radius, self.colour(*ink).filled()),
            Mark::Dot { at, radius, hollow: true, ink } => {
                self.disc(*at, *radius, self.colour(Token::Surface.into()).filled())?;
                self.disc(*at, *radius, self.stroke(1.5, *ink))
            }
            Mark::Text { at, text, anchor, ink } => {
                let font = FontDesc::new(FontFamily::Name(FONT), AXIS_TEXT * self.per_css_pixel(), FontStyle::Normal);
                let h_pos = match anchor {
                    Anchor::Start => HPos::Left,
                    Anchor::Middle => HPos::Center,
                    Anchor::End => HPos::Right,
                };
                let colour = self.colour(*ink);
                let style = TextStyle::from(font).color(&colour).pos(Pos::new(h_pos, VPos::Center));
                self.area.draw_text(text, &style, self.crisp(*at))
            }
        }
    }

    fn line(&self, points: &[Spot], width: f64, ink: Ink) -> Drawn<DB> {
        let level = points.windows(2).all(|pair| pair.iter().all(|spot| spot.y == pair[0].y));
        let upright = points.windows(2).all(|pair| pair.iter().all(|spot| spot.x == pair[0].x));
        let place = |spot: &Spot| if level || upright { self.crisp(*spot) } else { self.place(*spot) };
        let mut places: Vec<_> = points.iter().map(place).collect();
        places.dedup();
        self.area.draw(&PathElement::new(places, self.stroke(width, ink)))
    }

    fn disc(&self, at: Spot, radius: f64, style: ShapeStyle) -> Drawn<DB> {
        self.area.draw(&Circle::new(self.place(at), self.steps(radius).max(1), style))
    }

    fn stroke(&self, width: f64, ink: Ink) -> ShapeStyle {
        self.colour(ink).stroke_width(u32::try_from(self.steps(width)).unwrap_or(1).max(1))
    }

    fn colour(&self, ink: Ink) -> RGBAColor {
        let Rgb(r, g, b) = self.palette.get(ink.token);
        RGBColor(r, g, b).mix(ink.alpha)
    }

    fn place(&self, spot: Spot) -> (i32, i32) {
        (self.steps(spot.x), self.steps(spot.y))
    }

    /// The same on whole device pixels.
    fn crisp(&self, spot: Spot) -> (i32, i32) {
        let whole = |length: f64| whole(length * self.grain.ratio) * self.grain.steps;
        (whole(spot.x), whole(spot.y))
    }

    fn steps(&self, length: f64) -> i32 {
        whole(length * self.per_css_pixel())
    }

    fn per_css_pixel(&self) -> f64 {
        self.grain.ratio * f64::from(self.grain.steps)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "`as` clamps, and pictures are far smaller")]
fn whole(length: f64) -> i32 {
    length.round() as i32
}
