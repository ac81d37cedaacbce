//! When somebody is to be told: rules, what they see of a series, and how an alert begins and ends.
//!
//! The server's engine and the back-test in the browser run this same code, so that what a page says of a rule is what will happen.
//!
//! Invariant: pure. Time, samples and the reasons of gaps are arguments; nothing is read, sent or asked for.
//! Invariant: missing samples never resolve anything silently, and what is our own fault never fires.
//! May not know: where samples are kept, who is told and how.
//! Start reading at [`Rule`], then [`Reading::observe`], then [`step()`].

pub mod backtest;
mod draft;
pub mod fit;
mod flap;
mod hear;
mod measure;
mod observe;
mod phase;
mod rule;
pub mod scenario;
mod secs;
mod sentence;
mod severity;
mod shipped;
mod step;
mod template;

pub use crate::model::{Cause, Gap};
pub use draft::{Bound, Draft, NoDataPolicy};
pub use flap::{Flap, Verdict};
pub use hear::{Ear, Message, hear, quieted_by};
pub use measure::Measure;
pub use observe::{Observation, Reading, Tick};
pub use phase::{Name, Phase, Transition};
pub use rule::{Broken, Level, Problem, Rule, check_together};
pub use severity::{Condition, Direction, Severity};
pub use shipped::shipped_rules;
pub use step::{State, step};
pub use template::{Facts, Template, TemplateError};
