//! The model of `app`, by its path.

#[path = "../../../app/src/model/mod.rs"]
pub mod model;
