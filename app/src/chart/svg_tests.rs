use super::super::picture::{Anchor, Dash, Ink, Size, Spot};
use super::*;
use crate::theme::{Severity, Token};

/// A picture of 40 × 20 px and the elements of its SVG, one a line.
#[track_caller]
fn check(paint: impl FnOnce(&mut Picture), want: &[&str]) {
    let mut picture = Picture { size: Size { width: 40.0, height: 20.0 }, marks: Vec::new() };
    paint(&mut picture);
    let text = svg(&picture);
    let (head, body) = text.split_once('>').unwrap();
    assert_eq!(
        head,
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20" preserveAspectRatio="xMidYMid meet" role="presentation" font-size="11""#
    );
    let body = body.strip_suffix("</svg>").unwrap().replace("/><", "/>\n<").replace("</text><", "</text>\n<");
    assert_eq!(body.lines().collect::<Vec<_>>(), want);
}

fn spots(places: &[(f64, f64)]) -> Vec<Spot> {
    places.iter().map(|&(x, y)| Spot::new(x, y)).collect()
}

#[test]
fn strokes_that_look_alike_are_one_element() {
    check(
        |picture| {
            picture.line(spots(&[(0.0, 0.0), (10.0, 5.0), (12.5, 5.0)]), 1.5, None, Token::Series(0));
            picture.line(spots(&[(20.0, 5.0), (20.0, 4.5)]), 1.5, None, Token::Series(0));
            picture.line(spots(&[(0.0, 1.0), (9.0, 1.0)]), 1.0, Some(Dash { on: 4.0, off: 2.0 }), Token::Series(10));
        },
        &[
            r#"<path d="m0 0l10 5h2.5m7.5 0v-.5" fill="none" stroke="var(--series-1)" stroke-width="1.5"/>"#,
            r#"<path d="m0 1h4m2 0h3" fill="none" stroke="var(--series-1)" stroke-width="1"/>"#,
        ],
    );
}

#[test]
fn surfaces() {
    check(
        |picture| {
            picture.area(spots(&[(0.0, 20.0), (5.0, 3.25), (9.0, 20.0)]), Ink::faint(Token::Series(1), 0.18));
            picture.rect(Spot::new(0.0, 9.5), Spot::new(40.0, 10.5), Token::Grid);
            picture.hatch(Spot::new(0.0, 0.0), Spot::new(8.0, 8.0), Token::BorderStrong);
            picture.dot(Spot::new(20.0, 10.0), 3.0, false, Token::Series(2));
            picture.dot(Spot::new(20.0, 10.0), 3.0, true, Token::Fg(Severity::Unknown));
        },
        &[
            r#"<path d="m0 20l5-16.5l4 16.5z" fill="var(--series-2)" fill-opacity="0.18"/>"#,
            r#"<rect x="0" y="9.5" width="40" height="1" fill="var(--grid)"/>"#,
            r#"<path d="m0 7l7-7m-1 8l2-2" fill="none" stroke="var(--border-strong)" stroke-width="1"/>"#,
            r#"<circle cx="20" cy="10" r="3" fill="var(--series-3)"/>"#,
            r#"<circle cx="20" cy="10" r="3" fill="var(--surface)"/>"#,
            r#"<circle cx="20" cy="10" r="3" fill="none" stroke="var(--unknown-fg)" stroke-width="1.5"/>"#,
        ],
    );
}

#[test]
fn text_stands_on_its_foot_and_cannot_end_its_element() {
    check(
        |picture| {
            picture.text(Spot::new(30.0, 9.0), "100%", Anchor::End, Token::Muted);
            picture.text(Spot::new(2.0, 9.0), "a<b>&", Anchor::Start, Token::Text);
            picture.text(Spot::new(20.0, 9.0), "14:05", Anchor::Middle, Token::Muted);
        },
        &[
            r#"<text x="30" y="13" text-anchor="end" fill="var(--muted)">100%</text>"#,
            r#"<text x="2" y="13" fill="var(--text)">a&lt;b&gt;&amp;</text>"#,
            r#"<text x="20" y="13" text-anchor="middle" fill="var(--muted)">14:05</text>"#,
        ],
    );
}
