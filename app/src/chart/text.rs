//! How wide a text will be, without asking a font: the server has none, and a browser is slow to answer.
//!
//! Errs on the wide side, so that what fits here fits with every font of the style sheet.

use crate::theme::AXIS_TEXT;

/// The width of a text in the size of axis labels, in CSS pixels.
pub(super) fn width(text: &str) -> f64 {
    text.chars().map(em).sum::<f64>() * AXIS_TEXT
}

/// The text if it fits, else its ends with an ellipsis between them: the ends are what tells paths and
/// devices apart.
pub(super) fn shorten(text: &str, room: f64) -> String {
    // Rooms are sums of such widths, and sums of fractions differ by a hair.
    if width(text) <= room + 1e-6 {
        return text.to_owned();
    }
    let letters: Vec<char> = text.chars().collect();
    let mut kept = (0, 0);
    let mut left = room - width("…");
    for turn in 0..letters.len() {
        // The end first: in a path it says the most.
        let from_end = turn % 2 == 0;
        let letter = if from_end { letters[letters.len() - 1 - kept.1] } else { letters[kept.0] };
        left -= em(letter) * AXIS_TEXT;
        if left < 0.0 {
            break;
        }
        if from_end { kept.1 += 1 } else { kept.0 += 1 }
    }
    let ends = (&letters[..kept.0], &letters[letters.len() - kept.1..]);
    ends.0.iter().chain(&['…']).chain(ends.1).collect()
}

fn em(letter: char) -> f64 {
    match letter {
        'i' | 'j' | 'l' | '|' | '\'' | '.' | ',' | ':' | ';' | '!' | 'I' => 0.36,
        ' ' | 'f' | 't' | 'r' | '/' | '(' | ')' | '[' | ']' | '-' => 0.42,
        'm' | 'w' | 'M' | 'W' | '%' | '@' | '…' => 1.0,
        '0'..='9' => 0.64,
        'a'..='z' => 0.64,
        'A'..='Z' => 0.76,
        c if c.is_ascii() => 0.7,
        _ => 1.05,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, room: f64, want: &str) {
        let got = shorten(text, room);
        assert_eq!(got, want);
        assert!(got == "…" || width(&got) <= room, "{got} is wider than {room}");
    }

    #[test]
    fn both_ends_stay() {
        check("/home", 80.0, "/home");
        check("/var/lib/docker", 60.0, "/va…cker");
        check("/var/lib/docker", 20.0, "…r");
        check("/var/lib/docker", 0.0, "…");
        check("", 0.0, "");
    }
}
