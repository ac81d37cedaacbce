//! HTTP/1.1 over one connection that stays: what a sender and a dashboard do all day.

use anyhow::{Context, Result, ensure};
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// A wide query of a slow server takes seconds; more than this is a server that hangs.
const PATIENCE: Duration = Duration::from_secs(120);

/// An open connection.
pub(super) struct Connection {
    stream: BufReader<TcpStream>,
    host: SocketAddr,
}

impl Connection {
    /// Connects.
    pub(super) fn open(host: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(host).with_context(|| format!("connecting to {host}"))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self { stream: BufReader::new(stream), host })
    }

    /// Asks for a path; anything but success is an error with what the server said.
    pub(super) fn get(&mut self, path: &str) -> Result<Vec<u8>> {
        let (status, body) = self.send("GET", path, "", &[])?;
        ensure!(status / 100 == 2, "{path} was answered {status}: {}", String::from_utf8_lossy(&body));
        Ok(body)
    }

    /// Sends a request; `headers` are whole lines with their ends.
    pub(super) fn send(&mut self, method: &str, path: &str, headers: &str, body: &[u8]) -> Result<(u16, Vec<u8>)> {
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\n{headers}Content-Length: {}\r\n\r\n",
            self.host,
            body.len()
        );
        let stream = self.stream.get_mut();
        stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body)).context("sending a request")?;
        read(&mut self.stream).with_context(|| format!("reading the answer to {method} {path}"))
    }
}

fn read(stream: &mut impl BufRead) -> Result<(u16, Vec<u8>)> {
    let first = line(stream)?;
    let status = first.split(' ').nth(1).and_then(|code| code.parse().ok());
    let status = status.with_context(|| format!("it begins with {first:?}"))?;
    let (mut length, mut chunked) = (0, false);
    loop {
        let field = line(stream)?.to_ascii_lowercase();
        match field.split_once(':') {
            None => break,
            Some(("content-length", value)) => length = value.trim().parse().context("an odd length")?,
            Some(("transfer-encoding", value)) => chunked = value.trim() == "chunked",
            Some(_) => {}
        }
    }
    let mut body = Vec::new();
    if !chunked {
        take(stream, length, &mut body)?;
        return Ok((status, body));
    }
    loop {
        let length = usize::from_str_radix(&line(stream)?, 16).context("an odd chunk")?;
        take(stream, length, &mut body)?;
        line(stream)?;
        if length == 0 {
            return Ok((status, body));
        }
    }
}

fn take(stream: &mut impl BufRead, length: usize, into: &mut Vec<u8>) -> Result<()> {
    let got = stream.take(length as u64).read_to_end(into)?;
    ensure!(got == length, "it ends after {got} of {length} bytes");
    Ok(())
}

fn line(stream: &mut impl BufRead) -> Result<String> {
    let mut line = String::new();
    ensure!(stream.read_line(&mut line)? > 0, "the connection was closed");
    Ok(line.trim_end().to_owned())
}

/// A text as part of a query string.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_follow_each_other_on_one_connection() {
        let mut stream: &[u8] = b"HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabHTTP/1.1 200 OK\r\n\
            Transfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n1\r\nx\r\n0\r\n\r\nHTTP/1.1 500 E\r\nContent-Length: 3\r\n\r\nx";
        assert_eq!(read(&mut stream).unwrap(), (204, vec![]));
        assert_eq!(read(&mut stream).unwrap(), (200, b"ab".to_vec()));
        assert_eq!(read(&mut stream).unwrap(), (200, b"0123456789x".to_vec()));
        assert!(read(&mut stream).is_err());
        assert!(read(&mut stream).is_err());
    }

    #[test]
    fn queries_survive_the_way() {
        assert_eq!(escaped("a{b=\"c\"}"), "a%7Bb%3D%22c%22%7D");
    }
}
