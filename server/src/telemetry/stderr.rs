//! The outlet that is standard error. It has a thread of its own, since a pipe that nobody reads blocks for ever.

use std::io::{ErrorKind, Write};
use std::sync::mpsc::SyncSender;
use std::thread::sleep;
use std::time::Duration;

use super::Level;
use super::desk::{Desk, left_out};
use super::line::line;
use super::queue::Item;
use super::record::Record;

/// How often to look whether counts are due.
const TICK: Duration = Duration::from_secs(1);
/// Between two attempts where whoever reads has asked us not to wait for it.
const BREATH: Duration = Duration::from_millis(20);

pub(super) enum StderrOrder {
    /// To be answered when all before it is written.
    Flush(SyncSender<()>),
    End,
}

/// Until it is told to end.
pub(super) fn run(desk: &Desk, out: &mut dyn Write) {
    loop {
        let (items, dropped) = desk.stderr.take(TICK);
        for item in items {
            match item {
                Item::Line(record) => put(desk, out, &record),
                // Whoever asked may have gone.
                Item::Order(StderrOrder::Flush(done)) => drop(done.try_send(())),
                Item::Order(StderrOrder::End) => return,
            }
        }
        if dropped > 0 {
            put(desk, out, &desk.note(Level::Warning, left_out(dropped)));
        }
        desk.tell_counts();
    }
}

fn put(desk: &Desk, out: &mut dyn Write, record: &Record) {
    let line = line(record, desk.routing().look_on_stderr);
    let mut rest = line.as_bytes();
    while !rest.is_empty() {
        match out.write(rest) {
            Ok(0) => return,
            Ok(count) => rest = rest.get(count..).unwrap_or_default(),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => sleep(BREATH),
            // Nobody listens, and there is nobody left to tell.
            Err(_) => return,
        }
    }
}
