//! `df`, `ss` and `ps`: what a person would type to see whether Telltale is right.

use super::kernel::STATES;
use super::reading::Series;
use crate::apt;
use crate::command::{Cmd, on_path};
use anyhow::Result;

/// Programs, and the packages of Debian that have them.
const PROGRAMS: [(&str, &str); 3] = [("df", "coreutils"), ("ss", "iproute2"), ("ps", "procps")];

/// Installs what is missing.
pub(super) fn ensure() -> Result<()> {
    let missing: Vec<&str> =
        PROGRAMS.iter().filter(|(program, _)| on_path(program).is_none()).map(|(_, package)| *package).collect();
    if missing.is_empty() { Ok(()) } else { apt::install(&missing) }
}

/// Asks all of them. `pid`: Telltale's own; `port`: the one that it watches.
pub(super) fn read(pid: u32, port: u16) -> Result<Vec<Series>> {
    let mut all = Vec::new();
    let columns = "--output=target,size,used,avail,pcent,itotal,iused,iavail";
    space(&Cmd::new("df").args(["-B1", columns]).env("LC_ALL", "C").read()?, &mut all);
    connections(&Cmd::new("ss").args(["-tanH"]).read()?, port, &mut all);
    processes(&Cmd::new("ps").args(["-eo", "pid=,stat=,nlwp=,rss=,comm="]).read()?, &mut all);
    own(&Cmd::new("ps").args(["-o", "rss=,vsz=,nlwp=", "-p", &pid.to_string()]).read()?, &mut all);
    Ok(all)
}

fn number(word: &str) -> Option<f64> {
    word.trim_end_matches('%').parse().ok()
}

/// Names of places may hold blanks: what counts is at the end of the line.
fn space(text: &str, all: &mut Vec<Series>) {
    let columns = ["size", "used", "avail", "percent", "inodes", "inodes_used", "inodes_free"];
    for line in text.lines().skip(1) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let Some(at) = words.len().checked_sub(columns.len()).filter(|at| *at > 0) else { continue };
        let (place, numbers) = words.split_at(at);
        let place = place.join(" ");
        let found = columns.iter().zip(numbers);
        all.extend(found.filter_map(|(column, word)| {
            Some(Series::new("df", [("mountpoint", &*place), ("column", *column)], number(word)?))
        }));
    }
}

/// Counts of every state, over all and for the local port that is watched.
fn connections(text: &str, watched: u16, all: &mut Vec<Series>) {
    let watched = watched.to_string();
    for state in STATES {
        all.push(Series::new("ss", [("state", state)], 0.0));
        all.push(Series::new("ss_port", [("port", &*watched), ("state", state)], 0.0));
    }
    for line in text.lines() {
        let mut words = line.split_whitespace();
        let (Some(state), Some(local)) = (words.next(), words.nth(2)) else { continue };
        let state = match state {
            "ESTAB" => "ESTABLISHED".to_owned(),
            "UNCONN" => "CLOSE".to_owned(),
            other => other.replace("FIN-WAIT-", "FIN_WAIT").replace('-', "_"),
        };
        all.push(Series::new("ss", [("state", &*state)], 1.0));
        if local.rsplit(':').next() == Some(&watched) {
            all.push(Series::new("ss_port", [("port", &*watched), ("state", &*state)], 1.0));
        }
    }
}

fn processes(text: &str, all: &mut Vec<Series>) {
    let names = ["running", "sleeping", "disk_sleep", "stopped", "zombie", "idle", "other"];
    all.extend(names.map(|state| Series::new("ps_state", [("state", state)], 0.0)));
    for line in text.lines() {
        let mut words = line.split_whitespace();
        let mut next = || words.next();
        let (Some(_pid), Some(stat), Some(threads), Some(resident)) = (next(), next(), next(), next()) else {
            continue;
        };
        let name = words.collect::<Vec<_>>().join(" ");
        let state = match stat.chars().next() {
            Some('R') => "running",
            Some('S') => "sleeping",
            Some('D') => "disk_sleep",
            Some('T' | 't') => "stopped",
            Some('Z') => "zombie",
            Some('I') => "idle",
            _ => "other",
        };
        all.push(Series::new("ps_state", [("state", state)], 1.0));
        all.extend(number(threads).map(|threads| Series::new("ps_threads", [], threads)));
        let name = name.strip_suffix(" <defunct>").unwrap_or(&name);
        all.push(Series::new("ps_instances", [("name", name)], 1.0));
        all.extend(number(resident).map(|kib| Series::new("ps_resident", [("name", name)], kib * 1024.0)));
    }
}

fn own(text: &str, all: &mut Vec<Series>) {
    let columns = [("resident", 1024.0), ("virtual", 1024.0), ("threads", 1.0)];
    let found = columns.iter().zip(text.split_whitespace());
    all.extend(
        found.filter_map(|((what, factor), word)| {
            Some(Series::new("ps_pid", [("what", *what)], factor * number(word)?))
        }),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(read: impl Fn(&mut Vec<Series>), name: &str, labels: &[&str], want: f64) {
        let mut all = Vec::new();
        read(&mut all);
        let fits =
            |one: &&Series| one.name == name && labels.iter().all(|label| one.labels.values().any(|has| has == label));
        let got: f64 = all.iter().filter(fits).map(|one| one.value).sum();
        assert!((got - want).abs() < 1e-9, "{name} {labels:?} is {got}, not {want}: {all:?}");
    }

    #[test]
    fn what_they_print_is_understood() {
        let df =
            "Mounted on 1B-blocks Used Avail Use% Inodes IUsed IFree\n/ 100 60 30 67% 9 4 5\n/a b 7 1 6 15% - - -\n";
        check(|all| space(df, all), "df", &["/", "percent"], 67.0);
        check(|all| space(df, all), "df", &["/", "inodes_free"], 5.0);
        check(|all| space(df, all), "df", &["/a b", "avail"], 6.0);
        let ss = "LISTEN 0 128 0.0.0.0:80 0.0.0.0:*\nFIN-WAIT-1 0 9 [::1]:80 [::1]:99\nESTAB 0 0 127.0.0.1:99 127.0.0.1:80\n";
        check(|all| connections(ss, 80, all), "ss", &["FIN_WAIT1"], 1.0);
        check(|all| connections(ss, 80, all), "ss", &["ESTABLISHED"], 1.0);
        check(|all| connections(ss, 80, all), "ss_port", &["80", "ESTABLISHED"], 0.0);
        check(|all| connections(ss, 80, all), "ss_port", &["80", "LISTEN"], 1.0);
        let ps = "  1 Ss 1 900 init\n 99 Zl 3 0 a b <defunct>\n";
        check(|all| processes(ps, all), "ps_state", &["zombie"], 1.0);
        check(|all| processes(ps, all), "ps_threads", &[], 4.0);
        check(|all| processes(ps, all), "ps_instances", &["a b"], 1.0);
        check(|all| processes(ps, all), "ps_resident", &["init"], 900.0 * 1024.0);
        check(|all| own(" 10 20 3\n", all), "ps_pid", &["virtual"], 20480.0);
    }
}
