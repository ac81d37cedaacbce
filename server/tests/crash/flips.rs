//! Random bytes of every file are changed: it opens all the same, and makes nothing up.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::deeds::{self, BEGIN, Chance, Deeds, Held};
use crate::store::OpenError;

pub(crate) fn run(rounds: u32, seed: u64) {
    let mut chance = Chance::new(seed ^ 0xf11b);
    let whole = tempfile::tempdir().expect("a folder");
    let mut written = Held::default();
    let mut versions = Held::default();
    let (store, _) = deeds::open(whole.path()).expect("it opens");
    for deed in Deeds::new(seed, BEGIN).take(250) {
        assert!(deeds::perform(&store, &deed), "{:?}", store.trouble());
        deeds::apply(&mut written, &deed);
        if let deeds::Deed::Append(list) = &deed {
            // A moment that was written twice may come back as it was the first time.
            for &(series, time, value) in list {
                versions[series].entry(time).or_insert(value);
            }
        }
    }
    drop(store);
    let (mut lost, mut refused) = (0, 0);
    for round in 0..rounds {
        let copy = tempfile::tempdir().expect("a folder");
        let files = copied(whole.path(), copy.path());
        assert!(files.len() > 2, "there are only {} files to change", files.len());
        for file in &files {
            flip(file, &mut chance);
        }
        let (store, notes) = match deeds::open(copy.path()) {
            Ok(opened) => opened,
            Err(OpenError::Newer { .. }) => {
                refused += 1;
                continue;
            }
            Err(error) => panic!("round {round}: {error}"),
        };
        let found = deeds::held(&store);
        for (n, series) in found.iter().enumerate() {
            for (time, value) in series {
                assert!(
                    written[n].get(time) == Some(value) || versions[n].get(time) == Some(value),
                    "round {round}: series {n} has {value} at {time}, which nobody wrote"
                );
            }
        }
        let count = |held: &Held| held.iter().map(BTreeMap::len).sum::<usize>();
        lost += count(&written) - count(&found);
        let status = store.status();
        let told = !notes.is_empty() || !status.damaged.is_empty();
        assert!(told || count(&found) == count(&written), "round {round}: something is lost and nothing is told");
        // It goes on as if nothing had been.
        assert!(store.settle_down().is_ok());
    }
    println!(
        "crash: {rounds} times every file was changed, {lost} points lost and told, {refused} taken for newer ones"
    );
}

fn copied(from: &Path, to: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(from).expect("a folder").map(|entry| entry.expect("an entry")) {
        let target = to.join(entry.file_name());
        if entry.file_type().expect("a type").is_dir() {
            fs::create_dir(&target).expect("a folder");
            files.extend(copied(&entry.path(), &target));
        } else {
            fs::copy(entry.path(), &target).expect("a copy");
            files.push(target);
        }
    }
    files
}

fn flip(file: &Path, chance: &mut Chance) {
    let mut bytes = fs::read(file).expect("a file");
    for _ in 0..=chance.below(3) {
        let at = usize::try_from(chance.below(bytes.len() as u64)).unwrap_or(0);
        if let Some(byte) = bytes.get_mut(at) {
            *byte ^= u8::try_from(1 + chance.below(255)).unwrap_or(1);
        }
    }
    fs::write(file, bytes).expect("it can be written");
}
