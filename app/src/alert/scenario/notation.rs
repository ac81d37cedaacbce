//! How series and times are written in a scenario.
//!
//! | written | samples |
//! | --- | --- |
//! | `20` | one of 20 |
//! | `20x5` | five of 20 |
//! | `_`, `_x5` | one that is missing, five |
//! | `10+2x5`, `10-2x5` | 10 12 14 16 18, 10 8 6 4 2 |
//! | `50~3x100` | a hundred that scatter between 47 and 53, always the same way |
//! | `10+2~3x5` | both |
//! | `(95x3 20x3)x4` | what is in the brackets four times |

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A text that is no series or no time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no {1}")]
pub struct Unreadable(String, &'static str);

/// More samples than this are a mistake.
const MOST: usize = 10_000_000;
/// More brackets within brackets too.
const DEEPEST: usize = 8;

/// The samples of a series; none where one is missing.
///
/// # Errors
/// Where the text is not as above, or makes more than ten million samples.
pub fn samples(text: &str) -> Result<Vec<Option<f64>>, Unreadable> {
    let mut rest = text;
    let found = group(&mut rest, DEEPEST)?;
    if rest.is_empty() {
        Ok(found)
    } else {
        Err(Unreadable(rest.to_owned(), "sample: a bracket without its beginning"))
    }
}

/// Reads up to the end or a closing bracket, which is left. Brackets may be within so many others.
fn group(rest: &mut &str, depth: usize) -> Result<Vec<Option<f64>>, Unreadable> {
    let mut found = Vec::new();
    loop {
        *rest = rest.trim_start();
        if rest.is_empty() || rest.starts_with(')') {
            return Ok(found);
        }
        if let Some(inside) = rest.strip_prefix('(') {
            *rest = inside;
            let deeper =
                depth.checked_sub(1).ok_or_else(|| Unreadable("(".repeat(DEEPEST), "group: it is too deep"))?;
            let once = group(rest, deeper)?;
            let after = rest.strip_prefix(')').ok_or_else(|| Unreadable(inside.to_owned(), "group: it has no end"))?;
            let end = after.find([' ', '(', ')']).unwrap_or(after.len());
            let (times, after) = after.split_at(end);
            *rest = after;
            let times = times.strip_prefix('x').map_or(Ok(1), count)?;
            if once.len().saturating_mul(times) > MOST {
                return Err(Unreadable(text_of(times), "number of repetitions: too many samples"));
            }
            found.extend(std::iter::repeat_n(once, times).flatten());
        } else {
            let end = rest.find([' ', '(', ')']).unwrap_or(rest.len());
            let (token, after) = rest.split_at(end);
            *rest = after;
            few(token, &mut found)?;
        }
        if found.len() > MOST {
            return Err(Unreadable(text_of(found.len()), "number of samples: too many"));
        }
    }
}

fn text_of(number: usize) -> String {
    number.to_string()
}

/// One word: a value and how often.
#[expect(clippy::cast_precision_loss, reason = "there are at most ten million")]
fn few(token: &str, found: &mut Vec<Option<f64>>) -> Result<(), Unreadable> {
    let (what, times) = token.split_once('x').map_or(Ok((token, 1)), |(what, times)| Ok((what, count(times)?)))?;
    if what == "_" {
        found.extend(std::iter::repeat_n(None, times));
        return Ok(());
    }
    let (line, scatter) = what.split_once('~').map_or(Ok((what, 0.0)), |(line, by)| Ok((line, number(by)?)))?;
    // A sign that stands first belongs to the number.
    let sign = line.char_indices().skip(1).find(|(_, c)| matches!(c, '+' | '-'));
    let (begin, step) = match sign.and_then(|(at, _)| line.split_at_checked(at)) {
        Some((begin, step)) => (number(begin)?, number(step)?),
        None => (number(line)?, 0.0),
    };
    let first = found.len();
    found.extend((0..times).map(|n| Some(begin + step * n as f64 + scatter * noise(first + n))));
    Ok(())
}

fn count(text: &str) -> Result<usize, Unreadable> {
    text.parse().ok().filter(|n| *n <= MOST).ok_or_else(|| Unreadable(text.to_owned(), "number of samples"))
}

fn number(text: &str) -> Result<f64, Unreadable> {
    text.parse().map_err(|_| Unreadable(text.to_owned(), "number"))
}

/// From -1 to 1, without a pattern that could be seen, and the same for the same sample (the finaliser of MurmurHash3).
#[expect(clippy::cast_precision_loss, reason = "of 53 bits")]
fn noise(sample: usize) -> f64 {
    let mut bits = (sample as u64).wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    bits = (bits ^ (bits >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    bits ^= bits >> 33;
    (bits >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
}

/// A time since the scenario's beginning, or a length of time: `90s`, `1m30s`, `2h`, `1d`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Time(pub Duration);

/// No story is longer.
const CENTURY: u64 = 36_525 * 86_400;

const UNITS: [(char, u64); 4] = [('d', 86_400), ('h', 3600), ('m', 60), ('s', 1)];

impl Time {
    /// # Errors
    /// Where it is not a row of numbers with their units, largest first, or longer than a century.
    pub fn parse(text: &str) -> Result<Self, Unreadable> {
        let wrong = || Unreadable(text.to_owned(), "time such as 1m30s");
        let mut rest = text;
        let mut secs = 0_u64;
        for (unit, length) in UNITS {
            if let Some((number, after)) = rest.split_once(unit) {
                let number: u64 = number.parse().map_err(|_| wrong())?;
                secs = number.checked_mul(length).and_then(|more| secs.checked_add(more)).ok_or_else(wrong)?;
                rest = after;
            }
        }
        let is_time = rest.is_empty() && !text.is_empty() && secs <= CENTURY;
        if is_time { Ok(Self(Duration::from_secs(secs))) } else { Err(wrong()) }
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut secs = self.0.as_secs();
        if secs == 0 {
            return f.write_str("0s");
        }
        for (unit, length) in UNITS {
            if secs >= length {
                write!(f, "{}{unit}", secs / length)?;
                secs %= length;
            }
        }
        Ok(())
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(from)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, want: &str) {
        let found = samples(text).map(|found| {
            let words = found.iter().map(|value| value.map_or("_".to_owned(), |v| v.to_string()));
            words.collect::<Vec<_>>().join(" ")
        });
        assert_eq!(found.unwrap_or_else(|e| e.to_string()), want, "of {text}");
    }

    #[test]
    fn series_are_written_short() {
        check("0x3 10 _ _ 95x2", "0 0 0 10 _ _ 95 95");
        check("10+2x3 -1-0.5x3 _x2", "10 12 14 -1 -1.5 -2 _ _");
        check("(1x2 (2 3)x2)x2 4", "1 1 2 3 2 3 1 1 2 3 2 3 4");
        check("", "");
        check("1e3", "1000");
        let scattered = samples("50~3x1000").unwrap();
        assert!(scattered.iter().all(|v| (47.0..=53.0).contains(&v.unwrap())));
        let mean = scattered.iter().flatten().sum::<f64>() / 1000.0;
        assert!((mean - 50.0).abs() < 0.3, "{mean}");
    }

    #[test]
    fn mistakes_are_named() {
        check("10x", "\"\" is no number of samples");
        check("10 ten", "\"ten\" is no number");
        check("(1 2", "\"1 2\" is no group: it has no end");
        check("1) 2", "\") 2\" is no sample: a bracket without its beginning");
        check(&"(".repeat(100_000), "\"((((((((\" is no group: it is too deep");
        check("(1x1000000)x100", "\"100\" is no number of repetitions: too many samples");
    }

    #[test]
    fn times_are_written_as_people_do() {
        for (text, secs) in [("0s", 0), ("90s", 90), ("1m30s", 90), ("2h", 7200), ("1d1s", 86_401)] {
            assert_eq!(Time::parse(text).unwrap().0.as_secs(), secs, "{text}");
        }
        for text in ["", "5", "m", "1s1m", "-1s", "1.5h", "36526d"] {
            assert!(Time::parse(text).is_err(), "{text}");
        }
        assert_eq!(Time(Duration::from_secs(90)).to_string(), "1m30s");
    }
}
