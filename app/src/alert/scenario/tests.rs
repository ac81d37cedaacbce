//! Plays every file of `app/tests/scenarios`.

use std::path::Path;

use super::{Scenario, differences};

/// The least number of files: one that is lost is missed.
const FILES: usize = 85;

#[test]
fn every_scenario_ends_as_it_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let mut paths: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let mut failed = Vec::new();
    for path in &paths {
        let text = std::fs::read_to_string(path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy();
        match serde_json::from_str::<Scenario>(&text) {
            Err(error) => failed.push(format!("{name}: {error}")),
            Ok(scenario) => match scenario.run() {
                Err(error) => failed.push(format!("{name}: {error}")),
                Ok(outcome) => {
                    let differences = differences(&scenario, &outcome);
                    if !differences.is_empty() {
                        failed.push(format!("{name}: {}\n{differences}", scenario.about));
                    }
                }
            },
        }
    }
    assert!(failed.is_empty(), "{} of {} fail\n\n{}", failed.len(), paths.len(), failed.join("\n"));
    assert!(paths.len() >= FILES, "only {} files", paths.len());
}
