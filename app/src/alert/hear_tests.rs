//! Whatever comes, people end up knowing what is so.

use std::time::Duration;

use proptest::prelude::*;

use super::*;

fn levels() -> impl Strategy<Value = Vec<(Option<Severity>, bool, usize)>> {
    let level = prop::sample::select(vec![None, Some(Severity::Warning), Some(Severity::Critical)]);
    prop::collection::vec((level, prop::bool::weighted(0.2), 1..20_usize), 1..40)
}

/// What somebody thinks who hears every message.
fn after_hearing(thinks: Option<Severity>, message: Option<Message>) -> Option<Severity> {
    match message {
        Some(Message::Fired(level) | Message::Raised(level) | Message::Lowered(level)) => Some(level),
        Some(Message::Flapping { level, .. } | Message::StillFlapping { level, .. } | Message::Settled(level)) => level,
        Some(Message::Resolved) => None,
        None => thinks,
    }
}

proptest! {
    #[test]
    fn people_end_up_knowing_what_is_so(runs in levels()) {
        let mut ear = Ear::default();
        let mut now = Timestamp::from_millis(1_767_225_600_000);
        let mut thinks: Option<Severity> = None;
        let mut last = None;
        let mut said = 0;
        for (level, quiet, minutes) in runs.iter().copied() {
            for _ in 0..minutes {
                let (after, message) = hear(&ear, level, quiet, now);
                prop_assert!(message.is_none() || !quiet, "said while it is to be quiet: {message:?}");
                thinks = after_hearing(thinks, message);
                said += u32::from(message.is_some());
                // While it flaps, it may be less bad than people think, and well; it is never worse than the worst they heard.
                ear = serde_json::from_str(&serde_json::to_string(&after).unwrap()).unwrap();
                prop_assert!(quiet || ear.is_flapping() || thinks == level, "{thinks:?} is thought, {level:?} is so");
                prop_assert!(quiet || ear.told >= level, "{:?} was told, {level:?} is so", ear.told);
                now = now + Duration::from_secs(60);
            }
            last = Some(level);
        }
        for _ in 0..24 * 60 {
            let (after, message) = hear(&ear, last.flatten(), false, now);
            ear = after;
            thinks = after_hearing(thinks, message);
            now = now + Duration::from_secs(60);
        }
        prop_assert_eq!(thinks, last.flatten());
        prop_assert!(!ear.is_flapping());
        prop_assert!(last.flatten().is_some() || ear == Ear::default(), "nothing is remembered of what is long over");
        // Changes that are told one by one, and a few more words for those that are not.
        prop_assert!(said as usize <= runs.len() + 10);
    }
}

#[test]
fn reminders_become_rare() {
    let (mut ear, mut now) = (Ear::default(), Timestamp::from_millis(1_767_225_600_000));
    let mut hours = Vec::new();
    for minute in 0..24 * 60 {
        let level = (minute % 10 < 5).then_some(Severity::Warning);
        let (after, message) = hear(&ear, level, false, now);
        ear = after;
        if matches!(message, Some(Message::Flapping { .. } | Message::StillFlapping { .. })) {
            hours.push(minute);
        }
        now = now + Duration::from_secs(60);
    }
    // From the seventh change on: after 15 min, 30 min, 1 h, 2 h, and then each 4 h.
    assert_eq!(hours, [30, 45, 75, 135, 255, 495, 735, 975, 1215]);
}

#[test]
fn a_clock_that_is_set_back_does_not_make_it_flap_for_a_day() {
    let start = Timestamp::from_millis(1_767_225_600_000);
    let minute = |n: u32| start + Duration::from_secs(60) * n;
    // Seven changes in as many minutes, then another each minute for `more`, on a clock that is a day back.
    let said = |more: u32| {
        let mut ear = Ear::default();
        for n in 0..7 {
            ear = hear(&ear, (n % 2 == 0).then_some(Severity::Warning), false, minute(n + 1440)).0;
        }
        assert!(ear.is_flapping());
        let mut said = Vec::new();
        for n in 0..60 {
            let bad = n >= more || n % 2 == 0;
            let (after, message) = hear(&ear, bad.then_some(Severity::Warning), false, minute(n));
            ear = after;
            said.extend(message.map(|message| (n, message)));
        }
        said
    };
    assert_eq!(
        said(0),
        [
            (15, Message::StillFlapping { changes: 0, level: Some(Severity::Warning) }),
            (30, Message::Settled(Some(Severity::Warning)))
        ]
    );
    let reminded: Vec<u32> = said(60).iter().map(|(n, _)| *n).collect();
    assert_eq!(reminded, [15, 45]);
}
