//! Sending a set over two connections, each with half of the hosts, in loose step; what it costs the server.

use super::super::process::{Cost, Usage};
use super::connection::Connection;
use super::mix::{PER_HOST, Series, Set};
use super::peer::Peer;
use super::wire::{Encoder, PER_BODY};
use anyhow::{Context, Result, anyhow, ensure};
use std::time::{Duration, Instant};

/// Bodies that a connection sends before it waits for the other: a few minutes of samples at most, well within the
/// hour for which Prometheus takes what is older than the newest.
const IN_STEP: usize = 4;

/// Samples that are encoded at a time, before any of them is sent.
const AT_A_TIME: usize = 20_000_000;

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

/// Sends all of a set. Answers everything but what only rest tells.
pub(super) fn send(peer: &Peer, set: &Set, begin: i64) -> Result<Ingest> {
    let hosts = set.series / PER_HOST;
    ensure!(set.series.is_multiple_of(PER_HOST) && hosts.is_multiple_of(2), "{}: not for two connections", set.name);
    let half = set.series / 2;
    let part = |from: usize| {
        let series = (from..from + half).map(|index| Series::new(index, set.one_name)).collect();
        Encoder::new(series, begin, set.interval)
    };
    let mut encoders = [part(0), part(half)];
    let (mut left, mut took, before, begun) =
        (half * set.steps, Duration::ZERO, Usage::of(peer.pid())?, Instant::now());
    while left > 0 {
        let now = left.min(AT_A_TIME / 2);
        left -= now;
        let [first, second] = &mut encoders;
        let (one, two) = both(|| encode(first, now), || encode(second, now))?;
        // Not before: VictoriaMetrics closes what says nothing for a minute.
        let [first, second] = &mut [Connection::open(peer.address)?, Connection::open(peer.address)?];
        let begun = Instant::now();
        for (one, two) in one.chunks(IN_STEP).zip(two.chunks(IN_STEP)) {
            both(|| post_all(first, one), || post_all(second, two))?;
        }
        took += begun.elapsed();
    }
    let cost = before.until(Usage::of(peer.pid())?, begun.elapsed())?;
    let samples = set.samples() as f64;
    let sum = |each: fn(&Encoder) -> usize| encoders.iter().map(each).sum::<usize>() as f64 / samples;
    let wire = (sum(|one| one.raw), sum(|one| one.packed));
    Ok(Ingest { took, cost, busy_settled: cost.busy, bytes: 0, wire })
}

/// Sends all of a set and lets the server come to rest.
pub(super) fn send_and_settle(peer: &Peer, set: &Set, begin: i64) -> Result<Ingest> {
    let before = Usage::of(peer.pid())?;
    let sent = send(peer, set, begin)?;
    let bytes = peer.settled()?;
    let whole = before.until(Usage::of(peer.pid())?, sent.took)?;
    Ok(Ingest { bytes, busy_settled: whole.busy, cost: Cost { peak: whole.peak, ..sent.cost }, ..sent })
}

fn encode(encoder: &mut Encoder, samples: usize) -> Result<Vec<Vec<u8>>> {
    let sizes = (0..samples).step_by(PER_BODY).map(|from| PER_BODY.min(samples - from));
    sizes.map(|size| encoder.body(size)).collect()
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
        Ok((mine.context("the first half of the hosts")?, other.context("the second half of the hosts")?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::bail;

    #[test]
    fn a_half_that_fails_is_named() {
        let error = both(|| Ok(1), || bail!("closed")).unwrap_err();
        assert_eq!(format!("{error:#}"), "the second half of the hosts: closed");
        assert_eq!(both(|| Ok(1), || Ok(2)).unwrap(), (1, 2));
    }

    #[test]
    fn bodies_are_full_but_for_the_last() {
        let series = (0..PER_HOST).map(|index| Series::new(index, false)).collect();
        let bodies = encode(&mut Encoder::new(series, 0, 10), 10_500).unwrap();
        assert_eq!(bodies.len(), 2);
        assert!(bodies[1].len() < bodies[0].len() / 10);
    }
}
