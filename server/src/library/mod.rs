//! Telltale inside another program: it says what is collected, and asks for what was.
//!
//! May not know: how any part works; `crate::run` starts the same parts for the binary.
//! Start reading at [`Telltale`]; `server/examples` has programs that run.

mod requests;
mod running;

use std::error::Error;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::collect::{App, Application, ApplicationSettings, Collector, Find, RequestStats, System};
use crate::config::{self, Config, Loaded, StorageType};
use crate::run::{Extra, Options, Place, StartError, launch};
use crate::service::Notifier;
pub use requests::RequestLayer;
pub use running::Running;

/// A monitor that is being put together.
///
/// Made by [`Telltale::new`] it collects what is added and nothing else, keeps it in memory, and serves nothing unless
/// told to. Made by [`Telltale::configured`] it does what a file says, like the binary, and what is added besides.
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use std::time::Duration;
/// use telltale::{Telltale, model::Aggregation};
///
/// let monitor = Telltale::new().system(Duration::from_secs(1)).start().await?;
/// tokio::time::sleep(Duration::from_secs(5)).await;
/// let series = monitor.series("cpu_usage_percent", Duration::from_secs(60))?;
/// let most = monitor.aggregate("memory_usage_percent", Aggregation::Max, Duration::from_secs(3600))?;
/// println!("{series:?} {most:?}");
/// monitor.stop().await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing runs before it is started"]
pub struct Telltale {
    base: Base,
    place: Place,
    own: Vec<(Box<dyn Collector>, Duration)>,
    extra: Extra,
    requests: RequestStats,
}

/// Where the settings come from.
enum Base {
    Defaults,
    File { path: PathBuf, env: Environment },
}

/// Tells the value of a variable.
type Environment = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// Why a monitor does not start.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// The file cannot be used; everything that is wrong with it, a line each.
    #[error("{}", .0.join("\n"))]
    Configuration(Vec<String>),
    /// The file says that it is switched off.
    #[error("`enabled` is false in the configuration")]
    SwitchedOff,
    /// As for the binary.
    #[error(transparent)]
    Start(#[from] StartError),
}

impl Default for Telltale {
    fn default() -> Self {
        Self::new()
    }
}

impl Telltale {
    /// One that collects nothing and serves nothing yet.
    pub fn new() -> Self {
        Self::on(Base::Defaults, Place::Nowhere)
    }

    /// One that does what the file says. `env` tells the values of variables in it, such as
    /// `|name| std::env::var(name).ok()`.
    pub fn configured(file: impl Into<PathBuf>, env: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        Self::on(Base::File { path: file.into(), env: Arc::new(env) }, Place::AsConfigured)
    }

    fn on(base: Base, place: Place) -> Self {
        Self { base, place, own: Vec::new(), extra: Extra::default(), requests: RequestStats::new() }
    }

    /// Reads `collector` every so often. Its name must be its own.
    pub fn collector(mut self, collector: impl Collector + 'static, every: Duration) -> Self {
        self.own.push((Box::new(collector), every));
        self
    }

    /// Reads everything that there is to know of the machine: processors, memory, disks, network.
    pub fn system(self, every: Duration) -> Self {
        self.collector(System::new(), every)
    }

    /// Reads what this process takes, and how the requests go that [`Telltale::request_layer`] sees, as the application
    /// `name`.
    pub fn application(self, name: impl Into<String>, every: Duration) -> Self {
        let this = App { name: name.into(), find: Find::This, stats: Some(self.requests.clone()) };
        let settings =
            ApplicationSettings { apps: vec![this], process: true, requests: true, errors: true, response_times: true };
        self.collector(Application::new("/proc", settings), every)
    }

    /// A layer for the services of this program, of axum or of anything else that is built on tower: it counts requests
    /// and takes their time. [`Telltale::application`] shows them, as does the collector `application` of a file; the requests
    /// of the page are not among them.
    #[must_use]
    pub fn request_layer(&self) -> RequestLayer {
        RequestLayer::counting(self.requests.clone())
    }

    /// Makes `collectors.NAME` of the file a collector of this program's own. `switches` are the names of its keys that
    /// are true or false; `make` is told which are on.
    pub fn register(
        mut self,
        name: impl Into<String>,
        switches: &[&str],
        make: impl Fn(&dyn Fn(&str) -> bool) -> Box<dyn Collector> + Send + Sync + 'static,
    ) -> Self {
        let switches = switches.iter().map(|&switch| switch.to_owned()).collect();
        self.extra.registered.insert(name.into(), (switches, Arc::new(make)));
        self
    }

    /// Lets custom metrics of the file call `function` by its name. It may block, and it may panic.
    pub fn function(
        mut self,
        name: impl Into<String>,
        function: impl Fn() -> Result<f64, Box<dyn Error + Send + Sync>> + Send + Sync + 'static,
    ) -> Self {
        self.extra.functions.insert(name.into(), Arc::new(function));
        self
    }

    /// Serves the page and its interfaces at `address`, whatever a file says. One that other machines reach needs a
    /// file that allows it.
    pub fn serve(mut self, address: SocketAddr) -> Self {
        self.place = Place::At(address);
        self
    }

    /// Starts it. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// Where the configuration or the machine does not allow it.
    pub async fn start(self) -> Result<Running, Trouble> {
        let Self { base, place, own, extra, requests } = self;
        let known = extra.known();
        // The page's own requests are none of the program's.
        let own_requests = RequestStats::new();
        let options = match base {
            Base::Defaults => {
                let loaded = Loaded { config: bare(), warnings: Vec::new() };
                Options {
                    loaded,
                    file: None,
                    reread: None,
                    place,
                    extra,
                    requests,
                    own_requests,
                    notifier: Notifier::default(),
                    log: None,
                    built_in: false,
                }
            }
            Base::File { path, env } => {
                let read = {
                    let path = path.clone();
                    move || config::load_file(Some(&path), &|name| env(name), &known).map_err(|failed| failed.lines())
                };
                let loaded = read().map_err(Trouble::Configuration)?;
                if !loaded.config.enabled {
                    return Err(Trouble::SwitchedOff);
                }
                Options {
                    loaded,
                    file: Some(path),
                    reread: Some(Arc::new(read)),
                    place,
                    extra,
                    requests,
                    own_requests,
                    notifier: Notifier::default(),
                    log: None,
                    built_in: true,
                }
            }
        };
        Ok(Running::new(launch(options, own).await?))
    }
}

/// The defaults without a disk and without rules.
fn bare() -> Config {
    let mut config = config::defaults(&|_| None);
    config.storage.kind = StorageType::Memory;
    config.alerting.enabled = false;
    config
}
