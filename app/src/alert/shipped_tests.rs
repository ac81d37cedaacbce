//! A quiet day, on which nobody is to hear anything, and a bad one, on which they hear of everything, in time.

use std::time::Duration;

use super::*;
use crate::alert::backtest::{Past, backtest};
use crate::alert::{Cause, Gap, Reading, check_together};
use crate::model::{Point, Tags, Timestamp};

/// 2026-01-01, midnight.
const MIDNIGHT: i64 = 1_767_225_600;
const INTERVAL: i64 = 10;
const DAY: i64 = 86_400;
/// The day before, so that the rules that look back have something to look at.
const FIRST: i64 = -6 * 3600;

fn at(secs: i64) -> Timestamp {
    Timestamp::from_millis((MIDNIGHT + secs) * 1000)
}

const fn h(hours: i64, minutes: i64) -> i64 {
    hours * 3600 + minutes * 60
}

/// From -1 to 1, without a pattern.
fn noise(t: i64, of: &str) -> f64 {
    let mut bits =
        of.bytes().fold(t.unsigned_abs(), |bits, byte| bits.wrapping_mul(0x0100_0000_01b3) ^ u64::from(byte));
    bits = (bits ^ (bits >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    bits = (bits ^ (bits >> 29)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    ((bits >> 40) & 0xffff) as f64 / 32_767.5 - 1.0
}

/// `value`, ramped from `from` to `to` as the time goes from `begin` to `end`.
fn ramp(t: i64, (begin, end): (i64, i64), (from, to): (f64, f64)) -> f64 {
    let share = ((t - begin) as f64 / (end - begin) as f64).clamp(0.0, 1.0);
    from + (to - from) * share
}

struct Day {
    series: Vec<(&'static str, Tags, Vec<Point>)>,
    gaps: Vec<Gap>,
}

impl Day {
    /// A sample each ten seconds; none where there is none.
    fn add(&mut self, metric: &'static str, tags: &[(&str, &str)], value: impl Fn(i64) -> Option<f64>) {
        let tags = Tags::new([("host", "web-1"), ("collector", "system")].iter().chain(tags).copied());
        let moments = (FIRST..DAY).step_by(usize::try_from(INTERVAL).unwrap());
        let points = moments.filter_map(|t| Some(Point::new(at(t), value(t)?))).collect();
        self.series.push((metric, tags, points));
    }

    /// What fires: when, which rule, for what, how bad it gets, and for how long.
    fn firings(&self) -> Vec<String> {
        let mut found = Vec::new();
        for rule in shipped_rules() {
            let draft = rule.draft();
            let reach = Reading::from(draft).reach(Duration::from_secs(10));
            assert!(reach <= Duration::from_secs(7 * 3600), "{} looks back {reach:?}", draft.name);
            let looked_at =
                |(metric, tags, _): &&(&str, Tags, _)| *metric == draft.metric_name && tags.matches(&draft.tags_filter);
            assert!(self.series.iter().any(|one| looked_at(&one)), "{} has nothing to look at", draft.name);
            for (_, tags, points) in self.series.iter().filter(looked_at) {
                let past = Past { tags, points, gaps: &self.gaps, interval: Duration::from_secs(10) };
                for firing in backtest(&rule, &[past], (at(0), at(DAY - 1))).firings {
                    let clock = |of: Timestamp| {
                        let secs = of.as_millis() / 1000 - MIDNIGHT;
                        format!("{:02}:{:02}", secs / 3600, secs / 60 % 60)
                    };
                    let end = firing.end.map_or_else(|| "-".to_owned(), clock);
                    found.push(format!("{} {} {} to {end}", clock(firing.begin), draft.name, firing.level));
                }
            }
        }
        found.sort();
        found
    }
}

/// What a healthy machine does: a backup at one, an upgrade at half past three, a restart at six, people from eight to six, and chores each hour.
fn quiet() -> Day {
    let restart = |t: i64| (h(6, 0)..h(6, 1)).contains(&t);
    let mut day = Day {
        series: Vec::new(),
        gaps: vec![Gap { from: at(h(6, 0) - INTERVAL), to: at(h(6, 1)), cause: Cause::ProcessDown }],
    };
    let backup = |t: i64| (h(1, 0)..h(1, 40)).contains(&t);
    let upgrade = |t: i64| (h(3, 30)..h(3, 38)).contains(&t);
    let boot = |t: i64| (h(6, 1)..h(6, 3)).contains(&t);
    // Logs are turned over and indexes made at each full hour.
    let chores = |t: i64| t.rem_euclid(3600) < 120;
    let people = |t: i64| (h(8, 0)..h(18, 0)).contains(&t);
    let mut up = |metric, tags: &[(&str, &str)], value: &dyn Fn(i64) -> f64| {
        day.add(metric, tags, |t| (!restart(t)).then(|| value(t).max(0.0)));
    };
    up("cpu_usage_percent", &[], &|t| match t {
        t if upgrade(t) || boot(t) => 100.0,
        t if backup(t) => 55.0 + 15.0 * noise(t, "cpu"),
        t if chores(t) => 90.0 + 10.0 * noise(t, "cpu"),
        // Somebody compiles: twelve minutes of all there is.
        t if (h(14, 0)..h(14, 12)).contains(&t) => 100.0,
        t if people(t) => (30.0 + 25.0 * noise(t, "cpu") + 50.0 * noise(t / 40, "burst").max(0.0)).min(100.0),
        t => 4.0 + 3.0 * noise(t, "cpu"),
    });
    up("pressure_waiting_percent", &[("resource", "cpu"), ("kind", "some")], &|t| match t {
        t if upgrade(t) || boot(t) || (h(14, 0)..h(14, 12)).contains(&t) => 70.0 + 20.0 * noise(t, "psi"),
        t if people(t) => 10.0 + 10.0 * noise(t, "psi"),
        t => 1.0 + noise(t, "psi"),
    });
    up("pressure_waiting_percent", &[("resource", "memory"), ("kind", "full")], &|t| {
        if upgrade(t) { 4.0 } else { 0.0 }
    });
    up("pressure_waiting_percent", &[("resource", "io"), ("kind", "full")], &|t| match t {
        t if backup(t) => 45.0 + 25.0 * noise(t, "io"),
        t if upgrade(t) || boot(t) => 80.0,
        t => 1.0 + noise(t, "io"),
    });
    up("memory_usage_percent", &[], &|t| match t {
        t if t >= h(6, 1) => ramp(t, (h(6, 1), DAY), (35.0, 78.0)) + noise(t, "memory"),
        t if upgrade(t) => 88.0,
        _ => 75.0 + noise(t, "memory"),
    });
    up("swap_usage_percent", &[], &|t| if t < h(6, 0) { ramp(t, (FIRST, h(6, 0)), (20.0, 45.0)) } else { 0.0 });
    // Logs grow and are turned over each night; an upgrade takes its place; people bring files.
    up("disk_usage_percent", &[("mountpoint", "/")], &|t| {
        let logs = ramp(t.rem_euclid(DAY), (0, DAY), (0.0, 1.5));
        let upgraded = if t >= h(3, 34) { 2.0 } else { 0.0 };
        70.0 + logs + upgraded + ramp(t, (h(8, 0), h(18, 0)), (0.0, 0.8)) + 0.05 * noise(t / 6, "disk")
    });
    // The backup goes here and the oldest one is thrown away.
    up("disk_usage_percent", &[("mountpoint", "/backup")], &|t| {
        ramp(t, (h(1, 0), h(1, 40)), (76.0, 82.0)) - if t >= h(1, 45) { 5.5 } else { 0.0 }
    });
    up("disk_inodes_usage_percent", &[("mountpoint", "/")], &|t| {
        12.0 + if t >= h(3, 34) { 0.4 } else { 0.0 } + 0.01 * noise(t, "inodes")
    });
    up("disk_await_seconds", &[("device", "sda"), ("operation", "write")], &|t| match t {
        t if backup(t) || upgrade(t) => 0.08 + 0.06 * noise(t, "await"),
        t => 0.004 + 0.003 * noise(t, "await"),
    });
    // A wireless network now and then; counters begin again with the machine.
    up("network_interface_errors_in_total", &[("interface", "wlan0")], &|t| {
        ((if t < h(6, 0) { t - FIRST } else { t - h(6, 0) }) / 120) as f64
    });
    up("network_interface_errors_out_total", &[("interface", "wlan0")], &|_| 0.0);
    up("memory_oom_kills_total", &[], &|t| if t < h(6, 0) { 2.0 } else { 0.0 });
    up("clock_synchronised", &[], &|t| f64::from(!(h(6, 1)..h(6, 9)).contains(&t)));
    up("file_descriptors_usage_percent", &[], &|t| 3.0 + noise(t, "files"));
    // The probe fails once and is tried again.
    up("probe_up", &[("probe", "shop")], &|t| f64::from(!(h(9, 0)..h(9, 0) + 20).contains(&t)));
    up("probe_tls_certificate_days_left", &[("probe", "shop")], &|t| 40.0 - t as f64 / 86_400.0);
    up("probe_tls_trusted", &[("probe", "shop")], &|_| 1.0);
    up("uptime_seconds", &[], &|t| (if t < h(6, 0) { t + 1_000_000 } else { t - h(6, 0) }) as f64);
    day
}

/// The same machine, and everything goes wrong.
fn bad() -> Day {
    let mut day = Day { series: Vec::new(), gaps: Vec::new() };
    let mut add =
        |metric, tags: &[(&str, &str)], value: &dyn Fn(i64) -> f64| day.add(metric, tags, |t| Some(value(t).max(0.0)));
    let between = |from: i64, to: i64| move |t: i64| (from..to).contains(&t);
    let runaway = between(h(2, 0), h(5, 0));
    add("cpu_usage_percent", &[], &|t| if runaway(t) { 99.5 } else { 20.0 + 10.0 * noise(t, "cpu") });
    add("pressure_waiting_percent", &[("resource", "cpu"), ("kind", "some")], &|t| {
        if runaway(t) { 75.0 + 10.0 * noise(t, "psi") } else { 2.0 }
    });
    // A leak, and what follows.
    let leak = |t: i64| if t < h(12, 5) { ramp(t, (h(8, 0), h(12, 0)), (60.0, 99.0)) } else { 50.0 };
    add("memory_usage_percent", &[], &|t| leak(t) + 0.5 * noise(t, "memory"));
    add("swap_usage_percent", &[], &|t| if t < h(12, 5) { ramp(t, (h(10, 0), h(12, 0)), (0.0, 100.0)) } else { 10.0 });
    add("pressure_waiting_percent", &[("resource", "memory"), ("kind", "full")], &|t| {
        if between(h(11, 30), h(12, 5))(t) { 45.0 } else { 0.0 }
    });
    add("memory_oom_kills_total", &[], &|t| f64::from(u8::from(t >= h(12, 5))));
    // A log that nobody turns over, until somebody does at nine in the evening.
    let fill = |t: i64| if t < h(21, 0) { ramp(t, (h(6, 0), h(20, 30)), (60.0, 99.0)) } else { 50.0 };
    add("disk_usage_percent", &[("mountpoint", "/")], &|t| fill(t) + 0.05 * noise(t / 6, "disk"));
    add("disk_inodes_usage_percent", &[("mountpoint", "/")], &|t| fill(t));
    let dying = between(h(15, 0), h(17, 0));
    add("pressure_waiting_percent", &[("resource", "io"), ("kind", "full")], &|t| if dying(t) { 90.0 } else { 1.0 });
    add("disk_await_seconds", &[("device", "sda"), ("operation", "read")], &|t| {
        if dying(t) { 2.0 + noise(t, "await") } else { 0.005 }
    });
    let cable = |t: i64| (t.clamp(h(10, 0), h(12, 0)) - h(10, 0)) as f64;
    add("network_interface_errors_in_total", &[("interface", "eth0")], &cable);
    add("network_interface_errors_out_total", &[("interface", "eth0")], &cable);
    add("clock_synchronised", &[], &|t| f64::from(!between(h(18, 0), h(20, 0))(t)));
    add("file_descriptors_usage_percent", &[], &|t| if between(h(19, 0), h(20, 0))(t) { 97.0 } else { 3.0 });
    add("probe_up", &[("probe", "shop")], &|t| f64::from(!between(h(13, 0), h(13, 30))(t)));
    add("probe_tls_certificate_days_left", &[("probe", "shop")], &|t| 14.2 - t as f64 / 86_400.0);
    add("probe_tls_trusted", &[("probe", "shop")], &|t| f64::from(!between(h(22, 0), h(22, 10))(t)));
    day.add("uptime_seconds", &[], |t| (!between(h(22, 30), h(22, 45))(t)).then_some(t as f64 + 1e6));
    day
}

#[test]
fn on_a_quiet_day_nobody_hears_anything() {
    assert_eq!(quiet().firings(), Vec::<String>::new());
}

#[test]
fn on_a_bad_day_people_hear_of_everything() {
    // The level is the worst it gets; the hours are when it went on and when it was over.
    let want = [
        "02:17 CPU pressure warning to 05:04",
        "02:23 High CPU usage warning to 05:03",
        "04:48 Certificate expires warning to -",
        "10:03 Disk will be full critical to 21:03",
        "10:03 Inodes will run out critical to 21:03",
        "10:31 Network errors coming in warning to 12:09",
        "10:31 Network errors going out warning to 12:09",
        "11:12 High memory usage critical to 12:06",
        "11:36 Memory pressure critical to 12:09",
        "11:51 Swap nearly full info to 12:05",
        "12:05 Out of memory critical to 12:35",
        "13:00 Probe down critical to 13:30",
        "15:17 Slow disk warning to 17:08",
        "15:23 Disk space low critical to 21:00",
        "15:35 Disk pressure critical to 17:06",
        "17:14 Inodes low critical to 21:00",
        "18:30 Clock not synchronised warning to 20:00",
        "19:05 File descriptors low critical to 20:00",
        "22:00 Certificate not trusted warning to 22:10",
        "22:31 Host silent critical to 22:45",
    ];
    let got = bad().firings();
    assert_eq!(got, want, "{got:#?}");
    assert_eq!(want.len(), shipped_rules().len(), "each is heard of once");
}

#[test]
fn each_says_what_is_the_matter_and_they_go_together() {
    let rules = shipped_rules();
    assert_eq!(check_together(&rules), []);
    for rule in &rules {
        let draft = rule.draft();
        assert!(draft.enabled && draft.channels.is_empty(), "{}", draft.name);
        let summary = draft.summary.as_deref().unwrap_or_default();
        assert!(summary.contains("{{ tag."), "{} does not say where", draft.name);
    }
}
