//! `telltale storage import`.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::PathBuf;

use clap::Args;
use flate2::bufread::MultiGzDecoder;

use super::format::{CSV_HEAD, of_csv, of_jsonl};
use super::place::{Place, is_ours};
use super::progress::Bar;
use crate::cli::{Failure, say};
use crate::config::Env;
use crate::data_folder::DataFolder;
use crate::store::care::Importer;
use crate::telemetry::complain;

/// No line of an export is longer.
const MOST_IN_A_LINE: u64 = 1 << 20;
/// So many bad lines are told one by one.
const MOST_TOLD: u64 = 20;
/// What gzip begins with.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Take in what `telltale storage export` wrote as JSON lines or CSV.
///
/// The server of the data folder has to be stopped. Points of any age are taken; one of a moment that has a point already
/// takes its place. Whether the file is compressed, and which of both it is, is seen from what is in it. A line that cannot
/// be understood is told with its number and left out; all others are taken.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  telltale storage import all.jsonl.gz --data-dir /var/lib/telltale
  zcat cpu.csv.gz | telltale storage import /dev/stdin

A line of JSON is
  {\"metric\":\"m\",\"unit\":\"bytes\",\"kind\":\"gauge\",\"tags\":{\"host\":\"a\"},\"timestamp\":1732424000.5,\"value\":1.5}
and CSV begins with the line
  metric,unit,kind,tags,timestamp,value
What is older than storage.retention_period goes when the server is started next.
Exit codes: 0 all lines were taken, 1 failed or some were not, 2 wrong usage or configuration.")]
pub(in crate::cli) struct Import {
    #[command(flatten)]
    place: Place,
    /// What to take in
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

impl Import {
    pub(super) fn execute(&self, env: Env<'_>) -> Result<(), Failure> {
        let unusable = |because| Failure::Unusable { file: self.file.clone(), because };
        let folder = self.place.folder(env)?;
        let file = File::open(&self.file).map_err(unusable)?;
        let total = file.metadata().map_err(unusable)?.len();
        let read = Cell::new(0);
        let mut counted = BufReader::new(Counted { inner: file, read: &read });
        let is_packed = counted.fill_buf().map_err(unusable)?.starts_with(&GZIP);
        let mut lines: Box<dyn BufRead + '_> =
            if is_packed { Box::new(BufReader::new(MultiGzDecoder::new(counted))) } else { Box::new(counted) };

        is_ours(&folder)?;
        let _owned = DataFolder::take(folder.clone())?;
        let mut bar = Bar::new("making ready");
        let (mut importer, notes) = Importer::open(folder.as_path(), &mut bar.follow())?;
        drop(bar);
        notes.iter().for_each(complain);
        let mut bar = Bar::new("importing");
        let (mut number, mut taken, mut bad) = (0, 0_u64, 0);
        let mut line = Vec::new();
        let mut is_csv = false;
        let ended = loop {
            match next_line(&mut *lines, &mut line) {
                Ok(true) => number += 1,
                Ok(false) => break Ok(()),
                Err(because) => break Err(unusable(because)),
            }
            let text = str::from_utf8(&line).map(|text| text.trim_end_matches(['\n', '\r']));
            if number == 1 && text == Ok(CSV_HEAD) {
                is_csv = true;
            } else if text != Ok("") {
                let of_line = if is_csv { of_csv } else { of_jsonl };
                match text.map_err(|_| "it is no text in UTF-8".to_owned()).and_then(of_line) {
                    Ok((metric, tags, point)) => {
                        importer.push(metric, tags, point)?;
                        taken += 1;
                    }
                    Err(because) => {
                        bad += 1;
                        if bad <= MOST_TOLD {
                            bar.clear();
                            complain(&format!("line {number} is not taken: {because}"));
                        }
                    }
                }
            }
            bar.at(read.get(), total);
        };
        drop(bar);
        // What was read before a file turned out to be cut off counts too.
        let mut bar = Bar::new("finishing");
        importer.finish(&mut bar.follow())?;
        drop(bar);
        say(&format!("{taken} points were taken"))?;
        ended?;
        if bad == 0 { Ok(()) } else { Err(Failure::Found(format!("{bad} of {number} lines were not taken"))) }
    }
}

/// The next line; of one that is too long only the beginning, which no format takes.
fn next_line(lines: &mut dyn BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    lines.take(MOST_IN_A_LINE).read_until(b'\n', line)?;
    if line.len() as u64 == MOST_IN_A_LINE && !line.ends_with(b"\n") {
        lines.skip_until(b'\n')?;
    }
    Ok(!line.is_empty())
}

/// Counts what is read.
struct Counted<'a> {
    inner: File,
    read: &'a Cell<u64>,
}

impl Read for Counted<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let len = self.inner.read(out)?;
        self.read.set(self.read.get() + len as u64);
        Ok(len)
    }
}
