//! The clients, each with its own bounded queue.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use app::model::{Batch, DataPoint, Tags};
use parking_lot::Mutex;
use tokio::sync::Notify;

use super::update::Update;
use super::{Unwanted, Wanted};

/// All clients.
#[derive(Debug)]
pub struct Hub {
    most_clients: AtomicUsize,
    /// Updates that may wait for one client.
    queue: AtomicUsize,
    next_id: AtomicU64,
    /// Updates that were left out for any client.
    dropped: AtomicU64,
    /// How often what clients want has changed.
    changes: AtomicU64,
    clients: Mutex<BTreeMap<u64, Arc<Mailbox>>>,
    /// Told when the last client has gone.
    emptied: Notify,
}

impl Hub {
    /// A hub for so many clients at a time, for each of whom so many updates may wait.
    #[must_use]
    pub fn new(most_clients: usize, queue: usize) -> Self {
        Self {
            most_clients: AtomicUsize::new(most_clients),
            queue: AtomicUsize::new(queue),
            next_id: AtomicU64::new(1),
            dropped: AtomicU64::new(0),
            changes: AtomicU64::new(1),
            clients: Mutex::default(),
            emptied: Notify::new(),
        }
    }

    /// From now on so many clients, and so many updates for each. Those that are too many by it may stay.
    pub fn allow(&self, most_clients: usize, queue: usize) {
        self.most_clients.store(most_clients, Ordering::Relaxed);
        self.queue.store(queue, Ordering::Relaxed);
    }

    /// A place for one more client; none where all are taken. It is free again when the client is dropped.
    #[must_use]
    pub fn connect(self: &Arc<Self>) -> Option<Client> {
        let mut clients = self.clients.lock();
        if clients.len() >= self.most_clients() {
            return None;
        }
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let mailbox = Arc::<Mailbox>::default();
        clients.insert(id, Arc::clone(&mailbox));
        Some(Client { id, mailbox, hub: Arc::clone(self) })
    }

    /// How many clients there are.
    #[must_use]
    pub fn clients(&self) -> usize {
        self.clients.lock().len()
    }

    /// How many places it has.
    #[must_use]
    pub fn most_clients(&self) -> usize {
        self.most_clients.load(Ordering::Relaxed)
    }

    /// How many updates were left out since the start, over all clients.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Puts a batch into the queue of every client that wants something of it.
    pub fn publish(&self, batch: &Batch) {
        let clients = self.mailboxes();
        if !clients.is_empty() {
            self.put(&clients, Update::new(batch));
        }
    }

    /// The same with points of different moments, each a finite number and the newest of its series: one update.
    pub fn publish_points(&self, points: Vec<DataPoint>) {
        self.put(&self.mailboxes(), Update::of(points));
    }

    /// A number that is another one once any client wants something else. None where there are no clients.
    #[must_use]
    pub fn changes(&self) -> Option<u64> {
        (!self.clients.lock().is_empty()).then(|| self.changes.load(Ordering::Acquire))
    }

    /// Whether any client wants a series of this name and these tags. For as long as [`Hub::changes`] tells the same number
    /// as before this was asked, the answer is the same.
    #[must_use]
    pub fn wants(&self, name: &str, tags: &Tags) -> bool {
        let wants = |mailbox: &Arc<Mailbox>| Arc::clone(&mailbox.inside.lock().wanted).has(name, tags);
        self.mailboxes().iter().any(wants)
    }

    /// Of all clients. The lock is left before any work: whoever connects meanwhile begins with the next update.
    fn mailboxes(&self) -> Vec<Arc<Mailbox>> {
        self.clients.lock().values().cloned().collect()
    }

    fn put(&self, clients: &[Arc<Mailbox>], update: Update) {
        let (update, queue) = (Arc::new(update), self.queue.load(Ordering::Relaxed));
        for mailbox in clients {
            let dropped = mailbox.put(&update, queue);
            self.dropped.fetch_add(dropped, Ordering::Relaxed);
        }
    }

    /// Waits until there are no clients.
    pub async fn emptied(&self) {
        loop {
            // Made before looking, so that whoever goes between the look and the wait is heard.
            let emptied = self.emptied.notified();
            if self.clients.lock().is_empty() {
                return;
            }
            emptied.await;
        }
    }
}

/// What waits for one client.
#[derive(Debug, Default)]
struct Mailbox {
    inside: Mutex<Inside>,
    filled: Notify,
}

#[derive(Debug, Default)]
struct Inside {
    /// Shared, so that a frame can be made of it without the lock.
    wanted: Arc<Wanted>,
    waiting: VecDeque<Arc<Update>>,
    /// Updates left out since the client was last told.
    dropped: u64,
}

impl Mailbox {
    /// How many others were left out for it.
    fn put(&self, update: &Arc<Update>, queue: usize) -> u64 {
        let mut inside = self.inside.lock();
        if !update.concerns(&inside.wanted) {
            return 0;
        }
        // The oldest goes: who falls behind is better served with what is new.
        let before = inside.dropped;
        while inside.waiting.len() >= queue.max(1) {
            inside.waiting.pop_front();
            inside.dropped += 1;
        }
        inside.waiting.push_back(Arc::clone(update));
        let dropped = inside.dropped - before;
        drop(inside);
        self.filled.notify_one();
        dropped
    }
}

/// A client's place in the hub.
#[derive(Debug)]
pub struct Client {
    id: u64,
    mailbox: Arc<Mailbox>,
    hub: Arc<Hub>,
}

/// What comes next for a client.
#[derive(Debug, PartialEq, Eq)]
pub struct Next {
    /// Updates that were left out just before.
    pub dropped: u64,
    /// The frame to send; none where the client wants nothing of it any more.
    pub frame: Option<String>,
}

impl Client {
    /// Names it; never given twice.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Changes what it has subscribed to, for collections from now on.
    ///
    /// # Errors
    /// Those of the change.
    pub fn change(&self, how: impl FnOnce(&mut Wanted) -> Result<(), Unwanted>) -> Result<(), Unwanted> {
        let changed = how(Arc::make_mut(&mut self.mailbox.inside.lock().wanted));
        // Afterwards: who saw the number of before has looked at what was wanted before, and looks again.
        self.hub.changes.fetch_add(1, Ordering::Release);
        changed
    }

    /// Waits for the next update. Given up half-way, it loses nothing.
    pub async fn next(&self) -> Next {
        loop {
            if let Some(next) = self.take() {
                return next;
            }
            self.mailbox.filled.notified().await;
        }
    }

    fn take(&self) -> Option<Next> {
        let mut inside = self.mailbox.inside.lock();
        let update = inside.waiting.pop_front()?;
        let dropped = std::mem::take(&mut inside.dropped);
        let wanted = Arc::clone(&inside.wanted);
        drop(inside);
        Some(Next { dropped, frame: update.frame(&wanted) })
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let mut clients = self.hub.clients.lock();
        clients.remove(&self.id);
        self.hub.changes.fetch_add(1, Ordering::Release);
        if clients.is_empty() {
            self.hub.emptied.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use app::model::{Metric, Tags, Timestamp, Unit};

    use super::*;

    fn batch(secs: i64) -> Batch {
        Batch {
            collector: "c".into(),
            time: Timestamp::from_millis(secs * 1000),
            samples: vec![Metric::gauge("m", Unit::NONE).sample(Tags::default(), 1.0)],
        }
    }

    fn client(hub: &Arc<Hub>, name: &str) -> Client {
        let client = hub.connect().unwrap();
        client.change(|wanted| wanted.add(&[name.to_owned()], &Tags::default())).unwrap();
        client
    }

    #[track_caller]
    fn check(next: Option<Next>, dropped: u64, secs: i64) {
        let next = next.unwrap();
        let frame = next.frame.unwrap();
        assert!(frame.contains(&format!(r#""timestamp":{secs}.0"#)), "not of second {secs}: {frame}");
        assert_eq!(next.dropped, dropped);
    }

    #[test]
    fn a_slow_client_loses_the_oldest_and_is_told_while_a_fast_one_loses_nothing() {
        let hub = Arc::new(Hub::new(3, 64));
        let (slow, fast, elsewhere) = (client(&hub, "m"), client(&hub, "*"), client(&hub, "other"));
        for secs in 0..100 {
            hub.publish(&batch(secs));
            check(fast.take(), 0, secs);
        }
        assert_eq!(fast.take(), None);
        assert_eq!(elsewhere.take(), None, "what it does not want fills no queue");
        assert_eq!(hub.dropped(), 36);
        check(slow.take(), 36, 36);
        for secs in 37..100 {
            check(slow.take(), 0, secs);
        }
        assert_eq!(slow.take(), None);
        hub.publish(&batch(100));
        check(slow.take(), 0, 100);
    }

    #[test]
    fn as_many_wait_as_may() {
        let hub = Arc::new(Hub::new(1, 2));
        let slow = client(&hub, "m");
        (0..10).for_each(|secs| hub.publish(&batch(secs)));
        check(slow.take(), 8, 8);
        check(slow.take(), 0, 9);
        assert_eq!(slow.take(), None);
    }

    #[test]
    fn what_is_allowed_may_change() {
        let hub = Arc::new(Hub::new(1, 4));
        let first = client(&hub, "m");
        (0..4).for_each(|secs| hub.publish(&batch(secs)));
        hub.allow(2, 1);
        hub.publish(&batch(4));
        check(first.take(), 4, 4);
        let second = hub.connect();
        assert!(second.is_some() && hub.connect().is_none());
        hub.allow(1, 1);
        assert_eq!(hub.clients(), 2, "who is there may stay");
        drop(second);
        assert!(hub.connect().is_none());
    }

    #[test]
    fn what_any_client_wants_is_known_and_when_that_may_have_changed() {
        let hub = Arc::new(Hub::new(3, 64));
        assert_eq!((hub.changes(), hub.wants("m", &Tags::default())), (None, false));
        let _other = client(&hub, "other");
        let before = hub.changes();
        assert!(before.is_some() && before == hub.changes() && !hub.wants("m", &Tags::default()));
        let one = client(&hub, "m");
        let with = hub.changes();
        assert!(with != before && hub.wants("m", &Tags::new([("host", "a")])));
        drop(one);
        assert!(hub.changes() != with && !hub.wants("m", &Tags::default()));
    }

    #[test]
    fn what_is_no_longer_wanted_is_not_sent_even_if_it_waits() {
        let hub = Arc::new(Hub::new(1, 64));
        let client = client(&hub, "m");
        hub.publish(&batch(1));
        client.change(|wanted| wanted.remove(&["m".to_owned()], &Tags::default())).unwrap();
        assert_eq!(client.take(), Some(Next { dropped: 0, frame: None }));
    }

    #[test]
    fn places_are_counted_and_free_again() {
        let hub = Arc::new(Hub::new(2, 64));
        let (first, second) = (hub.connect().unwrap(), hub.connect());
        assert!(second.is_some() && hub.connect().is_none());
        let id = first.id();
        drop(first);
        assert_ne!(hub.connect().map(|again| again.id()), Some(id));
    }

    #[tokio::test]
    async fn waiting_ends_with_an_update_and_with_the_last_client() {
        let hub = Arc::new(Hub::new(1, 64));
        let client = client(&hub, "m");
        let (next, ()) = tokio::join!(client.next(), async { hub.publish(&batch(7)) });
        check(Some(next), 0, 7);
        tokio::join!(hub.emptied(), async { drop(client) });
        hub.emptied().await;
    }
}
