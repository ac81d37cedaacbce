//! A collector of one's own, which a configuration file may switch and slow down like those that Telltale brings along.
//!
//! `cargo run --example own_collector`

use std::error::Error;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use telltale::model::{Metric, Sample, Tags, Timestamp, Unit};
use telltale::{CollectError, Collector, Telltale};

static FILES: Metric = Metric::gauge("spool_files", Unit::COUNT);
static BYTES: Metric = Metric::gauge("spool_bytes", Unit::BYTES);

/// How much lies in a folder.
struct Spool {
    folder: PathBuf,
    /// Whether to ask each file for its size.
    sizes: bool,
}

impl Collector for Spool {
    fn name(&self) -> &str {
        "spool"
    }

    fn collect(&mut self, _now: Timestamp, out: &mut Vec<Sample>) -> Result<(), CollectError> {
        let what = || self.folder.display().to_string();
        let (mut files, mut bytes) = (0_u32, 0_u64);
        for entry in fs::read_dir(&self.folder).map_err(|error| CollectError::read(what(), error))? {
            files += 1;
            // A file that was taken out meanwhile is no failure.
            bytes += entry.ok().and_then(|entry| entry.metadata().ok()).map_or(0, |about| about.len());
        }
        let tags = Tags::new([("folder", what())]);
        out.push(FILES.sample(tags.clone(), f64::from(files)));
        if self.sizes {
            out.push(BYTES.sample(tags, bytes as f64));
        }
        Ok(())
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::temp_dir().join(format!("telltale-spool-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("one"), "12345")?;
    // In earnest the file is there already, and is given by its path.
    let file = folder.with_extension("json");
    fs::write(
        &file,
        r#"{ "performance_monitoring": {
            "storage": { "type": "memory" },
            "dashboard": { "port": 0 },
            "collectors": { "spool": { "collection_interval": 0.1, "sizes": true } },
        } }"#,
    )?;

    let watched = folder.clone();
    let monitor = Telltale::configured(&file, |name| std::env::var(name).ok())
        .register("spool", &["sizes"], move |is_on| Box::new(Spool { folder: watched.clone(), sizes: is_on("sizes") }))
        .start()
        .await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    for name in ["spool_files", "spool_bytes"] {
        println!("{name}: {}", monitor.last(name).ok_or("nothing was collected")?.value);
    }
    println!("the page was at http://{}", monitor.address().ok_or("it is not served")?);
    monitor.stop().await?;
    fs::remove_file(file)?;
    fs::remove_dir_all(folder)?;
    Ok(())
}
