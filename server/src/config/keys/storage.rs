//! `storage`: where it is kept, and how long.

use std::time::Duration;

use super::DAY;
use crate::config::expand::Env;
use crate::config::read::{Free, Number, OneOf, Seconds, Section, Whole, choice};
use crate::secret::Text;

/// `storage`.
#[derive(Debug)]
pub struct Storage {
    /// Where.
    pub kind: StorageType,
    /// The folder; none where nobody says and the environment has no home for it.
    pub path: Option<Text>,
    /// How much may be lost by a crash.
    pub flush_interval: Duration,
    /// How long.
    pub retention_policy: RetentionPolicy,
    /// What is packed.
    pub compression: Compression,
}

/// Where samples are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StorageType {
    /// In a folder.
    Disk,
    /// Nowhere but in memory.
    Memory,
}

choice!(StorageType { "disk" => Disk, "memory" => Memory });

/// `storage.retention_policy`.
#[derive(Debug)]
pub struct RetentionPolicy {
    /// How old raw points may get; see `Config::raw_retention`.
    pub raw_data: Option<Duration>,
    /// How old may get what minutes came to; see `Config::minutes_retention`.
    pub aggregated_data: Option<Duration>,
    /// How old may get what hours came to; see `Config::hours_retention`.
    pub hourly_data: Option<Duration>,
    /// How much room all of it may take.
    pub max_bytes: Option<u64>,
    /// How old alerts may get.
    pub alert_history: Duration,
}

/// `storage.compression`: of logs, exports and backups.
#[derive(Debug)]
pub struct Compression {
    /// Whether.
    pub enabled: bool,
    /// How.
    pub algorithm: Algorithm,
    /// From which size on.
    pub threshold_bytes: u64,
}

/// How files are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// As everywhere.
    Gzip,
}

choice!(Algorithm { "gzip" => Gzip });

/// Less would hold hardly a day.
const SMALLEST: u64 = 16 << 20;
const HOUR: f64 = 3600.0;
const YEARS_100_IN_DAYS: f64 = 36_525.0;

impl Storage {
    pub(super) fn read(s: &mut Section<'_>) -> Self {
        let kind = s.or("type", &OneOf::NEW, StorageType::Disk, "disk, or memory, which writes nothing to disk.");
        let path = s.maybe(
            "path",
            &Free,
            "/var/lib/telltale",
            "The folder. $XDG_DATA_HOME/telltale or ~/.local/share/telltale, unless set.",
        );
        Self {
            kind,
            path: path.or_else(|| default_path(s.at().cx.env)),
            flush_interval: s.or(
                "flush_interval",
                &Seconds(0.0..=HOUR),
                Duration::from_secs(1),
                "Seconds of samples that a crash may cost at the most. 0: none, and whoever hands samples over waits for the disk.",
            ),
            retention_policy: s.section("retention_policy", "How long.", RetentionPolicy::read),
            compression: s.section("compression", "Packing of rotated logs, exports and backups.", Compression::read),
        }
    }
}

/// The user's folder for data. What lies there is no secret, although the environment says where it is.
fn default_path(env: Env<'_>) -> Option<Text> {
    // As the specification of these folders asks: a path that is not absolute is not taken.
    let folder = |name: &str| env(name).filter(|path| path.starts_with('/'));
    let data = folder("XDG_DATA_HOME").or_else(|| folder("HOME").map(|home| format!("{home}/.local/share")));
    data.map(|data| Text::open(format!("{}/telltale", data.trim_end_matches('/'))))
}

impl RetentionPolicy {
    fn read(s: &mut Section<'_>) -> Self {
        let days = |days: f64| Duration::try_from_secs_f64(days * DAY).unwrap_or(Duration::MAX);
        let bounds = Number(0.01..=YEARS_100_IN_DAYS);
        let hours = Number(0.01..=24.0 * YEARS_100_IN_DAYS);
        Self {
            raw_data: s
                .maybe(
                    "raw_data_hours",
                    &hours,
                    24,
                    "Hours of raw points; the tighter of this and retention_period counts.",
                )
                .and_then(|hours| Duration::try_from_secs_f64(hours * HOUR).ok()),
            aggregated_data: s
                .maybe(
                    "aggregated_data_days",
                    &bounds,
                    30,
                    "Days of what each minute came to, and each hour where hourly_data_days is not set.",
                )
                .map(days),
            hourly_data: s
                .maybe(
                    "hourly_data_days",
                    &bounds,
                    730,
                    "Days of what each hour came to; no fewer than those of minutes.",
                )
                .map(days),
            max_bytes: s.maybe(
                "max_bytes",
                &Whole(SMALLEST..=1_u64 << 50),
                10_u64 << 30,
                "Bytes of all that is kept: what takes most goes day by day, the oldest first. The current day stays.",
            ),
            alert_history: days(s.or("alert_history_days", &bounds, 30.0, "Days of past alerts.")),
        }
    }
}

impl Compression {
    fn read(s: &mut Section<'_>) -> Self {
        Self {
            enabled: s.switch(false, "Whether files are packed. What is stored always is, in its own way."),
            algorithm: s.or("algorithm", &OneOf::NEW, Algorithm::Gzip, "How."),
            threshold_bytes: s.or("threshold_bytes", &Whole(0..=1_u64 << 40), 1 << 20, "From which size on."),
        }
    }
}
