//! A server of one's own for each test, and clients that say what they got.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use futures::{SinkExt, StreamExt};
use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// How long anything that should happen may take on a busy machine.
pub(crate) const SOON: Duration = Duration::from_secs(20);

/// The binary.
pub(crate) fn telltale() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_telltale"));
    command.env_clear().current_dir("/").stdin(Stdio::null());
    command
}

/// A file that is gone with the test.
pub(crate) fn config_file(text: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

/// Asks over HTTP. Without a provider of cryptography in the process there is no client at all.
pub(crate) fn client() -> reqwest::Client {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
    reqwest::Client::new()
}

/// A running server; it is gone with the test.
pub(crate) struct Server {
    child: Child,
    /// Such as `127.0.0.1:40123`.
    pub(crate) address: String,
    pub(crate) first_line: String,
    /// Where it keeps its things, unless its configuration says otherwise: one server, one folder.
    _home: tempfile::TempDir,
}

impl Server {
    pub(crate) fn start() -> Self {
        Self::listening("127.0.0.1:0")
    }

    pub(crate) fn listening(at: &str) -> Self {
        Self::run(telltale().args(["start", "--listen", at]))
    }

    /// With a configuration, of which `inside` stands under the one outer key; on any free port.
    pub(crate) fn configured(inside: &str) -> Self {
        let file = config_file(&format!("{{\"performance_monitoring\": {{{inside}}}}}"));
        Self::run(telltale().args(["start", "--listen", "127.0.0.1:0", "--config"]).arg(file.path()))
    }

    /// It has read its file by the time it says where it is.
    pub(crate) fn run(command: &mut Command) -> Self {
        let home = tempfile::tempdir().unwrap();
        command.env("XDG_DATA_HOME", home.path());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut first_line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut first_line).unwrap();
        let address = first_line.split("http://").nth(1).and_then(|rest| rest.split_whitespace().next());
        let address = address.unwrap_or_else(|| panic!("no address in `{first_line}`")).to_owned();
        Self { child, address, first_line, _home: home }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The number of its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends `TERM` or `INT`.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.pid().to_string();
        assert!(Command::new("sh").args(["-c", "kill -s \"$0\" \"$1\"", name, &id]).status().unwrap().success());
    }

    /// Waits for its end; how it ended and how long that took.
    pub(crate) async fn ended(&mut self) -> (ExitStatus, Duration) {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return (status, began.elapsed());
            }
            assert!(began.elapsed() < SOON, "it does not end");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// What it has said on standard error; only after its end.
    pub(crate) fn complaints(&mut self) -> String {
        let mut text = String::new();
        self.child.stderr.as_mut().unwrap().read_to_string(&mut text).unwrap();
        text
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, &[]).await
    }

    pub(crate) async fn ask(&self, method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = client().request(method, self.url(path));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Answer { status, headers, body: response.bytes().await.unwrap().to_vec() }
    }

    /// The data of a successful answer.
    pub(crate) async fn data(&self, path: &str) -> Value {
        let answer = self.get(path).await;
        let json = answer.json();
        assert_eq!((answer.status, json["status"].as_str()), (200, Some("success")), "{path}: {json}");
        assert!(json["timestamp"].is_f64(), "{path}: {json}");
        json["data"].clone()
    }

    /// The points of one metric, as `(timestamp, value, tags)`.
    pub(crate) async fn points(&self, query: &str) -> Vec<Point> {
        let data = self.data(&format!("/api/metrics?{query}")).await;
        let points = data["data_points"].as_array().unwrap();
        points
            .iter()
            .map(|point| {
                assert!(point["unit"].is_string(), "{point}");
                let tags = point["tags"].as_object().unwrap();
                let tags = tags.iter().map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()));
                Point {
                    time: point["timestamp"].as_f64().unwrap(),
                    value: point["value"].as_f64().unwrap(),
                    tags: tags.collect(),
                }
            })
            .collect()
    }

    /// Waits until a gauge has been read so often.
    pub(crate) async fn collected(&self, times: usize) {
        let began = Instant::now();
        while self.points("metric_name=memory_total_bytes").await.len() < times {
            assert!(began.elapsed() < SOON, "nothing is collected");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub(crate) async fn ws(&self) -> Ws {
        let (socket, _) = connect_async(format!("ws://{}/ws", self.address)).await.unwrap();
        Ws(socket)
    }

    /// The status with which a handshake with these headers is answered; 101 where it succeeds.
    pub(crate) async fn handshake(&self, headers: &[(&'static str, &str)]) -> (u16, Option<Ws>) {
        use tokio_tungstenite::tungstenite::Error;
        use tokio_tungstenite::tungstenite::client::IntoClientRequest;
        let mut request = format!("ws://{}/ws", self.address).into_client_request().unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        match connect_async(request).await {
            Ok((socket, _)) => (101, Some(Ws(socket))),
            Err(Error::Http(answer)) => (answer.status().as_u16(), None),
            Err(other) => panic!("{other}"),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Point {
    pub(crate) time: f64,
    pub(crate) value: f64,
    pub(crate) tags: Vec<(String, String)>,
}

impl Point {
    pub(crate) fn tag(&self, name: &str) -> Option<&str> {
        self.tags.iter().find(|(has, _)| has == name).map(|(_, value)| value.as_str())
    }
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.text()))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// A live connection.
pub(crate) struct Ws(pub(crate) WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Ws {
    pub(crate) async fn say(&mut self, text: &str) {
        self.0.send(Message::text(text)).await.unwrap();
    }

    /// The next message but pings, however it may look.
    pub(crate) async fn next(&mut self) -> Option<Message> {
        loop {
            let next = tokio::time::timeout(SOON, self.0.next()).await.expect("nothing is said");
            match next.transpose().unwrap_or(None) {
                Some(Message::Ping(_) | Message::Pong(_)) => {}
                other => return other,
            }
        }
    }

    /// The next message, which must be JSON.
    pub(crate) async fn hear(&mut self) -> Value {
        let next = self.next().await;
        let Some(Message::Text(text)) = next else { panic!("no text: {next:?}") };
        serde_json::from_str(&text).unwrap()
    }

    /// The next message that is no update.
    pub(crate) async fn answer(&mut self) -> Value {
        loop {
            let message = self.hear().await;
            if message["type"] != "metrics_update" {
                return message;
            }
        }
    }

    /// Says one thing and hears what is answered.
    pub(crate) async fn ask(&mut self, text: &str) -> Value {
        self.say(text).await;
        self.answer().await
    }
}
