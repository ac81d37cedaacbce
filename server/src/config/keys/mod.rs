//! What can be set, a file a section: the validated types, and beside each the one place that reads its keys.
//!
//! Invariant: a key is named once, where it is read, with its kind, default and purpose.
//! May not know: who acts on it.

mod aggregation;
pub(crate) mod alerting;
pub(crate) mod channel;
pub(crate) mod collectors;
pub(crate) mod custom;
pub(crate) mod dashboard;
pub(crate) mod development;
pub(crate) mod integration;
pub(crate) mod logging;
pub(crate) mod performance;
pub(crate) mod probes;
pub(crate) mod processes;
pub(crate) mod root;
pub(crate) mod rule;
pub(crate) mod security;
pub(crate) mod storage;
pub(crate) mod widget;

use super::read::Section;
use crate::secret::Text;

const MINUTE: f64 = 60.0;
const DAY: f64 = 24.0 * 60.0 * MINUTE;
const CENTURY: f64 = 36_525.0 * DAY;

/// Says so where `text` is meant to be seen and will not be.
fn shown(section: &Section<'_>, name: &str, text: &Text) {
    if text.is_secret() && section.at().active {
        section.at_key(name).warn("what ${} touches is secret, so this is shown as [secret]");
    }
}

/// Says so where not exactly one of the keys `of` is there.
fn one_of(section: &Section<'_>, of: &[&str]) {
    let there: Vec<&str> = section.names().filter(|name| of.contains(name)).collect();
    if there.len() != 1 {
        let found = if there.is_empty() { "none of them".to_owned() } else { there.join(", ") };
        section.at().refuse(found, format!("exactly one of {}", of.join(", ")));
    }
}
