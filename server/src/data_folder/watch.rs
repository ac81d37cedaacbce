//! Looks at the folder every few seconds, and says when something is wrong with it and when it is well again.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::{DataFolder, FolderError};
use crate::telemetry::warn;
use crate::vitals::Vitals;

/// From one look to the next.
const EVERY: Duration = Duration::from_secs(5);
/// How long a look may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);
/// What it is called in `/api/health`.
const PART: &str = "data folder";

/// Until `stop`: tells `vitals` what is wrong with the folder.
pub async fn watch(folder: Arc<DataFolder>, vitals: Vitals, mut stop: watch::Receiver<bool>) {
    let silent = FolderError::Silent { folder: folder.path.to_string() }.to_string();
    let look = Arc::new(move || folder.check());
    tokio::select! {
        _ = stop.wait_for(|stop| *stop) => {}
        never = look_after(&look, &silent, &vitals) => match never {},
    }
}

/// One look at a time: of one that hangs, the end is waited for.
pub(super) async fn look_after<F>(look: &Arc<F>, silent: &str, vitals: &Vitals) -> Infallible
where
    F: Fn() -> Result<(), FolderError> + Send + Sync + 'static,
{
    let mut due = interval(EVERY);
    due.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        due.tick().await;
        let look = Arc::clone(look);
        let mut looking = spawn_blocking(move || look());
        let looked = match timeout(ANSWER_WITHIN, &mut looking).await {
            Ok(looked) => looked,
            Err(_) => {
                trouble(vitals, silent);
                looking.await
            }
        };
        match looked {
            Ok(Ok(())) => well(vitals),
            Ok(Err(error)) => trouble(vitals, &error.to_string()),
            Err(broken) => trouble(vitals, &format!("looking at the data folder broke off: {broken}")),
        }
    }
}

fn trouble(vitals: &Vitals, says: &str) {
    if vitals.trouble(PART, says) {
        warn(says);
    }
}

fn well(vitals: &Vitals) {
    if vitals.well(PART) {
        warn("the data folder can be written again");
    }
}
