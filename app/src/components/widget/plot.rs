//! The picture of a widget: an SVG from the server at first, a canvas once there is a browser to draw on it.
//!
//! Both are in one box, so that nothing moves. The canvas is drawn at most once a frame of the browser, which
//! shows none in a hidden tab, and only where it is in sight.

use leptos::html;
use leptos::prelude::*;

use super::canvas;
use super::empty::Failed;
use crate::chart::{Chart, Size};
use crate::state::{Theme, in_view, pixel_ratio, size_of};
use crate::theme::{DARK, LIGHT};

/// The picture; what is given inside lies over it.
#[component]
pub(super) fn Plot(
    /// What it is about.
    title: String,
    /// What is drawn; nothing where there is no data.
    chart: Memo<Option<Chart>>,
    /// Sizes of the first picture: in a wide box, in a narrow one.
    first_sizes: (Size, Size),
    children: Children,
) -> impl IntoView {
    let (box_, surface) = (NodeRef::<html::Figure>::new(), NodeRef::<html::Canvas>::new());
    let failed = RwSignal::new(None::<String>);
    let drawn = draw_into(surface, chart, size_of(box_), in_view(box_), failed);
    let description = move || chart.with(|c| c.as_ref().map(|c| c.describe(&title)));
    let (wide, narrow) = (first_picture(chart, first_sizes.0), first_picture(chart, first_sizes.1));
    view! {
        <figure class="plot" node_ref=box_>
            <Show when=move || !drawn.get()>
                <div class="plot__first plot__first--wide" aria-hidden="true" inner_html=wide.clone()></div>
                <div class="plot__first plot__first--narrow" aria-hidden="true" inner_html=narrow.clone()></div>
            </Show>
            <canvas
                class="plot__canvas"
                role="img"
                aria-label=description
                hidden=move || chart.with(Option::is_none)
                node_ref=surface
            ></canvas>
            {children()}
            {move || failed.get().map(|why| view! { <Failed why/> })}
        </figure>
    }
    .into_any()
}

/// Draws whenever something changes that is seen. True once there is a picture.
fn draw_into(
    surface: NodeRef<html::Canvas>,
    chart: Memo<Option<Chart>>,
    size: Signal<Option<(f64, f64)>>,
    seen: Signal<bool>,
    failed: RwSignal<Option<String>>,
) -> ReadSignal<bool> {
    let (drawn, set_drawn) = signal(false);
    let (ratio, dark) = (pixel_ratio(), expect_context::<Theme>().dark());
    let asked = StoredValue::new(false);
    let draw = move || {
        // The widget may have gone between the asking and the frame.
        if asked.try_set_value(false).is_some() {
            return;
        }
        let (Some(canvas), Some((width, height))) = (surface.get_untracked(), size.get_untracked()) else { return };
        let palette = if dark.get_untracked() { &DARK } else { &LIGHT };
        let (size, ratio) = (Size { width, height }, ratio.get_untracked());
        let result = chart.with_untracked(|c| c.as_ref().map(|c| canvas::paint(&canvas, c, size, ratio, palette)));
        let why = match result {
            Some(Err(why)) => Some(why),
            Some(Ok(())) if !drawn.get_untracked() => {
                set_drawn.set(true);
                None
            }
            Some(Ok(())) | None => None,
        };
        if failed.get_untracked() != why {
            failed.set(why);
        }
    };
    Effect::new(move |_| {
        chart.track();
        ratio.track();
        dark.track();
        if size.get().is_some() && seen.get() && !asked.get_value() {
            asked.set_value(true);
            request_animation_frame(draw);
        }
    });
    drawn
}

/// The chart as the server's page has it; the browser keeps what it got.
#[cfg(feature = "ssr")]
fn first_picture(chart: Memo<Option<Chart>>, size: Size) -> String {
    chart.with_untracked(|c| c.as_ref().map(|c| crate::chart::svg(&c.picture(size)))).unwrap_or_default()
}

#[cfg(not(feature = "ssr"))]
fn first_picture(_: Memo<Option<Chart>>, _: Size) -> String {
    String::new()
}
