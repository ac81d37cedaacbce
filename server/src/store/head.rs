//! The newest points of one series, in memory until they are sealed in a block.
//!
//! Invariant: reading takes no longer under the lock than decoding the open chunk; what is frozen is shared.

use std::sync::Arc;
use std::time::Duration;

use app::model::{Point, Timestamp};

use super::Reason;
use super::codec::OpenChunk;
use super::columns::Columns;

/// Points in a frozen chunk: what is decoded at once.
const CHUNK: usize = 512;

/// So late a point may come. What is further behind may mean that the machine's clock was set back.
pub(super) const WINDOW: Duration = Duration::from_secs(600);

/// What a series has in memory.
#[derive(Debug, Default)]
pub(super) struct Head {
    /// What a cut is writing to a block, until that can be read.
    taken: Option<Arc<Taken>>,
    now: Taken,
    open: OpenChunk,
    /// The newest moment of all, in blocks too.
    newest: Option<Timestamp>,
    /// The time of the point before, where it was refused for being further behind than [`WINDOW`].
    set_back: Option<Timestamp>,
    /// What blocks no longer have since the clock was set back.
    pub(super) cuts: Vec<Cut>,
    /// The number of the series in a segment of the log.
    pub(super) slot: Option<Slot>,
    /// Nothing older of this series is kept.
    pub(super) floor: Option<Timestamp>,
    /// The catalog no longer has the series: who still holds it has to look again.
    pub(super) gone: bool,
}

/// Frozen chunks, ascending, and points that came late.
#[derive(Debug, Default, Clone)]
pub(super) struct Taken {
    chunks: Vec<Arc<OpenChunk>>,
    /// Ascending, one a moment. They count more than the chunks.
    late: Vec<Point>,
    /// Of all chunks.
    chunk_bytes: usize,
    chunk_points: usize,
}

/// Blocks up to this sequence have nothing from this moment on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cut {
    pub(super) from: Timestamp,
    pub(super) up_to: u64,
}

/// Where in the log a series is defined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slot {
    pub(super) segment: u64,
    pub(super) number: u32,
}

/// What taking a point did besides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pushed {
    /// Nothing.
    Added,
    /// Nothing; the series has a newer point.
    Late,
    /// The clock had been set back: what lay ahead is dropped.
    CutFrom(Timestamp),
}

impl Head {
    /// Adds a point. One of the same time is replaced.
    ///
    /// One point that is far too old is odd and refused. Where the next one goes on from there, the clock was set back:
    /// the points that lie ahead of it go, or nothing would be taken until the clock has caught up.
    pub(super) fn push(&mut self, point: Point) -> Result<Pushed, Reason> {
        if self.floor.is_some_and(|floor| point.time < floor) {
            return Err(Reason::Expired);
        }
        let set_back = self.set_back.take();
        let mut pushed = Pushed::Added;
        if let Some(newest) = self.newest.filter(|&newest| point.time < newest) {
            let behind = newest.since(point.time);
            if behind <= WINDOW {
                self.come_late(point);
                return Ok(Pushed::Late);
            }
            if set_back.is_none_or(|before| point.time <= before) {
                self.set_back = Some(point.time);
                return Err(Reason::SetBack { behind });
            }
            self.cut_from(point.time);
            pushed = Pushed::CutFrom(point.time);
        }
        self.add(point);
        Ok(pushed)
    }

    /// Adds a point whose time another clock has told. That one is no reason to drop anything: what is further behind than
    /// [`WINDOW`] is refused.
    pub(super) fn push_of_others(&mut self, point: Point) -> Result<Pushed, Reason> {
        if self.floor.is_some_and(|floor| point.time < floor) {
            return Err(Reason::Expired);
        }
        match self.newest.filter(|&newest| point.time < newest).map(|newest| newest.since(point.time)) {
            None => {
                self.add(point);
                Ok(Pushed::Added)
            }
            Some(behind) if behind <= WINDOW => {
                self.come_late(point);
                Ok(Pushed::Late)
            }
            Some(behind) => Err(Reason::TooLate { behind }),
        }
    }

    /// Adds a point that was taken before, in whatever order.
    pub(super) fn push_again(&mut self, point: Point) {
        if self.newest.is_some_and(|newest| point.time < newest) { self.come_late(point) } else { self.add(point) }
    }

    /// Adds one that is no older than any.
    fn add(&mut self, point: Point) {
        self.newest = Some(point.time);
        self.append(point);
    }

    fn append(&mut self, point: Point) {
        if self.open.last_time() == Some(point.time.as_millis()) {
            self.open.replace_last(point.value);
            return;
        }
        if self.open.len() >= CHUNK {
            self.freeze();
        }
        self.open.push(point.time.as_millis(), point.value);
    }

    fn freeze(&mut self) {
        if self.open.len() > 0 {
            // A clone is as long as what it holds; the one that grows has room to spare.
            self.now.add(Arc::new(self.open.clone()));
            self.open.clear();
        }
    }

    fn come_late(&mut self, point: Point) {
        // The open chunk takes it where it only is older than what lies elsewhere.
        match self.now.late.binary_search_by_key(&point.time, |p| p.time) {
            Ok(at) => self.now.late[at] = point,
            Err(at) => self.now.late.insert(at, point),
        }
    }

    /// Drops every point in memory at `from` and later.
    pub(super) fn cut_from(&mut self, from: Timestamp) {
        self.freeze();
        let kept = |taken: &Taken| {
            let mut columns = Columns::default();
            taken.read(Timestamp::MIN, Timestamp::MAX, &mut columns);
            columns.iter().take_while(|p| p.time < from).collect::<Vec<_>>()
        };
        if let Some(taken) = &self.taken {
            // The block that is being written is cut by who asked for this.
            self.taken = Some(Arc::new(Taken { late: kept(taken), ..Taken::default() }));
        }
        let points = kept(&std::mem::take(&mut self.now));
        points.into_iter().for_each(|point| self.append(point));
        self.newest = self.newest.map(|newest| newest.min(from - Duration::from_millis(1)));
    }

    /// The newest moment there is a point of, in blocks too.
    pub(super) const fn newest(&self) -> Option<Timestamp> {
        self.newest
    }

    /// Something in a block is this new.
    pub(super) fn know(&mut self, time: Timestamp) {
        self.newest = self.newest.max(Some(time));
    }

    /// Drops points earlier than `oldest`, whole chunks at a time.
    pub(super) fn drop_before(&mut self, oldest: Timestamp) {
        let is_over = |chunk: &OpenChunk| chunk.last_time().is_some_and(|last| last < oldest.as_millis());
        if self.now.chunks.first().is_some_and(|chunk| is_over(chunk)) {
            self.now.retain(|chunk| !is_over(chunk));
        }
        self.now.late.retain(|p| p.time >= oldest);
        if is_over(&self.open) {
            self.open = OpenChunk::default();
        }
    }

    /// The bytes that its points take.
    pub(super) fn bytes(&self) -> usize {
        self.now.bytes() + self.open.heap_bytes()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.taken.is_none() && self.now.is_empty() && self.open.len() == 0
    }

    /// How many points there are; one that came late and replaces another counts twice.
    pub(super) fn len(&self) -> usize {
        self.taken.as_ref().map_or(0, |taken| taken.len()) + self.now.len() + self.open.len()
    }

    /// How many points lie in chunks that have to be read for a range.
    pub(super) fn touched(&self, start: Timestamp, end: Timestamp) -> usize {
        let (start, end) = (start.as_millis(), end.as_millis());
        let within = |chunk: &&OpenChunk| chunk.first_time() <= Some(end) && chunk.last_time() >= Some(start);
        let kept = self.taken.as_deref().into_iter().chain([&self.now]);
        let frozen = kept.clone().flat_map(|taken| taken.chunks.iter().map(|chunk| &**chunk));
        let late: usize = kept.map(|taken| taken.late.len()).sum();
        frozen.chain([&self.open]).filter(within).map(OpenChunk::len).sum::<usize>() + late
    }

    /// Gives everything to a cut. It can be read here until [`Head::forget_taken`].
    pub(super) fn take(&mut self) -> Option<Arc<Taken>> {
        debug_assert!(self.taken.is_none(), "one cut at a time");
        self.freeze();
        let taken = std::mem::take(&mut self.now);
        self.taken = (!taken.is_empty()).then(|| Arc::new(taken));
        self.taken.clone()
    }

    /// What was taken can be read elsewhere.
    pub(super) fn forget_taken(&mut self) {
        self.taken = None;
    }

    /// Takes back what a cut could not write.
    pub(super) fn put_back(&mut self) {
        if let Some(taken) = self.taken.take() {
            let mut before = Arc::unwrap_or_clone(taken);
            std::mem::take(&mut self.now.chunks).into_iter().for_each(|chunk| before.add(chunk));
            for point in std::mem::take(&mut self.now.late) {
                match before.late.binary_search_by_key(&point.time, |p| p.time) {
                    Ok(at) => before.late[at] = point,
                    Err(at) => before.late.insert(at, point),
                }
            }
            self.now = before;
        }
    }

    /// From when on it has points, and what it has lost.
    pub(super) fn bounds(&self) -> Bounds {
        let taken = self.taken.as_deref().into_iter().chain([&self.now]);
        let first =
            taken.flat_map(|taken| [taken.chunks.first().and_then(|chunk| chunk.first_time()), taken.late_from()]);
        let first = first.chain([self.open.first_time()]).flatten().min();
        Bounds { first, floor: self.floor.unwrap_or(Timestamp::MIN), cuts: self.cuts.clone() }
    }

    /// When those of its chunks begin that begin before a moment, and what came late.
    pub(super) fn begins_before(&self, time: i64) -> Vec<i64> {
        let kept = self.taken.as_deref().into_iter().chain([&self.now]);
        let late = kept.clone().flat_map(|taken| taken.late.iter().map(|point| Some(point.time.as_millis())));
        let chunks = kept.flat_map(|taken| taken.chunks.iter().map(|chunk| chunk.first_time()));
        late.chain(chunks).chain([self.open.first_time()]).flatten().filter(|&first| first < time).collect()
    }

    /// Copies references to what is frozen, and the open chunk: all that has to be done under the lock.
    pub(super) fn look(&self) -> Glance {
        Glance {
            taken: self.taken.clone(),
            now: self.now.clone(),
            open: (self.open.len() > 0).then(|| Arc::new(self.open.clone())),
            cuts: self.cuts.clone(),
            floor: self.floor,
        }
    }
}

impl Taken {
    fn add(&mut self, chunk: Arc<OpenChunk>) {
        self.chunk_bytes += chunk.heap_bytes() + size_of::<OpenChunk>() + 2 * size_of::<usize>();
        self.chunk_points += chunk.len();
        self.chunks.push(chunk);
    }

    /// Only what a condition holds for.
    fn retain(&mut self, keep: impl Fn(&OpenChunk) -> bool) {
        let chunks = std::mem::take(&mut self.chunks);
        (self.chunk_bytes, self.chunk_points) = (0, 0);
        chunks.into_iter().filter(|chunk| keep(chunk)).for_each(|chunk| self.add(chunk));
    }

    fn is_empty(&self) -> bool {
        self.chunks.is_empty() && self.late.is_empty()
    }

    fn late_from(&self) -> Option<i64> {
        self.late.first().map(|point| point.time.as_millis())
    }

    fn len(&self) -> usize {
        self.chunk_points + self.late.len()
    }

    fn bytes(&self) -> usize {
        self.chunk_bytes + self.late.capacity() * size_of::<Point>()
    }

    /// Lays its points from `start` to `end` over what is in `out`.
    pub(super) fn read(&self, start: Timestamp, end: Timestamp, out: &mut Columns) {
        self.chunks.iter().for_each(|chunk| read_chunk(chunk, start, end, out));
        self.read_late(start, end, out);
    }

    fn read_late(&self, start: Timestamp, end: Timestamp, out: &mut Columns) {
        let from = self.late.partition_point(|p| p.time < start);
        let to = self.late.partition_point(|p| p.time <= end);
        out.overlay(&mut self.late.get(from..to).unwrap_or_default().iter().copied().collect());
    }
}

fn read_chunk(chunk: &OpenChunk, start: Timestamp, end: Timestamp, out: &mut Columns) {
    let (Some(first), Some(last)) = (chunk.first_time(), chunk.last_time()) else { return };
    let (start_ms, end_ms) = (start.as_millis(), end.as_millis());
    if first > end_ms || last < start_ms {
        return;
    }
    if first >= start_ms && last <= end_ms && out.times.last().is_none_or(|&before| before < first) {
        chunk.decode_into(&mut out.times, &mut out.values);
        return;
    }
    let mut part = Columns::default();
    chunk.decode_into(&mut part.times, &mut part.values);
    part.clip(start, end);
    out.overlay(&mut part);
}

/// What has to be known of a series to tell where windows of blocks are as good as its points.
#[derive(Debug, Clone)]
pub(super) struct Bounds {
    /// The first point in memory, in milliseconds.
    pub(super) first: Option<i64>,
    /// Nothing older of the series is kept.
    pub(super) floor: Timestamp,
    cuts: Vec<Cut>,
}

impl Bounds {
    /// The last moment that counts in a block of this sequence, or that is made of blocks up to it.
    pub(super) fn end_in(&self, sequence: u64, end: Timestamp) -> Timestamp {
        end_in(&self.cuts, sequence, end)
    }
}

fn end_in(cuts: &[Cut], sequence: u64, end: Timestamp) -> Timestamp {
    let cuts = cuts.iter().filter(|cut| sequence <= cut.up_to);
    cuts.map(|cut| cut.from - Duration::from_millis(1)).fold(end, Timestamp::min)
}

/// What a reader takes away from a head.
#[derive(Debug)]
pub(super) struct Glance {
    taken: Option<Arc<Taken>>,
    now: Taken,
    open: Option<Arc<OpenChunk>>,
    cuts: Vec<Cut>,
    floor: Option<Timestamp>,
}

impl Glance {
    /// Nothing older of the series is kept.
    pub(super) fn floor(&self) -> Timestamp {
        self.floor.unwrap_or(Timestamp::MIN)
    }

    /// The last moment that counts in a block of this sequence.
    pub(super) fn end_in(&self, sequence: u64, end: Timestamp) -> Timestamp {
        end_in(&self.cuts, sequence, end)
    }

    /// Lays the points in memory from `start` to `end` over what is in `out`.
    pub(super) fn read(&self, start: Timestamp, end: Timestamp, out: &mut Columns) {
        if let Some(taken) = &self.taken {
            taken.read(start, end, out);
        }
        self.now.chunks.iter().chain(&self.open).for_each(|chunk| read_chunk(chunk, start, end, out));
        self.now.read_late(start, end, out);
    }
}
