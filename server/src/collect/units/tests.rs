//! The collector on folders such as the kernel shows, and on the machine that runs the tests.

use std::collections::BTreeSet;

use super::*;

const ID: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// `files`: path below the root, a blank, the text, `;` for a line's end, `#` for a container's number.
fn read(files: &str, settings: UnitsSettings) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    for line in files.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let line = line.replace('#', ID);
        let (path, text) = line.split_once(' ').unwrap_or((&line, ""));
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text.replace(';', "\n")).unwrap();
    }
    let mut out = Vec::new();
    Units::new(folder.path(), settings).collect(Timestamp::from_millis(0), &mut out).unwrap();
    let shown = |s: &Sample| {
        let tags = s.tags.iter().map(|(_, value)| value).collect::<Vec<_>>().join("/");
        format!("{} {tags} {}", s.metric.name, s.value)
    };
    let mut lines: Vec<String> = out.iter().map(shown).collect();
    lines.sort();
    lines
}

#[track_caller]
fn check(files: &str, want: &[&str]) {
    assert_eq!(read(files, UnitsSettings::default()), want);
}

#[test]
fn a_service_and_a_container_have_all_values() {
    check(
        "cgroup.controllers cpu io memory pids;
        system.slice/cpu.stat usage_usec 9;
        system.slice/nginx.service/cpu.stat usage_usec 2500000;user_usec 1;throttled_usec 500000;
        system.slice/nginx.service/memory.current 4096;
        system.slice/nginx.service/memory.max 8192;
        system.slice/nginx.service/memory.events low 0;oom 3;oom_kill 2;oom_group_kill 1;
        system.slice/nginx.service/pids.current 5;
        system.slice/nginx.service/io.stat 254:0 rbytes=100 wbytes=7 rios=1;8:0 rbytes=11 wbytes=0;
        system.slice/docker-#.scope/memory.current 10;
        system.slice/docker-#.scope/memory.max max;
        system.slice/docker-#.scope/io.stat",
        &[
            "container_io_read_bytes_total 0123456789ab/docker 0",
            "container_io_write_bytes_total 0123456789ab/docker 0",
            "container_memory_bytes 0123456789ab/docker 10",
            "unit_cpu_seconds_total nginx.service 2.5",
            "unit_cpu_throttled_seconds_total nginx.service 0.5",
            "unit_io_read_bytes_total nginx.service 111",
            "unit_io_write_bytes_total nginx.service 7",
            "unit_memory_bytes nginx.service 4096",
            "unit_memory_limit_bytes nginx.service 8192",
            "unit_memory_oom_kills_total nginx.service 2",
            "unit_tasks nginx.service 5",
        ],
    );
}

#[test]
fn a_part_is_not_shown_beside_its_whole_but_a_container_is() {
    check(
        "cgroup.controllers cpu;
        user.slice/user@1000.service/memory.current 9
        user.slice/user@1000.service/app.slice/editor.service/memory.current 1
        user.slice/user@1000.service/user.slice/libpod-#.scope/memory.current 2
        user.slice/user@1000.service/user.slice/libpod-#.scope/system.slice/inner.service/memory.current 3
        user.slice/session-1.scope/memory.current 4",
        &["container_memory_bytes 0123456789ab/podman 2", "unit_memory_bytes user@1000.service 9"],
    );
}

#[test]
fn odd_groups_and_machines_without_version_2_have_no_values() {
    check("", &[]);
    check("memory/system.slice/a.service/memory.current 1", &[]);
    check(
        "unified/cgroup.controllers
        unified/system.slice/a.service/cpu.stat usage_usec 1000000",
        &["unit_cpu_seconds_total a.service 1"],
    );
    check(
        "cgroup.controllers cpu;
        a.service/cpu.stat usage_usec
        a.service/memory.current x
        a.service/memory.max 18446744073709551616
        a.service/memory.events oom_kill_more 1
        a.service/pids.current
        a.service/io.stat 254:0 rbytes= wbytes=-1 rbytes=5",
        &["unit_io_read_bytes_total a.service 5", "unit_io_write_bytes_total a.service 0"],
    );
}

#[test]
fn the_settings_are_followed() {
    let files = "cgroup.controllers cpu;
        a.service/pids.current 1
        docker-#.scope/pids.current 2";
    let of = |services, containers| read(files, UnitsSettings { services, containers });
    assert_eq!(of(false, true), ["container_tasks 0123456789ab/docker 2"]);
    assert_eq!(of(true, false), ["unit_tasks a.service 1"]);
    assert!(of(false, false).is_empty());
}

#[test]
fn this_machine_s_groups_are_read_without_an_error() {
    let mut out = Vec::new();
    Units::new("/sys/fs/cgroup", UnitsSettings::default()).collect(Timestamp::from_millis(0), &mut out).unwrap();
    let series: BTreeSet<String> = out.iter().map(|s| format!("{} {:?}", s.metric.name, s.tags)).collect();
    assert_eq!(series.len(), out.len(), "no series twice");
}
