//! Where a reader stands, and the one notebook all of a file's readers write to.

use std::cell::RefCell;
use std::collections::BTreeSet;

use super::path;
use super::syntax::Node;
use crate::config::expand::Env;
use crate::config::problem::{Place, Problem, Warning};

/// What is noted while a file is read.
pub(crate) struct Cx<'a> {
    pub(crate) env: Env<'a>,
    pub(crate) problems: RefCell<Vec<Problem>>,
    pub(crate) warnings: RefCell<Vec<Warning>>,
    /// Paths of keys that stand in the file.
    pub(crate) given: RefCell<BTreeSet<String>>,
    /// The one key whose variables have to be set; none: all of them have to.
    pub(crate) needs: Option<String>,
    /// Whether what the readers ask for is written down, too.
    pub(crate) recording: bool,
}

impl<'a> Cx<'a> {
    pub(crate) fn new(env: Env<'a>) -> Self {
        Self {
            env,
            problems: RefCell::default(),
            warnings: RefCell::default(),
            given: RefCell::default(),
            needs: None,
            recording: false,
        }
    }

    /// One for readers that are only to say what they would read.
    pub(crate) fn recorder() -> Self {
        Self { recording: true, ..Self::new(&|_| None) }
    }
}

/// A place in the file.
#[derive(Clone)]
pub(crate) struct At<'a> {
    pub(crate) cx: &'a Cx<'a>,
    pub(crate) path: String,
    /// The last key of it.
    pub(crate) name: String,
    pub(crate) place: Option<Place>,
    /// False inside of a section that is switched off: there a variable need not be set.
    pub(crate) active: bool,
}

impl<'a> At<'a> {
    pub(crate) fn root(cx: &'a Cx<'a>) -> Self {
        Self { cx, path: "$".to_owned(), name: String::new(), place: None, active: true }
    }

    /// Whether a variable here may be missing.
    pub(crate) fn spares_variables(&self) -> bool {
        !self.active || self.cx.needs.as_ref().is_some_and(|needs| *needs != self.path)
    }

    /// One key deeper.
    pub(crate) fn key(&self, name: &str, node: Option<&Node>) -> Self {
        self.deeper(path::key(&self.path, name), name, node)
    }

    /// One item deeper.
    pub(crate) fn item(&self, index: usize, node: &Node) -> Self {
        self.deeper(path::item(&self.path, index), "", Some(node))
    }

    fn deeper(&self, path: String, name: &str, node: Option<&Node>) -> Self {
        Self { path, name: name.to_owned(), place: node.map_or(self.place, |node| Some(node.place)), ..self.clone() }
    }

    /// Notes that what was found is not allowed.
    pub(crate) fn refuse(&self, found: impl Into<String>, allowed: impl Into<String>) {
        self.refuse_and_suggest(found, allowed, None);
    }

    /// The same, with what was perhaps meant.
    pub(crate) fn refuse_and_suggest(
        &self,
        found: impl Into<String>,
        allowed: impl Into<String>,
        suggestion: Option<String>,
    ) {
        self.cx.problems.borrow_mut().push(Problem {
            at: self.path.clone(),
            place: self.place,
            found: found.into(),
            allowed: allowed.into(),
            suggestion,
        });
    }

    /// Notes something to know.
    pub(crate) fn warn(&self, says: impl Into<String>) {
        self.cx.warnings.borrow_mut().push(Warning { at: self.path.clone(), says: says.into() });
    }
}
