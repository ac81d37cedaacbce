//! Which colour a series gets: by what it is, so that it keeps it whatever else is shown.

use super::picture::Dash;
use crate::theme::SERIES;

/// These are drawn solid; a picture with few series has no need of patterns, so they go first.
const SOLID: usize = 4;

/// The slot of the series of this identity (its metric and tags) in a picture where others are taken.
///
/// The identity decides among the four solid slots; a taken one gives way to the next, then come the
/// dashed ones in the same manner. Where all ten are taken the slots go on from there, with the colours
/// from the beginning and further patterns.
#[must_use]
pub fn slot_of(identity: &str, taken: &[usize]) -> usize {
    let all = usize::from(SERIES);
    let hash = fnv(identity);
    let probe = |first: usize, count: usize| {
        (0..count).map(move |turn| first + hash.wrapping_add(turn) % count).find(|slot| !taken.contains(slot))
    };
    probe(0, SOLID)
        .or_else(|| probe(SOLID, all - SOLID))
        .or_else(|| (all..).find(|slot| !taken.contains(slot)))
        .unwrap_or(all)
}

/// The slots of several series in one picture, in their order.
#[must_use]
pub fn slots<'a>(identities: impl IntoIterator<Item = &'a str>) -> Vec<usize> {
    let mut taken = Vec::new();
    for identity in identities {
        taken.push(slot_of(identity, &taken));
    }
    taken
}

/// The pattern of a slot's line; `None` is a solid one.
#[must_use]
pub fn dash_of(slot: usize) -> Option<Dash> {
    let round = slot / usize::from(SERIES);
    let own = match slot % usize::from(SERIES) {
        0..SOLID => 0,
        4..7 => 1,
        _ => 2,
    };
    match (own + round) % 4 {
        0 => None,
        1 => Some(Dash { on: 6.0, off: 3.0 }),
        2 => Some(Dash { on: 2.0, off: 2.0 }),
        _ => Some(Dash { on: 10.0, off: 3.0 }),
    }
}

/// FNV-1a: small, and the same today, tomorrow and on both sides.
fn fnv(text: &str) -> usize {
    let hash = text.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    (hash >> 8) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_keeps_its_slot_and_none_is_given_twice() {
        assert_eq!(slot_of("cpu_usage_percent", &[]), slot_of("cpu_usage_percent", &[8, 9]));
        let names: Vec<String> = (0..25).map(|n| format!("series {n}")).collect();
        let got = slots(names.iter().map(String::as_str));
        let mut sorted = got.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, (0..25).collect::<Vec<_>>(), "the first ones first, each once: {got:?}");
        assert!(got[..4].iter().all(|&slot| dash_of(slot).is_none()), "{got:?}");
        assert!(got[4..10].iter().all(|&slot| dash_of(slot).is_some()), "{got:?}");
    }
}
