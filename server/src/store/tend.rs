//! What has to be done now and then: seal, merge, delete, and come back when a disk does.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use app::model::{Metric, Timestamp};

use super::block::{Block, Tier};
use super::catalog::Entry;
use super::columns::Columns;
use super::query::SeriesReader;
use super::retention::Floors;
use super::tier::{hour_of, over};
use super::{Epoch, OnDisk, Store};

/// So many bytes of points in memory are sealed, however new they are.
const MOST_IN_HEADS: usize = 16 << 20;
/// Points are sealed when the first of them have been in memory for so long.
const SEAL_AFTER: Duration = Duration::from_secs(2 * 60 * 60);
/// What nobody adds to for so long is sealed too, where it is worth a block: the memory is free, and the next start is quick.
const QUIET: Duration = Duration::from_secs(20);
const WORTH_A_BLOCK: usize = 256 << 10;
/// Where a disk does not take blocks, so many bytes of them are kept in memory.
const MOST_IN_MEMORY: u64 = 128 << 20;

/// Days are summed up no more often.
const SUM_UP_AFTER: Duration = Duration::from_secs(10 * 60);

/// What is remembered from one time to the next.
#[derive(Debug, Default)]
pub(super) struct Tending {
    sealed: Option<Timestamp>,
    /// How many points had been appended when it was looked last, and since when it is so many.
    appended: u64,
    quiet_since: Option<Timestamp>,
    /// When days were summed up, and the newest block then.
    summed_up: Option<(Timestamp, u64)>,
    /// What went since there was no room for it, and must not come back.
    floors: Floors,
}

impl Tending {
    /// Whether nobody has appended anything for a while.
    fn is_quiet(&self, now: Timestamp) -> bool {
        self.quiet_since.is_some_and(|since| now.since(since) >= QUIET)
    }
}

impl Store {
    /// Seals what has been in memory for long or is much, merges blocks, and tries a disk again that had failed. Called every
    /// second or so, from where it may take its time; a call while another one is at work does nothing.
    pub fn tend(&self, now: Timestamp) {
        let Some(mut tending) = self.tending.try_lock() else { return };
        let done = self
            .come_back()
            .and_then(|()| self.seal_what_is_due(&mut tending, now))
            .and_then(|()| self.merge_days(now, tending.is_quiet(now)))
            .and_then(|()| self.sum_up_what_is_new(&mut tending, now));
        self.note(done);
    }

    /// Where something was sealed or merged since the last time.
    fn sum_up_what_is_new(&self, tending: &mut Tending, now: Timestamp) -> io::Result<()> {
        if let Some((since, newest)) = tending.summed_up {
            // Where the clock was set back, it is due too.
            let is_early = now >= since && now.since(since) < SUM_UP_AFTER;
            if is_early || newest == self.blocks.newest_sequence() {
                return Ok(());
            }
        }
        let done = self.roll_up(now, None).and_then(|()| self.join_hours(now));
        // Where the disk refuses too: it is not asked for all of it every second.
        tending.summed_up = Some((now, self.blocks.newest_sequence()));
        done
    }

    /// Seals everything and merges what can be merged, whatever time it is.
    ///
    /// # Errors
    /// Where the disk refuses.
    pub fn settle_down(&self) -> io::Result<()> {
        let _tending = self.tending.lock();
        let done = self.come_back().and_then(|()| self.cut()).and_then(|()| self.merge_days(Timestamp::MAX, true));
        let told = done.as_ref().map(|_| ()).map_err(|error| io::Error::new(error.kind(), error.to_string()));
        self.note(done);
        told
    }

    fn note(&self, done: io::Result<()>) {
        self.trouble.lock().tending = done.err().map(|error| error.to_string());
    }

    /// A log that broke begins anew, and everything that is in memory is sealed: the log has not had it.
    fn come_back(&self) -> io::Result<()> {
        let Some(disk) = self.disk.as_ref().filter(|disk| disk.log.broken().is_some()) else { return Ok(()) };
        // Not under the lock: a disk that hangs would hold up everybody who appends.
        let segment = disk.log.prepare().inspect_err(|_| self.make_room_in_memory())?;
        let mut epoch = self.epoch.write();
        *epoch = Epoch::of(disk.log.revive(segment)?);
        drop(epoch);
        self.cut()
    }

    fn seal_what_is_due(&self, tending: &mut Tending, now: Timestamp) -> io::Result<()> {
        let since = *tending.sealed.get_or_insert(now);
        // Where the clock was set back, it is due too.
        let long = now < since || now.since(since) >= SEAL_AFTER;
        let in_heads = self.head_bytes.load(Ordering::Relaxed);
        let much = in_heads >= MOST_IN_HEADS;
        let appended = self.appended.load(Ordering::Relaxed);
        if appended != tending.appended {
            (tending.appended, tending.quiet_since) = (appended, Some(now));
        }
        let quiet = tending.is_quiet(now) && in_heads >= WORTH_A_BLOCK;
        if !long && !much && !quiet {
            return Ok(());
        }
        let cut = self.cut();
        if cut.is_ok() {
            tending.sealed = Some(now);
        } else {
            self.make_room_in_memory();
        }
        cut
    }

    /// While the disk refuses: packs what is in heads into blocks in memory, and drops the oldest of these beyond a bound.
    fn make_room_in_memory(&self) {
        if self.head_bytes.load(Ordering::Relaxed) >= MOST_IN_HEADS {
            // Nothing of this can fail but for want of memory.
            drop(self.cut_to(None));
        }
        let list = self.blocks.list();
        let in_memory: Vec<_> = list.iter().filter(|block| block.in_memory().is_some()).cloned().collect();
        let mut bytes: u64 = in_memory.iter().map(|block| block.bytes()).sum();
        let mut gone = Vec::new();
        for block in in_memory {
            if bytes > MOST_IN_MEMORY {
                bytes -= block.bytes();
                self.trouble.lock().dropped += block.points();
                gone.push(block);
            }
        }
        if !gone.is_empty() {
            self.blocks.replace(&gone, Vec::new());
        }
    }

    /// Blocks that came to be while the disk refused go to it.
    pub(super) fn write_blocks_of_memory(&self, disk: &OnDisk) -> io::Result<()> {
        for block in self.blocks.list().iter().filter(|block| block.in_memory().is_some()) {
            let place = (block.tier(), block.day(), block.sequence());
            let (source, ()) = disk.write_block(place, |out| out.write_all(block.in_memory().unwrap_or_default()))?;
            self.blocks.replace(std::slice::from_ref(block), vec![Arc::new(block.moved(source))]);
        }
        Ok(())
    }

    /// Drops what is older at `now` than the limits allow, and series of which nothing is left, so that a
    /// device that has vanished does not stay for ever. Points that go are summed up before, where that is to be kept for longer.
    ///
    /// Where blocks take more than [`Limits::max_bytes`], whole days go, the oldest first: of points, minutes or hours, whichever take
    /// most, until the rest fits. What is of the current day stays.
    pub fn enforce(&self, now: Timestamp) {
        let mut tending = self.tending.lock();
        let limits = *self.limits.read();
        let mut floors = Floors::by_age(&limits, now);
        floors.raise(&tending.floors);
        let mut done = self.let_go(&floors, now);
        if let Some(most) = limits.max_bytes {
            // What points come to takes room too, so more may have to go.
            while floors.fit(&mut tending.floors, &self.blocks.list(), most, now) {
                done = done.and(self.let_go(&floors, now));
            }
        }
        if done.is_err() {
            self.note(done);
        }
        let oldest = self.floor();
        floors.points = self.needed();
        let mut emptied = Vec::new();
        for (metric, series) in self.catalog.read().families() {
            for entry in series {
                entry.head.lock().drop_before(oldest);
                if let Some(most) = limits.max_points {
                    self.enforce_points(&entry, most);
                }
                if self.has_nothing(&entry, &floors) {
                    emptied.push((metric.clone(), entry));
                }
            }
        }
        self.remove(&emptied, &floors);
        self.count_head();
    }

    /// Drops what is older, but for points that are still to be summed up.
    fn let_go(&self, floors: &Floors, now: Timestamp) -> io::Result<()> {
        self.minutes_floor.store(floors.of(Tier::Minute).as_millis(), Ordering::Relaxed);
        self.hours_floor.store(floors.of(Tier::Hour).as_millis(), Ordering::Relaxed);
        let oldest = floors.of(Tier::Raw);
        let outlived = floors.of(Tier::Minute).min(floors.of(Tier::Hour)) < oldest;
        // Points of an hour that is not over yet cannot be summed up: they are kept until then, and aggregates have them. Points of an
        // hour go together, so that a late one never finds half of the others.
        let needed = if outlived { Timestamp::from_millis(over(now).min(hour_of(oldest))) } else { oldest };
        // Where the disk refuses, points go all the same, or a full one would stay full for ever.
        let done = if outlived { self.sum_up_what_goes(now, oldest, needed) } else { Ok(()) };
        self.floor.store(oldest.as_millis(), Ordering::Relaxed);
        self.needed.store(needed.as_millis(), Ordering::Relaxed);
        let kept = Floors { points: needed, ..*floors };
        let over: Vec<_> = self.blocks.list().iter().filter(|block| kept.is_over(block)).cloned().collect();
        if over.is_empty() {
            return done;
        }
        self.blocks.replace(&over, Vec::new());
        done.and(self.discard(&over))
    }

    fn sum_up_what_goes(&self, now: Timestamp, oldest: Timestamp, needed: Timestamp) -> io::Result<()> {
        if self.disk.as_ref().is_some_and(|disk| disk.log.broken().is_some()) {
            return Ok(());
        }
        let families = self.catalog.read().families();
        let in_head = |entry: &Arc<Entry>| entry.head.lock().bounds().first.is_some_and(|at| at < oldest.as_millis());
        if families.iter().flat_map(|(_, series)| series).any(in_head) {
            self.cut()?;
        }
        // A series may go, and a merge drops what is older: what waits is summed up each time that this moves on, hour by hour.
        if needed > self.needed() { self.roll_up(now, Some(needed)) } else { Ok(()) }
    }

    /// Of a series at most so many points are kept; the newest one always stays.
    fn enforce_points(&self, entry: &Entry, most: usize) {
        let sealed = self.blocks.list();
        let sealed = sealed
            .iter()
            .filter(|block| block.tier() == Tier::Raw)
            .flat_map(|block| block.chunks(entry.number))
            .map(|chunk| chunk.count as usize);
        if sealed.sum::<usize>() + entry.head.lock().len() < most {
            return;
        }
        let mut columns = Columns::default();
        SeriesReader::new(self).read(entry, Timestamp::MIN, Timestamp::MAX, &mut columns);
        let surplus = columns.len().checked_sub(most.max(1));
        if let Some(&oldest) = surplus.and_then(|surplus| columns.times.get(surplus)) {
            let oldest = Timestamp::from_millis(oldest);
            let mut head = entry.head.lock();
            head.floor = head.floor.max(Some(oldest));
            head.drop_before(oldest);
        }
    }

    fn has_nothing(&self, entry: &Entry, floors: &Floors) -> bool {
        let head = entry.head.lock();
        let (empty, floor) = (head.is_empty(), head.floor.unwrap_or(Timestamp::MIN));
        drop(head);
        let has_some = |block: &Arc<Block>| {
            let oldest = floors.of(block.tier()).max(floor);
            let width = block.tier().width_ms().unwrap_or(1);
            block.chunks(entry.number).any(|chunk| chunk.last.as_millis() + width > oldest.as_millis())
        };
        empty && !self.blocks.list().iter().any(has_some)
    }

    /// Nobody may append meanwhile: a series that has points again stays.
    fn remove(&self, emptied: &[(Metric, Arc<Entry>)], floors: &Floors) {
        if emptied.is_empty() {
            return;
        }
        let _epoch = self.epoch.write();
        let mut catalog = self.catalog.write();
        for (metric, entry) in emptied {
            if self.has_nothing(entry, floors) {
                entry.head.lock().gone = true;
                catalog.remove(&metric.name, &entry.tags);
            }
        }
    }
}
