//! The one task that owns the socket: it reads frames, reconnects, fetches what is missing.
//!
//! Where the server has no stream, it asks for what is new again and again instead: an answer counts as a frame, a
//! question without one as a connection that broke.
//!
//! Invariant: nothing that a server sends ends it; a frame that cannot be read is left out.
//! Invariant: when its owner goes, the task is dropped and with it the socket, the timer and all listeners.
//! May not know: what becomes of data ([`Feed`]), when to reconnect ([`Machine`]).

use std::time::Duration;

use futures::channel::mpsc::{UnboundedSender, unbounded};
use futures::future::{Either, abortable, select};
use futures::{FutureExt, SinkExt, Stream, StreamExt, stream};
use gloo_net::websocket::futures::WebSocket;
use gloo_net::websocket::{Message, WebSocketError};
use gloo_timers::future::{IntervalStream, TimeoutFuture};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Live;
use super::browser::{self, Listener};
use super::feed::Feed;
use super::health;
use super::link::{Action, Event, Link, Machine};
use crate::model::{ClientMessage, History, HistoryRequest, MetricSelector, ServerMessage, Timestamp};

/// How often time is looked at.
const TICK_MS: u32 = 250;
/// How often the server is asked how its collectors are, in ticks.
const HEALTH_TICKS: u32 = 40;
/// An answer that takes longer is not waited for.
const FETCH_MS: u32 = 20_000;

/// The way to the task.
pub(super) type Orders = UnboundedSender<Order>;

/// What the task is told by the page.
pub(super) enum Order {
    /// Somebody does not want to wait.
    Retry,
    /// The range has changed.
    Fill,
    /// The page was hidden, or is looked at again.
    Looked(bool),
    /// An answer has come.
    Filled(Purpose, HistoryRequest, Result<Vec<History>, String>),
    /// How the server is.
    Problems(Vec<(String, String)>),
}

/// What stored data is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// A longer range: somebody waits for it.
    Range,
    /// What the stream left out.
    Gap,
    /// What is new, where there is no stream.
    News,
}

enum Wake {
    Frame(Option<Result<Message, WebSocketError>>),
    Order(Order),
    Tick,
}

/// Starts the task; it lasts until the current owner goes.
pub(super) fn start(live: Live) {
    let (orders, inbox) = unbounded();
    live.orders.set_value(Some(orders.clone()));
    let inbox = stream::select(inbox.map(Wake::Order), IntervalStream::new(TICK_MS).map(|()| Wake::Tick));
    let (task, handle) = abortable(run(Driver::new(live, orders), inbox));
    spawn_local(async move {
        // Ends by being aborted, and by nothing else.
        let _ = task.await;
    });
    on_cleanup(move || handle.abort());
}

async fn run(mut driver: Driver, mut inbox: impl Stream<Item = Wake> + Unpin) {
    let _listeners = driver.listen();
    driver.open();
    while let Some(wake) = next(&mut driver.socket, &mut inbox).await {
        driver.handle(wake);
    }
}

async fn next(socket: &mut Option<WebSocket>, inbox: &mut (impl Stream<Item = Wake> + Unpin)) -> Option<Wake> {
    let Some(socket) = socket else { return inbox.next().await };
    match select(socket.next(), inbox.next()).await {
        Either::Left((frame, _)) => Some(Wake::Frame(frame)),
        Either::Right((wake, _)) => wake,
    }
}

struct Driver {
    live: Live,
    feed: Feed,
    machine: Machine,
    socket: Option<WebSocket>,
    orders: Orders,
    ticks: u32,
    /// How often to ask where there is no stream.
    poll: Option<Duration>,
    /// When it was asked last.
    asked: Timestamp,
    /// Whether there is no answer to that yet.
    awaiting: bool,
}

impl Driver {
    fn new(live: Live, orders: Orders) -> Self {
        let feed = Feed::new(live);
        let (now, poll) = (browser::monotonic(), live.poll());
        let machine = Machine::new(now, feed.interval().max(poll.unwrap_or_default()));
        Self { live, feed, machine, socket: None, orders, ticks: 0, poll, asked: now, awaiting: false }
    }

    fn listen(&self) -> [Option<Listener>; 2] {
        let Some(window) = web_sys::window() else { return [None, None] };
        let looked = self.orders.clone();
        let online = self.orders.clone();
        [
            window.document().and_then(|page| {
                Listener::new(&page, "visibilitychange", move |_| {
                    let _ = looked.unbounded_send(Order::Looked(browser::is_visible()));
                })
            }),
            Listener::new(&window, "online", move |_| {
                let _ = online.unbounded_send(Order::Retry);
            }),
        ]
    }

    fn handle(&mut self, wake: Wake) {
        match wake {
            Wake::Frame(Some(Ok(frame))) => {
                self.step(Event::Heard);
                if let Message::Text(text) = frame {
                    // What cannot be read is another version's; the connection is as good as before.
                    if let Ok(message) = serde_json::from_str(&text) {
                        self.said(message);
                    }
                }
            }
            Wake::Frame(Some(Err(_)) | None) => self.step(Event::Closed),
            Wake::Order(order) => self.obey(order),
            Wake::Tick => {
                self.feed.tick();
                self.step(Event::Tick);
                self.ask_when_due();
                self.ticks = self.ticks.wrapping_add(1);
                if self.ticks.is_multiple_of(HEALTH_TICKS) {
                    self.ask_health();
                }
            }
        }
    }

    fn said(&mut self, message: ServerMessage) {
        match message {
            ServerMessage::Connection { .. } => {
                let metric_names = self.feed.metrics();
                if !metric_names.is_empty() {
                    self.say(&ClientMessage::Subscribe(MetricSelector { metric_names, ..MetricSelector::default() }));
                }
            }
            ServerMessage::MetricsUpdate { data } => {
                if let Some(request) = self.feed.frame(&data) {
                    self.fetch(Purpose::Gap, request);
                    self.fill_again();
                }
            }
            ServerMessage::Lagged { .. } => self.feed.unsure(),
            ServerMessage::Error { message } => leptos::logging::warn!("the server did not understand: {message}"),
            // Answers that change nothing here; that something was heard counts already.
            ServerMessage::SubscriptionConfirmed(_)
            | ServerMessage::SubscriptionRemoved(_)
            | ServerMessage::MetricsData { .. }
            | ServerMessage::Pong => {}
        }
    }

    fn obey(&mut self, order: Order) {
        match order {
            Order::Filled(Purpose::News, request, answer) => {
                self.awaiting = false;
                match answer {
                    Ok(histories) => {
                        self.step(Event::Heard);
                        self.feed.told(&request, histories);
                        self.fill_again();
                    }
                    Err(_) => self.step(Event::Closed),
                }
            }
            Order::Retry => {
                self.step(Event::Retry);
                self.fill_again();
            }
            Order::Fill => self.fill(),
            Order::Looked(visible) => {
                if self.feed.look(visible) {
                    self.step(Event::Retry);
                    self.ask_health();
                }
            }
            Order::Filled(purpose, request, answer) => {
                if purpose == Purpose::Range {
                    self.live.awaited.update(|awaited| *awaited = awaited.saturating_sub(1));
                }
                let trouble = match answer {
                    Ok(histories) => {
                        self.feed.filled(&request, histories);
                        None
                    }
                    Err(trouble) => {
                        if purpose == Purpose::Gap {
                            self.feed.not_filled(&request);
                        }
                        Some(trouble)
                    }
                };
                if self.live.trouble.get_untracked() != trouble {
                    self.live.trouble.set(trouble);
                }
            }
            Order::Problems(problems) => {
                if self.live.problems.get_untracked() != problems {
                    self.live.problems.set(problems);
                }
            }
        }
    }

    fn ask_when_due(&mut self) {
        let due = self.poll.is_some_and(|every| browser::monotonic().since(self.asked) >= every);
        if due && !self.awaiting && self.live.link.get_untracked() == Link::Live && browser::is_visible() {
            self.ask();
        }
    }

    /// Asks for what is new.
    fn ask(&mut self) {
        self.asked = browser::monotonic();
        self.awaiting = true;
        self.fetch(Purpose::News, self.feed.news());
    }

    fn fill(&mut self) {
        for request in self.feed.missing() {
            self.live.awaited.update(|awaited| *awaited += 1);
            self.fetch(Purpose::Range, request);
        }
    }

    /// Asks once more for what the range lacks, if it could not be had before.
    fn fill_again(&mut self) {
        if self.live.trouble.get_untracked().is_some() {
            self.fill();
        }
    }

    /// Asks for stored data; the answer comes as an order, or nowhere if the task is gone by then.
    fn fetch(&self, purpose: Purpose, request: HistoryRequest) {
        let orders = self.orders.clone();
        spawn_local(async move {
            let answer = Box::pin(crate::api::histories(request.clone()));
            let answer = match select(answer, TimeoutFuture::new(FETCH_MS)).await {
                Either::Left((answer, _)) => answer.map_err(|error| error.to_string()),
                Either::Right(_) => Err("the server did not answer in time".to_owned()),
            };
            let _ = orders.unbounded_send(Order::Filled(purpose, request, answer));
        });
    }

    fn ask_health(&self) {
        if self.live.link.get_untracked() == Link::Live && browser::is_visible() {
            let orders = self.orders.clone();
            spawn_local(async move {
                if let Some(problems) = health::problems().await {
                    let _ = orders.unbounded_send(Order::Problems(problems));
                }
            });
        }
    }

    fn step(&mut self, event: Event) {
        let now = browser::monotonic();
        match self.machine.step(event, now, js_sys::Math::random()) {
            Some(Action::Open) => self.open(),
            Some(Action::Ping) if self.poll.is_some() => self.ask(),
            Some(Action::Ping) => self.say(&ClientMessage::Ping),
            Some(Action::Drop) => {
                self.socket = None;
                self.feed.unsure();
            }
            None => {}
        }
        let link = self.machine.link(now);
        if self.live.link.get_untracked() != link {
            self.live.link.set(link);
        }
    }

    fn open(&mut self) {
        if self.poll.is_some() {
            return self.ask();
        }
        self.socket = address().and_then(|address| WebSocket::open(&address).ok());
        if self.socket.is_none() {
            self.step(Event::Closed);
        }
    }

    /// Sends at once or not at all: the next silence shows what became of it.
    fn say(&mut self, message: &ClientMessage) {
        if let (Some(socket), Ok(text)) = (&mut self.socket, serde_json::to_string(message)) {
            let _ = socket.send(Message::Text(text)).now_or_never();
        }
    }
}

/// The socket's address: beside the page, as safe as the page.
fn address() -> Option<String> {
    let location = web_sys::window()?.location();
    let (protocol, host) = (location.protocol().ok()?, location.host().ok()?);
    Some(format!("{}://{host}/ws", if protocol == "https:" { "wss" } else { "ws" }))
}
