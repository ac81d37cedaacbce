//! What `dashboard` says of the page and its interfaces.

use crate::harness::{Server, client};

#[tokio::test]
async fn without_the_page_the_interfaces_stay() {
    let server = Server::configured(r#""dashboard": {"enabled": false}"#);
    for path in ["/", "/?range=1h", "/pkg/telltale.js", "/favicon.svg", "/sfn/histories"] {
        let answer = server.get(path).await;
        assert_eq!(answer.status, 404, "{path}: {}", answer.text());
    }
    assert!(server.get("/").await.text().contains("dashboard.enabled is false"));
    assert_eq!(server.data("/api/health").await["running"], true);
    assert_eq!(server.handshake(&[]).await.0, 101);
}

#[tokio::test]
async fn without_the_stream_the_rest_stays() {
    let server = Server::configured(r#""dashboard": {"websocket_enabled": false, "refresh_interval": 7}"#);
    assert_eq!(server.handshake(&[]).await.0, 404);
    let status = server.data("/api/status").await;
    assert_eq!(status["configuration"]["websocket"], false);
    assert!(!status["not_active"].to_string().contains("dashboard."), "{status}");
    // The page has it among its first data.
    let page = server.get("/").await;
    assert!(page.status == 200 && page.text().contains(r#"poll_ms\":7000"#), "pages are not told to ask again");
}

#[tokio::test]
async fn live_connections_are_as_many_as_the_file_says() {
    let server = Server::configured(r#""dashboard": {"max_websocket_connections": 2}"#);
    let (first, second) = (server.handshake(&[]).await, server.handshake(&[]).await);
    assert_eq!((first.0, second.0, server.handshake(&[]).await.0), (101, 101, 503));
    let live = server.data("/api/status").await["live"].clone();
    assert_eq!(live, serde_json::json!({"connections": 2, "most": 2}));
}

#[tokio::test]
async fn files_of_the_user_s_own_are_under_static() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("logo.svg"), "<svg/>").unwrap();
    std::fs::create_dir(folder.path().join("inner")).unwrap();
    std::fs::write(folder.path().join("inner/a.txt"), "a").unwrap();
    std::fs::create_dir(folder.path().join(".git")).unwrap();
    for hidden in [".env", ".git/config", "inner/.a"] {
        std::fs::write(folder.path().join(hidden), "hidden").unwrap();
    }
    let kinds = [
        ("a.html", "text/html; charset=utf-8"),
        ("a.htm", "text/html; charset=utf-8"),
        ("a.md", "text/markdown; charset=utf-8"),
        ("a.csv", "text/csv; charset=utf-8"),
        ("a.jpg", "image/jpeg"),
        ("a.JPEG", "image/jpeg"),
        ("a.gif", "image/gif"),
        ("a.webp", "image/webp"),
        ("a.pdf", "application/pdf"),
        ("a.unheard-of", "application/octet-stream"),
    ];
    for (name, _) in kinds {
        std::fs::write(folder.path().join(name), name).unwrap();
    }
    let path = folder.path().display();
    let server = Server::configured(&format!(r#""dashboard": {{"static_files_path": "{path}"}}"#));
    let logo = server.get("/static/logo.svg").await;
    assert_eq!((logo.status, &*logo.text(), logo.header("content-type")), (200, "<svg/>", "image/svg+xml"));
    assert_eq!(server.get("/static/inner/a.txt").await.text(), "a");
    for (name, kind) in kinds {
        let answer = server.get(&format!("/static/{name}")).await;
        assert_eq!((&*answer.text(), answer.header("content-type")), (name, kind));
    }
    for hidden in ["/static/.env", "/static/.git/config", "/static/inner/.a", "/static/%2eenv"] {
        assert_eq!(server.get(hidden).await.status, 404, "{hidden}");
    }
    for other in ["/static/nothing", "/static/inner", "/static/..%2f..%2fetc/passwd", "/static/%2fetc/passwd"] {
        assert_eq!(server.get(other).await.status, 404, "{other}");
    }
}

#[tokio::test]
async fn a_folder_that_is_missing_is_a_warning() {
    let mut server = Server::configured(r#""dashboard": {"static_files_path": "/nothing/here"}"#);
    assert_eq!(server.get("/static/a").await.status, 404);
    assert_eq!(server.get("/").await.status, 200);
    server.signal("TERM");
    server.ended().await;
    assert!(server.complaints().contains("there is no folder /nothing/here"));
}

#[tokio::test]
async fn the_first_page_looks_as_the_file_says() {
    let plain = Server::start().get("/").await.text();
    assert!(!plain.contains("data-first-theme") && plain.contains(">Pause<"), "{plain}");
    let server = Server::configured(
        r#""dashboard": {"theme": "dark", "auto_refresh": false, "widgets": [
            {"id": "own", "title": "Our own load", "chart_type": "line", "metric_name": "load_average", "width": 12},
            {"id": "pie", "title": "A pie of it", "chart_type": "pie", "metric_name": "load_average",
             "position_y": 4}
        ]}"#,
    );
    let html = server.get("/").await.text();
    let root = html.split("<html").nth(1).and_then(|rest| rest.split('>').next()).unwrap();
    assert!(root.contains("data-theme=\"dark\"") && root.contains("data-first-theme=\"dark\""), "{root}");
    assert!(html.contains(">Resume<") && !html.contains(">Pause<"), "it does not stand still");
    assert!(html.contains("Our own load") && !html.contains("CPU per core"), "the layout is not ours");
    assert!(!html.contains("A pie of it"), "what cannot be drawn is shown");
    let status = server.data("/api/status").await;
    assert!(status["not_active"].to_string().contains("dashboard.widgets[1].chart_type"), "{status}");
}

#[tokio::test]
async fn a_page_may_ask_for_as_much_as_it_shows() {
    let widget = |n: usize| {
        format!(
            r#"{{"id": "w{n}", "chart_type": "line", "metric_name": "m{n}", "width": 1, "height": 1, "position_y": {n}}}"#
        )
    };
    let widgets: Vec<String> = (0..70).map(widget).collect();
    let server = Server::configured(&format!(r#""dashboard": {{"widgets": [{}]}}"#, widgets.join(",")));
    let ask = |count: usize| {
        let metrics: Vec<String> = (0..count).map(|n| format!("m{n}")).collect();
        let request = serde_json::json!({"request": {"metrics": metrics, "start": 0, "end": 1, "columns": 100}});
        client().post(server.url("/sfn/histories")).json(&request).send()
    };
    assert_eq!(ask(70).await.unwrap().status().as_u16(), 200);
    assert_ne!(ask(71).await.unwrap().status().as_u16(), 200);
}
