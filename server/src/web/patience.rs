//! Streams whose reader must read: a write that waits for too long fails, and with it the connection.
//!
//! Start reading at [`Patient`].

use std::future::Future;
use std::io::{Error, ErrorKind, IoSlice, Result};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

/// How long a client may let an answer wait.
const USUAL: Duration = Duration::from_secs(30);

/// How long one connection's writes may wait; whoever serves it can give it longer.
#[derive(Debug, Clone)]
pub(super) struct Patience(Arc<AtomicU64>);

impl Patience {
    pub(super) fn usual() -> Self {
        Self(Arc::new(AtomicU64::new(USUAL.as_secs())))
    }

    /// From now on so long, in whole seconds.
    pub(super) fn set(&self, patience: Duration) {
        self.0.store(patience.as_secs(), Ordering::Relaxed);
    }

    fn get(&self) -> Duration {
        Duration::from_secs(self.0.load(Ordering::Relaxed))
    }
}

/// A stream that fails with [`ErrorKind::TimedOut`] once nothing could be written for as long as its patience lasts.
pub(super) struct Patient<S> {
    stream: S,
    patience: Patience,
    /// Since when a write waits, and what wakes it when that is too long.
    waits: Option<(Instant, Pin<Box<Sleep>>)>,
}

impl<S> Patient<S> {
    pub(super) fn new(stream: S, patience: Patience) -> Self {
        Self { stream, patience, waits: None }
    }

    fn bounded<T>(&mut self, context: &mut Context<'_>, write: Poll<Result<T>>) -> Poll<Result<T>> {
        if write.is_ready() {
            self.waits = None;
            return write;
        }
        let now = Instant::now();
        let (since, alarm) = self.waits.get_or_insert_with(|| (now, Box::pin(sleep_until(now))));
        let until = *since + self.patience.get();
        if alarm.deadline() != until {
            alarm.as_mut().reset(until);
        }
        ready!(alarm.as_mut().poll(context));
        Poll::Ready(Err(Error::new(ErrorKind::TimedOut, "the other side does not read")))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, into)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        let write = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.bounded(context, write)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        let write = Pin::new(&mut self.stream).poll_write_vectored(context, bytes);
        self.bounded(context, write)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        match Pin::new(&mut self.stream).poll_flush(context) {
            // That there is nothing to flush does not mean that the reader has taken anything.
            Poll::Ready(Ok(())) => Poll::Ready(Ok(())),
            flush => self.bounded(context, flush),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    /// Writes more than there is room for, to somebody who does not read, with this patience.
    async fn check(patience: Patience, longer: Option<Duration>, want: Duration) {
        let (ours, _theirs) = duplex(16);
        let mut ours = Patient::new(ours, patience.clone());
        let began = Instant::now();
        let raise = async {
            tokio::time::sleep(Duration::from_secs(10)).await;
            longer.iter().for_each(|longer| patience.set(*longer));
            std::future::pending::<()>().await;
        };
        let sent = tokio::select! {
            sent = ours.write_all(&[7; 100]) => sent,
            () = raise => unreachable!(),
        };
        assert_eq!(sent.map_err(|error| error.kind()), Err(ErrorKind::TimedOut));
        let took = began.elapsed();
        assert!(took >= want && took < want + Duration::from_secs(1), "{took:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn who_does_not_read_is_given_up() {
        check(Patience::usual(), None, USUAL).await;
        let long = Patience::usual();
        long.set(Duration::from_secs(300));
        check(long, None, Duration::from_secs(300)).await;
        // It counts from the beginning of the wait, even where it is raised meanwhile.
        check(Patience::usual(), Some(Duration::from_secs(60)), Duration::from_secs(60)).await;
    }

    #[tokio::test(start_paused = true)]
    async fn who_reads_slowly_is_waited_for() {
        let (ours, mut theirs) = duplex(16);
        let mut ours = Patient::new(ours, Patience::usual());
        let began = Instant::now();
        let slow = async {
            let mut bytes = [0; 16];
            for _ in 0..10 {
                tokio::time::sleep(USUAL - Duration::from_secs(1)).await;
                theirs.read_exact(&mut bytes).await.unwrap();
            }
        };
        let (sent, ()) = tokio::join!(ours.write_all(&[7; 160]), slow);
        sent.unwrap();
        assert!(began.elapsed() > USUAL * 9);
    }
}
