//! Hundreds of broken files, made by rule: each is refused with its path or its line, and none ends in a panic.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::{FULL, full, load_here};
use crate::config::Problem;

/// What a broken file has to be told.
enum Told {
    /// A problem at this path.
    At(String),
    /// A problem at this path that suggests this key.
    Suggests(String, String),
    /// A problem with a line.
    Line,
}

/// Every place of `json` but the outermost: its pointer and its path.
fn places(json: &Json, pointer: &str, path: &str, found: &mut Vec<(String, String)>) {
    let mut visit = |pointer: String, path: String, inner: &Json| {
        found.push((pointer.clone(), path.clone()));
        places(inner, &pointer, &path, found);
    };
    match json {
        Json::Object(map) => {
            map.iter().for_each(|(key, inner)| visit(format!("{pointer}/{key}"), format!("{path}.{key}"), inner));
        }
        Json::Array(items) => {
            items
                .iter()
                .enumerate()
                .for_each(|(i, inner)| visit(format!("{pointer}/{i}"), format!("{path}[{i}]"), inner));
        }
        _ => {}
    }
}

fn all_places() -> Vec<(String, String)> {
    let mut found = Vec::new();
    places(&full(), "", "$", &mut found);
    found
}

/// The full file with the value at `pointer` replaced.
fn replaced(pointer: &str, by: &Json) -> String {
    let mut file = full();
    *file.pointer_mut(pointer).unwrap() = by.clone();
    file.to_string()
}

/// A value of no use where `old` is of use.
fn wrong_type(old: &Json, turn: usize) -> Json {
    let wrong: &[Json] = match old {
        Json::Bool(_) => &[json!("on"), json!(1), json!(null), json!([])],
        Json::Number(_) => &[json!("many"), json!(true), json!({}), json!(null)],
        Json::String(_) => &[json!(0.5), json!(false), json!(["a"]), json!(null)],
        Json::Array(_) => &[json!({}), json!("a"), json!(3), json!(null)],
        Json::Object(_) | Json::Null => &[json!([]), json!("a"), json!(3), json!(null)],
    };
    wrong[turn % wrong.len()].clone()
}

/// Whether the keys of the object at `pointer` are the user's own.
fn is_named_by_the_user(pointer: &str) -> bool {
    let maps =
        ["/filters", "/tags_filter", "/headers", "/metrics", "/targets", "/channels", "/application_metrics/processes"];
    maps.iter().any(|map| pointer.ends_with(map))
}

fn mutated() -> Vec<(String, Told)> {
    let (whole, places) = (full(), all_places());
    let mut files = Vec::new();
    for (turn, (pointer, path)) in places.iter().enumerate() {
        let old = whole.pointer(pointer).unwrap();
        files.push((replaced(pointer, &wrong_type(old, turn)), Told::At(path.clone())));
        let any_number = ["threshold", "_value"].iter().any(|end| pointer.ends_with(end));
        if old.is_number() && !any_number {
            let beyond = [json!(-1), json!(1e300), json!(-1e300), json!(-0.5)][turn % 4].clone();
            files.push((replaced(pointer, &beyond), Told::At(path.clone())));
        }
        if old.is_number() {
            let marked = replaced(pointer, &json!("HUGE"));
            files.push((marked.replace("\"HUGE\"", "1e99999"), Told::At(path.clone())));
            files.push((marked.replace("\"HUGE\"", &"9".repeat(400)), Told::At(path.clone())));
            files.push((marked.replace("\"HUGE\"", "NaN"), Told::Line));
        }
        let (object, name) = pointer.rsplit_once('/').unwrap();
        if name.parse::<usize>().is_err() && !is_named_by_the_user(object) {
            let misspelt: String = name.char_indices().filter(|(i, _)| *i != 1).map(|(_, c)| c).collect();
            let mut file = whole.clone();
            let map = file.pointer_mut(object).unwrap().as_object_mut().unwrap();
            let value = map.remove(name).unwrap();
            map.insert(misspelt.clone(), value);
            let at = format!("{}.{misspelt}", path.rsplit_once('.').unwrap().0);
            files.push((file.to_string(), Told::Suggests(at, format!("\"{name}\""))));
        }
    }
    // Cut off at every hundredth character, up to the last brace but one.
    let end = FULL.rfind('}').unwrap();
    let cuts = (0..end).step_by(100).filter(|at| FULL.is_char_boundary(*at));
    files.extend(cuts.map(|at| (FULL[..at].to_owned(), Told::Line)));
    for depth in [1, 10, 100, 1000, 100_000] {
        let nested = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        let text = replaced("/performance_monitoring/dashboard/port", &json!("DEEP")).replace("\"DEEP\"", &nested);
        files.push((text, Told::Line));
        files.push((format!("{}1{}", "{\"performance_monitoring\":".repeat(depth), "}".repeat(depth)), Told::Line));
    }
    for bad in [
        "{\"performance_monitoring\": {}} x",
        "{'performance_monitoring': {}}",
        "{performance_monitoring: {}}",
        "\u{0}",
        "",
        " ",
        "{",
        "}",
    ] {
        files.push((bad.to_owned(), Told::Line));
    }
    files
}

#[test]
fn each_broken_file_is_told_where_it_is_broken() {
    let files = mutated();
    assert!(files.len() >= 200, "{}", files.len());
    for (text, told) in files {
        let good = |problem: &Problem| match &told {
            Told::At(path) => problem.at == *path,
            Told::Suggests(path, key) => problem.at == *path && problem.suggestion.as_ref() == Some(key),
            Told::Line => problem.place.is_some_and(|place| place.line > 0 && place.column > 0),
        };
        let want = match &told {
            Told::At(path) => path.clone(),
            Told::Suggests(path, key) => format!("{path} → {key}"),
            Told::Line => "a line".to_owned(),
        };
        let Err(problems) = load_here(&text) else { panic!("loads, and should say {want}: {text:.3000}") };
        assert!(problems.iter().any(good), "no problem says {want}: {problems:#?}");
        assert!(problems.iter().all(|p| p.to_string().lines().count() == 1 && p.to_string().len() < 2000));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Characters of the full file replaced by others: it loads or is refused with a reason.
    #[test]
    fn no_text_is_too_odd(edits in prop::collection::vec((0.0..1.0_f64, any::<char>()), 1..6), wild in any::<String>()) {
        let mut text: Vec<char> = FULL.chars().collect();
        for (at, by) in edits {
            let at = (at * text.len() as f64) as usize;
            text[at] = by;
        }
        for text in [text.into_iter().collect(), wild] {
            if let Err(problems) = load_here(&text) {
                prop_assert!(!problems.is_empty());
                prop_assert!(problems.iter().all(|problem| problem.at.starts_with('$')));
            }
        }
    }
}
