//! In which order the series of a metric are told: as a person counts, 2 before 10.

use std::cmp::Ordering;

use crate::model::Tags;

/// Compares two sets of tags name by name; runs of digits in values count as numbers.
pub(super) fn by_tags(a: &Tags, b: &Tags) -> Ordering {
    let (mut left, mut right) = (a.iter(), b.iter());
    loop {
        let order = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some((ka, va)), Some((kb, vb))) => ka.cmp(kb).then_with(|| natural(va, vb)),
        };
        if order.is_ne() {
            return order;
        }
    }
}

fn natural(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (a, b);
    while !left.is_empty() && !right.is_empty() {
        let ((x, rest_x), (y, rest_y)) = (piece(left), piece(right));
        let both_numbers = starts_with_digit(x) && starts_with_digit(y);
        let order = if both_numbers { by_number(x, y) } else { x.cmp(y) };
        if order.is_ne() {
            return order;
        }
        (left, right) = (rest_x, rest_y);
    }
    // Equal as numbers but not as text, such as "01" and "1": the text decides, so that the order is total.
    left.len().cmp(&right.len()).then_with(|| a.cmp(b))
}

fn starts_with_digit(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
}

/// The longest beginning that is all digits or all something else, and what follows it.
fn piece(text: &str) -> (&str, &str) {
    let digits = starts_with_digit(text);
    text.split_at(text.find(|c: char| c.is_ascii_digit() != digits).unwrap_or(text.len()))
}

fn by_number(a: &str, b: &str) -> Ordering {
    let (a, b) = (a.trim_start_matches('0'), b.trim_start_matches('0'));
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(sorted: &[&str]) {
        for (i, a) in sorted.iter().enumerate() {
            for (j, b) in sorted.iter().enumerate() {
                let tags = |v: &str| Tags::new([("cpu", v)]);
                assert_eq!(by_tags(&tags(a), &tags(b)), i.cmp(&j), "{a} and {b}");
            }
        }
    }

    #[test]
    fn people_count() {
        check(&["", "0", "1", "2", "9", "10", "11", "100"]);
        check(&["cpu", "cpu1", "cpu2", "cpu10", "cpu10a", "disk1"]);
        check(&["01", "1", "01a", "1a"]);
        check(&["sda", "sda1", "sda2", "sdb"]);
    }

    #[test]
    fn fewer_tags_come_first() {
        let few = Tags::new([("a", "2")]);
        assert_eq!(by_tags(&few, &few.with([("b", "1")])), Ordering::Less);
        assert_eq!(by_tags(&few, &few), Ordering::Equal);
    }
}
