//! Temperatures and fans, from what the kernel's drivers show below `/sys/class`.
//!
//! Invariant: a sensor that cannot be read hurts none of the others. Chips answer with an error while they
//! sleep, and go with the device they sit in.
//! May not know: which of them matter; a machine has some dozens at most.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use app::model::{Metric, Sample, Tags, Timestamp, Unit};

use super::{CollectError, Collector};

static TEMPERATURE: Metric = Metric::gauge("temperature_celsius", Unit::CELSIUS);
/// Where the chip or its driver says that it becomes too hot.
static CRITICAL: Metric = Metric::gauge("temperature_critical_celsius", Unit::CELSIUS);
static FAN: Metric = Metric::gauge("fan_speed_rpm", Unit::RPM);

/// What no sensor measures is a broken one: from −100 to 1000 °C.
const SENSE: std::ops::RangeInclusive<f64> = -100.0..=1000.0;

/// A chip without a driver's care may have a hundred inputs; more than these are not looked at.
const MOST_INPUTS: usize = 256;

/// The `sensors` collector.
#[derive(Debug)]
pub struct Sensors {
    class: PathBuf,
}

impl Sensors {
    /// `class` is `/sys/class`; a machine without sensors, as most virtual ones are, has no samples.
    #[must_use]
    pub fn new(class: impl Into<PathBuf>) -> Self {
        Self { class: class.into() }
    }
}

impl Collector for Sensors {
    fn name(&self) -> &'static str {
        "sensors"
    }

    /// Devices are looked for at every reading: they come and go, and it is done every ten seconds alone.
    fn collect(&mut self, _now: Timestamp, out: &mut Vec<Sample>) -> Result<(), CollectError> {
        let mut names = Names::default();
        CollectError::join([
            each(&self.class.join("hwmon"), |device| chip(device, &mut names, out)),
            each(&self.class.join("thermal"), |device| zone(device, &mut names, out)),
        ])
    }
}

/// Each device of a class, in the order of their names, which is the order in which they were found.
fn each(folder: &Path, mut read: impl FnMut(&Path)) -> Result<(), CollectError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(e) => return Err(CollectError::read(folder.display().to_string(), e)),
    };
    let mut devices: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    devices.sort_by_key(|path| number_in(path));
    devices.iter().for_each(|device| read(device));
    Ok(())
}

/// A chip of hwmon: `tempN_input` in thousandths of a degree, `fanN_input` in turns a minute, and beside
/// each `tempN_label`, `tempN_crit`. Described in the kernel's Documentation/hwmon/sysfs-interface.rst.
fn chip(device: &Path, names: &mut Names, out: &mut Vec<Sample>) {
    // Drivers of old kernels put their files one level below.
    let below = device.join("device");
    let folder = if device.join("name").exists() { device } else { below.as_path() };
    let Some(chip) = text(&folder.join("name")) else { return };
    let chip = names.unique(&chip);
    let Ok(entries) = fs::read_dir(folder) else { return };
    let files = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut inputs: Vec<String> = files.filter_map(|file| Some(file.strip_suffix("_input")?.to_owned())).collect();
    inputs.sort();
    for input in inputs.iter().take(MOST_INPUTS) {
        let file = |what: &str| folder.join(format!("{input}_{what}"));
        let Some(value) = number(&file("input")) else { continue };
        let label = text(&file("label")).unwrap_or_else(|| input.clone());
        let tags = Tags::new([("chip", chip.as_str()), ("sensor", label.as_str())]);
        // The same label twice is the same series twice; the input's own name is never given twice.
        let tags = if out.iter().any(|s| s.tags == tags) { tags.with([("sensor", input.as_str())]) } else { tags };
        if input.starts_with("temp") {
            temperature(&tags, value, number(&file("crit")), out);
        } else if input.starts_with("fan") && value >= 0.0 {
            out.push(FAN.sample(tags, value));
        }
    }
}

/// A thermal zone, where no chip tells the same: on boards that have zones alone.
fn zone(device: &Path, names: &mut Names, out: &mut Vec<Sample>) {
    let is_zone = device.file_name().is_some_and(|name| name.to_string_lossy().starts_with("thermal_zone"));
    // The kernel shows a zone as a chip of its type as well, with `-` as `_`.
    let Some(kind) = text(&device.join("type")).filter(|_| is_zone) else { return };
    if names.has(&kind) || names.has(&kind.replace('-', "_")) {
        return;
    }
    let Some(value) = number(&device.join("temp")) else { return };
    let tags = Tags::new([("chip", names.unique_zone(&kind).as_str()), ("sensor", "zone")]);
    temperature(&tags, value, None, out);
}

fn temperature(tags: &Tags, thousandths: f64, critical: Option<f64>, out: &mut Vec<Sample>) {
    let values = [(&TEMPERATURE, Some(thousandths)), (&CRITICAL, critical)];
    let values = values.into_iter().filter_map(|(metric, value)| Some((metric, value? / 1000.0)));
    out.extend(values.filter(|(_, v)| SENSE.contains(v)).map(|(metric, v)| metric.sample(tags.clone(), v)));
}

/// Two chips of one kind, such as two disks, have one name; the second becomes `nvme-2`.
#[derive(Debug, Default)]
struct Names {
    chips: BTreeMap<String, u32>,
    zones: BTreeMap<String, u32>,
}

impl Names {
    fn has(&self, chip: &str) -> bool {
        self.chips.contains_key(chip)
    }

    fn unique(&mut self, chip: &str) -> String {
        numbered(&mut self.chips, chip)
    }

    fn unique_zone(&mut self, kind: &str) -> String {
        numbered(&mut self.zones, kind)
    }
}

fn numbered(seen: &mut BTreeMap<String, u32>, name: &str) -> String {
    let count = seen.entry(name.to_owned()).or_default();
    *count += 1;
    if *count == 1 { name.to_owned() } else { format!("{name}-{count}") }
}

fn text(path: &Path) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn number(path: &Path) -> Option<f64> {
    text(path)?.parse::<i32>().ok().map(f64::from)
}

/// `hwmon10` comes after `hwmon9`.
fn number_in(path: &Path) -> (u32, PathBuf) {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let digits = name.trim_start_matches(|c: char| !c.is_ascii_digit());
    (digits.parse().unwrap_or(u32::MAX), path.to_owned())
}

#[cfg(test)]
mod tests;
