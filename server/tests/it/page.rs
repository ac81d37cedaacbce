//! The page as the server sends it, before any script has run.

use std::io::{Read, Write};
use std::net::TcpStream;

use reqwest::Method;

use crate::harness::Server;

/// All start tags of one kind of element.
fn tags<'a>(html: &'a str, name: &str) -> Vec<&'a str> {
    let of_name = |tag: &&str| tag.split_whitespace().next() == Some(name);
    html.split('<').skip(1).filter_map(|rest| rest.split('>').next()).filter(of_name).collect()
}

#[tokio::test]
async fn the_first_html_has_real_numbers_and_pictures() {
    let server = Server::start();
    let answer = server.get("/").await;
    let html = answer.text();
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/html; charset=utf-8"));
    assert_eq!(answer.header("cache-control"), "no-store");
    for part in ["<!DOCTYPE html>", "<html lang=\"en\"", "</html>", "CPU usage", "Memory", "Disk usage", "Load average"]
    {
        assert!(html.contains(part), "no `{part}` in the page");
    }
    assert!(html.contains("role=\"presentation\"") && html.matches("<svg").count() > 7, "no pictures");
    let host = server.points("metric_name=load_average").await[0].tag("host").map(str::to_owned).unwrap();
    assert!(html.contains(&host), "the host's name is missing");
    // The whole of the memory is a number that stays; the page has it in its first data.
    let total = server.points("metric_name=memory_usage_percent").await[0].value;
    assert!(html.contains(&format!("{total}")[..6]), "memory at {total} % is not in the page");
}

#[tokio::test]
async fn no_script_runs_but_those_that_are_meant_to() {
    let server = Server::start();
    let mut seen = Vec::new();
    for path in ["/", "/?range=1h", "/nothing"] {
        let answer = server.get(path).await;
        let policy = answer.header("content-security-policy").to_owned();
        let nonce = policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).unwrap().to_owned();
        assert!(nonce.len() >= 16 && !seen.contains(&nonce), "{nonce} in {policy}");
        for part in ["default-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "'wasm-unsafe-eval'"] {
            assert!(policy.contains(part), "{policy}");
        }
        assert!(!policy.contains("script-src 'unsafe-inline'") && !policy.contains("'unsafe-eval'"), "{policy}");
        let html = answer.text();
        let scripts = tags(&html, "script");
        assert!(scripts.len() >= 2, "{scripts:?}");
        for script in scripts {
            assert!(script.contains(&format!("nonce=\"{nonce}\"")), "{path}: {script}");
        }
        seen.push(nonce);
    }
}

#[tokio::test]
async fn the_range_of_the_address_is_the_page_s() {
    let server = Server::start();
    let pressed = async |path: &str| {
        let html = server.get(path).await.text();
        let buttons: Vec<String> = tags(&html, "button").into_iter().map(str::to_owned).collect();
        let is_pressed = |button: &&String| button.contains("aria-pressed=\"true\"") && button.contains("range");
        buttons
            .iter()
            .filter(is_pressed)
            .filter_map(|b| b.split("value=\"").nth(1)?.split('"').next().map(str::to_owned))
            .collect::<Vec<_>>()
    };
    assert_eq!(pressed("/?range=1h").await, ["1h"]);
    assert_eq!(pressed("/?range=1h&range=15m").await, ["15m"]);
    for odd in ["/", "/?range=nonsense", "/?%", "/?range", "/?x=1h"] {
        assert_eq!(pressed(odd).await, [""; 0], "{odd}");
    }
}

#[tokio::test]
async fn an_unknown_path_is_a_page_that_says_so() {
    let server = Server::start();
    for path in ["/nothing", "/pkg/nothing.js", "/index.html", "/ws/x", "/apix"] {
        let answer = server.get(path).await;
        assert_eq!((answer.status, answer.header("content-type")), (404, "text/html; charset=utf-8"), "{path}");
        assert!(answer.text().contains("No such page"), "{path}");
    }
    let post = server.ask(Method::POST, "/", &[]).await;
    assert_eq!((post.status, post.header("allow")), (405, "GET,HEAD"));
}

#[tokio::test]
async fn what_is_large_is_packed_where_that_is_understood() {
    let server = Server::start();
    for (accepts, packed) in [("br, gzip", "br"), ("gzip", "gzip"), ("identity", ""), ("br;q=0, gzip;q=0", "")] {
        for path in ["/", "/api/metrics"] {
            let answer = server.ask(Method::GET, path, &[("accept-encoding", accepts)]).await;
            assert_eq!((answer.status, answer.header("content-encoding")), (200, packed), "{path} with {accepts}");
            assert!(answer.header("vary").contains("accept-encoding"), "{path} with {accepts}");
        }
        let small = server.ask(Method::GET, "/api/health", &[("accept-encoding", accepts)]).await;
        assert_eq!(small.header("content-encoding"), "", "it is too small to gain from it");
    }
}

/// What is asked goes over the wire as it is; clients would tidy it up.
#[test]
fn no_path_leads_out_of_the_site() {
    let server = Server::start();
    for path in [
        "/../Cargo.toml",
        "/pkg/../../../Cargo.toml",
        "/..%2f..%2fCargo.toml",
        "/%2e%2e/Cargo.toml",
        "//etc/passwd",
        "/pkg//../../Cargo.toml",
        "/\\..\\Cargo.toml",
    ] {
        let mut socket = TcpStream::connect(&server.address).unwrap();
        write!(socket, "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).unwrap();
        assert!(!answer.contains("[workspace]") && !answer.contains("root:"), "{path}: {answer}");
        let status = answer.split(' ').nth(1).unwrap_or_default();
        assert!(matches!(status, "404" | "400"), "{path}: {status}");
    }
}
