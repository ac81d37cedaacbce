//! The configuration in the words of the parts that act on it; none of them knows what a configuration is.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use app::model::{Widget, shipped_widgets};
use app::state::Choice;

use crate::clock::Clock;
use crate::collect::RequestStats;
use crate::config::{Config, Theme};
use crate::monitor::{Host, Layout, Setup};
use crate::store::Limits;
use crate::web::{Hosts, Settings};

pub(super) fn limits(config: &Config) -> Limits {
    // What does not fit is more than any machine holds.
    let most = |points| usize::try_from(points).unwrap_or(usize::MAX);
    Limits { max_age: config.raw_retention(), max_points: config.max_data_points.map(most) }
}

/// The page as it first looks.
pub(super) fn layout(config: &Config) -> Layout {
    let own = config.dashboard.widgets.as_ref();
    let widgets: Vec<Widget> =
        own.map_or_else(shipped_widgets, |widgets| widgets.iter().filter_map(crate::config::Widget::drawn).collect());
    Layout { widgets, paused: !config.dashboard.auto_refresh }
}

/// What is told of the configuration; nothing of it is secret.
pub(super) fn setup(config: &Config, file: Option<&Path>) -> Setup {
    Setup {
        file: file.map(|file| file.display().to_string()),
        retention_seconds: config.raw_retention().as_secs_f64(),
        max_data_points: config.max_data_points,
        dashboard: config.dashboard.enabled,
        websocket: config.dashboard.websocket_enabled,
        not_active: config.not_active().iter().map(ToString::to_string).collect(),
    }
}

pub(super) fn web(config: &Config, listen: SocketAddr, clock: &Arc<dyn Clock>, requests: &RequestStats) -> Settings {
    let dashboard = &config.dashboard;
    let theme = match dashboard.theme {
        Theme::System => Choice::System,
        Theme::Light => Choice::Light,
        Theme::Dark => Choice::Dark,
    };
    let (clock, requests) = (Arc::clone(clock), requests.clone());
    Settings {
        hosts: hosts(config, listen),
        page: dashboard.enabled.then_some(theme),
        live: dashboard.websocket_enabled,
        folder: dashboard.static_files_path.as_ref().map(|path| path.as_path().to_owned()),
        requested: Arc::new(move |took, failed| requests.record(clock.now(), took, failed)),
    }
}

/// Under which names requests are answered.
fn hosts(config: &Config, listen: SocketAddr) -> Hosts {
    let public = config.dashboard.public_url.as_ref().and_then(|url| name_in(url.as_str()));
    if listen.ip().to_canonical().is_loopback() {
        return Hosts::loopback().and(public);
    }
    let names = [config.dashboard.host.as_str().to_owned(), Host::own_name()];
    Hosts::reachable().and(names.into_iter().chain(public))
}

/// The host of an address.
fn name_in(url: &str) -> Option<String> {
    let authority = url.split_once("://")?.1.split(['/', '?', '#']).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let name = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit())).map_or(host, |p| p.0);
    (!name.is_empty()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::name_in;

    #[test]
    fn the_host_of_an_address() {
        let check = |url: &str, want: Option<&str>| assert_eq!(name_in(url).as_deref(), want, "{url}");
        check("https://a.example.org", Some("a.example.org"));
        check("https://a.example.org:8443/x?y", Some("a.example.org"));
        check("http://[::1]:80/", Some("[::1]"));
        check("http://[fd00::1]", Some("[fd00::1]"));
        check("http:///", None);
    }
}
