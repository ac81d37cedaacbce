//! Reads every column of every block and every record of the log, and tells what is not as it was written.

use std::collections::HashMap;
use std::path::Path;

use app::model::{Metric, Tags};

use super::open_files::{OpenFiles, Opened, Unread};
use super::{CareError, Damage, Progress};
use crate::store::OpenError;
use crate::store::block::{Block, BlockError, Place, Source, Tier};
use crate::store::gaps::{self, Unreadable};
use crate::store::log::record::Record;
use crate::store::log::replay::{Tail, record_at, replay, whole_behind};

/// What was read and what was found.
#[derive(Debug, Default)]
pub struct Verified {
    /// Blocks and segments.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
    /// Points in them.
    pub points: u64,
    /// What is not as it was written.
    pub damage: Vec<Damage>,
    /// What is no damage, but good to know.
    pub notes: Vec<String>,
}

/// Reads everything that holds samples, whoever owns the folder.
///
/// # Errors
/// Where there is no store, where a file cannot be read, and where a later version wrote one.
pub fn verify(folder: &Path, progress: Progress<'_>) -> Result<Verified, CareError> {
    let files = OpenFiles::open(folder)?;
    let total = files.bytes();
    let mut verified = Verified { bytes: total, ..Verified::default() };
    let mut done = 0;
    for opened in &files.blocks {
        verified.block(&files, opened, &mut |inside| progress(done + inside.min(opened.len), total))?;
        done += opened.len;
    }
    for opened in &files.segments {
        verified.segment(&files, opened)?;
        done += opened.len;
        progress(done, total);
    }
    if let Some(opened) = &files.gaps {
        verified.files += 1;
        verified.damage.extend(damage_of_gaps(&files, opened)?);
        progress(done + opened.len, total);
    }
    Ok(verified)
}

/// What is wrong with the record of why samples are missing.
pub(super) fn damage_of_gaps(files: &OpenFiles, opened: &Opened) -> Result<Option<Damage>, OpenError> {
    let bytes = match opened.read() {
        Ok(bytes) => bytes,
        Err(Unread::Io(because) | Unread::Damaged(because)) => return Err(files.refused(&opened.path, because)),
    };
    let file = files.layout.told(&opened.path);
    match gaps::read(&bytes, |_| {}) {
        Ok(()) => Ok(None),
        Err(Unreadable::Newer(format)) => Err(OpenError::Newer { path: file, format }),
        Err(Unreadable::Damaged(because)) => Ok(Some(Damage { file, place: None, because })),
    }
}

impl Verified {
    fn block(&mut self, files: &OpenFiles, opened: &Opened, progress: &mut dyn FnMut(u64)) -> Result<(), OpenError> {
        self.files += 1;
        let told = files.layout.told(&opened.path);
        let file = opened.file.try_clone().map_err(|because| files.refused(&opened.path, because))?;
        let mut series: Vec<(Metric, Tags)> = Vec::new();
        let block = Block::open(Source::File(opened.path.clone(), file), |metric, tags, _| {
            series.push((metric.clone(), tags.clone()));
            u32::try_from(series.len() - 1).unwrap_or(u32::MAX)
        });
        let block = match block {
            Ok(block) => block,
            Err(BlockError::Newer(format)) => return Err(OpenError::Newer { path: told, format }),
            Err(error) => {
                self.damage.push(Damage { file: told, place: None, because: error.to_string() });
                return Ok(());
            }
        };
        if block.sequence() != opened.number {
            let because = format!("its name says that it is {}, and it is {}", opened.number, block.sequence());
            self.damage.push(Damage { file: told.clone(), place: None, because });
        }
        if block.tier() == Tier::Raw {
            self.points += block.points();
        }
        let (mut scratch, mut times, mut values) = (Vec::new(), Vec::new(), Vec::new());
        let (mut windows, mut spread) = (Vec::new(), Vec::new());
        for (number, (metric, tags)) in (0..).zip(&series) {
            for chunk in block.chunks(number) {
                times.clear();
                values.clear();
                windows.clear();
                spread.clear();
                let read = match block.tier() {
                    Tier::Raw => block.read(&chunk, &mut scratch, &mut times, &mut values),
                    Tier::Minute | Tier::Hour => block.read_windows(&chunk, &mut scratch, &mut windows),
                    Tier::MinuteSpread | Tier::HourSpread => block.read_spread(&chunk, &mut scratch, &mut spread),
                };
                times.extend(windows.iter().map(|(start, _)| *start).chain(spread.iter().map(|(start, _)| *start)));
                let covers =
                    times.first() == Some(&chunk.first.as_millis()) && times.last() == Some(&chunk.last.as_millis());
                let because = match read {
                    Ok(()) if covers => None,
                    Ok(()) => Some("its points are not of the time that the index tells".to_owned()),
                    Err(error) => Some(error.to_string()),
                };
                let end = |place: Place| place.at.saturating_add(u64::from(place.len));
                progress(end(chunk.body));
                if let Some(because) = because {
                    let place = format!(
                        "{} {tags:?}, times at bytes {} to {}, values at {} to {}, {} points",
                        metric.name,
                        chunk.times.at,
                        end(chunk.times),
                        chunk.body.at,
                        end(chunk.body),
                        chunk.count,
                    );
                    self.damage.push(Damage { file: told.clone(), place: Some(place), because });
                }
            }
        }
        Ok(())
    }

    fn segment(&mut self, files: &OpenFiles, opened: &Opened) -> Result<(), OpenError> {
        self.files += 1;
        let told = files.layout.told(&opened.path);
        let bytes = match opened.read() {
            Ok(bytes) => bytes,
            Err(Unread::Io(because)) => return Err(files.refused(&opened.path, because)),
            Err(Unread::Damaged(error)) => {
                self.damage.push(Damage {
                    file: told,
                    place: None,
                    because: format!("it is not what was packed: {error}"),
                });
                return Ok(());
            }
        };
        let mut slots: HashMap<u32, (Metric, Tags)> = HashMap::new();
        let (mut unknown, mut broken) = (0, 0);
        let replayed = replay(&bytes, opened.number, |record| match record {
            Record::Series { slot, metric, tags } => drop(slots.insert(slot, (metric, tags))),
            Record::Samples(samples) => {
                for sample in samples {
                    match sample {
                        Ok(sample) if slots.contains_key(&sample.slot) => self.points += 1,
                        Ok(_) => unknown += 1,
                        Err(_) => broken += 1,
                    }
                }
            }
            Record::Cut { .. } => {}
        });
        let mut damaged = |place: Option<String>, because: String| {
            self.damage.push(Damage { file: told.clone(), place, because });
        };
        let mut at = HEAD_OF_SEGMENT.min(replayed.whole);
        while at < replayed.whole {
            let Some((payload, next)) = record_at(&bytes, at) else { break };
            if payload.is_none_or(|payload| Record::read(payload).is_err()) {
                damaged(Some(format!("bytes {at} to {next}")), "a record is not what was written".to_owned());
            }
            at = next;
        }
        if unknown + broken > 0 {
            damaged(None, format!("{unknown} samples are of series that are not told, {broken} cannot be read"));
        }
        let (end, left) = (replayed.whole, bytes.len() - replayed.whole);
        match replayed.tail {
            Tail::Clean => {}
            Tail::Newer(format) => return Err(OpenError::Newer { path: told, format }),
            Tail::Foreign => damaged(None, "it does not begin as a segment does".to_owned()),
            Tail::Torn => match whole_behind(&bytes, end) {
                Some(next) => damaged(
                    Some(format!("bytes {end} to {next}")),
                    format!("a record is not what was written, and the {left} bytes from there on are out of reach"),
                ),
                None => self.notes.push(format!(
                    "{}: its last {left} bytes, from {end} on, are no whole record, as after a crash or while a server writes",
                    told.display()
                )),
            },
        }
        Ok(())
    }
}

/// Where the first record of a segment begins.
const HEAD_OF_SEGMENT: usize = 16;
