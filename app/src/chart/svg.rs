//! A picture as SVG whose colours are the style sheet's custom properties: one text, right in every theme.
//!
//! It is drawn by [`draw`] like any other surface; the surface here is a string.

use std::convert::Infallible;

use plotters::drawing::IntoDrawingArea;
use plotters::style::text_anchor::HPos;
use plotters_backend::{BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind};

use super::draw::{Grain, draw};
use super::picture::Picture;
use crate::theme::{AXIS_TEXT, Palette, Rgb};

/// Coordinates are whole pixels of a device with twice as many as CSS has.
const SCALE: i32 = 2;
/// From the middle of digits and capitals down to their foot, in every font of the style sheet: 4 px.
const FOOT: i32 = 4 * SCALE;

/// The picture as an `<svg>` element that keeps its proportions in whatever it is put. It says nothing to
/// who cannot see it: what it shows is said by the element around it, see
/// [`Chart::describe`](super::Chart::describe).
#[must_use]
pub fn svg(picture: &Picture) -> String {
    let size = picture.size;
    let mut body = Body::default();
    let surface = Surface { body: &mut body, size: (pixels(size.width), pixels(size.height)) };
    let grain = Grain { ratio: f64::from(SCALE), steps: 1 };
    // The text refuses nothing: the error has no values.
    let _: Result<(), _> = draw(picture, &Palette::of_names(), grain, &surface.into_drawing_area());
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
    /// Still open: strokes that look alike become one element.
    path: Option<Path>,
}

impl Body {
    fn end_path(&mut self) {
        if let Some(Path { look, data, .. }) = self.path.take() {
            self.text += &format!("<path d=\"{data}\" fill=\"none\"{look}/>");
        }
    }

    fn element(&mut self, element: &str) {
        self.end_path();
        self.text += element;
    }

    fn stroke(&mut self, look: String, points: &[BackendCoord]) {
        if self.path.as_ref().is_some_and(|path| path.look != look) {
            self.end_path();
        }
        self.path.get_or_insert_with(|| Path { look, ..Path::default() }).add(points);
    }
}

/// Strokes that look the same.
#[derive(Default)]
struct Path {
    look: String,
    data: String,
    pen: BackendCoord,
}

impl Path {
    /// Each place by its distance from the one before, which is half as long as where it is.
    fn add(&mut self, points: &[BackendCoord]) {
        for (at, &(x, y)) in points.iter().enumerate() {
            let (dx, dy) = (x - self.pen.0, y - self.pen.1);
            self.data += &match (at, dx, dy) {
                (0, ..) => format!("m{}{}", css(dx), spaced(dy)),
                (_, dx, 0) => format!("h{}", css(dx)),
                (_, 0, dy) => format!("v{}", css(dy)),
                (_, dx, dy) => format!("l{}{}", css(dx), spaced(dy)),
            };
            self.pen = (x, y);
        }
    }
}

/// A device's pixels in those of CSS, in as few letters as SVG allows.
fn css(pixels: i32) -> String {
    let text = (f64::from(pixels) / f64::from(SCALE)).to_string();
    text.strip_prefix("0.").map_or_else(|| text.replace("-0.", "-."), |half| format!(".{half}"))
}

/// The second of two numbers: a sign keeps it apart from the first one, else a space does.
fn spaced(pixels: i32) -> String {
    if pixels < 0 { css(pixels) } else { format!(" {}", css(pixels)) }
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
        let mut path = Path::default();
        path.add(&corners.into_iter().collect::<Vec<_>>());
        self.body.element(&format!("<path d=\"{}z\"{}/>", path.data, paint("fill", style.color())));
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
        let foot = css(y + FOOT);
        let fill = paint("fill", style.color());
        self.body.element(&format!("<text x=\"{}\" y=\"{foot}\"{anchor}{fill}>{text}</text>", css(x)));
        Ok(())
    }
}

#[cfg(test)]
#[path = "svg_tests.rs"]
mod tests;
