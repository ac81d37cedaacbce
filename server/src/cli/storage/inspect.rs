//! `telltale storage inspect`.

use clap::Args;
use jiff::Timestamp as Moment;
use serde_json::json;

use super::place::{Place, failed};
use super::progress::Bar;
use crate::cli::table::table;
use crate::cli::{Failure, say};
use crate::config::Env;
use crate::model::Timestamp;
use crate::store::care::{Contents, View};

/// See how much is kept, and in what.
///
/// Only reads, beside a running server too: files of each tier and what they hold, the log, and files that were found
/// damaged. Columns are not read; that is what `telltale storage verify` does.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  telltale storage inspect
  telltale storage inspect --data-dir /var/lib/telltale
  telltale storage inspect --json | jq .bytes

Exit codes: 0 told, 1 it cannot be read, 2 wrong usage or configuration.")]
pub(in crate::cli) struct Inspect {
    #[command(flatten)]
    place: Place,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Inspect {
    pub(super) fn execute(&self, env: Env<'_>) -> Result<(), Failure> {
        let folder = self.place.folder(env)?;
        let mut bar = Bar::new("reading");
        let view = View::open(folder.as_path(), &mut bar.follow()).map_err(|error| failed(&folder, error))?;
        let contents = view.contents();
        drop(bar);
        if self.json {
            let mut told = json!(contents);
            if let Some(object) = told.as_object_mut() {
                object.insert("folder".to_owned(), folder.to_string().into());
            }
            return say(&format!("{told:#}"));
        }
        for line in lines(&folder.to_string(), &contents) {
            say(&line)?;
        }
        Ok(())
    }
}

fn lines(folder: &str, contents: &Contents) -> Vec<String> {
    let pair = |name: &str, value: String| vec![name.to_owned(), value];
    let mut rows = vec![
        pair("folder", folder.to_owned()),
        pair("series", format!("{} of {} metrics", contents.series, contents.metrics)),
        pair("points", contents.points.to_string()),
        pair("bytes", contents.bytes.to_string()),
    ];
    if let (Some(first), Some(last)) = (contents.first, contents.last) {
        rows.push(pair("blocks", format!("from {} to {}", moment(first), moment(last))));
    }
    let mut lines = table(&rows);
    lines.push(String::new());
    let head = ["", "files", "days", "points", "bytes", "bytes a point"].map(str::to_owned).to_vec();
    let mut rows = vec![head];
    rows.extend(contents.tiers.iter().map(|tier| {
        vec![
            tier.tier.to_owned(),
            tier.files.to_string(),
            tier.days.to_string(),
            tier.points.to_string(),
            tier.bytes.to_string(),
            format!("{:.2}", tier.bytes_a_point),
        ]
    }));
    let log = &contents.log;
    let (segments, points, bytes) = (log.segments.to_string(), log.points.to_string(), log.bytes.to_string());
    rows.push(vec!["log".to_owned(), segments, String::new(), points, bytes]);
    lines.extend(table(&rows));
    if !contents.damaged.is_empty() {
        lines.push(String::new());
        lines.extend(contents.damaged.iter().map(|file| format!("damaged: {file}")));
    }
    lines
}

fn moment(time: Timestamp) -> String {
    Moment::from_millisecond(time.as_millis())
        .map_or_else(|_| format!("{} ms", time.as_millis()), |time| time.to_string())
}
