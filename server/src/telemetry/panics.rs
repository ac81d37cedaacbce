//! Panics as lines of the log, instead of writes to a standard error that may block.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::panic::{set_hook, take_hook};
use std::thread;

/// From now on.
pub(super) fn tell() {
    let usual = take_hook();
    set_hook(Box::new(move |panic| {
        let says = panic.payload_as_str().unwrap_or("without a message");
        let thread = thread::current();
        let (thread, place) = (thread.name().unwrap_or("a thread"), panic.location());
        match place {
            Some(place) => tracing::error!(target: "telltale", "`{thread}` panicked at {place}: {says}"),
            None => tracing::error!(target: "telltale", "`{thread}` panicked: {says}"),
        }
        // Who has asked for backtraces gets them as everywhere.
        if Backtrace::capture().status() == BacktraceStatus::Captured {
            usual(panic);
        }
    }));
}
