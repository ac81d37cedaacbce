//! One live connection, from its first message to its last.
//!
//! Invariant: it waits for its client, and for the answer to its client's question. Neither holds up the server's end:
//! whatever the client does or leaves undone, it is over two [`FAREWELL`]s after the stop. A client that takes nothing of
//! what it is sent is given up after [`PATIENCE`].

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use app::model::ServerMessage;
use axum::Error;
use axum::body::Bytes;
use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use tokio::sync::watch;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, timeout};

use super::protocol;
use crate::live::{Client, Next};
use crate::monitor::Monitor;
use crate::store::Asker;

/// How often a client is asked whether it is still there.
const PING_EVERY: Duration = Duration::from_secs(20);
/// Who is asked and says nothing for so long is gone.
const SILENCE: Duration = Duration::from_secs(60);
/// How long one message may wait for a client to have room for it. It is long, since falling behind is
/// allowed: what is lost meanwhile is told afterwards.
pub(super) const PATIENCE: Duration = Duration::from_secs(300);
/// A message that had to wait for so long was taken by somebody, not just by the system's buffers.
const STALL: Duration = Duration::from_secs(1);
/// How long a client may take to hear that this is the end, and again to say that it has heard.
const FAREWELL: Duration = Duration::from_secs(1);

pub(super) struct Session {
    client: Arc<Client>,
    monitor: Arc<Monitor>,
    stop: watch::Receiver<bool>,
    /// The last sign of life.
    heard: Instant,
}

/// Why a connection ends.
enum End {
    /// The client was lost; there is nobody to say anything to.
    Gone,
    /// The client has said goodbye, and waits to hear the same.
    Left,
    /// It has to be told.
    Tell(u16, &'static str),
}

type Going = ControlFlow<End>;

/// What happens next on a connection.
enum Event {
    Stop,
    Heard(Option<Result<Message, Error>>),
    Update(Next),
    Tick,
}

impl Session {
    pub(super) fn new(client: Client, monitor: Arc<Monitor>, stop: watch::Receiver<bool>) -> Self {
        Self { client: Arc::new(client), monitor, stop, heard: Instant::now() }
    }

    pub(super) async fn run(mut self, mut socket: WebSocket) {
        let id = self.client.id().to_string();
        tracing::debug!(id, "a live connection begins");
        match self.converse(&mut socket).await {
            ControlFlow::Break(End::Tell(code, reason)) => farewell(&mut socket, code, reason).await,
            ControlFlow::Break(End::Left) => hear_out(&mut socket).await,
            ControlFlow::Break(End::Gone) | ControlFlow::Continue(()) => {}
        }
        tracing::debug!(id, "a live connection has ended");
    }

    async fn converse(&mut self, socket: &mut WebSocket) -> Going {
        let hello = ServerMessage::Connection { connection_id: self.client.id().to_string() };
        self.say(socket, &hello).await?;
        let mut ping = pings();
        loop {
            match self.next(socket, &mut ping).await {
                Event::Stop => return going_away(),
                Event::Heard(message) => {
                    self.heard = Instant::now();
                    self.hear(socket, message).await?;
                }
                Event::Update(next) => self.pass_on(socket, next).await?,
                Event::Tick if self.heard.elapsed() >= SILENCE => return ControlFlow::Break(End::Gone),
                Event::Tick => self.send(socket, Message::Ping(Bytes::new())).await?,
            }
        }
    }

    async fn next(&mut self, socket: &mut WebSocket, ping: &mut Interval) -> Event {
        tokio::select! {
            _ = self.stop.wait_for(|stop| *stop) => Event::Stop,
            message = socket.recv() => Event::Heard(message),
            next = self.client.next() => Event::Update(next),
            _ = ping.tick() => Event::Tick,
        }
    }

    async fn hear(&mut self, socket: &mut WebSocket, message: Option<Result<Message, Error>>) -> Going {
        match message {
            Some(Ok(Message::Text(text))) => {
                let mut stop = self.stop.clone();
                let answer = tokio::select! {
                    biased;
                    _ = stop.wait_for(|stop| *stop) => return going_away(),
                    answer = self.answer(text.as_str()) => answer,
                };
                self.say(socket, &answer).await
            }
            Some(Ok(Message::Binary(_))) => {
                self.say(socket, &protocol::error("binary messages are not understood; send JSON as text")).await
            }
            // Pings are answered by the socket itself.
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => ControlFlow::Continue(()),
            Some(Ok(Message::Close(_))) => ControlFlow::Break(End::Left),
            None => ControlFlow::Break(End::Gone),
            Some(Err(error)) => ControlFlow::Break(end_of(&error)),
        }
    }

    /// What takes long to find waits for its turn, and no other connection waits for it.
    async fn answer(&self, text: &str) -> ServerMessage {
        let message = match protocol::understand(text) {
            Ok(message) => message,
            Err(why) => return protocol::error(why),
        };
        if !protocol::takes_long(&message) {
            return protocol::answer(message, &Asker::default(), &self.client, &self.monitor);
        }
        let (client, monitor) = (Arc::clone(&self.client), Arc::clone(&self.monitor));
        let found = self.monitor.turns.take_for(move |asker| protocol::answer(message, asker, &client, &monitor)).await;
        found.unwrap_or_else(protocol::error)
    }

    async fn pass_on(&mut self, socket: &mut WebSocket, next: Next) -> Going {
        if next.dropped > 0 {
            self.say(socket, &ServerMessage::Lagged { dropped: next.dropped }).await?;
        }
        match next.frame {
            Some(frame) => self.send(socket, Message::text(frame)).await,
            None => ControlFlow::Continue(()),
        }
    }

    async fn say(&mut self, socket: &mut WebSocket, message: &ServerMessage) -> Going {
        // It cannot fail: there is nothing in it but strings and finite numbers.
        let text = serde_json::to_string(message).unwrap_or_default();
        self.send(socket, Message::text(text)).await
    }

    /// Waits for a slow client, but neither for ever nor past the server's end.
    async fn send(&mut self, socket: &mut WebSocket, message: Message) -> Going {
        let began = Instant::now();
        let sent = tokio::select! {
            biased;
            _ = self.stop.wait_for(|stop| *stop) => return going_away(),
            sent = timeout(PATIENCE, socket.send(message)) => sent,
        };
        if began.elapsed() >= STALL {
            self.heard = Instant::now();
        }
        if matches!(sent, Ok(Ok(()))) { ControlFlow::Continue(()) } else { ControlFlow::Break(End::Gone) }
    }
}

fn pings() -> Interval {
    let mut ping = interval(PING_EVERY);
    ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // Its first tick would be now, when there is nothing to ask yet.
    ping.reset();
    ping
}

fn going_away() -> Going {
    ControlFlow::Break(End::Tell(close_code::AWAY, "the server is going away"))
}

/// What the client does wrong is told; after anything else there is nobody to tell.
fn end_of(error: &Error) -> End {
    // The socket's own error type is not part of axum's interface, its words have to do.
    let says = error.to_string().to_ascii_lowercase();
    if says.contains("too long") {
        End::Tell(close_code::SIZE, "messages over 1 MiB are not read")
    } else if says.contains("utf-8") {
        End::Tell(close_code::INVALID, "text is UTF-8")
    } else if says.contains("protocol error") {
        End::Tell(close_code::PROTOCOL, "this is not how WebSockets talk")
    } else {
        End::Gone
    }
}

/// Says goodbye and waits until the client has heard it. Were the socket closed with something unread in
/// it, the system would take the goodbye back.
async fn farewell(socket: &mut WebSocket, code: u16, reason: &'static str) {
    let goodbye = Message::Close(Some(CloseFrame { code, reason: reason.into() }));
    if let Ok(Ok(())) = timeout(FAREWELL, socket.send(goodbye)).await {
        hear_out(socket).await;
    }
}

/// Reads until there is nothing more to read. The socket answers a goodbye by itself, while it is read from.
async fn hear_out(socket: &mut WebSocket) {
    let _ = timeout(FAREWELL, async { while let Some(Ok(_)) = socket.recv().await {} }).await;
}
