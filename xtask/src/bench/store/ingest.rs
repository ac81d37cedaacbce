//! Sending a set over two connections, each with half of the series, in loose step; what it costs the server.

use super::super::process::{Cost, Usage};
use super::connection::Connection;
use super::mix::{Series, Set};
use super::peer::Peer;
use super::wire::{Encoder, PER_BODY};
use anyhow::{Context, Result, anyhow, ensure};
use std::time::{Duration, Instant};

/// How far the connections may be apart: Prometheus takes what is older than the newest by less than an hour.
const IN_STEP: i64 = 20 * 60;

/// Bodies that a connection sends at most before it waits for the other.
const AT_A_TIME: usize = 4;

/// What came of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ingest {
    /// From the first byte to the last answer, without the time that encoding took.
    pub(super) took: Duration,
    /// The server's, until the last answer.
    pub(super) cost: Cost,
    /// Processor seconds from the first sample until its files were at rest.
    pub(super) busy_settled: f64,
    /// Files at rest.
    pub(super) bytes: u64,
    /// Bytes of a sample on the wire: before and after compression.
    pub(super) wire: (f64, f64),
}

/// Samples by two connections.
pub(super) struct Load {
    /// What each of them sends.
    halves: [Encoder; 2],
    /// Samples of a body.
    per_body: usize,
    /// Bodies that a connection sends before it waits for the other.
    in_step: usize,
    /// Samples that are encoded at a time, before any of them is sent.
    ahead: usize,
    /// Samples that are sent in a second, at most.
    pace: Option<f64>,
}

impl Load {
    /// A set that begins at a moment: each connection has half of the series.
    pub(super) fn of(set: &Set, begin: i64) -> Self {
        let half = set.series / 2;
        let part = |from: usize| {
            let series = (from..set.series.min(from + half)).map(|nth| Series::new(nth * set.every, set.one_name));
            Encoder::new(series.collect(), begin, set.interval, set.steps)
        };
        // So many samples of half of the series are as far as connections may be apart.
        let most = usize::try_from(IN_STEP / set.interval).unwrap_or(usize::MAX).max(1) * half;
        let per_body = PER_BODY.min(most);
        let in_step = (most / per_body).clamp(1, AT_A_TIME);
        // An even pace needs bodies when they are due; without one, nothing is encoded while it is measured.
        let ahead = if set.pace.is_some() { 100_000 } else { 20_000_000 };
        Self { halves: [part(0), part(half)], per_body, in_step, ahead, pace: set.pace }
    }

    /// What was recorded within minutes.
    pub(super) fn recorded(halves: [Encoder; 2]) -> Self {
        Self { halves, per_body: PER_BODY, in_step: AT_A_TIME, ahead: usize::MAX, pace: None }
    }
}

/// Sends all of it. Answers everything but what only rest tells.
pub(super) fn send(peer: &Peer, mut load: Load) -> Result<Ingest> {
    let samples = load.halves.iter().map(Encoder::left).sum::<usize>() as f64;
    let (mut took, before, begun) = (Duration::ZERO, Usage::of(peer.pid())?, Instant::now());
    let mut sent = 0;
    while load.halves.iter().any(|half| half.left() > 0) {
        let (per_body, ahead) = (load.per_body, load.ahead / 2);
        let [first, second] = &mut load.halves;
        let left = first.left() + second.left();
        let (one, two) = both(|| encode(first, ahead, per_body), || encode(second, ahead, per_body))?;
        sent += left - first.left() - second.left();
        // Not before: VictoriaMetrics closes what says nothing for a minute.
        let [first, second] = &mut [Connection::open(peer.address)?, Connection::open(peer.address)?];
        let sending = Instant::now();
        for from in (0..one.len().max(two.len())).step_by(load.in_step) {
            let (one, two) = (part(&one, from, load.in_step), part(&two, from, load.in_step));
            both(|| post_all(first, one), || post_all(second, two))?;
        }
        took += sending.elapsed();
        if let Some(pace) = load.pace {
            let due = Duration::from_secs_f64(sent as f64 / pace);
            std::thread::sleep(due.saturating_sub(begun.elapsed()));
        }
    }
    let cost = before.until(Usage::of(peer.pid())?, begun.elapsed())?;
    let sum = |each: fn(&Encoder) -> usize| load.halves.iter().map(each).sum::<usize>() as f64 / samples;
    let wire = (sum(|one| one.raw), sum(|one| one.packed));
    Ok(Ingest { took, cost, busy_settled: cost.busy, bytes: 0, wire })
}

/// Sends all of it and lets the server come to rest.
pub(super) fn send_and_settle(peer: &Peer, load: Load) -> Result<Ingest> {
    let before = Usage::of(peer.pid())?;
    let sent = send(peer, load)?;
    let bytes = peer.settled()?;
    let whole = before.until(Usage::of(peer.pid())?, sent.took)?;
    Ok(Ingest { bytes, busy_settled: whole.busy, cost: Cost { peak: whole.peak, ..sent.cost }, ..sent })
}

/// The bodies of at most so many samples.
fn encode(encoder: &mut Encoder, samples: usize, per_body: usize) -> Result<Vec<Vec<u8>>> {
    let mut left = samples.min(encoder.left());
    let mut bodies = Vec::with_capacity(left.div_ceil(per_body));
    while left > 0 {
        let size = per_body.min(left);
        bodies.push(encoder.body(size)?);
        left -= size;
    }
    Ok(bodies)
}

/// At most `count` from `from` on.
fn part(bodies: &[Vec<u8>], from: usize, count: usize) -> &[Vec<u8>] {
    bodies.get(from..bodies.len().min(from + count)).unwrap_or_default()
}

fn post_all(connection: &mut Connection, bodies: &[Vec<u8>]) -> Result<()> {
    for body in bodies {
        let (status, said) = post(connection, body)?;
        ensure!(status / 100 == 2, "remote write was answered {status}: {}", String::from_utf8_lossy(&said));
    }
    Ok(())
}

/// One request of remote write: its status and what was said.
pub(super) fn post(connection: &mut Connection, body: &[u8]) -> Result<(u16, Vec<u8>)> {
    let headers = "Content-Type: application/x-protobuf\r\nContent-Encoding: snappy\r\n\
                   X-Prometheus-Remote-Write-Version: 0.1.0\r\n";
    connection.send("POST", "/api/v1/write", headers, body)
}

/// Does two things at the same time; the first error counts.
fn both<T: Send>(one: impl FnOnce() -> Result<T> + Send, two: impl FnOnce() -> Result<T> + Send) -> Result<(T, T)> {
    std::thread::scope(|scope| {
        let other = scope.spawn(two);
        let mine = one();
        let other = other.join().map_err(|_| anyhow!("a sender has panicked"))?;
        Ok((mine.context("the first half of the series")?, other.context("the second half of the series")?))
    })
}

#[cfg(test)]
mod tests {
    use super::super::mix::PER_HOST;
    use super::*;
    use anyhow::bail;

    #[test]
    fn a_half_that_fails_is_named() {
        let error = both(|| Ok(1), || bail!("closed")).unwrap_err();
        assert_eq!(format!("{error:#}"), "the second half of the series: closed");
        assert_eq!(both(|| Ok(1), || Ok(2)).unwrap(), (1, 2));
    }

    #[test]
    fn bodies_are_full_but_for_the_last() {
        let series = (0..PER_HOST).map(|index| Series::new(index, false)).collect();
        let mut encoder = Encoder::new(series, 0, 10, 21);
        let bodies = encode(&mut encoder, 20_000, PER_BODY).unwrap();
        assert_eq!((bodies.len(), encoder.left()), (2, 0));
        assert!(bodies[1].len() < bodies[0].len() / 10);
        assert_eq!(part(&bodies, 1, 4).len(), 1);
        assert!(part(&bodies, 2, 4).is_empty());
    }

    #[test]
    fn connections_stay_within_what_prometheus_takes() {
        let set = Set { name: "x", series: 1_000, steps: 9, interval: 10, every: 1, one_name: false, pace: None };
        let check = |set: &Set, per_body, in_step| {
            let load = Load::of(set, 0);
            assert_eq!((load.per_body, load.in_step), (per_body, in_step));
            assert_eq!(load.halves.iter().map(Encoder::left).sum::<usize>(), set.samples());
        };
        check(&set, 10_000, 4);
        check(&Set { series: 50_000, ..set }, 10_000, 4);
        check(&Set { interval: 60, ..set }, 10_000, 1);
        check(&Set { interval: 60, series: 250, ..set }, 2_500, 1);
    }
}
