//! Collectors that ask others: custom metrics and probes, from a configuration file to `/api/metrics`.

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio_rustls::TlsAcceptor;

use crate::harness::{SOON, Server, config_file, telltale};
use crate::sfn::histories;

/// Starts a server with these collectors beside the shipped ones, and with `SSL_CERT_FILE` as the issuers to trust.
fn start(collectors: &str, more: &str, issuers: &Path) -> Server {
    let file = config_file(&format!(
        r#"{{"performance_monitoring": {{"collectors": {{
            "system_metrics": {{"collection_interval": 0.2}}, {collectors}}}{more}}}}}"#
    ));
    Server::run(
        telltale()
            .env("PATH", "/usr/bin:/bin")
            .env("SSL_CERT_FILE", issuers)
            .env("C4N4RY", "c4n4ry")
            .args(["start", "--listen", "127.0.0.1:0", "--config"])
            .arg(file.path()),
    )
}

/// Each collector, by its name.
async fn collectors(server: &Server) -> BTreeMap<String, Value> {
    let data = server.data("/api/collectors").await;
    let one = |c: &Value| (c["name"].as_str().unwrap().to_owned(), c.clone());
    data["collectors"].as_array().unwrap().iter().map(one).collect()
}

/// Waits until each of these has run.
async fn have_run(server: &Server, names: &[&str]) -> BTreeMap<String, Value> {
    let began = Instant::now();
    loop {
        let all = collectors(server).await;
        if names.iter().all(|name| all[*name]["runs"].as_u64() > Some(0)) {
            return all;
        }
        assert!(began.elapsed() < SOON, "{all:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The newest value of a metric with these tags.
async fn value(server: &Server, metric: &str, tags: &str) -> Option<f64> {
    let answer = server.get(&format!("/api/metrics?metric_name={metric}&limit=1{tags}")).await;
    answer.json()["data"]["data_points"][0]["value"].as_f64()
}

/// From one sample of a series to the next as pages are told, by what tells the series from its family.
async fn paces(server: &Server, metrics: &[&str], tag: Option<&str>) -> BTreeMap<String, u64> {
    let request = json!({"metrics": metrics, "start": 0, "end": 4_000_000_000_u32, "columns": 10});
    let (status, text) = histories(server, request).await;
    assert_eq!(status, 200, "{text}");
    let all: Vec<Value> = serde_json::from_str(&text).unwrap();
    let name = |history: &Value| tag.map_or(&history["metric"]["name"], |tag| &history["tags"][tag]).clone();
    let one = |history: &Value| (name(history).as_str().unwrap().to_owned(), history["interval_ms"].as_u64().unwrap());
    all.iter().map(one).collect()
}

/// Takes connections and says what the closure makes of the path; nothing: it keeps silent.
async fn web(answer: fn(&str) -> Option<&'static str>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = vec![0; 4096];
                let read = stream.read(&mut request).await.unwrap_or(0);
                let request = String::from_utf8_lossy(&request[..read]).into_owned();
                let Some(body) = answer(request.split(' ').nth(1).unwrap_or_default()) else {
                    std::future::pending::<()>().await;
                    return;
                };
                let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
                let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
            });
        }
    });
    address
}

/// A web server with TLS, and a file with the certificate of its issuer.
async fn secure_web(folder: &Path) -> (SocketAddr, std::path::PathBuf) {
    let mut root = CertificateParams::default();
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root = CertifiedIssuer::self_signed(root, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap().signed_by(&key, &root).unwrap();
    let issuers = folder.join("issuers.pem");
    fs::write(&issuers, root.pem()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], PrivateKeyDer::try_from(key.serialize_der()).unwrap())
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let answer = |acceptor: TlsAcceptor, stream: TcpStream| async move {
        let Ok(mut stream) = acceptor.accept(stream).await else { return };
        let _ = stream.read(&mut [0; 4096]).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n31").await;
        let _ = stream.shutdown().await;
    };
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(acceptor.clone(), stream));
        }
    });
    (address, issuers)
}

/// A name server that knows two addresses of every name.
async fn name_server() -> SocketAddr {
    use simple_dns::rdata::{A, RData};
    use simple_dns::{CLASS, Packet, ResourceRecord};
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    tokio::spawn(async move {
        let mut buffer = [0; 512];
        while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
            let mut reply = Packet::parse(&buffer[..length]).unwrap().into_reply();
            let name = reply.questions[0].qname.clone();
            for address in 1..=2 {
                reply.answers.push(ResourceRecord::new(name.clone(), CLASS::IN, 60, RData::A(A { address })));
            }
            socket.send_to(&reply.build_bytes_vec().unwrap(), from).await.unwrap();
        }
    });
    address
}

#[tokio::test]
async fn custom_metrics_arrive_and_what_fails_is_told_and_hurts_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let (secure, issuers) = secure_web(folder.path()).await;
    let web = web(|path| (path != "/silent").then_some(r#"{"queue": [{"depth": "12"}]}"#)).await;
    let depth = folder.path().join("depth");
    fs::write(&depth, "3\n").unwrap();
    let depth = depth.display();
    let custom = format!(
        r#""custom_metrics": {{"collection_interval": 0.3, "metrics": {{
            "ours_by_command": {{"command": ["sh", "-c", "echo 42"], "unit": "mails", "description": "Mails waiting"}},
            "ours_total": {{"command": ["echo", "7"]}},
            "ours_by_file": {{"file": "{depth}"}},
            "ours_by_http": {{"http": {{"url": "http://{web}/x", "pointer": "/queue/0/depth"}}, "collection_interval": 0.7}},
            "ours_by_https": {{"http": {{"url": "https://{secure}/"}}}},
            "bad_hanging": {{"command": ["sleep", "300"], "timeout": 0.4}},
            "bad_waiting": {{"command": ["sleep", "301"], "timeout": 300}},
            "bad_silent": {{"http": {{"url": "http://{web}/silent"}}}},
            "bad_exit": {{"command": ["sh", "-c", "echo no queue >&2; exit 9"]}},
            "bad_secret": {{"command": ["sh", "-c", "echo $0 >&2; exit 9", "${{C4N4RY}}"]}},
            "bad_function": {{"function": "nobody"}}
        }}}}"#
    );
    let mut server = start(&custom, "", &issuers);
    let good = ["command", "file", "http", "https"].map(|kind| format!("custom.ours_by_{kind}"));
    let good: Vec<&str> = good.iter().map(String::as_str).chain(["custom.ours_total"]).collect();
    let told = ["hanging", "silent", "exit", "secret", "function"].map(|kind| format!("custom.bad_{kind}"));
    let told: Vec<&str> = told.iter().map(String::as_str).collect();
    have_run(&server, &[&good[..], &told[..]].concat()).await;
    for (metric, want) in [
        ("ours_by_command", 42.0),
        ("ours_total", 7.0),
        ("ours_by_file", 3.0),
        ("ours_by_http", 12.0),
        ("ours_by_https", 31.0),
    ] {
        assert_eq!(value(&server, metric, "&tags=collector:custom").await, Some(want), "{metric}");
    }
    let list = server.data("/api/metrics").await;
    let of =
        |name: &str| list["metrics"].as_array().unwrap().iter().find(|m| m["metric_name"] == name).unwrap().clone();
    assert_eq!((&of("ours_by_command")["unit"], &of("ours_by_command")["kind"]), (&"mails".into(), &"gauge".into()));
    assert_eq!((&of("ours_total")["unit"], &of("ours_total")["kind"]), (&"".into(), &"counter".into()));

    let all = have_run(&server, &told).await;
    for name in &good {
        assert_eq!((&all[*name]["healthy"], &all[*name]["last_error"]), (&true.into(), &Value::Null), "{name}");
    }
    assert_eq!(
        (&all["custom.ours_by_command"]["description"], &all["system"]["description"]),
        (&"Mails waiting".into(), &Value::Null)
    );
    assert_eq!(
        (&all["custom.ours_by_http"]["interval"], &all["custom.ours_by_file"]["interval"]),
        (&0.7.into(), &0.3.into())
    );
    for (name, want) in [
        (
            "custom.bad_hanging",
            "the command sleep: did not end in time, and was ended with all that it started (0.4 s)",
        ),
        ("custom.bad_silent", "the address: gives no answer in time (0.3 s)"),
        ("custom.bad_exit", "the command sh: ended with exit code 9: \"no queue\""),
        (
            "custom.bad_secret",
            "the command sh: ended with exit code 9; what it said is not shown, since a variable is in its arguments",
        ),
        ("custom.bad_function", "the function nobody: no program has registered it"),
    ] {
        assert_eq!((&all[name]["healthy"], &all[name]["last_error"]), (&false.into(), &want.into()), "{name}");
    }
    let metrics = ["ours_by_http", "ours_by_file"];
    let want = [("ours_by_http".to_owned(), 700), ("ours_by_file".to_owned(), 300)];
    assert_eq!(paces(&server, &metrics, None).await, want.into(), "each is old after a time of its own");
    // Nobody waits for the one that still runs; its own hanging is told.
    let began = Instant::now();
    while !collectors(&server).await["custom.bad_waiting"]["last_error"]
        .as_str()
        .is_some_and(|s| s.contains("going on for"))
    {
        assert!(began.elapsed() < SOON);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let times: Vec<f64> =
        server.points("metric_name=memory_total_bytes").await.iter().map(|point| point.time).collect();
    let slowest = times.windows(2).map(|two| two[1] - two[0]).fold(0.0, f64::max);
    assert!(times.len() > 3 && slowest < 2.0, "the system was read at {times:?}");
    assert_eq!(server.data("/api/health").await["degraded"], true);

    server.signal("TERM");
    let (status, took) = server.ended().await;
    assert!(status.success() && took < Duration::from_secs(5), "{status} after {took:?}");
    let complaints = server.complaints();
    assert!(
        complaints.contains("no function is registered as nobody") && !complaints.contains("c4n4ry"),
        "{complaints}"
    );
}

#[tokio::test]
async fn the_end_of_the_server_is_the_end_of_what_its_commands_have_started() {
    let folder = tempfile::tempdir().unwrap();
    let note = folder.path().join("group").display().to_string();
    let script = format!("trap '' TERM HUP; sleep 300 & sh -c 'sleep 300 & sleep 300' & echo $$ >{note}; wait");
    let script = serde_json::to_string(&script).unwrap();
    let custom = format!(
        r#""custom_metrics": {{"metrics": {{"ours": {{"command": ["sh", "-c", {script}], "timeout": 300}}}}}}"#
    );
    let mut server = start(&custom, "", Path::new("/nowhere"));
    let began = Instant::now();
    let group = loop {
        match fs::read_to_string(&note) {
            Ok(group) if group.ends_with('\n') => break group.trim().to_owned(),
            _ => assert!(began.elapsed() < SOON, "it does not start"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    let alive = || {
        let of = |stat: &str| {
            let fields: Vec<&str> = stat.rsplit_once(") ").unwrap_or_default().1.split(' ').collect();
            fields.get(2) == Some(&&*group) && fields[0] != "Z"
        };
        let stats = fs::read_dir("/proc").unwrap().flatten().map(|entry| fs::read_to_string(entry.path().join("stat")));
        stats.flatten().filter(|stat| of(stat)).count()
    };
    assert!(alive() > 0);
    server.signal("TERM");
    assert!(server.ended().await.0.success());
    let began = Instant::now();
    while alive() > 0 {
        assert!(began.elapsed() < SOON, "{} processes are left", alive());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn probes_tell_who_answers_and_one_that_is_down_is_no_failure() {
    let folder = tempfile::tempdir().unwrap();
    let (secure, issuers) = secure_web(folder.path()).await;
    let web = web(|path| (path != "/silent").then_some("Carts: 3")).await;
    let names = name_server().await;
    // Nobody has it, and nobody is given it by chance.
    let closed = 1;
    let probes = format!(
        r#""probes": {{"collection_interval": 0.5, "targets": {{
            "web": {{"http": {{"url": "http://{web}/", "expected_text": "Carts"}}}},
            "secure web": {{"http": {{"url": "https://{secure}/"}}, "collection_interval": 0.8}},
            "port": {{"tcp": {{"host": "127.0.0.1", "port": {}}}}},
            "host": {{"icmp": {{"host": "127.0.0.1", "packets": 2}}}},
            "name": {{"dns": {{"name": "www.example.org", "server": "{names}"}}}},
            "certificate": {{"tls": {{"host": "127.0.0.1", "port": {}}}}},
            "closed": {{"tcp": {{"host": "127.0.0.1", "port": {closed}}}}},
            "silent": {{"http": {{"url": "http://{web}/silent"}}, "timeout": 0.3}},
            "secret": {{"http": {{"url": "http://127.0.0.1:{closed}/${{C4N4RY}}"}}}},
            "nobody": {{"tls": {{"host": "127.0.0.1", "server_name": "müller.example"}}}}
        }}}}"#,
        web.port(),
        secure.port(),
    );
    let mut server = start(&probes, "", &issuers);
    let up = ["web", "secure web", "port", "host", "name", "certificate"];
    let down = ["closed", "silent", "secret"];
    let names: Vec<String> = up.iter().chain(&down).chain(&["nobody"]).map(|name| format!("probe.{name}")).collect();
    let all = have_run(&server, &names.iter().map(String::as_str).collect::<Vec<_>>()).await;
    for (name, want) in up.iter().map(|name| (name, 1.0)).chain(down.iter().map(|name| (name, 0.0))) {
        let tags = format!("&tags=probe:{}&tags=collector:probes", name.replace(' ', "%20"));
        assert_eq!(value(&server, "probe_up", &tags).await, Some(want), "{name}");
        assert!(value(&server, "probe_duration_seconds", &tags).await.is_some_and(|took| took < 20.0), "{name}");
        assert_eq!(all[&format!("probe.{name}")]["healthy"], true, "{name}: {all:?}");
    }
    assert_eq!(value(&server, "probe_up", "&tags=probe:nobody").await, None);
    let says = all["probe.nobody"]["last_error"].as_str().unwrap();
    assert!(says.contains("is none that a certificate can be for"), "{says}");
    for (metric, tags, least, most) in [
        ("probe_http_status_code", "probe:web", 200.0, 200.0),
        ("probe_icmp_loss_percent", "kind:icmp", 0.0, 0.0),
        ("probe_dns_answers", "kind:dns", 2.0, 2.0),
        ("probe_tls_trusted", "kind:tls", 1.0, 1.0),
        ("probe_tls_trusted", "kind:http", 1.0, 1.0),
        ("probe_tls_certificate_days_left", "probe:certificate", 100.0, f64::MAX),
        ("probe_tls_certificate_days_left", "probe:secure%20web", 100.0, f64::MAX),
    ] {
        let got = value(&server, metric, &format!("&tags={tags}")).await;
        assert!(got.is_some_and(|value| (least..=most).contains(&value)), "{metric} of {tags}: {got:?}");
    }
    assert_eq!((&all["probe.secure web"]["interval"], &all["probe.web"]["interval"]), (&0.8.into(), &0.5.into()));
    let paces = paces(&server, &["probe_up"], Some("probe")).await;
    assert_eq!((paces["secure web"], paces["web"], paces.len()), (800, 500, up.len() + down.len()), "{paces:?}");
    let everything = format!("{all:?}{}", server.data("/api/metrics").await);
    server.signal("TERM");
    server.ended().await;
    let complaints = server.complaints();
    for name in down {
        let line = format!("the target {name} is down: it ");
        assert_eq!(complaints.matches(&line).count(), 1, "{name}: {complaints}");
    }
    for told in [everything, complaints] {
        assert!(!told.contains("c4n4ry"), "{told}");
    }
}

#[tokio::test]
async fn one_after_another_holds_for_those_that_ask_too() {
    let custom = r#""custom_metrics": {"collection_interval": 0.3, "metrics": {
        "ours_a": {"command": ["echo", "1"]}, "ours_slow": {"command": ["sh", "-c", "sleep 0.2; echo 2"]},
        "ours_never": {"command": ["sleep", "300"], "timeout": 0.2}
    }}"#;
    let server = start(custom, r#", "performance": {"async_processing": false}"#, Path::new("/nowhere"));
    have_run(&server, &["custom.ours_a", "custom.ours_slow", "custom.ours_never", "system", "units"]).await;
    assert_eq!(value(&server, "ours_slow", "").await, Some(2.0));
}

#[tokio::test]
async fn a_machine_that_trusts_nobody_still_asks_without_tls() {
    let web = web(|_| Some("5")).await;
    let asking = format!(
        r#""custom_metrics": {{"metrics": {{
            "ours_plain": {{"http": {{"url": "http://{web}/"}}}}, "bad_secure": {{"http": {{"url": "https://{web}/"}}}}}}}},
        "probes": {{"targets": {{
            "plain": {{"http": {{"url": "http://{web}/"}}}}, "secure": {{"http": {{"url": "https://{web}/"}}}}}}}}"#
    );
    let server = start(&asking, "", Path::new("/nowhere"));
    let names = ["custom.ours_plain", "custom.bad_secure", "probe.plain", "probe.secure"];
    let all = have_run(&server, &names).await;
    let says = "this machine: has no certificates of issuers that it trusts; install the package ca-certificates";
    for (name, want) in names.iter().zip([Value::Null, says.into(), Value::Null, says.into()]) {
        assert_eq!(all[*name]["last_error"], want, "{name}");
    }
    assert_eq!(value(&server, "ours_plain", "").await, Some(5.0));
    assert_eq!(value(&server, "probe_up", "&tags=probe:plain").await, Some(1.0));
}

#[test]
fn a_metric_that_telltale_has_is_not_given_away() {
    let file = config_file(
        r#"{"performance_monitoring": {"collectors": {"custom_metrics": {"metrics": {
            "cpu_usage_percent": {"file": "/a"}, "probe_up": {"file": "/a"}, "ours": {"file": "/a"}, "ours": {"file": "/b"}
        }}}}}"#,
    );
    let output = telltale().arg("check-config").arg(file.path()).output().unwrap();
    let says = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{says}");
    for want in [
        "metrics.cpu_usage_percent: found cpu_usage_percent, which is a metric of Telltale's; allowed: a name of its own",
        "metrics.probe_up: found probe_up, which is a metric of Telltale's",
        "metrics.ours: found",
    ] {
        assert!(says.contains(want), "{want} is not in {says}");
    }
}

#[tokio::test]
async fn a_function_that_a_program_has_registered_is_a_metric() {
    let file = config_file(
        r#"{"performance_monitoring": {"storage": {"type": "memory"}, "dashboard": {"port": 0},
            "collectors": {"custom_metrics": {"collection_interval": 0.1, "metrics": {
                "open_carts": {"function": "count carts"}, "lost_carts": {"function": "lose carts"}}}}}}"#,
    );
    let carts = std::sync::atomic::AtomicU32::new(0);
    let count = move || Ok(f64::from(carts.fetch_add(1, std::sync::atomic::Ordering::SeqCst)));
    let monitor = telltale::Telltale::configured(file.path(), |_| None)
        .function("count carts", count)
        .function("lose carts", || Err("there are no carts".into()))
        .start()
        .await
        .unwrap();
    let began = Instant::now();
    while monitor.last("open_carts").is_none_or(|newest| newest.value < 3.0) {
        assert!(began.elapsed() < SOON);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let health = monitor.health();
    let says = |name: &str| health.collectors[name].last_error.clone();
    assert_eq!(says("custom.open_carts"), None);
    assert_eq!(says("custom.lost_carts").as_deref(), Some("the function lose carts: fails: there are no carts"));
    monitor.stop().await.unwrap();
}

#[tokio::test]
async fn a_reload_changes_those_that_changed_even_where_nobody_can_see_it() {
    let text = |number: u8| {
        format!(
            r#"{{"performance_monitoring": {{"collectors": {{"custom_metrics": {{"collection_interval": 0.2, "metrics": {{
                "ours_same": {{"command": ["echo", "5"]}},
                "ours_hidden": {{"command": ["echo", "${{NOT_SET:-{number}}}"]}}}}}}}}}}}}"#
        )
    };
    let file = config_file(&text(1));
    let mut server = Server::run(
        telltale().env("PATH", "/bin:/usr/bin").args(["start", "--listen", "127.0.0.1:0", "--config"]).arg(file.path()),
    );
    have_run(&server, &["custom.ours_same", "custom.ours_hidden"]).await;
    assert_eq!(value(&server, "ours_hidden", "").await, Some(1.0));
    fs::write(file.path(), text(2)).unwrap();
    server.signal("HUP");
    let began = Instant::now();
    while value(&server, "ours_hidden", "").await != Some(2.0) {
        assert!(began.elapsed() < SOON);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    server.signal("TERM");
    server.ended().await;
    let complaints = server.complaints();
    assert!(complaints.contains("collectors that changed: custom.ours_hidden\n"), "{complaints}");
}
