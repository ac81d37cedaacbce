//! What the page knows and how it keeps up: the live stream, the time range, the theme, the window.
//!
//! Invariant: signatures are the same on both sides; whatever needs a browser runs inside an `Effect` or
//! inside a function that exists with the feature `hydrate` only, so the server never meets it.
//! Invariant: until the page is hydrated every value equals the server's, times and zone included.
//! Invariant: decisions sit in files that know no browser ([`tracks`], [`stitch`], [`buffer`], [`coverage`],
//! [`gap`], [`link`], [`clock`]) and are tested natively; the rest only carries them out.
//! May not know: how anything is drawn, which components exist.
//! Start reading at [`Live`].

#[cfg(feature = "hydrate")]
pub(crate) mod browser;
pub mod buffer;
pub mod clock;
pub mod coverage;
#[cfg(feature = "hydrate")]
mod feed;
pub mod gap;
#[cfg(feature = "hydrate")]
mod health;
pub mod link;
mod live;
mod order;
mod range;
#[cfg(feature = "hydrate")]
mod socket;
pub mod stitch;
mod theme;
pub mod tracks;
mod window;
mod zone;

pub use link::Link;
pub use live::Live;
pub use range::Range;
pub use theme::{Choice, THEME_SCRIPT, Theme};
pub use tracks::{Track, Tracks};
pub use window::{in_view, page_visible, pixel_ratio, size_of};
pub use zone::LocalZone;
