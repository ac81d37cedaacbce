//! The invariants of docs/architecture.md that can be read off the source, each as an absence.

use std::fs;
use std::path::{Path, PathBuf};

/// Folder, and what code in it may not name. Everything is joined in `server/src/run`.
const MAY_NOT_NAME: &[(&str, &[&str])] = &[
    (
        "server/src/collect",
        &[
            "crate::config",
            "crate::store",
            "crate::live",
            "crate::pipeline",
            "crate::web",
            "crate::cli",
            "crate::run",
            "leptos",
            "axum",
        ],
    ),
    (
        "server/src/store",
        &[
            "crate::config",
            "crate::collect",
            "crate::live",
            "crate::pipeline",
            "crate::web",
            "crate::cli",
            "crate::run",
            "leptos",
            "axum",
        ],
    ),
    (
        "server/src/live",
        &[
            "crate::config",
            "crate::collect",
            "crate::store",
            "crate::web",
            "crate::cli",
            "crate::run",
            "leptos",
            "axum",
        ],
    ),
    (
        "server/src/ingest",
        &[
            "crate::config",
            "crate::collect",
            "crate::pipeline",
            "crate::web",
            "crate::cli",
            "crate::run",
            "leptos",
            "axum",
        ],
    ),
    // It takes settings of its own, which `run` makes.
    ("server/src/web", &["crate::config", "crate::collect", "crate::cli", "crate::run"]),
    ("server/src/monitor", &["crate::config", "crate::web", "crate::cli", "crate::run", "leptos", "axum"]),
    (
        "server/src/config",
        &[
            "crate::collect",
            "crate::store",
            "crate::live",
            "crate::alerting",
            "crate::notify",
            "crate::pipeline",
            "crate::monitor",
            "crate::web",
            "crate::cli",
            "crate::run",
        ],
    ),
    // Whoever starts it says what a setting means; whoever tells something does so by `tracing`.
    (
        "server/src/telemetry",
        &[
            "crate::config",
            "crate::collect",
            "crate::store",
            "crate::live",
            "crate::pipeline",
            "crate::monitor",
            "crate::web",
            "crate::cli",
            "crate::run",
        ],
    ),
    ("app/src/model", &["crate::", "leptos", "web_sys", "plotters"]),
    (
        "app/src/alert",
        &["leptos", "web_sys", "plotters", "crate::state", "crate::components", "crate::pages", "crate::api"],
    ),
    ("app/src/chart", &["leptos", "web_sys", "crate::state", "crate::components", "crate::pages", "crate::api"]),
    ("app/src/state", &["crate::components", "crate::pages", "plotters"]),
    ("app/src", &["axum", "tokio", "std::fs", "std::net"]),
    ("frontend/src", &["telltale"]),
];

/// What only the named files may ask the machine for; to everything else it is an argument.
const ASKED_IN_ONE_PLACE: &[(&str, &[&str])] = &[
    ("SystemTime::now", &["server/src/clock.rs"]),
    ("std::env", &["server/src/main.rs"]),
    ("env::var", &["server/src/main.rs"]),
    ("rand::", &[]),
    ("getrandom", &[]),
    ("println!", &[]),
    ("process::exit", &["server/src/main.rs"]),
];

const MEMBERS: &[&str] = &["app", "frontend", "server", "xtask", "xtask/bundle"];

#[test]
fn modules_name_only_what_they_may() {
    for (folder, banned) in MAY_NOT_NAME {
        for file in code_in(folder) {
            let named: Vec<_> = banned.iter().filter(|word| file.names(word)).collect();
            assert!(named.is_empty(), "{} names {named:?}; join them in server/src/run instead", file.path);
        }
    }
}

#[test]
fn grouped_imports_of_the_crate_do_not_hide_from_a_text_search() {
    for file in ["app/src", "server/src", "frontend/src"].iter().flat_map(|folder| code_in(folder)) {
        assert!(!file.code.contains("crate::{"), "{} has `crate::{{`; write one `use` a module", file.path);
    }
}

#[test]
fn time_environment_and_chance_are_arguments() {
    for (word, allowed) in ASKED_IN_ONE_PLACE {
        for file in ["app/src", "server/src"].iter().flat_map(|folder| code_in(folder)) {
            let may = allowed.contains(&file.path.as_str());
            assert!(may || !file.names(word), "{} names {word}; take it as an argument", file.path);
        }
    }
}

#[test]
fn every_file_says_what_it_holds() {
    for file in MEMBERS.iter().flat_map(|member| code_in(member)) {
        assert!(file.text.starts_with("//!"), "{} does not start with a `//!` line", file.path);
    }
}

#[test]
fn files_are_small() {
    let mut lines: Vec<(usize, String)> =
        MEMBERS.iter().flat_map(|member| code_in(member)).map(|file| (file.text.lines().count(), file.path)).collect();
    lines.sort();
    lines.dedup();
    let at = |share: f64| lines.get((lines.len() as f64 * share) as usize).cloned().unwrap_or_default();
    assert!(at(0.5).0 <= 150, "the median file has more than 150 lines: {:?}", at(0.5));
    assert!(at(0.9).0 <= 400, "more than one file in ten has over 400 lines, such as {:?}", at(0.9));
    let long: Vec<_> = lines.iter().filter(|(count, _)| *count > 600).collect();
    assert!(long.is_empty(), "over 600 lines; is each still one thing? {long:?}");
    let count = |path: &str| read(path).lines().count();
    assert!(count("server/src/main.rs") <= 60, "main.rs parses, dispatches and prints the error");
    assert!(count("frontend/src/lib.rs") <= 25, "the frontend hydrates, and nothing else");
}

#[test]
fn lints_hold_everywhere_and_no_test_is_switched_off() {
    for member in MEMBERS {
        let manifest = read(&format!("{member}/Cargo.toml"));
        assert!(manifest.contains("[lints]\nworkspace = true"), "{member} does not take the workspace's lints");
    }
    for file in MEMBERS.iter().flat_map(|member| sources_in(member)) {
        if file.path != "server/tests/it/tidy.rs" {
            let off = ["#[ignore", "todo!(", "unimplemented!("].iter().find(|word| file.text.contains(**word));
            assert!(off.is_none(), "{} has {off:?}", file.path);
        }
    }
}

#[test]
fn dependencies_stay_lean() {
    let lock = read("Cargo.lock");
    for name in ["openssl-sys", "aws-lc-sys", "aws-lc-rs", "native-tls", "cmake", "bindgen"] {
        assert!(!lock.contains(&format!("name = \"{name}\"\n")), "{name} is in Cargo.lock");
    }
    for name in ["axum", "hyper", "leptos", "tokio", "http", "tower-http", "gloo-net", "plotters", "reqwest", "rustls"]
    {
        let copies = lock.matches(&format!("name = \"{name}\"\n")).count();
        assert_eq!(copies, 1, "{name} is in Cargo.lock {copies} times");
    }
}

#[test]
fn nothing_points_to_one_machine_or_one_registry() {
    // Put together here, or this file would be its own finding.
    let hosts = [("crates", "io"), ("pypi", "org"), ("npmjs", "org"), ("npmjs", "com")];
    let hosts = hosts.map(|(name, end)| format!("{name}.{end}"));
    let homes = ["work", "root", "home"].map(|folder| format!("/{folder}/"));
    let mut files = Vec::new();
    for ending in ["rs", "md", "toml", "ts", "css", "json", "js"] {
        walk(&root(), ending, &mut files);
    }
    for path in files.iter().filter(|path| !path.ends_with("Cargo.lock")) {
        let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        for (at, line) in text.lines().enumerate() {
            let host = hosts.iter().find(|host| line.contains(*host));
            let home =
                homes.iter().find(|home| line.split([' ', '"', '`', '\'', '(', '=']).any(|w| w.starts_with(*home)));
            assert_eq!((host, home), (None, None), "{} line {}", path.display(), at + 1);
        }
    }
}

/// A source file without its comments and its `mod tests`.
struct Source {
    path: String,
    text: String,
    code: String,
}

impl Source {
    /// Whether `word` stands there as a word, so that `axum` is not found in `maximaxum`.
    fn names(&self, word: &str) -> bool {
        let inside = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        self.code.match_indices(word).any(|(at, _)| {
            let (before, after) = (&self.code[..at], &self.code[at + word.len()..]);
            !inside(before.chars().next_back())
                && (word.ends_with(|c: char| !c.is_alphanumeric()) || !inside(after.chars().next()))
        })
    }
}

/// Every source file that is no test and no build script.
fn code_in(folder: &str) -> Vec<Source> {
    let is_test = |path: &str| path.ends_with("tests.rs") || path.contains("/tests/") || path.ends_with("build.rs");
    let found: Vec<Source> = sources_in(folder).into_iter().filter(|file| !is_test(&file.path)).collect();
    assert!(!found.is_empty(), "{folder} has no source: a rule of this file is about nothing");
    found
}

fn sources_in(folder: &str) -> Vec<Source> {
    let mut paths = Vec::new();
    walk(&root().join(folder), "rs", &mut paths);
    let source = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        let path = path.strip_prefix(root()).unwrap().display().to_string();
        Source { path, code: code_of(&text), text }
    };
    paths.into_iter().map(source).collect()
}

/// Every file of that ending below a folder, but for what tools put there.
fn walk(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap_or_default();
        if path.is_dir() {
            if !["target", "node_modules", ".git", "dist", "test-results"].iter().any(|made| name == *made) {
                walk(&path, ending, found);
            }
        } else if path.extension().is_some_and(|e| e == ending) {
            found.push(path);
        }
    }
}

fn code_of(text: &str) -> String {
    let before_tests = text.split("\n#[cfg(test)]\nmod tests {").next().unwrap_or(text);
    before_tests.lines().filter(|line| !line.trim_start().starts_with("//")).fold(String::new(), |mut code, line| {
        code.push_str(line);
        code.push('\n');
        code
    })
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}
