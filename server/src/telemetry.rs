//! What the server says of itself to whoever runs it.

use std::fmt::Display;
use std::io::Write;

/// One line on standard error. That nobody may be listening there is no reason to fail.
pub fn warn(what: &(impl Display + ?Sized)) {
    let _ = writeln!(std::io::stderr().lock(), "telltale: {what}");
}
