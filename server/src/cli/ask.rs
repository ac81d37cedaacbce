//! One question to a running server: a plain GET, with a bound on how long it takes and how much comes back.

use std::fmt;
use std::io::{ErrorKind, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::Failure;

/// For everything together, however the other side drips.
const WITHIN: Duration = Duration::from_secs(10);
/// For one attempt to connect; a name may have several addresses.
const CONNECTED_WITHIN: Duration = Duration::from_secs(5);
/// What is taken in at a time.
const BUFFER: usize = 64 * 1024;
/// No answer of ours is longer.
const MOST_BYTES: usize = 16 * 1024 * 1024;
/// Without a port in the address, as everywhere on the web.
const HTTP_PORT: u16 = 80;

/// Who is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    /// A name or an address, without brackets.
    pub(super) host: String,
    /// The port.
    pub(super) port: u16,
}

/// What came back.
#[derive(Debug, PartialEq)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Value,
}

impl Answer {
    /// What was asked for. A server that is not well tells it, too; one that refuses tells why.
    pub(super) fn told(self, address: &Address) -> Result<Value, Failure> {
        match self.body.get("data") {
            Some(data) if matches!(self.status, 200 | 503) => Ok(data.clone()),
            _ => Err(self.trouble(address, "it does not tell")),
        }
    }

    /// What it says is wrong; `or` where it does not say.
    pub(super) fn trouble(&self, address: &Address, or: &str) -> Failure {
        let says = self.body.pointer("/error/message").and_then(Value::as_str).unwrap_or(or);
        Failure::Unhealthy(format!("{address}: {says}"))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "http://[{}]:{}", self.host, self.port)
        } else {
            write!(f, "http://{}:{}", self.host, self.port)
        }
    }
}

impl Address {
    /// From `http://host:port`, with or without a slash behind it.
    pub(super) fn parse(url: &str) -> Option<Self> {
        let rest = url.strip_prefix("http://")?;
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (host, port) = match rest.strip_prefix('[') {
            Some(inside) => {
                let (host, port) = inside.split_once(']')?;
                (host, if port.is_empty() { None } else { Some(port.strip_prefix(':')?) })
            }
            None => rest.rsplit_once(':').map_or((rest, None), |(host, port)| (host, Some(port))),
        };
        let bad = |c: char| c.is_whitespace() || c.is_control() || "/?#@[]".contains(c);
        let port = port.map_or(Some(HTTP_PORT), |port| port.parse().ok())?;
        (!host.is_empty() && !host.contains(bad)).then(|| Self { host: host.to_owned(), port })
    }

    /// Asks for `path`.
    pub(super) fn get(&self, path: &str) -> Result<Answer, Failure> {
        self.exchange(path).map_err(|because| Failure::NoAnswer { address: self.to_string(), because })
    }

    fn exchange(&self, path: &str) -> Result<Answer, String> {
        let by = Instant::now() + WITHIN;
        let mut stream = self.connect(by)?;
        let said = |error: std::io::Error| format!("it does not answer: {error}");
        stream.set_write_timeout(Some(left(by)?)).map_err(said)?;
        let host = self.to_string();
        let host = host.trim_start_matches("http://");
        let asked = format!("GET {path} HTTP/1.0\r\nhost: {host}\r\naccept: application/json\r\n\r\n");
        stream.write_all(asked.as_bytes()).map_err(said)?;
        let (mut answer, mut buffer) = (Vec::new(), vec![0; BUFFER]);
        while answer.len() < MOST_BYTES {
            stream.set_read_timeout(Some(left(by)?)).map_err(said)?;
            match stream.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => answer.extend_from_slice(buffer.get(..count).unwrap_or_default()),
                // Either is what the end of the time looks like.
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(said(error)),
            }
        }
        understand(&answer).ok_or_else(|| "something answers there, but it is no Telltale".to_owned())
    }

    fn connect(&self, by: Instant) -> Result<TcpStream, String> {
        let found = (self.host.as_str(), self.port).to_socket_addrs();
        let found = found.map_err(|error| format!("there is no such host: {error}"))?;
        let mut why = "there is no such host".to_owned();
        for address in found {
            match TcpStream::connect_timeout(&address, left(by)?.min(CONNECTED_WITHIN)) {
                Ok(stream) => return Ok(stream),
                Err(error) => why = format!("nobody answers there ({error}); is `telltale start` running?"),
            }
        }
        Err(why)
    }
}

/// How long it may still take.
fn left(by: Instant) -> Result<Duration, String> {
    let left = by.saturating_duration_since(Instant::now());
    if left.is_zero() { Err(format!("it does not answer within {} s", WITHIN.as_secs())) } else { Ok(left) }
}

/// The status and the body of an HTTP/1 answer that ends with its connection.
fn understand(answer: &[u8]) -> Option<Answer> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n")?;
    let (head, body) = (answer.get(..end)?, answer.get(end + 4..)?);
    let mut words = std::str::from_utf8(head).ok()?.lines().next()?.split(' ');
    let status = words.next().filter(|version| version.starts_with("HTTP/1.")).and_then(|_| words.next())?;
    let body: Value = serde_json::from_slice(body).ok()?;
    let ours = body.get("status").is_some() && (body.get("data").is_some() || body.get("error").is_some());
    ours.then_some(Answer { status: status.parse().ok()?, body })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(url: &str, want: Option<(&str, u16)>) {
        let got = Address::parse(url);
        assert_eq!(got.as_ref().map(|a| (a.host.as_str(), a.port)), want, "{url}");
    }

    #[test]
    fn an_address_is_a_host_and_perhaps_a_port() {
        check("http://127.0.0.1:8080", Some(("127.0.0.1", 8080)));
        check("http://localhost:1/", Some(("localhost", 1)));
        check("http://example.org", Some(("example.org", 80)));
        check("http://[::1]:9", Some(("::1", 9)));
        check("http://[::1]", Some(("::1", 80)));
        for bad in [
            "",
            "localhost:80",
            "https://a",
            "http://",
            "http://:80",
            "http://a:x",
            "http://a/b",
            "http://a@b",
            "http://[::1",
            "http://[::1]9",
        ] {
            check(bad, None);
        }
        assert_eq!(Address { host: "::1".into(), port: 7 }.to_string(), "http://[::1]:7");
    }

    #[test]
    fn only_our_own_answers_are_understood() {
        let understood = |text: &str| understand(text.as_bytes()).map(|answer| answer.status);
        assert_eq!(understood("HTTP/1.1 200 OK\r\na: b\r\n\r\n{\"status\":\"success\",\"data\":{}}"), Some(200));
        assert_eq!(understood("HTTP/1.0 503 No\r\n\r\n{\"status\":\"error\",\"error\":{}}"), Some(503));
        for other in
            ["", "SSH-2.0-x\r\n\r\n{}", "HTTP/1.1 200 OK\r\n\r\n<html>", "HTTP/1.1 200 OK\r\n\r\n{}", "HTTP/1.1"]
        {
            assert_eq!(understood(other), None, "{other}");
        }
    }
}
