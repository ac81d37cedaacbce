//! The number that a function gives, which the program has registered.

use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::aside::{Aside, NoResult};
use crate::collect::CollectError;

/// Gives a number, or says why not. It may block: it runs on a thread, and never twice at once.
pub type Function = Arc<dyn Fn() -> Result<f64, Box<dyn Error + Send + Sync>> + Send + Sync>;

pub(super) struct Named {
    name: String,
    function: Option<Function>,
    aside: Aside<Option<Result<f64, String>>>,
}

impl Named {
    pub(super) const fn new(name: String, function: Option<Function>) -> Self {
        Self { name, function, aside: Aside::new() }
    }

    pub(super) fn what(&self) -> String {
        format!("the function {}", self.name)
    }

    pub(super) async fn read(&mut self) -> Result<f64, CollectError> {
        let Some(function) = self.function.clone() else {
            return Err(CollectError::failed(self.what(), "no program has registered it"));
        };
        let call = move || {
            let called = catch_unwind(AssertUnwindSafe(|| function())).ok()?;
            Some(called.map_err(|error| error.to_string()))
        };
        let called = self.aside.run(call).await;
        let failed = |why: &str| CollectError::failed(self.what(), why);
        match called {
            Ok(Some(Ok(number))) if number.is_finite() => Ok(number),
            Ok(Some(Ok(number))) => Err(failed(&format!("gives {number}, which is no number"))),
            Ok(Some(Err(why))) => Err(failed(&format!("fails: {why}"))),
            Ok(None) | Err(NoResult::Broken) => Err(failed("panicked")),
            Err(NoResult::HeldUp) => Err(failed("has not returned from an earlier call")),
        }
    }
}
