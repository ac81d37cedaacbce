//! One look at the machine: series by name and labels, whoever has told them, and what is reckoned from them.
//!
//! May not know: who reads, and what is compared with what.

use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;

/// Names and values, as `mode` and `idle`.
pub(super) type Labels = BTreeMap<String, String>;

/// One number.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Series {
    pub(super) name: String,
    pub(super) labels: Labels,
    pub(super) value: f64,
}

impl Series {
    pub(super) fn new<'a>(name: &str, labels: impl IntoIterator<Item = (&'a str, &'a str)>, value: f64) -> Self {
        let labels = labels.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Self { name: name.to_owned(), labels, value }
    }
}

/// What one look has seen; times are Unix seconds.
#[derive(Debug, Clone)]
pub(super) struct Reading {
    pub(super) begun: f64,
    pub(super) ended: f64,
    series: BTreeMap<String, Vec<Series>>,
}

impl Reading {
    /// One of nothing, from `begun` on.
    pub(super) fn new(begun: f64) -> Self {
        Self { begun, ended: begun, series: BTreeMap::new() }
    }

    pub(super) fn add(&mut self, series: impl IntoIterator<Item = Series>) {
        for one in series {
            self.series.entry(one.name.clone()).or_default().push(one);
        }
    }

    /// All series of a name.
    pub(super) fn named(&self, name: &str) -> &[Series] {
        self.series.get(name).map_or(&[], Vec::as_slice)
    }

    /// The sum of all series of that name with at least these labels; none where there is none.
    fn sum(&self, term: &Term, tags: &Labels) -> Option<f64> {
        if term.name == "time" {
            return Some(f64::midpoint(self.begun, self.ended));
        }
        let wanted: Vec<_> = term.labels.iter().map(|(name, value)| (name, value.of(tags))).collect();
        let fits = |one: &&Series| {
            wanted.iter().all(|(name, value)| one.labels.get(*name).is_some_and(|has| Some(has) == value.as_ref()))
        };
        self.named(&term.name).iter().filter(fits).map(|one| one.value).reduce(|sum, value| sum + value)
    }
}

/// What to compare with: sums and differences of series, perhaps divided by others, as in
/// `100*proc_swap{what=used} / proc_swap{what=total}`. `{cpu=$cpu}` takes the value of our own series' tag.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Expression {
    over: Vec<Term>,
    under: Vec<Term>,
}

#[derive(Debug, Clone, PartialEq)]
struct Term {
    factor: f64,
    name: String,
    labels: Vec<(String, Wanted)>,
}

#[derive(Debug, Clone, PartialEq)]
enum Wanted {
    Is(String),
    /// As our tag has it.
    Tag(String),
}

impl Wanted {
    fn of(&self, tags: &Labels) -> Option<String> {
        match self {
            Self::Is(value) => Some(value.clone()),
            Self::Tag(name) => tags.get(name).cloned(),
        }
    }
}

impl Expression {
    pub(super) fn parse(text: &str) -> Result<Self> {
        let (over, under) = text.split_once(" / ").unwrap_or((text, ""));
        Ok(Self { over: sum(over)?, under: sum(under)? })
    }

    /// Its value at one moment.
    pub(super) fn at(&self, reading: &Reading, tags: &Labels) -> Option<f64> {
        let over = total(&self.over, |term| reading.sum(term, tags))?;
        if self.under.is_empty() {
            return Some(over);
        }
        let under = total(&self.under, |term| reading.sum(term, tags))?;
        // A share of nothing is none; no swap at all is not used.
        Some(if under == 0.0 { 0.0 } else { over / under })
    }

    /// What it grew by between two moments, over what its divisor grew by meanwhile.
    pub(super) fn between(&self, from: &Reading, to: &Reading, tags: &Labels) -> Option<f64> {
        let growth = |term: &Term| Some(to.sum(term, tags)? - from.sum(term, tags)?);
        let over = total(&self.over, growth)?;
        let under = if self.under.is_empty() { 1.0 } else { total(&self.under, growth)? };
        (under > 0.0).then(|| over / under)
    }

    /// The first series' name and, where one of its labels takes our tag, both names: which of theirs there are.
    pub(super) fn joined_by(&self) -> Option<(&str, &str, &str)> {
        let term = self.over.first()?;
        let by = term.labels.iter().find_map(|(label, value)| match value {
            Wanted::Tag(tag) => Some((label.as_str(), tag.as_str())),
            Wanted::Is(_) => None,
        })?;
        Some((&term.name, by.0, by.1))
    }
}

/// What is taken away may be missing, what is added may not.
fn total(terms: &[Term], value: impl Fn(&Term) -> Option<f64>) -> Option<f64> {
    terms.iter().try_fold(0.0, |sum, term| match value(term) {
        Some(value) => Some(sum + term.factor * value),
        None => (term.factor < 0.0).then_some(sum),
    })
}

fn sum(text: &str) -> Result<Vec<Term>> {
    let mut sign = 1.0;
    let mut terms = Vec::new();
    for word in text.split_whitespace() {
        match word {
            "+" => sign = 1.0,
            "-" => sign = -1.0,
            _ => terms.push(term(word, sign)?),
        }
    }
    Ok(terms)
}

fn term(word: &str, sign: f64) -> Result<Term> {
    let (factor, rest) = match word.split_once('*') {
        Some((factor, rest)) => (factor.parse().with_context(|| format!("`{factor}` in `{word}`"))?, rest),
        None => (1.0, word),
    };
    let (name, labels) = match rest.split_once('{') {
        None => (rest, ""),
        Some((name, labels)) => (name, labels.strip_suffix('}').with_context(|| format!("`{word}` is not closed"))?),
    };
    if name.is_empty() {
        bail!("`{word}` names nothing");
    }
    let label = |pair: &str| {
        let (name, value) = pair.split_once('=').with_context(|| format!("`{pair}` in `{word}`"))?;
        let tag = value.strip_prefix('$').map(|tag| Wanted::Tag(tag.to_owned()));
        Ok((name.to_owned(), tag.unwrap_or_else(|| Wanted::Is(value.to_owned()))))
    };
    let labels = labels.split(',').filter(|pair| !pair.is_empty()).map(label).collect::<Result<_>>()?;
    Ok(Term { factor: sign * factor, name: name.to_owned(), labels })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(values: &[(&str, &str, f64)]) -> Reading {
        let mut reading = Reading { ended: 12.0, ..Reading::new(10.0) };
        reading.add(values.iter().map(|(name, cpu, value)| Series::new(name, [("cpu", *cpu)], *value)));
        reading
    }

    /// `want`: at the first moment, and between the two.
    #[track_caller]
    fn check(text: &str, want: (Option<f64>, Option<f64>)) {
        let from = reading(&[("a", "0", 1.0), ("a", "1", 2.0), ("b", "0", 10.0)]);
        let to = reading(&[("a", "0", 2.0), ("a", "1", 5.0), ("b", "0", 12.0)]);
        let tags = Labels::from([("core".to_owned(), "1".to_owned())]);
        let expression = Expression::parse(text).unwrap();
        assert_eq!((expression.at(&from, &tags), expression.between(&from, &to, &tags)), want, "{text}");
    }

    #[test]
    fn sums_shares_and_growth() {
        check("a", (Some(3.0), Some(4.0)));
        check("a{cpu=$core}", (Some(2.0), Some(3.0)));
        check("100*a{cpu=0} / b", (Some(10.0), Some(50.0)));
        check("b - a{cpu=0}", (Some(9.0), Some(1.0)));
        check("b - a{cpu=7}", (Some(10.0), Some(2.0)));
        check("b + a{cpu=7}", (None, None));
        check("a{cpu=$other}", (None, None));
        check("a / b{cpu=9}", (None, None));
        check("time", (Some(11.0), Some(0.0)));
    }

    #[test]
    fn what_cannot_be_understood_is_told() {
        for wrong in ["x*a", "a{cpu=0", "a{cpu}", "{cpu=0}"] {
            assert!(Expression::parse(wrong).is_err(), "{wrong}");
        }
        let joined = Expression::parse("100*a{mode=user,cpu=$core} / b").unwrap();
        assert_eq!(joined.joined_by(), Some(("a", "cpu", "core")));
    }
}
