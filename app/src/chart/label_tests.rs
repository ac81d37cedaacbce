use super::*;

/// Series as `metric tag=value tag=value`.
#[track_caller]
fn check(series: &[&str], want: &[&str]) {
    let parsed: Vec<(&str, Tags)> = series
        .iter()
        .map(|line| {
            let (metric, tags) = line.split_once(' ').unwrap_or((line, ""));
            (metric, Tags::new(tags.split_whitespace().filter_map(|tag| tag.split_once('='))))
        })
        .collect();
    let borrowed: Vec<(&str, &Tags)> = parsed.iter().map(|(metric, tags)| (*metric, tags)).collect();
    assert_eq!(labels(&borrowed), want);
}

#[test]
fn what_tells_series_apart() {
    check(&["cpu_usage_percent host=a collector=system"], &["cpu usage percent"]);
    check(&["m host=a cpu=0", "m host=a cpu=1"], &["0", "1"]);
    check(&["m host=a", "m host=b"], &["a", "b"]);
    check(&["m host=a cpu=0", "m host=b cpu=0", "m host=b cpu=1"], &["0 a", "0 b", "1 b"]);
    check(
        &[
            "disk_usage_percent device=sda1 fstype=ext4 mountpoint=/",
            "disk_usage_percent device=sdb1 fstype=ext4 mountpoint=/home",
        ],
        &["/", "/home"],
    );
    check(&["network_bytes_recv_total host=a", "network_bytes_sent_total host=a"], &["recv", "sent"]);
    check(
        &["net_recv_total interface=eth0", "net_recv_total interface=lo", "net_sent_total interface=eth0"],
        &["eth0 recv", "lo recv", "eth0 sent"],
    );
    check(&["load period=1m", "load period=5m", "load period=15m"], &["1m", "5m", "15m"]);
    check(&["load", "load_average"], &["load", "average"]);
    check(&["m a=1", "m"], &["1", "m"]);
    check(&[], &[]);
}
