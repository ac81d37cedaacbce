//! What the server and the browser share: types, charts, pages.

pub mod api;
pub mod backend;
pub mod chart;
pub mod model;
pub mod state;
pub mod theme;
