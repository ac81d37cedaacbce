//! Where lines wait for a thread that writes them.
//!
//! Invariant: neither lines nor orders ever wait to get in; lines beyond a number are dropped and counted. Orders are few
//! and keep their place among the lines.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

use super::record::Record;

/// What waits.
#[derive(Debug)]
pub(super) enum Item<O> {
    Line(Arc<Record>),
    Order(O),
}

/// Bounded in lines.
pub(super) struct Queue<O> {
    waiting: Mutex<Waiting<O>>,
    filled: Condvar,
    most: usize,
}

struct Waiting<O> {
    items: VecDeque<Item<O>>,
    lines: usize,
    dropped: u64,
}

impl<O> Queue<O> {
    pub(super) fn new(most: usize) -> Self {
        let waiting = Waiting { items: VecDeque::new(), lines: 0, dropped: 0 };
        Self { waiting: Mutex::new(waiting), filled: Condvar::new(), most }
    }

    /// True where it is the first line of a row for which there is no room.
    pub(super) fn push(&self, record: Arc<Record>) -> bool {
        let mut waiting = self.waiting.lock();
        if waiting.lines >= self.most {
            waiting.dropped += 1;
            return waiting.dropped == 1;
        }
        waiting.lines += 1;
        waiting.items.push_back(Item::Line(record));
        self.filled.notify_one();
        false
    }

    pub(super) fn order(&self, order: O) {
        self.waiting.lock().items.push_back(Item::Order(order));
        self.filled.notify_one();
    }

    /// All that waits, and how many lines were dropped after it; nothing where nothing comes within the time.
    pub(super) fn take(&self, within: Duration) -> (VecDeque<Item<O>>, u64) {
        let mut waiting = self.waiting.lock();
        if waiting.items.is_empty() {
            self.filled.wait_for(&mut waiting, within);
        }
        waiting.lines = 0;
        (std::mem::take(&mut waiting.items), std::mem::take(&mut waiting.dropped))
    }
}

#[cfg(test)]
mod tests {
    use app::model::Timestamp;

    use super::*;
    use crate::telemetry::Level;

    #[test]
    fn lines_beyond_the_bound_are_counted_and_orders_always_get_in() {
        let queue = Queue::new(2);
        let push = |text: &str| queue.push(Arc::new(Record::new(Timestamp::MIN, Level::Info, text)));
        assert_eq!(["a", "b", "c", "d"].map(push), [false, false, true, false]);
        queue.order(7);
        let (items, dropped) = queue.take(Duration::ZERO);
        let shown = items.iter().map(|item| match item {
            Item::Line(record) => record.message.clone(),
            Item::Order(order) => order.to_string(),
        });
        assert_eq!((shown.collect::<Vec<_>>().join(" "), dropped), ("a b 7".to_owned(), 2));
        assert!(!push("e"), "there is room again");
        assert_eq!(queue.take(Duration::ZERO).1, 0);
        assert!(queue.take(Duration::from_millis(1)).0.is_empty());
    }
}
