//! How points are written in files for others, and read again: a point a line.
//!
//! Invariant: of JSON lines and CSV what is read is what was written, to the last bit of each value.

use std::borrow::Cow;
use std::io::{self, Write};

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use crate::model::{Kind, Metric, Point, Tags, Timestamp, Unit};

/// The first line of CSV.
pub(super) const CSV_HEAD: &str = "metric,unit,kind,tags,timestamp,value";

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// Prometheus' text format, with times in milliseconds
    Prometheus,
    /// A line a point, tags as JSON
    Csv,
    /// A JSON object a line
    Jsonl,
}

/// One point as it is written.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'a> {
    #[serde(borrow)]
    metric: Cow<'a, str>,
    #[serde(borrow)]
    unit: Cow<'a, str>,
    kind: Kind,
    tags: Tags,
    timestamp: Timestamp,
    value: f64,
}

/// Writes points of one series after the other.
#[derive(Debug)]
pub(super) struct Writer<W> {
    out: W,
    format: Format,
    /// The metric that was announced last, where a format does that.
    announced: Option<String>,
}

impl<W: Write> Writer<W> {
    pub(super) fn new(mut out: W, format: Format) -> io::Result<Self> {
        if format == Format::Csv {
            writeln!(out, "{CSV_HEAD}")?;
        }
        Ok(Self { out, format, announced: None })
    }

    pub(super) fn write(&mut self, metric: &Metric, tags: &Tags, points: &[Point]) -> io::Result<()> {
        match self.format {
            Format::Jsonl => self.jsonl(metric, tags, points),
            Format::Csv => self.csv(metric, tags, points),
            Format::Prometheus => self.prometheus(metric, tags, points),
        }
    }

    fn jsonl(&mut self, metric: &Metric, tags: &Tags, points: &[Point]) -> io::Result<()> {
        let mut line = Line {
            metric: Cow::Borrowed(&metric.name),
            unit: Cow::Borrowed(metric.unit.as_str()),
            kind: metric.kind,
            tags: tags.clone(),
            timestamp: Timestamp::default(),
            value: 0.0,
        };
        for point in points {
            (line.timestamp, line.value) = (point.time, point.value);
            serde_json::to_writer(&mut self.out, &line)?;
            self.out.write_all(b"\n")?;
        }
        Ok(())
    }

    fn csv(&mut self, metric: &Metric, tags: &Tags, points: &[Point]) -> io::Result<()> {
        if [&metric.name, metric.unit.as_str()].iter().any(|text| text.contains(['\n', '\r'])) {
            let says =
                format!("the name or unit of {:?} has a line break, which csv cannot have: take jsonl", metric.name);
            return Err(io::Error::other(says));
        }
        let tags = serde_json::to_string(tags)?;
        let series = [&metric.name, metric.unit.as_str(), kind(metric.kind), &tags].map(quoted).join(",");
        for point in points {
            writeln!(self.out, "{series},{:?},{:?}", point.time.as_secs_f64(), point.value)?;
        }
        Ok(())
    }

    fn prometheus(&mut self, metric: &Metric, tags: &Tags, points: &[Point]) -> io::Result<()> {
        let name = conforming(&metric.name, true);
        if self.announced.as_deref() != Some(&name) {
            writeln!(self.out, "# TYPE {name} {}", kind(metric.kind))?;
            self.announced = Some(name.clone());
        }
        let label = |(name, value): (&str, &str)| {
            let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            format!("{}=\"{value}\"", conforming(name, false))
        };
        let labels = tags.iter().map(label).collect::<Vec<_>>().join(",");
        let series = if labels.is_empty() { name } else { format!("{name}{{{labels}}}") };
        for point in points {
            writeln!(self.out, "{series} {:?} {}", point.value, point.time.as_millis())?;
        }
        Ok(())
    }

    /// All of it, to whoever is to have the rest.
    pub(super) fn into_inner(self) -> W {
        self.out
    }
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Gauge => "gauge",
        Kind::Counter => "counter",
    }
}

/// What Prometheus has no place for in a name becomes `_`.
fn conforming(name: &str, colons: bool) -> String {
    let fine = |(at, c): (usize, char)| {
        c.is_ascii_alphabetic() || c == '_' || (colons && c == ':') || (at > 0 && c.is_ascii_digit())
    };
    name.chars().enumerate().map(|(at, c)| if fine((at, c)) { c } else { '_' }).collect()
}

fn quoted(field: &str) -> Cow<'_, str> {
    if field.contains(['"', ',']) { format!("\"{}\"", field.replace('"', "\"\"")).into() } else { field.into() }
}

/// Reads a line of JSON. The error is the end of a sentence.
pub(super) fn of_jsonl(line: &str) -> Result<(Metric, Tags, Point), String> {
    let read: Line<'_> = serde_json::from_str(line).map_err(|error| error.to_string())?;
    let metric = metric(read.metric.into_owned(), read.unit.into_owned(), read.kind)?;
    Ok((metric, read.tags, finite(Point::new(read.timestamp, read.value))?))
}

/// Reads a line of CSV. The error is the end of a sentence.
pub(super) fn of_csv(line: &str) -> Result<(Metric, Tags, Point), String> {
    let fields = fields(line)?;
    let [name, unit, kind, tags, time, value] = fields.as_slice() else {
        return Err(format!("it has {} fields, not the six of `{CSV_HEAD}`", fields.len()));
    };
    let kind = match &**kind {
        "gauge" => Kind::Gauge,
        "counter" => Kind::Counter,
        other => return Err(format!("kind is `{other}`, neither gauge nor counter")),
    };
    let tags = serde_json::from_str(tags).map_err(|error| format!("tags: {error}"))?;
    let number = |what: &str, text: &str| text.parse::<f64>().map_err(|_| format!("{what} `{text}` is no number"));
    let time = number("timestamp", time)?;
    if !time.is_finite() {
        return Err("timestamp is no moment".to_owned());
    }
    let point = Point::new(Timestamp::from_secs_f64(time), number("value", value)?);
    Ok((metric(name.clone(), unit.clone(), kind)?, tags, finite(point)?))
}

fn metric(name: String, unit: String, kind: Kind) -> Result<Metric, String> {
    let metric = Metric { name: name.into(), unit: Unit::new(unit), kind };
    if metric.name.is_empty() { Err("the metric has no name".to_owned()) } else { Ok(metric) }
}

fn finite(point: Point) -> Result<Point, String> {
    if point.value.is_finite() { Ok(point) } else { Err("value is no finite number".to_owned()) }
}

/// The fields of a line, without their quotes.
fn fields(line: &str) -> Result<Vec<String>, String> {
    let (mut fields, mut rest) = (Vec::new(), line);
    loop {
        let (field, behind) = match rest.strip_prefix('"') {
            Some(inside) => unquoted(inside)?,
            None => {
                let end = rest.find(',').unwrap_or(rest.len());
                let (field, behind) = rest.split_at(end);
                (field.to_owned(), behind)
            }
        };
        fields.push(field);
        match behind.strip_prefix(',') {
            Some(next) => rest = next,
            None if behind.is_empty() => return Ok(fields),
            None => return Err("something stands behind a closing quote".to_owned()),
        }
    }
}

/// Up to the closing quote; two quotes are one that is meant.
fn unquoted(inside: &str) -> Result<(String, &str), String> {
    let (mut field, mut rest) = (String::new(), inside);
    loop {
        let (before, behind) = rest.split_once('"').ok_or("a quote is not closed")?;
        field.push_str(before);
        match behind.strip_prefix('"') {
            Some(next) => {
                field.push('"');
                rest = next;
            }
            None => return Ok((field, behind)),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(format: Format, metric: &Metric, tags: &Tags, points: &[Point]) -> String {
        let mut writer = Writer::new(Vec::new(), format).unwrap();
        writer.write(metric, tags, points).unwrap();
        String::from_utf8(writer.into_inner()).unwrap()
    }

    proptest! {
        #[test]
        fn what_is_read_is_what_was_written(
            name in "[^\r\n]{1,12}",
            unit in "[^\r\n]{0,5}",
            counter in any::<bool>(),
            tags in prop::collection::vec((".{0,6}", ".{0,9}"), 0..4),
            time in -62_135_596_800_000_i64..253_402_300_799_999,
            value in any::<f64>().prop_filter("finite", |value| value.is_finite()),
        ) {
            let kind = if counter { Kind::Counter } else { Kind::Gauge };
            let metric = Metric { name: name.into(), unit: Unit::new(unit), kind };
            let (tags, point) = (Tags::new(tags), Point::new(Timestamp::from_millis(time), value));
            let jsonl = written(Format::Jsonl, &metric, &tags, &[point]);
            let csv = written(Format::Csv, &metric, &tags, &[point]);
            let line = csv.strip_prefix(CSV_HEAD).unwrap().trim_matches('\n');
            for (m, t, p) in [of_jsonl(jsonl.trim_end_matches('\n')).unwrap(), of_csv(line).unwrap()] {
                prop_assert_eq!((&m, &t, p.time), (&metric, &tags, point.time));
                prop_assert_eq!(p.value.to_bits(), value.to_bits());
            }
        }

        #[test]
        fn no_line_makes_it_panic(line in ".*") {
            drop((of_csv(&line), of_jsonl(&line)));
        }
    }

    #[test]
    fn prometheus_has_its_own_names_and_escapes() {
        let metric = Metric::counter("http.requests", Unit::COUNT);
        let tags = Tags::new([("path", "a\"b\\c\n"), ("9x", "1")]);
        let points = [Point::new(Timestamp::from_millis(1500), 2.0), Point::new(Timestamp::from_millis(2500), 1e21)];
        let want = "# TYPE http_requests counter
http_requests{_x=\"1\",path=\"a\\\"b\\\\c\\n\"} 2.0 1500
http_requests{_x=\"1\",path=\"a\\\"b\\\\c\\n\"} 1e21 2500
";
        assert_eq!(written(Format::Prometheus, &metric, &tags, &points), want);
    }

    #[test]
    fn what_is_wrong_with_a_line_is_told() {
        let check = |line: &str, says: &str| {
            let said = of_csv(line).map(|_| ()).unwrap_err();
            assert!(said.contains(says), "{line}: {said}");
        };
        check("a,b,gauge,{},1", "it has 5 fields");
        check("a,b,meter,{},1,2", "neither gauge nor counter");
        check("a,b,gauge,x,1,2", "tags");
        check("a,b,gauge,{},soon,2", "timestamp `soon`");
        check("a,b,gauge,{},inf,2", "timestamp is no moment");
        check(",b,gauge,{},1,2", "no name");
        check("a,b,gauge,{},1,NaN", "no finite number");
        check("\"a,b,gauge,{},1,2", "not closed");
        check("\"a\"b,gauge,{},1,2", "behind a closing quote");
        assert!(of_jsonl("{\"metric\": \"a\"}").unwrap_err().contains("unit"));
    }
}
