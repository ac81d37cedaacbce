//! The widgets on their grid.

use leptos::prelude::*;

use super::grid;
use super::widget::Tile;
use crate::state::Live;

/// Every widget of the layout, in the order in which they are read.
#[component]
pub fn Dashboard() -> impl IntoView {
    let widgets = grid::in_reading_order(expect_context::<Live>().widgets());
    let on_six = grid::on_six(&widgets);
    let tiles: Vec<_> = widgets.into_iter().zip(on_six).map(|(widget, six)| view! { <Tile widget six/> }).collect();
    view! { <div class="dashboard">{tiles}</div> }
}
