//! The machine that is watched: its name, and a line of what it is.

use std::time::Duration;

use leptos::prelude::*;

use crate::chart;
use crate::model::Unit;
use crate::state::Live;
use crate::words;

/// The name as the page's heading, then operating system, processors, memory, time since the start, version.
#[component]
pub fn Facts() -> impl IntoView {
    let live = expect_context::<Live>();
    let host = live.host();
    let uptime = live.uptime();
    let up = Memo::new(move |_| words::uptime(Duration::from_secs(uptime.get())));
    #[expect(clippy::cast_precision_loss, reason = "three digits of it are shown")]
    let memory = chart::format(host.memory_bytes as f64, &Unit::BYTES).to_string();
    let processors = host.cores.to_string();
    view! {
        <div class="machine">
            <h1 class="machine__name">{host.name}</h1>
            <dl class="facts">
                <div class="facts__one"><dt>"System"</dt><dd>{host.os}</dd></div>
                <div class="facts__one"><dt>"Processors"</dt><dd>{processors}</dd></div>
                <div class="facts__one"><dt>"Memory"</dt><dd>{memory}</dd></div>
                <div class="facts__one"><dt>"Up"</dt><dd>{up}</dd></div>
                <div class="facts__one"><dt>"Telltale"</dt><dd>{host.version}</dd></div>
            </dl>
        </div>
    }
}
