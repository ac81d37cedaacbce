//! The kernel's own files, read with a few lines each and without anything of Telltale's.

use super::reading::Series;
use anyhow::{Context, Result};
use std::fs;

const MODES: [&str; 8] = ["user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal"];

/// By the numbers of include/net/tcp_states.h, from 1.
pub(super) const STATES: [&str; 12] = [
    "ESTABLISHED",
    "SYN_SENT",
    "SYN_RECV",
    "FIN_WAIT1",
    "FIN_WAIT2",
    "TIME_WAIT",
    "CLOSE",
    "CLOSE_WAIT",
    "LAST_ACK",
    "LISTEN",
    "CLOSING",
    "SYN_RECV",
];

/// Everything that is compared. `pid`: Telltale's own.
pub(super) fn read(pid: u32) -> Result<Vec<Series>> {
    let text = |path: &str| fs::read_to_string(path).with_context(|| format!("reading {path}"));
    let mut all = Vec::new();
    stat(&text("/proc/stat")?, &mut all);
    named("proc_meminfo", &text("/proc/meminfo")?, 1024.0, &mut all);
    named("proc_vmstat", &text("/proc/vmstat")?, 1.0, &mut all);
    words("proc_loadavg", &text("/proc/loadavg")?, &["1m", "5m", "15m"], &mut all);
    words("proc_uptime", &text("/proc/uptime")?, &["up"], &mut all);
    words("proc_file_nr", &text("/proc/sys/fs/file-nr")?, &["allocated", "free", "most"], &mut all);
    disks(&text("/proc/diskstats")?, &mut all);
    interfaces(&text("/proc/net/dev")?, &mut all);
    protocols(&text("/proc/net/snmp")?, &mut all);
    protocols(&text("/proc/net/netstat")?, &mut all);
    for resource in ["cpu", "memory", "io"] {
        // Kernels may be built without.
        pressure(resource, &text(&format!("/proc/pressure/{resource}")).unwrap_or_default(), &mut all);
    }
    connections(&(text("/proc/net/tcp")? + &text("/proc/net/tcp6").unwrap_or_default()), &mut all);
    process(&text(&format!("/proc/{pid}/stat"))?, &text(&format!("/proc/{pid}/status"))?, &mut all);
    let files = fs::read_dir(format!("/proc/{pid}/fd")).context("listing the open files of Telltale")?.count();
    all.push(Series::new("proc_pid", [("what", "files")], files as f64));
    Ok(all)
}

fn number(word: &str) -> Option<f64> {
    word.parse().ok()
}

fn stat(text: &str, all: &mut Vec<Series>) {
    for line in text.lines() {
        let Some((name, rest)) = line.split_once(' ') else { continue };
        match name.strip_prefix("cpu") {
            Some(core) => {
                let cpu = if core.is_empty() { "all" } else { core };
                let ticks = MODES.iter().zip(rest.split_whitespace());
                all.extend(ticks.filter_map(|(mode, ticks)| {
                    Some(Series::new("proc_stat_cpu", [("cpu", cpu), ("mode", *mode)], number(ticks)?))
                }));
            }
            None => all.extend(number(rest).map(|value| Series::new("proc_stat", [("name", name)], value))),
        }
    }
}

/// Lines of a name and a number, with a colon or without.
fn named(series: &str, text: &str, factor: f64, all: &mut Vec<Series>) {
    all.extend(text.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        let name = words.next()?.trim_end_matches(':');
        Some(Series::new(series, [("name", name)], factor * number(words.next()?)?))
    }));
}

fn words(series: &str, text: &str, names: &[&str], all: &mut Vec<Series>) {
    let found = names.iter().zip(text.split_whitespace());
    all.extend(found.filter_map(|(name, word)| Some(Series::new(series, [("name", *name)], number(word)?))));
}

fn disks(text: &str, all: &mut Vec<Series>) {
    let columns =
        ["reads", "", "read_sectors", "read_ms", "writes", "", "written_sectors", "write_ms", "in_progress", "busy_ms"];
    for line in text.lines() {
        let mut found = line.split_whitespace().skip(2);
        let Some(device) = found.next() else { continue };
        let counts = columns.iter().zip(found).filter(|(column, _)| !column.is_empty());
        all.extend(counts.filter_map(|(column, count)| {
            Some(Series::new("proc_diskstats", [("device", device), ("column", *column)], number(count)?))
        }));
    }
}

fn interfaces(text: &str, all: &mut Vec<Series>) {
    let columns = [
        (0, "bytes_recv"),
        (1, "packets_recv"),
        (2, "errors_in"),
        (3, "drops_in"),
        (8, "bytes_sent"),
        (9, "packets_sent"),
        (10, "errors_out"),
        (11, "drops_out"),
    ];
    for (interface, rest) in text.lines().filter_map(|line| line.split_once(':')) {
        let found: Vec<f64> = rest.split_whitespace().filter_map(number).collect();
        let counts = columns.iter().filter_map(|(at, column)| Some((*column, *found.get(*at)?)));
        all.extend(counts.map(|(column, count)| {
            Series::new("proc_net_dev", [("interface", interface.trim()), ("column", column)], count)
        }));
    }
}

/// A line of names, then one of numbers.
fn protocols(text: &str, all: &mut Vec<Series>) {
    let lines: Vec<&str> = text.lines().collect();
    for pair in lines.chunks(2) {
        let [names, numbers] = pair else { continue };
        let Some(protocol) = names.split(':').next() else { continue };
        let found = names.split_whitespace().zip(numbers.split_whitespace()).skip(1);
        all.extend(found.filter_map(|(name, count)| {
            Some(Series::new("proc_protocols", [("name", &*format!("{protocol}_{name}"))], number(count)?))
        }));
    }
}

fn pressure(resource: &str, text: &str, all: &mut Vec<Series>) {
    for line in text.lines() {
        let mut words = line.split_whitespace();
        let Some(kind) = words.next() else { continue };
        all.extend(words.filter_map(|word| {
            let (field, value) = word.split_once('=')?;
            Some(Series::new(
                "proc_pressure",
                [("resource", resource), ("kind", kind), ("field", field)],
                number(value)?,
            ))
        }));
    }
}

/// Counts of every state, those that nothing is in too.
fn connections(text: &str, all: &mut Vec<Series>) {
    let states = text.lines().filter_map(|line| {
        let state = line.split_whitespace().nth(3).filter(|word| word.len() == 2)?;
        STATES.get(usize::from_str_radix(state, 16).ok()?.checked_sub(1)?)
    });
    all.extend(STATES.map(|state| Series::new("proc_net_tcp", [("state", state)], 0.0)));
    all.extend(states.map(|state| Series::new("proc_net_tcp", [("state", *state)], 1.0)));
}

/// proc_pid_stat(5): the name in parentheses may hold anything. 100 ticks a second is what every Linux of today has.
/// What is not there is not a number, and agrees with nothing.
fn process(stat: &str, status: &str, all: &mut Vec<Series>) {
    let after = stat.rsplit_once(')').map_or("", |(_, after)| after);
    let found: Vec<&str> = after.split_whitespace().collect();
    let at = |index: usize| found.get(index).and_then(|word| number(word)).unwrap_or(f64::NAN);
    let status_kib = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|line| number(line.split_whitespace().next()?)).unwrap_or(f64::NAN)
    };
    let values = [
        ("cpu_seconds", (at(11) + at(12)) / 100.0),
        ("threads", at(17)),
        ("virtual", status_kib("VmSize:") * 1024.0),
        ("resident", status_kib("VmRSS:") * 1024.0),
    ];
    all.extend(values.map(|(what, value)| Series::new("proc_pid", [("what", what)], value)));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `want`: the values of the series whose labels are these, in their order.
    #[track_caller]
    fn check(read: impl Fn(&mut Vec<Series>), labels: &[&str], want: &[f64]) {
        let mut all = Vec::new();
        read(&mut all);
        let fits = |one: &&Series| labels.iter().all(|label| one.labels.values().any(|has| has == label));
        let got: Vec<f64> = all.iter().filter(fits).map(|one| one.value).collect();
        assert_eq!(got, want, "{labels:?} in {all:?}");
    }

    #[test]
    fn files_are_understood() {
        check(|all| stat("cpu  1 2 3\ncpu1 4 5 6\nctxt 7\nintr 8 9\n", all), &["1", "nice"], &[5.0]);
        check(|all| stat("cpu  1 2 3\nctxt 7\n", all), &["ctxt"], &[7.0]);
        check(|all| named("m", "MemFree:  8 kB\nx y\n", 1024.0, all), &["MemFree"], &[8192.0]);
        check(|all| words("l", "0.5 1.5 2 1/87 5", &["1m", "5m"], all), &["5m"], &[1.5]);
        check(|all| disks(" 254 0 vda 1 2 3 4 5 6 7 8 9 10 11\n", all), &["vda", "written_sectors"], &[7.0]);
        check(|all| disks(" 254 0 vda 1 2 3 4 5 6 7 8 9 10 11\n", all), &["busy_ms"], &[10.0]);
        check(|all| interfaces(" eth0:1 2 3 4 5 6 7 8 9 10 11 12\n", all), &["drops_out"], &[12.0]);
        check(|all| protocols("Tcp: A B\nTcp: 1 2\nUdp: A\nUdp: 3\n", all), &["Tcp_B"], &[2.0]);
        check(|all| pressure("io", "some avg10=1.5 total=9\n", all), &["io", "some", "total"], &[9.0]);
        let tcp = "  sl local rem st\n 0: 0100007F:1F90 00000000:0000 0A 0\n 1: 0100007F:1F90 0100007F:A0B2 0C 0\n";
        check(|all| connections(tcp, all), &["LISTEN"], &[0.0, 1.0]);
        check(|all| connections(tcp, all), &["SYN_RECV"], &[0.0, 0.0, 1.0]);
        let line = "7 (a ) b) S 1 2 3 4 5 6 7 8 9 10 150 50 0 0 20 0 3 0";
        check(|all| process(line, "VmSize: 2 kB\nVmRSS: 1 kB\n", all), &["cpu_seconds"], &[2.0]);
        check(|all| process(line, "VmSize: 2 kB\nVmRSS: 1 kB\n", all), &["threads"], &[3.0]);
    }

    #[test]
    fn this_machine_can_be_read() {
        let all = read(std::process::id()).unwrap();
        assert!(all.iter().any(|one| one.name == "proc_pid" && one.value > 0.0), "{all:?}");
    }
}
