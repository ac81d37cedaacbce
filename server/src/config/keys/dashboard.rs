//! `dashboard`: what is served, where, and how it first looks.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use serde_json::json;

use super::DAY;
use super::root::flag;
use super::widget::{Widget, read_widgets};
use crate::config::read::{Formed, Free, Host, OneOf, Seconds, Section, Whole, choice, is_host_name};
use crate::secret::Text;

/// `dashboard`.
#[derive(Debug)]
pub struct Dashboard {
    /// False: no page; the interfaces stay.
    pub enabled: bool,
    /// Where to listen: an address or a name; with `port` what `ToSocketAddrs` takes.
    pub host: Text,
    /// The port; 0 is any free one.
    pub port: u16,
    /// False: pages start paused.
    pub auto_refresh: bool,
    /// Pages redraw and ask again at most this often.
    pub refresh_interval: Duration,
    /// What a page looks like until somebody chooses.
    pub theme: Theme,
    /// False: no live stream; pages ask again and again.
    pub websocket_enabled: bool,
    /// Live connections at a time.
    pub max_websocket_connections: u32,
    /// A folder of the user's own files, served under `/static/`.
    pub static_files_path: Option<Text>,
    /// The address that messages link to.
    pub public_url: Option<Text>,
    /// The layout; none: the one that Telltale brings along.
    pub widgets: Option<Vec<Widget>>,
}

/// What a page looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// As the reader's system does.
    System,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

choice!(Theme { "system" => System, "light" => Light, "dark" => Dark });

/// The page lies at the root of its host: its files and its stream are asked for there.
const ORIGIN: Formed = Formed {
    allowed: "http:// or https:// with a host and perhaps a port, such as \"https://telltale.example.org\", without \
              user, path, query and fragment",
    good: is_origin,
};

fn is_origin(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or_default();
    let authority = rest.strip_suffix('/').unwrap_or(rest);
    let (host, port) = match authority.rsplit_once(':') {
        // The last colon of an address in brackets is not before a port.
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    let inside = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let good_host = match inside {
        Some(address) => address.parse::<Ipv6Addr>().is_ok(),
        None => host.parse::<Ipv4Addr>().is_ok() || is_host_name(host),
    };
    let good_port = |port: &str| port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|p| p > 0);
    good_host && port.is_none_or(good_port)
}

impl Dashboard {
    /// Whether other machines could connect, as far as the host says: a name that is not looked up counts as reachable.
    #[must_use]
    pub fn is_reachable(&self) -> bool {
        let host = self.host.as_str();
        match host.parse::<IpAddr>() {
            Ok(ip) => !ip.to_canonical().is_loopback(),
            Err(_) => {
                let name = host.trim_end_matches('.').to_ascii_lowercase();
                name != "localhost" && !name.ends_with(".localhost")
            }
        }
    }

    pub(super) fn read(s: &mut Section<'_>) -> Self {
        Self {
            enabled: flag(s, "enabled", "false: no page; the interfaces stay."),
            host: s.or(
                "host",
                &Host,
                Text::open("127.0.0.1"),
                "Where to listen. One that other machines reach needs security.authentication.enabled to be set.",
            ),
            port: s.or("port", &Whole(0..=u16::MAX), 8080, "The port; 0 is any free one, which start prints."),
            auto_refresh: flag(s, "auto_refresh", "false: pages start paused."),
            refresh_interval: s.or(
                "refresh_interval",
                &Seconds(0.1..=DAY),
                Duration::from_secs(1),
                "Pages redraw and ask again at most once in so many seconds.",
            ),
            theme: s.or("theme", &OneOf::NEW, Theme::System, "What a page looks like until its reader chooses."),
            websocket_enabled: flag(s, "websocket_enabled", "false: no live stream; pages ask again and again."),
            max_websocket_connections: s.or(
                "max_websocket_connections",
                &Whole(1..=1_000_000_u32),
                100,
                "Live connections at a time; the next one is answered 503.",
            ),
            static_files_path: s.maybe(
                "static_files_path",
                &Free,
                "/srv/telltale/static",
                "A folder with files of your own, served under /static/.",
            ),
            public_url: s.maybe(
                "public_url",
                &ORIGIN,
                "https://telltale.example.org",
                "The address under which people reach the page, for links in messages.",
            ),
            widgets: s
                .maybe(
                    "widgets",
                    &read_widgets(),
                    json!(null),
                    "The layout, on twelve columns. Left out: the one that Telltale brings along.",
                )
                .map(|widgets| super::widget::beside_each_other(s, widgets)),
        }
    }
}
