//! What the server and the browser share: types, charts, pages.

pub mod model;
