//! Every way to a long answer waits for the same turns, and not past the server's end; a short one waits for none.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::{Duration, Instant};

use app::model::{Batch, Metric, Tags, Unit};
use axum::middleware::Next;
use futures::{SinkExt, StreamExt};
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, oneshot, watch};
use tokio::time::timeout;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tracing::field::{Field, Visit};
use tracing::subscriber::set_default;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::Registry;

use super::*;
use crate::clock::{Clock, SystemClock};
use crate::collect::{AtOnce, Sink, spawn};
use crate::ingest::RemoteWrite;
use crate::monitor::{Host, Layout, Setup, Told, Turns};
use crate::pipeline::Pipeline;
use crate::stages::Stages;
use crate::store::{Limits, Selection, Store};
use crate::vitals::Vitals;

/// A server that has so many turns and collects nothing; its address, and what stops it.
async fn serving(turns: usize) -> (String, watch::Sender<bool>) {
    serving_from(Arc::new(Store::new(Limits::default())), Turns::of(turns), |router| router).await
}

/// A server of this store, by a router that is changed as said.
async fn serving_from(
    store: Arc<Store>,
    turns: Turns,
    change: impl FnOnce(Router) -> Router,
) -> (String, watch::Sender<bool>) {
    let (stop, stopped) = watch::channel(false);
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let hub = Arc::new(Hub::new(9, 64));
    let pipeline = Arc::new(Pipeline::new(Arc::clone(&store), Arc::clone(&hub)));
    let sink: Sink = Arc::new(|_| {});
    let registry = spawn(Vec::new(), "host", &clock, &sink, &stopped, AtOnce::One, &Stages::default()).registry();
    let layout = Layout { widgets: Vec::new(), paused: false, poll: None };
    let monitor = Arc::new(Monitor {
        started: clock.now(),
        clock,
        store: Arc::clone(&store),
        registry,
        pipeline,
        written: Arc::new(RemoteWrite::new(Arc::clone(&store), Arc::clone(&hub))),
        vitals: Vitals::default(),
        host: Host::look("host".to_owned()),
        stages: Stages::default(),
        told: watch::channel(Arc::new(Told { layout, setup: Setup::default() })).1,
        turns,
    });
    let settings = Settings {
        hosts: Hosts::loopback(),
        page: Some(Choice::System),
        live: true,
        folder: None,
        written: None,
        requested: Arc::new(|_, _| {}),
    };
    let router = change(router(&monitor, &hub, &stopped, settings));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (routes, room) = (watch::channel(router).1, Arc::new(Semaphore::new(9)));
    tokio::spawn(serve(Arc::new(listener), routes, room, stopped));
    (address, stop)
}

async fn status(request: reqwest::RequestBuilder) -> u16 {
    request.send().await.unwrap().status().as_u16()
}

/// The answers to these messages, in their order.
async fn live(address: &str, messages: &[Value]) -> Vec<Value> {
    let (mut socket, _) = connect_async(format!("ws://{address}/ws")).await.unwrap();
    let mut answers = Vec::new();
    for message in messages {
        socket.send(Message::text(message.to_string())).await.unwrap();
    }
    while answers.len() <= messages.len() {
        let Some(Ok(Message::Text(text))) = socket.next().await else { panic!("it ends after {answers:?}") };
        answers.push(serde_json::from_str(&text).unwrap());
    }
    answers.split_off(1)
}

/// `want`: the statuses of interface, page and server function, and what the stream says to a question.
async fn check(turns: usize, want: ([u16; 3], &str)) {
    let (address, _stop) = serving(turns).await;
    // Without a provider of cryptography in the process there is no client; another test may have named it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let (client, at) = (reqwest::Client::new(), |path: &str| format!("http://{address}{path}"));
    let histories = json!({"request": {"metrics": ["m"], "start": 0, "end": 1, "columns": 9}});
    let messages = [json!({"type": "ping"}), json!({"type": "get_metrics", "metric_name": "m"})];
    let (interface, page, function, stream) = tokio::join!(
        status(client.get(at("/api/metrics?metric_name=m"))),
        status(client.get(at("/"))),
        status(client.post(at("/sfn/histories")).json(&histories)),
        live(&address, &messages),
    );
    assert_eq!([interface, page, function], want.0, "with {turns} turns");
    assert_eq!(stream[0]["type"], "pong");
    let says = stream[1]["message"].as_str().unwrap_or_default();
    assert!(stream[1]["type"] == "error" && says.contains(want.1), "with {turns} turns: {stream:?}");
}

#[tokio::test]
async fn all_long_answers_wait_for_the_same_turns() {
    check(1, ([404, 200, 200], "no metric")).await;
    let began = Instant::now();
    check(0, ([503, 503, 503], "too much is asked at once")).await;
    assert!(began.elapsed() >= Duration::from_secs(5), "nobody has waited");
}

/// What is told at the level of warnings.
#[derive(Clone, Default)]
struct Warnings(Arc<Mutex<Vec<String>>>);

impl<S: Subscriber> Layer<S> for Warnings {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if *event.metadata().level() <= Level::WARN {
            self.0.lock().push(String::new());
            event.record(&mut self.clone());
        }
    }
}

impl Visit for Warnings {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "message"
            && let Some(line) = self.0.lock().last_mut()
        {
            *line = format!("{value:?}");
        }
    }
}

#[tokio::test]
async fn a_page_without_data_is_told_once_and_why() {
    let (warnings, (address, _stop)) = (Warnings::default(), serving(0).await);
    let _listening = set_default(Registry::default().with(warnings.clone()));
    let _ = rustls::crypto::ring::default_provider().install_default();
    assert_eq!(status(reqwest::Client::new().get(format!("http://{address}/"))).await, 503);
    let why = "GET / was answered with 503: the page is without data, since looking for them took longer than 3 s";
    assert_eq!(*warnings.0.lock(), [why]);
}

#[tokio::test]
async fn a_question_that_waits_for_its_turn_does_not_hold_up_the_end() {
    let (address, stop) = serving(0).await;
    let (mut socket, _) = connect_async(format!("ws://{address}/ws")).await.unwrap();
    socket.next().await.unwrap().unwrap();
    for message in [json!({"type": "get_metrics", "metric_name": "m"}), json!({"type": "ping"})] {
        socket.send(Message::text(message.to_string())).await.unwrap();
    }
    let early = timeout(Duration::from_millis(300), socket.next()).await;
    assert!(early.is_err(), "the question does not wait: {early:?}");
    stop.send_replace(true);
    let said = timeout(Duration::from_secs(2), socket.next()).await.expect("the end waits for a turn");
    let Some(Ok(Message::Close(Some(frame)))) = said else { panic!("{said:?}") };
    assert_eq!(frame.code, CloseCode::Away);
}

/// Tells when it is dropped.
struct Dropped(Option<oneshot::Sender<()>>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.take().map(|told| told.send(()));
    }
}

async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let waited = timeout(Duration::from_secs(20), async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    });
    assert!(waited.await.is_ok(), "{what} does not come to be");
}

/// The question whose client leaves while it is looked for; its looking is held up until the server knows that.
async fn leave(question: &str) {
    let (store, turns) = (Arc::new(Store::new(Limits::default())), Turns::of(1));
    let metric = Metric::counter("m", Unit::NONE);
    let sample = |n: u32| metric.sample(Tags::new([("n", n.to_string())]), 1.0);
    let now = SystemClock.now();
    let batch = Batch { collector: "c".into(), time: now, samples: (0..9).map(sample).collect() };
    store.append(&batch).unwrap();

    let (tell, left) = oneshot::channel();
    let told = Arc::new(Mutex::new(Some(Dropped(Some(tell)))));
    let watched = |router: Router| {
        router.layer(from_fn(move |request, next: Next| {
            let told = told.lock().take();
            async move {
                let _told = told;
                next.run(request).await
            }
        }))
    };
    let (address, _stop) = serving_from(Arc::clone(&store), turns.clone(), watched).await;
    let (holds, held) = oneshot::channel();
    let (let_go, wait) = std::sync::mpsc::channel::<()>();
    let holding = Arc::clone(&store);
    let what = Selection { metric: "m".into(), tags: Tags::default(), matchers: Vec::new(), start: now, end: now };
    let holder = tokio::task::spawn_blocking(move || {
        holding.hold_up(&what, || {
            holds.send(()).unwrap();
            let _ = wait.recv();
        });
    });
    held.await.unwrap();

    let mut client = TcpStream::connect(&address).await.unwrap();
    client.write_all(format!("GET {question} HTTP/1.1\r\nHost: {address}\r\n\r\n").as_bytes()).await.unwrap();
    until("the turn of the question", || turns.free() == 0).await;
    drop(client);
    timeout(Duration::from_secs(20), left).await.expect("the server does not notice that its client has left").unwrap();
    drop(let_go);
    holder.await.unwrap();
    until("the end of the question", || turns.free() == 1).await;
    assert_eq!(store.abandoned(), 1, "{question}");
}

#[tokio::test]
async fn a_question_whose_client_has_left_is_given_up() {
    leave("/api/metrics?metric_name=m").await;
    leave("/api/metrics?metric_name=m&aggregation=avg&by=").await;
    leave("/api/metrics?metric_name=m&aggregation=rate&step=60").await;
    leave("/api/metrics?metric_name=m&aggregation=p99").await;
}
