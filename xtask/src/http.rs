//! The least HTTP that asks a server on this machine for something.

use anyhow::{Context, Result, bail};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

/// What came back.
pub(crate) struct Answer {
    /// `200`, `404`.
    pub(crate) status: u16,
    head: String,
    /// The bytes, as they were sent.
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// A header's value.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut fields = self.head.lines().filter_map(|line| line.split_once(':'));
        fields.find(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }
}

/// Asks a server for a path. `headers` are whole lines.
pub(crate) fn get(server: SocketAddr, path: &str, headers: &[&str]) -> Result<Answer> {
    ask(server, path, headers).with_context(|| format!("asking http://{server}{path}"))
}

fn ask(server: SocketAddr, path: &str, headers: &[&str]) -> Result<Answer> {
    let patience = Duration::from_secs(10);
    let mut stream = TcpStream::connect_timeout(&server, patience)?;
    stream.set_read_timeout(Some(patience))?;
    // 1.0: the answer comes in one piece and ends with the connection.
    let mut request = format!("GET {path} HTTP/1.0\r\nHost: {server}\r\n");
    for header in headers {
        request.push_str(header);
        request.push_str("\r\n");
    }
    request.push_str("\r\n");
    stream.write_all(request.as_bytes())?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    parse(&bytes)
}

fn parse(bytes: &[u8]) -> Result<Answer> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").context("the answer has no end of its head")?;
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let status = head.split_whitespace().nth(1).and_then(|code| code.parse().ok());
    let status = status.with_context(|| format!("the answer begins with {:?}", head.lines().next()))?;
    Ok(Answer { status, head, body: bytes[end + 4..].to_vec() })
}

/// Waits until a server answers at all.
pub(crate) fn wait_for(server: SocketAddr, path: &str, limit: Duration) -> Result<()> {
    let begun = Instant::now();
    loop {
        match get(server, path, &[]) {
            Ok(_) => return Ok(()),
            Err(error) if begun.elapsed() > limit => {
                bail!("nothing answers at http://{server}{path} after {} s: {error:#}", limit.as_secs());
            }
            Err(_) => std::thread::sleep(Duration::from_millis(100)),
        }
    }
}

/// An address that nobody uses at the moment.
pub(crate) fn free_address() -> Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("looking for a free port")?;
    listener.local_addr().context("looking for a free port")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_taken_apart() {
        let answer = parse(b"HTTP/1.1 404 Not Found\r\nContent-Type: a/b; c=d:e\r\n\r\n\0\r\n\r\nx").unwrap();
        assert_eq!(answer.status, 404);
        assert_eq!(answer.header("content-type"), Some("a/b; c=d:e"));
        assert_eq!(answer.header("etag"), None);
        assert_eq!(answer.body, b"\0\r\n\r\nx");
        assert!(parse(b"HTTP/1.1 200 OK\r\n").is_err());
        assert!(parse(b"nonsense\r\n\r\n").is_err());
    }
}
