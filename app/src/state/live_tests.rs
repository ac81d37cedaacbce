//! What a page is told before any browser has a say, and how the picture's edge moves.

use std::time::Duration;

use leptos::reactive::owner::Owner;

use super::*;
use crate::model::{History, Metric, Tags, Unit, shipped_widgets};

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

fn ago(secs: u64) -> Timestamp {
    NOW - Duration::from_secs(secs)
}

/// CPU usage each ten seconds, over the last hour.
fn overview() -> Overview {
    let points = (0..=360).rev().map(|i| (ago(i * 10), Some(i as f64))).collect();
    let host = HostFacts {
        name: "web-1".into(),
        os: "Debian 12".into(),
        cores: 2,
        memory_bytes: 1 << 31,
        uptime_seconds: 60,
        version: "0.1.0".into(),
    };
    let metric = Metric::gauge("cpu_usage_percent", Unit::PERCENT);
    Overview {
        now: NOW,
        host,
        problems: vec![("Collector sensors fails".into(), "no such file".into())],
        widgets: shipped_widgets(),
        paused: false,
        poll_ms: None,
        histories: vec![History { metric, tags: Tags::new([("host", "web-1")]), interval_ms: 10_000, points }],
    }
}

/// Runs with a handle whose signals live as long as the test.
fn with_live(test: impl FnOnce(Live, Widget)) {
    let owner = Owner::new();
    owner.with(|| untrack(|| test(Live::new(overview()), shipped_widgets().remove(0))));
}

fn oldest(live: Live, widget: &Widget) -> Vec<Timestamp> {
    live.tracks(widget).iter().filter_map(|track| track.points.first()).map(|p| p.0).collect()
}

#[test]
fn the_first_picture_is_the_overview_s() {
    with_live(|live, widget| {
        assert_eq!(live.now().get(), NOW);
        assert_eq!(live.edge().get(), NOW);
        assert_eq!(live.link().get(), Link::Opening);
        assert_eq!(live.newest(&widget), Some(NOW));
        assert_eq!(live.problems().get(), overview().problems);
        assert_eq!((live.host(), live.widgets()), (overview().host, overview().widgets));
        assert!(!live.loading().get() && live.trouble().get().is_none());
        let memory = shipped_widgets().remove(1);
        assert_eq!((live.newest(&memory), live.tracks(&memory)), (None, Vec::new()));
    });
}

#[test]
fn a_range_cuts_the_picture_one_point_before_its_start() {
    with_live(|live, widget| {
        assert_eq!(oldest(live, &widget), [ago(910)]);
        live.show(Span::Last(300));
        assert_eq!(oldest(live, &widget), [ago(310)]);
        live.show(Span::Last(3600));
        assert_eq!(oldest(live, &widget), [ago(3600)]);
    });
}

#[test]
fn the_edge_stands_still_while_paused() {
    with_live(|live, widget| {
        let later = NOW + Duration::from_secs(20);
        let edge = live.edge();
        live.paused().set(true);
        assert_eq!(edge.get(), NOW);
        live.now.set(later);
        assert_eq!((edge.get(), oldest(live, &widget)), (NOW, vec![ago(910)]));
        assert_eq!(live.uptime().get(), 80);
        live.paused().set(false);
        assert_eq!((edge.get(), oldest(live, &widget)), (later, vec![ago(890)]));
        // A second pause has its own moment.
        live.paused().set(true);
        assert_eq!((edge.get(), live.paused_at()), (later, Some(later)));
    });
}

#[test]
fn a_widget_is_told_of_its_own_metrics() {
    with_live(|live, widget| {
        let known = live.facts.with_value(|facts| facts.changed.keys().cloned().collect::<Vec<_>>());
        for metric in widget.metrics() {
            assert!(known.iter().any(|name| name == metric), "{metric}");
        }
        assert!(known.is_sorted() && known.len() >= shipped_widgets().len());
    });
}
