//! `telltale storage export`.

use std::fs::File;
use std::io::{self, BufWriter, ErrorKind, IsTerminal, Write, stdout};
use std::path::{Path, PathBuf};

use clap::Args;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::format::{Format, Writer};
use super::place::{Place, failed};
use super::progress::Bar;
use crate::cli::{Failure, say};
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

Where --config has storage.compression.enabled, what comes to threshold_bytes and more is written to FILE.gz instead.
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
    /// Into this file, packed by gzip where its name ends in .gz; without it, to standard output
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
        let mut bar = Bar::new("reading");
        let view = View::open(folder.as_path(), &mut bar.follow()).map_err(|error| failed(&folder, error))?;
        drop(bar);
        let known: Vec<String> = view.metrics().into_iter().map(|info| info.metric.name.into_owned()).collect();
        if let Some(unknown) = self.metric.iter().find(|name| !known.contains(name)) {
            return Err(Failure::Found(StoreError::UnknownMetric(unknown.clone()).to_string()));
        }
        let wanted = known.into_iter().filter(|name| self.metric.is_empty() || self.metric.contains(name));
        let what = |metric| Selection { metric, tags: Tags::default(), matchers: self.matches.clone(), start, end };
        let selections: Vec<_> = wanted.map(what).collect();
        let pack_from = self.place.pack_from(env)?;
        self.write(&view, &selections, pack_from)?;
        let damage = view.damage();
        damage.iter().for_each(|damage| complain(&format!("left out: {damage}")));
        if damage.is_empty() { Ok(()) } else { Err(Failure::Found("not all of it can be read".to_owned())) }
    }

    /// None where points go to the same terminal.
    fn bar(&self, says: &'static str) -> Bar {
        if self.output.is_none() && stdout().is_terminal() { Bar::hidden(says) } else { Bar::new(says) }
    }

    fn write(&self, view: &View, selections: &[Selection], pack_from: Option<u64>) -> Result<(), Failure> {
        let all = |out: &mut dyn Write| write_all(view, selections, self.format, out, &mut self.bar("exporting"));
        let Some(path) = &self.output else {
            return match all(&mut BufWriter::new(stdout().lock())) {
                Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::Output(error)),
                _ => Ok(()),
            };
        };
        let unusable = |because| Failure::Unusable { file: path.clone(), because };
        // What a link leads to is written, and the link stays: it may be `/dev/stdout`.
        let is_special = is_special(path);
        let by_name = path.extension().is_some_and(|extension| extension == "gz");
        let mut path =
            if path.is_symlink() && !is_special { path.canonicalize().map_err(unusable)? } else { path.clone() };
        let mut is_packed = by_name;
        if let Some(least) = pack_from
            && !is_packed
            && !is_special
            && reaches(least, |out| write_all(view, selections, self.format, out, &mut Bar::new("measuring")))
                .map_err(|because| Failure::Unusable { file: path.clone(), because })?
        {
            path.as_mut_os_string().push(".gz");
            is_packed = true;
        }
        let packed = |out: &mut dyn Write| {
            if !is_packed {
                return all(out);
            }
            let mut packed = GzEncoder::new(out, Compression::default());
            all(&mut packed)?;
            packed.finish().map(drop)
        };
        let written = if is_special {
            File::options().write(true).open(&path).and_then(|file| {
                let mut out = BufWriter::new(file);
                packed(&mut out)?;
                out.flush()
            })
        } else {
            write_whole(&path, packed)
        };
        written.map_err(|because| Failure::Unusable { file: path.clone(), because })?;
        if is_packed && !by_name {
            say(&format!("packed, as storage.compression says: {}", path.display()))?;
        }
        Ok(())
    }
}

/// Whether what is written comes to so many bytes. Once it does, nothing more is written.
fn reaches(least: u64, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<bool> {
    let mut counter = Counter { left: least };
    let written = write(&mut counter);
    if counter.left == 0 { Ok(true) } else { written.map(|()| false) }
}

struct Counter {
    left: u64,
}

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.left = self.left.saturating_sub(bytes.len() as u64);
        if self.left == 0 { Err(io::Error::other("it is enough")) } else { Ok(bytes.len()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A pipe or a device, which nothing can be put in the place of.
fn is_special(path: &Path) -> bool {
    path.metadata().is_ok_and(|found| !found.is_file())
}

fn write_all(
    view: &View,
    selections: &[Selection],
    format: Format,
    out: &mut dyn Write,
    bar: &mut Bar,
) -> io::Result<()> {
    let mut writer = Writer::new(out, format)?;
    let total = selections.iter().map(|selection| view.weigh(selection)).sum::<Result<u64, _>>();
    let (mut done, total) = (0, total.map_err(io::Error::other)?);
    for selection in selections {
        let read = view.read(selection, |metric, tags, points| {
            done += points.len() as u64;
            bar.at(done, total);
            writer.write(metric, tags, points).map_err(Ended::Output)
        });
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
