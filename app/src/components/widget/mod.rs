//! One tile of the dashboard.
//!
//! Invariant: what a tile says is worked out in files that know no browser (`reading`, `frame`, `picture`) and is
//! the same on both sides; the rest only shows it.
//! Start reading at [`Tile`].

mod canvas;
mod empty;
mod face;
#[cfg(feature = "hydrate")]
mod fine;
mod frame;
mod legend;
mod picture;
mod plot;
mod reading;
mod readout;
mod severity;
mod swatch;
mod tile;

pub(super) use tile::Tile;
