//! From text to a [`Config`], or to everything that is wrong with the text.

use super::expand::Env;
use super::keys::root::{Config, ROOT, read_file};
use super::known::Known;
use super::problem::{Problem, Warning};
use super::read::{At, Cx, Kind, Record, Section, Shape, parse};

/// A file that can be used.
#[derive(Debug)]
pub struct Loaded {
    /// What it says.
    pub config: Config,
    /// What its author should know.
    pub warnings: Vec<Warning>,
}

/// Reads a file.
///
/// # Errors
/// Everything that is wrong with it, in the order of the file.
pub fn load(text: &str, env: Env<'_>, known: &Known) -> Result<Loaded, Vec<Problem>> {
    read(text, &Cx::new(env), known)
}

/// Reads a file for one who only wants to know where its server is: what the server's own environment holds, such as
/// passwords, need not be set.
///
/// # Errors
/// As [`load`].
pub fn whereabouts(text: &str, env: Env<'_>, known: &Known) -> Result<Config, Vec<Problem>> {
    let needs = Some(format!("$.{ROOT}.dashboard.host"));
    read(text, &Cx { needs, ..Cx::new(env) }, known).map(|loaded| loaded.config)
}

fn read(text: &str, cx: &Cx<'_>, known: &Known) -> Result<Loaded, Vec<Problem>> {
    let tree = parse(text, &mut cx.problems.borrow_mut());
    let config = match &tree {
        Ok(tree) => Record(|s: &mut Section<'_>| read_file(s, known)).read(&At::root(cx), tree),
        Err(broken) => {
            cx.problems.borrow_mut().push(broken.clone());
            None
        }
    };
    if let Some(config) = &config {
        warn_of_functions(config, cx, known);
    }
    let mut problems = cx.problems.take();
    problems.sort_by_key(|problem| problem.place);
    match config {
        Some(config) if problems.is_empty() => Ok(Loaded { config, warnings: cx.warnings.take() }),
        _ => Err(problems),
    }
}

/// What holds without a file.
#[must_use]
pub fn defaults(env: Env<'_>) -> Config {
    let cx = Cx::new(env);
    Config::read(&mut Section::empty(At::root(&cx).key(ROOT, None)), &Known::default())
}

/// What a file may hold.
pub(crate) fn shape() -> Shape {
    Record(|s: &mut Section<'_>| read_file(s, &Known::default())).shape()
}

fn warn_of_functions(config: &Config, cx: &Cx<'_>, known: &Known) {
    let custom = &config.collectors.custom_metrics;
    let at = At::root(cx).key(ROOT, None).key("collectors", None).key("custom_metrics", None).key("metrics", None);
    for (name, metric) in &custom.metrics {
        if let Some(function) = metric.function().filter(|function| !known.functions.contains(*function)) {
            at.key(name, None).key("function", None).warn(format!(
                "no function is registered as {function}: the metric {name} has no values, everything else works"
            ));
        }
    }
}
