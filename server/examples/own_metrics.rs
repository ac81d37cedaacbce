//! Numbers of the program's own, each from a closure.
//!
//! `cargo run --example own_metrics`

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use telltale::model::Unit;
use telltale::{Closures, Telltale};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let users = Arc::new(AtomicU32::new(17));
    let (hits, misses) = (Arc::new(AtomicU32::new(90)), Arc::new(AtomicU32::new(10)));

    let seen = Arc::clone(&users);
    let shop = Closures::new("shop")
        .gauge("active_users", Unit::COUNT, move || f64::from(seen.load(Ordering::Relaxed)))
        .gauge("cache_hit_rate", Unit::PERCENT, move || {
            let (hits, misses) = (f64::from(hits.load(Ordering::Relaxed)), f64::from(misses.load(Ordering::Relaxed)));
            100.0 * hits / (hits + misses)
        });

    let monitor = Telltale::new().collector(shop, Duration::from_millis(100)).start().await?;
    users.store(42, Ordering::Relaxed);
    tokio::time::sleep(Duration::from_secs(1)).await;
    for name in ["active_users", "cache_hit_rate"] {
        let newest = monitor.last(name).ok_or("nothing was collected")?;
        println!("{name}: {}", newest.value);
    }
    monitor.stop().await?;
    Ok(())
}
