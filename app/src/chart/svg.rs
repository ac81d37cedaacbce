//! A picture as SVG whose colours are the style sheet's custom properties: one text, right in every theme.
//!
//! It is drawn by [`draw`] like any other surface; the surface here is a string.

use std::convert::Infallible;
use std::fmt::Write;

use plotters::drawing::IntoDrawingArea;
use plotters::style::text_anchor::HPos;
use plotters_backend::{BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind};

use super::draw::draw;
use super::picture::Picture;
use crate::theme::{AXIS_TEXT, Palette, Rgb};

/// Coordinates are whole pixels of a device with twice as many as CSS has.
const SCALE: i32 = 2;

/// The picture as an `<svg>` element that keeps its proportions in whatever it is put. It says nothing to
/// who cannot see it: what it shows is said by the element around it, see
/// [`Chart::describe`](super::Chart::describe).
#[must_use]
pub fn svg(picture: &Picture) -> String {
    let size = picture.size;
    let mut body = Body::default();
    let surface = Surface { body: &mut body, size: (pixels(size.width), pixels(size.height)) };
    // The text refuses nothing: the error has no values.
    let _: Result<(), _> = draw(picture, &Palette::of_names(), f64::from(SCALE), &surface.into_drawing_area());
    body.end_path();
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\" preserveAspectRatio=\"xMidYMid meet\" \
         role=\"presentation\" font-size=\"{AXIS_TEXT}\">{}</svg>",
        size.width, size.height, body.text
    )
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` clamps")]
fn pixels(length: f64) -> u32 {
    (length * f64::from(SCALE)).ceil() as u32
}

/// The elements so far.
#[derive(Default)]
struct Body {
    text: String,
    /// The attributes and the data of the path that is still open: strokes that look alike become one element.
    path: Option<(String, String)>,
}

impl Body {
    fn end_path(&mut self) {
        if let Some((look, data)) = self.path.take() {
            self.text += &format!("<path d=\"{data}\" fill=\"none\"{look}/>");
        }
    }

    fn element(&mut self, element: &str) {
        self.end_path();
        self.text += element;
    }

    fn stroke(&mut self, look: String, points: &[BackendCoord]) {
        if self.path.as_ref().is_some_and(|(open, _)| *open != look) {
            self.end_path();
        }
        let (_, data) = self.path.get_or_insert_with(|| (look, String::new()));
        *data += &path_data(points);
    }
}

/// `M` and the first place, `L` and the others; a level or upright way is said by `H` or `V` alone.
fn path_data(points: &[BackendCoord]) -> String {
    let mut data = String::new();
    let mut before: Option<BackendCoord> = None;
    for &(x, y) in points {
        // Writing to a string cannot fail.
        let _ = match before {
            None => write!(data, "M{} {}", css(x), css(y)),
            Some((_, before)) if before == y => write!(data, "H{}", css(x)),
            Some((before, _)) if before == x => write!(data, "V{}", css(y)),
            Some(_) => write!(data, "L{} {}", css(x), css(y)),
        };
        before = Some((x, y));
    }
    data
}

/// A device's pixels in those of CSS.
fn css(pixels: i32) -> f64 {
    f64::from(pixels) / f64::from(SCALE)
}

/// ` fill="var(--grid)"`, with its opacity if it is not opaque.
fn paint(attribute: &str, color: BackendColor) -> String {
    let (r, g, b) = color.rgb;
    let name = Palette::named(Rgb(r, g, b)).map_or("none".to_owned(), |token| format!("var({})", token.css_name()));
    let mut paint = format!(" {attribute}=\"{name}\"");
    if color.alpha < 1.0 {
        paint += &format!(" {attribute}-opacity=\"{}\"", (color.alpha * 100.0).round() / 100.0);
    }
    paint
}

fn stroke_look(style: &impl BackendStyle) -> String {
    let width = f64::from(style.stroke_width()) / f64::from(SCALE);
    format!("{} stroke-width=\"{width}\"", paint("stroke", style.color()))
}

struct Surface<'a> {
    body: &'a mut Body,
    size: (u32, u32),
}

type Done = Result<(), DrawingErrorKind<Infallible>>;

impl DrawingBackend for Surface<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Done {
        Ok(())
    }

    fn present(&mut self) -> Done {
        Ok(())
    }

    fn draw_pixel(&mut self, (x, y): BackendCoord, color: BackendColor) -> Done {
        self.draw_rect((x, y), (x + 1, y + 1), &color, true)
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Done {
        self.draw_path([from, to], style)
    }

    fn draw_rect<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S, fill: bool) -> Done {
        let look = if fill { paint("fill", style.color()) } else { format!(" fill=\"none\"{}", stroke_look(style)) };
        let (x, y, width, height) = (css(from.0), css(from.1), css(to.0 - from.0), css(to.1 - from.1));
        self.body.element(&format!("<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"{look}/>"));
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> Done {
        self.body.stroke(stroke_look(style), &path.into_iter().collect::<Vec<_>>());
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, corners: I, style: &S) -> Done {
        let data = path_data(&corners.into_iter().collect::<Vec<_>>());
        self.body.element(&format!("<path d=\"{data}Z\"{}/>", paint("fill", style.color())));
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(&mut self, (x, y): BackendCoord, radius: u32, style: &S, fill: bool) -> Done {
        let look = if fill { paint("fill", style.color()) } else { format!(" fill=\"none\"{}", stroke_look(style)) };
        let radius = f64::from(radius) / f64::from(SCALE);
        self.body.element(&format!("<circle cx=\"{}\" cy=\"{}\" r=\"{radius}\"{look}/>", css(x), css(y)));
        Ok(())
    }

    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, (x, y): BackendCoord) -> Done {
        let anchor = match style.anchor().h_pos {
            HPos::Left => "",
            HPos::Center => " text-anchor=\"middle\"",
            HPos::Right => " text-anchor=\"end\"",
        };
        let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        // The middle of digits and capitals is so far above their foot, in every font of the style sheet.
        let foot = css(y) + (0.36 * AXIS_TEXT * 2.0).round() / 2.0;
        let fill = paint("fill", style.color());
        self.body.element(&format!("<text x=\"{}\" y=\"{foot}\"{anchor}{fill}>{text}</text>", css(x)));
        Ok(())
    }
}

#[cfg(test)]
#[path = "svg_tests.rs"]
mod tests;
