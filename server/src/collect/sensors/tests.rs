//! The collector on folders such as the kernel shows.

use super::*;

/// `files`: path below `/sys/class`, a blank, the text; `want`: chip, sensor, value and `!` where that is
/// the critical one, `rpm` where it is a fan.
#[track_caller]
fn check(files: &str, want: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    for line in files.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (path, text) = line.split_once(' ').unwrap_or((line, ""));
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, format!("{text}\n")).unwrap();
    }
    let mut out = Vec::new();
    Sensors::new(folder.path()).collect(Timestamp::from_millis(0), &mut out).unwrap();
    let shown = |s: &Sample| {
        let suffix = match &*s.metric.name {
            "temperature_critical_celsius" => "!",
            "fan_speed_rpm" => " rpm",
            _ => "",
        };
        format!("{} {} {}{suffix}", s.tags.get("chip").unwrap(), s.tags.get("sensor").unwrap(), s.value)
    };
    assert_eq!(out.iter().map(shown).collect::<Vec<_>>(), want);
}

#[test]
fn chips_tell_temperatures_with_their_limits_and_fans() {
    check(
        "hwmon/hwmon0/name coretemp
        hwmon/hwmon0/temp1_input 45500
        hwmon/hwmon0/temp1_label Package id 0
        hwmon/hwmon0/temp1_crit 100000
        hwmon/hwmon0/temp2_input -3000
        hwmon/hwmon1/name nct6775
        hwmon/hwmon1/fan1_input 1250
        hwmon/hwmon1/fan2_input 0
        hwmon/hwmon1/in0_input 1100",
        &[
            "coretemp Package id 0 45.5",
            "coretemp Package id 0 100!",
            "coretemp temp2 -3",
            "nct6775 fan1 1250 rpm",
            "nct6775 fan2 0 rpm",
        ],
    );
}

#[test]
fn two_of_one_kind_are_two_and_keep_their_order() {
    check(
        "hwmon/hwmon10/name nvme
        hwmon/hwmon10/temp1_input 50000
        hwmon/hwmon2/name nvme
        hwmon/hwmon2/temp1_input 40000
        hwmon/hwmon2/temp1_label Sensor
        hwmon/hwmon2/temp2_input 41000
        hwmon/hwmon2/temp2_label Sensor",
        &["nvme Sensor 40", "nvme temp2 41", "nvme-2 temp1 50"],
    );
}

#[test]
fn zones_fill_in_where_no_chip_tells_the_same() {
    check(
        "hwmon/hwmon0/name cpu_thermal
        hwmon/hwmon0/temp1_input 60000
        thermal/thermal_zone0/type cpu-thermal
        thermal/thermal_zone0/temp 60000
        thermal/thermal_zone1/type acpitz
        thermal/thermal_zone1/temp 27800
        thermal/thermal_zone2/type acpitz
        thermal/thermal_zone2/temp 29800
        thermal/cooling_device0/type Processor",
        &["cpu_thermal temp1 60", "acpitz zone 27.8", "acpitz-2 zone 29.8"],
    );
}

#[test]
fn broken_sleeping_and_missing_ones_hurt_nobody() {
    check("", &[]);
    check(
        "hwmon/hwmon0/name odd
        hwmon/hwmon0/temp1_input
        hwmon/hwmon0/temp2_input N/A
        hwmon/hwmon0/temp3_input 99999999999999
        hwmon/hwmon0/temp4_input -273200
        hwmon/hwmon0/temp5_input 2000000
        hwmon/hwmon0/temp6_input 30000
        hwmon/hwmon0/temp6_crit 65261850
        hwmon/hwmon0/fan1_input -1
        hwmon/hwmon1/temp1_input 1000
        hwmon/hwmon2/device/name old
        hwmon/hwmon2/device/temp1_input 20000
        thermal/thermal_zone0/type gone",
        &["odd temp6 30", "old temp1 20"],
    );
}

#[cfg(unix)]
#[test]
fn this_machine_s_sensors_are_read_without_an_error() {
    let mut out = Vec::new();
    Sensors::new("/sys/class").collect(Timestamp::from_millis(0), &mut out).unwrap();
    let mut series: Vec<_> = out.iter().map(|s| (s.metric.name.clone(), s.tags.clone())).collect();
    series.sort();
    series.dedup();
    assert_eq!(series.len(), out.len(), "no series twice");
}
