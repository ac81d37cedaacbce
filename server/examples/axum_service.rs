//! A service of axum whose requests are counted and timed, with the page of Telltale at a port beside it.
//!
//! `cargo run --example axum_service`

use std::error::Error;
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use telltale::Telltale;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let monitor = Telltale::new()
        .application("shop", Duration::from_millis(200))
        // In earnest a port of its own choice, such as 8080.
        .serve(([127, 0, 0, 1], 0).into());

    let shop = Router::new()
        .route("/", get(|| async { "welcome" }))
        .route("/broken", get(|| async { StatusCode::INTERNAL_SERVER_ERROR }))
        .layer(monitor.request_layer());
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move { axum::serve(listener, shop).await });

    let monitor = monitor.start().await?;
    println!("the shop is at http://{address}, what is known of it at http://{:?}", monitor.address());
    // Some customers.
    for path in ["/", "/", "/broken"] {
        let mut customer = TcpStream::connect(address).await?;
        let request = format!("GET {path} HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n");
        customer.write_all(request.as_bytes()).await?;
        customer.read_to_end(&mut Vec::new()).await?;
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    for name in ["app_requests_total", "app_errors_total", "app_response_time_max_seconds", "app_memory_rss_bytes"] {
        println!("{name}: {}", monitor.last(name).ok_or("nothing was collected")?.value);
    }
    monitor.stop().await?;
    Ok(())
}
