//! A chart onto a canvas, in device pixels.

#[cfg(feature = "hydrate")]
pub(super) use in_browser::paint;

#[cfg(feature = "hydrate")]
mod in_browser {
    use plotters::prelude::IntoDrawingArea;
    use wasm_bindgen::JsCast;
    use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

    use super::super::fine::{Fine, STEPS};
    use crate::chart::{self, Chart, Grain, Size};
    use crate::theme::Palette;

    /// Draws afresh. `ratio` is the number of device pixels a CSS pixel.
    ///
    /// # Errors
    /// Where the browser gives no drawing surface, or refuses to draw on it.
    pub(in crate::components::widget) fn paint(
        canvas: &HtmlCanvasElement,
        chart: &Chart,
        size: Size,
        ratio: f64,
        palette: &Palette,
    ) -> Result<(), String> {
        let (width, height) = (pixels(size.width, ratio), pixels(size.height, ratio));
        if (canvas.width(), canvas.height()) != (width, height) {
            canvas.set_width(width);
            canvas.set_height(height);
        }
        let surface = canvas.get_context("2d").ok().flatten().and_then(|s| s.dyn_into().ok());
        let surface: CanvasRenderingContext2d = surface.ok_or("the browser gives no surface")?;
        surface.clear_rect(0.0, 0.0, width.into(), height.into());
        // Pointed ones reach beyond the value that they stand for.
        surface.set_line_join("round");
        let fine = Fine::new(canvas.clone(), surface).ok_or("the browser gives no surface")?;
        let grain = Grain { ratio, steps: STEPS.into() };
        chart::draw(&chart.picture(size), palette, grain, &fine.into_drawing_area()).map_err(|e| e.to_string())
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` clamps, and sizes are small")]
    fn pixels(css: f64, ratio: f64) -> u32 {
        (css * ratio).round() as u32
    }
}

#[cfg(not(feature = "hydrate"))]
pub(super) use elsewhere::paint;

#[cfg(not(feature = "hydrate"))]
mod elsewhere {
    use leptos::web_sys::HtmlCanvasElement;

    use crate::chart::{Chart, Size};
    use crate::theme::Palette;

    /// Never called: without a browser there is no canvas.
    #[expect(clippy::unnecessary_wraps, reason = "the same signature on both sides")]
    pub(in crate::components::widget) fn paint(
        _: &HtmlCanvasElement,
        _: &Chart,
        _: Size,
        _: f64,
        _: &Palette,
    ) -> Result<(), String> {
        Ok(())
    }
}
