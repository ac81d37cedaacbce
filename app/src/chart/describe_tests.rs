use super::super::bars::Bar;
use super::super::time_ticks::Zone;
use super::*;
use crate::model::{Thresholds, Timestamp};

fn at(secs: i64) -> Timestamp {
    Timestamp::from_millis(secs * 1000)
}

/// Series over 15 minutes as `minute:value`, `-` for a hole.
fn chart(traces: &[(&str, &str)]) -> TimeChart {
    let trace = |(label, points): &(&str, &str)| Trace {
        label: (*label).to_owned(),
        slot: 0,
        points: points
            .split_whitespace()
            .filter_map(|point| point.split_once(':'))
            .map(|(minute, value)| (at(minute.parse::<i64>().unwrap() * 60), value.parse().ok()))
            .collect(),
    };
    TimeChart {
        traces: traces.iter().map(trace).collect(),
        filled: false,
        start: at(0),
        end: at(900),
        unit: Unit::PERCENT,
        thresholds: Thresholds { warning: Some(70.0), critical: Some(90.0), ..Thresholds::default() },
        zone: Zone::Utc,
        stale_since: None,
    }
}

#[test]
fn lines() {
    let told = |chart: &TimeChart| time("CPU usage", chart);
    assert_eq!(told(&chart(&[("all", "1:10 2:20")])), "CPU usage, last 15 minutes: now 20.0 %, most 20.0 %");
    assert_eq!(
        told(&chart(&[("a", "1:10 2:97 3:- 4:91"), ("b", "1:10 2:12")])),
        "CPU usage, 2 series, last 15 minutes: a highest, now 91.0 %, most 97.0 %; 1 gap; critical"
    );
    assert_eq!(told(&chart(&[])), "CPU usage, last 15 minutes: no data");
    assert_eq!(told(&chart(&[("a", "1:- 2:NaN 20:5")])), "CPU usage, last 15 minutes: no data");
    let stale = TimeChart { stale_since: Some(at(780)), ..chart(&[("a", "1:10 13:75")]) };
    assert_eq!(told(&stale), "CPU usage, last 15 minutes: now 75.0 %, most 75.0 %; nothing for 2 minutes; warning");
}

#[test]
fn bars_and_gauges() {
    let thresholds = Thresholds { min: Some(0.0), max: Some(100.0), warning: Some(80.0), critical: None };
    let bar = |label: &str, value| Bar { label: label.to_owned(), value, slot: 0 };
    let disks = |bars| BarChart { bars, unit: Unit::PERCENT, thresholds };
    let told = |chart: &BarChart| bars("Disk usage", chart);
    assert_eq!(told(&disks(vec![bar("/", Some(43.0))])), "Disk usage: / 43.0 %");
    assert_eq!(
        told(&disks(vec![bar("/", Some(43.0)), bar("/home", Some(84.0)), bar("/mnt", None)])),
        "Disk usage, 3 bars: /home highest, 84.0 %; warning"
    );
    assert_eq!(told(&disks(vec![])), "Disk usage: no data");
    let memory = |value| gauge("Memory", &Gauge { value, unit: Unit::PERCENT, thresholds });
    assert_eq!(memory(Some(81.5)), "Memory: 81.5 % between 0 % and 100 %; warning");
    assert_eq!(memory(None), "Memory: no data");
}
