//! Watches this machine from within a program, and asks for what was collected.
//!
//! `cargo run --example quickstart`

use std::error::Error;
use std::time::Duration;

use telltale::Telltale;
use telltale::model::Aggregation;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let monitor = Telltale::new().system(Duration::from_millis(500)).start().await?;
    tokio::time::sleep(Duration::from_secs(2)).await;

    let hour = Duration::from_secs(3600);
    for series in monitor.series("cpu_usage_percent", hour)? {
        let newest = series.points.last().map(|point| point.value).unwrap_or_default();
        println!("cpu_usage_percent: {} points, the newest is {newest:.1} %", series.points.len());
    }
    for (_, value) in monitor.aggregate("memory_usage_percent", Aggregation::Max, hour)? {
        println!("memory_usage_percent: at most {value:.1} %");
    }
    for (_, value) in monitor.aggregate("cpu_usage_percent", Aggregation::Avg, hour)? {
        println!("cpu_usage_percent: {value:.1} % on average");
    }
    monitor.stop().await?;
    Ok(())
}
