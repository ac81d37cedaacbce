//! `telltale storage export`.

use std::fs::File;
use std::io::{self, BufWriter, ErrorKind, Write, stdout};
use std::path::{Path, PathBuf};

use clap::Args;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::format::{Format, Writer};
use super::place::Place;
use super::progress::Bar;
use crate::cli::Failure;
use crate::clock::{Clock, SystemClock};
use crate::config::Env;
use crate::model::{Tags, Timestamp};
use crate::store::care::{View, write_whole};
use crate::store::{Matcher, Selection, StoreError};
use crate::telemetry::complain;
use crate::web::parse_time;

/// Write what is kept in a form that other programs read.
///
/// Only reads, beside a running server too. Series come one after the other, each ascending by time; a point is a line.
/// JSON lines and CSV come back by `telltale storage import`, to the last bit of each value.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  telltale storage export --format jsonl --output all.jsonl.gz
  telltale storage export --format csv --metric cpu_usage_percent --match host=web-1 --start now-1d
  telltale storage export --format jsonl --match 'host=~web-.*' --match 'mountpoint!=/boot'
  telltale storage export --format prometheus --start 2026-11-01T00:00:00Z --end 2026-12-01T00:00:00Z --output november.txt

Exit codes: 0 written, 1 it could not be, or something is damaged and left out, 2 wrong usage or configuration.")]
pub(in crate::cli) struct Export {
    #[command(flatten)]
    place: Place,
    /// What to write
    #[arg(long, value_enum)]
    format: Format,
    /// Only this metric; may be given again
    #[arg(long, value_name = "NAME")]
    metric: Vec<String>,
    /// Only series with this tag; `!=`, `=~` and `!~` instead of `=` for what it is not, and for regular expressions. It may be
    /// given again, and all of them have to match
    #[arg(long = "match", value_name = "TAG=VALUE")]
    matches: Vec<Matcher>,
    /// Nothing before: Unix seconds, RFC 3339, or such as now-1h
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    start: Option<String>,
    /// Nothing after
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    end: Option<String>,
    /// Into this file, compressed where its name ends in .gz; without it, to standard output
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Why an export ended early.
#[derive(Debug)]
enum Ended {
    Store(StoreError),
    Output(io::Error),
}

impl From<StoreError> for Ended {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Export {
    pub(super) fn execute(&self, env: Env<'_>) -> Result<(), Failure> {
        let now = SystemClock.now();
        let start = moment(self.start.as_deref(), now, "--start")?.unwrap_or(Timestamp::MIN);
        let end = moment(self.end.as_deref(), now, "--end")?.unwrap_or(Timestamp::MAX);
        let folder = self.place.folder(env)?;
        let view = View::open(folder.as_path())?;
        let known: Vec<String> = view.metrics().into_iter().map(|info| info.metric.name.into_owned()).collect();
        if let Some(unknown) = self.metric.iter().find(|name| !known.contains(name)) {
            return Err(Failure::Found(StoreError::UnknownMetric(unknown.clone()).to_string()));
        }
        let wanted = known.into_iter().filter(|name| self.metric.is_empty() || self.metric.contains(name));
        let what = |metric| Selection { metric, tags: Tags::default(), matchers: self.matches.clone(), start, end };
        let selections: Vec<_> = wanted.map(what).collect();
        self.write(&view, &selections)?;
        let damage = view.damage();
        damage.iter().for_each(|damage| complain(&format!("left out: {damage}")));
        if damage.is_empty() { Ok(()) } else { Err(Failure::Found("not all of it can be read".to_owned())) }
    }

    fn write(&self, view: &View, selections: &[Selection]) -> Result<(), Failure> {
        let all = |out: &mut dyn Write| write_all(view, selections, self.format, out);
        let Some(path) = &self.output else {
            return match all(&mut BufWriter::new(stdout().lock())) {
                Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::Output(error)),
                _ => Ok(()),
            };
        };
        let packed = |out: &mut dyn Write| {
            if path.extension().is_none_or(|extension| extension != "gz") {
                return all(out);
            }
            let mut packed = GzEncoder::new(out, Compression::default());
            all(&mut packed)?;
            packed.finish().map(drop)
        };
        let written = if is_special(path) {
            File::options().write(true).open(path).and_then(|file| {
                let mut out = BufWriter::new(file);
                packed(&mut out)?;
                out.flush()
            })
        } else {
            write_whole(path, packed)
        };
        written.map_err(|because| Failure::Unusable { file: path.clone(), because })
    }
}

/// A pipe or a device, which nothing can be put in the place of.
fn is_special(path: &Path) -> bool {
    path.metadata().is_ok_and(|found| !found.is_file())
}

fn write_all(view: &View, selections: &[Selection], format: Format, out: &mut dyn Write) -> io::Result<()> {
    let mut writer = Writer::new(out, format)?;
    let mut bar = Bar::new("exporting");
    let total = selections.len() as u64;
    for (at, selection) in (0..).zip(selections) {
        bar.at(at, total);
        let read =
            view.read(selection, |metric, tags, points| writer.write(metric, tags, points).map_err(Ended::Output));
        match read {
            Ok(()) => {}
            Err(Ended::Output(error)) => return Err(error),
            Err(Ended::Store(error)) => return Err(io::Error::other(error)),
        }
    }
    writer.into_inner().flush()
}

fn moment(text: Option<&str>, now: Timestamp, option: &str) -> Result<Option<Timestamp>, Failure> {
    let Some(text) = text else { return Ok(None) };
    let wrong = |_| format!("{option} {text} is no time: give Unix seconds, RFC 3339, or such as now-1h");
    parse_time(text, now).map(Some).map_err(wrong).map_err(Failure::Asked)
}
