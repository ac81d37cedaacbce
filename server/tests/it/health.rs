//! `GET /api/health`.

use crate::harness::Server;

#[tokio::test]
async fn a_server_that_has_just_started_is_well() {
    let server = Server::start();
    let health = server.data("/api/health").await;
    assert_eq!((&health["running"], &health["degraded"]), (&true.into(), &false.into()), "{health}");
    assert_eq!((&health["collectors_count"], &health["active_alerts"]), (&7.into(), &0.into()), "{health}");
    assert_eq!(health["version"], env!("CARGO_PKG_VERSION"));
    let uptime = health["uptime"].as_f64().unwrap();
    assert!((0.0..60.0).contains(&uptime), "{uptime}");
    let system = &health["collectors"]["system"];
    assert_eq!((system["healthy"].as_bool(), system["last_error"].is_null()), (Some(true), true), "{health}");
    assert!(system["last_success"].as_f64().unwrap() > 1.7e9, "{health}");

    server.collected(2).await;
    let later = server.data("/api/health").await;
    assert!(later["uptime"].as_f64().unwrap() > uptime);
    assert!(later["collectors"]["system"]["last_success"].as_f64() > system["last_success"].as_f64());
}
