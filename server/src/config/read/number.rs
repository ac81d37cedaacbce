//! Numbers: within bounds, and finite.

use std::ops::RangeInclusive;
use std::time::Duration;

use serde_json::{Value as Json, json};

use super::at::At;
use super::kind::{Kind, Plain};
use super::shape::Shape;
use super::syntax::{Node, Value};

/// The largest number up to which every whole one can be written.
const LARGEST_WHOLE: u64 = 1 << 53;

/// A number within bounds.
pub(crate) struct Number(pub(crate) RangeInclusive<f64>);

impl Number {
    /// Any number: a threshold may be what it likes.
    pub(crate) const ANY: Self = Self(f64::MIN..=f64::MAX);
}

impl Kind for Number {
    type Out = f64;

    fn shape(&self) -> Shape {
        Shape::Number { whole: false, least: *self.0.start(), most: *self.0.end() }
    }

    fn read(&self, at: &At<'_>, node: &Node) -> Option<f64> {
        number(at, node, &self.shape())
    }
}

impl Plain for Number {
    fn write(&self, value: &f64) -> Json {
        written(*value)
    }
}

/// A time span in seconds; the bounds are seconds too.
pub(crate) struct Seconds(pub(crate) RangeInclusive<f64>);

impl Kind for Seconds {
    type Out = Duration;

    fn shape(&self) -> Shape {
        Shape::Number { whole: false, least: *self.0.start(), most: *self.0.end() }
    }

    fn read(&self, at: &At<'_>, node: &Node) -> Option<Duration> {
        number(at, node, &self.shape()).and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
    }
}

impl Plain for Seconds {
    fn write(&self, value: &Duration) -> Json {
        written(value.as_secs_f64())
    }
}

/// A whole number within bounds.
pub(crate) struct Whole<T>(pub(crate) RangeInclusive<T>);

impl<T: Copy + Into<u64> + TryFrom<u64>> Kind for Whole<T> {
    type Out = T;

    #[expect(clippy::cast_precision_loss, reason = "bounds are small, or near enough where they are not")]
    fn shape(&self) -> Shape {
        let (least, most): (u64, u64) = ((*self.0.start()).into(), (*self.0.end()).into());
        Shape::Number { whole: true, least: least as f64, most: most.min(LARGEST_WHOLE) as f64 }
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is whole and within the bounds")]
    fn read(&self, at: &At<'_>, node: &Node) -> Option<T> {
        number(at, node, &self.shape()).and_then(|number| T::try_from(number as u64).ok())
    }
}

impl<T: Copy + Into<u64> + TryFrom<u64>> Plain for Whole<T> {
    fn write(&self, value: &T) -> Json {
        json!((*value).into())
    }
}

fn number(at: &At<'_>, node: &Node, shape: &Shape) -> Option<f64> {
    let &Shape::Number { whole, least, most } = shape else { return None };
    let fits = |number: f64| (least..=most).contains(&number) && (!whole || number.fract() == 0.0);
    let suggestion = match &node.value {
        Value::Number(number) if fits(*number) => return Some(*number),
        // That one is told already.
        Value::Number(number) if !number.is_finite() => return None,
        Value::Text(text) => {
            text.trim().parse().ok().filter(|n| fits(*n)).map(|number| format!("{number}, without quotes"))
        }
        _ => None,
    };
    at.refuse_and_suggest(node.found(), allowed(whole, least, most), suggestion);
    None
}

fn allowed(whole: bool, least: f64, most: f64) -> String {
    let what = if whole { "a whole number" } else { "a number" };
    if least == f64::MIN && most == f64::MAX { what.to_owned() } else { format!("{what} from {least} to {most}") }
}

/// `1` rather than `1.0`.
#[expect(clippy::cast_possible_truncation, reason = "it is whole and small")]
fn written(value: f64) -> Json {
    let whole = value.fract() == 0.0 && value.abs() < 1e15;
    if whole { json!(value as i64) } else { json!(value) }
}
