//! `kill -9` at random moments.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::deeds::{self, BEGIN, Chance, Deed, Deeds, Held};

pub(crate) fn run(rounds: u32, seed: u64) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut chance = Chance::new(seed);
    let mut expected = Held::default();
    let (mut begin, mut deeds_done) = (BEGIN, 0);
    for round in 0..rounds {
        let child_seed = chance.below(u64::MAX);
        let done = killed(folder.path(), child_seed, begin, Duration::from_millis(20 + chance.below(900)));
        let mut deeds = Deeds::new(child_seed, begin);
        deeds.by_ref().take(done).for_each(|deed| deeds::apply(&mut expected, &deed));
        let under_way = deeds.next().expect("there is no end");
        let (store, _) = deeds::open(folder.path()).expect("it opens again");
        let found = deeds::held(&store);
        drop(store);
        check(round, &expected, &found, &under_way);
        expected = found;
        deeds_done += done;
        begin =
            expected.iter().filter_map(|series| series.keys().next_back()).max().map_or(begin, |&last| last + 700_000);
    }
    let points: usize = expected.iter().map(BTreeMap::len).sum();
    println!("crash: {rounds} kills, {deeds_done} acknowledged deeds, {points} points, all there");
    assert!(deeds_done > rounds as usize, "next to nothing was acknowledged: the test shows nothing");
}

/// Runs a process for so long; how many deeds it acknowledged.
fn killed(folder: &Path, seed: u64, begin: i64, after: Duration) -> usize {
    let mut command = Command::new(std::env::current_exe().expect("we are a file"));
    command.arg("child").arg(folder).args([seed.to_string(), begin.to_string()]).stdout(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    let started = Instant::now();
    while started.elapsed() < after {
        if let Some(status) = child.try_wait().expect("it can be asked") {
            panic!("it ended by itself: {status}");
        }
        sleep(Duration::from_millis(3));
    }
    child.kill().expect("it can be killed");
    let mut dots = Vec::new();
    child.stdout.take().expect("a pipe").read_to_end(&mut dots).expect("what it said");
    child.wait().expect("it ends");
    dots.len()
}

/// Every acknowledged point is there as it was, and beside them only what was under way.
fn check(round: u32, expected: &Held, found: &Held, under_way: &Deed) {
    let mut with = expected.clone();
    deeds::apply(&mut with, under_way);
    for (n, ((expected, with), found)) in expected.iter().zip(&with).zip(found).enumerate() {
        for (time, value) in expected {
            let now = found.get(time);
            assert!(
                now == Some(value) || now == with.get(time),
                "round {round}: series {n} has {now:?} at {time}, not {value}"
            );
        }
        for (time, value) in found {
            assert!(
                expected.get(time) == Some(value) || with.get(time) == Some(value),
                "round {round}: series {n} has {value} at {time}, which nobody wrote"
            );
        }
    }
}
