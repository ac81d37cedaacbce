//! A small typed reader over a JSON tree: each read names a key, its kind, its default and what it is for, once.
//!
//! Out of these reads come the validated values, every problem at once, and (recorded on the way) the shape of the
//! file, from which the schema and the example are written. So a key that is read is documented, and no other is.
//! Invariant: a read never ends the reading; what is wrong is noted and the rest is looked at.
//! May not know: which keys there are. Start reading at [`Section`].

mod at;
mod group;
mod kind;
mod number;
mod path;
mod section;
mod shape;
mod syntax;
mod text;

pub(crate) use at::{At, Cx};
pub(crate) use group::{ListOf, MapOf, Record};
pub(crate) use kind::{Bool, Choice, Kind, OneOf, Plain, choice};
pub(crate) use number::{Number, Seconds, Whole};
pub(crate) use section::{Section, Variant};
pub(crate) use shape::{Field, Presence, Shape, Variants};
pub(crate) use syntax::{Node, Value, parse};
pub(crate) use text::{Formed, Free, Host, Name, Private, Url, expanded, is_host_name};
