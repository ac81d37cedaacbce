//! Custom metrics from real programs, real files and a real web server, good and bad.

use std::path::Path;
use std::process::Command as Program;
use std::time::Instant;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;

const NOW: Timestamp = Timestamp::from_millis(0);

fn settings(source: CustomSource) -> CustomSettings {
    CustomSettings {
        metric: "queue_depth".to_owned(),
        unit: "jobs".to_owned(),
        description: Some(Text::open("Jobs waiting")),
        timeout: Duration::from_secs(20),
        source,
    }
}

fn custom(source: CustomSource, timeout: Duration) -> Custom {
    Custom::new(CustomSettings { timeout, ..settings(source) }, &Trust::default())
}

fn command(words: &[&str]) -> CustomSource {
    CustomSource::Command(words.iter().map(|word| Text::open(*word)).collect())
}

fn sh(script: &str) -> CustomSource {
    command(&["sh", "-c", script])
}

async fn read(custom: &mut Custom) -> Result<f64, String> {
    let mut out = Vec::new();
    custom.collect(NOW, &mut out).await.map_err(|error| error.to_string())?;
    assert_eq!((out.len(), &*out[0].metric.name), (1, "queue_depth"));
    Ok(out[0].value)
}

/// `want`: the number, or the sentence.
async fn check(source: CustomSource, want: Result<f64, &str>) {
    let got = read(&mut custom(source, Duration::from_secs(20))).await;
    assert_eq!(got, want.map_err(str::to_owned));
}

#[test]
fn it_is_known_by_its_metric() {
    let custom = Custom::new(settings(sh("echo 1")), &Trust::default());
    assert_eq!(
        (custom.name(), custom.tag(), custom.description()),
        ("custom.queue_depth", "custom", Some("Jobs waiting"))
    );
    assert_eq!((custom.metric.kind, custom.metric.unit.as_str()), (Kind::Gauge, "jobs"));
    let total = CustomSettings { metric: "mails_total".to_owned(), ..settings(sh("")) };
    assert_eq!(Custom::new(total, &Trust::default()).metric.kind, Kind::Counter);
}

#[tokio::test]
async fn a_command_s_number_is_what_it_prints() {
    check(command(&["echo", "42"]), Ok(42.0)).await;
    check(sh("echo warning >&2; printf ' -1.5\\n'"), Ok(-1.5)).await;
    // No shell of ours looks at the words.
    check(command(&["echo", "$(echo 1)"]), Err("the command echo: printed \"$(echo 1)\", which is no number")).await;
    check(sh("test -t 0 || cat; echo 7"), Ok(7.0)).await;
    // What goes on in the background has no word in it.
    check(sh("echo 5; sleep 300 & echo 6 >/dev/null"), Ok(5.0)).await;
    check(sh("printf '%0100000d' 1 >&2; echo 8"), Ok(8.0)).await;
}

#[tokio::test]
async fn a_command_that_gives_no_number_is_a_sentence() {
    check(
        sh("echo 1; echo '' >&2; echo 'no queue ' >&2; exit 3"),
        Err("the command sh: ended with exit code 3: \"no queue\""),
    )
    .await;
    check(sh("exit 1"), Err("the command sh: ended with exit code 1")).await;
    check(sh("kill -9 $$"), Err("the command sh: was ended by signal 9")).await;
    check(sh("true"), Err("the command sh: printed nothing, where a number should be")).await;
    check(sh("echo NaN"), Err("the command sh: printed \"NaN\", which is no number")).await;
    check(sh("yes"), Err("the command sh: printed more than 65536 bytes")).await;
    check(
        command(&["/nowhere/at/all"]),
        Err("the command /nowhere/at/all: cannot be started: No such file or directory (os error 2)"),
    )
    .await;
}

#[tokio::test]
async fn what_holds_a_variable_is_not_repeated() {
    let secret = |script: &str| {
        CustomSource::Command(vec![Text::open("sh"), Text::open("-c"), Text::open(script), Text::hidden("c4n4ry")])
    };
    check(
        secret("echo $0 >&2; exit 4"),
        Err("the command sh: ended with exit code 4; what it said is not shown, since a variable is in its arguments"),
    )
    .await;
    check(secret("echo $0"), Err("the command sh: printed something that is no number")).await;
    let hidden = CustomSource::Command(vec![Text::hidden("/c4n4ry")]);
    check(hidden, Err("the command: cannot be started: No such file or directory (os error 2)")).await;
    let file = CustomSource::File(Text::hidden("/c4n4ry"));
    check(file, Err("the file: cannot be read: No such file or directory (os error 2)")).await;
}

/// The ids of all processes of a group that are there, zombies left out.
fn alive(group: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Ok(stat) = std::fs::read_to_string(entry.path().join("stat")) else { continue };
        let fields: Vec<&str> = stat.rsplit_once(") ").map(|(_, rest)| rest.split(' ').collect()).unwrap_or_default();
        if fields.get(2) == Some(&group) && fields[0] != "Z" {
            found.push(stat);
        }
    }
    found
}

async fn gone(group: &str) {
    let began = Instant::now();
    while !alive(group).is_empty() {
        assert!(began.elapsed() < Duration::from_secs(10), "still there: {:?}", alive(group));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// A shell that starts a tree of shells and sleeps, the half of them deaf to being asked to end, and notes its group.
fn tree(folder: &Path, last: &str) -> CustomSource {
    let file = folder.join("group").display().to_string();
    sh(&format!(
        "trap '' TERM HUP; sh -c \"sleep 300 & sh -c 'sleep 300 & sleep 300'\" & sleep 300 & sleep 300 & \
         sleep 0.1; echo $$ >{file}.new; mv {file}.new {file}; {last}"
    ))
}

async fn group(folder: &Path) -> String {
    let began = Instant::now();
    loop {
        if let Ok(group) = std::fs::read_to_string(folder.join("group")) {
            return group.trim().to_owned();
        }
        assert!(began.elapsed() < Duration::from_secs(10), "the tree does not start");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn the_whole_group_is_gone_at_the_timeout() {
    let folder = tempfile::tempdir().unwrap();
    let began = Instant::now();
    let got = read(&mut custom(tree(folder.path(), "wait"), Duration::from_secs(1))).await;
    assert_eq!(
        got,
        Err("the command sh: did not end in time, and was ended with all that it started (1 s)".to_owned())
    );
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    gone(&group(folder.path()).await).await;
}

#[tokio::test]
async fn the_whole_group_is_gone_after_a_good_end_and_after_a_bad_one() {
    for (last, want) in [
        ("echo 3", Ok(3.0)),
        ("echo oh >&2; exit 2", Err("the command sh: ended with exit code 2: \"oh\"".to_owned())),
        ("yes", Err("the command sh: printed more than 65536 bytes".to_owned())),
        ("kill -9 $$", Err("the command sh: was ended by signal 9".to_owned())),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let began = Instant::now();
        assert_eq!(read(&mut custom(tree(folder.path(), last), Duration::from_secs(20))).await, want, "{last}");
        assert!(began.elapsed() < Duration::from_secs(10), "{last} took {:?}", began.elapsed());
        gone(&group(folder.path()).await).await;
    }
}

#[tokio::test]
async fn the_whole_group_is_gone_when_nobody_wants_it_any_more() {
    let folder = tempfile::tempdir().unwrap();
    let mut custom = custom(tree(folder.path(), "wait"), Duration::from_secs(60));
    let mut out = Vec::new();
    let group = tokio::select! {
        read = custom.collect(NOW, &mut out) => panic!("{read:?}"),
        group = async {
            let group = group(folder.path()).await;
            // Dropped with this, the reading is still going on here.
            assert!(alive(&group).len() > 4, "{:?}", alive(&group));
            group
        } => group,
    };
    gone(&group).await;
}

#[tokio::test]
async fn a_file_s_number_is_what_it_holds() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("depth");
    let file = || CustomSource::File(Text::open(path.display().to_string()));
    let named = |says: &str| format!("the file {}: {says}", path.display());
    check(file(), Err(&named("cannot be read: No such file or directory (os error 2)"))).await;
    for (content, want) in [
        ("17\n", Ok(17.0)),
        ("", Err("holds nothing, where a number should be")),
        ("a\nb", Err("holds \"a\\nb\", which is no number")),
    ] {
        std::fs::write(&path, content).unwrap();
        check(file(), want.map_err(named).as_ref().map(|number| *number).map_err(String::as_str)).await;
    }
    std::fs::write(&path, "1".repeat(65_537)).unwrap();
    check(file(), Err(&named("holds more than 65536 bytes"))).await;
    std::fs::write(&path, [0xff, 0xfe]).unwrap();
    check(file(), Err(&named("holds something that is no text"))).await;
    check(
        CustomSource::File(Text::open("/proc/sys/kernel/pid_max")),
        Ok(std::fs::read_to_string("/proc/sys/kernel/pid_max").unwrap().trim().parse().unwrap()),
    )
    .await;
}

#[tokio::test]
async fn what_is_no_plain_file_neither_hangs_nor_ends_never() {
    let folder = tempfile::tempdir().unwrap();
    let fifo = folder.path().join("fifo");
    assert!(Program::new("mkfifo").arg(&fifo).status().unwrap().success());
    let socket = folder.path().join("socket");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let link = folder.path().join("link");
    std::os::unix::fs::symlink(&fifo, &link).unwrap();
    for path in [&fifo, &socket, &link, Path::new("/dev/zero"), Path::new("/dev/null"), folder.path()] {
        let began = Instant::now();
        let says = format!("the file {}: is no plain file", path.display());
        check(CustomSource::File(Text::open(path.display().to_string())), Err(&says)).await;
        assert!(began.elapsed() < Duration::from_secs(5));
    }
}

fn function(
    f: impl Fn() -> Result<f64, Box<dyn std::error::Error + Send + Sync>> + Send + Sync + 'static,
) -> CustomSource {
    CustomSource::Function("open_carts".to_owned(), Some(std::sync::Arc::new(f)))
}

#[tokio::test]
async fn a_function_is_called_and_contained() {
    check(function(|| Ok(2.5)), Ok(2.5)).await;
    check(function(|| Err("no shop".into())), Err("the function open_carts: fails: no shop")).await;
    check(function(|| Ok(f64::NAN)), Err("the function open_carts: gives NaN, which is no number")).await;
    check(function(|| panic!("on purpose")), Err("the function open_carts: panicked")).await;
    check(CustomSource::Function("nobody".into(), None), Err("the function nobody: no program has registered it"))
        .await;
}

#[tokio::test]
async fn a_function_that_hangs_has_one_thread_and_no_more() {
    let (let_go, held) = std::sync::mpsc::channel::<()>();
    let held = parking_lot::Mutex::new(held);
    let calls = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = std::sync::Arc::clone(&calls);
    let hanging = function(move || {
        counted.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let _ = held.lock().recv();
        Ok(1.0)
    });
    let mut custom = custom(hanging, Duration::from_millis(50));
    assert_eq!(read(&mut custom).await, Err("the function open_carts: has not returned in time (0.05 s)".to_owned()));
    for _ in 0..20 {
        let says = "the function open_carts: has not returned from an earlier call".to_owned();
        assert_eq!(read(&mut custom).await, Err(says));
    }
    assert_eq!(calls.load(std::sync::atomic::Ordering::SeqCst), 1);
    drop(let_go);
    let began = Instant::now();
    while read(&mut custom).await != Ok(1.0) {
        assert!(began.elapsed() < Duration::from_secs(10));
    }
}

/// A web server on a port of its own that answers every request with what the closure makes of its path.
async fn serves(answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let answer = std::sync::Arc::new(answer);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let answer = std::sync::Arc::clone(&answer);
            tokio::spawn(async move {
                let mut request = Vec::new();
                while !request.ends_with(b"\r\n\r\n") {
                    if stream.read_buf(&mut request).await.unwrap_or(0) == 0 {
                        return;
                    }
                }
                let request = String::from_utf8_lossy(&request).into_owned();
                // Where a redirect comes from is nobody's business; without an answer the test fails.
                assert!(!request.to_lowercase().contains("referer"), "{request}");
                let path = request.split(' ').nth(1).unwrap_or_default();
                let answer = answer(path);
                let _ = stream.write_all(&answer).await;
                if answer.is_empty() || path == "/slow" {
                    std::future::pending::<()>().await;
                }
            });
        }
    });
    format!("http://{address}")
}

fn ok(body: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len()).into_bytes()
}

#[tokio::test]
async fn a_web_server_s_number_is_where_the_pointer_leads() {
    let server = serves(|path| match path {
        "/json" => ok(r#"{"queue": {"depth": 12, "text": "3.5", "open": true, "a/b": [4]}, "none": null}"#),
        "/moved" => b"HTTP/1.1 302 Found\r\nlocation: /json\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".to_vec(),
        "/number" => ok("9\n"),
        "/loop" => b"HTTP/1.1 302 Found\r\nlocation: /loop\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".to_vec(),
        "/broken" => b"HTTP/1.1 503 Oops\r\ncontent-length: 3\r\nconnection: close\r\n\r\n12\n".to_vec(),
        "/html" => ok("<html>"),
        "/huge" => ok(&format!("\"{}\"", "x".repeat(2 * 1024 * 1024))),
        "/endless" => {
            [b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n".as_slice(), &vec![b' '; 3 * 1024 * 1024]].concat()
        }
        "/cut" => b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\nconnection: close\r\n\r\n1".to_vec(),
        "/deep" => ok(&"[".repeat(100_000)),
        "/other" => b"220 mail.example.org ESMTP\r\n".to_vec(),
        _ => ok("{}"),
    })
    .await;
    let at = |path: &str, pointer: &str| CustomSource::Http {
        url: Text::open(format!("{server}{path}")),
        pointer: Text::open(pointer),
    };
    for (path, pointer, want) in [
        ("/json", "/queue/depth", Ok(12.0)),
        ("/json", "/queue/text", Ok(3.5)),
        ("/json", "/queue/open", Ok(1.0)),
        ("/json", "/queue/a~1b/0", Ok(4.0)),
        ("/moved", "/queue/depth", Ok(12.0)),
        ("/number", "", Ok(9.0)),
        ("/json", "/none", Err("answers with JSON that has, at /none, null, which is no number")),
        ("/json", "/queue", Err("answers with JSON that has, at /queue, an object, which is no number")),
        ("/json", "/queue/width", Err("answers with JSON that has nothing at /queue/width")),
        ("/loop", "", Err("redirects more than 5 times")),
        ("/broken", "", Err("answers with HTTP status 503")),
        ("/html", "", Err("answers with no JSON: expected value at line 1 column 1")),
        ("/huge", "", Err("answers with more than 1048576 bytes")),
        ("/endless", "", Err("answers with more than 1048576 bytes")),
        ("/cut", "", Err("breaks off its answer")),
        ("/deep", "", Err("answers with no JSON: recursion limit exceeded at line 1 column 128")),
        ("/other", "", Err("gives no answer that is HTTP")),
    ] {
        let says = want.map_err(|says| format!("the address: {says}"));
        check(at(path, pointer), says.as_ref().map(|number| *number).map_err(String::as_str)).await;
    }
}

#[tokio::test]
async fn a_web_server_that_does_not_answer_is_left_in_time() {
    let silent = serves(|_| Vec::new()).await;
    let slow = serves(|_| b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n1".to_vec()).await;
    for (url, want) in [
        (silent, "the address: gives no answer in time (0.3 s)"),
        (format!("{slow}/slow"), "the address: gives no answer in time (0.3 s)"),
        ("http://127.0.0.1:1/".to_owned(), "the address: takes no connection: connection refused"),
        ("http://c4n4ry.invalid/".to_owned(), "the address: has a name that is not found"),
    ] {
        let timeout = Duration::from_millis(if url.contains("invalid") { 20_000 } else { 300 });
        let source = CustomSource::Http { url: Text::open(url), pointer: Text::open("") };
        let began = Instant::now();
        assert_eq!(read(&mut custom(source, timeout)).await, Err(want.to_owned()));
        assert!(began.elapsed() < Duration::from_secs(10));
    }
}

#[tokio::test]
async fn nothing_of_a_secret_address_is_told() {
    let server = serves(|path| match path {
        "/c4n4ry" => ok(r#"{"a": "c4n4ry"}"#),
        _ => b"HTTP/1.1 302 Found\r\nlocation: /c4n4ry-more\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".to_vec(),
    })
    .await;
    for path in ["/c4n4ry", "/c4n4ry-more"] {
        for pointer in ["", "/a", "/c4n4ry"] {
            let source = CustomSource::Http {
                url: Text::hidden(format!("{server}{path}?key=c4n4ry")),
                pointer: if pointer.contains("c4n4ry") { Text::hidden(pointer) } else { Text::open(pointer) },
            };
            let says = read(&mut custom(source, Duration::from_secs(20))).await.unwrap_err();
            assert!(!says.contains("c4n4ry") && !says.contains("127.0.0.1"), "{says}");
        }
    }
}
